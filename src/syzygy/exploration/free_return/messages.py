"""The ephemeris (OEM) of the chosen free return, Earth-centred, ICRF, UTC."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syzygy.exploration.lunar.messages import ephemeris_message
from syzygy.formats.ccsds.composing import MessageHeader

if TYPE_CHECKING:
    from syzygy.exploration.free_return.study import FreeReturnResult


def write_messages(result: FreeReturnResult) -> dict[str, bytes]:
    """Return the OEM of the best free return; none when there is none."""
    best = result.best()
    if best is None or best[1].flight is None:
        return {}
    number, flight = best[0], best[1].flight
    said = (f"Row {number} of the table of returns; forces {flight.trajectory.force.sha256[:16]}",)
    header = MessageHeader("SYZYGY", result.request.departure_begin_tai_ns, comments=said)
    return {"free_return.oem": ephemeris_message(flight.trajectory, header, result.almanac)}
