"""The picture of the README from a real run: ``python docs/compose_picture.py out/joint-programme``.

Needs a Chromium on the path; nothing else in the project does.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

STUDIES = ("mars-2020", "two-systems", "fleet-opportunities", "station-tray", "daily-screening")
PAGE = """<html><style>
body {{ margin: 0; background: #f7f8fa; }}
main {{ display: grid; grid-template-columns: 1fr 1fr; gap: 16px; padding: 16px; width: 1368px; }}
img {{ width: 100%; height: 338px; object-fit: contain; background: #fff; border: 1px solid #dde3ea;
      border-radius: 8px; box-sizing: border-box; }}
img:first-child {{ object-fit: cover; object-position: top; }}
</style><main>{images}</main></html>"""


def shoot(page: Path, picture: Path, width: int, height: int) -> None:
    """Draw a page as it looks in a browser."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("no chromium on the path")
    with tempfile.TemporaryDirectory() as profile:
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"]
        flags += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
        flags += [f"--user-data-dir={profile}", f"--window-size={width},{height}", f"--screenshot={picture}"]
        subprocess.run([browser, *flags, page.resolve().as_uri()], check=True, capture_output=True)


def compose(run: Path, target: Path) -> None:
    """Put the head of the report and the pictures of five studies on one sheet."""
    with tempfile.TemporaryDirectory() as scratch:
        head, sheet, page = (Path(scratch) / name for name in ("head.png", "sheet.png", "sheet.html"))
        shoot(run / "report.html", head, 1180, 600)
        pictures = [run.resolve() / "products" / study / "picture-light.svg" for study in STUDIES]
        page.write_text(PAGE.format(images="".join(f'<img src="{p.as_uri()}">' for p in (head, *pictures))))
        shoot(page, sheet, 1400, 1094)
        Image.open(sheet).convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE).save(target, optimize=True)


if __name__ == "__main__":
    compose(Path(sys.argv[1]), Path(__file__).parent / "_static" / "report.png")
