"""Orbit Mean-Elements Messages (OMM): JSON, CSV, XML and KVN, recognised by their first character."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syzygy.astro.mean_elements import MeanElements
from syzygy.base.errors import FormatError
from syzygy.formats.collection import without_collection
from syzygy.formats.omm_csv import read_csv_records, write_omm_csv
from syzygy.formats.omm_fields import elements_from_records
from syzygy.formats.omm_json import read_json_records, write_omm_json
from syzygy.formats.omm_kvn import read_kvn_records, write_omm_kvn
from syzygy.formats.omm_xml import read_xml_records, write_omm_xml
from syzygy.formats.rejected import RejectedRecord

if TYPE_CHECKING:
    from syzygy.astro.time import LeapSeconds

__all__ = [
    "read_omm",
    "sniff_dialect",
    "write_omm_csv",
    "write_omm_json",
    "write_omm_kvn",
    "write_omm_xml",
]

_READERS = {
    "json": read_json_records,
    "csv": read_csv_records,
    "xml": read_xml_records,
    "kvn": read_kvn_records,
}
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def sniff_dialect(content: bytes) -> str:
    """Return ``json``, ``xml``, ``csv``, ``kvn``, or an empty text where it is no OMM.

    Examples
    --------
    >>> sniff_dialect(b'[{"OBJECT_NAME": "ISS"}]'), sniff_dialect(b"1 25544U 98067A")
    ('json', '')
    """
    head = content[:4096].removeprefix(_BYTE_ORDER_MARK).lstrip()
    if head[:1] in (b"[", b"{"):
        return "json"
    if head[:1] == b"<":
        return "xml"
    for line in head.splitlines():
        text = line.strip()
        if text and not text.startswith((b"COMMENT", b"#")):
            return _sniff_line(text)
    return ""


def _sniff_line(text: bytes) -> str:
    if text.replace(b" ", b"").startswith(b"CCSDS_OMM_VERS="):
        return "kvn"
    names = [cell.strip(b' "') for cell in text.upper().split(b",")]
    return "csv" if b"EPOCH" in names and b"MEAN_MOTION" in names else ""


def read_omm(
    content: bytes, leap_seconds: LeapSeconds, *, name: str = ""
) -> tuple[MeanElements, tuple[RejectedRecord, ...]]:
    """Read OMM records in any of the four dialects.

    Parameters
    ----------
    content : bytes
        UTF-8 text.
    leap_seconds : LeapSeconds
        For the epochs (UTC to TAI).
    name : str
        The file, for messages.

    Returns
    -------
    elements : MeanElements
        In the order of the file. `source_line` is the line where the record begins (JSON: its number).
    rejected : tuple of RejectedRecord
        Records with another theory than SGP4, another frame than TEME, another time system than UTC, a
        missing or malformed field, or an implausible value.

    Raises
    ------
    FormatError
        The frame around the records is broken: not JSON, XML, CSV or KVN, a duplicated key, NaN, a
        document type declaration, text that is not UTF-8.
    """
    dialect = sniff_dialect(content)
    if not dialect:
        raise FormatError(
            "the content is no OMM",
            value=repr(content[:40]),
            allowed="JSON, XML, KVN (CCSDS_OMM_VERS first) or CSV with a header line",
            where=name,
        )
    try:
        text = content.removeprefix(_BYTE_ORDER_MARK).decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(
            "the OMM is not UTF-8 text", value=f"byte {error.start}", allowed="UTF-8", where=name
        ) from error
    with without_collection():
        records, rejected = _READERS[dialect](text, name)
        elements, refused = elements_from_records(records, leap_seconds)
    return elements, tuple(sorted([*rejected, *refused], key=lambda record: (record.line, record.column)))
