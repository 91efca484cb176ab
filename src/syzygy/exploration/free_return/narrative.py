"""The paragraph of the report on free returns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from syzygy.base.results import Narrative
from syzygy.exploration.lunar.days import count_verdicts, describe_integration, describe_launch

if TYPE_CHECKING:
    from syzygy.exploration.free_return.study import FreeReturnResult


def describe_returns(result: FreeReturnResult) -> Narrative:
    """Return the words of a result."""
    return Narrative(_inputs(result), _models(result), _validity(result), _LIMITS)


def _inputs(result: FreeReturnResult) -> str:
    request = result.request
    return (
        f"{describe_launch(request, result.utc(request.departure_begin_tai_ns, 0))}; families "
        f"{', '.join(request.families)}; entry at {request.entry_altitude_m / 1e3:g} km with "
        f"{math.degrees(request.entry_angle_rad):g} deg."
    )


def _models(result: FreeReturnResult) -> str:
    return (
        f"{describe_integration(result.almanac)} Each flight "
        "begins as a patched conic symmetric about the line from Earth to Moon and is corrected at its "
        "perilune, backwards to the parking orbit and forwards to the entry interface, until launch site, "
        "inclinations, perilune and angle of entry agree; then it is flown in one arc from injection."
    )


def _validity(result: FreeReturnResult) -> str:
    checks = [row.flight.check_entry_m for row in result.rows if row.flight is not None]
    return (
        f"{count_verdicts(result.rows)}. The largest difference at entry between two propagations of "
        f"different tolerance is {max(checks, default=0.0):.2g} m."
    )


_LIMITS = (
    "Burns are impulses, and one m/s at injection moves the way back by hundreds to thousands of kilometres: "
    "mid-course corrections are part of every real flight and are not modelled. Field of the Moon, sunlight "
    "and venting are left out. The landing is a range along the heading at entry, not an entry flight; no "
    "recovery area is checked."
)
