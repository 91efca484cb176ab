"""Lambert's problem in batch: the orbits that join two points in a given time, all of them."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.base.errors import InputError

FloatArray = NDArray[np.float64]

SOLVED, BAD_INPUT, PLANE_UNDETERMINED, NO_SUCH_REVOLUTION, NOT_CONVERGED = range(5)
"""Status of a row: solved; input not finite or not positive; radii parallel and no plane given; the flight is
shorter than the shortest one with so many revolutions; no convergence."""

STATUS_TEXT = (
    "solved",
    "input not finite or not positive",
    "parallel radii: the plane is undetermined",
    "no solution with so many revolutions in this time",
    "no convergence",
)
_LARGEST_REVOLUTIONS = 10_000


@dataclass(frozen=True, eq=False)
class LambertSolutions:
    """Solutions row by row; velocities are NaN where `status` is not 0.

    Attributes
    ----------
    departure_velocity_m_s, arrival_velocity_m_s : array (..., 3)
        In the axes of the input, relative to the central body.
    transfer_angle_rad : array (...)
        Angle swept within one revolution, 0 to 2 pi.
    x : array (...)
        Lancaster-Blanchard unknown: below 1 an ellipse, above 1 a hyperbola.
    status : uint8 array (...)
        Index into `STATUS_TEXT`.
    """

    departure_velocity_m_s: FloatArray
    arrival_velocity_m_s: FloatArray
    transfer_angle_rad: FloatArray
    x: FloatArray
    status: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class LambertList:
    """Every solution of a batch, ordered by row, direction (prograde first), revolutions, branch.

    Attributes
    ----------
    row, revolutions : int64 array (m,)
        Row of the input and complete revolutions.
    retrograde, right_branch : bool array (m,)
        Direction and, for one revolution or more, the side of the shortest flight.
    solutions : LambertSolutions
        With m rows.
    """

    row: NDArray[np.int64]
    revolutions: NDArray[np.int64]
    retrograde: NDArray[np.bool_]
    right_branch: NDArray[np.bool_]
    solutions: LambertSolutions


def solve_lambert(
    departure_m: ArrayLike,
    arrival_m: ArrayLike,
    time_of_flight_s: ArrayLike,
    gm_m3_s2: float,
    *,
    retrograde: ArrayLike = False,
    revolutions: ArrayLike = 0,
    right_branch: ArrayLike = False,
    reference_axis: ArrayLike = (0.0, 0.0, 1.0),
    plane_normal: ArrayLike | None = None,
) -> LambertSolutions:
    """Find the orbit through two points in a given time, for every row of a batch.

    Parameters
    ----------
    departure_m, arrival_m : array (..., 3)
        Positions relative to the central body, any one inertial frame.
    time_of_flight_s : array (...)
        Positive.
    gm_m3_s2 : float
        Gravitational parameter of the central body.
    retrograde : bool array (...)
        False: angular momentum along `reference_axis`; True: against it.
    revolutions : int array (...)
        Complete revolutions, 0 or more.
    right_branch : bool array (...)
        Which of the two solutions with revolutions: False for x below that of the shortest flight
        (Izzo's left branch), True for above.
    reference_axis : array (3,) or (..., 3)
        Defines prograde; by default the z axis.
    plane_normal : array (3,) or (..., 3), optional
        Direction of the angular momentum, used only where the radii are parallel to rounding.

    Returns
    -------
    LambertSolutions
        Shaped as the broadcast of all arguments.

    Raises
    ------
    InputError
        Shapes do not fit, a last axis is not 3, `gm_m3_s2` is not positive, or a direction is zero or not
        finite.

    Accuracy
    --------
    Relative error of the departure velocity at most 1e-13 + 4 eps kappa, kappa the conditioning of the row,
    on 1,001,000 random and degenerate cases of all conics and up to 8 revolutions (largest 0.44 of what is
    allowed, p99 0.07; tests/astro/test_lambert.py); published examples of Der, Vallado and Curtis within
    their printed digits.

    Source
    ------
    D. Izzo, "Revisiting Lambert's problem", Celest. Mech. Dyn. Astr. 121, 2015, eqs. 12-22; R. H. Battin, An
    Introduction to the Mathematics and Methods of Astrodynamics, 1999, section 7.5 (series).

    Examples
    --------
    A quarter of a circular orbit of radius 1 AU takes the circular speed.

    >>> import numpy as np
    >>> au, gm = 149597870700.0, 1.3271244e20
    >>> quarter = np.pi / 2 * np.sqrt(au**3 / gm)
    >>> answer = solve_lambert([au, 0, 0], [0, au, 0], quarter, gm)
    >>> float(np.round(answer.departure_velocity_m_s[1], 3)), round(float(np.sqrt(gm / au)), 3)
    (29784.692, 29784.692)
    """
    _check_gm(gm_m3_s2)
    counts = np.asarray(revolutions)
    _check_revolutions(counts)
    return _solve(
        (_vectors(departure_m, "departure_m"), _vectors(arrival_m, "arrival_m")),
        np.asarray(time_of_flight_s, float),
        float(gm_m3_s2),
        (np.asarray(retrograde, bool), counts, np.asarray(right_branch, bool)),
        _directions(reference_axis, "reference_axis"),
        None if plane_normal is None else _directions(plane_normal, "plane_normal"),
    )


def count_lambert_revolutions(
    departure_m: ArrayLike,
    arrival_m: ArrayLike,
    time_of_flight_s: ArrayLike,
    gm_m3_s2: float,
    *,
    retrograde: ArrayLike = False,
    reference_axis: ArrayLike = (0.0, 0.0, 1.0),
) -> NDArray[np.int64]:
    """Return the largest number of complete revolutions that the time allows, -1 where a row has no solution.

    Parameters
    ----------
    departure_m, arrival_m, time_of_flight_s, gm_m3_s2, retrograde, reference_axis
        As in `solve_lambert`.
    """
    from syzygy.astro.transfers import _kernels

    _check_gm(gm_m3_s2)
    begin, end = _vectors(departure_m, "departure_m"), _vectors(arrival_m, "arrival_m")
    tof, back = np.asarray(time_of_flight_s, float), np.asarray(retrograde, bool)
    axis = _directions(reference_axis, "reference_axis")
    shape = _common_shape(begin.shape[:-1], end.shape[:-1], tof.shape, back.shape, axis.shape[:-1])
    most = np.zeros(int(np.prod(shape)), np.int64)
    _kernels.count_rows(
        _spread(begin, shape), _spread(end, shape), _flat(tof, shape), float(gm_m3_s2),
        _reference(axis, shape), _flat(back, shape), most,
    )  # fmt: skip
    return most.reshape(shape)


def list_lambert_solutions(
    departure_m: ArrayLike,
    arrival_m: ArrayLike,
    time_of_flight_s: ArrayLike,
    gm_m3_s2: float,
    *,
    most_revolutions: int = _LARGEST_REVOLUTIONS,
    reference_axis: ArrayLike = (0.0, 0.0, 1.0),
) -> LambertList:
    """List every solution of every row: both directions, all revolutions, both branches.

    Parameters
    ----------
    departure_m, arrival_m : array (n, 3)
        As in `solve_lambert`.
    time_of_flight_s : array (n,)
        Positive.
    gm_m3_s2 : float
        Gravitational parameter.
    most_revolutions : int
        Upper limit of complete revolutions.
    reference_axis : array (3,)
        Defines prograde.

    Returns
    -------
    LambertList
        Rows without any solution (parallel radii, bad input) do not appear.

    Raises
    ------
    InputError
        As `solve_lambert`, or a limit of revolutions that is negative.
    """
    _check_revolutions(np.asarray(most_revolutions))
    begin, end = np.atleast_2d(departure_m), np.atleast_2d(arrival_m)
    tof = np.atleast_1d(np.asarray(time_of_flight_s, float))
    rows, counts, backs, rights = [], [], [], []
    for back in (False, True):
        most = count_lambert_revolutions(
            begin, end, tof, gm_m3_s2, retrograde=back, reference_axis=reference_axis
        )
        each = np.where(most >= 0, 1 + 2 * np.minimum(most, most_revolutions), 0)
        row = np.repeat(np.arange(each.size), each)
        place = np.arange(row.size) - np.repeat(np.cumsum(each) - each, each)
        rows.append(row)
        counts.append((place + 1) // 2)
        rights.append((place > 0) & (place % 2 == 0))
        backs.append(np.full(row.size, back))
    row, back_all = np.concatenate(rows), np.concatenate(backs)
    count, right = np.concatenate(counts), np.concatenate(rights)
    order = np.lexsort((right, count, back_all, row))
    row, back_all, count, right = row[order], back_all[order], count[order], right[order]
    solutions = solve_lambert(
        np.broadcast_to(begin, (tof.size, 3))[row],
        np.broadcast_to(end, (tof.size, 3))[row],
        tof[row],
        gm_m3_s2,
        retrograde=back_all,
        revolutions=count,
        right_branch=right,
        reference_axis=reference_axis,
    )
    return LambertList(row, count, back_all, right, solutions)


def _solve(
    radii_m: tuple[FloatArray, FloatArray],
    time_of_flight_s: FloatArray,
    gm_m3_s2: float,
    choice: tuple[NDArray[Any], NDArray[Any], NDArray[Any]],
    axis: FloatArray,
    given_plane: FloatArray | None,
) -> LambertSolutions:
    """Broadcast, call the kernel, wrap; `choice` is retrograde, revolutions, right branch."""
    from syzygy.astro.transfers import zero_revolution_kernels

    plane = np.array([0.0, 0.0, 1.0]) if given_plane is None else given_plane
    vectors = (*radii_m, axis, plane)
    scalars = (time_of_flight_s, *choice)
    shape = _common_shape(*(v.shape[:-1] for v in vectors), *(s.shape for s in scalars))
    rows = int(np.prod(shape))
    v1, v2 = np.empty((rows, 3)), np.empty((rows, 3))
    x, angle, status = np.empty(rows), np.empty(rows), np.empty(rows, np.uint8)
    retrograde, counts, right = (_flat(values, shape if values.ndim else (1,)) for values in choice)
    zero_revolution_kernels.solve_rows(
        _spread(radii_m[0], shape), _spread(radii_m[1], shape), _flat(time_of_flight_s, shape), gm_m3_s2,
        _reference(axis, shape), _reference(plane, shape), given_plane is not None,
        retrograde, counts.astype(np.int64), right, _starts(), v1, v2, x, angle, status,
    )  # fmt: skip
    return LambertSolutions(
        v1.reshape(*shape, 3),
        v2.reshape(*shape, 3),
        angle.reshape(shape),
        x.reshape(shape),
        status.reshape(shape),
    )


@functools.cache
def _starts() -> FloatArray:
    from syzygy.astro.transfers import zero_revolution_kernels as kernels

    table = np.zeros((kernels.LAMBDA_STEPS, kernels.SPEED_STEPS))
    kernels.fill_starts(table)
    return table


def _check_gm(gm_m3_s2: float) -> None:
    if not np.isfinite(gm_m3_s2) or gm_m3_s2 <= 0:
        raise InputError(
            "the gravitational parameter is not positive",
            value=f"{gm_m3_s2} m^3/s^2",
            allowed="a positive number",
            where="gm_m3_s2",
        )


def _check_revolutions(counts: NDArray[Any]) -> None:
    whole = counts.dtype.kind in "iu"
    if not whole or (counts.size and (counts.min() < 0 or counts.max() > _LARGEST_REVOLUTIONS)):
        raise InputError(
            "the number of revolutions is not usable",
            value=counts if counts.size < 4 else counts.dtype,
            allowed=f"whole numbers from 0 to {_LARGEST_REVOLUTIONS}",
            where="revolutions",
        )


def _vectors(values: ArrayLike, name: str) -> FloatArray:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim == 0 or array.shape[-1] != 3:
        raise InputError(
            "a vector does not have three components", value=array.shape, allowed="(..., 3)", where=name
        )
    return array


def _directions(values: ArrayLike, name: str) -> FloatArray:
    array = _vectors(values, name)
    if not bool(np.all(np.isfinite(array))) or not bool(np.all(np.any(array != 0.0, axis=-1))):
        raise InputError(
            "a direction is zero or not finite",
            value=array.ravel()[:3].tolist(),
            allowed="finite vectors with a length",
            where=name,
        )
    return array


def _common_shape(*shapes: tuple[int, ...]) -> tuple[int, ...]:
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError as error:
        raise InputError(
            "the arguments do not broadcast",
            value=", ".join(map(str, shapes)),
            allowed="shapes that fit by numpy's rules",
            where="solve_lambert",
        ) from error


def _spread(vectors: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    return _plain(vectors, (*shape, 3)).reshape(-1, 3)


def _plain(values: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Return a writeable C array, copied only if need be: one kind of memory, one compiled kernel."""
    spread = values if values.shape == shape else np.broadcast_to(values, shape)
    return np.require(spread, requirements=("C", "A", "W"))


def _reference(vectors: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    if vectors.ndim == 1:
        return _plain(vectors, (3,)).reshape(1, 3)
    return _spread(vectors, shape)


def _flat(values: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    return _plain(values, shape).reshape(-1)
