"""Places on the conics of a leg: the transfer itself, and the hyperbolas at its ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from syzygy.astro.conics import elements_from_state, state_from_elements
from syzygy.exploration.legs import FloatArray


@dataclass(frozen=True, eq=False)
class Conic:
    """One two-body path: state (3,) at its beginning, gravity of the central body, length in seconds."""

    position_m: FloatArray
    velocity_m_s: FloatArray
    gm_m3_s2: float
    flight_s: float


def follow_conic(conic: Conic, seconds: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return position and velocity (n, 3) at seconds (n,) after the beginning.

    Raises
    ------
    InputError
        The conic is a parabola or a straight line.

    **Accuracy**: ends at the other end of the Lambert solution to 1e-9 relative
    (``test_exploration_surroundings.py``).
    """
    axis, eccentricity, inclination, node, pericentre, true = elements_from_state(
        conic.position_m, conic.velocity_m_s, gm_m3_s2=conic.gm_m3_s2
    )
    mean = _mean_anomaly(float(true), float(eccentricity))
    rate = np.sqrt(conic.gm_m3_s2 / abs(float(axis)) ** 3)
    return state_from_elements(
        axis, eccentricity, inclination, node, pericentre, mean + rate * seconds,
        gm_m3_s2=conic.gm_m3_s2, mean=True,
    )  # fmt: skip


def _mean_anomaly(true_rad: float, eccentricity: float) -> float:
    half = np.tan(true_rad / 2.0)
    if eccentricity < 1.0:
        inner = 2.0 * np.arctan(np.sqrt((1.0 - eccentricity) / (1.0 + eccentricity)) * half)
        return float(inner - eccentricity * np.sin(inner))
    outer = 2.0 * np.arctanh(np.sqrt((eccentricity - 1.0) / (eccentricity + 1.0)) * half)
    return float(eccentricity * np.sinh(outer) - outer)


def extreme_distances(
    position_m: FloatArray,
    velocity_m_s: FloatArray,
    end_m: FloatArray,
    swept_rad: FloatArray,
    gm_m3_s2: float,
) -> tuple[FloatArray, FloatArray]:
    """Return smallest and largest distance from the centre along conics.

    Parameters
    ----------
    position_m, velocity_m_s, end_m : array (..., 3)
        State at the beginning, place at the end.
    swept_rad : array (...)
        Angle swept, whole revolutions included.
    gm_m3_s2 : float
    """
    first = np.sqrt(np.sum(position_m * position_m, axis=-1))
    last = np.sqrt(np.sum(end_m * end_m, axis=-1))
    radial = np.sum(position_m * velocity_m_s, axis=-1)
    speed = np.sum(velocity_m_s * velocity_m_s, axis=-1)
    momentum = first * first * speed - radial * radial
    parameter = momentum / gm_m3_s2
    along = parameter / first - 1.0
    across = np.sqrt(parameter / gm_m3_s2) * radial / first
    eccentricity = np.hypot(along, across)
    anomaly = np.arctan2(across, along) % (2.0 * np.pi)
    near = (anomaly + swept_rad >= 2.0 * np.pi) | (swept_rad >= 2.0 * np.pi)
    far = (anomaly < np.pi) & (anomaly + swept_rad >= np.pi) | (anomaly + swept_rad >= 3.0 * np.pi)
    smallest = np.where(near, parameter / (1.0 + eccentricity), np.minimum(first, last))
    bound = np.where(eccentricity < 1.0, 1.0 - eccentricity, 1.0)
    largest = np.where(far & (eccentricity < 1.0), parameter / bound, np.maximum(first, last))
    return smallest, largest


def hyperbola_branch(
    asymptote_m_s: FloatArray,
    normals: FloatArray,
    pericentre_m: float,
    edge_m: float,
    gm_m3_s2: float,
    count: int,
    *,
    incoming: bool,
) -> tuple[FloatArray, FloatArray]:
    """Return places between pericentre and the edge of a sphere on hyperbolas of one asymptote.

    Parameters
    ----------
    asymptote_m_s : array (3,)
        Excess velocity, its direction the direction of motion.
    normals : array (k, 3)
        Unit normals of the planes, across the asymptote.
    pericentre_m, edge_m : float
    gm_m3_s2 : float
    count : int
        Places per hyperbola.
    incoming : bool
        From the edge to the pericentre, or from the pericentre to the edge.

    Returns
    -------
    seconds : array (count,)
        From the pericentre, increasing.
    position_m : array (k, count, 3)
    """
    speed = float(np.linalg.norm(asymptote_m_s))
    along = asymptote_m_s / speed
    axis = gm_m3_s2 / speed**2
    eccentricity = 1.0 + pericentre_m / axis
    outer = np.linspace(0.0, np.arccosh(max((1.0 + edge_m / axis) / eccentricity, 1.0 + 1e-9)), count)
    outer = -outer[::-1] if incoming else outer
    seconds = np.sqrt(axis**3 / gm_m3_s2) * (eccentricity * np.sinh(outer) - outer)
    cosine = -1.0 / eccentricity
    sine = np.sqrt(1.0 - cosine * cosine)
    side = np.cross(normals, along)
    pericentre = (-cosine if incoming else cosine) * along - sine * side
    ahead = np.cross(normals, pericentre)
    x = axis * (eccentricity - np.cosh(outer))
    y = axis * np.sqrt(eccentricity * eccentricity - 1.0) * np.sinh(outer)
    position = x[None, :, None] * pericentre[:, None, :] + y[None, :, None] * ahead[:, None, :]
    return seconds, position
