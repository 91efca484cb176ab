"""``python -m syzygy``: the command line."""

from syzygy.cli import main

if __name__ == "__main__":
    main()
