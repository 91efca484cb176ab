"""Forces on a body in flight: one description, and the accelerations that follow from it."""

from __future__ import annotations

from syzygy.astro.forces.accelerations import acceleration_gradients, accelerations_m_s2
from syzygy.astro.forces.craft import Drag, Plate, PlateForce
from syzygy.astro.forces.gravity_field import GravityField
from syzygy.astro.forces.model import (
    FieldForce,
    ForceModel,
    PointMass,
    Relativity,
    SolidTide,
    SunlightForce,
)
from syzygy.astro.forces.tables import ForceTables, tabulate_forces

__all__ = [
    "Drag",
    "FieldForce",
    "ForceModel",
    "ForceTables",
    "GravityField",
    "Plate",
    "PlateForce",
    "PointMass",
    "Relativity",
    "SolidTide",
    "SunlightForce",
    "acceleration_gradients",
    "accelerations_m_s2",
    "tabulate_forces",
]
