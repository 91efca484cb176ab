"""GeoJSON (RFC 7946) in the part that areas and targets need: Point, Polygon, MultiPolygon and features.

The reader is strict. A position is longitude, latitude and perhaps a height; an edge is a straight line in
longitude and latitude (RFC 7946, 3.1.1); an area across the antimeridian comes as a MultiPolygon cut there
(3.1.9). Rings may turn either way round.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from syzygy.base.errors import FormatError, SyzygyError

FloatArray = NDArray[np.float64]

MAX_BYTES = 16 << 20
MAX_POSITIONS = 200_000
MAX_RING_POSITIONS = 20_000
_CRS84 = "urn:ogc:def:crs:OGC:1.3:CRS84"
_ROWS_AT_ONCE = 512


@dataclass(frozen=True, eq=False)
class Feature:
    """One feature, or one bare geometry.

    Attributes
    ----------
    kind : str
        ``Point``, ``Polygon`` or ``MultiPolygon``.
    polygons_rad : tuple of tuple of arrays (n, 2)
        Polygons; in each the outer ring first, then the holes. Longitude and latitude, closed.
    point_rad : tuple of float
        Longitude and latitude of a Point; ``(0.0, 0.0)`` otherwise.
    height_m : float
        Third number of a Point above the ellipsoid, 0 when it has none.
    properties : mapping
        The properties, as they stand.
    where : str
        Place in the file, e.g. ``area.geojson: features[2]``.
    """

    kind: str
    polygons_rad: tuple[tuple[FloatArray, ...], ...]
    point_rad: tuple[float, float]
    height_m: float
    properties: Mapping[str, object]
    where: str

    @property
    def name(self) -> str:
        """The property ``name``, empty when there is none."""
        value = self.properties.get("name")
        return value if isinstance(value, str) else ""


def read_geojson(content: bytes, *, name: str = "", max_bytes: int = MAX_BYTES) -> tuple[Feature, ...]:
    """Read a FeatureCollection, a Feature or a bare geometry.

    Parameters
    ----------
    content : bytes
        UTF-8 JSON.
    name : str
        File name for messages.
    max_bytes : int
        Refuse larger files.

    Returns
    -------
    tuple of Feature
        At least one, in the order of the file.

    Raises
    ------
    FormatError
        Not GeoJSON, another geometry type or reference system, a position out of range, a ring that is
        open, empty or crosses itself, or a file that is too large or has nothing in it.

    Source
    ------
    RFC 7946, "The GeoJSON Format", sections 3 and 4.
    """
    document = _parse(content, name, max_bytes)
    kind = document.get("type")
    _check_reference_system(document, name)
    if kind == "FeatureCollection":
        members = document.get("features")
        if not isinstance(members, list) or not members:
            raise FormatError(
                "the collection has no features", value=members, allowed="a list of features", where=name
            )
        return tuple(_feature(member, f"{name}: features[{i}]") for i, member in enumerate(members))
    if kind == "Feature":
        return (_feature(document, name),)
    return (_geometry(document, {}, name),)


def _parse(content: bytes, name: str, max_bytes: int) -> dict[str, object]:
    if len(content) > max_bytes:
        raise FormatError(
            "the GeoJSON file is too large",
            value=f"{len(content)} bytes",
            allowed=f"{max_bytes} bytes",
            where=name,
            hint="simplify the outline: a few hundred corners are enough",
        )
    try:
        document = json.loads(
            content.decode("utf-8-sig"), parse_constant=_refuse_constant, object_pairs_hook=_unique_keys
        )
    except SyzygyError as error:
        error.where = name
        raise
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise FormatError(
            "not a JSON text", value=str(error)[:80], allowed="GeoJSON in UTF-8 (RFC 7946)", where=name
        ) from error
    if not isinstance(document, dict):
        raise FormatError(
            "not a GeoJSON object", value=type(document).__name__, allowed="an object with a type", where=name
        )
    return document


def _refuse_constant(text: str) -> float:
    raise FormatError("not a finite number", value=text, allowed="finite numbers only")


def _unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise FormatError(
            "a member is given twice",
            value=next(key for key in keys if keys.count(key) > 1),
            allowed="each once",
        )
    return found


def _check_reference_system(document: Mapping[str, object], name: str) -> None:
    crs = document.get("crs")
    if crs is None:
        return
    properties = crs.get("properties") if isinstance(crs, dict) else None
    given = properties.get("name") if isinstance(properties, dict) else crs
    if given != _CRS84:
        raise FormatError(
            "another coordinate reference system",
            value=str(given)[:60],
            allowed="WGS 84 longitude and latitude, without a crs member",
            where=name,
            hint="reproject the outline to WGS 84",
        )


def _feature(member: object, where: str) -> Feature:
    if not isinstance(member, dict) or member.get("type") != "Feature":
        raise FormatError("not a feature", value=str(member)[:60], allowed='"type": "Feature"', where=where)
    properties = member.get("properties")
    if properties is not None and not isinstance(properties, dict):
        raise FormatError(
            "properties are not an object", value=str(properties)[:60], allowed="{...} or null", where=where
        )
    geometry = member.get("geometry")
    if not isinstance(geometry, dict):
        raise FormatError("the feature has no geometry", value=geometry, allowed="a geometry", where=where)
    return _geometry(geometry, properties or {}, where)


def _geometry(geometry: Mapping[str, object], properties: Mapping[str, object], where: str) -> Feature:
    kind = geometry.get("type")
    coordinates = geometry.get("coordinates")
    frozen = MappingProxyType(dict(properties))
    if kind == "Point":
        position = _positions([coordinates], where)[0]
        longitude_rad, latitude_rad = np.radians(position[:2])
        point = (float(longitude_rad), float(latitude_rad))
        return Feature("Point", (), point, float(position[2]), frozen, where)
    if kind == "Polygon":
        return Feature("Polygon", (_polygon(coordinates, where),), (0.0, 0.0), 0.0, frozen, where)
    if kind == "MultiPolygon":
        if not isinstance(coordinates, list) or not coordinates:
            raise FormatError(
                "a MultiPolygon without polygons", value=coordinates, allowed="one or more", where=where
            )
        polygons = tuple(_polygon(part, f"{where} polygon {i}") for i, part in enumerate(coordinates))
        return Feature("MultiPolygon", polygons, (0.0, 0.0), 0.0, frozen, where)
    raise FormatError(
        "a geometry type that is not read here",
        value=kind,
        allowed="Point, Polygon, MultiPolygon",
        where=where,
    )


def _polygon(rings: object, where: str) -> tuple[FloatArray, ...]:
    if not isinstance(rings, list) or not rings:
        raise FormatError(
            "an empty polygon", value=rings, allowed="an outer ring of four positions or more", where=where
        )
    return tuple(_ring(ring, f"{where} ring {i}") for i, ring in enumerate(rings))


def _ring(ring: object, where: str) -> FloatArray:
    if not isinstance(ring, list) or len(ring) < 4:
        count = len(ring) if isinstance(ring, list) else ring
        raise FormatError(
            "a ring with too few positions", value=count, allowed="4 or more, the first repeated", where=where
        )
    if len(ring) > MAX_RING_POSITIONS:
        raise FormatError(
            "a ring with too many positions", value=len(ring), allowed=str(MAX_RING_POSITIONS), where=where
        )
    corners = _positions(ring, where)[:, :2]
    if not np.array_equal(corners[0], corners[-1]):
        raise FormatError(
            "an open ring",
            value=f"first {corners[0].tolist()}, last {corners[-1].tolist()} deg",
            allowed="the last position equal to the first",
            where=where,
        )
    step = np.any(np.diff(corners, axis=0) != 0.0, axis=1)
    corners = np.concatenate([corners[:1], corners[1:][step]])
    if len(corners) < 4 or _planar_area(corners) == 0.0:
        raise FormatError(
            "a ring without area", value=f"{len(corners)} distinct positions", allowed="an area", where=where
        )
    crossing = _self_crossing(corners)
    if crossing is not None:
        first, second = crossing
        raise FormatError(
            "a ring that crosses itself",
            value=f"edges {first} and {second} near {corners[first].tolist()} deg",
            allowed="a simple ring",
            where=where,
            hint="check the order of the corners; cut at the antimeridian into a MultiPolygon",
        )
    return np.radians(corners)


def _positions(values: list[object], where: str) -> FloatArray:
    """Check positions and return them as (n, 3): longitude and latitude in degrees, height in metres."""
    if len(values) > MAX_POSITIONS:
        raise FormatError("too many positions", value=len(values), allowed=str(MAX_POSITIONS), where=where)
    found = np.zeros((len(values), 3))
    for index, value in enumerate(values):
        numbers = isinstance(value, list) and all(
            isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v) for v in value
        )
        if not isinstance(value, list) or not numbers or len(value) not in (2, 3):
            raise FormatError(
                "not a position",
                value=str(value)[:60],
                allowed="[longitude, latitude] or with height, finite numbers",
                where=f"{where} position {index}",
            )
        found[index, : len(value)] = value
    outside = (np.abs(found[:, 0]) > 180.0) | (np.abs(found[:, 1]) > 90.0)
    if np.any(outside):
        index = int(np.argmax(outside))
        swapped = abs(found[index, 0]) <= 90.0 and abs(found[index, 1]) <= 180.0
        raise FormatError(
            "a position out of range",
            value=f"longitude {found[index, 0]:g} deg, latitude {found[index, 1]:g} deg",
            allowed="longitude -180 to 180 deg, latitude -90 to 90 deg",
            where=f"{where} position {index}",
            hint="GeoJSON writes longitude first: latitude and longitude seem swapped" if swapped else "",
        )
    return found


def _planar_area(corners: FloatArray) -> float:
    x, y = (corners - corners[0]).T
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2.0


def _self_crossing(corners: FloatArray) -> tuple[int, int] | None:
    """Return the first two edges that cross or touch beyond a shared corner, None for a simple ring."""
    start, end = corners[:-1], corners[1:]
    count = len(start)
    for low in range(0, count, _ROWS_AT_ONCE):
        rows = np.arange(low, min(low + _ROWS_AT_ONCE, count))
        a, b = start[rows, None], end[rows, None]
        later = np.arange(count)[None, :] > rows[:, None] + 1
        closing = (rows[:, None] == 0) & (np.arange(count)[None, :] == count - 1)
        touching = _edges_touch(a, b, start[None], end[None]) & later & ~closing
        if np.any(touching):
            row, second = np.argwhere(touching)[0]
            return int(rows[row]), int(second)
    return None


def _edges_touch(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> NDArray[np.bool_]:
    """Tell which closed segments a-b and c-d share a point."""
    c_side, d_side = _turn(a, b, c), _turn(a, b, d)
    a_side, b_side = _turn(c, d, a), _turn(c, d, b)
    apart = (
        (np.maximum(a, b) < np.minimum(c, d)).any(axis=-1)
        | (np.maximum(c, d) < np.minimum(a, b)).any(axis=-1)
        | (c_side * d_side > 0.0)
        | (a_side * b_side > 0.0)
    )
    return ~apart


def _turn(a: FloatArray, b: FloatArray, c: FloatArray) -> FloatArray:
    ab, ac = b - a, c - a
    turn: FloatArray = np.sign(ab[..., 0] * ac[..., 1] - ab[..., 1] * ac[..., 0])
    return turn
