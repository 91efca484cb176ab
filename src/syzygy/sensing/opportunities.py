"""Find imaging opportunities: the door of this room."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

import syzygy
from syzygy.astro.almanac import Almanac
from syzygy.astro.propagation.sgp4_states import ERROR_MEANINGS
from syzygy.base.execution import SERIAL, Executor
from syzygy.base.progress import SILENT, Progress
from syzygy.base.provenance import Provenance
from syzygy.base.requests import describe_request, input_files
from syzygy.sensing.coverage import coverage_curves
from syzygy.sensing.duplicates import DuplicateRule, find_duplicates
from syzygy.sensing.fleet import Excluded, Fleet, assemble_fleet
from syzygy.sensing.imaging import ImagingJob, Opportunities, image_places, join_opportunities
from syzygy.sensing.look import gsd_at_view_m
from syzygy.sensing.places import AREA, Place, read_places
from syzygy.sensing.requests import OpportunitiesRequest
from syzygy.sensing.result import OpportunitiesResult
from syzygy.sensing.tracks import sun_track

SATELLITES_PER_JOB = 4
_EARTH_MODELS = {
    "iers": "TEME to ITRF by IAU 2006/2000A, UT1 and polar motion",
    "gmst82": "TEME to Earth-fixed by GMST-1982 alone, UT1 = UTC, no polar motion",
}


def find_opportunities(
    request: OpportunitiesRequest,
    almanac: Almanac,
    *,
    executor: Executor = SERIAL,
    progress: Progress = SILENT,
) -> OpportunitiesResult:
    """Find every opportunity of every satellite over every place.

    Parameters
    ----------
    request : OpportunitiesRequest
        What is asked.
    almanac : Almanac
        Leap seconds, Earth orientation and an ephemeris with Sun and Earth.
    executor, progress : Executor, Progress
        How to compute; the answer does not depend on them.

    Raises
    ------
    InputError, FormatError, ProblemList
        An input cannot be used, or nobody is left to look.
    CoverageError, MissingDataError
        The Almanac does not cover the search.

    **Accuracy**: window edges within 1 ms of an independent computation with the same conventions (261
    windows, ``test_sensing_windows.py``) and within 10 ms of brahe (``test_sensing_peer.py``); against the
    real satellite the element sets decide (columns ``edge_error_low_s`` and ``edge_error_high_s``).

    **Source**: geometry of the WGS-84 ellipsoid; SGP4 after Vallado et al., AIAA 2006-6753.
    """
    places = read_places(request.area, request.targets, request.cell_size_m)
    areas = any(place.kind == AREA for place in places)
    fleet = assemble_fleet(request, almanac.leap_seconds, areas=areas)
    jobs = _jobs(request, fleet, places, almanac)
    progress.start("imaging opportunities", len(jobs))
    answers = executor.map(image_places, jobs, progress=progress)
    found = join_opportunities([answer.opportunities for answer in answers])
    found = found.reorder(_order(found, fleet))
    failed = [
        Excluded(
            int(fleet.elements.object_id[row]),
            str(fleet.elements.name[row]),
            fleet.sensors[fleet.views[row][0].row].partner,
            "",
            f"SGP4 cannot propagate it over the whole search: {_meaning(code)}",
        )
        for answer in answers
        for row, code in answer.failed
    ]
    excluded = sorted([*fleet.excluded, *failed], key=lambda e: (e.object_id, e.sensor, e.reason))
    empty = sum(answer.empty_passes for answer in answers)
    return _result(request, almanac, places, fleet, found, tuple(excluded), empty)


def _jobs(
    request: OpportunitiesRequest, fleet: Fleet, places: tuple[Place, ...], almanac: Almanac
) -> list[ImagingJob]:
    sun = sun_track(request.start_tai_ns, request.duration_s, almanac)
    light = dataclasses.replace(almanac, ephemeris=None, space_weather=None, moon_orientation=None)
    jobs = []
    for first in range(0, len(fleet.elements), SATELLITES_PER_JOB):
        rows = range(first, min(first + SATELLITES_PER_JOB, len(fleet.elements)))
        jobs.append(
            ImagingJob(
                elements=fleet.elements.select(list(rows)),
                satellite_rows=tuple(rows),
                views=tuple(fleet.views[row] for row in rows),
                places=places,
                start_tai_ns=request.start_tai_ns,
                duration_s=request.duration_s,
                earth_model=request.earth_model,
                almanac=light,
                sun=sun,
            )
        )
    return jobs


def _order(found: Opportunities, fleet: Fleet) -> NDArray[np.int64]:
    """Return the order by start (to the millisecond), satellite, sensor and place."""
    number = fleet.elements.object_id[found.satellite]
    return np.lexsort((found.place, found.sensor, number, np.rint(found.start_s * 1e3)))


def _result(
    request: OpportunitiesRequest,
    almanac: Almanac,
    places: tuple[Place, ...],
    fleet: Fleet,
    found: Opportunities,
    excluded: tuple[Excluded, ...],
    empty_passes: int,
) -> OpportunitiesResult:
    sensors = [fleet.sensors[row] for row in found.sensor]
    partner = np.array([sensor.partner for sensor in sensors], dtype=object)
    band_class = np.array([sensor.band_class for sensor in sensors], dtype=object)
    radar = np.array([sensor.kind == "sar" for sensor in sensors], dtype=np.bool_)
    nadir_m = np.array([sensor.gsd_m for sensor in sensors], dtype=np.float64)
    gsd_m = gsd_at_view_m(nadir_m, found.range_m, found.height_m, found.incidence_rad)
    gsd_m = np.where(radar, nadir_m, gsd_m)
    cells = np.array([len(place.cell_id) for place in places], dtype=np.int64)
    rule = DuplicateRule(request.duplicate_time_s, request.duplicate_overlap, request.duplicate_gsd_ratio)
    views = {view.row: view for of_satellite in fleet.views for view in of_satellite}
    partners = tuple(sorted({fleet.sensors[row].partner for row in views}))
    return OpportunitiesResult(
        provenance=Provenance(
            study="sensing.opportunities",
            request=describe_request(request),
            inputs=input_files(request),
            almanac_sha256=almanac.sha256,
            code_version=syzygy.__version__,
            models={
                "propagation": "SGP4, WGS-72, AIAA 2006-6753",
                "earth": _EARTH_MODELS[request.earth_model],
                "ellipsoid": "WGS-84",
                "sun": "DE440, geometric, no refraction",
            },
        ),
        start_tai_ns=request.start_tai_ns,
        duration_s=request.duration_s,
        leap_seconds=almanac.leap_seconds,
        places=places,
        sensors=fleet.sensors,
        satellite_id=fleet.elements.object_id,
        satellite_name=fleet.elements.name,
        element_epoch_tai_ns=fleet.elements.epoch_tai_ns,
        partners=partners,
        opportunities=found,
        gsd_m=gsd_m,
        rule=rule,
        duplicates=find_duplicates(found, partner, band_class, gsd_m, cells, rule),
        curves=coverage_curves(found, partner, views, cells, partners),
        excluded=excluded,
        rejected=fleet.rejected,
        empty_passes=empty_passes,
    )


def _meaning(code: int) -> str:
    return ERROR_MEANINGS[code] if code < len(ERROR_MEANINGS) else f"code {code}"
