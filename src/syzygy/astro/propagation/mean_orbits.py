"""Mean orbits: the forces averaged over a revolution, for years of an orbit in seconds.

The same force description as for `propagate` is averaged by quadrature over the eccentric longitude, with the
instant held.  The periodic part over a revolution follows from the same values by their Fourier series; the
rates are then averaged once more along the orbit with this part added, which makes them right to the second
order of the flattening.  Osculating states are mean elements plus the periodic part.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.constants import EARTH_ROTATION_RATE_NOMINAL_RAD_S
from syzygy.astro.forces import ForceModel, ForceTables, tabulate_forces
from syzygy.astro.forces.accelerations import require_states
from syzygy.astro.forces.air import Air, prepare_air
from syzygy.astro.frames import ICRF, earth_rotation_matrices
from syzygy.astro.propagation.equinoctial import (
    eccentric_longitude,
    equinoctial_from_state,
    gauss_rates,
    state_from_equinoctial,
)
from syzygy.astro.propagation.propagator import propagate
from syzygy.astro.states import States
from syzygy.base.errors import ComputationError, CoverageError, InputError

Doubles = NDArray[np.float64]

DEFAULT_TOLERANCE = 1e-7
_NODES_ROUND, _NODES, _NODES_AIR, _NODES_LIGHT = 32, 64, 192, 360
_ROUND = 0.02
_MARGIN_REVOLUTIONS = 3.0
_FITTED, _FITTED_REVOLUTIONS, _FIT_ROUNDS = 33, 2.0, 2
_MOST_ECCENTRIC = 0.95
_TURN = 2.0 * np.pi
_DAY_S, _GOLDEN = 86_400.0, 0.6180339887498949


@dataclass(frozen=True, eq=False)
class MeanFlight:
    """A mean orbit between two instants.

    Attributes
    ----------
    force : ForceModel
    almanac_sha256 : str
    span_tai_ns : tuple of int
        First and last instant; the last is earlier than asked for where the orbit decayed.
    decayed : bool
        Whether the mean periapsis came down to the height at which the flight was to end.
    evaluations : int
        Averagings over a revolution.
    """

    force: ForceModel
    almanac_sha256: str
    span_tai_ns: tuple[int, int]
    decayed: bool
    evaluations: int
    average: Average
    solution: Any

    def mean_elements(self, tai_ns: NDArray[np.int64] | int) -> Doubles:
        """Return mean equinoctial elements (n, 6): a (m), h, k, p, q, mean longitude (rad, not reduced).

        Raises
        ------
        CoverageError
        """
        return self._mean(self._seconds(tai_ns))

    def states(self, tai_ns: NDArray[np.int64] | int) -> States:
        """Return osculating states at instants, ICRF about the centre."""
        instants = np.atleast_1d(np.asarray(tai_ns, dtype=np.int64))
        seconds = self._seconds(instants)
        rows = self._mean(seconds)
        found = [self.average.osculating(t, z) for t, z in zip(seconds.tolist(), rows, strict=True)]
        position, velocity = state_from_equinoctial(np.array(found), self.average.gm_m3_s2)
        shape = np.shape(tai_ns)
        return States(
            position.reshape(*shape, 3), velocity.reshape(*shape, 3), instants.reshape(shape), ICRF,
            self.force.centre,
        )  # fmt: skip

    def _mean(self, seconds: Doubles) -> Doubles:
        return self.average.unpack(seconds, np.atleast_2d(self.solution(seconds).T))

    def _seconds(self, tai_ns: NDArray[np.int64] | int) -> Doubles:
        instants = np.atleast_1d(np.asarray(tai_ns, dtype=np.int64))
        first, last = self.span_tai_ns
        if bool((instants < first).any() or (instants > last).any()):
            raise CoverageError(
                "an instant lies outside of the mean orbit",
                value=f"{int(instants.min())} to {int(instants.max())} (TAI ns)",
                allowed=f"{first} to {last}", where="MeanFlight",
            )  # fmt: skip
        return self.average.tables.clock.seconds(instants)


@dataclass(frozen=True, eq=False)
class Average:
    """The forces averaged over a revolution: rates of mean elements, and the periodic part."""

    tables: ForceTables
    air: Air | None
    almanac: Almanac
    gm_m3_s2: float
    first_m: float
    nodes: int

    def motion_rad_s(self, a_m: Doubles | float) -> Doubles:
        """Return the mean motion."""
        return np.asarray(np.sqrt(self.gm_m3_s2 / np.asarray(a_m) ** 3))

    def unpack(self, seconds: Doubles, rows: Doubles) -> Doubles:
        """Return elements of integrated numbers: a by its first value, longitude less that of the start."""
        found = rows.copy()
        found[:, 0] *= self.first_m
        found[:, 5] += float(self.motion_rad_s(self.first_m)) * seconds
        return found

    def slope(self, t: float, row: Doubles) -> Doubles:
        """Return the derivatives of integrated numbers."""
        z = self.unpack(np.array([t]), row[None, :])[0]
        rates = self.rates(t, z)
        rates[5] -= float(self.motion_rad_s(self.first_m))
        rates[0] /= self.first_m
        return rates

    def rates(self, t: float, mean: Doubles) -> Doubles:
        """Return the rates (6,) of mean elements, to the second order."""
        f, weight, rows = self._ring(mean)
        part = self._periodic(mean, f, weight, self._disturb(t, rows))
        moved = rows + part
        rates = weight @ self._disturb(t, moved)
        rates[5] += float(weight @ self.motion_rad_s(moved[:, 0]))
        return np.asarray(rates)

    def osculating(self, t: float, mean: Doubles) -> Doubles:
        """Return the elements (6,) with the periodic part of the first order."""
        f, weight, rows = self._ring(mean)
        part = self._periodic(mean, f, weight, self._disturb(t, rows))
        at = float(eccentric_longitude(mean[1], mean[2], mean[5]))
        order = np.fft.fftfreq(self.nodes, 1.0 / self.nodes)
        order[self.nodes // 2] = 0.0
        wave = np.exp(1j * order * (at - f[0])) / self.nodes
        return np.asarray(mean + np.real(wave @ np.fft.fft(part, axis=0)))

    def _ring(self, mean: Doubles) -> tuple[Doubles, Doubles, Doubles]:
        """Return eccentric longitudes, weights of equal mean longitude, and elements (n, 6) on the orbit."""
        f = _TURN * np.arange(self.nodes) / self.nodes
        h, k = mean[1], mean[2]
        rows = np.tile(mean, (self.nodes, 1))
        rows[:, 5] = f + h * np.cos(f) - k * np.sin(f)
        return f, (1.0 - h * np.sin(f) - k * np.cos(f)) / self.nodes, rows

    def _disturb(self, t: float, rows: Doubles) -> Doubles:
        """Return the rates (n, 6) by the disturbing forces, the instant held."""
        from syzygy.astro.forces import batch_kernels

        position, velocity = state_from_equinoctial(rows, self.gm_m3_s2)
        tables, out = self.tables, np.empty_like(position)
        batch_kernels.accelerations(
            np.full(self.nodes, t), position, velocity, tables.model, np.zeros(tables.environment_size),
            np.zeros(tables.work_size), out,
        )  # fmt: skip
        r = np.linalg.norm(position, axis=1)
        out += (self.gm_m3_s2 / r**3)[:, None] * position
        if self.air is not None:
            out += self._drag(t, position, velocity)
        return gauss_rates(rows, position, velocity, out, self.gm_m3_s2)

    def _drag(self, t: float, position: Doubles, velocity: Doubles) -> Doubles:
        air = self.air
        if air is None:
            return np.zeros_like(position)
        instant = self.tables.clock.tai_ns(np.array([t]))
        turn = earth_rotation_matrices(instant, self.almanac)[0][0]
        x, y, z = turn @ position.T
        # The turn of the Earth is averaged too: each place on the orbit at another hour of the day.
        later_s = _DAY_S * ((_GOLDEN * np.arange(self.nodes)) % 1.0 - 0.5)
        cosine, sine = np.cos(_TURN * later_s / _DAY_S), np.sin(_TURN * later_s / _DAY_S)
        fixed = np.stack([cosine * x + sine * y, cosine * y - sine * x, z], axis=1)
        density = air.density_fixed_kg_m3(instant + np.rint(later_s * 1e9).astype(np.int64), fixed)
        wind = velocity - np.cross(EARTH_ROTATION_RATE_NOMINAL_RAD_S * turn[2], position)
        speed = np.linalg.norm(wind, axis=1)
        return np.asarray((-0.5 * air.drag.area_to_mass_m2_kg * density * speed)[:, None] * wind)

    def _periodic(self, mean: Doubles, f: Doubles, weight: Doubles, rates: Doubles) -> Doubles:
        """Return the periodic part (n, 6) of the first order, without mean over the mean longitude."""
        motion = float(self.motion_rad_s(mean[0]))
        part = _integral((rates - weight @ rates) * (weight * self.nodes)[:, None] / motion)
        part -= weight @ part
        drift = -1.5 / mean[0] * part[:, :1] * (weight * self.nodes)[:, None]
        part[:, 5:] += _integral(drift)
        part[:, 5] -= weight @ part[:, 5]
        return part


def propagate_mean(
    states: States,
    end_tai_ns: int,
    force: ForceModel,
    almanac: Almanac,
    *,
    tolerance: float = DEFAULT_TOLERANCE,
    lowest_altitude_m: float = 120e3,
    nodes: int = 0,
) -> tuple[MeanFlight, ...]:
    """Propagate mean elements from osculating states to one end.

    Parameters
    ----------
    states : States
        (3,) or (n, 3), bound, ICRF about the centre of the force model.
    end_tai_ns : int
        After the instants.
    force : ForceModel
        Zonal fields only: what turns with the body averages out unless it is in resonance, which is not
        modelled.
    almanac : Almanac
    tolerance : float
        Relative, of the integration of mean elements.
    lowest_altitude_m : float
        The flight ends where the mean periapsis comes down to this height.
    nodes : int
        Of the quadrature; 0 chooses 32 near a circle, else 64 (in air 192); 360 in sunlight with shadows.

    Raises
    ------
    InputError
        An unbound or too eccentric orbit, a field that is not zonal, an end before the start.
    FrameError, CoverageError, MissingDataError
        As `propagate`.

    Notes
    -----
    **Accuracy** (tests/astro/test_mean_orbits.py), farthest from our own numerical flight: 0.2 km in 60 days
    at 700 km, 53 km in 60 days of a GTO (5 s along the track at perigee), 3.5 km in 365 days of a GEO, 0.4 km
    in 20 days at 420 km in air, 0.5 km in 60 days of a GEO in sunlight.  Orekit's DSST: plane and shape.
    The forces of a revolution are taken at one instant: it must be short beside the month.  Without air a
    numerical flight is faster (a GEO year in 0.5 s, here 4 s); in air this is (30 days in 3.6 s, there 5 s).

    **Source**: averaging of Krylov and Bogoliubov to the second order; by quadrature: Ely, Mean element
    propagations using numerical averaging, J. Astronaut. Sci. 61 (2014).
    """
    require_states(states, force, "propagate_mean")
    _require_zonal(force)
    position = states.position_m.reshape(-1, 3)
    velocity = states.velocity_m_s.reshape(-1, 3)
    instants = np.broadcast_to(states.tai_ns, states.position_m.shape[:-1]).ravel()
    found: list[MeanFlight] = []
    for r, v, epoch in zip(position, velocity, instants.tolist(), strict=True):
        first = States(r, v, np.asarray(epoch), ICRF, force.centre)
        found.append(_fly(first, end_tai_ns, force, almanac, (tolerance, lowest_altitude_m), nodes))
    return tuple(found)


def _fly(
    first: States,
    end_tai_ns: int,
    force: ForceModel,
    almanac: Almanac,
    limits: tuple[float, float],
    nodes: int,
) -> MeanFlight:
    from scipy.integrate import solve_ivp

    epoch = int(first.tai_ns)
    _require_bound(first, force.effective_gm_m3_s2, end_tai_ns)
    elements = equinoctial_from_state(first.position_m, first.velocity_m_s, force.effective_gm_m3_s2)
    average = _prepare(elements, epoch, end_tai_ns, force, almanac, nodes)
    start = _first_mean(first, elements, average, force)
    floor_m = force.centre.radius_m + limits[1]

    def periapsis(t: float, row: Doubles) -> float:
        return float(average.first_m * row[0] * (1.0 - np.hypot(row[1], row[2])) - floor_m)

    periapsis.terminal = True  # type: ignore[attr-defined]
    end_s = float(average.tables.clock.seconds(np.array([end_tai_ns]))[0])
    scales = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 10.0]) * limits[0]
    answer = solve_ivp(
        average.slope, (0.0, end_s), start, method="DOP853", rtol=limits[0], atol=scales, dense_output=True,
        events=periapsis, first_step=min(end_s, 43_200.0),
    )  # fmt: skip
    if answer.status < 0:
        raise ComputationError(
            "the mean orbit could not be integrated", value=str(answer.message), where="propagate_mean",
            hint="the orbit decays here: give a greater lowest_altitude_m",
        )  # fmt: skip
    last = int(average.tables.clock.tai_ns(answer.t[-1:])[0])
    span = (epoch, min(last, end_tai_ns) if answer.status == 1 else end_tai_ns)
    return MeanFlight(force, almanac.sha256, span, answer.status == 1, int(answer.nfev), average, answer.sol)


def _prepare(
    elements: Doubles, epoch: int, end: int, force: ForceModel, almanac: Almanac, nodes: int
) -> Average:
    gm = force.effective_gm_m3_s2
    margin = _MARGIN_REVOLUTIONS * _TURN * float(np.sqrt(elements[0] ** 3 / gm))
    tables = tabulate_forces(
        replace(force, drag=None), almanac, epoch, -1e-2, max((end - epoch) / 1e9, margin) + margin
    )
    air = prepare_air(force.drag, almanac, tables.clock) if force.drag is not None else None
    eccentric = float(np.hypot(elements[1], elements[2])) > _ROUND
    count = (_NODES if air is None else _NODES_AIR) if eccentric else _NODES_ROUND
    if (force.sunlight is not None or force.plates is not None) and force.occulters:
        count = _NODES_LIGHT
    return Average(tables, air, almanac, gm, float(elements[0]), nodes or count)


def _first_mean(first: States, elements: Doubles, average: Average, force: ForceModel) -> Doubles:
    """Return the integrated numbers at the start: mean over two revolutions of a numerical flight.

    What is left of the periodic part beyond the first order averages out over them.
    """
    t = average.tables.clock
    mean = elements.copy()
    for _ in range(8):
        change = average.osculating(0.0, mean) - elements
        mean = mean - change
        if np.abs(change / [elements[0], 1, 1, 1, 1, 1]).max() < 1e-13:
            break
    span_s = _FITTED_REVOLUTIONS * _TURN / float(average.motion_rad_s(mean[0]))
    end = int(t.tai_ns(np.array([span_s]))[0])
    (flight,) = propagate(first, end, force, average.almanac)
    seconds = span_s * (np.arange(_FITTED) + 0.5) / _FITTED
    instants = t.tai_ns(seconds)
    seen = flight.states(instants)
    truth = equinoctial_from_state(seen.position_m, seen.velocity_m_s, average.gm_m3_s2)
    for _ in range(_FIT_ROUNDS):
        rates = average.rates(0.0, mean)
        middle = average.rates(0.5 * span_s, mean + 0.5 * span_s * rates)
        path = mean + seconds[:, None] * middle
        model = np.array([average.osculating(s, row) for s, row in zip(seconds.tolist(), path, strict=True)])
        apart = truth - model
        apart[:, 5] = (apart[:, 5] + np.pi) % _TURN - np.pi
        mean = mean + apart.mean(axis=0)
    mean[0] /= average.first_m
    return mean


def _integral(values: Doubles) -> Doubles:
    """Return the periodic integral over the angle of evenly sampled values (n, m) without their mean."""
    count = values.shape[0]
    order = np.fft.fftfreq(count, 1.0 / count)
    order[0] = 1.0
    waves = np.fft.fft(values, axis=0) / (1j * order)[:, None]
    waves[[0, count // 2]] = 0.0
    return np.real(np.fft.ifft(waves, axis=0))


def _require_zonal(force: ForceModel) -> None:
    for item in force.fields:
        if bool((item.field.cosine[:, 1:] != 0.0).any() or (item.field.sine != 0.0).any()):
            raise InputError(
                "a mean orbit takes zonal fields only", value=f"{item.field.name} of {item.body.name}",
                allowed="coefficients of order 0", where="propagate_mean",
                hint="give field.truncate(degree, 0), and use propagate() where tesserals matter (resonance)",
            )  # fmt: skip


def _require_bound(first: States, gm_m3_s2: float, end: int) -> None:
    r, v = first.position_m, first.velocity_m_s
    energy = float(v @ v) / 2.0 - gm_m3_s2 / float(np.linalg.norm(r))
    momentum = np.cross(r, v)
    squared = 1.0 + 2.0 * energy * float(momentum @ momentum) / gm_m3_s2**2
    eccentricity = float(np.sqrt(max(squared, 0.0)))
    if not (energy < 0.0 and eccentricity < _MOST_ECCENTRIC):
        raise InputError(
            "a mean orbit must be bound and not too eccentric", value=f"eccentricity {eccentricity:g}",
            allowed=f"below {_MOST_ECCENTRIC}", where="propagate_mean",
        )  # fmt: skip
    if end <= int(first.tai_ns):
        raise InputError(
            "a mean orbit goes forwards", value=f"{(end - int(first.tai_ns)) / 1e9:g} s",
            allowed="more than 0 s", where="end_tai_ns",
        )  # fmt: skip
