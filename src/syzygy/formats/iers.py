"""Earth orientation and leap-second files: IERS finals2000A, EOP C04, Leap_Second.dat, NAIF .tls."""

from __future__ import annotations

import re
from datetime import date

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.constants import ARCSECOND_RAD
from syzygy.astro.time import NS_PER_DAY, NS_PER_S, EarthOrientation, LeapSeconds
from syzygy.base.errors import FormatError
from syzygy.formats._finals_columns import read_columns

_MJD_1970 = 40_587
_ORDINAL_1970 = date(1970, 1, 1).toordinal()
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_FULL_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_FINALS_FIELDS = {
    "MJD": (7, 15),
    "PM-x": (18, 27),
    "PM-y": (37, 46),
    "UT1-UTC": (58, 68),
    "LOD": (79, 86),
    "dX": (97, 106),
    "dY": (116, 125),
}
_FINALS_REQUIRED = ("MJD", "PM-x", "PM-y", "UT1-UTC")
_FINALS_FLAGS = {"PM": 16, "UT1": 57, "dX dY": 95}
_MILLI = 1e-3
_UNKNOWN_AFTER_DAYS = 180


def read_finals2000a(
    content: bytes, *, name: str = "finals2000A", allow_predicted: bool = False
) -> EarthOrientation:
    """Read IERS ``finals2000A.all`` (also ``.data``, ``.daily``): Bulletin A values.

    A row is a prediction when its flag of pole or UT1 says so (that of dX, dY does not matter).  Where the
    file leaves dX, dY blank, the last value goes on; where it leaves the length of day blank, it follows from
    UT1.  Rows without pole and UT1 end the table.

    Raises
    ------
    FormatError
        A field that is no number, a gap in the days, an unknown flag, or no row; with line and columns.

    **Source**: readme.finals2000A of IERS, byte-by-byte description.
    """
    plain = {kind: _FINALS_FLAGS[kind] for kind in ("PM", "UT1")}
    quick = read_columns(content, _FINALS_FIELDS, plain)
    if quick is None or any(np.isnan(quick[0][field]).any() for field in _FINALS_REQUIRED):
        table, predicted = _finals_by_line(content, name)
    else:
        table, predicted = quick
    return _earth_orientation(
        table["MJD"],
        table["PM-x"] * ARCSECOND_RAD,
        table["PM-y"] * ARCSECOND_RAD,
        table["UT1-UTC"],
        _filled(table["dX"]) * (_MILLI * ARCSECOND_RAD),
        _filled(table["dY"]) * (_MILLI * ARCSECOND_RAD),
        table["LOD"] * _MILLI,
        predicted,
        allow_predicted,
        name,
    )


def _finals_by_line(content: bytes, name: str) -> tuple[dict[str, NDArray[np.float64]], NDArray[np.bool_]]:
    """Read every line for itself: slower, and able to say which one is wrong."""
    columns: dict[str, list[float]] = {field: [] for field in _FINALS_FIELDS}
    predicted: list[bool] = []
    for number, line in enumerate(_lines(content, name), start=1):
        if not line.strip():
            continue
        values = {field: _number(line, field, span, name, number) for field, span in _FINALS_FIELDS.items()}
        if np.isnan(values["PM-x"]) and np.isnan(values["UT1-UTC"]):
            break
        missing = [field for field in _FINALS_REQUIRED if np.isnan(values[field])]
        if missing:
            raise FormatError(
                "a field is blank",
                value=missing[0],
                allowed="a number",
                where=f"{name}, line {number}",
                hint="the file seems damaged: fetch it again",
            )
        flags = [line[_FINALS_FLAGS[kind]] for kind in ("PM", "UT1")]
        if any(flag not in "IP" for flag in flags):
            raise FormatError(
                "an unknown flag",
                value=repr("".join(flags)),
                allowed="I or P",
                where=f"{name}, line {number}",
            )
        predicted.append("P" in flags)
        for field, value in values.items():
            columns[field].append(value)
    table = {field: np.array(values) for field, values in columns.items()}
    return table, np.array(predicted, dtype=np.bool_)


