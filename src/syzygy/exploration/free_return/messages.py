"""Messages of the chosen free return: OEM and OPMs, Earth-centred, ICRF, UTC; a scene to look at (CZML)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syzygy.exploration.lunar.messages import ephemeris_message, state_message
from syzygy.exploration.lunar.scene import write_scene
from syzygy.formats.ccsds.composing import MessageHeader

if TYPE_CHECKING:
    from syzygy.exploration.free_return.study import FreeReturnResult


def write_messages(result: FreeReturnResult) -> dict[str, bytes]:
    """Return OEM, CZML, and OPMs of injection and entry of the best free return; none without one."""
    best = result.best()
    if best is None or best[1].flight is None:
        return {}
    number, flight = best[0], best[1].flight
    said = (f"Row {number} of the table of returns; forces {flight.trajectory.force.sha256[:16]}",)
    header = MessageHeader("SYZYGY", result.request.departure_begin_tai_ns, comments=said)
    path, almanac = flight.trajectory, result.almanac
    return {
        "free_return.oem": ephemeris_message(path, header, almanac),
        "injection.opm": state_message(path, flight.injection_tai_ns, header, almanac),
        "entry.opm": state_message(path, flight.entry.tai_ns, header, almanac),
        "free_return.czml": write_scene(path, almanac, name="FREE RETURN", words=said),
    }
