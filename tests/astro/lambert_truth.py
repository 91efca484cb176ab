"""Lambert cases with known answers: an orbit and two places on it, in 80 bits, with their conditioning."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LONG = np.longdouble
PI = LONG("3.14159265358979323846264338327950288")


@dataclass(frozen=True)
class Cases:
    """r1, r2 (n, 3), tof (n,) rounded to double; v1, v2 true; kappa (n,); revolutions, direction, plane."""

    r1: np.ndarray
    r2: np.ndarray
    tof: np.ndarray
    v1: np.ndarray
    v2: np.ndarray
    kappa: np.ndarray
    revolutions: np.ndarray
    normal: np.ndarray


def by_anomalies(
    p: np.ndarray,
    ecc: np.ndarray,
    nu1: np.ndarray,
    sweep: np.ndarray,
    turns: np.ndarray,
    rotation: np.ndarray,
) -> Cases:
    """Build cases from semi-latus rectum, eccentricity (not 1), true anomaly, swept angle and revolutions."""
    p, ecc, nu1, sweep = (np.asarray(v, LONG) for v in (p, ecc, nu1, sweep))
    nu2 = nu1 + sweep
    first, second = _perifocal(p, ecc, nu1), _perifocal(p, ecc, nu2)
    a = p / (1 - ecc * ecc)
    anomaly1, anomaly2 = _anomaly(ecc, nu1), _anomaly(ecc, nu2)
    elliptic = ecc < 1
    mean = np.where(
        elliptic,
        (anomaly2 - anomaly1) - ecc * (np.sin(anomaly2) - np.sin(anomaly1)),
        ecc * (np.sinh(np.where(elliptic, 0, anomaly2)) - np.sinh(np.where(elliptic, 0, anomaly1)))
        - (anomaly2 - anomaly1),
    )
    tof = np.abs(a) ** LONG(1.5) * (mean + np.where(elliptic, 2 * PI * turns, 0))
    chi = np.sqrt(np.abs(a)) * (anomaly2 - anomaly1 + np.where(elliptic, 2 * PI * turns, 0))
    return _finish(first, second, tof, chi, 1 / a, turns, rotation)


def by_universal_anomaly(r1: np.ndarray, v1: np.ndarray, chi: np.ndarray) -> Cases:
    """Build cases near the parabola (alpha chi^2 small) from a state and a universal anomaly, gm = 1."""
    r1, v1, chi = (np.asarray(v, LONG) for v in (r1, v1, chi))
    size = _norm(r1)
    alpha = 2 / size - _dot(v1, v1)
    c = _stumpff(alpha * chi**2)
    u1, u2, u3 = chi * c[1], chi**2 * c[2], chi**3 * c[3]
    sigma = _dot(r1, v1)
    tof = size * u1 + sigma * u2 + u3
    f, g = 1 - u2 / size, size * u1 + sigma * u2
    r2 = f[:, None] * r1 + g[:, None] * v1
    size2 = _norm(r2)
    v2 = (-u1 / (size * size2))[:, None] * r1 + (1 - u2 / size2)[:, None] * v1
    rotation = np.broadcast_to(np.eye(3, dtype=LONG), (len(chi), 3, 3))
    return _finish((r1, v1), (r2, v2), tof, chi, alpha, np.zeros(len(chi), int), rotation)


def _perifocal(p: np.ndarray, ecc: np.ndarray, nu: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    zero = np.zeros_like(nu)
    size = p / (1 + ecc * np.cos(nu))
    place = np.stack([size * np.cos(nu), size * np.sin(nu), zero], -1)
    return place, np.stack([-np.sin(nu), ecc + np.cos(nu), zero], -1) / np.sqrt(p)[:, None]


def _anomaly(ecc: np.ndarray, nu: np.ndarray) -> np.ndarray:
    whole = np.round(nu / (2 * PI))
    half = (nu - 2 * PI * whole) / 2
    ratio = np.sqrt(np.abs(1 - ecc) / (1 + ecc))
    ellipse = 2 * np.arctan2(ratio * np.sin(half), np.cos(half)) + 2 * PI * whole
    inside = np.where(ecc < 1, 0, ratio * np.tan(half))
    return np.where(ecc < 1, ellipse, 2 * np.arctanh(inside))


def _finish(first, second, tof, chi, alpha, turns, rotation) -> Cases:  # type: ignore[no-untyped-def]
    (r1, v1), (r2, v2) = ([np.einsum("nij,nj->ni", rotation, v) for v in pair] for pair in (first, second))
    normal = np.cross(r1, v1)
    r1d, r2d, tofd = r1.astype(float), r2.astype(float), tof.astype(float)
    return Cases(
        r1d, r2d, tofd, v1, v2, _conditioning(r1, v1, r2, v2, tof, chi, alpha), np.asarray(turns), normal
    )


def _conditioning(r1, v1, r2, v2, tof, chi, alpha) -> np.ndarray:  # type: ignore[no-untyped-def]
    """Relative change of v1 per relative change of (r1, r2, tof): Battin's transition matrix (1999, 9.5)."""
    z = alpha * chi**2
    c = _stumpff(z)
    u2, u3 = chi**2 * c[2], chi**3 * c[3]
    u4, u5 = chi**4 * c[4], chi**5 * c[5]
    s1, s2 = _norm(r1), _norm(r2)
    big = 3 * u5 - chi * u4 - tof * u2
    f, g = 1 - u2 / s1, tof - u3
    dv = v2 - v1
    radial = r1 / s1[:, None]
    normal = np.cross(r1, v1)
    transverse = np.cross(normal / _norm(normal)[:, None], radial)
    r1, v1, r2, dv, v2 = (
        np.stack([_dot(vector, radial), _dot(vector, transverse)], -1) for vector in (r1, v1, r2, dv, v2)
    )
    outer = lambda a, b: a[:, :, None] * b[:, None, :]  # noqa: E731
    eye = np.eye(2, dtype=LONG)
    to_velocity = (
        (s1 * (1 - f))[:, None, None] * (outer(r2 - r1, v1) - outer(dv, r1))
        + big[:, None, None] * outer(v2, v1)
        + g[:, None, None] * eye
    )
    to_place = (
        s2[:, None, None] * outer(dv, dv)
        + ((s1 * (1 - f))[:, None, None] * outer(r2, r1) + big[:, None, None] * outer(v2, r1))
        / (s1**3)[:, None, None]
        + f[:, None, None] * eye
    )
    with np.errstate(all="ignore"):
        inverse = _inverse(to_velocity)
        back = np.einsum("nij,njk->nik", inverse, to_place)
        by_first = np.maximum(_size(back), np.abs(f / g)) * s1
        by_second = np.maximum(_size(inverse), np.abs(1 / g)) * s2
        by_time = _norm(np.einsum("nij,nj->ni", inverse, v2)) * tof
        return ((by_first + by_second + by_time) / _norm(v1)).astype(float)


