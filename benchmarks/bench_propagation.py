"""Propagations per second beside SciPy's DOP853 (the halo beside heyoka too), and the error of every one.

One core, warm (kernels compiled, tables of the span made once and shared), best of five. SciPy integrates the
same compiled accelerations. The accuracy is the distance at the end from our run at a tolerance of 1e-11.
"""

from __future__ import annotations

import importlib.util
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from syzygy.astro.almanac import Almanac
from syzygy.astro.bodies import EARTH, MOON, SUN
from syzygy.astro.forces import FieldForce, ForceModel, ForceTables, PointMass
from syzygy.astro.frames import ICRF
from syzygy.astro.propagation.propagator import prepare_propagation, propagate
from syzygy.astro.propagation.three_body import (
    ThreeBodyPath,
    ThreeBodyPaths,
    ThreeBodyProblem,
    propagate_three_body,
    propagate_three_body_batch,
)
from syzygy.astro.states import States
from syzygy.astro.time import parse_utc
from syzygy.base.errors import MissingDataError
from syzygy.data import build_almanac
from syzygy.formats.gravity_field import read_gravity_field

REPEATS = 5
DAY_NS = 86_400 * 10**9
DISPERSED = 1_000
FLYBY = (1942919.5980941, 5505930.88636041, 3029830.44244464, -10424.78414045, 3009.34850747, 1216.32302113)
NRHO = (1.01969868348465, 0.0, -0.180445679013133, 0.0, -0.0981402354285, 0.0)
NRHO_PERIOD, MASS_RATIO = 1.480456936335, 0.01215058560962404
FINE, RELATIVE, HALO_TOLERANCE = 1e-11, 1e-13, 1e-14
HALOS = 64
TINY = np.array([1e-6, 1e-6, 1e-6, 1e-9, 1e-9, 1e-9])


@dataclass(frozen=True)
class Case:
    """One flight: where from, how long, under which forces."""

    task: str
    start: States
    end_tai_ns: int
    force: ForceModel
    tables: ForceTables
    almanac: Almanac
    tolerance: float

    def fly(self, tolerance: float | None = None) -> np.ndarray:
        """Return the position at the end."""
        (flight,) = propagate(
            self.start,
            self.end_tai_ns,
            self.force,
            self.almanac,
            tolerance=tolerance or self.tolerance,
            tables=self.tables,
        )
        return flight.states(self.end_tai_ns).position_m

    def fly_scipy(self) -> np.ndarray:
        """Return the position at the end by SciPy on the same accelerations."""
        from scipy.integrate import solve_ivp

        from syzygy.astro.forces import batch_kernels

        env, work = np.zeros(self.tables.environment_size), np.zeros(self.tables.work_size)
        out = np.empty((1, 3))
        model = self.tables.model

        def slope(t: float, y: np.ndarray) -> np.ndarray:
            at = np.array([t])
            batch_kernels.accelerations(at, y[None, :3], y[None, 3:], model, env, work, out)
            return np.concatenate([y[3:], out[0]])

        end = float(self.tables.clock.seconds(np.array([self.end_tai_ns]))[0])
        y = np.concatenate([self.start.position_m, self.start.velocity_m_s])
        answer = solve_ivp(slope, (0.0, end), y, method="DOP853", rtol=RELATIVE, atol=TINY)
        return np.asarray(answer.y[:3, -1])


