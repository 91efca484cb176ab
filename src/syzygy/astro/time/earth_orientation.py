"""Earth orientation: the daily table of UT1, pole and celestial pole offsets, and its interpolation.

Every quantity is interpolated by the cubic through four neighbouring midnights, UT1 as UT1 - TAI so that
leap seconds do not disturb it.  Sub-daily tides (up to 0.07 ms in UT1 and 0.9 mas in the pole, some
centimetres on the ground) are not added.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any, NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.astro.time.instants import MJD_1970, NS_PER_DAY, Instants, as_instants
from syzygy.astro.time.leap_seconds import LeapSeconds, offsets_of_utc_days
from syzygy.astro.time.utc import tai_from_utc_day_and_ns
from syzygy.base.errors import CoverageError, InputError

_MOST = {
    "ut1_minus_utc_s": 1.0,
    "pole_x_rad": 1e-5,
    "pole_y_rad": 1e-5,
    "celestial_dx_rad": 1e-6,
    "celestial_dy_rad": 1e-6,
    "excess_lod_s": 0.02,
}
"""Largest magnitudes that can be meant; milliseconds for seconds or arcseconds for radians exceed them."""


@dataclass(frozen=True, eq=False)
class EarthOrientation:
    """A table of Earth orientation parameters at 0h UTC.

    Attributes
    ----------
    mjd_utc : int64 (n,)
        Modified Julian Dates, increasing, at least four.
    ut1_minus_utc_s, pole_x_rad, pole_y_rad : float64 (n,)
    celestial_dx_rad, celestial_dy_rad : float64 (n,)
        Offsets of the celestial pole from IAU 2006/2000A.
    excess_lod_s : float64 (n,)
        Length of day beyond 86 400 s.
    predicted : bool (n,)
        Whether a row is a prediction.
    allow_predicted : bool
        Whether instants in the predicted part are answered (ask `is_predicted` for the label) or refused.

    Raises
    ------
    InputError
        Unequal lengths, fewer than four rows, days not increasing, values not finite or implausibly large.
    """

    mjd_utc: NDArray[np.int64]
    ut1_minus_utc_s: NDArray[np.float64]
    pole_x_rad: NDArray[np.float64]
    pole_y_rad: NDArray[np.float64]
    celestial_dx_rad: NDArray[np.float64]
    celestial_dy_rad: NDArray[np.float64]
    excess_lod_s: NDArray[np.float64]
    predicted: NDArray[np.bool_]
    allow_predicted: bool = False

    def __post_init__(self) -> None:
        for name in _COLUMNS:
            kind = {"mjd_utc": np.int64, "predicted": np.bool_}.get(name, np.float64)
            array: NDArray[Any] = np.array(getattr(self, name), dtype=kind)
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        days = self.mjd_utc
        if days.ndim != 1 or days.size < 4 or np.any(np.diff(days) <= 0):
            raise InputError(
                "the Earth orientation table is not sound",
                value=f"{days.size} rows",
                allowed="four rows or more, days increasing",
                where="mjd_utc",
            )
        for name in _COLUMNS:
            _require_plausible(name, getattr(self, name), days)

    def with_predictions(self, allowed: bool = True) -> EarthOrientation:
        """Return the same table with another policy for its predicted part."""
        return replace(self, allow_predicted=allowed)

    def extended_by(self, later: EarthOrientation) -> EarthOrientation:
        """Return this table continued by the rows of another after its own last day."""
        new = later.mjd_utc > self.mjd_utc[-1]
        joined: dict[str, Any] = {
            name: np.concatenate([getattr(self, name), getattr(later, name)[new]]) for name in _COLUMNS
        }
        return replace(self, **joined)


_COLUMNS = tuple(field.name for field in fields(EarthOrientation) if field.name != "allow_predicted")


@dataclass(frozen=True, eq=False)
class OrientationCurve:
    """The interpolating cubics of a table, ready for many evaluations.

    Attributes
    ----------
    node_tai_ns : int64 (n,)
        Instants of the midnights.
    coefficients : float64 (n - 1, 5, 4)
        Per interval the powers 0 to 3 of the days since its first node, of UT1 - TAI (s), pole x, pole y,
        celestial dX, dY (rad).
    predicted : bool (n - 1,)
        Whether an interval leans on predicted rows or on unknown leap seconds.
    allow_predicted : bool
    """

    node_tai_ns: Instants
    coefficients: NDArray[np.float64]
    predicted: NDArray[np.bool_]
    allow_predicted: bool


@dataclass(frozen=True, eq=False)
class OrientationValues:
    """Earth orientation at given instants, arrays of their shape; rates are per second of TAI."""

    ut1_minus_tai_s: NDArray[np.float64]
    pole_x_rad: NDArray[np.float64]
    pole_y_rad: NDArray[np.float64]
    celestial_dx_rad: NDArray[np.float64]
    celestial_dy_rad: NDArray[np.float64]
    excess_lod_s: NDArray[np.float64]
    predicted: NDArray[np.bool_]


def earth_orientation_at(
    tai_ns: ArrayLike, leap_seconds: LeapSeconds, earth_orientation: EarthOrientation
) -> OrientationValues:
    """Interpolate the table; the excess length of day is that of the interpolated UT1.

    Raises
    ------
    CoverageError
        Outside the table, or in its predicted part when predictions are not allowed.

    **Accuracy**: 1e-9 s and 1e-15 rad against an independent four-point Lagrange interpolation of the same
    table (``tests/astro/test_time_ut1.py``).
    """
    instants = as_instants(tai_ns)
    curve = orientation_curve(earth_orientation, leap_seconds)
    row = curve_rows(curve, instants)
    u = (instants - curve.node_tai_ns[row]) / NS_PER_DAY
    c = curve.coefficients[row]
    value = [c[..., k, 0] + u * (c[..., k, 1] + u * (c[..., k, 2] + u * c[..., k, 3])) for k in range(5)]
    rate_s_per_day = c[..., 0, 1] + u * (2.0 * c[..., 0, 2] + u * (3.0 * c[..., 0, 3]))
    ut1, pole_x, pole_y, dx, dy = value
    return OrientationValues(ut1, pole_x, pole_y, dx, dy, -rate_s_per_day, curve.predicted[row])


def is_predicted(
    tai_ns: ArrayLike, leap_seconds: LeapSeconds, earth_orientation: EarthOrientation
) -> NDArray[np.bool_]:
    """Say at which instants the Earth orientation is a prediction.

    Raises
    ------
    CoverageError
        Outside the table.
    """
    curve = orientation_curve(earth_orientation, leap_seconds)
    return curve.predicted[_rows_inside(curve, as_instants(tai_ns))]


@lru_cache(maxsize=8)
def orientation_curve(earth_orientation: EarthOrientation, leap_seconds: LeapSeconds) -> OrientationCurve:
    """Return the interpolating cubics of a table; rows before 1972, where UTC is undefined, are left out."""
    table = earth_orientation
    keep = table.mjd_utc - MJD_1970 >= leap_seconds.start_utc_day[0]
    if np.count_nonzero(keep) < 4:
        raise CoverageError(
            "the Earth orientation table ends before the leap-second table begins",
            value=f"MJD {table.mjd_utc[-1]}",
            allowed="four days or more after the first leap-second entry",
            where="EarthOrientation",
        )
    day = table.mjd_utc[keep] - MJD_1970
    known = leap_seconds.with_predictions()
    node = tai_from_utc_day_and_ns(day, 0, known)
    ut1_minus_tai = table.ut1_minus_utc_s[keep] - offsets_of_utc_days(day, known)
    columns = [table.pole_x_rad, table.pole_y_rad, table.celestial_dx_rad, table.celestial_dy_rad]
    values = np.stack([ut1_minus_tai, *(column[keep] for column in columns)], axis=-1)
    predicted = table.predicted[keep] | (node > leap_seconds.expires_tai_ns)
    return OrientationCurve(
        node, _cubics(node, values), predicted[:-1] | predicted[1:], table.allow_predicted
    )


def curve_rows(curve: OrientationCurve, tai_ns: Instants) -> NDArray[np.intp]:
    """Return the interval of each instant (the last node belongs to the last interval).

    Raises
    ------
    CoverageError
        Outside the table, or in its predicted part when predictions are not allowed.
    """
    row = _rows_inside(curve, tai_ns)
    if not curve.allow_predicted:
        guess = curve.predicted[row]
        if np.any(guess):
            hint = "allow predictions, which are then labelled, or ask for an earlier time"
            worst = int(np.max(tai_ns[guess])) if tai_ns.ndim else int(tai_ns)
            _refuse(curve, worst, "in the predicted part of the Earth orientation table", hint)
    return row


def _rows_inside(curve: OrientationCurve, tai_ns: Instants) -> NDArray[np.intp]:
    node = curve.node_tai_ns
    if tai_ns.size:
        first, last = int(tai_ns.min()), int(tai_ns.max())
        if first < node[0] or last > node[-1]:
            hint = "install newer Earth orientation data, or ask for a time inside the table"
            _refuse(curve, first if first < node[0] else last, "outside the Earth orientation table", hint)
    row: NDArray[np.intp] = np.searchsorted(node, tai_ns, side="right") - 1
    return np.clip(row, 0, node.size - 2)


def _cubics(node: Instants, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return powers of the Newton form through four nodes around each interval (n - 1, k, 4)."""
    count = node.size
    first = np.clip(np.arange(count - 1) - 1, 0, count - 4)
    near = first[:, None] + np.arange(4)
    t = ((node[near] - node[: count - 1, None]) / NS_PER_DAY)[:, :, None]
    f = values[near]
    d1 = np.diff(f, axis=1) / np.diff(t, axis=1)
    d2 = np.diff(d1, axis=1) / (t[:, 2:] - t[:, :-2])
    d3 = (d2[:, 1] - d2[:, 0]) / (t[:, 3] - t[:, 0])
    a, b, c = t[:, 0], t[:, 1], t[:, 2]
    constant = f[:, 0] - d1[:, 0] * a + d2[:, 0] * a * b - d3 * a * b * c
    linear = d1[:, 0] - d2[:, 0] * (a + b) + d3 * (a * b + a * c + b * c)
    quadratic = d2[:, 0] - d3 * (a + b + c)
    return np.ascontiguousarray(np.stack([constant, linear, quadratic, d3], axis=-1))


