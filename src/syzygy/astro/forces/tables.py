"""From a force description to the arrays of the compiled accelerations, for a span of time.

Places of bodies become Chebyshev series relative to the centre on the pieces of the ephemeris itself, so the
polynomials are the same functions; axes of fields become series of slow matrices times a uniform spin.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.bodies import EARTH, MOON, SUN, Body
from syzygy.astro.constants import ASTRONOMICAL_UNIT_M, GM_SUN_M3_S2, SPEED_OF_LIGHT_M_S, SUN_RADIUS_M
from syzygy.astro.ephemerides.segments import find_chain
from syzygy.astro.forces.axes import SPINS_RAD_S, body_axes, chebyshev_nodes, split_spin
from syzygy.astro.forces.clock import Clock
from syzygy.astro.forces.craft_tables import CRAFT_SIZE, fill_craft_rows
from syzygy.astro.forces.gravity_field import GravityField, harmonic_words
from syzygy.astro.forces.model import (
    EARTH_SPIN_M2_S,
    FieldForce,
    ForceModel,
    needs_sun,
    occulter_radius_m,
)
from syzygy.base.errors import CoverageError, MissingDataError

Doubles = NDArray[np.float64]

_AXES_TERMS = 18
_AXES_PIECE_S = {399: 43_200.0, 301: 86_400.0, 499: 86_400.0}
_LONGEST_S = 250.0 * 365.25 * 86_400.0


@dataclass(frozen=True, eq=False)
class ForceTables:
    """The arrays of a force model over a span.

    Attributes
    ----------
    force : ForceModel
    clock : Clock
    first_s, last_s : float
        The span, seconds since the epoch.
    bodies : tuple of Body
        In the order of the arrays.
    model : tuple of arrays
        Integers (rows, 8), reals (rows, 14) and words. Row 0: kind, place of the Sun, de Sitter, numbers of
        bodies, fields and occulters, row of the craft, light | GM, sunlight, c, spin
        of the Earth (3), k2, tide radius, mass ratio,
        reference distance, -, GM of the Sun, its radius, radius of the centre. A row per body: offset, terms,
        pieces, 1: raises a tide, 2: is an acceleration common to all states | GM, start, length, radius.
        A row per field: body, degree, offset, reacting body, offset, terms and pieces of the axes | GM,
        radius, factor, side, start, length, phase and rate of the axes. A row per occulter:
        body | radius. Two rows for the craft.
    environment_size, work_size : int
    craft_row : int
        Where the craft is described (see `craft_kernels`); integer 6 of row 0 holds it where that matters.
    """

    force: ForceModel
    clock: Clock
    first_s: float
    last_s: float
    bodies: tuple[Body, ...]
    model: tuple[Any, ...]
    environment_size: int
    work_size: int
    craft_row: int


class _Words:
    """Collects arrays in one store and remembers where they begin."""

    def __init__(self) -> None:
        self.parts: list[Doubles] = []
        self.size = 0

    def add(self, part: Doubles) -> int:
        offset = self.size
        self.parts.append(np.ascontiguousarray(part, dtype=np.float64).ravel())
        self.size += self.parts[-1].size
        return offset


def tabulate_forces(
    force: ForceModel, almanac: Almanac, epoch_tai_ns: int, first_s: float, last_s: float
) -> ForceTables:
    """Return the arrays of a force model from `first_s` to `last_s` seconds after the epoch.

    Raises
    ------
    CoverageError
        The ephemeris or the Earth orientation does not cover the span.
    MissingDataError
        The Almanac lacks a part that the forces need.
    """
    if not (math.isfinite(first_s) and math.isfinite(last_s) and last_s - first_s < _LONGEST_S):
        raise CoverageError(
            "the span of a propagation is too long", value=f"{first_s} to {last_s} s", allowed="250 years"
        )
    clock = Clock(epoch_tai_ns, force.time_variable)
    words = _Words()
    bodies = [mass.body for mass in force.third_bodies]
    extra = [SUN] if needs_sun(force) else []
    extra += [body for body in force.occulters if body != force.centre]
    if force.tide is not None:
        extra += list(force.tide.raised_by)
    bodies += [body for body in dict.fromkeys(extra) if body not in bodies]
    occulters = force.occulters
    craft = 1 + len(bodies) + len(force.fields) + len(occulters)
    rows = craft + 2
    ints, reals = np.zeros((rows, 8), dtype=np.int64), np.zeros((rows, 14))
    sun = bodies.index(SUN) if SUN in bodies else 0
    ints[0, :6] = (0, sun, _flag(force, "de_sitter"), len(bodies), len(force.fields), len(occulters))
    reals[0] = _reals(force, almanac, clock, (first_s + last_s) / 2.0)
    span = (first_s, last_s)
    for row, body in enumerate(bodies, start=1):
        ints[row, :4], reals[row, :4] = _body_row(force, body, almanac, clock, span, words)
    for row, item in enumerate(force.fields, start=1 + len(bodies)):
        ints[row, :7], reals[row, :8] = _field_row(force, item, bodies, almanac, clock, span, words)
    for row, body in enumerate(occulters, start=1 + len(bodies) + len(force.fields)):
        ints[row, 0] = bodies.index(body) if body in bodies else -1
        reals[row, 0] = occulter_radius_m(body)
    fill_craft_rows(force, almanac, clock, span, words.add, (ints, reals), craft)
    ints[0, 7] = int(reals[0, 1] != 0.0 or force.plates is not None)
    model = (ints, reals, np.concatenate(words.parts) if words.parts else np.zeros(1))
    degree = max((item.field.degree for item in force.fields), default=0)
    size = 6 + 3 * len(bodies) + 9 * len(force.fields) + CRAFT_SIZE
    return ForceTables(
        force, clock, first_s, last_s, tuple(bodies), model, size, 15 * (degree + 3) + 9, craft
    )


def _flag(force: ForceModel, name: str) -> int:
    return int(force.relativity is not None and bool(getattr(force.relativity, name)))


def _reals(force: ForceModel, almanac: Almanac, clock: Clock, middle_s: float) -> Doubles:
    reals = np.zeros(14)
    reals[0] = force.effective_gm_m3_s2
    if force.sunlight is not None:
        reals[1] = force.sunlight.acceleration_m_s2
    if force.relativity is not None and force.relativity.schwarzschild:
        reals[2] = SPEED_OF_LIGHT_M_S
    if _flag(force, "lense_thirring"):
        turn = body_axes(EARTH, almanac)(clock.tai_ns(np.array([middle_s])))[0]
        reals[3:6] = EARTH_SPIN_M2_S * turn[2]
    if force.tide is not None:
        reals[6] = force.tide.love_number
        reals[7] = force.tide_radius_m
    reals[9] = ASTRONOMICAL_UNIT_M
    reals[11] = force.gm_of(SUN) or GM_SUN_M3_S2
    reals[12] = SUN_RADIUS_M
    reals[13] = 0.99 * force.centre.mean_radius_m
    return reals


def _body_row(
    force: ForceModel,
    body: Body,
    almanac: Almanac,
    clock: Clock,
    span: tuple[float, float],
    words: _Words,
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    raises = force.tide is not None and body in force.tide.raised_by
    gm = force.gm_of(body)
    if raises and gm == 0.0:
        raise MissingDataError(
            "a body raises a tide but does not attract",
            value=body.name,
            allowed="bodies among the third bodies",
            where="ForceModel.tide.raised_by",
            hint="add it to third_bodies",
        )
    start, length, pieces, series = body_series(body, force.centre, almanac, clock, *span)
    integers = (words.add(series), series.shape[-1], pieces, int(raises))
    return integers, (gm, start, length, 0.99 * body.mean_radius_m)


def body_series(
    body: Body, centre: Body, almanac: Almanac, clock: Clock, first_s: float, last_s: float
) -> tuple[float, float, int, Doubles]:
    """Return start, length, number of pieces and series (pieces, 3, terms) of a body about the centre."""
    if body == centre:
        return first_s, last_s - first_s + 1.0, 1, np.zeros((1, 3, 1))
    ephemeris = almanac.require_ephemeris()
    ephemeris.position_at_tdb(body, centre, *clock.tdb(np.array([first_s, last_s])))
    chain = find_chain(ephemeris.segments, body.naif_id, centre.naif_id) or ()
    layouts = [segment.layout for link in chain for segment in link.segments]
    length = min(layout.length for layout in layouts)
    terms = max(layout.terms for layout in layouts)
    begin = next(layout.start for layout in layouts if layout.length == length)
    whole, fraction = (float(part[0]) for part in clock.tdb(np.array([first_s])))
    low = math.floor(((whole - begin) + fraction) / length)
    end_whole, end_fraction = (float(part[0]) for part in clock.tdb(np.array([last_s])))
    high = max(math.ceil(((end_whole - begin) + end_fraction) / length), low + 1)
    nodes, matrix = chebyshev_nodes(terms)
    bounds = begin + length * np.arange(low, high)
    at = np.broadcast_to(bounds[:, None], (bounds.size, terms))
    position = ephemeris.position_at_tdb(body, centre, at, 0.5 * length * (1.0 + nodes))
    series = np.swapaxes(matrix @ position, 1, 2)
    zero_whole, zero_fraction = (float(part[0]) for part in clock.tdb(np.zeros(1)))
    return (float(bounds[0]) - zero_whole) - zero_fraction, length, bounds.size, series


def _field_row(
    force: ForceModel,
    item: FieldForce,
    bodies: list[Body],
    almanac: Almanac,
    clock: Clock,
    span: tuple[float, float],
    words: _Words,
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    first_s, last_s = span
    nodes, matrix = chebyshev_nodes(_AXES_TERMS)
    turns = body_axes(item.body, almanac)
    pieces = max(1, math.ceil((last_s - first_s) / _AXES_PIECE_S[item.body.naif_id]))
    length = max(last_s - first_s, 1.0) / pieces
    at = first_s + length * (np.arange(pieces)[:, None] + 0.5 * (1.0 + nodes))
    rate = SPINS_RAD_S[item.body.naif_id]
    slow = split_spin(turns(clock.tai_ns(at)), rate * at)
    series = np.swapaxes(matrix @ slow.reshape(pieces, _AXES_TERMS, 9), 1, 2)
    body, other, factor, side = _reaction(force, item, bodies)
    offset = words.add(_cached_words(item.field))
    integers = (body, item.field.degree, offset, other, words.add(series), _AXES_TERMS, pieces)
    reals = (item.field.gm_m3_s2, item.field.radius_m, factor, side, first_s, length, 0.0, rate)
    return integers, reals


def _reaction(force: ForceModel, item: FieldForce, bodies: list[Body]) -> tuple[int, int, float, float]:
    """Return where the field sits, and how its figure accelerates the centre itself.

    The figure of a third body attracts the centre; the figure of the centre attracts its companion, which
    pulls back.
    """
    if item.body != force.centre:
        index = bodies.index(item.body)
        return index, index, -1.0, -1.0
    companion = {EARTH.naif_id: MOON, MOON.naif_id: EARTH}.get(force.centre.naif_id)
    if companion is None or companion not in bodies or force.gm_of(companion) == 0.0:
        return -1, -1, 0.0, 0.0
    return -1, bodies.index(companion), force.gm_of(companion) / force.effective_gm_m3_s2, 1.0


@lru_cache(maxsize=8)
def _cached_words(field: GravityField) -> Doubles:
    return harmonic_words(field)
