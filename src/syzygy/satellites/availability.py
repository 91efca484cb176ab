"""Availability of a position fix: each navigation system alone and all together, at sites and worldwide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

import syzygy
from syzygy.astro.almanac import Almanac
from syzygy.astro.frames import itrf_from_geodetic, topocentric_axes
from syzygy.astro.time import format_utc, format_utc_many
from syzygy.base.errors import CoverageError, InputError
from syzygy.base.execution import SERIAL, Executor
from syzygy.base.progress import SILENT, Progress
from syzygy.base.provenance import Provenance
from syzygy.base.requests import describe_request, input_files
from syzygy.satellites.availability_result import AvailabilityResult, PlaceStatistics
from syzygy.satellites.constellation import (
    OrbitFiles,
    SatelliteTracks,
    locate_satellites,
    read_orbit_files,
)
from syzygy.satellites.dop import GeometrySurvey, survey_geometry
from syzygy.satellites.grid import equal_area_points
from syzygy.satellites.requests import SYSTEM_NAMES, AvailabilityRequest
from syzygy.satellites.sites import Sites, read_sites

POINTS_PER_CHUNK = 250
LONGEST_WINDOW_S = 86_400.0
MOST_INSTANTS = 50_000


@dataclass(frozen=True, eq=False)
class _Chunk:
    """A run of places with everything their survey needs."""

    site_position_m: NDArray[np.float64]
    site_up: NDArray[np.float64]
    satellite_position_m: NDArray[np.float64]
    used: NDArray[np.bool_]
    system_index: NDArray[np.int64]
    combinations: NDArray[np.bool_]
    mask_rad: float
    pdop_limit: float


def assess_availability(
    request: AvailabilityRequest,
    almanac: Almanac,
    *,
    executor: Executor = SERIAL,
    progress: Progress = SILENT,
) -> AvailabilityResult:
    """Compute where and when each system alone and all together give a position fix.

    Parameters
    ----------
    request : AvailabilityRequest
    almanac : Almanac
        Its leap seconds date GLONASS records and the printed times.

    Returns
    -------
    AvailabilityResult
        The same bytes for any executor.

    Raises
    ------
    FormatError, StorageError, IntegrityError
        An input that cannot be read.
    InputError
        A system that no file has, a satellite to exclude that does not exist.
    CoverageError
        A window that the orbit files do not cover.
    """
    files = read_orbit_files(request.orbits, almanac.leap_seconds)
    sites = read_sites(request.sites.read(), name=request.sites.name) if request.sites is not None else None
    satellites = _satellites(files, request)
    tai_ns = _instants(files, request, almanac)
    tracks = locate_satellites(files, satellites, tai_ns)
    used = _used(tracks, request)
    sets = _combinations(request.systems)
    latitude_rad, longitude_rad = equal_area_points(request.grid_points)
    grid = _places(latitude_rad, longitude_rad, np.zeros_like(latitude_rad), tracks, used, sets, request)
    progress.start("availability", len(grid))
    parts = executor.map(_assess_places, grid, progress=progress)
    survey, statistics = _assess_sites(sites, tracks, used, sets, request)
    return AvailabilityResult(
        request=request,
        provenance=Provenance(
            study="satellites.availability",
            request=describe_request(request),
            inputs=input_files(request),
            almanac_sha256=almanac.sha256,
            code_version=syzygy.__version__,
            models={
                "precise orbits": "Lagrange, 11 nodes, inertial axes",
                "broadcast orbits": "IS-GPS-200, OS SIS ICD, BDS-SIS-ICD, GLONASS ICD 5.1",
                "dilution": "one clock per system, WGS 84 horizon, no refraction",
            },
        ),
        combinations=tuple("+".join(np.array(request.systems, dtype=object)[row]) for row in sets),
        tai_ns=tai_ns,
        epoch_utc=format_utc_many(tai_ns, almanac.leap_seconds),
        tracks=tracks,
        used=used,
        sites=sites,
        site_survey=survey,
        site_statistics=statistics,
        latitude_rad=latitude_rad,
        longitude_rad=longitude_rad,
        map_statistics=_join(parts),
        files=files,
    )


def _satellites(files: OrbitFiles, request: AvailabilityRequest) -> tuple[str, ...]:
    satellites = files.satellites(request.systems)
    present = {name[0] for name in satellites}
    for letter in request.systems:
        if letter not in present:
            raise InputError(
                f"no orbit file has a satellite of {SYSTEM_NAMES[letter]}",
                value=letter,
                allowed=", ".join(sorted({n[0] for n in files.satellites(tuple(SYSTEM_NAMES))})) or "none",
                where="systems",
                hint="give an orbit file with this system, or ask for other systems",
            )
    for name in request.exclude:
        if name not in satellites:
            raise InputError(
                "a satellite to exclude is not in the orbit files",
                value=name,
                allowed=", ".join(satellites),
                where="exclude",
            )
    return satellites


def _instants(files: OrbitFiles, request: AvailabilityRequest, almanac: Almanac) -> NDArray[np.int64]:
    """Return the instants of the window: start, start + step, ... before its end.

    Raises
    ------
    CoverageError
        The window is not inside the orbit files.
    """
    span = files.span_tai_ns(request.systems)
    if span is None:
        raise CoverageError("the orbit files hold no position", value="none", allowed="at least one epoch")
    start = span[0] if request.start_tai_ns is None else request.start_tai_ns
    step_ns = round(request.step_s * 1e9)
    if request.duration_s is None:
        length_ns = min(span[1] - start, round(LONGEST_WINDOW_S * 1e9))
        count = max(-(-length_ns // step_ns), 1)
    else:
        count = max(-(-round(request.duration_s * 1e9) // step_ns), 1)
    last = start + (count - 1) * step_ns
    if start < span[0] or last > span[1]:
        texts = [format_utc(instant, almanac.leap_seconds) for instant in (start, last, *span)]
        raise CoverageError(
            "the window is not inside the orbit files",
            value=f"{texts[0]} to {texts[1]} UTC",
            allowed=f"{texts[2]} to {texts[3]} UTC",
            where="start, duration",
            hint="give the orbit files of those days, or another window",
        )
    if count > MOST_INSTANTS:
        raise InputError(
            "too many instants",
            value=count,
            allowed=f"{MOST_INSTANTS}",
            where="step",
            hint="take a longer step",
        )
    return start + step_ns * np.arange(count, dtype=np.int64)


def _used(tracks: SatelliteTracks, request: AvailabilityRequest) -> NDArray[np.bool_]:
    allowed = np.array([name not in request.exclude for name in tracks.satellites], dtype=np.bool_)
    used = tracks.known & allowed
    if request.healthy_only:
        used &= ~tracks.health_known | tracks.healthy
    return used


def _combinations(systems: Sequence[str]) -> NDArray[np.bool_]:
    """Return every system alone, then all together."""
    alone = np.eye(len(systems), dtype=np.bool_)
    together = np.ones((1, len(systems)), dtype=np.bool_)
    return np.concatenate([alone, together]) if len(systems) > 1 else alone


def _places(
    latitude_rad: NDArray[np.float64],
    longitude_rad: NDArray[np.float64],
    height_m: NDArray[np.float64],
    tracks: SatelliteTracks,
    used: NDArray[np.bool_],
    sets: NDArray[np.bool_],
    request: AvailabilityRequest,
) -> list[_Chunk]:
    position = itrf_from_geodetic(latitude_rad, longitude_rad, height_m)
    up = topocentric_axes(latitude_rad, longitude_rad)[..., 2, :]
    system_index = np.array([request.systems.index(n[0]) for n in tracks.satellites], dtype=np.int64)
    borders = [*range(0, latitude_rad.size, POINTS_PER_CHUNK), latitude_rad.size]
    satellite_position = np.where(used[..., None], tracks.position_m, 0.0)
    return [
        _Chunk(
            position[start:stop],
            up[start:stop],
            satellite_position,
            used,
            system_index,
            sets,
            request.mask_rad,
            request.pdop_limit,
        )
        for start, stop in pairwise(borders)
    ]


def _survey(chunk: _Chunk) -> GeometrySurvey:
    return survey_geometry(
        chunk.site_position_m,
        chunk.site_up,
        chunk.satellite_position_m,
        chunk.used,
        chunk.system_index,
        chunk.combinations,
        chunk.mask_rad,
    )


def _assess_places(chunk: _Chunk) -> PlaceStatistics:
    return _statistics(_survey(chunk), chunk.pdop_limit)


def _statistics(survey: GeometrySurvey, limit: float) -> PlaceStatistics:
    instants = survey.pdop.shape[1]
    return PlaceStatistics(
        share=np.count_nonzero(survey.pdop <= limit, axis=1) / instants,
        median_pdop=np.median(survey.pdop, axis=1),
        solved=np.count_nonzero(np.isfinite(survey.pdop), axis=1),
        mean_visible=survey.visible.sum(axis=1) / instants,
    )


def _assess_sites(
    sites: Sites | None,
    tracks: SatelliteTracks,
    used: NDArray[np.bool_],
    sets: NDArray[np.bool_],
    request: AvailabilityRequest,
) -> tuple[GeometrySurvey | None, PlaceStatistics | None]:
    if sites is None:
        return None, None
    chunks = _places(sites.latitude_rad, sites.longitude_rad, sites.height_m, tracks, used, sets, request)
    surveys = [_survey(chunk) for chunk in chunks]
    survey = GeometrySurvey(
        pdop=np.concatenate([part.pdop for part in surveys]),
        hdop=np.concatenate([part.hdop for part in surveys]),
        vdop=np.concatenate([part.vdop for part in surveys]),
        visible=np.concatenate([part.visible for part in surveys]),
    )
    return survey, _statistics(survey, request.pdop_limit)


def _join(parts: Sequence[PlaceStatistics]) -> PlaceStatistics:
    return PlaceStatistics(
        share=np.concatenate([part.share for part in parts]),
        median_pdop=np.concatenate([part.median_pdop for part in parts]),
        solved=np.concatenate([part.solved for part in parts]),
        mean_visible=np.concatenate([part.mean_visible for part in parts]),
    )
