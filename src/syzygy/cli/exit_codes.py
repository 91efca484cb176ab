"""Exit codes of every command."""

from __future__ import annotations

DONE = 0
ANSWER_NO = 1
USAGE = 2
INTERNAL = 70
INTERRUPTED = 130
READER_GONE = 141

MEANINGS = (
    (DONE, "done"),
    (ANSWER_NO, "done, and the answer is no: a product or a certificate did not verify, or a study failed"),
    (USAGE, "the command line itself is wrong"),
    (3, "an input was refused: nothing was computed from it"),
    (4, "data are missing or do not cover the request"),
    (5, "a hash or a signature does not fit"),
    (6, "a file could not be read or written"),
    (INTERNAL, "a defect of this program: please report it"),
    (INTERRUPTED, "interrupted; finished products are kept, the next run goes on"),
    (READER_GONE, "the reader of the output went away before the end (`syzygy ... | head`)"),
)


def table_text() -> str:
    """Return the codes as text for the help."""
    return "\n".join(f"  {code:>3}  {meaning}" for code, meaning in MEANINGS)
