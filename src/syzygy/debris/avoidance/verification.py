"""The chosen plan, leg by leg, through the complete search: what a sieve of the design might have hidden."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.mean_elements import MeanElements
from syzygy.astro.time import LeapSeconds
from syzygy.debris.avoidance.rescreening import SLOWEST_M_S, Legs, PlanEncounters, once
from syzygy.debris.one_against_all import OneFindings, PreparedCatalogue, prepare_catalogue, screen_one
from syzygy.debris.paths import make_element_paths

_OVERLAP_S = 1.0


@dataclass(frozen=True, eq=False)
class SlowCompany:
    """Objects that stay close to the new orbit: intervals, not encounters.

    Attributes
    ----------
    row : (n,) int64
        In the catalogue.
    begin_tai_ns, end_tai_ns : (n,) int64
    distance_m : (n,) float64
        Smallest.
    """

    row: NDArray[np.int64]
    begin_tai_ns: NDArray[np.int64]
    end_tai_ns: NDArray[np.int64]
    distance_m: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Verified:
    """What the complete search found: encounters below the reach, and company."""

    found: PlanEncounters
    company: SlowCompany


@dataclass(frozen=True, eq=False)
class CompleteSearch:
    """The catalogue made ready for the complete search of single orbits over one span.

    `object_id` (n,) are its catalogue numbers; it may hold the object that moves.
    """

    prepared: PreparedCatalogue
    object_id: NDArray[np.int64]
    begin_tai_ns: int
    leap_seconds: LeapSeconds


def prepare_search(
    others: MeanElements, begin_tai_ns: int, end_tai_ns: int, leap_seconds: LeapSeconds
) -> CompleteSearch:
    """Prepare the complete search of a span."""
    paths = make_element_paths(others, begin_tai_ns, leap_seconds)
    prepared = prepare_catalogue(paths, window_s=(end_tai_ns - begin_tai_ns) / 1e9)
    return CompleteSearch(prepared, others.object_id, begin_tai_ns, leap_seconds)


def screen_legs(legs: Legs, search: CompleteSearch, others: MeanElements, reach_m: float) -> Verified:
    """Screen the legs of one plan against the objects `others` of the prepared catalogue.

    Each leg's orbit is screened over the whole span, and what lies outside its own time (with a second to
    spare, so that an encounter during a burn belongs to a leg) is dropped: no minimum hides at a border.
    """
    place = {number: row for row, number in enumerate(others.object_id.tolist())}
    row_of = np.array([place.get(number, -1) for number in search.object_id.tolist()])
    stranger = np.flatnonzero(row_of < 0)
    parts, company = [], []
    overlap = round(_OVERLAP_S * 1e9)
    for k in range(len(legs)):
        path = make_element_paths(legs.elements.select([k]), search.begin_tai_ns, search.leap_seconds)
        found = screen_one(
            search.prepared, path, threshold_m=reach_m, slow_speed_m_s=SLOWEST_M_S, exclude=stranger
        )
        low, high = int(legs.begin_tai_ns[k]) - overlap, int(legs.end_tai_ns[k]) + overlap
        parts.append(_encounters(found, k, search.begin_tai_ns, (low, high), row_of))
        company.append(_company(found, search.begin_tai_ns, (low, high), row_of))
    columns = [np.concatenate(part) for part in zip(*parts, strict=True)]
    found_all = once(PlanEncounters(*columns))
    slow = SlowCompany(*(np.concatenate(part) for part in zip(*company, strict=True)))
    return Verified(found_all, slow)


def _encounters(
    found: OneFindings, leg: int, begin_tai_ns: int, span: tuple[int, int], row_of: NDArray[np.int64]
) -> tuple[NDArray[np.generic], ...]:
    met = found.encounters
    tai_ns = begin_tai_ns + np.round(met.seconds * 1e9).astype(np.int64)
    keep = np.flatnonzero((tai_ns >= span[0]) & (tai_ns <= span[1]))
    position, velocity = met.position_a_m[keep], met.velocity_a_m_s[keep]
    return (
        np.full(keep.size, leg, dtype=np.int64), np.zeros(keep.size, dtype=np.int64),
        row_of[found.other[keep]], tai_ns[keep], position, velocity,
        position + met.separation_m[keep], velocity + met.relative_velocity_m_s[keep],
    )  # fmt: skip


def _company(
    found: OneFindings, begin_tai_ns: int, span: tuple[int, int], row_of: NDArray[np.int64]
) -> tuple[NDArray[np.generic], ...]:
    begin, end = (
        begin_tai_ns + np.round(part * 1e9).astype(np.int64)
        for part in (found.slow_begin_s, found.slow_end_s)
    )
    keep = np.flatnonzero((end >= span[0]) & (begin <= span[1]))
    return (
        row_of[found.slow_other[keep]], np.maximum(begin[keep], span[0]),
        np.minimum(end[keep], span[1]), found.slow_encounters.distance_m[keep],
    )  # fmt: skip
