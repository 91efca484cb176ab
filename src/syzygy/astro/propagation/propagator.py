"""Propagation: states, a force description and an end in, a trajectory with dense output out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.forces import ForceModel, ForceTables, tabulate_forces
from syzygy.astro.forces.accelerations import require_states
from syzygy.astro.forces.carried import carry_centre
from syzygy.astro.propagation.burns import Burn, FiniteBurn
from syzygy.astro.propagation.centres import CentreChange, Region, require_centres
from syzygy.astro.propagation.energy import energy_defect
from syzygy.astro.propagation.flights import Flight, FlightPlan, require_plan
from syzygy.astro.propagation.integration import DEFAULT_TOLERANCE
from syzygy.astro.propagation.trajectory import PropagationCheck, Trajectory
from syzygy.astro.propagation.user_events import FlightEvent
from syzygy.astro.states import States
from syzygy.base.errors import InputError, UnknownNameError

Doubles = NDArray[np.float64]

_FIRST_STEP = 0.02
_RERUN_FACTOR = 0.05


def propagate(
    states: States,
    end_tai_ns: int,
    force: ForceModel,
    almanac: Almanac,
    *,
    tolerance: float = DEFAULT_TOLERANCE,
    transition: bool = False,
    parameters: Sequence[str] = (),
    tables: ForceTables | None = None,
    burns: Sequence[Burn] = (),
    events: Sequence[FlightEvent] = (),
    mass_kg: float = 0.0,
    centres: Sequence[Region | CentreChange] = (),
    check: bool = False,
) -> tuple[Trajectory, ...]:
    """Propagate each state of a batch to one end.

    Parameters
    ----------
    states : States
        (3,) or (n, 3), ICRF about the centre of the force model; their instants may differ.
    end_tai_ns : int
        Before or after the instants.
    force : ForceModel
    almanac : Almanac
        With the parts that the forces need.
    tolerance : float
        Size of the last coefficient of a step to the whole acceleration; 1e-9 reaches rounding.
    transition : bool
        Carry the state-transition matrix.
    parameters : sequence of str
        ``sunlight``, ``gm``, ``love_number``, ``drag`` (area to mass), ``gm of NAME``; ``thrust`` and
        ``plates`` (by a factor of the force): partials by these (with `transition`).
    tables : ForceTables, optional
        From `prepare_propagation`, to share the set-up among calls with one epoch.
    burns : sequence of ImpulsiveBurn or FiniteBurn
        Steps end at their edges; those outside the span do not happen.
    events : sequence of FlightEvent
        Looked for on the way, see `syzygy.astro.propagation.user_events`.
    mass_kg : float
        At the epoch of the states; 0: none. Forces given per mass hold for this mass and follow its change.
    centres : sequence of Region or CentreChange
        Where the flight is integrated about another body.
    check : bool
        Fly again at a twentieth of the tolerance and report the difference and the energy defect.

    Returns
    -------
    tuple of Trajectory
        In the order of the batch.

    Raises
    ------
    FrameError, InputError, UnknownNameError
        Wrong axes or centre, a tolerance out of range, an empty span, an unknown parameter.
    CoverageError, MissingDataError
        As `syzygy.astro.forces.tabulate_forces`.
    ComputationError
        The path enters a body, or the integration fails.

    Notes
    -----
    **Accuracy**: 0.5 mm after a day against GMAT with the same constants
    (tests/astro/test_propagation_oracles.py); two-body closure and reversal at 1e-14
    (tests/astro/test_propagation_two_body.py).

    **Source**: Everhart (1985); Rein and Spiegel, MNRAS 446, 1424 (2015).
    """
    require_states(states, force, "propagate")
    require_plan(burns, mass_kg)
    require_centres(tuple(centres), force)
    if parameters and not transition:
        raise InputError("partials by parameters need the transition matrix", hint="give transition=True")
    plan = FlightPlan(
        tolerance, transition, tuple(parameters), (), tuple(burns), tuple(events), mass_kg, tuple(centres)
    )
    return _fly_all(states, end_tai_ns, force, almanac, plan, tables, check)


def _fly_all(
    states: States,
    end_tai_ns: int,
    force: ForceModel,
    almanac: Almanac,
    plan: FlightPlan,
    tables: ForceTables | None,
    check: bool,
) -> tuple[Trajectory, ...]:
    position = np.ascontiguousarray(states.position_m, dtype=np.float64).reshape(-1, 3)
    velocity = np.ascontiguousarray(states.velocity_m_s, dtype=np.float64).reshape(-1, 3)
    instants = np.broadcast_to(states.tai_ns, states.position_m.shape[:-1]).ravel()
    flights = []
    shared = tables
    for row in range(position.shape[0]):
        shared = _tables_for(int(instants[row]), end_tai_ns, force, almanac, tables, shared)
        end_s = float(shared.clock.seconds(np.array([end_tai_ns], dtype=np.int64))[0])
        codes = tuple(_code(name, shared, plan.burns) for name in plan.parameters)
        source = _TableSource(shared, end_tai_ns, almanac)
        step = _first_step(position[row], force)
        one = replace(plan, codes=codes)
        flight = Flight(position[row], velocity[row], end_s, force, almanac, one, source, step).fly()
        if check:
            checked = check_propagation(flight, almanac, one)
            flight = replace(flight, report=replace(flight.report, check=checked))
        flights.append(flight)
    return tuple(flights)


class _TableSource:
    """Tables of the forces about every centre of a flight, made when they are needed."""

    def __init__(self, home: ForceTables, end_tai_ns: int, almanac: Almanac) -> None:
        self._made = [home]
        self._end, self._almanac = end_tai_ns, almanac

    def __call__(self, force: ForceModel) -> ForceTables:
        for tables in self._made:
            if tables.force is force or tables.force == force:
                return tables
        epoch = self._made[0].clock.epoch_tai_ns
        there = prepare_propagation(epoch, self._end, force, self._almanac)
        home = self._made[0]
        # Forces that the caller gives about a centre are flown as they are.
        derived = force.gm_of(home.force.centre) > 0.0 and _is_about(home.force, force)
        self._made.append(carry_centre(home, there, self._almanac) if derived else there)
        return self._made[-1]


def _is_about(home: ForceModel, force: ForceModel) -> bool:
    """Return whether a model is the home model about another centre, nothing else."""
    try:
        return home.about(force.centre) == force
    except InputError:
        return False


def _tables_for(
    epoch: int,
    end: int,
    force: ForceModel,
    almanac: Almanac,
    given: ForceTables | None,
    shared: ForceTables | None,
) -> ForceTables:
    """Return tables for one flight: those given, those of the last flight, or new ones."""
    if epoch == end:
        raise InputError("the propagation has no duration", value="0 s", where="end_tai_ns")
    if shared is not None and _fits(shared, epoch, end, force):
        return shared
    if given is not None:
        raise InputError(
            "the prepared tables do not fit this propagation",
            value=f"epoch {epoch}, end {end} (TAI ns)",
            allowed="the force model, the epoch and the span they were made for",
            where="tables",
        )
    return prepare_propagation(epoch, end, force, almanac)


def prepare_propagation(
    epoch_tai_ns: int, end_tai_ns: int, force: ForceModel, almanac: Almanac
) -> ForceTables:
    """Tabulate the forces between an epoch and an end, for several propagations."""
    end_s = (end_tai_ns - epoch_tai_ns) / 1e9
    margin = 1e-2
    return tabulate_forces(force, almanac, epoch_tai_ns, min(end_s, 0.0) - margin, max(end_s, 0.0) + margin)


def check_propagation(
    flight: Trajectory, almanac: Almanac, plan: FlightPlan | None = None
) -> PropagationCheck:
    """Fly again at a twentieth of the tolerance; return the difference at the far end and the energy defect.

    `plan` holds burns, mass and centres of the flight where it has any.
    """
    forwards = flight.dense.length[0] > 0.0
    first, last = flight.span_tai_ns
    epoch, end = (first, last) if forwards else (last, first)
    tolerance = max(flight.report.tolerance * _RERUN_FACTOR, 1e-12)
    start = flight.states(np.array([epoch]), before=not forwards)
    kept = plan or FlightPlan(tolerance)
    (again,) = propagate(
        start, end, flight.force, almanac, tolerance=tolerance, burns=kept.burns, mass_kg=kept.mass_kg,
        centres=kept.centres,
    )  # fmt: skip
    one, other = flight.states(np.array([end])), again.states(np.array([end]))
    return PropagationCheck(
        tolerance,
        float(np.linalg.norm(one.position_m - other.position_m)),
        float(np.linalg.norm(one.velocity_m_s - other.velocity_m_s)),
        energy_defect(flight, almanac),
    )


def _fits(tables: ForceTables, epoch: int, end: int, force: ForceModel) -> bool:
    end_s = (end - epoch) / 1e9
    inside = tables.first_s <= end_s <= tables.last_s
    return tables.clock.epoch_tai_ns == epoch and inside and tables.force is force


def _first_step(position: Doubles, force: ForceModel) -> float:
    """Return a small part of the local period about the centre."""
    radius = float(np.linalg.norm(position))
    return _FIRST_STEP * float(np.sqrt(radius**3 / force.effective_gm_m3_s2))


def _code(name: str, tables: ForceTables, burns: Sequence[Burn]) -> int:
    fixed = {"sunlight": 0, "gm": 1, "love_number": 2}
    if tables.force.drag is not None:
        fixed["drag"] = 3
    if any(isinstance(burn, FiniteBurn) for burn in burns):
        fixed["thrust"] = 4
    if tables.force.plates is not None:
        fixed["plates"] = 5
    if name in fixed:
        return fixed[name]
    for row, body in enumerate(tables.bodies):
        if name == f"gm of {body.name}":
            return 10 + row
    raise UnknownNameError(
        "unknown parameter of a propagation",
        value=name,
        allowed=", ".join([*fixed, *(f"gm of {body.name}" for body in tables.bodies)]),
        where="parameters",
    )
