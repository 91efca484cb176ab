"""The one description of the forces on a body in flight: frozen, hashed, printable."""

from __future__ import annotations

from dataclasses import dataclass, replace

from syzygy.astro.bodies import EARTH, MOON, Body
from syzygy.astro.constants import (
    ASTRONOMICAL_UNIT_M,
    SPEED_OF_LIGHT_M_S,
    SUN_RADIUS_M,
    WGS84_SEMI_MAJOR_AXIS_M,
)
from syzygy.astro.forces.craft import Drag, PlateForce
from syzygy.astro.forces.gravity_field import GravityField
from syzygy.base.errors import FrameError, InputError
from syzygy.base.hashing import sha256_record

TIME_VARIABLES = ("TDB", "TT")
EARTH_SPIN_M2_S = 9.8e8
"""Angular momentum of the Earth per unit mass (IERS Conventions 2010, section 10.3)."""


@dataclass(frozen=True)
class PointMass:
    """A body that attracts from where the ephemeris says it is.

    Attributes
    ----------
    body : Body
    gm_m3_s2 : float
        0 takes that of the body (DE440).
    """

    body: Body
    gm_m3_s2: float = 0.0

    @property
    def effective_gm_m3_s2(self) -> float:
        """The gravitational parameter in use."""
        return self.gm_m3_s2 or self.body.gm_m3_s2


@dataclass(frozen=True)
class FieldForce:
    """Spherical harmonics of the centre or of a third body, in the axes fixed to that body.

    Attributes
    ----------
    body : Body
        Earth (ITRF), Moon (principal axes of the Almanac's libration angles) or Mars (IAU 2015 axes).
    field : GravityField
        Its GM replaces that of the body.
    """

    body: Body
    field: GravityField


@dataclass(frozen=True)
class SunlightForce:
    """Radiation pressure on a sphere: ``acceleration (1 au / d)^2`` away from the Sun, in conical shadows.

    Attributes
    ----------
    acceleration_m_s2 : float
        At 1 au in full sunlight: pressure (4.54e-6 N/m2) times coefficient times area over mass.
    occulters : tuple of Body
        Spheres that cast shadows; steps end at the edges of umbra and penumbra.
    """

    acceleration_m_s2: float
    occulters: tuple[Body, ...] = (EARTH, MOON)


@dataclass(frozen=True)
class SolidTide:
    """The tidal bulge of the centre: degree 2, elastic, one Love number.

    Attributes
    ----------
    love_number : float
        k2, e.g. 0.02416 (Moon), 0.3 (Earth).
    raised_by : tuple of Body
    radius_m : float
        0 takes the radius of the field, or of the body.
    """

    love_number: float
    raised_by: tuple[Body, ...]
    radius_m: float = 0.0


@dataclass(frozen=True)
class Relativity:
    """Post-Newtonian terms of the centre (IERS Conventions 2010, eq. 10.12), gamma = beta = 1.

    Attributes
    ----------
    schwarzschild, lense_thirring, de_sitter : bool
        Lense-Thirring for the Earth only; de Sitter needs the Sun of the ephemeris.
    """

    schwarzschild: bool = True
    lense_thirring: bool = False
    de_sitter: bool = False


