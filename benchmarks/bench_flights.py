"""Fly-by, drag, burns, events and mean orbits beside Orekit, a low orbit beside brahe too, with their errors.

One core, processor time of the best of three after one that warms up; the set-up is in all times.
Errors: of the air and of burns, the distance from our own flight at a tolerance of 1e-11, and of Orekit from
ours; of events, the time of an apsis against Kepler's equation; of mean orbits, the distance from a numerical
flight; of the fly-by and the low orbit, both from our own flight at a tolerance of 1e-11.
"""

from __future__ import annotations

import importlib.util
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.bench_propagation import FLYBY
from syzygy.astro.almanac import Almanac
from syzygy.astro.bodies import EARTH, MOON, SUN
from syzygy.astro.forces import Drag, FieldForce, ForceModel, PointMass
from syzygy.astro.frames import ICRF
from syzygy.astro.propagation.burns import FiniteBurn
from syzygy.astro.propagation.mean_orbits import propagate_mean
from syzygy.astro.propagation.propagator import propagate
from syzygy.astro.propagation.user_events import apsides
from syzygy.astro.states import States
from syzygy.astro.time import parse_utc
from syzygy.base.errors import MissingDataError
from syzygy.data import build_almanac
from syzygy.formats.gravity_field import read_gravity_field

EPOCH, FLYBY_EPOCH = "2024-04-15T00:00:00.000", "2026-04-02T00:00:00.000"
DAY_NS = 86_400 * 10**9
REPEATS = 3
LOW = (6_728_137.0, 0.0, 0.0, 0.0, 4784.531794619944, 6029.267058121195)
LOW_RADIUS_M = 6_878_137.0
A, E = 1.2e7, 0.4
BURN_S, THRUST_N, ISP_S, MASS_KG = (3_000.0, 3_600.0), 400.0, 310.0, 1_000.0
ORBIT = (42_164e3, 2e-4, 0.5)


