"""Two-line and three-line element sets (TLE, 3LE): bytes to mean elements."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.mean_elements import REVOLUTIONS_PER_DAY_RAD_S, MeanElements, find_implausible
from syzygy.formats.element_epochs import first_day_of_year, julian_date_from_utc_day, tai_from_utc_day
from syzygy.formats.rejected import RejectedRecord, refuse_rubbish, reject
from syzygy.formats.tle_columns import LINE_LENGTH, Characters, Checks, ElementColumns, read_columns
from syzygy.formats.tle_writing import write_tle

if TYPE_CHECKING:
    from syzygy.astro.time import LeapSeconds

__all__ = ["read_tle", "write_tle"]

_CUT = re.compile(rb"[12] [ 0-9A-Z][ 0-9]{3}[0-9]([U CS].*)?")
_DESIGNATOR = re.compile(r"([0-9]{2})([0-9]{3}[A-Z]{1,3})")
_DAY2_RAD = REVOLUTIONS_PER_DAY_RAD_S / 86400.0
_DAY3_RAD = _DAY2_RAD / 86400.0
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_tle(
    content: bytes, leap_seconds: LeapSeconds, *, name: str = ""
) -> tuple[MeanElements, tuple[RejectedRecord, ...]]:
    """Read element sets with or without name lines.

    Parameters
    ----------
    content : bytes
        Lines of 69 columns, LF or CR LF, blanks at their ends ignored. A name line may stand before each
        pair, with or without ``0 `` in front. Lines starting with ``#`` are comments.
    leap_seconds : LeapSeconds
        For the epochs (UTC to TAI).
    name : str
        The file, for messages (unused in the result).

    Returns
    -------
    elements : MeanElements
        In the order of the file, duplicates included.
    rejected : tuple of RejectedRecord
        Every line or pair that was not used: wrong checksum, length, pairing, number, or implausible value.

    Notes
    -----
    Years 57-99 are 1957-1999. Epochs that the leap-second table does not cover are rejected.
    **Source**: column layout of Hoots & Roehrich, Spacetrack Report No. 3 (1980), as used by Vallado et al.,
    AIAA 2006-6753; Alpha-5 as published by Space-Track (2020).
    """
    lines = content.removeprefix(_BYTE_ORDER_MARK).split(b"\n")
    lines = [line.rstrip() for line in lines]
    pairs, names, rejected = _find_pairs(lines)
    count = len(pairs)
    first = _characters([lines[i] for i in pairs])
    second = _characters([lines[i + 1] for i in pairs])
    checks = Checks(count)
    with np.errstate(over="ignore"):
        columns = read_columns(first, second, checks)
    elements = _elements(columns, names, np.array(pairs, dtype=np.int64) + 1, leap_seconds, checks)
    for found in find_implausible(elements):
        if checks.line[found.index] == 0:
            checks.line[found.index] = 1
            checks.reason[found.index] = f"{found.error.what} (got {found.error.value})"
    good = checks.passed
    for index in np.flatnonzero(~good).tolist():
        line = pairs[index] + int(checks.line[index]) - 1
        rejected.append(reject(line + 1, int(checks.column[index]), checks.reason[index], lines[line]))
    rejected.sort(key=lambda record: (record.line, record.column))
    return (elements if good.all() else elements.select(good)), tuple(rejected)


def _find_pairs(lines: list[bytes]) -> tuple[list[int], list[bytes], list[RejectedRecord]]:
    """Return the indices of well-formed first lines, their names, and the lines that belong to no pair."""
    pairs: list[int] = []
    names: list[bytes] = []
    rejected: list[RejectedRecord] = []
    name_at = -1
    index, end = 0, len(lines)
    while index < end:
        line = lines[index]
        if line.startswith(b"1 ") and index + 1 < end and lines[index + 1].startswith(b"2 "):
            wrong = _wrong_length(lines, index)
            if wrong is None:
                pairs.append(index)
                names.append(lines[name_at] if name_at >= 0 else b"")
            else:
                rejected.append(wrong)
            name_at = -1
            index += 2
            continue
        if line and not line.startswith(b"#"):
            if name_at >= 0:
                rejected.append(_lonely_name(lines, name_at))
                refuse_rubbish(len(rejected), len(pairs), "")
            name_at = -1
            if (line.startswith((b"1 ", b"2 ")) and len(line) >= 40) or _looks_cut(line):
                lone = "line 1 without its line 2" if line[:1] == b"1" else "line 2 without its line 1"
                rejected.append(reject(index + 1, 0, lone, line))
            else:
                name_at = index
        index += 1
    if name_at >= 0:
        rejected.append(_lonely_name(lines, name_at))
    return pairs, names, rejected


def _looks_cut(line: bytes) -> bool:
    return _CUT.fullmatch(line) is not None


def _lonely_name(lines: list[bytes], index: int) -> RejectedRecord:
    return reject(index + 1, 0, "a name or text without element lines after it", lines[index])


def _wrong_length(lines: list[bytes], index: int) -> RejectedRecord | None:
    for offset in (0, 1):
        line = lines[index + offset]
        if len(line) != LINE_LENGTH:
            reason = f"line {offset + 1} has {len(line)} columns instead of {LINE_LENGTH}"
            return reject(index + offset + 1, min(len(line), LINE_LENGTH) + 1, reason, line)
    return None


def _characters(lines: list[bytes]) -> Characters:
    return np.frombuffer(b"".join(lines), dtype=np.uint8).reshape(len(lines), LINE_LENGTH)


def _elements(
    columns: ElementColumns,
    names: list[bytes],
    source_line: NDArray[np.int64],
    leap_seconds: LeapSeconds,
    checks: Checks,
) -> MeanElements:
    utc_day = first_day_of_year(columns.year) + columns.day_of_year - 1
    day_ns = columns.day_fraction_1e8 * 864_000
    epoch_tai_ns, problem = tai_from_utc_day(utc_day, day_ns, leap_seconds)
    for reason in sorted(set(problem) - {""}):
        checks.require(np.asarray(problem != reason, dtype=bool), 1, 19, reason)
    epoch_jd, _ = julian_date_from_utc_day(utc_day, day_ns)
    degree = math.pi / 180.0
    return MeanElements(
        object_id=columns.object_id,
        name=_text([_name(raw) for raw in names]),
        international_designator=_text([_designator(raw) for raw in _rows(columns.designator)]),
        epoch_tai_ns=epoch_tai_ns,
        epoch_jd=epoch_jd,
        epoch_jd_fraction=columns.day_fraction_1e8 / 1e8,
        mean_motion_rad_s=columns.mean_motion_rev_day * REVOLUTIONS_PER_DAY_RAD_S,
        eccentricity=columns.eccentricity,
        inclination_rad=columns.inclination_deg * degree,
        raan_rad=columns.raan_deg * degree,
        argument_of_perigee_rad=columns.argument_of_perigee_deg * degree,
        mean_anomaly_rad=columns.mean_anomaly_deg * degree,
        bstar_per_earth_radius=columns.bstar,
        mean_motion_dot_rad_s2=columns.half_motion_dot * 2.0 * _DAY2_RAD,
        mean_motion_ddot_rad_s3=columns.sixth_motion_ddot * 6.0 * _DAY3_RAD,
        classification=_text([chr(code).strip() for code in columns.classification.tolist()]),
        element_set=columns.element_set,
        revolution=columns.revolution,
        source_line=source_line,
    )


def _rows(characters: Characters) -> list[bytes]:
    block = np.ascontiguousarray(characters).tobytes()
    width = characters.shape[1]
    return [block[i : i + width] for i in range(0, len(block), width)]


def _text(values: list[str]) -> NDArray[np.object_]:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _name(raw: bytes) -> str:
    text = raw.decode("utf-8", "replace")
    return (text[2:] if text.startswith("0 ") else text).strip()


def _designator(raw: bytes) -> str:
    """Write ``98067A`` as ``1998-067A``; anything else stays as it is."""
    text = raw.decode("ascii", "replace").strip()
    match = _DESIGNATOR.fullmatch(text)
    if match is None:
        return text
    year, rest = match.groups()
    return f"{'20' if year < '57' else '19'}{year}-{rest}"
