"""Launches years ahead: the Earth orientation continued at its last values where the request wants that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from syzygy.astro.almanac import Almanac
from syzygy.astro.time import EarthOrientation, format_utc
from syzygy.base.errors import CoverageError
from syzygy.exploration.lunar.launching import NS_PER_S, LaunchChoice

HOLD = "hold"
_MJD_1970 = 40_587
_DAY_NS = 86_400 * NS_PER_S
_MARGIN_D = 4
_HELD = (
    "ut1_minus_utc_s", "pole_x_rad", "pole_y_rad", "celestial_dx_rad", "celestial_dy_rad", "excess_lod_s",
)  # fmt: skip
_POLICY = ("earth_orientation_after_table", "held")


def hold_orientation(almanac: Almanac, choice: LaunchChoice, last_tai_ns: int) -> Almanac:
    """Return an Almanac that covers the flights of a request, where it asks to hold the orientation.

    UT1 - UTC, the pole and the celestial pole stay as on the last day of the table.  The policy is part of
    the identity of the Almanac; the rows count as predicted, so that predictions must be allowed.

    **Accuracy**: UT1 - UTC stays within 0.9 s by definition, so the site is misplaced by less than 1.8 s of
    turn (0.8 km at the equator) and the launch shifts by as much; the flight after injection does not.

    Raises
    ------
    CoverageError
        Days after the table, and the request refuses them.
    MissingDataError
        The Almanac has no Earth orientation.
    """
    if choice.beyond_earth_orientation != HOLD:
        _require_covered(almanac, choice)
        return almanac
    table = almanac.require_earth_orientation()
    last = int(last_tai_ns // _DAY_NS) + _MJD_1970 + _MARGIN_D
    days = np.arange(int(table.mjd_utc[-1]) + 1, last + 1, dtype=np.int64)
    if days.size == 0:
        return almanac
    held: dict[str, Any] = {name: np.full(days.size, getattr(table, name)[-1]) for name in _HELD}
    later = EarthOrientation(mjd_utc=days, predicted=np.ones(days.size, dtype=bool), **held)
    return replace(almanac, earth_orientation=table.extended_by(later), policies=(*almanac.policies, _POLICY))


def _require_covered(almanac: Almanac, choice: LaunchChoice) -> None:
    """Refuse days after the table before anything is computed, and say what can be done."""
    table = almanac.require_earth_orientation()
    last = int(choice.days()[-1] // _DAY_NS) + _MJD_1970
    if last > int(table.mjd_utc[-1]):
        raise CoverageError(
            "the days of launch lie after the Earth orientation table",
            value=format_utc(int(choice.days()[-1]), almanac.leap_seconds, 0),
            allowed=f"days up to the Modified Julian Date {int(table.mjd_utc[-1])}",
            where="departure_end",
            hint="with beyond_earth_orientation = hold its last values go on: the launch may shift by 1.8 s",
        )


def describe_held(almanac: Almanac) -> str:
    """Return a sentence with a blank before it where the orientation is held; else nothing."""
    if _POLICY not in almanac.policies:
        return ""
    return (
        " Earth orientation after its table is held at the last values (UT1 less than 1.8 s off): launches "
        "may shift by as much, flights do not; leap seconds to come are not known."
    )
