"""The opportunities of a few satellites: the independent piece of work that goes to one worker."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.frames import geodetic_from_itrf
from syzygy.astro.mean_elements import MeanElements
from syzygy.sensing.look import elevation_rad, ground_point_m, look_angles
from syzygy.sensing.passes import choose_roll, group_passes, look_angle_rad, track_axes
from syzygy.sensing.places import AREA, TARGET, Place, ground_points
from syzygy.sensing.switching import GroundPoints, Scene, ViewLimits
from syzygy.sensing.tracks import SatelliteSource, Track
from syzygy.sensing.windows import Windows, closest_approach_s, find_windows, prepare_coarse

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

FOOTPRINT_TIMES = 9


@dataclass(frozen=True)
class SensorView:
    """What the imaging of one sensor needs.

    Attributes
    ----------
    row : int
        Row in the list of sensors.
    limits : ViewLimits
        Off-nadir includes half the field of view beyond the roll.
    half_field_rad, max_roll_rad : float
        Across track.
    strips : bool
        Whether areas can be imaged in strips (false for high orbits).
    """

    row: int
    limits: ViewLimits
    half_field_rad: float
    max_roll_rad: float
    strips: bool


@dataclass(frozen=True, eq=False)
class ImagingJob:
    """Some satellites with their sensors, over all places."""

    elements: MeanElements
    satellite_rows: tuple[int, ...]
    views: tuple[tuple[SensorView, ...], ...]
    places: tuple[Place, ...]
    start_tai_ns: int
    duration_s: float
    earth_model: str
    almanac: Almanac
    sun: Track


@dataclass(frozen=True, eq=False)
class Opportunities:
    """n opportunities; times in seconds after the start of the search, angles in radians.

    Attributes
    ----------
    satellite, sensor, place : int64 (n,)
        Rows of the element sets, the sensors and the places.
    start_s, end_s : (n,)
        Window in which some point can be seen within the limits.
    strip_start_s, strip_end_s, best_s : (n,)
        Imaging of the strip (areas); the moment for which the angles are given.
    off_nadir_rad, incidence_rad, azimuth_rad, sun_elevation_rad : (n,)
        At the best time, for the target or the imaged cell next to the middle of the imaged ones.
    roll_rad : (n,)
        Middle of the strip across track, positive to the right of the motion.
    range_m, height_m, speed_m_s : (n,)
        Distance, geodetic height and Earth-fixed speed of the satellite.
    ascending : bool (n,)
        Moving north at the best time.
    share : (n,)
        Imaged part of the place.
    footprint_rad : (n, 2 * FOOTPRINT_TIMES, 2)
        Outline of the strip: right edge forward, left edge back; longitude and latitude.
    seen_count : int64 (n,)
        Number of points that come abeam; their rows follow each other in the next arrays.
    seen_point : int64 (k,); seen_look_rad : (k,); seen_imaged : bool (k,)
        Point of the place, angle across track, and whether the strip holds it.
    """

    satellite: IntArray
    sensor: IntArray
    place: IntArray
    start_s: FloatArray
    end_s: FloatArray
    strip_start_s: FloatArray
    strip_end_s: FloatArray
    best_s: FloatArray
    off_nadir_rad: FloatArray
    incidence_rad: FloatArray
    azimuth_rad: FloatArray
    sun_elevation_rad: FloatArray
    roll_rad: FloatArray
    range_m: FloatArray
    height_m: FloatArray
    speed_m_s: FloatArray
    ascending: NDArray[np.bool_]
    share: FloatArray
    footprint_rad: FloatArray
    seen_count: IntArray
    seen_point: IntArray
    seen_look_rad: FloatArray
    seen_imaged: NDArray[np.bool_]

    def __len__(self) -> int:
        return int(self.satellite.shape[0])

    @property
    def seen_slices(self) -> list[slice]:
        """The rows of the `seen` arrays of each opportunity."""
        ends = np.cumsum(self.seen_count).tolist()
        return [slice(end - count, end) for end, count in zip(ends, self.seen_count.tolist(), strict=True)]

    def reorder(self, order: IntArray) -> Opportunities:
        """Return the opportunities in another order."""
        slices = self.seen_slices
        flat = [np.arange(s.start, s.stop) for s in (slices[i] for i in order.tolist())]
        seen = np.concatenate([*flat, np.empty(0, dtype=np.int64)]).astype(np.int64)
        values: dict[str, Any] = {}
        for item in fields(self):
            index = seen if item.name in ("seen_point", "seen_look_rad", "seen_imaged") else order
            values[item.name] = getattr(self, item.name)[index]
        return Opportunities(**values)


@dataclass(frozen=True, eq=False)
class ImagingAnswer:
    """The opportunities of one job, what SGP4 refused, and how many passes image nothing.

    Attributes
    ----------
    failed : tuple of (row, code)
        Satellites that SGP4 could not propagate over the whole search.
    empty_passes : int
        Passes in which no cell comes abeam inside the field of view.
    """

    opportunities: Opportunities
    failed: tuple[tuple[int, int], ...]
    empty_passes: int


def image_places(job: ImagingJob) -> ImagingAnswer:
    """Find the opportunities of every satellite of a job."""
    parts: list[Opportunities] = []
    failed = []
    empty = 0
    groups = _groups(job.places)
    for index, (row, views) in enumerate(zip(job.satellite_rows, job.views, strict=True)):
        source = SatelliteSource(job.elements.select(index), job.start_tai_ns, job.earth_model, job.almanac)
        coarse, code = prepare_coarse(source, job.duration_s)
        if coarse is None:
            failed.append((row, code))
            continue
        for view in views:
            for group in groups:
                if group.kind == AREA and not view.strips:
                    continue
                windows, scene = find_windows(source, job.sun, group.points, view.limits, coarse)
                if group.kind == AREA:
                    found, dropped = _strips(scene, windows, view)
                    empty += dropped
                else:
                    found = _target_views(scene, windows)
                if found:
                    parts.append(_describe(scene, found, view, row, group))
    return ImagingAnswer(join_opportunities(parts), tuple(failed), empty)


def join_opportunities(parts: list[Opportunities]) -> Opportunities:
    """Return the opportunities of several batches, one after the other."""
    values: dict[str, Any] = {}
    for item in fields(Opportunities):
        arrays = [getattr(part, item.name) for part in parts]
        values[item.name] = np.concatenate(arrays) if arrays else _EMPTY[item.name]
    return Opportunities(**values)


@dataclass(frozen=True, eq=False)
class _Group:
    """One area, or all targets together: points that are searched in one go.

    `place` tells for each point the place it belongs to; each target is a place of its own.
    """

    kind: str
    place: IntArray
    points: GroundPoints


def _groups(places: tuple[Place, ...]) -> list[_Group]:
    groups = []
    targets = []
    for row, place in enumerate(places):
        if place.kind == AREA:
            rows = np.full(len(place.cell_id), row, dtype=np.int64)
            groups.append(_Group(AREA, rows, ground_points([place])))
        else:
            targets.append(row)
    if targets:
        points = ground_points([places[row] for row in targets])
        groups.append(_Group(TARGET, np.array(targets, dtype=np.int64), points))
    return groups


@dataclass(frozen=True, eq=False)
class _View:
    """One opportunity before its angles are computed."""

    start_s: float
    end_s: float
    strip_start_s: float
    strip_end_s: float
    best_s: float
    point: int
    roll_rad: float
    seen_point: IntArray
    seen_look_rad: FloatArray
    seen_imaged: NDArray[np.bool_]


def _strips(scene: Scene, windows: Windows, view: SensorView) -> tuple[list[_View], int]:
    found = []
    passes = group_passes(scene, windows)
    for area_pass in passes:
        everything = np.ones(len(area_pass.point), dtype=np.bool_)
        roll, imaged = choose_roll(area_pass.look_rad, everything, view.half_field_rad, view.max_roll_rad)
        if not imaged.any():
            continue
        times = area_pass.crossing_s[imaged]
        ground = scene.points.position_m[area_pass.point[imaged]]
        middle = int(np.argmin(np.sum((ground - ground.mean(axis=0)) ** 2, axis=1)))
        found.append(
            _View(
                start_s=area_pass.start_s,
                end_s=area_pass.end_s,
                strip_start_s=float(times.min()),
                strip_end_s=float(times.max()),
                best_s=float(times[middle]),
                point=int(area_pass.point[imaged][middle]),
                roll_rad=roll,
                seen_point=area_pass.point,
                seen_look_rad=area_pass.look_rad,
                seen_imaged=imaged,
            )
        )
    return found, len(passes) - len(found)


def _target_views(scene: Scene, windows: Windows) -> list[_View]:
    best = closest_approach_s(scene, windows)
    position, velocity = scene.satellite.at(best)
    look = look_angle_rad(position, velocity, scene.points.position_m[windows.point])
    itself, yes = np.zeros(1, dtype=np.int64), np.ones(1, dtype=np.bool_)
    return [
        _View(start, end, moment, moment, moment, point, angle, itself, np.array([angle]), yes)
        for start, end, moment, point, angle in zip(
            windows.start_s.tolist(),
            windows.end_s.tolist(),
            best.tolist(),
            windows.point.tolist(),
            look.tolist(),
            strict=True,
        )
    ]


def _describe(
    scene: Scene, found: list[_View], view: SensorView, satellite_row: int, group: _Group
) -> Opportunities:
    best = np.array([item.best_s for item in found])
    point = np.array([item.point for item in found])
    position, velocity = scene.satellite.at(best)
    ground, axes = scene.points.position_m[point], scene.points.axes_enu[point]
    angles = look_angles(position, ground, axes)
    sun, _ = scene.sun.at(best)
    imaged = np.array([int(item.seen_imaged.sum()) for item in found])
    count = len(found)
    cells = len(group.place) if group.kind == AREA else 1
    return Opportunities(
        satellite=np.full(count, satellite_row, dtype=np.int64),
        sensor=np.full(count, view.row, dtype=np.int64),
        place=group.place[point],
        start_s=np.array([item.start_s for item in found]),
        end_s=np.array([item.end_s for item in found]),
        strip_start_s=np.array([item.strip_start_s for item in found]),
        strip_end_s=np.array([item.strip_end_s for item in found]),
        best_s=best,
        off_nadir_rad=angles.off_nadir_rad,
        incidence_rad=angles.incidence_rad,
        azimuth_rad=angles.azimuth_rad,
        sun_elevation_rad=elevation_rad(sun - ground, axes[:, 2]),
        roll_rad=np.array([item.roll_rad for item in found]),
        range_m=angles.range_m,
        height_m=geodetic_from_itrf(position)[2],
        speed_m_s=np.sqrt(np.sum(velocity**2, axis=-1)),
        ascending=velocity[:, 2] > 0.0,
        share=imaged / cells,
        footprint_rad=_footprints(scene, found, view.half_field_rad),
        seen_count=np.array([len(item.seen_point) for item in found], dtype=np.int64),
        seen_point=np.concatenate([item.seen_point for item in found]),
        seen_look_rad=np.concatenate([item.seen_look_rad for item in found]),
        seen_imaged=np.concatenate([item.seen_imaged for item in found]),
    )


def _footprints(scene: Scene, found: list[_View], half_field_rad: float) -> FloatArray:
    share = np.linspace(0.0, 1.0, FOOTPRINT_TIMES)
    first = np.array([item.strip_start_s for item in found])
    last = np.array([item.strip_end_s for item in found])
    roll = np.repeat([item.roll_rad for item in found], FOOTPRINT_TIMES)
    times = (first[:, None] + share * (last - first)[:, None]).ravel()
    position, velocity = scene.satellite.at(times)
    up, _, right = track_axes(position, velocity)
    edges = []
    for angle in (roll + half_field_rad, roll - half_field_rad):
        angle = np.clip(angle, -math.pi / 2.0, math.pi / 2.0)[:, None]
        ground = ground_point_m(position, right * np.sin(angle) - up * np.cos(angle))
        latitude, longitude, _ = geodetic_from_itrf(ground)
        edges.append(np.stack([longitude, latitude], axis=-1).reshape(len(found), FOOTPRINT_TIMES, 2))
    return np.concatenate([edges[0], edges[1][:, ::-1]], axis=1)


def _empty() -> dict[str, NDArray[np.generic]]:
    whole = {"satellite", "sensor", "place", "seen_count", "seen_point"}
    truth = {"ascending", "seen_imaged"}
    empty: dict[str, NDArray[np.generic]] = {}
    for item in fields(Opportunities):
        kind = np.int64 if item.name in whole else np.bool_ if item.name in truth else np.float64
        empty[item.name] = np.empty(0, dtype=kind)
    empty["footprint_rad"] = np.empty((0, 2 * FOOTPRINT_TIMES, 2))
    return empty


_EMPTY = _empty()
