"""The density of the air along a path, tabulated for compiled evaluation near it.

Asking NRLMSISE-00 once per evaluation of the forces would take a hundred times as long as everything else.
Along a path that is known to a hundred metres the logarithm of the density is a smooth function of time;
beside the path it is continued by its slope and its curvature along the vertical.  What that leaves out is of
third order in the offset over the scale height, and is stated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.environment import (
    AtmosphereIndices,
    IndexTable,
    constant_indices,
    look_up_indices,
    nrlmsise00,
    prepare_indices,
)
from syzygy.astro.forces.axes import chebyshev_nodes
from syzygy.astro.forces.clock import Clock
from syzygy.astro.forces.craft import Drag
from syzygy.astro.frames import earth_rotation_matrices, geodetic_from_itrf, topocentric_axes
from syzygy.astro.time import utc_day_and_ns

Doubles = NDArray[np.float64]
Path = Callable[[Doubles], Doubles]

PIECES, TERMS, ROWS = 8, 14, 8
HIGHEST_M = 999e3
"""Above, the density is continued with the scale height there."""
_UP_M, _ASIDE_M = 1_000.0, 20_000.0
_LEAST_SCALE_HEIGHT_M = 25e3
_LEAST_LENGTH_M = 1_500e3
_NS_PER_HOUR = 3_600_000_000_000


@dataclass(frozen=True, eq=False)
class AirTable:
    """Logarithm of the density along a path: series (pieces, 8, terms) from `start_s` on."""

    start_s: float
    length_s: float
    series: Doubles
    nodes_s: Doubles
    path_m: Doubles
    tail: float

    def remainder(self, path_m: Doubles) -> float:
        """Return what the continuation to the path that was flown leaves out, relative, at worst."""
        apart = path_m - self.path_m
        up = np.sum(apart * self.path_m, axis=-1) / np.linalg.norm(self.path_m, axis=-1)
        aside = np.sqrt(np.maximum(np.sum(apart * apart, axis=-1) - up * up, 0.0))
        rest = np.abs(up / _LEAST_SCALE_HEIGHT_M) ** 3 / 6.0 + (aside / _LEAST_LENGTH_M) ** 2 / 2.0
        return float(np.max(rest + np.abs(up) * aside / (_LEAST_SCALE_HEIGHT_M * _LEAST_LENGTH_M)))


@dataclass(frozen=True, eq=False)
class Air:
    """NRLMSISE-00 with the indices of a flight."""

    drag: Drag
    almanac: Almanac
    clock: Clock
    indices: IndexTable | None

    def density_kg_m3(self, t: Doubles, position_m: Doubles) -> Doubles:
        """Return the density at arguments (n,) and ICRF places (n, 3), asked directly."""
        instants = self.clock.tai_ns(t)
        turn = earth_rotation_matrices(instants, self.almanac)[0]
        return self._density(instants, np.einsum("nij,nj->ni", turn, position_m))

    def density_fixed_kg_m3(self, instants: NDArray[np.int64], position_m: Doubles) -> Doubles:
        """Return the density at instants (n,) and Earth-fixed places (n, 3), asked directly."""
        return self._density(instants, position_m)

    def tabulate(self, path: Path, first_s: float, last_s: float) -> AirTable:
        """Return the table along a path between two arguments."""
        nodes, matrix = chebyshev_nodes(TERMS)
        length = (last_s - first_s) / PIECES
        t = (first_s + length * (np.arange(PIECES)[:, None] + 0.5 * (1.0 + nodes))).ravel()
        position = path(t)
        instants = self.clock.tai_ns(t)
        turn = earth_rotation_matrices(instants, self.almanac)[0]
        fixed = np.einsum("nij,nj->ni", turn, position)
        latitude, longitude, _ = geodetic_from_itrf(fixed)
        axes = topocentric_axes(latitude, longitude)
        east, north, up = axes[:, 0], axes[:, 1], axes[:, 2]
        shifts = (0.0 * up, _UP_M * up, -_UP_M * up, _ASIDE_M * east, -_ASIDE_M * east, _ASIDE_M * north,
                  -_ASIDE_M * north)  # fmt: skip
        places = np.stack([fixed + shift for shift in shifts])
        log = np.log(self._density(np.tile(instants, len(shifts)), places.reshape(-1, 3))).reshape(
            len(shifts), -1
        )
        slope_up = (log[1] - log[2]) / (2.0 * _UP_M)
        curvature = (log[1] - 2.0 * log[0] + log[2]) / _UP_M**2
        slope_east = (log[3] - log[4]) / (2.0 * _ASIDE_M)
        slope_north = (log[5] - log[6]) / (2.0 * _ASIDE_M)
        slope = slope_up[:, None] * up + slope_east[:, None] * east + slope_north[:, None] * north
        slope = np.einsum("nij,ni->nj", turn, slope)
        rows = np.concatenate([position, log[0][:, None], slope, curvature[:, None]], axis=1)
        series = np.swapaxes(matrix @ rows.reshape(PIECES, TERMS, ROWS), 1, 2)
        tail = float(np.abs(series[:, 3, -3:]).max())
        return AirTable(first_s, length, series, t, position, tail)

    def edges_s(self, first_s: float, last_s: float) -> Doubles:
        """Return where the indices change between two arguments: every three hours of UTC."""
        if self.indices is None:
            return np.zeros(0)
        low, high = (int(v) for v in self.clock.tai_ns(np.array([first_s, last_s])))
        _, ns = utc_day_and_ns(np.array([low]), self.almanac.leap_seconds)
        step = 3 * _NS_PER_HOUR
        edges = np.arange(low - int(ns[0]) % step + step, high, step, dtype=np.int64)
        return np.asarray(self.clock.seconds(edges))

    def _density(self, instants: NDArray[np.int64], fixed: Doubles) -> Doubles:
        latitude, longitude, height = geodetic_from_itrf(fixed)
        day, ns = utc_day_and_ns(instants, self.almanac.leap_seconds)
        second = np.asarray(ns, dtype=np.float64) * 1e-9
        # The library takes whole seconds; local time, which matters, is kept by a shift in longitude.
        whole = np.minimum(np.rint(second), 86_399.0)
        turned = longitude + (second - whole) * (2.0 * np.pi / 86_400.0)
        turned = np.mod(turned + np.pi, 2.0 * np.pi) - np.pi
        indices = self._indices(day, second)
        clipped = np.minimum(height, HIGHEST_M)
        history = self.drag.ap_history
        density = nrlmsise00(day, whole, latitude, turned, clipped, indices, ap_history=history).density_kg_m3
        high = height > HIGHEST_M
        if np.any(high):
            part = AtmosphereIndices(
                indices.f107_sfu[high],
                indices.f107_mean81_sfu[high],
                indices.ap[high],
                indices.predicted[high],
            )
            lower = nrlmsise00(
                day[high],
                whole[high],
                latitude[high],
                turned[high],
                clipped[high] - 10e3,
                part,
                ap_history=history,
            ).density_kg_m3
            rate = np.log(lower / density[high]) / 10e3
            density[high] *= np.exp(-np.minimum(rate * (height[high] - HIGHEST_M), 600.0))
        return density

    def _indices(self, day: NDArray[np.int64], second: Doubles) -> AtmosphereIndices:
        if self.indices is None:
            return constant_indices(self.drag.f107_sfu, self.drag.ap, day.size)
        return look_up_indices(self.indices, day, second)


def prepare_air(drag: Drag, almanac: Almanac, clock: Clock) -> Air:
    """Return the air of a flight.

    Raises
    ------
    MissingDataError
        The Almanac has no space weather, and the drag no constant indices.
    """
    if drag.f107_sfu > 0.0:
        return Air(drag, almanac, clock, None)
    weather = almanac.require_space_weather()
    return Air(drag, almanac, clock, prepare_indices(weather, allow_predicted=drag.allow_predicted))