@dataclass(frozen=True)
class ForceModel:
    """All forces on one flight, and the time in which it is integrated; axes are ICRF about `centre`.

    Attributes
    ----------
    centre : Body
    gm_m3_s2 : float
        Of the centre; 0 takes that of its field, else that of the body.
    third_bodies : tuple of PointMass
    fields : tuple of FieldForce
    sunlight : SunlightForce or None
    tide : SolidTide or None
    relativity : Relativity or None
    drag : Drag or None
        About the Earth only.
    plates : PlateForce or None
    time_variable : str
        ``TDB`` or ``TT``: the seconds in which accelerations are meant.  Over 30 days they differ by less
        than 2 ms, metres at a fly-by.
    """

    centre: Body
    gm_m3_s2: float = 0.0
    third_bodies: tuple[PointMass, ...] = ()
    fields: tuple[FieldForce, ...] = ()
    sunlight: SunlightForce | None = None
    tide: SolidTide | None = None
    relativity: Relativity | None = None
    time_variable: str = "TDB"
    drag: Drag | None = None
    plates: PlateForce | None = None

    def __post_init__(self) -> None:
        if self.time_variable not in TIME_VARIABLES:
            raise InputError(
                "the time variable of a force model is not a uniform dynamical time",
                value=self.time_variable,
                allowed=" or ".join(TIME_VARIABLES),
                where="ForceModel.time_variable",
            )
        ids = [mass.body.naif_id for mass in self.third_bodies]
        if self.centre.naif_id in ids or len(set(ids)) != len(ids):
            raise InputError(
                "a body attracts twice",
                value=", ".join(mass.body.name for mass in self.third_bodies),
                allowed=f"each body once, and not the centre ({self.centre.name})",
                where="ForceModel.third_bodies",
            )
        _refuse_overlaps([self.centre, *(mass.body for mass in self.third_bodies)])
        own = [force.body.naif_id for force in self.fields]
        if len(set(own)) != len(own) or not set(own) <= {self.centre.naif_id, *ids}:
            raise InputError(
                "a gravity field belongs to a body that is not in the model, or to one that has a field",
                value=", ".join(force.body.name for force in self.fields),
                allowed="the centre or a third body, once",
                where="ForceModel.fields",
            )
        if self.relativity is not None and self.relativity.lense_thirring and self.centre != EARTH:
            raise InputError("Lense-Thirring is known for the Earth only", value=self.centre.name)
        if self.drag is not None and self.centre != EARTH:
            raise InputError(
                "drag is known for the air of the Earth only",
                value=self.centre.name,
                allowed="Earth as the centre",
                where="ForceModel.drag",
            )

    @property
    def effective_gm_m3_s2(self) -> float:
        """The gravitational parameter of the centre that is in use."""
        own = self.field_of(self.centre)
        return self.gm_m3_s2 or (own.gm_m3_s2 if own is not None else self.centre.gm_m3_s2)

    def field_of(self, body: Body) -> GravityField | None:
        """Return the field of a body, or None."""
        return next((force.field for force in self.fields if force.body == body), None)

    def describe(self) -> dict[str, object]:
        """Return everything that changes an answer, as plain values."""
        more = {"drag": self.drag, "plates": self.plates}
        return {name: force.describe() for name, force in more.items() if force is not None} | {
            "centre": str(self.centre),
            "gm_m3_s2": self.effective_gm_m3_s2,
            "time_variable": self.time_variable,
            "axes": "ICRF",
            "third_bodies": {mass.body.name: self._gm_of(mass) for mass in self.third_bodies},
            "fields": {force.body.name: _describe_field(force.field) for force in self.fields},
            "sunlight": None
            if self.sunlight is None
            else {
                "acceleration_m_s2": self.sunlight.acceleration_m_s2,
                "occulters": [body.name for body in self.sunlight.occulters],
                "reference_distance_m": ASTRONOMICAL_UNIT_M,
                "sun_radius_m": SUN_RADIUS_M,
            },
            "tide": None
            if self.tide is None
            else {
                "love_number": self.tide.love_number,
                "raised_by": [body.name for body in self.tide.raised_by],
                "radius_m": self.tide_radius_m,
            },
            "relativity": None
            if self.relativity is None
            else {
                "schwarzschild": self.relativity.schwarzschild,
                "lense_thirring": self.relativity.lense_thirring,
                "de_sitter": self.relativity.de_sitter,
                "speed_of_light_m_s": SPEED_OF_LIGHT_M_S,
                "earth_spin_m2_s": EARTH_SPIN_M2_S,
            },
        }

    @property
    def occulters(self) -> tuple[Body, ...]:
        """The bodies that cast shadows."""
        lights = [light.occulters for light in (self.sunlight, self.plates) if light is not None]
        return tuple(dict.fromkeys(body for bodies in lights for body in bodies))

    def about(self, centre: Body) -> ForceModel:
        """Return the same attractions, fields and light about another of the bodies.

        Raises
        ------
        InputError
            The body does not attract here, or a force belongs to the old centre (a tide, Lense-Thirring,
            drag): then give the model about the new centre yourself.
        """
        if centre == self.centre:
            return self
        owned = self.tide is not None or (self.relativity is not None and self.relativity.lense_thirring)
        if self.gm_of(centre) == 0.0 or owned or self.drag is not None:
            raise InputError(
                "a force model cannot go to another centre by itself",
                value=f"{self.centre.name} to {centre.name}",
                allowed="one of its third bodies, and no tide, drag or Lense-Thirring term of the old centre",
                where="ForceModel.about",
                hint="describe the forces about the new centre and give both models",
            )
        others = [PointMass(m.body, self._gm_of(m)) for m in self.third_bodies if m.body != centre]
        bodies = (PointMass(self.centre, self.effective_gm_m3_s2), *others)
        return replace(self, centre=centre, gm_m3_s2=self.gm_of(centre), third_bodies=bodies)

    @property
    def sha256(self) -> str:
        """Identity of the description."""
        return sha256_record(self.describe())

    @property
    def tide_radius_m(self) -> float:
        """Radius in the tide's formula."""
        own = self.field_of(self.centre)
        given = 0.0 if self.tide is None else self.tide.radius_m
        return given or (own.radius_m if own is not None else self.centre.radius_m)

    def _gm_of(self, mass: PointMass) -> float:
        own = self.field_of(mass.body)
        return mass.gm_m3_s2 or (own.gm_m3_s2 if own is not None else mass.body.gm_m3_s2)

    def gm_of(self, body: Body) -> float:
        """Return the gravitational parameter in use of a body (0 where it does not attract)."""
        if body == self.centre:
            return self.effective_gm_m3_s2
        return next((self._gm_of(mass) for mass in self.third_bodies if mass.body == body), 0.0)

    def __str__(self) -> str:
        """Return one line per force."""
        lines = [
            f"centre {self.centre.name}, GM {self.effective_gm_m3_s2:.10g} m3/s2, ICRF, {self.time_variable}"
        ]
        lines += [f"attracted by {m.body.name}, GM {self._gm_of(m):.10g} m3/s2" for m in self.third_bodies]
        for force in self.fields:
            field = force.field
            lines.append(
                f"field {field.name} of {force.body.name} to degree {field.degree}, "
                f"radius {field.radius_m:.10g} m, {field.tide_system}"
            )
        if self.sunlight is not None:
            lines.append(f"sunlight {self.sunlight.acceleration_m_s2:.4e} m/s2 at 1 au")
        if self.tide is not None:
            lines.append(f"solid tide k2 = {self.tide.love_number}")
        if self.relativity is not None:
            lines.append(f"relativity: {self.relativity}")
        if self.drag is not None:
            lines.append(f"drag: {self.drag}")
        if self.plates is not None:
            count = len(self.plates.plates)
            lines.append(
                f"sunlight on {count} plates, attitude {self.plates.attitude}, {self.plates.mass_kg} kg"
            )
        return "\n".join(lines)


