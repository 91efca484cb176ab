"""From a month to a campaign: what other solar activity and the seasons of sunlight do to the exposure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.bodies import EARTH, SUN
from syzygy.astro.constants import ASTRONOMICAL_UNIT_M
from syzygy.astro.environment import IndexTable, lit_fraction, look_up_indices, nrlmsise00
from syzygy.base.errors import CoverageError
from syzygy.materials.faces import Faces
from syzygy.materials.oxygen import plate_flux_per_density_m_s
from syzygy.materials.track import Steps, TrackSetup, face_normals, locate

if TYPE_CHECKING:
    from syzygy.base.execution import Executor
    from syzygy.base.progress import Progress

CLIMATOLOGY_SIGMA = 0.15
"""One-sigma error of NRLMSISE-00 in orbit averages, relative."""
VERSION_SIGMA = 0.12
"""Spread between NRLMSISE-00 and NRLMSIS 2.1 in orbit-averaged oxygen at 400 km, taken as one sigma."""
QUANTILES = (0.05, 0.5, 0.95)

_SAMPLES = 48
_DAY_STRIDE = 3
_DAYS_PER_CHUNK = 150
_WINDOW_STRIDE_DAYS = 27
_ORBIT_POINTS = 72
_PLANE_SAMPLES = 2000


@dataclass(frozen=True, eq=False)
class ActivitySpread:
    """How a campaign of the same length would have fared in other parts of the record.

    Attributes
    ----------
    first_utc_day : numpy array (w,) int64
        First day of each window of the record.
    ratio : numpy array (w, f)
        Mean oxygen flux onto each face in the window, divided by that of the computed exposure.
    f107_mean_sfu : numpy array (w,)
        Mean F10.7 of each window.
    """

    first_utc_day: NDArray[np.int64]
    ratio: NDArray[np.float64]
    f107_mean_sfu: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SunlightSeasons:
    """Sunlight over the campaign on an orbit whose plane keeps turning as it did in the exposure.

    Attributes
    ----------
    sun_hours : numpy array (f,)
        Equivalent sun hours of each face.
    eclipse_orbits, orbits : float
        Orbits with an eclipse, and all orbits.
    beta_rad : numpy array (d,)
        Beta angle of each day.
    """

    sun_hours: NDArray[np.float64]
    eclipse_orbits: float
    orbits: float
    beta_rad: NDArray[np.float64]


def spread_activity(
    setup: TrackSetup, steps: Steps, campaign_days: int, executor: Executor, progress: Progress
) -> ActivitySpread:
    """Fly the same places through the whole record and average over every window of the campaign's length.

    Raises
    ------
    CoverageError
        The record is shorter than the campaign.

    Notes
    -----
    The places are 48 steps of the exposure (latitude, longitude, height, time of day, velocity), spread
    evenly through it; every third day of the record is computed; windows begin every 27 days (one solar
    rotation). All windows count alike: nothing is assumed about the phase of the solar cycle.
    """
    days = _usable_days(setup.indices)
    chosen = days[::_DAY_STRIDE]
    run_days = np.unique(steps.utc_day)
    if days.size < campaign_days:
        raise CoverageError(
            "the space weather record is shorter than the campaign",
            value=f"{campaign_days} d",
            allowed=f"{days.size} d or less with {setup.indices.span}",
            where="campaign_d",
            hint="give a longer record",
        )
    places = np.linspace(0, steps.tai_ns.size - 1, _SAMPLES).astype(np.int64)
    every = np.concatenate([run_days, chosen])
    chunks = [
        (_with_days(setup, days), steps.select(places), days)
        for days in np.split(every, range(_DAYS_PER_CHUNK, every.size, _DAYS_PER_CHUNK))
    ]
    progress.start("solar activity", len(chunks))
    flux = np.concatenate(executor.map(mean_flux_of_days, chunks, progress=progress))
    reference = np.mean(flux[: run_days.size], axis=0)
    by_day = flux[run_days.size :]
    last = int(days[-1]) - campaign_days + 1
    starts = np.arange(int(days[0]), last + 1, _WINDOW_STRIDE_DAYS, dtype=np.int64)
    low = np.searchsorted(chosen, starts)
    high = np.searchsorted(chosen, starts + campaign_days)
    means = np.stack([np.mean(by_day[a:b], axis=0) for a, b in zip(low, high, strict=True)])
    rows = starts - setup.indices.first_utc_day
    f107 = np.array([np.mean(setup.indices.f107_sfu[r : r + campaign_days]) for r in rows])
    return ActivitySpread(starts, means / reference, f107)


def _with_days(setup: TrackSetup, days: NDArray[np.int64]) -> TrackSetup:
    return replace(setup, indices=setup.indices.between(int(days.min()), int(days.max())))


def mean_flux_of_days(
    chunk: tuple[TrackSetup, Steps, NDArray[np.int64]],
) -> NDArray[np.float64]:
    """Return the mean oxygen flux (days, f) over the places, each day with its indices (for the executor)."""
    from syzygy.astro.time import utc_day_and_ns

    setup, places, days = chunk
    count = places.tai_ns.size
    _, utc_ns = utc_day_and_ns(places.tai_ns, setup.almanac.leap_seconds)
    second = np.tile(np.asarray(utc_ns, dtype=np.float64) * 1e-9, days.size)
    day = np.repeat(days, count)
    air = nrlmsise00(
        day,
        second,
        np.tile(places.latitude_rad, days.size),
        np.tile(places.longitude_rad, days.size),
        np.tile(places.height_m, days.size),
        look_up_indices(setup.indices, day, second),
    )
    normals = face_normals(setup.faces, places.sun_direction)
    speed = np.einsum("mfi,mi->mf", normals, places.air_velocity_m_s)
    flux = air.o_per_m3[:, None] * plate_flux_per_density_m_s(
        np.tile(speed, (days.size, 1)), air.temperature_k[:, None]
    )
    return np.asarray(np.mean(flux.reshape(days.size, count, -1), axis=1))


def fluence_quantiles(
    central: NDArray[np.float64], ratios: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    """Return the 5, 50 and 95 % points (f, 3) of a fluence.

    Parameters
    ----------
    central : numpy array (f,)
        The computed value.
    ratios : numpy array (w, f) or None
        Activity windows; each counts alike and carries the log-normal error of the model on top of it.

    Notes
    -----
    Model error: log-normal with sigma^2 = 0.15^2 + 0.12^2, common to all days (it does not average out). The
    quantiles of the mixture are solved for, not drawn: no random number.
    """
    from scipy.special import ndtr, ndtri

    sigma = np.hypot(CLIMATOLOGY_SIGMA, VERSION_SIGMA)
    if ratios is None:
        return np.asarray(central[:, None] * np.exp(sigma * ndtri(np.array(QUANTILES)))[None, :])
    logs = np.log(ratios)
    found = np.empty((central.size, len(QUANTILES)))
    for place, quantile in enumerate(QUANTILES):
        low, high = np.min(logs, axis=0) - 6.0 * sigma, np.max(logs, axis=0) + 6.0 * sigma
        for _ in range(60):
            middle = 0.5 * (low + high)
            below = np.mean(ndtr((middle - logs) / sigma), axis=0) < quantile
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        found[:, place] = central * np.exp(0.5 * (low + high))
    return found


def follow_seasons(
    setup: TrackSetup, steps: Steps, start_tai_ns: int, campaign_s: float, orbital_period_s: float
) -> SunlightSeasons:
    """Carry the orbital plane through the campaign and sum the sunlight on each face.

    The plane turns about the Earth's axis at the mean rate that it had during the exposure (from the
    orbit normals all along), the orbit is taken as a circle; one orbit of 72 points stands
    for each day.
    """
    days = int(np.ceil(campaign_s / 86400.0))
    mid = start_tai_ns + (np.arange(days, dtype=np.int64) * 86400 + 43200) * 1_000_000_000
    sun = setup.almanac.require_ephemeris().position_m(SUN, EARTH, mid)
    sampled = steps.tai_ns[:: max(steps.tai_ns.size // _PLANE_SAMPLES, 1)]
    here = locate(setup.elements, setup.almanac, sampled)
    normal = np.cross(here.position_m, here.velocity_m_s)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    axis = here.earth_axis[0]
    node = _node_angle(normal, axis)
    elapsed = (sampled - sampled[0]) * 1e-9
    rate = float(np.polyfit(elapsed, np.unwrap(node), 1)[0])
    node_of_day = float(node[0]) + rate * ((mid - sampled[0]) * 1e-9)
    tilt = float(np.mean(np.arccos(np.clip(normal @ axis, -1.0, 1.0))))
    return _sum_sunlight(
        setup.faces,
        sun,
        _turned_normal(node_of_day, tilt, axis),
        float(np.mean(np.linalg.norm(here.position_m, axis=-1))),
        campaign_s,
        orbital_period_s,
    )


def _sum_sunlight(
    faces: Faces,
    sun_m: NDArray[np.float64],
    normal: NDArray[np.float64],
    radius_m: float,
    campaign_s: float,
    orbital_period_s: float,
) -> SunlightSeasons:
    distance = np.linalg.norm(sun_m, axis=-1)
    direction = sun_m / distance[:, None]
    beta = np.arcsin(np.sum(normal * direction, axis=-1))
    first = np.cross(normal, direction)
    first /= np.maximum(np.linalg.norm(first, axis=-1, keepdims=True), 1e-12)
    second = np.cross(normal, first)
    angle = 2.0 * np.pi * (np.arange(_ORBIT_POINTS) + 0.5) / _ORBIT_POINTS
    up = np.cos(angle)[None, :, None] * first[:, None, :] + np.sin(angle)[None, :, None] * second[:, None, :]
    along = np.cross(normal[:, None, :], up)
    axes = np.stack([along, np.broadcast_to(-normal[:, None, :], up.shape), -up], axis=-2)
    sun = np.einsum("dpij,dj->dpi", axes, direction).reshape(-1, 3)
    lit = lit_fraction(radius_m * up, np.broadcast_to(sun_m[:, None, :], up.shape))
    cosine = np.maximum(np.einsum("mfi,mi->mf", face_normals(faces, sun), sun), 0.0)
    share = cosine.reshape(beta.size, _ORBIT_POINTS, -1) * lit[:, :, None]
    share = np.mean(share, axis=1) * ((ASTRONOMICAL_UNIT_M / distance) ** 2)[:, None]
    hours = np.mean(share, axis=0) * campaign_s / 3600.0
    orbits = campaign_s / orbital_period_s
    return SunlightSeasons(hours, float(np.mean(np.any(lit < 1.0, axis=1))) * orbits, orbits, beta)


def _node_angle(normal: NDArray[np.float64], axis: NDArray[np.float64]) -> NDArray[np.float64]:
    x_axis, y_axis = _equator_axes(axis)
    return np.asarray(np.arctan2(normal @ x_axis, -(normal @ y_axis)))


def _turned_normal(node: NDArray[np.float64], tilt: float, axis: NDArray[np.float64]) -> NDArray[np.float64]:
    x_axis, y_axis = _equator_axes(axis)
    flat = np.sin(node)[:, None] * x_axis - np.cos(node)[:, None] * y_axis
    return np.asarray(np.sin(tilt) * flat + np.cos(tilt) * axis)


def _equator_axes(axis: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    y_axis = np.cross(axis, [1.0, 0.0, 0.0])
    y_axis /= np.linalg.norm(y_axis)
    return np.cross(y_axis, axis), y_axis


def _usable_days(indices: IndexTable) -> NDArray[np.int64]:
    """Return the longest run of consecutive days that can be looked up."""
    flux, mean = np.isfinite(indices.f107_sfu), np.isfinite(indices.f107_mean81_sfu)
    good = flux & mean & np.all(np.isfinite(indices.ap), axis=1) & np.isfinite(indices.ap_daily)
    usable = good.copy()
    for back in (1, 2, 3):
        usable[back:] &= good[:-back]
    usable[:3] = False
    edges = np.flatnonzero(np.diff(np.concatenate(([0], usable.astype(np.int8), [0]))))
    starts, ends = edges[::2], edges[1::2]
    if starts.size == 0:
        return np.empty(0, dtype=np.int64)
    longest = int(np.argmax(ends - starts))
    return indices.first_utc_day + np.arange(starts[longest], ends[longest], dtype=np.int64)
