"""Messages of a plan: burns (OPM), the new orbit (OEM), the event before and encounters after it (CDM)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.propagation.tabulated import TabulatedTrajectory
from syzygy.astro.states import States
from syzygy.debris.avoidance.handover import HandedEncounter, Handover
from syzygy.debris.avoidance.result import AvoidanceResult
from syzygy.debris.event_messages import invention_warning
from syzygy.debris.probability.cases import INVENTED
from syzygy.formats.ccsds.composing import MessageHeader
from syzygy.formats.ccsds.conjunctions import (
    ConjunctionObject,
    make_conjunction,
    object_metadata,
    rtn_covariance,
    write_conjunction,
)
from syzygy.formats.ccsds.ephemerides import make_segment, write_ephemeris
from syzygy.formats.ccsds.orbits import Maneuver, OrbitParameters, write_orbit_parameters
from syzygy.formats.ccsds.typed import Section

_ORIGINATOR = "SYZYGY"
_DEGREE = 7
_DEFAULT_MASS_KG = 1000.0


def write_messages(result: AvoidanceResult) -> dict[str, bytes]:
    """Return the messages of a result by file name; without a plan only the event itself."""
    over = result.handover
    made = {"event_before.cdm": _conjunction(over, over.before, "BEFORE")}
    if over.start is None:
        return made
    made["plan.opm"] = _plan(over)
    made["new_orbit.oem"] = _orbit(over)
    for number, met in enumerate(over.encounters, start=1):
        made[f"encounter_{number:02d}_{met.other_id}.cdm"] = _conjunction(over, met, f"AFTER-{number:02d}")
    return made


def _header(over: Handover, word: str, *comments: str) -> MessageHeader:
    return MessageHeader(
        _ORIGINATOR, over.created_tai_ns, message_id=f"AVOIDANCE-{over.own_id}-{word}", comments=comments
    )


def _plan(over: Handover) -> bytes:
    mass = over.mass_kg or _DEFAULT_MASS_KG
    source = "given" if over.mass_kg else "NOT KNOWN: a placeholder, as the format demands a mass"
    burns = tuple(
        Maneuver(int(at), 0.0, 0.0, impulse, "RTN")
        for at, impulse in zip(over.burn_tai_ns.tolist(), over.impulse_rtn_m_s, strict=True)
    )
    orbit = OrbitParameters(
        over.own_name, over.own_designator or str(over.own_id), _required(over.start),
        spacecraft=Section({"MASS": mass}, (f"mass {source}",)), maneuvers=burns,
    )  # fmt: skip
    header = _header(
        over, "OPM", "avoidance plan: state before the first burn, impulses; change of mass not modelled"
    )
    return write_orbit_parameters(orbit, header, over.leap_seconds)


def _orbit(over: Handover) -> bytes:
    segments = [
        make_segment(
            over.own_name, over.own_designator or str(over.own_id),
            TabulatedTrajectory(
                states, (int(states.tai_ns[0]), int(states.tai_ns[-1])), "HERMITE", _DEGREE
            ),
        )
        for states in over.legs
    ]  # fmt: skip
    header = _header(over, "OEM", "orbit with the plan, SGP4 turned to EME2000; segments change at the burns")
    return write_ephemeris(segments, header, over.leap_seconds)


def _conjunction(over: Handover, met: HandedEncounter, word: str) -> bytes:
    source = met.covariance_source
    own = _object(met.own, met.own_m2, str(over.own_id), over.own_name, over.own_designator, "YES", source)
    other = _object(
        met.other, met.other_m2, str(met.other_id), met.other_name, met.other_designator, "N/A", source
    )
    conjunction = make_conjunction(
        own, other,
        more={"COLLISION_PROBABILITY": met.probability, "COLLISION_PROBABILITY_METHOD": "FOSTER-1992"},
        comments=(
            f"HBR = {over.radius_m:.3f} [m]", f"radius: {over.radius_source}", *invention_warning((source,))
        ),
    )  # fmt: skip
    header = _header(over, word, f"covariance: {source}", "velocity covariance not known: written as zero")
    return write_conjunction(conjunction, over.leap_seconds, header=header)


def _object(
    states: States,
    position_m2: NDArray[np.float64],
    number: str,
    name: str,
    designator: str,
    manoeuvrable: str,
    source: str,
) -> ConjunctionObject:
    full = np.zeros((6, 6))
    full[:3, :3] = position_m2
    metadata = object_metadata(
        number, name, international_designator=designator or "UNKNOWN",
        covariance_method="DEFAULT" if source.startswith(INVENTED) else "CALCULATED",
        maneuverable=manoeuvrable,
    )  # fmt: skip
    return ConjunctionObject(
        states, rtn_covariance(states, full), Section(metadata.values, (f"Covariance: {source}",))
    )


def _required(states: States | None) -> States:
    if states is None:  # pragma: no cover - the caller asks only with a plan
        raise ValueError("no plan")
    return states