def read_eop_c04(content: bytes, *, name: str = "eopc04", allow_predicted: bool = False) -> EarthOrientation:
    """Read IERS EOP C04 (series 14 and 20, IAU 2000): all rows are final values.

    Raises
    ------
    FormatError
        A row with too few columns or a field that is no number, a gap in the days, or no row at all.
    """
    rows = []
    for number, line in enumerate(_lines(content, name), start=1):
        if not line.strip() or line.lstrip().startswith("#") or not line.strip()[0].isdigit():
            continue
        words = line.split()
        try:
            rows.append([float(words[column]) for column in (4, 5, 6, 7, 8, 9, 12)])
        except (ValueError, IndexError) as error:
            raise FormatError(
                "a row of EOP C04 cannot be read",
                value=repr(line.strip()[:60]),
                allowed="YR MM DD HH MJD x y UT1-UTC dX dY xrt yrt LOD ...",
                where=f"{name}, line {number}",
                hint="series older than 14 have another layout: use the IERS series 14 or 20",
            ) from error
    table = np.array(rows, dtype=np.float64).reshape(-1, 7)
    return _earth_orientation(
        table[:, 0],
        table[:, 1] * ARCSECOND_RAD,
        table[:, 2] * ARCSECOND_RAD,
        table[:, 3],
        table[:, 4] * ARCSECOND_RAD,
        table[:, 5] * ARCSECOND_RAD,
        table[:, 6],
        np.zeros(table.shape[0], dtype=np.bool_),
        allow_predicted,
        name,
    )


