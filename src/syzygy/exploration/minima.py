"""Best windows: local minima of the grid, refined on the true function, told apart from ridge and edge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.ephemerides import Ephemeris
from syzygy.astro.time import LeapSeconds, tai_minus_utc_s
from syzygy.exploration.legs import Axes, Family, FloatArray, Leg, type_names
from syzygy.exploration.porkchop import Layer
from syzygy.exploration.transfers import Transfers, evaluate_transfers

INTERIOR = "interior minimum"
RIDGE = "no interior minimum: lowest value at the ridge between the types"
EDGE = "no interior minimum: lowest value at the edge of the search"

NS_PER_S = 1_000_000_000
_MINUTE_NS = 60 * NS_PER_S
_MOST_PER_TYPE = 12
_STENCIL = np.array([(i, j) for i in (-2, -1, 0, 1, 2) for j in (-2, -1, 0, 1, 2)], dtype=float)
_NINE = np.array([(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)], dtype=float)
_WALK_STEPS = 40
_FINEST_WALK = 0.02
"""Share of a grid step at which Newton takes over."""
_NEWTON_STEPS = 25
_SAME_WINDOW = 0.5
"""Two minima nearer than this share of a grid step are one."""


@dataclass(frozen=True)
class Window:
    """One window: the best transfer of a family and type near a place of the grid.

    Attributes
    ----------
    family : Family
    type_name : str
        I below 180 degrees, II above, III and IV with one revolution, and so on.
    departure_tai_ns, arrival_tai_ns : int
    verdict : str
        `INTERIOR`, `RIDGE` or `EDGE`.
    transfer : Transfers
        Its quantities, arrays of shape (1,).
    """

    family: Family
    type_name: str
    departure_tai_ns: int
    arrival_tai_ns: int
    verdict: str
    transfer: Transfers


Objective = Callable[[NDArray[np.int64], NDArray[np.int64]], FloatArray]


def find_best_windows(
    leg: Leg, axes: Axes, layers: tuple[Layer, ...], ephemeris: Ephemeris, leap_seconds: LeapSeconds
) -> list[Window]:
    """Return the windows of every family and type, best first within each.

    A type without an interior minimum is listed once, at its lowest grid point, with the reason.  Departure
    and arrival of a minimum are whole minutes of UTC: it is flat, and its last digits depend on the machine.
    """
    windows = []
    for layer in layers:
        windows.extend(_of_layer(leg, axes, layer, ephemeris, leap_seconds))
    return windows


def _of_layer(
    leg: Leg, axes: Axes, layer: Layer, ephemeris: Ephemeris, leap_seconds: LeapSeconds
) -> list[Window]:
    long_way = layer.transfers.transfer_angle_rad > np.pi
    grid = layer.transfers.objective(leg.minimise)
    found: list[Window] = []
    names = type_names(layer.family)
    groups = [(names[0], ~long_way), (names[1], long_way)]
    if leg.is_geocentric:
        groups = [(" and ".join(names), np.ones_like(long_way))]
    for name, mask in groups:
        values = np.where(mask, grid, np.inf)
        if not np.isfinite(values).any():
            continue
        side = None if leg.is_geocentric else name == names[1]
        objective = _objective(leg, layer.family, axes, ephemeris, side)
        best = [
            (value, _whole_minute(departure, leap_seconds), _whole_minute(arrival, leap_seconds))
            for value, departure, arrival in _refine_all(values, axes, objective)
        ]
        verdict = INTERIOR
        if not best:
            row, col = np.unravel_index(int(np.argmin(values)), values.shape)
            best = [
                (0.0, int(axes.departure_tai_ns[row]), int(axes.arrival_tai_ns(slice(row, row + 1))[0, col]))
            ]
            verdict = RIDGE if _touches_other_side(grid, mask, int(row), int(col)) else EDGE
        for _, departure, arrival in best:
            one = evaluate_transfers(leg, layer.family, ephemeris, np.array([departure]), np.array([arrival]))
            kind = name if side is not None else names[int(one.transfer_angle_rad[0] > np.pi)]
            found.append(Window(layer.family, kind, departure, arrival, verdict, one))
    return found


def _whole_minute(tai_ns: int, leap_seconds: LeapSeconds) -> int:
    offset = int(tai_minus_utc_s(np.int64(tai_ns), leap_seconds)) * NS_PER_S
    return round((tai_ns - offset) / _MINUTE_NS) * _MINUTE_NS + offset


def _objective(leg: Leg, family: Family, axes: Axes, ephemeris: Ephemeris, side: bool | None) -> Objective:
    def value(departures: NDArray[np.int64], arrivals: NDArray[np.int64]) -> FloatArray:
        inside = axes.contains(departures, arrivals)
        answer = np.full(departures.shape, np.inf)
        if inside.any():
            found = evaluate_transfers(leg, family, ephemeris, departures[inside], arrivals[inside])
            values = found.objective(leg.minimise)
            if side is not None:
                values = np.where((found.transfer_angle_rad > np.pi) == side, values, np.inf)
            answer[inside] = values
        return answer

    return value


def _refine_all(values: FloatArray, axes: Axes, objective: Objective) -> list[tuple[float, int, int]]:
    found: list[tuple[float, int, int]] = []
    for row, col in _grid_minima(values):
        arrival = int(axes.arrival_tai_ns(slice(row, row + 1))[0, col])
        refined = _refine(objective, axes, int(axes.departure_tai_ns[row]), arrival)
        if refined is not None and not any(_same(refined, other, axes) for other in found):
            found.append(refined)
    return sorted(found)[:_MOST_PER_TYPE]


def _grid_minima(values: FloatArray) -> list[tuple[int, int]]:
    """Return cells not above any neighbour, lowest first."""
    padded = np.pad(values, 1, constant_values=np.inf)
    rows, cols = values.shape
    lowest = np.isfinite(values)
    for i in range(3):
        for j in range(3):
            lowest &= values <= padded[i : i + rows, j : j + cols]
    places = np.argwhere(lowest)
    order = np.argsort(values[lowest], kind="stable")[: 4 * _MOST_PER_TYPE]
    return [(int(row), int(col)) for row, col in places[order]]


def _steps_ns(axes: Axes) -> tuple[float, float]:
    return (
        float(axes.departure_tai_ns[1] - axes.departure_tai_ns[0]),
        float(axes.second_ns[1] - axes.second_ns[0]),
    )


def _same(one: tuple[float, int, int], other: tuple[float, int, int], axes: Axes) -> bool:
    first, second = _steps_ns(axes)
    return abs(one[1] - other[1]) < _SAME_WINDOW * first and abs(one[2] - other[2]) < _SAME_WINDOW * (
        first + second
    )


def _refine(objective: Objective, axes: Axes, departure: int, arrival: int) -> tuple[float, int, int] | None:
    """Walk down from a grid point, then polish by Newton; None where no interior minimum is reached.

    The walk takes the lowest of 5 x 5 points and shrinks the step when the middle is lowest; it cannot be
    misled by the infinite values beyond ridge and edge.  A minimum counts as interior when Newton's step
    vanishes and the Hessian is positive definite.
    """
    grid = np.array(_steps_ns(axes))
    step = grid / 2.0
    place = np.array([departure, arrival], dtype=np.int64)
    for _ in range(_WALK_STEPS):
        points = place + np.round(_STENCIL * step).astype(np.int64)
        values = objective(points[:, 0], points[:, 1])
        best = int(np.argmin(values))
        if values[best] < values[12]:
            place = points[best]
        else:
            step = step / 3.0
        if (step < _FINEST_WALK * grid).all():
            break
    return _polish(objective, place, grid)


def _polish(
    objective: Objective, place: NDArray[np.int64], grid: FloatArray
) -> tuple[float, int, int] | None:
    flight = float(place[1] - place[0])
    unit = np.minimum(2e-4 * flight, 0.2 * grid)
    for _ in range(_NEWTON_STEPS):
        points = place + np.round(_NINE * unit).astype(np.int64)
        v = objective(points[:, 0], points[:, 1]).reshape(3, 3)
        if not np.isfinite(v).all():
            return None
        gradient = np.array([v[2, 1] - v[0, 1], v[1, 2] - v[1, 0]]) / 2.0
        cross = (v[2, 2] - v[2, 0] - v[0, 2] + v[0, 0]) / 4.0
        hessian = np.array(
            [[v[2, 1] - 2 * v[1, 1] + v[0, 1], cross], [cross, v[1, 2] - 2 * v[1, 1] + v[1, 0]]]
        )
        determinant = hessian[0, 0] * hessian[1, 1] - cross * cross
        if hessian[0, 0] <= 0 or determinant <= 0:
            return None
        move = (
            -np.array(
                [
                    hessian[1, 1] * gradient[0] - cross * gradient[1],
                    hessian[0, 0] * gradient[1] - cross * gradient[0],
                ]
            )
            / determinant
        )
        if np.abs(move).max() < 1e-5:
            return float(v[1, 1]), int(place[0]), int(place[1])
        place = place + np.round(np.clip(move, -20.0, 20.0) * unit).astype(np.int64)
    return None


def _touches_other_side(grid: FloatArray, mask: NDArray[np.bool_], row: int, col: int) -> bool:
    """Tell whether a neighbour (within two cells) is a transfer of the other type."""
    rows, cols = slice(max(row - 2, 0), row + 3), slice(max(col - 2, 0), col + 3)
    return bool((np.isfinite(grid[rows, cols]) & ~mask[rows, cols]).any())
