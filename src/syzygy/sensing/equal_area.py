"""One global grid of cells of exactly equal area on the WGS-84 ellipsoid, the same for every partner.

Rows run between parallels; each row is cut into a whole number of cells from the antimeridian eastward, and
the parallels are then placed so that all cells of the globe have one area. A cell has a number that means
the same cell for everyone who uses the same size, so that coverages of two partners can be compared.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.constants import WGS84_INVERSE_FLATTENING, WGS84_SEMI_MAJOR_AXIS_M
from syzygy.base.errors import InputError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Polygon = tuple[FloatArray, ...]

MAX_CELLS = 40_000
_FLATTENING = 1.0 / WGS84_INVERSE_FLATTENING
_E2 = _FLATTENING * (2.0 - _FLATTENING)
_E = math.sqrt(_E2)
_AREA_STEP_RAD = math.radians(0.25)
_MIN_ROW_CELLS = 3


def authalic_sine(latitude_rad: FloatArray) -> FloatArray:
    """Return the sine of the authalic latitude, -1 at the south pole to 1 at the north pole.

    Equal steps of it bound zones of equal area on the ellipsoid.

    Source
    ------
    J. P. Snyder, "Map Projections - A Working Manual", USGS PP 1395, eqs. 3-11 and 3-12.
    """
    return _q(np.sin(latitude_rad)) / _Q_POLE


def geodetic_latitude_rad(authalic_sine_value: FloatArray) -> FloatArray:
    """Return the geodetic latitude of an authalic sine (inverse of `authalic_sine`).

    **Accuracy**: round trip within 1e-12 rad, `test_sensing_equal_area.py`.
    """
    target = np.asarray(authalic_sine_value, dtype=np.float64) * _Q_POLE
    sine = np.asarray(authalic_sine_value, dtype=np.float64).copy()
    for _ in range(6):
        slope = 2.0 * (1.0 - _E2) / (1.0 - _E2 * sine**2) ** 2
        sine = np.clip(sine - (_q(sine) - target) / slope, -1.0, 1.0)
    return np.arcsin(sine)


def polygon_area_m2(polygon: Polygon) -> float:
    """Return the area on the ellipsoid of a polygon with straight edges in longitude and latitude.

    Parameters
    ----------
    polygon : tuple of arrays (n, 2)
        Outer ring, then holes; closed rings of longitude and latitude in radians.

    **Accuracy**: 1e-9 of the area against the closed form of zones, `test_sensing_equal_area.py`.
    """
    areas = [abs(_ring_area_m2(ring)) for ring in polygon]
    return areas[0] - sum(areas[1:])


def inside_polygon(
    polygon: Polygon, longitude_rad: FloatArray, latitude_rad: FloatArray
) -> NDArray[np.bool_]:
    """Tell which points lie inside, by the even-odd rule over all rings (holes are outside)."""
    inside = np.zeros(longitude_rad.shape, dtype=np.bool_)
    for ring in polygon:
        for (x0, y0), (x1, y1) in pairwise(ring):
            if y0 == y1:
                continue
            spans = (latitude_rad >= min(y0, y1)) & (latitude_rad < max(y0, y1))
            crossing = x0 + (latitude_rad - y0) * ((x1 - x0) / (y1 - y0))
            inside ^= spans & (longitude_rad < crossing)
    return inside


@dataclass(frozen=True, eq=False)
class EqualAreaGrid:
    """The global grid for one cell size.

    Attributes
    ----------
    row_start : array (r + 1,)
        Number of the first cell of each row, from the south pole; the last entry is the count of all cells.
    """

    row_start: IntArray

    @property
    def cell_area_m2(self) -> float:
        """The area of every cell."""
        return 2.0 * math.pi * WGS84_SEMI_MAJOR_AXIS_M**2 * _Q_POLE / float(self.row_start[-1])

    def centres_rad(self, cell_id: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return longitude and latitude of cell centres (mid longitude, mid authalic sine)."""
        row = np.searchsorted(self.row_start, cell_id, side="right") - 1
        first, last = self.row_start[row], self.row_start[row + 1]
        longitude = -np.pi + 2.0 * np.pi * (cell_id - first + 0.5) / (last - first)
        middle = (first + last) / float(self.row_start[-1]) - 1.0
        return longitude, geodetic_latitude_rad(middle)

    def bounds_rad(self, cell_id: IntArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return west, south, east and north of cells."""
        row = np.searchsorted(self.row_start, cell_id, side="right") - 1
        first, last = self.row_start[row], self.row_start[row + 1]
        west = -np.pi + 2.0 * np.pi * (cell_id - first) / (last - first)
        sines = 2.0 * self.row_start.astype(np.float64) / float(self.row_start[-1]) - 1.0
        edges = geodetic_latitude_rad(sines)
        return west, edges[row], west + 2.0 * np.pi / (last - first), edges[row + 1]

    def cells_inside(self, polygon: Polygon, *, where: str = "") -> IntArray:
        """Return the cells whose centre lies inside the polygon, in ascending order.

        Raises
        ------
        InputError
            More than `MAX_CELLS` cells.
        """
        west, south = polygon[0].min(axis=0)
        east, north = polygon[0].max(axis=0)
        total = float(self.row_start[-1])
        edges = 2.0 * self.row_start / total - 1.0
        low, high = authalic_sine(np.array([south, north]))
        first_row = max(int(np.searchsorted(edges, low, side="right")) - 1, 0)
        last_row = min(int(np.searchsorted(edges, high, side="left")), len(edges) - 1)
        counts = np.diff(self.row_start[first_row : last_row + 1])
        begin = np.floor((west + np.pi) / (2.0 * np.pi) * counts).astype(np.int64)
        end = np.minimum(np.ceil((east + np.pi) / (2.0 * np.pi) * counts).astype(np.int64), counts)
        size = int(np.sum(end - begin))
        if size > 4 * MAX_CELLS:
            raise _too_many(size, where)
        cells = np.concatenate(
            [
                np.arange(b, e, dtype=np.int64) + start
                for b, e, start in zip(begin, end, self.row_start[first_row:last_row], strict=True)
            ]
            or [np.empty(0, dtype=np.int64)]
        )
        longitude, latitude = self.centres_rad(cells)
        cells = cells[inside_polygon(polygon, longitude, latitude)]
        if len(cells) > MAX_CELLS:
            raise _too_many(len(cells), where)
        return cells


def make_grid(cell_size_m: float) -> EqualAreaGrid:
    """Make the global grid whose cells are about `cell_size_m` on a side.

    Examples
    --------
    >>> round(make_grid(100e3).cell_area_m2 / 1e6)
    9998
    """
    radius_m = WGS84_SEMI_MAJOR_AXIS_M * math.sqrt(_Q_POLE / 2.0)
    rows = max(4, round(math.pi * radius_m / cell_size_m))
    sines = np.sin(np.linspace(-np.pi / 2.0, np.pi / 2.0, rows + 1))
    ideal = 2.0 * np.pi * radius_m**2 * np.diff(sines) / cell_size_m**2
    counts = np.maximum(_MIN_ROW_CELLS, np.rint(ideal)).astype(np.int64)
    return EqualAreaGrid(np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(counts)]))


def _q(sine: FloatArray) -> FloatArray:
    q: FloatArray = (1.0 - _E2) * (sine / (1.0 - _E2 * sine**2) + np.arctanh(_E * sine) / _E)
    return q


_Q_POLE = float(_q(np.array(1.0)))


def _ring_area_m2(ring: FloatArray) -> float:
    nodes, weights = np.polynomial.legendre.leggauss(6)
    total = 0.0
    for (x0, y0), (x1, y1) in pairwise(ring):
        pieces = max(1, math.ceil(abs(y1 - y0) / _AREA_STEP_RAD))
        share = (np.arange(pieces)[:, None] + (nodes + 1.0) / 2.0) / pieces
        mean_q = float(np.sum(_q(np.sin(y0 + share * (y1 - y0))) @ weights)) / (2.0 * pieces)
        total += mean_q * (x1 - x0)
    return -total * WGS84_SEMI_MAJOR_AXIS_M**2 / 2.0


def _too_many(count: int, where: str) -> InputError:
    return InputError(
        "the area has too many cells",
        value=count,
        allowed=f"{MAX_CELLS} cells",
        where=where,
        hint="choose a larger cell size or a smaller area",
    )