def read_leap_seconds(
    content: bytes, *, name: str = "leap seconds", allow_predicted: bool = False
) -> LeapSeconds:
    """Read IERS ``Leap_Second.dat`` or a NAIF leap-second kernel (``.tls``).

    The IERS file says when it expires.  A NAIF kernel does not: it is trusted for 180 days after its last
    entry, as leap seconds are announced half a year ahead.

    Raises
    ------
    FormatError
        Neither of the two, a row that cannot be read, or an expiry date that is missing or no date.
    """
    text = "\n".join(_lines(content, name))
    if "DELTET/DELTA_AT" in text:
        return _naif_leap_seconds(text, name, allow_predicted)
    days, offsets = [], []
    for number, line in enumerate(text.split("\n"), start=1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        try:
            mjd, day, month, year, offset = float(words[0]), *(int(word) for word in words[1:5])
            utc_day = date(year, month, day).toordinal() - _ORDINAL_1970
        except (ValueError, IndexError) as error:
            raise _unreadable_leap(line, name, number) from error
        if utc_day + _MJD_1970 != mjd or len(words) != 5:
            raise _unreadable_leap(line, name, number)
        days.append(utc_day)
        offsets.append(offset)
    expiry = re.search(r"expires on\s+(\d{1,2})\s+([A-Za-z]+)\s+(\d{4})", text)
    if not days or expiry is None or expiry[2].title() not in _FULL_MONTHS:
        raise FormatError(
            "not a leap-second file",
            value=f"{len(days)} entries, expiry {'found' if expiry else 'not found'}",
            allowed="IERS Leap_Second.dat with its line 'File expires on', or a NAIF .tls kernel",
            where=name,
        )
    month = _FULL_MONTHS.index(expiry[2].title()) + 1
    end = date(int(expiry[3]), month, int(expiry[1])).toordinal() - _ORDINAL_1970
    return _leap_seconds(days, offsets, end, allow_predicted)


def _naif_leap_seconds(text: str, name: str, allow_predicted: bool) -> LeapSeconds:
    block = re.search(r"DELTET/DELTA_AT\s*=\s*\(([^)]*)\)", text)
    pairs = re.findall(r"(\d+)\s*,\s*@(\d{4})-([A-Z]{3})-(\d{1,2})", block[1] if block else "")
    if block is None or not pairs or len(pairs) != block[1].count("@"):
        raise FormatError(
            "the leap seconds of a NAIF kernel cannot be read",
            value=f"{len(pairs)} entries",
            allowed="DELTET/DELTA_AT = ( 10, @1972-JAN-1 ... )",
            where=name,
        )
    days = [
        date(int(year), _MONTHS.index(month) + 1, int(day)).toordinal() - _ORDINAL_1970
        for _, year, month, day in pairs
    ]
    return _leap_seconds(
        days, [int(pair[0]) for pair in pairs], days[-1] + _UNKNOWN_AFTER_DAYS, allow_predicted
    )


def _leap_seconds(days: list[int], offsets: list[int], end: int, allow_predicted: bool) -> LeapSeconds:
    return LeapSeconds(
        np.array(days, dtype=np.int64),
        np.array(offsets, dtype=np.int64),
        end * NS_PER_DAY + offsets[-1] * NS_PER_S,
        allow_predicted,
    )


def _earth_orientation(
    mjd: NDArray[np.float64],
    pole_x_rad: NDArray[np.float64],
    pole_y_rad: NDArray[np.float64],
    ut1_minus_utc_s: NDArray[np.float64],
    celestial_dx_rad: NDArray[np.float64],
    celestial_dy_rad: NDArray[np.float64],
    excess_lod_s: NDArray[np.float64],
    predicted: NDArray[np.bool_],
    allow_predicted: bool,
    name: str,
) -> EarthOrientation:
    if mjd.size < 4:
        raise FormatError("no Earth orientation rows", value=mjd.size, allowed="four or more", where=name)
    gap = np.flatnonzero(np.diff(mjd) != 1.0)
    if gap.size or mjd[0] != np.floor(mjd[0]):
        at = mjd[gap[0]] if gap.size else mjd[0]
        raise FormatError(
            "the days of the table do not follow each other",
            value=f"after MJD {at}",
            allowed="one row per day at 0h UTC",
            where=name,
            hint="the file seems damaged: fetch it again",
        )
    # A leap second is the only step of UT1 - UTC beyond half a second: without it UT1 is smooth.
    smooth = ut1_minus_utc_s - np.concatenate([[0.0], np.cumsum(np.rint(np.diff(ut1_minus_utc_s)))])
    lod = np.where(np.isnan(excess_lod_s), -np.gradient(smooth), excess_lod_s)
    return EarthOrientation(
        mjd.astype(np.int64),
        ut1_minus_utc_s,
        pole_x_rad,
        pole_y_rad,
        celestial_dx_rad,
        celestial_dy_rad,
        lod,
        predicted,
        allow_predicted,
    )


def _lines(content: bytes, name: str) -> list[str]:
    try:
        return content.decode("ascii").splitlines()
    except UnicodeDecodeError as error:
        raise FormatError(
            "the file is not plain text",
            value=f"byte {content[error.start]:#04x} at {error.start}",
            allowed="ASCII text",
            where=name,
            hint="unpack it first if it is compressed",
        ) from error


def _number(line: str, field: str, span: tuple[int, int], name: str, number: int) -> float:
    text = line[span[0] : span[1]].strip()
    if not text:
        return float("nan")
    try:
        if not re.fullmatch(r"[+-]?\d*\.?\d*", text):
            raise ValueError(text)
        return float(text)
    except ValueError as error:
        raise FormatError(
            "a field is not a number",
            value=repr(text),
            allowed=f"{field} as a decimal number",
            where=f"{name}, line {number}, columns {span[0] + 1}-{span[1]}",
        ) from error


def _filled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Carry the last number on over blanks (blanks before the first number become 0)."""
    known = ~np.isnan(values)
    last = np.maximum.accumulate(np.where(known, np.arange(values.size), -1))
    return np.where(last >= 0, values[np.maximum(last, 0)], 0.0)


def _unreadable_leap(line: str, name: str, number: int) -> FormatError:
    return FormatError(
        "a leap-second row cannot be read",
        value=repr(line.strip()[:60]),
        allowed="MJD day month year TAI-UTC, MJD and date agreeing",
        where=f"{name}, line {number}",
    )
