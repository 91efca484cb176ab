"""Forces on the craft itself, as plain records: drag, plates in sunlight, and how the craft is turned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from syzygy.astro.attitude import AttitudeHistory
from syzygy.astro.bodies import EARTH, MOON, Body
from syzygy.astro.constants import SOLAR_CONSTANT_W_M2, SPEED_OF_LIGHT_M_S
from syzygy.base.errors import InputError

PRESSURE_AT_1_AU_N_M2 = SOLAR_CONSTANT_W_M2 / SPEED_OF_LIGHT_M_S
ATTITUDE_LAWS = ("sun", "RTN", "history")
_UNIT = 1e-6


@dataclass(frozen=True)
class Drag:
    """Resistance of the air: NRLMSISE-00, air that turns with the Earth, no winds.

    Attributes
    ----------
    area_to_mass_m2_kg : float
        Drag coefficient times area over mass.
    f107_sfu, ap : float
        0 takes the space weather of the Almanac; else constant indices (flux, its mean and all ap alike).
    ap_history : bool
        Use all seven ap values; otherwise the daily Ap alone.
    allow_predicted : bool
        Whether forecast indices may be used.
    """

    area_to_mass_m2_kg: float
    f107_sfu: float = 0.0
    ap: float = 0.0
    ap_history: bool = True
    allow_predicted: bool = False

    def __post_init__(self) -> None:
        if not (np.isfinite(self.area_to_mass_m2_kg) and self.area_to_mass_m2_kg > 0.0):
            raise InputError(
                "drag needs a coefficient times area over mass",
                value=f"{self.area_to_mass_m2_kg} m2/kg",
                allowed="a positive number, e.g. 2.2 * 1 m2 / 100 kg = 0.022",
                where="Drag.area_to_mass_m2_kg",
            )

    def describe(self) -> dict[str, object]:
        """Return everything that changes an answer."""
        weather: object = "space weather of the almanac"
        if self.f107_sfu > 0.0:
            weather = {"f107_sfu": self.f107_sfu, "ap": self.ap}
        return {
            "model": "NRLMSISE-00",
            "area_to_mass_m2_kg": self.area_to_mass_m2_kg,
            "indices": weather,
            "ap_history": self.ap_history,
            "allow_predicted": self.allow_predicted,
        }


@dataclass(frozen=True)
class Plate:
    """A flat surface that sunlight pushes from its front.

    Attributes
    ----------
    normal : tuple of float (3,)
        Outwards, in body axes.
    area_m2 : float
    specular, diffuse : float
        Shares of the light reflected like a mirror and in all directions; the rest is absorbed.
    """

    normal: tuple[float, float, float]
    area_m2: float
    specular: float
    diffuse: float

    def __post_init__(self) -> None:
        length = float(np.linalg.norm(self.normal))
        shares = (self.specular, self.diffuse, 1.0 - self.specular - self.diffuse)
        if abs(length - 1.0) > _UNIT or not self.area_m2 > 0.0 or min(shares) < -_UNIT:
            raise InputError(
                "a plate is not one",
                value=f"normal of length {length:g}, {self.area_m2} m2, "
                f"shares {self.specular}, {self.diffuse}",
                allowed="a normal of length 1, an area above 0, shares from 0 to 1 with a sum of at most 1",
                where="Plate",
            )


@dataclass(frozen=True, eq=False)
class PlateForce:
    """Sunlight on flat plates that do not shade each other.

    Attributes
    ----------
    plates : tuple of Plate
    mass_kg : float
        For which the force is given; where the flight carries a mass, that one counts.
    attitude : str
        ``sun``: body x to the Sun, body z as near as possible to `reference`; ``RTN``: body axes along
        radial, transverse, normal about the centre; ``history``: the given one.
    reference : tuple of float (3,)
        ICRF direction.
    history : AttitudeHistory or None
        From ICRF to body axes, covering the flight.
    occulters : tuple of Body
    """

    plates: tuple[Plate, ...]
    mass_kg: float
    attitude: str = "sun"
    reference: tuple[float, float, float] = (0.0, 0.0, 1.0)
    history: AttitudeHistory | None = None
    occulters: tuple[Body, ...] = (EARTH, MOON)

    def __post_init__(self) -> None:
        if self.attitude not in ATTITUDE_LAWS or (self.attitude == "history") != (self.history is not None):
            raise InputError(
                "the attitude of the plates is not given",
                value=self.attitude,
                allowed=f"{', '.join(ATTITUDE_LAWS)}; a history with history only",
                where="PlateForce.attitude",
            )
        if not self.plates or not self.mass_kg > 0.0:
            raise InputError(
                "plates in sunlight need a plate and a mass",
                value=f"{len(self.plates)} plates, {self.mass_kg} kg",
                where="PlateForce",
            )

    def describe(self) -> dict[str, object]:
        """Return everything that changes an answer."""
        history = self.history
        return {
            "plates": [
                [*plate.normal, plate.area_m2, plate.specular, plate.diffuse] for plate in self.plates
            ],
            "mass_kg": self.mass_kg,
            "pressure_n_m2": PRESSURE_AT_1_AU_N_M2,
            "attitude": self.attitude,
            "reference": list(self.reference),
            "history": None if history is None else [history.tai_ns.tolist(), history.quaternions().tolist()],
            "occulters": [body.name for body in self.occulters],
        }
