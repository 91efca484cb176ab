"""Every pass of the catalogue through the tube of orbits that a burn can reach, once for all plans."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.mean_elements import MeanElements
from syzygy.astro.propagation.sgp4_batch import Sgp4Batch, prepare_sgp4
from syzygy.astro.time import LeapSeconds
from syzygy.base.errors import CoverageError
from syzygy.debris.probability.element_motion import GM_M3_S2

FloatArray = NDArray[np.float64]
STEP_S = 120.0
"""Between two SGP4 states: a cubic through both is then right to 5 m in low orbit."""
_BLOCK = 90
_SIEVE_SAMPLES = 240
_SIEVE_PAD_M = 40e3
_GROWTH = 2


@dataclass(frozen=True, eq=False)
class CataloguePasses:
    """Passes of other objects near the path of one, in the order of time.

    Attributes
    ----------
    catalogue : Sgp4Batch
        The objects that can come near at all.
    row : (k,) int64
        Their numbers in the catalogue that was given.
    object : (p,) int64
        Number in `catalogue`.
    tai_ns : (p,) int64
        Instant at which the object is closest to the curve of the orbit.
    begin_tai_ns, end_tai_ns : int
        Span.
    reach_m : float
        Encounters below this distance are found.
    """

    catalogue: Sgp4Batch
    row: NDArray[np.int64]
    object: NDArray[np.int64]
    tai_ns: NDArray[np.int64]
    begin_tai_ns: int
    end_tai_ns: int
    reach_m: float

    def __len__(self) -> int:
        return len(self.object)


@dataclass(frozen=True)
class TubeSize:
    """How far a burn can move the orbit.

    Attributes
    ----------
    reach_m : float
        Distance of an encounter that counts.
    across_m : float
        Largest displacement radially and across.
    along_m, along_rate_m_s : float
        Largest displacement along the track at the first possible burn, and its growth.
    """

    reach_m: float
    across_m: float
    along_m: float
    along_rate_m_s: float


def size_of_tube(largest_m_s: float, semi_major_axis_m: float, reach_m: float) -> TubeSize:
    """Return the tube that impulses of up to `largest_m_s` in all can fill, with a fifth to spare.

    From relative motion near a circular orbit: 4 dv / n radially, 4 dv / n along the track at once and 3 dv
    for ever after.

    **Source** Clohessy & Wiltshire, J. Aerosp. Sci. 27 (1960) 653.
    """
    rate = np.sqrt(GM_M3_S2 / semi_major_axis_m**3)
    swing = 1.2 * 4.0 * largest_m_s / float(rate)
    return TubeSize(reach_m, swing, swing, 1.2 * 3.0 * largest_m_s)


def prepare_passes(
    elements: MeanElements,
    own: MeanElements,
    begin_tai_ns: int,
    end_tai_ns: int,
    size: TubeSize,
    leap_seconds: LeapSeconds,
) -> CataloguePasses:
    """Find every pass of the objects of a catalogue through the tube about the orbit of one.

    Parameters
    ----------
    elements : MeanElements
        The others.
    own : MeanElements
        One set: the orbit that would be changed.
    begin_tai_ns, end_tai_ns : int
        Span; the tube grows from its begin on.
    size : TubeSize
    leap_seconds : LeapSeconds

    Notes
    -----
    Sieve by the range of radii (sampled, and of the mean elements, 40 km wider), then a walk in steps of
    120 s with bounds on how far an object can get from its middle within one.  The sieve is not a proof:
    the plan that is chosen in the end is screened by the complete search.
    """
    whole = prepare_sgp4(elements, leap_seconds)
    mine = prepare_sgp4(own, leap_seconds)
    row = np.flatnonzero(_within_radii(whole, elements, mine, (begin_tai_ns, end_tai_ns), size))
    batch = whole.select(row)
    count = int(np.ceil((end_tai_ns - begin_tai_ns) / 1e9 / STEP_S))
    objects, instants = [], []
    for first in range(0, count, _BLOCK):
        knots = np.arange(first, min(first + _BLOCK, count) + 1)
        found, when = _walk(batch, mine, begin_tai_ns, knots, size)
        objects.append(found)
        instants.append(when)
    which, tai_ns = np.concatenate(objects), np.concatenate(instants)
    inside = (tai_ns >= begin_tai_ns) & (tai_ns <= end_tai_ns)
    order = np.flatnonzero(inside)[np.lexsort((which[inside], tai_ns[inside]))]
    return CataloguePasses(batch, row, which[order], tai_ns[order], begin_tai_ns, end_tai_ns, size.reach_m)


def _walk(
    batch: Sgp4Batch, mine: Sgp4Batch, begin_tai_ns: int, knots: NDArray[np.int64], size: TubeSize
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    from syzygy.debris.avoidance import _kernels

    tai_ns = begin_tai_ns + knots * round(STEP_S * 1e9)
    states, own = batch.states(tai_ns), mine.states(tai_ns)
    usable = states.error_code == 0
    if (own.error_code != 0).any():
        raise CoverageError(
            "the manoeuvrable object has no SGP4 state for all of the time the burn must be safe",
            value=f"SGP4 code {int(own.error_code.max())}",
            allowed="code 0 up to the end of the horizon",
            where="horizon_d",
            hint="it decays, or its element set is too old: shorten --horizon-d or give a newer set",
        )
    arc = size.reach_m + size.along_m + size.along_rate_m_s * STEP_S * knots[1:]
    room = 4096
    while True:
        found = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int64), np.empty(room)
        count = _kernels.find_passes(
            own.position_m[0], own.velocity_m_s[0], states.position_m, states.velocity_m_s, usable,
            STEP_S, size.reach_m + size.across_m, arc, GM_M3_S2, *found,
        )  # fmt: skip
        if count <= room:
            break
        room = _GROWTH * count
    which, interval, part = found[0][:count], found[1][:count], found[2][:count]
    return which, tai_ns[interval] + np.round(part * STEP_S * 1e9).astype(np.int64)


def _within_radii(
    whole: Sgp4Batch, elements: MeanElements, mine: Sgp4Batch, span: tuple[int, int], size: TubeSize
) -> NDArray[np.bool_]:
    # The golden ratio spreads the samples over the phases of every orbit, whatever its period.
    parts = np.sort(np.mod(np.arange(_SIEVE_SAMPLES) * 0.6180339887498949, 1.0))
    tai_ns = span[0] + (parts * (span[1] - span[0])).astype(np.int64)
    radii, own = whole.radius_range(tai_ns), mine.radius_range(tai_ns)
    pad = _SIEVE_PAD_M + size.reach_m + size.across_m
    axis = np.cbrt(GM_M3_S2 / elements.mean_motion_rad_s**2)
    low = np.minimum(radii.lowest_m, axis * (1.0 - elements.eccentricity))
    high = np.maximum(radii.highest_m, axis * (1.0 + elements.eccentricity))
    return np.asarray((low < own.highest_m[0] + pad) & (high > own.lowest_m[0] - pad) & np.isfinite(low))
