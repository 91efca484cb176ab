"""The forces of a comparison: built from the request, varied for hypotheses and budgets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from syzygy.astro.almanac import Almanac
from syzygy.astro.bodies import EARTH, MARS, MOON, SUN, Body, find_body
from syzygy.astro.constants import EARTH_J2
from syzygy.astro.forces import (
    Drag,
    FieldForce,
    ForceModel,
    GravityField,
    PointMass,
    Relativity,
    SolidTide,
    SunlightForce,
)
from syzygy.base.errors import InputError, UnknownNameError
from syzygy.base.provenance import InputFile
from syzygy.exploration.replay.requests import ForceChoice

_J2_RADIUS_M = 6_378_136.6
_LOVE_NUMBERS = {EARTH.naif_id: 0.30190, MOON.naif_id: 0.02416}
"""k2: IERS Conventions (2010), table 6.3; Williams et al. (2014), GRAIL."""

_USUAL_DEGREES = (2, 4, 8, 10, 12, 16, 20, 21, 24, 30, 36, 40, 50, 60, 70, 80, 90, 100, 120, 150)
_FIRST_DRAG_M2_KG = 0.01
LEAST_DRAG_M2_KG = 1e-7
"""A fit that wants less ends here: no drag."""

CENTRE_GMS = {
    EARTH.naif_id: (
        ("DE440", 3.98600435507e14),
        ("EGM96, JGM-3, GMAT", 3.986004415e14),
        ("WGS-84", 3.986004418e14),
        ("DE405, older SPICE kernels", 3.98600435436e14),
    ),
    MOON.naif_id: (
        ("DE440", 4.902800118e12),
        ("LP165P, GMAT", 4.902801056e12),
        ("GRGM660PRIM", 4.90279980693169e12),
    ),
}
"""Gravitational parameters in use, m3/s2."""


def make_forces(choice: ForceChoice, centre: Body) -> ForceModel:
    """Return the forces about a centre.

    Raises
    ------
    UnknownNameError
        A body that the core does not know.
    FormatError, CoverageError
        A gravity field that cannot be read.
    InputError
        A centre that has no gravity of its own (a barycentre of planets and Sun).
    """
    if centre.gm_m3_s2 <= 0.0:
        raise InputError(
            "nothing can be propagated about this centre",
            value=centre.name,
            allowed="a body, or the barycentre of a planet's system",
            where="CENTER_NAME",
        )
    bodies = [_named_body(name) for name in choice.bodies]
    third = [body for body in bodies if body != centre and not _contains(centre, body)]
    fields = _fields(choice, centre, third)
    own = next((force.field for force in fields if force.body == centre), None)
    raisers = tuple(body for body in (EARTH, MOON, SUN) if body in third)
    tide = None
    if own is not None and own.degree > 2 and centre.naif_id in _LOVE_NUMBERS and raisers:
        tide = SolidTide(_LOVE_NUMBERS[centre.naif_id], raisers)
    return ForceModel(
        centre,
        third_bodies=tuple(PointMass(body) for body in third),
        fields=tuple(fields),
        sunlight=SunlightForce(choice.sunlight_m_s2),
        tide=tide,
        relativity=Relativity() if choice.relativity else None,
        drag=_drag(choice, centre),
    )


def _drag(choice: ForceChoice, centre: Body) -> Drag | None:
    """Return the drag of a request; a fit from nothing starts at 0.01 m2/kg."""
    if not choice.drags:
        return None
    if centre != EARTH:
        raise InputError(
            "drag is known for the air of the Earth only",
            value=f"an ephemeris about {centre.name}",
            allowed="an ephemeris about the Earth, or no drag",
            where="drag",
        )
    return Drag(
        choice.drag_m2_kg or _FIRST_DRAG_M2_KG, f107_sfu=choice.solar_flux_sfu,
        ap=choice.geomagnetic_ap if choice.solar_flux_sfu > 0.0 else 0.0,
    )  # fmt: skip


def _named_body(name: str) -> Body:
    try:
        return find_body(name)
    except UnknownNameError as problem:
        problem.where = "bodies"
        raise


def _contains(centre: Body, body: Body) -> bool:
    """Whether one of the two is the barycentre of the system of the other."""
    one, other = centre.naif_id, body.naif_id
    return one == other // 100 or other == one // 100


def _fields(choice: ForceChoice, centre: Body, third: list[Body]) -> list[FieldForce]:
    given = ((EARTH, choice.earth_field), (MOON, choice.moon_field), (MARS, choice.mars_field))
    found = []
    for body, file in given:
        if body != centre and body not in third:
            continue
        field = _read_field(file, choice.field_degree) if file else _j2(body)
        if field is not None:
            found.append(FieldForce(body, field))
    return found


def _read_field(file: InputFile, degree: int) -> GravityField:
    from syzygy.formats.gravity_field import read_gravity_field

    return read_gravity_field(file.read(), name=file.name, max_degree=degree)


def _j2(body: Body) -> GravityField | None:
    """Return the flattening of the Earth with the GM of the ephemeris, None for other bodies."""
    if body != EARTH:
        return None
    cosine = np.zeros((3, 3))
    cosine[0, 0], cosine[2, 0] = 1.0, -EARTH_J2 / np.sqrt(5.0)
    return GravityField(
        "J2 (IERS 2010)", EARTH.gm_m3_s2, _J2_RADIUS_M, cosine, np.zeros((3, 3)), "zero_tide", ""
    )


def with_axes(almanac: Almanac, choice: ForceChoice) -> Almanac:
    """Return the Almanac with the lunar axes and the space weather of the request, if any."""
    if choice.space_weather is not None:
        from syzygy.formats.space_weather import read_space_weather

        file = choice.space_weather
        almanac = replace(almanac, space_weather=read_space_weather(file.read(), name=file.name))
    if choice.moon_axes is None:
        return almanac
    from syzygy.formats.pck import open_binary_pck

    choice.moon_axes.read()
    axes = open_binary_pck(choice.moon_axes.path, name=choice.moon_axes.name, sha256=choice.moon_axes.sha256)
    return replace(almanac, moon_orientation=axes)


def with_sunlight(force: ForceModel, acceleration_m_s2: float) -> ForceModel:
    """Return the forces with another radiation pressure."""
    light = force.sunlight or SunlightForce(0.0)
    return replace(force, sunlight=replace(light, acceleration_m_s2=acceleration_m_s2))


def with_drag(force: ForceModel, area_to_mass_m2_kg: float) -> ForceModel:
    """Return the forces with another area to mass of the drag they have, never quite 0."""
    if force.drag is None:
        return force
    return replace(
        force, drag=replace(force.drag, area_to_mass_m2_kg=max(area_to_mass_m2_kg, LEAST_DRAG_M2_KG))
    )


def with_centre_gm(force: ForceModel, gm_m3_s2: float) -> ForceModel:
    """Return the forces with another GM of the centre; its field keeps its shape."""
    return replace(force, gm_m3_s2=gm_m3_s2)


def list_removals(force: ForceModel) -> list[tuple[str, ForceModel]]:
    """Return, per force, its name and the model without it."""
    found = []
    for mass in force.third_bodies:
        found.append((f"attraction of {mass.body.name}", _without_body(force, mass.body)))
    for item in force.fields:
        if item.body == force.centre:
            bare = replace(
                force,
                fields=tuple(f for f in force.fields if f is not item),
                gm_m3_s2=force.effective_gm_m3_s2,
                tide=None,
            )
            found.append((f"field of {item.body.name} ({item.field.name})", bare))
    if force.tide is not None:
        found.append(("solid tide", replace(force, tide=None)))
    if force.sunlight is not None and force.sunlight.acceleration_m_s2 > 0.0:
        found.append(("sunlight", replace(force, sunlight=None)))
    if force.drag is not None:
        found.append(("drag", replace(force, drag=None)))
    if force.relativity is not None:
        found.append(("relativity", replace(force, relativity=None)))
    return found


def list_truncations(force: ForceModel) -> list[tuple[str, ForceModel]]:
    """Return, per field and usual lower degree, a name and the model with the field cut there."""
    found = []
    for item in force.fields:
        for degree in _USUAL_DEGREES:
            if degree < item.field.degree:
                cut = replace(item, field=item.field.truncate(degree))
                fields = tuple(cut if other is item else other for other in force.fields)
                found.append(
                    (f"field of {item.body.name} above degree {degree}", replace(force, fields=fields))
                )
    return found


def _without_body(force: ForceModel, body: Body) -> ForceModel:
    tide = force.tide
    if tide is not None:
        raisers = tuple(other for other in tide.raised_by if other != body)
        tide = replace(tide, raised_by=raisers) if raisers else None
    return replace(
        force,
        third_bodies=tuple(mass for mass in force.third_bodies if mass.body != body),
        fields=tuple(item for item in force.fields if item.body != body),
        tide=tide,
    )