def _inverse(m: np.ndarray) -> np.ndarray:
    """Invert 2 x 2 matrices: the out-of-plane part is separate, so no digits are lost near 360 degrees."""
    determinant = m[:, 0, 0] * m[:, 1, 1] - m[:, 0, 1] * m[:, 1, 0]
    adjugate = np.stack(
        [np.stack([m[:, 1, 1], -m[:, 0, 1]], -1), np.stack([-m[:, 1, 0], m[:, 0, 0]], -1)], -2
    )
    return adjugate / determinant[:, None, None]


def _size(m: np.ndarray) -> np.ndarray:
    """Return the largest singular value of 2 x 2 matrices."""
    total = np.sum(m * m, axis=(1, 2))
    determinant = m[:, 0, 0] * m[:, 1, 1] - m[:, 0, 1] * m[:, 1, 0]
    return np.sqrt((total + np.sqrt(np.maximum(total * total - 4 * determinant * determinant, 0))) / 2)


def _stumpff(z: np.ndarray) -> list[np.ndarray]:
    """Return c0..c5: closed form and upward recursion for |z| > 1, series for c4, c5 and downward else."""
    small = np.abs(z) <= 1
    zs = np.where(small, z, 0)
    series = []
    for k in (4, 5):
        term = 1 / LONG(np.prod([LONG(j) for j in range(1, k + 1)]))
        total = np.zeros_like(z)
        for j in range(24):
            total = total + term
            term = -term * zs / LONG((k + 2 * j + 1) * (k + 2 * j + 2))
        series.append(total)
    low = {4: series[0], 5: series[1]}
    for k in (3, 2, 1, 0):
        low[k] = 1 / LONG([1, 1, 2, 6][k]) - zs * low[k + 2]
    zb = np.where(small, LONG(4), z)
    root = np.sqrt(np.abs(zb))
    bounded = np.where(zb < 0, root, 0)
    high = {
        0: np.where(zb > 0, np.cos(root), np.cosh(bounded)),
        1: np.where(zb > 0, np.sin(root), np.sinh(bounded)) / root,
    }
    for k in (2, 3, 4, 5):
        high[k] = (1 / LONG([1, 1, 2, 6][k - 2]) - high[k - 2]) / zb
    return [np.where(small, low[k], high[k]) for k in range(6)]


def _dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.sum(a * b, axis=-1)


def _norm(a: np.ndarray) -> np.ndarray:
    return np.sqrt(_dot(a, a))


def random_rotations(rng: np.random.Generator, n: int) -> np.ndarray:
    """Return n random rotation matrices, orthonormal to 80 bits (quaternions)."""
    q = rng.normal(size=(n, 4)).astype(LONG)
    w, x, y, z = (q / np.sqrt(np.sum(q * q, axis=1))[:, None]).T
    return np.stack(
        [
            np.stack([1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)], -1),
            np.stack([2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)], -1),
            np.stack([2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)], -1),
        ],
        -2,
    )
