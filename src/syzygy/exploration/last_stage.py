"""A payload curve through two or three public points: the last stage's rocket equation, with its band."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np

from syzygy.astro.constants import STANDARD_GRAVITY_M_S2
from syzygy.exploration.launch_site import perigee_speed_m_s
from syzygy.exploration.legs import FloatArray
from syzygy.formats.launch_records import STATUSES, PayloadPoint, VehicleFacts

_COUNTS = {2: "two points", 3: "three points"}
_MOST_POINTS = 4


@dataclass(frozen=True, eq=False)
class FittedCurve:
    """Payload of one vehicle from its public points; never evaluated beyond the outer ones.

    Payload = A exp(-v / (g0 Isp)) - B, v the speed at a perigee of 200 km that belongs to C3: the last stage
    burns the same propellant whatever the payload, B is what stays on it.

    Attributes
    ----------
    vehicle, status, source, orbits : str
        The status is the weakest of the points.
    c3_m2_s2 : tuple of float
        The outer points: validity.
    count : int
        Points.
    scale_kg, offset_kg, exhaust_m_s : array (k,)
        A, B and g0 Isp of the nominal fit, then of every corner of what the sources leave open.
    residual_kg : float
        Largest misfit of the nominal fit; 0 with two points.
    """

    vehicle: str
    status: str
    source: str
    orbits: str
    c3_m2_s2: tuple[float, float]
    count: int
    scale_kg: FloatArray
    offset_kg: FloatArray
    exhaust_m_s: FloatArray
    residual_kg: float

    @property
    def label(self) -> str:
        """How the curve came about: ``fitted, two points``."""
        return f"fitted, {_COUNTS.get(self.count, f'{self.count} points')}"

    def evaluate(self, c3_m2_s2: float) -> tuple[float, float, float]:
        """Return payload, and lower and upper end of its band (kg), at a C3 within the outer points."""
        speed = perigee_speed_m_s(c3_m2_s2)
        masses = self.scale_kg * np.exp(-speed / self.exhaust_m_s) - self.offset_kg
        low, high = float(masses.min()) - self.residual_kg, float(masses.max()) + self.residual_kg
        return max(float(masses[0]), 0.0), max(low, 0.0), max(high, 0.0)


def fit_last_stage(facts: VehicleFacts, points: tuple[PayloadPoint, ...]) -> FittedCurve:
    """Fit the curve of one vehicle.

    Parameters
    ----------
    facts : VehicleFacts
        With the range of the specific impulse.
    points : tuple of PayloadPoint
        Two to four of the same vehicle.

    Raises
    ------
    ValueError
        Too few or too many points, points that do not differ in C3, masses that do not fall with C3, no
        specific impulse.

    **Source**: rocket equation of the last stage (Tsiolkovsky); the linear form in A and B is solved exactly
    through two points, by least squares through more.  The band runs over every corner of the ranges of C3,
    mass and specific impulse, plus the misfit.
    """
    ordered = sorted(points, key=lambda point: point.c3_m2_s2)
    if not 2 <= len(ordered) <= _MOST_POINTS:
        raise ValueError(f"{len(ordered)} points, a fit needs 2 to {_MOST_POINTS}")
    if facts.specific_impulse_s[0] <= 0.0:
        raise ValueError("no specific impulse of the last stage")
    for one, other in pairwise(ordered):
        if one.c3_m2_s2[1] >= other.c3_m2_s2[0]:
            raise ValueError(f"the C3 of {one.orbit} and {other.orbit} overlap")
        if one.mass_kg[0] <= other.mass_kg[1]:
            raise ValueError(f"the mass does not fall from {one.orbit} to {other.orbit}")
    middle = [(_middle(point.c3_m2_s2), _middle(point.mass_kg)) for point in ordered]
    impulse = _middle(facts.specific_impulse_s)
    fits = [_solve([c3 for c3, _ in middle], [mass for _, mass in middle], impulse)]
    for c3s in product(*(point.c3_m2_s2 for point in ordered)):
        for masses in product(*(point.mass_kg for point in ordered)):
            fits += [_solve(list(c3s), list(masses), limit) for limit in facts.specific_impulse_s]
    scale, offset, exhaust = (np.array(column) for column in zip(*fits, strict=True))
    residual = max(
        abs(scale[0] * np.exp(-perigee_speed_m_s(c3) / exhaust[0]) - offset[0] - mass) for c3, mass in middle
    )
    status = max((point.status for point in ordered), key=STATUSES.index)
    status = max(status, facts.status, key=STATUSES.index)
    source = "; ".join(f"{point.orbit}: {point.source} {point.date}".strip() for point in ordered)
    return FittedCurve(
        facts.vehicle, status, source, ", ".join(point.orbit for point in ordered),
        (ordered[0].c3_m2_s2[0], ordered[-1].c3_m2_s2[1]), len(ordered), scale, offset, exhaust,
        0.0 if len(ordered) == 2 else float(residual),
    )  # fmt: skip


def _middle(bounds: tuple[float, float]) -> float:
    return (bounds[0] + bounds[1]) / 2.0


def _solve(c3_m2_s2: list[float], mass_kg: list[float], impulse_s: float) -> tuple[float, float, float]:
    exhaust = impulse_s * STANDARD_GRAVITY_M_S2
    reach = np.exp(-np.array([perigee_speed_m_s(c3) for c3 in c3_m2_s2]) / exhaust)
    matrix = np.stack([reach, -np.ones_like(reach)], axis=1)
    (scale, offset), *_ = np.linalg.lstsq(matrix, np.array(mass_kg), rcond=None)
    return float(scale), float(offset), exhaust
