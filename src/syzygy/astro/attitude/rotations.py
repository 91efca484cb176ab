"""Quaternions of rotations from frame A to frame B, batched, vector first and scalar last (Q1, Q2, Q3, QC).

The quaternion is that of the rotation which takes the basis vectors of A into those of B; the matrix of
`frame_matrices` takes the coordinates of a vector in A to those in B. Two rotations one after the other, A to
B and B to C, multiply in that order.

**Source**: CCSDS 504.0-B-2 annex F.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.base.errors import InputError

Doubles = NDArray[np.float64]

LARGEST_DEPARTURE = 1e-2
_AXES = {"X": 0, "Y": 1, "Z": 2}
_PARALLEL = 1.0 - 1e-12


def unit_quaternions(quaternions: ArrayLike, where: str = "quaternion") -> Doubles:
    """Return quaternions (..., 4) of length one.

    Raises
    ------
    InputError
        Not four components, or a length that is more than 1 % away from one: no rotation.
    """
    values = np.asarray(quaternions, dtype=np.float64)
    if values.ndim < 1 or values.shape[-1] != 4:
        raise InputError(
            "a quaternion has four components", value=values.shape, allowed="(..., 4)", where=where
        )
    length = np.sqrt(np.sum(values * values, axis=-1, keepdims=True))
    bad = ~(np.abs(length - 1.0) <= LARGEST_DEPARTURE)
    if bool(bad.any()):
        raise InputError(
            "a quaternion is not of length one", value=f"length {float(length[bad].flat[0]):.6g}",
            allowed=f"1 within {LARGEST_DEPARTURE}", where=where, hint="are its components in another order?",
        )  # fmt: skip
    return np.asarray(values / length)


def multiply(first: ArrayLike, second: ArrayLike) -> Doubles:
    """Return the quaternions of one rotation after the other: A to B, then B to C.

    Examples
    --------
    >>> multiply([0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 1.0, 0.0]).tolist()
    [0.0, 0.0, 0.0, -1.0]
    """
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    u, s, v, t = a[..., :3], a[..., 3:], b[..., :3], b[..., 3:]
    vector = s * v + t * u + np.cross(u, v)
    scalar = s * t - np.sum(u * v, axis=-1, keepdims=True)
    return np.concatenate([vector, np.broadcast_to(scalar, (*vector.shape[:-1], 1))], axis=-1)


def conjugate(quaternions: ArrayLike) -> Doubles:
    """Return the quaternions of the way back, B to A."""
    return np.asarray(np.asarray(quaternions, dtype=np.float64) * np.array([-1.0, -1.0, -1.0, 1.0]))


def frame_matrices(quaternions: ArrayLike) -> Doubles:
    """Return matrices (..., 3, 3) that take coordinates in A to coordinates in B.

    **Accuracy**: the printed example of 504.0-B-2 F2.2 (``tests/astro/test_attitude.py``).
    """
    q1, q2, q3, qc = np.moveaxis(unit_quaternions(quaternions), -1, 0)
    rows = [
        [q1 * q1 - q2 * q2 - q3 * q3 + qc * qc, 2.0 * (q1 * q2 + q3 * qc), 2.0 * (q1 * q3 - q2 * qc)],
        [2.0 * (q1 * q2 - q3 * qc), -q1 * q1 + q2 * q2 - q3 * q3 + qc * qc, 2.0 * (q2 * q3 + q1 * qc)],
        [2.0 * (q1 * q3 + q2 * qc), 2.0 * (q2 * q3 - q1 * qc), -q1 * q1 - q2 * q2 + q3 * q3 + qc * qc],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def quaternions_from_matrices(matrices: ArrayLike) -> Doubles:
    """Return quaternions with QC >= 0 of matrices that take coordinates in A to those in B.

    **Source**: Shepperd, J. Guidance and Control 1, 223 (1978): the largest component first.
    """
    m = np.asarray(matrices, dtype=np.float64)
    d = np.stack([m[..., 0, 0], m[..., 1, 1], m[..., 2, 2]], axis=-1)
    trace = d.sum(axis=-1)
    squares = np.stack(
        [1 + 2 * d[..., 0] - trace, 1 + 2 * d[..., 1] - trace, 1 + 2 * d[..., 2] - trace, 1 + trace], -1
    )
    off = [m[..., i, j] + m[..., j, i] for i, j in ((0, 1), (0, 2), (1, 2))]
    odd = [m[..., 1, 2] - m[..., 2, 1], m[..., 2, 0] - m[..., 0, 2], m[..., 0, 1] - m[..., 1, 0]]
    table = [
        [squares[..., 0], off[0], off[1], odd[0]],
        [off[0], squares[..., 1], off[2], odd[1]],
        [off[1], off[2], squares[..., 2], odd[2]],
        [odd[0], odd[1], odd[2], squares[..., 3]],
    ]
    products = np.stack([np.stack(row, axis=-1) for row in table], axis=-2)
    largest = np.argmax(squares, axis=-1)
    row = np.take_along_axis(products, largest[..., None, None], axis=-2)[..., 0, :]
    values = row / np.linalg.norm(row, axis=-1, keepdims=True)
    return np.asarray(values * np.where(values[..., 3:] < 0.0, -1.0, 1.0))


def quaternions_from_euler(angles_rad: ArrayLike, sequence: str) -> Doubles:
    """Return quaternions of three intrinsic rotations, the first axis of the sequence first.

    Parameters
    ----------
    angles_rad : (..., 3)
    sequence : str
        ``XYZ``, ``ZXZ`` ...

    Raises
    ------
    InputError
        No such sequence.

    **Accuracy**: the printed matrix of 504.0-B-2 F3.2 (``tests/astro/test_attitude.py``).
    """
    apart = len(sequence) == 3 and sequence[0] != sequence[1] != sequence[2]
    if not apart or not set(sequence) <= set(_AXES):
        raise InputError(
            "no such sequence of rotations", value=sequence, allowed="three of X, Y, Z, neighbours unlike",
            where="EULER_ROT_SEQ",
        )  # fmt: skip
    angles = np.asarray(angles_rad, dtype=np.float64)
    first, second, third = (_about(axis, angles[..., index]) for index, axis in enumerate(sequence))
    return multiply(multiply(first, second), third)


def _about(axis: str, angle: Doubles) -> Doubles:
    values = np.zeros((*np.shape(angle), 4))
    values[..., _AXES[axis]] = np.sin(angle / 2.0)
    values[..., 3] = np.cos(angle / 2.0)
    return values


def quaternions_from_spin(alpha_rad: ArrayLike, delta_rad: ArrayLike, phase_rad: ArrayLike) -> Doubles:
    """Return quaternions of a spinning body: right ascension and declination of its Z axis, phase about it.

    **Accuracy**: the printed example of 504.0-B-2 F5.4 (``tests/astro/test_attitude.py``).

    **Source**: 504.0-B-2 F5.2.
    """
    alpha, delta, phase = np.broadcast_arrays(
        *(np.asarray(value, dtype=np.float64) for value in (alpha_rad, delta_rad, phase_rad))
    )
    angles = np.stack([alpha + np.pi / 2.0, np.pi / 2.0 - delta, phase], axis=-1)
    return quaternions_from_euler(angles, "ZXZ")


def quaternion_rates(
    quaternions: ArrayLike, angular_velocity_rad_s: ArrayLike, *, in_frame_b: bool = True
) -> Doubles:
    """Return rates (..., 4) of quaternions from the angular velocity of B with respect to A.

    Parameters
    ----------
    quaternions : (..., 4)
    angular_velocity_rad_s : (..., 3)
        In the axes of B, or of A where `in_frame_b` is false.
    """
    q = np.asarray(quaternions, dtype=np.float64)
    omega = np.asarray(angular_velocity_rad_s, dtype=np.float64)
    pure = np.concatenate([omega, np.zeros((*omega.shape[:-1], 1))], axis=-1)
    return (multiply(q, pure) if in_frame_b else multiply(pure, q)) / 2.0


def angular_velocity(quaternions: ArrayLike, rates: ArrayLike) -> Doubles:
    """Return the angular velocity (..., 3) of B with respect to A, in the axes of B: rad/s."""
    product = multiply(conjugate(quaternions), rates)
    return np.asarray(2.0 * product[..., :3])


def continuous(quaternions: ArrayLike) -> Doubles:
    """Return quaternions (n, 4) with signs such that neighbours lie in one half of the sphere."""
    values = np.array(quaternions, dtype=np.float64)
    if values.shape[0] > 1:
        turned = np.sum(values[1:] * values[:-1], axis=-1) < 0.0
        values[1:][np.logical_xor.accumulate(turned)] *= -1.0
    return values


def slerp(first: ArrayLike, second: ArrayLike, share: ArrayLike) -> Doubles:
    """Return rotations between two, at constant rate, along the shorter way.

    Parameters
    ----------
    first, second : (..., 4)
        Of length one.
    share : (...)
        0 at the first, 1 at the second.

    **Accuracy**: a rotation at constant rate to 1e-15 (``tests/astro/test_attitude.py``).

    **Source**: Shoemake, SIGGRAPH 1985.
    """
    a = np.asarray(first, dtype=np.float64)
    b = np.asarray(second, dtype=np.float64)
    t = np.asarray(share, dtype=np.float64)[..., None]
    dot = np.sum(a * b, axis=-1, keepdims=True)
    b = np.where(dot < 0.0, -b, b)
    # The angle from its chord is exact for small ones, where the arc cosine loses half the digits.
    angle = 2.0 * np.arctan2(
        np.linalg.norm(b - a, axis=-1, keepdims=True), np.linalg.norm(b + a, axis=-1, keepdims=True)
    )
    sine = np.sin(angle)
    near = np.abs(dot) > _PARALLEL
    safe = np.where(near, 1.0, sine)
    one = np.where(near, 1.0 - t, np.sin((1.0 - t) * angle) / safe)
    two = np.where(near, t, np.sin(t * angle) / safe)
    values = one * a + two * b
    return np.asarray(values / np.linalg.norm(values, axis=-1, keepdims=True))
