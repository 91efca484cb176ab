"""One flight from start to end: legs between burns, changes of centre, events, air along the path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.bodies import Body
from syzygy.astro.forces import ForceModel, ForceTables
from syzygy.astro.forces.air import PIECES, ROWS, TERMS, Air, prepare_air
from syzygy.astro.forces.craft import PRESSURE_AT_1_AU_N_M2
from syzygy.astro.frames import ICRF
from syzygy.astro.propagation.burns import (
    Burn,
    BurnRecord,
    FiniteBurn,
    ImpulsiveBurn,
    impulse,
    impulse_partials,
)
from syzygy.astro.propagation.centres import CentreChange, Region, region_radius_m
from syzygy.astro.propagation.integration import Stepper, in_time_order
from syzygy.astro.propagation.trajectory import DenseOutput, IntegrationReport, Leg, Trajectory
from syzygy.astro.propagation.user_events import FlightEvent, Occurrence, distance, search_zeros
from syzygy.astro.states import States
from syzygy.base.errors import ComputationError, InputError

Doubles = NDArray[np.float64]
TablesOf = Callable[[ForceModel], ForceTables]

_WATCHED_STEPS = 48
_AIR_STEPS = 16
_AIR_TOLERANCE = 1e-6
_AIR_REMAINDER = 1e-7
_AIR_PASSES = 6
_PLATES_PART = 3e-6
_AXES_CODE = {"ICRF": 1, "RTN": 2, "VNC": 3}


@dataclass(frozen=True, eq=False)
class FlightPlan:
    """What a flight is asked for besides its start, its end and its forces."""

    tolerance: float
    transition: bool = False
    parameters: tuple[str, ...] = ()
    codes: tuple[int, ...] = ()
    burns: tuple[Burn, ...] = ()
    events: tuple[FlightEvent, ...] = ()
    mass_kg: float = 0.0
    centres: tuple[Region | CentreChange, ...] = ()


@dataclass(frozen=True, eq=False)
class _Stop:
    time_s: float
    kind: str
    item: Any


def _finest_m_s2(force: ForceModel) -> float:
    """Return the last coefficient that shows how plates bend the force where they turn edge on to the Sun.

    Beside the whole acceleration the light is so small that the tolerance does not see it.
    """
    plates = force.plates
    if plates is None:
        return np.inf
    area = sum(plate.area_m2 for plate in plates.plates)
    return _PLATES_PART * PRESSURE_AT_1_AU_N_M2 * area / plates.mass_kg


class Flight:
    """A flight at work; `fly` brings it to its end."""

    def __init__(
        self, position: Doubles, velocity: Doubles, end_s: float, force: ForceModel, almanac: Almanac,
        plan: FlightPlan, tables_of: TablesOf, first_step: float,
    ) -> None:  # fmt: skip
        self._plan, self._almanac, self._tables_of = plan, almanac, tables_of
        self._end_s, self._forward = end_s, end_s > 0.0
        self._home, self._force = force, force
        self._tables = tables_of(force)
        self._mass = plan.mass_kg
        self._thrust: FiniteBurn | None = None
        self._air: Air | None = None
        self._remainder = 0.0
        self._done: list[tuple[Doubles, Doubles]] = []
        self._counts = np.zeros(5, dtype=np.int64)
        self._legs: list[Leg] = []
        self._leg = (0, 0.0, self._mass, "start")
        self._burns: list[BurnRecord] = []
        self._found: list[Occurrence] = []
        self._last: dict[int, float] = {}
        self._watched = self._watchers()
        tables = self._tables
        self._stepper = Stepper(
            position, velocity, self._model(), (tables.environment_size, tables.work_size),
            forward=self._forward, tolerance=plan.tolerance, transition=plan.transition, codes=plan.codes,
            first_step=first_step, most_m_s2=_finest_m_s2(force),
        )  # fmt: skip

    def fly(self) -> Trajectory:
        """Return the whole flight."""
        for region in self._plan.centres:
            if isinstance(region, Region) and self._inside(region):
                self._change_centre(region.body, region.force)
                break
        for stop in self._stops():
            if not self._run_to(stop.time_s):
                break
            self._apply(stop)
        self._close_leg("")
        self._keep_steps()
        dense = self._dense()
        counts = self._counts
        report = IntegrationReport(
            self._plan.tolerance,
            int(counts[0]),
            int(counts[1]),
            int(counts[2]),
            int(counts[4]),
            self._remainder,
        )
        order = 1 if self._forward else -1
        return Trajectory(
            self._home, self._tables.clock, dense, self._plan.parameters, report, self._almanac.sha256,
            self._legs_in_time(dense), tuple(self._burns[::order]), tuple(self._found[::order]),
            self._almanac.ephemeris,
        )  # fmt: skip

    # --- the way
    def _stops(self) -> list[_Stop]:
        seconds = self._seconds
        stops = []
        for burn in self._plan.burns:
            if isinstance(burn, ImpulsiveBurn):
                stops.append(_Stop(seconds(burn.tai_ns), "impulse", burn))
                continue
            edges = (seconds(burn.start_tai_ns), seconds(burn.end_tai_ns))
            if min(edges) <= 0.0 < max(edges) if self._forward else min(edges) < 0.0 <= max(edges):
                self._set_thrust(burn)
                self._leg = (0, 0.0, self._mass, burn.name)
            on, off = edges if self._forward else edges[::-1]
            stops += [_Stop(on, "on", burn), _Stop(off, "off", burn)]
        for item in self._plan.centres:
            if isinstance(item, CentreChange):
                stops.append(_Stop(seconds(item.tai_ns), "centre", item))
        sign = 1.0 if self._forward else -1.0
        inside = [s for s in stops if 0.0 < sign * s.time_s < sign * self._end_s]
        inside += [s for s in stops if s.time_s == 0.0 and s.kind in ("impulse", "centre")]
        ranks = {"off": 0, "impulse": 1, "centre": 2, "on": 3}
        inside.sort(key=lambda s: (sign * s.time_s, ranks[s.kind]))
        return [*inside, _Stop(self._end_s, "end", None)]

    def _run_to(self, time_s: float) -> bool:
        """Go on to a time; return whether it was reached."""
        while self._stepper.time != time_s:
            first = self._stepper.rows
            if self._air is not None:
                self._step_in_air(time_s)
            else:
                self._stepper.run(time_s, _WATCHED_STEPS if self._watched else 0)
            if self._watched and self._stepper.rows > first:
                hit = self._watch(first)
                if isinstance(hit, FlightEvent):
                    return False
                if hit is not None:
                    body = hit.body if self._force.centre != hit.body else self._home.centre
                    self._change_centre(body, hit.force if body == hit.body else self._home)
        return True

    def _apply(self, stop: _Stop) -> None:
        if stop.kind == "end":
            return
        if stop.kind == "centre":
            if stop.item.body != self._force.centre:
                force = self._home if stop.item.body == self._home.centre else stop.item.force
                self._change_centre(stop.item.body, force)
            return
        if stop.kind == "impulse":
            self._close_leg(stop.item.name)
            self._kick(stop.item)
        else:
            if stop.kind == "on" and self._thrust is not None:
                raise InputError(
                    "two finite burns overlap",
                    value=f"{self._thrust.name} and {stop.item.name}",
                    where="burns",
                )
            self._close_leg(stop.item.name if stop.kind == "on" else f"end of {stop.item.name}")
            self._set_thrust(stop.item if stop.kind == "on" else None)
        self._stepper.restart()
        self._last.clear()

    def _kick(self, burn: ImpulsiveBurn) -> None:
        now = self._stepper.now
        place, speed = now[0, :3].copy(), now[1, :3].copy()
        change = impulse(burn, place, speed, self._forward)
        if now.shape[1] > 3:
            matrix = impulse_partials(burn, place, speed, self._forward)
            columns = now[:2, 3:].reshape(2, -1, 3)
            moved = matrix @ np.concatenate([columns[0], columns[1]], axis=1).T
            now[0, 3:], now[1, 3:] = moved[:3].T.ravel(), moved[3:].T.ravel()
        now[1, :3] += change
        factor = burn.mass_factor() ** (1.0 if self._forward else -1.0)
        before, after = self._mass, self._mass * factor
        self._mass = after
        if not self._forward:
            before, after, change = after, before, -change
        self._burns.append(BurnRecord(burn.name, burn.tai_ns, change, before, after))
        self._leg = (self._leg[0], self._leg[1], self._mass, burn.name)
        self._set_craft()

    def _change_centre(self, body: Body, force: ForceModel | None) -> None:
        self._close_leg("centre")
        old, stepper = self._force, self._stepper
        whole, fraction = self._tables.clock.tdb(np.array([stepper.time]))
        ephemeris = self._almanac.require_ephemeris()
        place, speed = ephemeris.state_at_tdb(old.centre, body, whole, fraction)
        self._keep_steps()
        self._force = force or self._home.about(body)
        self._tables = self._tables_of(self._force)
        self._watched = self._watchers()
        tables = self._tables
        new = Stepper(
            stepper.now[0, :3] + place[0], stepper.now[1, :3] + speed[0], self._model(),
            (tables.environment_size, tables.work_size), forward=self._forward,
            tolerance=self._plan.tolerance,
            transition=self._plan.transition, codes=self._plan.codes, first_step=abs(float(stepper.clock[2])),
            most_m_s2=_finest_m_s2(self._force),
        )  # fmt: skip
        new.now[:2, 3:] = stepper.now[:2, 3:]
        new.clock[0] = stepper.clock[0]
        self._stepper = new
        self._leg = (self._total(), stepper.time, self._mass, "centre")
        self._set_craft()
        self._last.clear()

    # --- air
    def _step_in_air(self, time_s: float) -> None:
        """Do some steps: a rough pass without air shows where to tabulate it, then the real one."""
        air, stepper, ints = self._air, self._stepper, self._stepper.model[0]
        if air is None:
            return
        row, start = self._tables.craft_row, stepper.time
        ahead = air.edges_s(*sorted((start, time_s)))
        sign = 1.0 if self._forward else -1.0
        ahead = ahead[sign * (ahead - start) > 1e-3]
        limit = time_s if ahead.size == 0 else float(ahead[np.argmin(sign * ahead)])
        saved, first = stepper.snapshot(), stepper.rows
        ints[row, 0] = 0
        stepper.clock[4] = max(self._plan.tolerance, _AIR_TOLERANCE)
        stepper.run(limit, _AIR_STEPS)
        end, path = stepper.time, stepper.dense(first)
        ints[row, 0] = 1
        for _ in range(_AIR_PASSES):
            stepper.restore(saved)
            table = air.tabulate(path.places, *sorted((start, end)))
            offset = int(ints[row, 1])
            stepper.model[2][offset : offset + table.series.size] = table.series.ravel()
            stepper.model[1][row, 1:3] = (table.start_s, table.length_s)
            stepper.run(end)
            path = stepper.dense(first)
            remainder = table.remainder(path.values(table.nodes_s, 0, 3)[0])
            if remainder < _AIR_REMAINDER:
                self._remainder = max(self._remainder, remainder)
                return
        raise ComputationError(
            "the density of the air could not be tabulated along the path",
            value=f"{remainder:.1e} relative between passes, {start:.0f} s after the epoch",
            allowed=f"{_AIR_REMAINDER:g}",
            hint="the orbit decays here: stop the flight before",
        )

    # --- events
    def _watchers(self) -> tuple[tuple[FlightEvent, Any], ...]:
        pairs: list[tuple[FlightEvent, Any]] = [(event, event) for event in self._plan.events]
        for item in self._plan.centres:
            if isinstance(item, Region) and self._force.centre in (item.body, self._home.centre):
                radius = region_radius_m(item, self._home, self._almanac, self._tables.clock.epoch_tai_ns)
                pairs.append((distance(item.body, radius), item))
        return tuple(pairs)

    def _watch(self, first: int) -> FlightEvent | Region | None:
        """Find the events of the steps from `first` on; cut the path where one ends it."""
        ends, powers = self._stepper.steps(first)
        dense = in_time_order(ends, powers)
        hits: list[tuple[float, int, int]] = []
        for number, (event, _) in enumerate(self._watched):
            value = partial(self._value, event, dense)
            times, directions, last = search_zeros(value, ends[:, 0], ends[:, 1], self._last.get(number))
            self._last[number] = last
            for t, direction in zip(times, directions, strict=True):
                if event.direction in (0, direction) and abs(t - self._leg[1]) > 1e-6:
                    hits.append((float(t), number, int(direction)))
        for t, number, direction in sorted(hits, key=lambda hit: abs(hit[0])):
            event, item = self._watched[number]
            if isinstance(item, FlightEvent):
                self._note(event, t, direction, dense)
            if isinstance(item, Region) or event.terminal:
                self._stepper.cut(t)
                return item  # type: ignore[no-any-return]
        return None

    def _value(self, event: FlightEvent, dense: DenseOutput, t: Doubles) -> Doubles:
        return np.asarray(event.value(self._states(dense, t, event.centre)))

    def _note(self, event: FlightEvent, t: float, direction: int, dense: DenseOutput) -> None:
        instant = int(self._tables.clock.tai_ns(np.array([t]))[0])
        states = self._states(dense, np.array([t]), event.centre)
        one = States(states.position_m[0], states.velocity_m_s[0], np.array(instant), ICRF, states.centre)
        self._found.append(Occurrence(event.name, instant, t, direction, one))

    def _states(self, dense: DenseOutput, t: Doubles, centre: Body | None) -> States:
        position, velocity = dense.values(t, 0, 3)
        clock, own = self._tables.clock, self._force.centre
        if centre is not None and centre != own:
            place, speed = self._almanac.require_ephemeris().state_at_tdb(own, centre, *clock.tdb(t))
            position, velocity = position + place, velocity + speed
        return States(position, velocity, clock.tai_ns(t), ICRF, centre or own)

    def _inside(self, region: Region) -> bool:
        clock = self._tables.clock
        radius = region_radius_m(region, self._home, self._almanac, clock.epoch_tai_ns)
        place, _ = self._almanac.require_ephemeris().state_at_tdb(
            region.body, self._home.centre, *clock.tdb(np.zeros(1))
        )
        return bool(np.linalg.norm(self._stepper.now[0, :3] - place[0]) < radius)

    # --- the arrays of the forces
    def _model(self) -> tuple[Any, ...]:
        """Return the arrays of the forces: private ones where the flight changes them."""
        ints, reals, words = self._tables.model
        burning = any(isinstance(burn, FiniteBurn) for burn in self._plan.burns)
        if self._force.drag is None and not burning and self._plan.mass_kg == 0.0:
            self._air = None
            return self._tables.model
        ints, reals, row = ints.copy(), reals.copy(), self._tables.craft_row
        ints[0, 6] = row
        ints[row + 1, 3] = int(burning)
        if self._force.plates is not None and self._plan.mass_kg > 0.0:
            words = words.copy()
            first = ints[row, 6]
            words[first + 3 : first + 6 * ints[row, 5] : 6] *= self._force.plates.mass_kg / self._plan.mass_kg
        self._air = None
        if self._force.drag is not None:
            self._air = prepare_air(self._force.drag, self._almanac, self._tables.clock)
            ints[row, :4] = (1, words.size, TERMS, PIECES)
            words = np.concatenate([words, np.zeros(PIECES * ROWS * TERMS)])
        return ints, reals, words

    def _set_thrust(self, burn: FiniteBurn | None) -> None:
        if burn is not None and self._forward:
            seconds = self._seconds(burn.end_tai_ns) - max(self._seconds(burn.start_tai_ns), 0.0)
            left = self._mass - burn.mass_flow_kg_s * seconds
            if not left > 0.0:
                raise InputError(
                    "the burns use more mass than there is", value=f"{left:.3f} kg left", allowed="above 0",
                    where=burn.name,
                )  # fmt: skip
        self._thrust = burn
        self._leg = (self._leg[0], self._leg[1], self._mass, self._leg[3])
        self._set_craft()

    def _set_craft(self) -> None:
        ints, reals, _ = self._stepper.model
        if ints[0, 6] == 0:
            return
        row, burn = self._tables.craft_row, self._thrust
        flow = 0.0 if burn is None else burn.mass_flow_kg_s
        reals[row, 10:14] = (self._mass, self._leg[1], flow, self._plan.mass_kg)
        ints[row, 4] = 0 if burn is None else _AXES_CODE[burn.axes]
        reals[row, 6:10] = 0.0
        if burn is not None:
            reals[row, 6] = burn.thrust_n
            reals[row, 7:10] = np.array(burn.direction) / np.linalg.norm(burn.direction)

    # --- the record
    def _close_leg(self, cause: str) -> None:
        """End the leg here and begin another one."""
        first, start, mass, why = self._leg
        now, rows = self._stepper.time, self._total()
        flow = 0.0 if self._thrust is None else self._thrust.mass_flow_kg_s
        after = mass - flow * (now - start)
        self._mass = after
        if rows > first:
            in_time = mass if self._forward else after
            self._legs.append(Leg(first, rows - 1, self._force, in_time, flow, why))
        self._leg = (rows, now, after, cause)

    def _keep_steps(self) -> None:
        self._done.append(self._stepper.steps())
        self._counts += self._stepper.counts
        self._stepper.forget()

    def _total(self) -> int:
        return int(sum(ends.shape[0] for ends, _ in self._done)) + self._stepper.rows

    def _dense(self) -> DenseOutput:
        parts = [part for part in self._done if part[0].shape[0]]
        if not parts:
            raise InputError("the flight ends where it begins", hint="a terminal event at the epoch?")
        return in_time_order(*(np.concatenate(list(arrays)) for arrays in zip(*parts, strict=True)))

    def _legs_in_time(self, dense: DenseOutput) -> tuple[Leg, ...]:
        if self._forward:
            return tuple(self._legs)
        last = dense.start.size - 1
        return tuple(
            Leg(
                last - leg.last_step,
                last - leg.first_step,
                leg.force,
                leg.mass_kg,
                leg.mass_flow_kg_s,
                leg.cause,
            )
            for leg in self._legs[::-1]
        )

    def _seconds(self, tai_ns: int) -> float:
        return float(self._tables.clock.seconds(np.array([tai_ns], dtype=np.int64))[0])


def require_plan(burns: Sequence[Burn], mass_kg: float) -> None:
    """Refuse burns that need a mass where none is given.

    Raises
    ------
    InputError
    """
    if not (np.isfinite(mass_kg) and mass_kg >= 0.0):
        raise InputError("a mass is not one", value=f"{mass_kg} kg", allowed="0 (none) or more")
    for burn in burns:
        if mass_kg == 0.0 and (isinstance(burn, FiniteBurn) or burn.isp_s > 0.0):
            raise InputError(
                "a burn that uses mass needs the mass of the craft",
                value=burn.name,
                allowed="mass_kg above 0",
                where="propagate",
                hint="give mass_kg at the epoch",
            )