def occulter_radius_m(body: Body) -> float:
    """Return the radius that casts a shadow."""
    return WGS84_SEMI_MAJOR_AXIS_M if body == EARTH else body.radius_m


def needs_sun(model: ForceModel) -> bool:
    """Return whether the place of the Sun is needed even where it does not attract."""
    de_sitter = model.relativity is not None and model.relativity.de_sitter
    return model.sunlight is not None or model.plates is not None or de_sitter


def _describe_field(field: GravityField) -> dict[str, object]:
    return {
        "name": field.name,
        "gm_m3_s2": field.gm_m3_s2,
        "radius_m": field.radius_m,
        "degree": field.degree,
        "order": int(max((field.cosine != 0.0).any(axis=0).nonzero()[0].max(initial=0), 0)),
        "tide_system": field.tide_system,
        "sha256": field.sha256,
    }


def _refuse_overlaps(bodies: list[Body]) -> None:
    """A barycentre attracts with the mass of its members: both at once would count them twice."""
    ids = {body.naif_id: body for body in bodies}
    for number, body in ids.items():
        if number == 0 or (number > 10 and number // 100 in ids):
            raise FrameError(
                "a barycentre stands beside a body that it contains",
                value=f"{ids.get(number // 100, body).name} and {body.name}",
                allowed="the barycentre of a system, or its members",
                where="ForceModel",
            )
