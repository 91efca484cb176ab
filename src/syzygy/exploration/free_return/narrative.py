"""The paragraph of the report on free returns."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from syzygy.base.results import Narrative

if TYPE_CHECKING:
    from syzygy.exploration.free_return.study import FreeReturnResult


def describe_returns(result: FreeReturnResult) -> Narrative:
    """Return the words of a result."""
    return Narrative(_inputs(result), _models(result), _validity(result), _LIMITS)


def _inputs(result: FreeReturnResult) -> str:
    request = result.request
    return (
        f"{request.days().size} days from {result.utc(request.departure_begin_tai_ns, 0)[:10]}; site at "
        f"{math.degrees(request.site_latitude_rad):.3f} deg, {math.degrees(request.site_longitude_rad):.3f} "
        f"deg east; parking orbit of {request.parking_altitude_m / 1e3:g} km; families "
        f"{', '.join(request.families)}; entry at {request.entry_altitude_m / 1e3:g} km with "
        f"{math.degrees(request.entry_angle_rad):g} deg."
    )


def _models(result: FreeReturnResult) -> str:
    return (
        "Earth with J2 about the true pole, Moon and Sun from "
        f"{result.almanac.require_ephemeris().name}, integrated in TDB (Gauss-Radau, order 15). Each flight "
        "begins as a patched conic symmetric about the line from Earth to Moon and is corrected at its "
        "perilune, backwards to the parking orbit and forwards to the entry interface, until launch site, "
        "inclinations, perilune and angle of entry agree; then it is flown in one arc from injection."
    )


def _validity(result: FreeReturnResult) -> str:
    counts = Counter(row.verdict for row in result.rows)
    said = "; ".join(f"{verdict}: {count}" for verdict, count in sorted(counts.items()))
    checks = [row.flight.check_entry_m for row in result.rows if row.flight is not None]
    return (
        f"{len(result.rows)} rows ({said}). The largest difference at entry between two propagations of "
        f"different tolerance is {max(checks, default=0.0):.2g} m."
    )


_LIMITS = (
    "Burns are impulses, and one m/s at injection moves the way back by hundreds to thousands of kilometres: "
    "mid-course corrections are part of every real flight and are not modelled. Field of the Moon, sunlight "
    "and venting are left out. The landing is a range along the heading at entry, not an entry flight; no "
    "recovery area is checked."
)
