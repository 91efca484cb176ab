"""The way of a spacecraft through air and sunlight, step by step, in chunks that any worker may compute."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.bodies import EARTH, SUN
from syzygy.astro.constants import (
    ASTRONOMICAL_UNIT_M,
    EARTH_ROTATION_RATE_NOMINAL_RAD_S,
    SPEED_OF_LIGHT_M_S,
    WGS84_SEMI_MAJOR_AXIS_M,
)
from syzygy.astro.environment import (
    IndexTable,
    lit_fraction,
    look_up_indices,
    nrlmsise00,
    solar_irradiance_w_m2,
    stretch_to_sphere,
)
from syzygy.astro.mean_elements import MeanElements
from syzygy.base.errors import CoverageError
from syzygy.materials.faces import Faces
from syzygy.materials.oxygen import plate_flux_per_density_m_s
from syzygy.materials.thermal import Coupon, absorbed_w_m2

if TYPE_CHECKING:
    from syzygy.astro.almanac import Almanac

STEPS_PER_CHUNK = 2880
"""A chunk is a fixed number of steps, so that answers do not depend on the number of workers."""


@dataclass(frozen=True)
class TrackSetup:
    """Everything a chunk needs besides its instants.

    Attributes
    ----------
    elements : MeanElements
        The spacecraft, one element set.
    almanac : Almanac
        Leap seconds, Earth orientation, ephemeris.
    indices : IndexTable
        Space weather, cleaned.
    faces : Faces
        What is exposed.
    coupon : Coupon
        Thermal properties.
    """

    elements: MeanElements
    almanac: Almanac
    indices: IndexTable
    faces: Faces
    coupon: Coupon


@dataclass(frozen=True, eq=False)
class Geometry:
    """Where the spacecraft and the Sun are, geocentric, GCRF axes, m instants.

    Attributes
    ----------
    position_m, velocity_m_s : numpy array (m, 3)
        The spacecraft.
    sun_m : numpy array (m, 3)
        The Sun where its light shows it (corrected for light time in the moving frame of the Earth).
    earth_axis : numpy array (m, 3)
        Unit vector along the rotation axis.
    """

    position_m: NDArray[np.float64]
    velocity_m_s: NDArray[np.float64]
    sun_m: NDArray[np.float64]
    earth_axis: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Steps:
    """What happens at m instants to f faces.

    Attributes
    ----------
    tai_ns, utc_day : numpy array (m,) int64
        The middle of the step.
    latitude_rad, longitude_rad, height_m : numpy array (m,)
        Geodetic.
    oxygen_per_m3, temperature_k : numpy array (m,)
        Atomic oxygen and gas temperature.
    air_velocity_m_s : numpy array (m, 3)
        Velocity through the co-rotating air along the LVLH axes.
    sun_direction : numpy array (m, 3)
        Unit vector to the Sun in LVLH axes.
    oxygen_flux_per_m2_s : numpy array (m, f)
        One-sided flux onto each face.
    sun_share : numpy array (m, f)
        max(0, n.s) (1 au/r)^2 times the lit fraction of the Sun.
    absorbed_w_m2 : numpy array (m, f)
        Heat absorbed by each coupon.
    lit : numpy array (m,)
        Visible fraction of the Sun's disc.
    beta_rad : numpy array (m,)
        Elevation of the Sun above the orbital plane, positive towards the orbit normal.
    predicted : numpy array (m,) bool
        The density rests on forecast space weather.
    """

    tai_ns: NDArray[np.int64]
    utc_day: NDArray[np.int64]
    latitude_rad: NDArray[np.float64]
    longitude_rad: NDArray[np.float64]
    height_m: NDArray[np.float64]
    oxygen_per_m3: NDArray[np.float64]
    temperature_k: NDArray[np.float64]
    air_velocity_m_s: NDArray[np.float64]
    sun_direction: NDArray[np.float64]
    oxygen_flux_per_m2_s: NDArray[np.float64]
    sun_share: NDArray[np.float64]
    absorbed_w_m2: NDArray[np.float64]
    lit: NDArray[np.float64]
    beta_rad: NDArray[np.float64]
    predicted: NDArray[np.bool_]

    def select(self, rows: NDArray[np.int64]) -> Steps:
        """Return some of the instants."""
        return Steps(*(getattr(self, f.name)[rows] for f in fields(self)))


def cut_chunks(setup: TrackSetup, tai_ns: NDArray[np.int64]) -> list[tuple[TrackSetup, NDArray[np.int64]]]:
    """Cut instants into chunks, each with the space weather of its own days only."""
    from syzygy.astro.time import utc_day_and_ns

    parts = [tai_ns[i : i + STEPS_PER_CHUNK] for i in range(0, tai_ns.size, STEPS_PER_CHUNK)]
    ends = np.array([[part[0], part[-1]] for part in parts])
    days, _ = utc_day_and_ns(ends, setup.almanac.leap_seconds)
    return [
        (replace(setup, indices=setup.indices.between(int(first), int(last))), part)
        for part, (first, last) in zip(parts, days, strict=True)
    ]


def join_steps(parts: list[Steps]) -> Steps:
    """Put chunks together in their order."""
    return Steps(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Steps)))


def compute_steps(chunk: tuple[TrackSetup, NDArray[np.int64]]) -> Steps:
    """Compute one chunk of instants (a module-level function, for the executor)."""
    from syzygy.astro.frames import geodetic_from_itrf, itrf_from_gcrf
    from syzygy.astro.time import utc_day_and_ns

    setup, tai_ns = chunk
    here = locate(setup.elements, setup.almanac, tai_ns)
    fixed, _ = itrf_from_gcrf(here.position_m, None, tai_ns, setup.almanac)
    latitude, longitude, height = geodetic_from_itrf(fixed)
    utc_day, utc_ns = utc_day_and_ns(tai_ns, setup.almanac.leap_seconds)
    utc_second = np.asarray(utc_ns, dtype=np.float64) * 1e-9
    indices = look_up_indices(setup.indices, utc_day, utc_second)
    air = nrlmsise00(utc_day, utc_second, latitude, longitude, height, indices)

    axes = lvlh_axes(here.position_m, here.velocity_m_s)
    spin = EARTH_ROTATION_RATE_NOMINAL_RAD_S * np.cross(here.earth_axis, here.position_m)
    air_velocity = np.einsum("mij,mj->mi", axes, here.velocity_m_s - spin)
    distance = np.linalg.norm(here.position_m, axis=-1)
    to_sun = here.sun_m - here.position_m
    sun_distance = np.linalg.norm(to_sun, axis=-1)
    sun = np.einsum("mij,mj->mi", axes, to_sun / sun_distance[:, None])
    normals = face_normals(setup.faces, sun)
    flux = air.o_per_m3[:, None] * plate_flux_per_density_m_s(
        np.einsum("mfi,mi->mf", normals, air_velocity), air.temperature_k[:, None]
    )
    lit = lit_fraction(
        stretch_to_sphere(here.position_m, here.earth_axis), stretch_to_sphere(here.sun_m, here.earth_axis)
    )
    cosine = np.maximum(np.einsum("mfi,mi->mf", normals, sun), 0.0)
    absorbed = absorbed_w_m2(
        setup.coupon,
        sunlight_w_m2=solar_irradiance_w_m2(sun_distance),
        lit=lit,
        sun_cosine=cosine,
        nadir_cosine=normals[:, :, 2],
        subpoint_sun_cosine=np.sum(here.position_m * to_sun, axis=-1) / (distance * sun_distance),
        distance_radii=distance / WGS84_SEMI_MAJOR_AXIS_M,
    )
    return Steps(
        tai_ns=tai_ns,
        utc_day=utc_day,
        latitude_rad=latitude,
        longitude_rad=longitude,
        height_m=height,
        oxygen_per_m3=air.o_per_m3,
        temperature_k=air.temperature_k,
        air_velocity_m_s=air_velocity,
        sun_direction=sun,
        oxygen_flux_per_m2_s=flux,
        sun_share=cosine * ((ASTRONOMICAL_UNIT_M / sun_distance) ** 2 * lit)[:, None],
        absorbed_w_m2=absorbed,
        lit=lit,
        beta_rad=np.arcsin(np.clip(-sun[:, 1], -1.0, 1.0)),
        predicted=indices.predicted,
    )


def locate(elements: MeanElements, almanac: Almanac, tai_ns: NDArray[np.int64]) -> Geometry:
    """Return spacecraft and Sun at instants.

    Raises
    ------
    CoverageError
        SGP4 has no state there (decayed orbit, elements out of range).
    """
    from syzygy.astro.frames import gcrf_from_teme
    from syzygy.astro.propagation.sgp4_states import ERROR_MEANINGS, propagate_sgp4
    from syzygy.astro.time import format_utc

    states = propagate_sgp4(elements, tai_ns, almanac.leap_seconds)
    code = states.error_code[0]
    if np.any(code != 0):
        first = int(np.flatnonzero(code)[0])
        raise CoverageError(
            "the orbit has no usable state",
            value=format_utc(int(tai_ns[first]), almanac.leap_seconds),
            allowed="instants at which SGP4 gives a state",
            where=f"object {int(elements.object_id[0])}: {ERROR_MEANINGS[int(code[first])]}",
            hint="use newer elements, or a shorter exposure",
        )
    axis = np.broadcast_to([0.0, 0.0, 1.0], states.position_m[0].shape)
    vectors = np.stack([states.position_m[0], states.velocity_m_s[0], axis])
    (position, velocity, axis), _ = gcrf_from_teme(vectors, None, tai_ns, almanac)
    ephemeris = almanac.require_ephemeris()
    geometric = ephemeris.position_m(SUN, EARTH, tai_ns)
    light_time_ns = np.linalg.norm(geometric, axis=-1) / SPEED_OF_LIGHT_M_S * 1e9
    sun = ephemeris.position_m(SUN, EARTH, tai_ns - light_time_ns.astype(np.int64))
    return Geometry(position, velocity, sun, axis)


def lvlh_axes(position_m: NDArray[np.float64], velocity_m_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the LVLH axes as rows (m, 3, 3): x along the motion, y against the orbit normal, z down."""
    down = -position_m / np.linalg.norm(position_m, axis=-1, keepdims=True)
    momentum = np.cross(position_m, velocity_m_s)
    right = -momentum / np.linalg.norm(momentum, axis=-1, keepdims=True)
    return np.stack([np.cross(right, down), right, down], axis=-2)


def face_normals(faces: Faces, sun: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the normals in LVLH axes (m, f, 3) at instants with the Sun in direction `sun` (m, 3)."""
    fixed = np.broadcast_to(faces.normals, (sun.shape[0], *faces.normals.shape))
    return np.where(faces.follows_sun[None, :, None], sun[:, None, :], fixed)