def _best(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the shortest processor time (s) and the last answer."""
    answer = work()
    times = []
    for _ in range(REPEATS):
        begin = time.process_time()
        answer = work()
        times.append(time.process_time() - begin)
    return min(times), answer


def _row(task: str, ours_s: float, accuracy: str, peer_s: float | None, name: str) -> dict[str, object]:
    row: dict[str, object] = {"task": task, "ours": ours_s * 1e3, "unit": "ms", "accuracy": accuracy}
    if peer_s is not None:
        row |= {"peer": peer_s * 1e3, "peer_name": name, "ratio": peer_s / ours_s}
    return row


def _states(numbers: tuple[float, ...] | np.ndarray, epoch: int) -> States:
    state = np.array(numbers)
    return States(state[:3], state[3:], np.array(epoch), ICRF, EARTH)


def _field_file() -> Path:
    import satkit_data

    return Path(satkit_data.__file__).parent / "data" / "EGM96.gfc"


def _field(degree: int) -> Any:
    return read_gravity_field(_field_file().read_bytes(), name="EGM96.gfc", max_degree=degree)


def _air(almanac: Almanac, epoch: int, peer: Any) -> dict[str, object]:
    force = ForceModel(
        EARTH, fields=(FieldForce(EARTH, _field(20)),), time_variable="TT", drag=Drag(0.022, 150.0, 12.0)
    )

    def fly(tolerance: float = 1e-9) -> np.ndarray:
        (flight,) = propagate(_states(LOW, epoch), epoch + DAY_NS, force, almanac, tolerance=tolerance)
        return np.asarray(flight.states(epoch + DAY_NS).position_m)

    seconds, end = _best(fly)
    error = f"{np.linalg.norm(end - fly(1e-11)):.1e} m"
    found = None if peer is None else _best(lambda: peer.air(LOW))
    if found is not None:
        error += f" (peer from ours {np.linalg.norm(found[1] - end):.1e} m)"
    task = "one day in air at 350 km, NRLMSISE-00, 20x20"
    return _row(task, seconds, error, found and found[0], "Orekit, DP853")


def _low_orbit(almanac: Almanac, epoch: int, peer: Any) -> list[dict[str, object]]:
    field = _field(70)
    force = ForceModel(EARTH, fields=(FieldForce(EARTH, field),), time_variable="TT")
    speed = math.sqrt(field.gm_m3_s2 / LOW_RADIUS_M)
    state = np.array([LOW_RADIUS_M, 0.0, 0.0, 0.0, speed * math.cos(1.7), speed * math.sin(1.7)])

    def fly(tolerance: float = 1e-5) -> np.ndarray:
        (flight,) = propagate(_states(state, epoch), epoch + DAY_NS, force, almanac, tolerance=tolerance)
        return np.asarray(flight.states(epoch + DAY_NS).position_m)

    seconds, end = _best(fly)
    truth = fly(1e-11)
    peers: dict[str, Callable[[], np.ndarray]] = {}
    if importlib.util.find_spec("brahe"):
        from benchmarks.peers.brahe_flights import prepare_low_orbit

        peers["brahe, RKN12(10)"] = prepare_low_orbit(EPOCH + "Z", state, 86_400.0, _field_file(), 70)
    if peer is not None:
        peers["Orekit, DP853"] = lambda: peer.low_orbit(state)
    return _beside("one day at 500 km, 70x70 field", seconds, end, truth, peers)


def _flyby(almanac: Almanac, _epoch: int, peer: Any) -> list[dict[str, object]]:
    gms = {} if peer is None else peer.masses("Earth", "Moon", "Sun")
    points = tuple(PointMass(body, gms.get(name, 0.0)) for name, body in (("Moon", MOON), ("Sun", SUN)))
    force = ForceModel(EARTH, third_bodies=points, time_variable="TT", gm_m3_s2=gms.get("Earth", 0.0))
    begin = parse_utc(FLYBY_EPOCH, almanac.leap_seconds)
    end = begin + 30 * DAY_NS

    def fly(tolerance: float = 1e-7) -> np.ndarray:
        (flight,) = propagate(_states(FLYBY, begin), end, force, almanac, tolerance=tolerance)
        return np.asarray(flight.states(end).position_m)

    seconds, place = _best(fly)
    peers = {} if peer is None else {"Orekit, DP853": lambda: peer.flyby(np.array(FLYBY))}
    return _beside("30 days by the Moon, with set-up", seconds, place, fly(1e-11), peers)


def _beside(
    task: str, ours_s: float, end: np.ndarray, truth: np.ndarray, peers: dict[str, Callable[[], np.ndarray]]
) -> list[dict[str, object]]:
    """Return a row for each peer, or one without any."""
    error = f"{np.linalg.norm(end - truth):.1e} m"
    rows = []
    for name, work in peers.items():
        peer_s, place = _best(work)
        words = f"{error} (peer {np.linalg.norm(place - truth):.1e} m)"
        rows.append(_row(task, ours_s, words, peer_s, name))
    return rows or [_row(task, ours_s, error, None, "")]


def _burn(almanac: Almanac, epoch: int, peer: Any) -> dict[str, object]:
    force = ForceModel(EARTH, time_variable="TT")
    start = _kepler(force.effective_gm_m3_s2)
    edges = [epoch + round(second * 1e9) for second in BURN_S]
    burn = FiniteBurn(edges[0], edges[1], THRUST_N, ISP_S, (1.0, 0.2, 0.1))
    end = epoch + DAY_NS

    def fly(tolerance: float = 1e-9) -> np.ndarray:
        (flight,) = propagate(
            _states(start, epoch), end, force, almanac, tolerance=tolerance, burns=(burn,), mass_kg=MASS_KG
        )
        return np.asarray(flight.states(end).position_m)

    seconds, place = _best(fly)
    error = f"{np.linalg.norm(place - fly(1e-11)):.1e} m"
    found = None if peer is None else _best(lambda: peer.burn(start, force.effective_gm_m3_s2))
    if found is not None:
        error += f" (peer from ours {np.linalg.norm(found[1] - place):.1e} m)"
    return _row("one day with a burn of 10 min", seconds, error, found and found[0], "Orekit, DP853")


def _events(almanac: Almanac, epoch: int, peer: Any) -> dict[str, object]:
    force = ForceModel(EARTH, time_variable="TT")
    gm = force.effective_gm_m3_s2
    start = _kepler(gm)
    period = 2.0 * math.pi * math.sqrt(A**3 / gm)
    truth = (np.arange(1, 2_001) * math.pi - 0.3) / (2.0 * math.pi) * period

    def fly() -> np.ndarray:
        (flight,) = propagate(
            _states(start, epoch), epoch + 10 * DAY_NS, force, almanac, events=(apsides(EARTH),)
        )
        return np.array([found.elapsed_s for found in flight.occurrences])

    seconds, times = _best(fly)
    error = f"{np.abs(times - truth[: times.size]).max():.1e} s"
    found = None if peer is None else _best(lambda: peer.apsides(start, gm))
    if found is not None:
        error += f" (peer {np.abs(found[1] - truth[: found[1].size]).max():.1e} s)"
    return _row(
        f"{times.size} apsides in 10 days",
        seconds,
        error,
        found and found[0],
        "Orekit, DP853, ApsideDetector",
    )


def _mean(almanac: Almanac, epoch: int, peer: Any) -> dict[str, object]:
    zonal = _field(4).truncate(4, 0)
    third = (PointMass(MOON), PointMass(SUN))
    force = ForceModel(EARTH, third_bodies=third, fields=(FieldForce(EARTH, zonal),), time_variable="TT")
    end = epoch + 365 * DAY_NS
    start, peer_end, peer_s = np.array(LOW), None, None
    if peer is not None:
        start = peer.geostationary()
        peer_s, peer_end = _best(lambda: peer.mean(365.0))
    else:
        speed = math.sqrt(zonal.gm_m3_s2 / ORBIT[0])
        start = np.array([ORBIT[0], 0.0, 0.0, 0.0, speed, 0.005 * speed])
    states = _states(start, epoch)
    seconds, flight = _best(lambda: propagate_mean(states, end, force, almanac)[0])
    (truth,) = propagate(states, end, force, almanac)
    place = truth.states(end).position_m
    error = f"{np.linalg.norm(flight.states(end).position_m - place):.1e} m"
    if peer_end is not None:
        error += f" (peer {np.linalg.norm(peer_end - place):.1e} m)"
    return _row("mean orbit, GEO, 365 days", seconds, error, peer_s, "Orekit DSST")


def _kepler(gm: float) -> np.ndarray:
    mean, big = 0.3, 0.3
    for _ in range(30):
        big -= (big - E * math.sin(big) - mean) / (1.0 - E * math.cos(big))
    b, rate = A * math.sqrt(1.0 - E * E), math.sqrt(gm / A**3) / (1.0 - E * math.cos(big))
    return np.array(
        [
            A * (math.cos(big) - E),
            b * math.sin(big),
            0.0,
            -A * math.sin(big) * rate,
            b * math.cos(big) * rate,
            0.0,
        ]
    )


class _Orekit:
    """The same tasks in Orekit."""

    def __init__(self) -> None:
        from benchmarks.peers.orekit_peer import start_orekit

        start_orekit()
        from benchmarks.peers import orekit_craft, orekit_flights

        self._craft, self._flights = orekit_craft, orekit_flights

    def _start(self, state: np.ndarray | tuple[float, ...], gm: float, epoch: str = EPOCH) -> Any:
        return self._craft._orbit({"epoch_utc": epoch, "start_m_m_s": [float(x) for x in state]}, gm)

    def _end(self, propagator: Any, seconds: float, epoch: str = EPOCH) -> np.ndarray:
        found = propagator.propagate(self._craft._date(epoch).shiftedBy(seconds))
        return np.array(self._craft._state(found)[:3])

    def air(self, state: tuple[float, ...]) -> np.ndarray:
        field, described = self._flights._earth_field(20)
        forces = [field, self._craft._air(0.022)]
        orbit = self._start(state, described["gm_m3_s2"])
        return self._end(self._craft._numerical(orbit, forces, 300.0, 1e-5, MASS_KG, None), 86_400.0)

    def low_orbit(self, state: np.ndarray) -> np.ndarray:
        field, described = self._flights._earth_field(70)
        orbit = self._start(state, described["gm_m3_s2"])
        return self._end(self._craft._numerical(orbit, [field], 30.0, 1e-6, MASS_KG, None), 86_400.0)

    def masses(self, *names: str) -> dict[str, float]:
        return {name: float(self._flights._own_body(name, 0.0).getGM()) for name in names}

    def flyby(self, state: np.ndarray) -> np.ndarray:
        from org.orekit.forces.gravity import NewtonianAttraction

        third, _ = self._flights._third("Moon", "Sun")
        gm = self.masses("Earth")["Earth"]
        forces = [*third, NewtonianAttraction(gm)]
        orbit = self._start(state, gm, FLYBY_EPOCH)
        propagator = self._craft._numerical(orbit, forces, 86_400.0, 1e-6, MASS_KG, None)
        return self._end(propagator, 30 * 86_400.0, FLYBY_EPOCH)

    def burn(self, state: np.ndarray, gm: float) -> np.ndarray:
        from org.hipparchus.geometry.euclidean.threed import Rotation, Vector3D
        from org.orekit.attitudes import FrameAlignedProvider
        from org.orekit.forces.gravity import NewtonianAttraction
        from org.orekit.forces.maneuvers import ConstantThrustManeuver
        from org.orekit.frames import FramesFactory

        law = FrameAlignedProvider(Rotation.IDENTITY, FramesFactory.getGCRF())
        begin = self._craft._date(EPOCH).shiftedBy(BURN_S[0])
        ahead = Vector3D(1.0, 0.2, 0.1).normalize()
        thrust = ConstantThrustManeuver(begin, BURN_S[1] - BURN_S[0], THRUST_N, ISP_S, law, ahead)
        forces = [thrust, NewtonianAttraction(gm)]
        orbit = self._start(state, gm)
        return self._end(self._craft._numerical(orbit, forces, 300.0, 1e-6, MASS_KG, law), 86_400.0)

    def apsides(self, state: np.ndarray, gm: float) -> np.ndarray:
        from org.orekit.forces.gravity import NewtonianAttraction
        from org.orekit.propagation.events import ApsideDetector, EventsLogger
        from org.orekit.propagation.events.handlers import ContinueOnEvent

        orbit = self._start(state, gm)
        propagator = self._craft._numerical(orbit, [NewtonianAttraction(gm)], 600.0, 1e-6, MASS_KG, None)
        logger = EventsLogger()
        detector = ApsideDetector(orbit).withHandler(ContinueOnEvent()).withThreshold(1e-7)
        propagator.addEventDetector(logger.monitorDetector(detector))
        begin = self._craft._date(EPOCH)
        propagator.propagate(begin.shiftedBy(864_000.0))
        return np.array([float(e.getDate().durationFrom(begin)) for e in logger.getLoggedEvents()])

    def geostationary(self) -> np.ndarray:
        """Return the osculating state that belongs to the mean elements."""
        return np.array(self._craft._state(self._craft.mean_propagator(ORBIT, False)[1]))

    def mean(self, days: float) -> np.ndarray:
        return self._end(self._craft.mean_propagator(ORBIT, False)[0], days * 86_400.0)


def run() -> list[dict[str, object]]:
    """Measure and return one row per task."""
    try:
        almanac = build_almanac(("leap_seconds", "earth_orientation", "ephemeris"))
        import satkit_data  # noqa: F401
    except (MissingDataError, ImportError) as error:
        return [{"task": str(error)}]
    epoch = parse_utc(EPOCH, almanac.leap_seconds)
    peer = _Orekit() if importlib.util.find_spec("orekit_jpype") else None
    rows = _flyby(almanac, epoch, peer) + _low_orbit(almanac, epoch, peer)
    return rows + [task(almanac, epoch, peer) for task in (_air, _burn, _events, _mean)]
