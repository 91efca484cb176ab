"""OMM as CSV: a header line of keywords, one record per line."""

from __future__ import annotations

import csv
import io
from collections import Counter

from syzygy.astro.mean_elements import MeanElements
from syzygy.base.errors import FormatError
from syzygy.formats.omm_fields import OmmRecord
from syzygy.formats.omm_values import keywords, message_values
from syzygy.formats.rejected import RejectedRecord, refuse_rubbish, reject


def read_csv_records(text: str, name: str) -> tuple[list[OmmRecord], list[RejectedRecord]]:
    """Read the table; a line with another number of cells than the header is rejected.

    Raises
    ------
    FormatError
        A keyword stands twice in the header, or the quoting is broken.
    """
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    records: list[OmmRecord] = []
    rejected: list[RejectedRecord] = []
    header: list[str] = []
    start = 1
    try:
        for cells in lines:
            line, start = start, lines.line_num + 1
            if not any(cell.strip() for cell in cells) or (not header and cells[0].startswith("#")):
                continue
            if not header:
                header = _header(cells, name)
            elif len(cells) != len(header):
                reason = f"{len(cells)} cells instead of {len(header)}"
                rejected.append(reject(line, 0, reason, ",".join(cells[:80])))
                refuse_rubbish(len(rejected), len(records), name)
            else:
                records.append(OmmRecord(line, dict(zip(header, cells, strict=True))))
    except csv.Error as error:
        raise FormatError(
            "the CSV is broken",
            value=error,
            allowed="comma-separated values",
            where=f"{name} line {start}".strip(),
        ) from error
    return records, rejected


def write_omm_csv(elements: MeanElements) -> bytes:
    """Write a header line and one line per object, LF."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(keywords())
    for index in range(len(elements)):
        writer.writerow(message_values(elements, index).values())
    return stream.getvalue().encode()


def _header(cells: list[str], name: str) -> list[str]:
    header = [cell.strip().upper() for cell in cells]
    twice = next((keyword for keyword, count in Counter(header).items() if count > 1), None)
    if twice is not None:
        raise FormatError(
            "a keyword stands twice in the header", value=twice[:40], allowed="each keyword once", where=name
        )
    return header
