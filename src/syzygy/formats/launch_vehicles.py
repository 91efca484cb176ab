"""Launch-vehicle payload figures as CSV: fits, tables and single statements, each with its provenance.

Lines that begin with ``#`` are comments; of these ``# source:``, ``# vehicle:`` and ``# status:`` are read.
The header decides the kind of file:

- ``vehicle,c3_min,c3_max,dla_max_deg,a0,a1,a2,a3,basis``: payload (kg) as polynomial of C3 (km2/s2);
- ``vehicle,c0,c10,...,status``: payload (kg) at those C3 (km2/s2), blank where there is none;
- ``decl_deg,v0,v1,...``: payload (kg) by declination (deg) and hyperbolic excess speed (km/s) of one vehicle;
- ``vehicle,state,orbit,mass_kg,status,source,date,note``: one statement per row;
- ``vehicle,orbit,c3_low,c3_high,mass_low_kg,mass_high_kg,status,source,date,note``: points for a fit, C3 in
  km2/s2;
- ``vehicle,state,site,adapter_kg,isp_low_s,isp_high_s,status,source,note``: facts about vehicles;
- ``site,state,latitude_deg,longitude_deg,azimuth_low_deg,azimuth_high_deg,status,source,note``: launch sites.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.base.errors import FormatError
from syzygy.formats.launch_records import (
    STATUSES,
    LaunchSite,
    PayloadPoint,
    PayloadStatement,
    VehicleFacts,
    facts_row,
    number_of,
    point_row,
    site_row,
    statement_row,
    status_of,
)
from syzygy.formats.rejected import RejectedRecord, reject

FloatArray = NDArray[np.float64]

INSIDE, BELOW, OUTSIDE, DECLINATION = (
    "inside the curve",
    "below the curve",
    "outside the curve",
    "declination limit",
)
"""Verdicts: the value is on the curve; C3 is lower than the curve begins, so the value at its beginning is a
lower bound; C3 is beyond its end; the declination is beyond what the figures cover."""

_KM2_S2 = 1e6


@dataclass(frozen=True, eq=False)
class PayloadCurve:
    """Payload of one vehicle as a function of C3 (and declination), never evaluated outside its range.

    Attributes
    ----------
    vehicle, status, source : str
        `status` is one of `STATUSES`.
    c3_m2_s2 : array (n,)
        Nodes, increasing; first and last bound the validity.
    declination_rad : array (k,)
        Nodes of declination; two for a limit without dependence.
    payload_kg : array (k, n)
        At the nodes; unused where `coefficients` are given.
    coefficients : tuple of float
        Of a polynomial in C3 in km2/s2, lowest first; empty for tables.
    """

    vehicle: str
    status: str
    source: str
    c3_m2_s2: FloatArray
    declination_rad: FloatArray
    payload_kg: FloatArray
    coefficients: tuple[float, ...] = ()

    def evaluate(self, c3_m2_s2: ArrayLike, declination_rad: ArrayLike) -> tuple[FloatArray, list[str]]:
        """Return payload (kg) and verdict per row; 0 kg where there is no figure."""
        c3, tilt = np.broadcast_arrays(
            np.atleast_1d(np.asarray(c3_m2_s2, float)), np.atleast_1d(np.asarray(declination_rad, float))
        )
        low, high = self.c3_m2_s2[0], self.c3_m2_s2[-1]
        covered = (tilt >= self.declination_rad[0]) & (tilt <= self.declination_rad[-1])
        verdicts = np.where(c3 < low, BELOW, np.where(c3 > high, OUTSIDE, INSIDE)).astype(object)
        verdicts[~covered] = DECLINATION
        within = np.clip(c3, low, high)
        payload = self._polynomial(within) if self.coefficients else self._table(within, tilt)
        usable = covered & (c3 <= high)
        return np.where(usable, np.maximum(payload, 0.0), 0.0), verdicts.tolist()

    def _polynomial(self, c3_m2_s2: FloatArray) -> FloatArray:
        value = np.zeros_like(c3_m2_s2)
        for coefficient in reversed(self.coefficients):
            value = value * (c3_m2_s2 / _KM2_S2) + coefficient
        return value

    def _table(self, c3_m2_s2: FloatArray, tilt_rad: FloatArray) -> FloatArray:
        by_row = np.array([np.interp(c3_m2_s2, self.c3_m2_s2, row) for row in self.payload_kg])
        tilt = np.clip(tilt_rad, self.declination_rad[0], self.declination_rad[-1])
        place = np.clip(np.searchsorted(self.declination_rad, tilt) - 1, 0, len(self.declination_rad) - 2)
        width = self.declination_rad[place + 1] - self.declination_rad[place]
        share = (tilt - self.declination_rad[place]) / width
        column = np.arange(by_row.shape[1])
        answer: FloatArray = (1 - share) * by_row[place, column] + share * by_row[place + 1, column]
        return answer


@dataclass(frozen=True, eq=False)
class LaunchVehicles:
    """What a launch-vehicle file holds; `rejected` lists the rows that could not be used."""

    curves: tuple[PayloadCurve, ...]
    statements: tuple[PayloadStatement, ...]
    rejected: tuple[RejectedRecord, ...]
    points: tuple[PayloadPoint, ...] = ()
    vehicles: tuple[VehicleFacts, ...] = ()
    sites: tuple[LaunchSite, ...] = ()


_Found = PayloadCurve | PayloadStatement | PayloadPoint | VehicleFacts | LaunchSite
_RowReader = Callable[[dict[str, str], dict[str, str]], _Found]


def read_launch_vehicles(content: bytes, *, name: str = "") -> LaunchVehicles:
    """Read a launch-vehicle file of any of the seven kinds.

    Parameters
    ----------
    content : bytes
        UTF-8 text.
    name : str
        File name, for messages.

    Raises
    ------
    FormatError
        Not text, no known header, or no usable row at all.
    """
    lines = _lines(content, name)
    remarks = _remarks(lines)
    rows = [(number, line) for number, line in lines if line.strip() and not line.startswith("#")]
    if not rows:
        raise FormatError(
            "a launch-vehicle file has no rows", value="0 rows", allowed="a header and rows", where=name
        )
    header = next(csv.reader([rows[0][1]]))
    found: list[_Found] = []
    rejected: list[RejectedRecord] = []
    if header[0] == "decl_deg":
        return LaunchVehicles((_declination_table(header, rows[1:], remarks, name),), (), ())
    read = _row_reader(header, name, rows[0][0])
    for number, line in rows[1:]:
        try:
            found.append(read(_fields(header, line), remarks))
        except ValueError as problem:
            rejected.append(reject(number, 0, str(problem), line))
    if not found:
        raise FormatError(
            "no row of the launch-vehicle file can be used",
            value=rejected[0].reason if rejected else "no rows",
            allowed="at least one complete row",
            where=f"{name}, line {rejected[0].line}" if rejected else name,
        )
    return LaunchVehicles(
        tuple(item for item in found if isinstance(item, PayloadCurve)),
        tuple(item for item in found if isinstance(item, PayloadStatement)),
        tuple(rejected),
        tuple(item for item in found if isinstance(item, PayloadPoint)),
        tuple(item for item in found if isinstance(item, VehicleFacts)),
        tuple(item for item in found if isinstance(item, LaunchSite)),
    )


def _lines(content: bytes, name: str) -> list[tuple[int, str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(
            "a launch-vehicle file is not text",
            value=f"byte {content[error.start]:#04x} at {error.start}",
            allowed="UTF-8 text",
            where=name,
        ) from error
    return list(enumerate(text.splitlines(), start=1))


def _remarks(lines: list[tuple[int, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for _, line in lines:
        key, colon, value = line.lstrip("# ").partition(":")
        if line.startswith("#") and colon and key.lower() in ("source", "vehicle", "status"):
            found.setdefault(key.lower(), value.strip())
    return found


_FURTHER: tuple[tuple[_RowReader, set[str]], ...] = (
    (
        point_row,
        {"vehicle", "orbit", "c3_low", "c3_high", "mass_low_kg", "mass_high_kg", "status", "source"},
    ),
    (facts_row, {"vehicle", "site", "adapter_kg", "isp_low_s", "isp_high_s", "status", "source"}),
    (
        site_row,
        {"site", "latitude_deg", "longitude_deg", "azimuth_low_deg", "azimuth_high_deg", "status", "source"},
    ),
)


def _row_reader(header: list[str], name: str, line: int) -> _RowReader:
    if header[:4] == ["vehicle", "c3_min", "c3_max", "dla_max_deg"] and "a0" in header and "basis" in header:
        return _polynomial_row
    if header[:2] == ["vehicle", "c0"] and header[-1] == "status":
        return _table_row
    if {"vehicle", "orbit", "mass_kg", "status", "source"} <= set(header):
        return statement_row
    for read, needed in _FURTHER:
        if needed <= set(header):
            return read
    raise FormatError(
        "the header of a launch-vehicle file is not known",
        value=",".join(header)[:80],
        allowed="vehicle,c3_min,c3_max,dla_max_deg,a0..a3,basis | vehicle,c0,c10,...,status | "
        "decl_deg,v0,v1,... | vehicle,state,orbit,mass_kg,status,source,date,note | "
        "vehicle,orbit,c3_low,... | vehicle,state,site,adapter_kg,... | site,state,latitude_deg,...",
        where=f"{name}, line {line}",
        hint="keep the header line of the file you started from",
    )


def _fields(header: list[str], line: str) -> dict[str, str]:
    values = next(csv.reader([line]))
    if len(values) != len(header):
        raise ValueError(f"{len(values)} fields where the header has {len(header)}")
    return dict(zip(header, (value.strip() for value in values), strict=True))


def _polynomial_row(fields: dict[str, str], remarks: dict[str, str]) -> PayloadCurve:
    low, high, tilt = (number_of(fields, key) for key in ("c3_min", "c3_max", "dla_max_deg"))
    if not low < high:
        raise ValueError(f"c3_min {low:g} is not below c3_max {high:g}")
    if not 0.0 < tilt <= 90.0:
        raise ValueError(f"dla_max_deg {tilt:g} is not between 0 and 90")
    coefficients = tuple(number_of(fields, key) for key in fields if key[:1] == "a" and key[1:].isdigit())
    limit = math.radians(tilt)
    return PayloadCurve(
        fields["vehicle"],
        status_of(fields["basis"]),
        remarks.get("source", ""),
        np.array([low, high]) * _KM2_S2,
        np.array([-limit, limit]),
        np.zeros((2, 2)),
        coefficients,
    )


def _table_row(fields: dict[str, str], remarks: dict[str, str]) -> PayloadCurve:
    given = [key for key in fields if key[:1] == "c" and key[1:].isdigit() and fields[key]]
    c3 = np.array([float(key[1:]) for key in given])
    if len(c3) < 2 or (np.diff(c3) <= 0).any():
        raise ValueError("fewer than two masses, or C3 columns out of order")
    masses = np.array([number_of(fields, key) for key in given])
    limits = np.array([-math.pi / 2, math.pi / 2])
    return PayloadCurve(
        fields["vehicle"], status_of(fields["status"]), remarks.get("source", "quoted table"), c3 * _KM2_S2,
        limits, np.stack([masses, masses]),
    )  # fmt: skip


def _declination_table(
    header: list[str], rows: list[tuple[int, str]], remarks: dict[str, str], name: str
) -> PayloadCurve:
    """Read the table of one vehicle; the column v0 repeats v1 in such tables and is left out."""
    if "vehicle" not in remarks:
        raise FormatError(
            "the vehicle of a declination table is not named",
            value="no line '# vehicle: ...'",
            allowed="# vehicle: NAME",
            where=name,
            hint="add the line at the top of the file",
        )
    speeds = [key for key in header[1:] if key[:1] == "v" and key[1:].isdigit() and int(key[1:]) > 0]
    tilt, payload = [], []
    for number, line in rows:
        try:
            fields = _fields(header, line)
            tilt.append(number_of(fields, "decl_deg"))
            payload.append([number_of(fields, key) for key in speeds])
        except ValueError as problem:
            raise FormatError(
                "a row of a declination table is not usable",
                value=str(problem),
                allowed="numbers in every column",
                where=f"{name}, line {number}",
            ) from problem
    speed = np.array([float(key[1:]) for key in speeds])
    if len(tilt) < 2 or len(speed) < 2 or (np.diff(tilt) <= 0).any() or (np.diff(speed) <= 0).any():
        raise FormatError(
            "a declination table is not ordered",
            value=f"{len(tilt)} declinations, {len(speed)} speeds",
            allowed="two or more of each, increasing",
            where=name,
        )
    try:
        status = status_of(remarks.get("status", "unverified"))
    except ValueError as problem:
        raise FormatError(
            "unknown status", value=str(problem), allowed=", ".join(STATUSES), where=name
        ) from problem
    return PayloadCurve(
        remarks["vehicle"], status, remarks.get("source", ""), speed**2 * _KM2_S2, np.radians(tilt),
        np.array(payload),
    )  # fmt: skip
