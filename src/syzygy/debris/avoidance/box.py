"""How far plans leave the old orbit: change of the semi-major axis, distances along and across."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.frames import rtn_axes
from syzygy.astro.mean_elements import MeanElements
from syzygy.astro.propagation.sgp4_batch import prepare_sgp4
from syzygy.astro.time import LeapSeconds
from syzygy.debris.avoidance.plans import FlownPlans
from syzygy.debris.probability.element_motion import GM_M3_S2

FloatArray = NDArray[np.float64]
_SAMPLES = 301


@dataclass(frozen=True, eq=False)
class Departures:
    """Largest departures of n plans from the unchanged orbit over the horizon.

    Attributes
    ----------
    axis_change_m : (n,) float64
        Of the mean semi-major axis, signed, of the leg that is changed most.
    in_track_m, across_m : (n,) float64
        Largest distance along the orbit, and radially or across it.
    in_track_end_m : (n,) float64
        Along the orbit at the end, signed.
    """

    axis_change_m: FloatArray
    in_track_m: FloatArray
    across_m: FloatArray
    in_track_end_m: FloatArray


def find_departures(
    flown: FlownPlans, own: MeanElements, begin_tai_ns: int, end_tai_ns: int, leap_seconds: LeapSeconds
) -> Departures:
    """Compare each plan with the unchanged orbit at 301 instants."""
    count = len(flown.plans)
    times = begin_tai_ns + np.linspace(0, end_tai_ns - begin_tai_ns, _SAMPLES).astype(np.int64)
    own_states = prepare_sgp4(own, leap_seconds).states(times)
    axes = rtn_axes(own_states.position_m[0], own_states.velocity_m_s[0])
    changed = prepare_sgp4(flown.legs.elements, leap_seconds).states(times).position_m
    local = np.einsum("mij,nmj->nmi", axes, changed)
    size = np.linalg.norm(changed, axis=2)
    radius = np.linalg.norm(own_states.position_m[0], axis=1)
    along = radius * np.arctan2(local[..., 1], local[..., 0])
    across = np.hypot(size - radius, local[..., 2])
    held = (times >= flown.legs.begin_tai_ns[:, None]) & (times <= flown.legs.end_tai_ns[:, None])
    along, across = (np.where(held, part, 0.0).reshape(-1, count, _SAMPLES) for part in (along, across))
    axis = np.cbrt(GM_M3_S2 / own.mean_motion_rad_s[0] ** 2)
    change = axis * ((own.mean_motion_rad_s[0] / flown.legs.elements.mean_motion_rad_s) ** (2.0 / 3.0) - 1.0)
    change = change.reshape(-1, count)
    most = np.argmax(np.abs(change), axis=0)
    return Departures(
        change[most, np.arange(count)],
        np.abs(along).max(axis=(0, 2)),
        across.max(axis=(0, 2)),
        along[-1, :, -1],
    )
