"""Sites on the ground: read from a CSV file."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.base.errors import FormatError, UnitError

_COLUMNS = ("name", "lat_deg", "lon_deg", "h_m")
_LOWEST_M, _HIGHEST_M = -1_000.0, 10_000.0


@dataclass(frozen=True, eq=False)
class Sites:
    """n places on the WGS 84 ellipsoid: name, geodetic latitude, longitude and height."""

    name: tuple[str, ...]
    latitude_rad: NDArray[np.float64]
    longitude_rad: NDArray[np.float64]
    height_m: NDArray[np.float64]


def read_sites(content: bytes, *, name: str = "") -> Sites:
    """Read sites from CSV with the columns name, lat_deg, lon_deg, h_m; lines that start with # are skipped.

    Raises
    ------
    FormatError
        Not text, a missing column, a field that is no number, a repeated or empty name, no site at all.
    UnitError
        A latitude, longitude or height that no place on Earth has.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(
            "the file of sites is not text", value=f"byte {error.start}", allowed="UTF-8", where=name
        ) from error
    numbered = [(k, line) for k, line in enumerate(text.splitlines(), start=1)]
    rows = [(k, line) for k, line in numbered if line.strip() and not line.startswith("#")]
    if len(rows) < 2:
        raise FormatError(
            "the file has no site", value=f"{len(rows)} lines", allowed="a header and a site", where=name
        )
    header = _cells(rows[0][1], f"{name} line {rows[0][0]}")
    missing = [column for column in _COLUMNS if column not in header]
    if missing:
        raise FormatError(
            "a column is missing in the file of sites",
            value=", ".join(header),
            allowed=", ".join(_COLUMNS),
            where=f"{name} line {rows[0][0]}",
        )
    index = [header.index(column) for column in _COLUMNS]
    sites = [_site(line, index, f"{name} line {k}") for k, line in rows[1:]]
    names = tuple(site[0] for site in sites)
    if len(set(names)) != len(names) or "" in names:
        raise FormatError(
            "a site has no name, or two have the same",
            value=", ".join(names),
            allowed="unique names",
            where=name,
        )
    numbers = np.array([site[1:] for site in sites])
    return Sites(names, np.radians(numbers[:, 0]), np.radians(numbers[:, 1]), numbers[:, 2])


def _site(line: str, index: list[int], where: str) -> tuple[str, float, float, float]:
    cells = _cells(line, where)
    if len(cells) <= max(index):
        raise FormatError(
            "a line of the file of sites is cut short",
            value=repr(line[:60]),
            allowed="as many fields as the header",
            where=where,
        )
    name, latitude, longitude, height = (cells[k].strip() for k in index)
    return (
        name,
        _number(latitude, -90.0, 90.0, "latitude", "deg", where),
        _number(longitude, -180.0, 360.0, "longitude", "deg", where),
        _number(height, _LOWEST_M, _HIGHEST_M, "height", "m", where),
    )


def _cells(line: str, where: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader(io.StringIO(line), strict=True))]
    except (csv.Error, StopIteration) as error:
        raise FormatError("not a CSV line", value=repr(line[:60]), allowed="CSV", where=where) from error


def _number(text: str, low: float, high: float, what: str, unit: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise FormatError(
            f"the {what} is not a number", value=repr(text), allowed=f"a number in {unit}", where=where
        )
    if not low <= value <= high:
        raise UnitError(
            f"no place has this {what}",
            value=f"{value:g} {unit}",
            allowed=f"{low:g} to {high:g} {unit}",
            where=where,
            hint=f"the unit here is {unit}; latitude comes before longitude",
        )
    return value