def _refuse(curve: OrientationCurve, tai_ns: int, what: str, hint: str) -> NoReturn:
    def text(instant: int) -> str:
        return str(np.datetime64(int(instant) // 1_000_000_000, "s"))

    observed = np.flatnonzero(~curve.predicted)
    end = observed[-1] + 1 if observed.size and not curve.allow_predicted else -1
    raise CoverageError(
        f"an instant lies {what}",
        value=f"{text(tai_ns)} TAI",
        allowed=f"{text(curve.node_tai_ns[0])} to {text(curve.node_tai_ns[end])} TAI",
        where="tai_ns",
        hint=hint,
    )


def _require_plausible(name: str, values: NDArray[np.float64], days: NDArray[np.int64]) -> None:
    most = _MOST.get(name)
    if values.shape != days.shape:
        raise InputError(
            "a column of the Earth orientation table has another length",
            value=values.shape,
            allowed=str(days.shape),
            where=name,
        )
    if most is None:
        return
    bad = ~(np.abs(values) <= most)
    if np.any(bad):
        at = int(np.argmax(bad))
        raise InputError(
            "an Earth orientation value is not finite or too large to be meant",
            value=values[at],
            allowed=f"magnitude up to {most}",
            where=f"{name}, MJD {days[at]}",
            hint="check the unit: seconds and radians are expected",
        )