def best_seconds(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the shortest of a few runs, after one that warms up."""
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def _case(
    task: str, state: np.ndarray, days: float, force: ForceModel, almanac: Almanac, tolerance: float
) -> Case:
    epoch = parse_utc("2026-04-02T00:00:00", almanac.leap_seconds)
    end = epoch + round(days * DAY_NS)
    start = States(state[:3], state[3:], np.array(epoch), ICRF, EARTH)
    return Case(
        task,
        start,
        end,
        force,
        prepare_propagation(epoch, end, force, almanac),
        almanac,
        tolerance,
    )


def _measure(case: Case) -> dict[str, object]:
    reference = case.fly(FINE)
    ours = best_seconds(case.fly)
    begin = time.perf_counter()
    peer_end = case.fly_scipy()
    peer = time.perf_counter() - begin
    error = np.linalg.norm(case.fly() - reference)
    peer_error = np.linalg.norm(peer_end - reference)
    return {
        "task": case.task,
        "ours": ours * 1e3,
        "peer": peer * 1e3,
        "peer_name": "SciPy DOP853, rtol 1e-13",
        "ratio": peer / ours,
        "unit": "ms",
        "accuracy": f"{error:.1e} m (peer {peer_error:.1e} m)",
    }


def _low_orbit(almanac: Almanac) -> list[dict[str, object]]:
    try:
        import satkit_data
    except ImportError:
        return []
    name = "EGM96.gfc"
    content = (Path(satkit_data.__file__).parent / "data" / name).read_bytes()
    field = read_gravity_field(content, name=name, max_degree=70)
    force = ForceModel(EARTH, fields=(FieldForce(EARTH, field),))
    radius = 6_878_137.0
    speed = math.sqrt(field.gm_m3_s2 / radius)
    state = np.array([radius, 0.0, 0.0, 0.0, speed * math.cos(1.7), speed * math.sin(1.7)])
    rows = []
    for tolerance in (1e-5, 1e-9):
        task = f"one day at 500 km, 70x70 field, tolerance {tolerance:g}"
        rows.append(_measure(_case(task, state, 1.0, force, almanac, tolerance)))
    return rows


def _dispersed(flyby: Case) -> dict[str, object]:
    random = np.random.default_rng(5)
    state = np.array(FLYBY)
    position = np.tile(state[:3], (DISPERSED, 1))
    velocity = state[3:] + random.normal(scale=0.1, size=(DISPERSED, 3))
    epoch = int(flyby.start.tai_ns)
    batch = States(position, velocity, np.full(DISPERSED, epoch), ICRF, EARTH)
    end = epoch + 5 * DAY_NS
    seconds = best_seconds(
        lambda: propagate(batch, end, flyby.force, flyby.almanac, tolerance=flyby.tolerance), 1
    )
    return {
        "task": "1,000 dispersed cislunar flights of 5 days, one core",
        "ours": seconds,
        "unit": "s",
        "accuracy": "as the fly-by",
    }


def _halo_scipy() -> np.ndarray:
    """Return the state after a period by SciPy."""
    from scipy.integrate import solve_ivp

    mu = MASS_RATIO

    def slope(_: float, s: np.ndarray) -> tuple[float, ...]:
        x, y, z, u, v, w = s
        a = (1 - mu) / ((x + mu) ** 2 + y * y + z * z) ** 1.5
        b = mu / ((x - 1 + mu) ** 2 + y * y + z * z) ** 1.5
        return (
            u, v, w, 2 * v + x - a * (x + mu) - b * (x - 1 + mu), y - 2 * u - (a + b) * y, -(a + b) * z,
        )  # fmt: skip

    answer = solve_ivp(slope, (0, NRHO_PERIOD), NRHO, method="DOP853", rtol=1e-13, atol=1e-13)
    return np.asarray(answer.y[:, -1])


def _halo_heyoka(lanes: int) -> Callable[[], np.ndarray]:
    """Return a function that flies the halo by heyoka, in one lane or in its own width of them."""
    import heyoka

    x, y, z, u, v, w = heyoka.make_vars("x", "y", "z", "u", "v", "w")
    mu = MASS_RATIO
    a = (1.0 - mu) * ((x + mu) ** 2 + y**2 + z**2) ** -1.5
    b = mu * ((x - 1.0 + mu) ** 2 + y**2 + z**2) ** -1.5
    equations = [
        (x, u), (y, v), (z, w), (u, 2.0 * v + x - a * (x + mu) - b * (x - 1.0 + mu)),
        (v, y - 2.0 * u - (a + b) * y), (w, -(a + b) * z),
    ]  # fmt: skip
    if lanes == 1:
        single = heyoka.taylor_adaptive(equations, list(NRHO), tol=HALO_TOLERANCE)

        def fly() -> np.ndarray:
            single.time, single.state[:] = 0.0, NRHO
            single.propagate_until(NRHO_PERIOD)
            return np.array(single.state)

        return fly
    starts = np.tile(np.array(NRHO)[:, None], (1, lanes))
    batch = heyoka.taylor_adaptive_batch(equations, starts, tol=HALO_TOLERANCE)

    def fly_lanes() -> np.ndarray:
        batch.set_time(0.0)
        batch.state[:] = starts
        batch.propagate_until(NRHO_PERIOD)
        return np.array(batch.state[:, 0])

    return fly_lanes


def _halo() -> list[dict[str, object]]:
    problem, start = ThreeBodyProblem(MASS_RATIO), np.array(NRHO)
    batch = np.tile(start, (HALOS, 1))

    def one() -> ThreeBodyPath:
        return propagate_three_body(problem, start, NRHO_PERIOD, tolerance=HALO_TOLERANCE)

    def many() -> ThreeBodyPaths:
        return propagate_three_body_batch(problem, batch, NRHO_PERIOD, tolerance=HALO_TOLERANCE)

    period = f"one period of the 9:2 NRHO, tolerance {HALO_TOLERANCE:g}"
    rows = [_halo_row(period, one, 1, "SciPy DOP853, rtol 1e-13", _halo_scipy, 1)]
    if importlib.util.find_spec("heyoka"):
        import heyoka

        width = max(heyoka.recommended_simd_size(), 1)
        name = f"heyoka {heyoka.__version__}"
        rows.append(_halo_row(period, one, 1, name, _halo_heyoka(1), 1))
        task = f"{period}, per flight of {HALOS}"
        rows.append(_halo_row(task, many, HALOS, f"{name}, batch of {width}", _halo_heyoka(width), width))
    else:
        rows.append(_halo_row(f"{period}, per flight of {HALOS}", many, HALOS, "", None, 1))
    return rows


def _halo_row(
    task: str,
    ours: Callable[[], ThreeBodyPath | ThreeBodyPaths],
    flights: int,
    name: str,
    peer: Callable[[], np.ndarray] | None,
    lanes: int,
) -> dict[str, object]:
    """Measure both by flight, dense output of ours included."""
    path = ours()
    end = path.states(NRHO_PERIOD) if isinstance(path, ThreeBodyPath) else path.stop_state
    error = np.abs(end - NRHO).max()
    mine = best_seconds(ours, 100) / flights
    row: dict[str, object] = {"task": task, "ours": mine * 1e6, "unit": "us"}
    if peer is None:
        return row | {"accuracy": f"closes to {error:.1e}"}
    theirs = best_seconds(peer, 100 if lanes > 1 or "heyoka" in name else 2) / lanes
    peer_error = np.abs(peer() - NRHO).max()
    accuracy = f"closes to {error:.1e} (peer {peer_error:.1e})"
    return row | {
        "peer": theirs * 1e6,
        "peer_name": name,
        "ratio": theirs / mine,
        "accuracy": accuracy,
    }


def run() -> list[dict[str, object]]:
    """Measure and return one row per task."""
    try:
        almanac = build_almanac(("earth_orientation", "ephemeris"))
    except MissingDataError as error:
        return [{"task": str(error)}]
    force = ForceModel(EARTH, third_bodies=(PointMass(MOON), PointMass(SUN)))
    flyby = _case(
        "lunar fly-by, 30 days, Earth Moon Sun on DE440", np.array(FLYBY), 30.0, force, almanac, 1e-7
    )
    setup = best_seconds(
        lambda: prepare_propagation(int(flyby.start.tai_ns), flyby.end_tai_ns, force, almanac)
    )
    row = {"task": "its set-up (tables of 30 days)", "ours": setup * 1e3, "unit": "ms"}
    return [_measure(flyby), row, *_low_orbit(almanac), *_halo(), _dispersed(flyby)]
