"""Places to look at: areas cut into equal-area cells, and point targets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.frames import itrf_from_geodetic, topocentric_axes
from syzygy.base.errors import InputError, SyzygyError
from syzygy.base.provenance import InputFile
from syzygy.formats.geojson import Feature, read_geojson
from syzygy.sensing.csv_rows import raise_problems, read_csv_rows
from syzygy.sensing.equal_area import Polygon, make_grid, polygon_area_m2
from syzygy.sensing.switching import GroundPoints

IntArray = NDArray[np.int64]

TARGET = "target"
AREA = "area"
MAX_TARGETS = 10_000


@dataclass(frozen=True, eq=False)
class Place:
    """One area or one target, with the points that stand for it.

    Attributes
    ----------
    name, kind : str
        Kind ``area`` or ``target``.
    cell_id : array (c,)
        Numbers of the cells in the global grid; -1 for a target.
    longitude_rad, latitude_rad : arrays (c,)
        Cell centres, or the target.
    height_m : float
        Above the ellipsoid; 0 for areas.
    cell_area_m2, area_m2 : float
        Of one cell and of the outline itself; 0 for a target.
    polygons_rad : tuple of polygons
        The outline.
    """

    name: str
    kind: str
    cell_id: IntArray
    longitude_rad: NDArray[np.float64]
    latitude_rad: NDArray[np.float64]
    height_m: float
    cell_area_m2: float
    area_m2: float
    polygons_rad: tuple[Polygon, ...]


def read_places(area: InputFile | None, targets: InputFile | None, cell_size_m: float) -> tuple[Place, ...]:
    """Read areas (GeoJSON) and targets (CSV); areas first, in the order of the files.

    Raises
    ------
    FormatError, InputError, ProblemList
        A file that cannot be used, an area smaller than a cell, two places of one name.
    """
    places: list[Place] = []
    if area is not None:
        stem = area.name.rsplit(".", 1)[0]
        features = read_geojson(area.read(), name=area.name)
        places += [_area(f, f.name or f"{stem} {i + 1}", cell_size_m) for i, f in enumerate(features)]
    if targets is not None:
        places += _targets(targets.read(), targets.name)
    seen: set[str] = set()
    for place in places:
        if place.name in seen:
            raise InputError(
                "two places of one name", value=place.name, allowed="unique names", where="places"
            )
        seen.add(place.name)
    return tuple(places)


def _area(feature: Feature, name: str, cell_size_m: float) -> Place:
    if feature.kind == "Point":
        longitude, latitude = feature.point_rad
        return _point(name, longitude, latitude, feature.height_m)
    grid = make_grid(cell_size_m)
    found = [grid.cells_inside(polygon, where=feature.where) for polygon in feature.polygons_rad]
    cells = np.unique(np.concatenate(found))
    if not len(cells):
        raise InputError(
            "an area smaller than a cell",
            value=f"{sum(map(polygon_area_m2, feature.polygons_rad)) / 1e6:.3g} km2",
            allowed=f"some cells of {grid.cell_area_m2 / 1e6:.3g} km2",
            where=f"{feature.where} ({name})",
            hint="choose a smaller cell size, or make it a target",
        )
    longitude_rad, latitude_rad = grid.centres_rad(cells)
    return Place(
        name=name,
        kind=AREA,
        cell_id=cells,
        longitude_rad=longitude_rad,
        latitude_rad=latitude_rad,
        height_m=0.0,
        cell_area_m2=grid.cell_area_m2,
        area_m2=sum(polygon_area_m2(polygon) for polygon in feature.polygons_rad),
        polygons_rad=feature.polygons_rad,
    )


def _targets(content: bytes, name: str) -> list[Place]:
    problems: list[SyzygyError] = []
    places = []
    rows = read_csv_rows(content, ("name", "latitude_deg", "longitude_deg"), name=name)
    if len(rows) > MAX_TARGETS:
        raise InputError("too many targets", value=len(rows), allowed=str(MAX_TARGETS), where=name)
    for row in rows:
        try:
            latitude = row.number("latitude_deg", -90.0, 90.0, "deg", hint="latitude and longitude swapped?")
            longitude = row.number("longitude_deg", -180.0, 360.0, "deg")
            height = row.number("height_m", -500.0, 9000.0, "m", default=0.0)
            places.append(_point(row.text("name"), math.radians(longitude), math.radians(latitude), height))
        except SyzygyError as problem:
            problems.append(problem)
    raise_problems(problems, name)
    return places


def _point(name: str, longitude_rad: float, latitude_rad: float, height_m: float) -> Place:
    return Place(
        name=name,
        kind=TARGET,
        cell_id=np.array([-1], dtype=np.int64),
        longitude_rad=np.array([longitude_rad]),
        latitude_rad=np.array([latitude_rad]),
        height_m=height_m,
        cell_area_m2=0.0,
        area_m2=0.0,
        polygons_rad=(),
    )


def ground_points(places: Sequence[Place]) -> GroundPoints:
    """Return the Earth-fixed positions and local axes of the points of places, one after the other."""
    longitude_rad = np.concatenate([place.longitude_rad for place in places])
    latitude_rad = np.concatenate([place.latitude_rad for place in places])
    height_m = np.concatenate([np.full(len(place.longitude_rad), place.height_m) for place in places])
    return GroundPoints(
        itrf_from_geodetic(latitude_rad, longitude_rad, height_m),
        topocentric_axes(latitude_rad, longitude_rad),
    )
