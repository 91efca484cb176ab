"""Temperature of thin coupons on an orbit and the cycles they go through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.constants import SOLAR_CONSTANT_W_M2, STEFAN_BOLTZMANN_W_M2_K4

ALBEDO = 0.3
"""Share of sunlight that the Earth reflects: a round mean, held constant over the globe."""
EARTH_INFRARED_W_M2 = (1.0 - ALBEDO) * SOLAR_CONSTANT_W_M2 / 4.0
"""Emission of the Earth per area, from the balance with the albedo above: 238 W/m2, held constant."""
HEAT_CAPACITY_J_M2_K = 2430.0
"""Areal heat capacity of a coupon: 1 mm of aluminium, 2700 kg/m3 x 900 J/(kg K)."""
START_TEMPERATURE_K = 270.0
SPIN_UP_S = 12000.0
"""The first two orbits are run twice, so that the start temperature is forgotten (time constant 500 s)."""


@dataclass(frozen=True)
class Coupon:
    """A thin plate, insulated at the back.

    Attributes
    ----------
    absorptance, emittance : float
        For sunlight and for infrared light, 0 to 1.
    heat_capacity_j_m2_k : float
        Per area.
    """

    absorptance: float
    emittance: float
    heat_capacity_j_m2_k: float = HEAT_CAPACITY_J_M2_K


def earth_view_factor(
    nadir_cosine: NDArray[np.float64], distance_radii: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the share of a plate's view that is the Earth (diffuse view factor plate to sphere).

    Parameters
    ----------
    nadir_cosine : numpy array
        Cosine between the outward normal and the direction to the centre of the Earth.
    distance_radii : numpy array
        Distance from the centre in Earth radii, above 1.

    Notes
    -----
    **Accuracy**: against numerical integration 1e-4 (``test_materials_thermal.py``).

    **Source**: plate to sphere, Howell, A Catalog of Radiation Heat Transfer Configuration Factors, B-43.
    """
    cosine, h = np.broadcast_arrays(np.clip(nadir_cosine, -1.0, 1.0), distance_radii)
    tangent = np.sqrt(h**2 - 1.0)
    sine = np.sqrt(np.maximum(1.0 - cosine**2, 1e-30))
    whole = np.maximum(cosine, 0.0) / h**2
    cut = np.abs(cosine) * h < 1.0
    root = np.sqrt(np.maximum(1.0 - (h * cosine) ** 2, 0.0))
    part = (
        0.5
        - np.arcsin(np.clip(tangent / (h * sine), -1.0, 1.0)) / np.pi
        + (cosine * np.arccos(np.clip(-tangent * cosine / sine, -1.0, 1.0)) - tangent * root) / (np.pi * h**2)
    )
    return np.asarray(np.where(cut, part, whole))


def absorbed_w_m2(
    coupon: Coupon,
    *,
    sunlight_w_m2: NDArray[np.float64],
    lit: NDArray[np.float64],
    sun_cosine: NDArray[np.float64],
    nadir_cosine: NDArray[np.float64],
    subpoint_sun_cosine: NDArray[np.float64],
    distance_radii: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the heat absorbed per area (m, f): sunlight, reflected sunlight, infrared of the Earth.

    Parameters
    ----------
    coupon : Coupon
        Its optical properties.
    sunlight_w_m2, lit, subpoint_sun_cosine, distance_radii : numpy array (m,)
        Irradiance, visible share of the Sun, cosine of the Sun's zenith distance below the spacecraft,
        distance from the centre of the Earth in radii.
    sun_cosine, nadir_cosine : numpy array (m, f)
        Per face; the first not below 0.
    """
    view = earth_view_factor(nadir_cosine, distance_radii[:, None])
    reflected = ALBEDO * sunlight_w_m2 * np.maximum(subpoint_sun_cosine, 0.0)
    light = (sunlight_w_m2 * lit)[:, None] * sun_cosine + reflected[:, None] * view
    return np.asarray(coupon.absorptance * light + coupon.emittance * EARTH_INFRARED_W_M2 * view)


def coupon_temperatures_k(
    coupon: Coupon, absorbed: NDArray[np.float64], step_s: float
) -> NDArray[np.float64]:
    """Integrate the heat balance of each face, (m, f): linearised implicit steps, stable for any step.

    The first hours run twice (`SPIN_UP_S`), so that the start value does not show.
    """
    capacity = coupon.heat_capacity_j_m2_k / step_s
    radiation = coupon.emittance * STEFAN_BOLTZMANN_W_M2_K4
    temperature = np.full(absorbed.shape[1], START_TEMPERATURE_K)
    found = np.empty_like(absorbed)
    warm_up = absorbed[: int(SPIN_UP_S / step_s) + 1]
    for part in (warm_up, absorbed):
        for row, heat in enumerate(part):
            cube = radiation * temperature**3
            temperature = temperature + (heat - cube * temperature) / (capacity + 2.0 * cube)
            found[row] = temperature
    return found


@dataclass(frozen=True, eq=False)
class Cycles:
    """Closed and half cycles of a temperature history.

    Attributes
    ----------
    range_k, count : numpy array (n,)
        Range of each cycle, and 1.0 or 0.5.
    """

    range_k: NDArray[np.float64]
    count: NDArray[np.float64]


def rainflow(values: Sequence[float] | NDArray[np.float64]) -> Cycles:
    """Count cycles by the rainflow method.

    **Source**: ASTM E1049-85, section 5.4.4; its worked example is ``test_materials_thermal.py``.
    """
    ranges: list[float] = []
    counts: list[float] = []
    stack: list[float] = []
    for point in _turning_points(np.asarray(values, dtype=np.float64)):
        stack.append(point)
        while len(stack) >= 3:
            last, before = abs(stack[-1] - stack[-2]), abs(stack[-2] - stack[-3])
            if last < before:
                break
            ranges.append(before)
            if len(stack) == 3:
                counts.append(0.5)
                del stack[0]
            else:
                counts.append(1.0)
                del stack[-3:-1]
    for left, right in pairwise(stack):
        ranges.append(abs(right - left))
        counts.append(0.5)
    return Cycles(np.array(ranges), np.array(counts))


def _turning_points(values: NDArray[np.float64]) -> list[float]:
    if values.size < 2:
        return [float(v) for v in values]
    distinct = values[np.concatenate(([True], np.diff(values) != 0.0))]
    slope = np.sign(np.diff(distinct))
    keep = np.concatenate(([True], slope[1:] != slope[:-1], [True])) if slope.size else np.array([True])
    return [float(v) for v in distinct[keep]]
