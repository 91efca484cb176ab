"""Passes over an area: when each cell comes abeam, and the roll that covers most of them.

A strip is imaged with one roll angle and no pitch: the line of sight sweeps the plane through the geocentric
vertical and square to the horizontal velocity relative to the ground (yaw steering). A cell is imaged when it
crosses that plane inside the field of view.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.sensing.switching import Scene
from syzygy.sensing.windows import Windows

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

_STEPS = 12
_CROSSING_TOLERANCE_S = 1e-6
_ROLL_TOLERANCE_RAD = 1e-10


@dataclass(frozen=True, eq=False)
class AreaPass:
    """One pass of one satellite over one area.

    Attributes
    ----------
    start_s, end_s : float
        First and last time at which any cell can be seen within the limits.
    point : array (c,)
        Points that come abeam while they can be seen.
    crossing_s, look_rad : arrays (c,)
        When they do, and the angle from nadir then, positive to the right of the motion.
    """

    start_s: float
    end_s: float
    point: IntArray
    crossing_s: FloatArray
    look_rad: FloatArray


def group_passes(scene: Scene, windows: Windows) -> list[AreaPass]:
    """Join the windows of an area's cells that overlap in time into passes, and find the crossings."""
    if not len(windows.point):
        return []
    crossing, look, abeam = _cross(scene, windows)
    order = np.lexsort((windows.point, windows.start_s))
    latest = np.maximum.accumulate(windows.end_s[order])
    fresh = np.flatnonzero(windows.start_s[order][1:] > latest[:-1]) + 1
    passes = []
    for members in np.split(order, fresh):
        seen = members[abeam[members]]
        seen = seen[np.argsort(windows.point[seen], kind="stable")]
        passes.append(
            AreaPass(
                float(windows.start_s[members].min()),
                float(windows.end_s[members].max()),
                windows.point[seen],
                crossing[seen],
                look[seen],
            )
        )
    return passes


def choose_roll(
    look_rad: FloatArray, wanted: BoolArray, half_field_rad: float, max_roll_rad: float
) -> tuple[float, BoolArray]:
    """Choose the roll that images most of the wanted points; the smallest roll among equals.

    Parameters
    ----------
    look_rad : array (c,)
        Angles across track at which the points come abeam.
    wanted : bool array (c,)
        Points that count.
    half_field_rad, max_roll_rad : float
        Half the field of view, and the largest roll to either side.

    Returns
    -------
    float, bool array (c,)
        The roll, aimed at the middle of the wanted points it reaches, and the points inside the field.

    Notes
    -----
    Exact: some best interval of fixed width begins or ends at a point or at the largest roll, and all of
    those are tried.  A point up to 1e-10 rad outside the field counts as inside, so that rounding does not
    decide about points on its edge.
    """
    angles = np.sort(look_rad[wanted])
    reach = half_field_rad + _ROLL_TOLERANCE_RAD
    middles = np.concatenate([angles + half_field_rad, angles - half_field_rad])
    middles = np.unique(np.clip(middles, -max_roll_rad, max_roll_rad))
    if not len(angles):
        return 0.0, np.zeros(len(look_rad), dtype=np.bool_)
    first = np.searchsorted(angles, middles - reach, side="left")
    last = np.searchsorted(angles, middles + reach, side="right")
    count = last - first
    if not count.max():
        return 0.0, np.zeros(len(look_rad), dtype=np.bool_)
    best = np.flatnonzero(count == count.max())
    rolls = (angles[first[best]] + angles[last[best] - 1]) / 2.0
    rolls = np.clip(rolls, -max_roll_rad, max_roll_rad)
    choice = np.lexsort((rolls, np.round(np.abs(rolls), 9)))[0]
    roll = float(rolls[choice])
    return roll, np.abs(look_rad - roll) <= reach


def track_axes(position_m: FloatArray, velocity_m_s: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return unit vectors up (geocentric), along (horizontal velocity) and right, each (n, 3)."""
    up = position_m / np.sqrt(_dot(position_m, position_m))[:, None]
    along = velocity_m_s - up * _dot(velocity_m_s, up)[:, None]
    along /= np.sqrt(_dot(along, along))[:, None]
    return up, along, np.cross(along, up)


def look_angle_rad(position_m: FloatArray, velocity_m_s: FloatArray, ground_m: FloatArray) -> FloatArray:
    """Return the angle of points across track, from nadir, positive to the right of the motion."""
    up, _, right = track_axes(position_m, velocity_m_s)
    sight = ground_m - position_m
    angle: FloatArray = np.arctan2(_dot(sight, right), -_dot(sight, up))
    return angle


def _cross(scene: Scene, windows: Windows) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Find when points come abeam inside their windows: time, look angle, and whether they do."""
    ground = scene.points.position_m[windows.point]
    time = (windows.start_s + windows.end_s) / 2.0
    step = np.full(len(time), np.inf)
    for _ in range(_STEPS):
        position, velocity = scene.satellite.at(time)
        up, along, _ = track_axes(position, velocity)
        ahead = _dot(ground - position, along)
        ground_speed = _dot(velocity, along) * _dot(ground, up) / np.sqrt(_dot(position, position))
        step = ahead / ground_speed
        time = np.clip(time + step, windows.start_s, windows.end_s)
        if np.all(np.abs(step) < _CROSSING_TOLERANCE_S):
            break
    position, velocity = scene.satellite.at(time)
    abeam = np.abs(step) < 1e3 * _CROSSING_TOLERANCE_S
    return time, look_angle_rad(position, velocity, ground), abeam


def _dot(a: FloatArray, b: FloatArray) -> FloatArray:
    product: FloatArray = np.einsum("...i,...i->...", a, b)
    return product
