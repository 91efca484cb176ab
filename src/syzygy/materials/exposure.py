"""The exposure study: from a request to fluences, sun hours, eclipses and thermal cycles of each face."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

import syzygy
from syzygy.astro.environment import IndexTable, SpaceWeather, prepare_indices
from syzygy.astro.environment.atmosphere import MODEL_NAME
from syzygy.astro.environment.space_weather import KIND_NAMES
from syzygy.base.errors import CoverageError, UnknownNameError
from syzygy.base.execution import SERIAL, Executor
from syzygy.base.progress import SILENT, Progress
from syzygy.base.provenance import Provenance
from syzygy.base.requests import describe_request, input_files
from syzygy.materials.campaign import fluence_quantiles, follow_seasons, spread_activity
from syzygy.materials.eclipses import find_eclipses
from syzygy.materials.erosion import read_yields
from syzygy.materials.faces import choose_faces
from syzygy.materials.requests import ExposureRequest
from syzygy.materials.results import DayLedger, ExposureResult, FaceSums, Scaling
from syzygy.materials.thermal import Coupon, coupon_temperatures_k, rainflow
from syzygy.materials.track import Steps, TrackSetup, compute_steps, cut_chunks, join_steps, locate

if TYPE_CHECKING:
    from syzygy.astro.almanac import Almanac
    from syzygy.astro.mean_elements import MeanElements

MAX_ELEMENT_AGE_S = 45.0 * 86400.0
"""Beyond this age an element set says little even about the height of a station that is boosted."""
COUNTED_RANGE_K = 10.0
"""Thermal cycles of a smaller range are not counted."""

_SWEEP_STEP_S = 480.0
_MODELS = {
    "orbit": "SGP4 (AIAA 2006-6753), WGS-72",
    "atmosphere": f"{MODEL_NAME} with ap history (pymsis, version 0)",
    "surface flux": "drifting Maxwellian, co-rotating air, no wind",
    "sunlight": "1361 W/m2 at 1 au, conical shadow of the WGS84 ellipsoid",
    "heat": "one node per coupon, albedo 0.3, Earth infrared 238 W/m2, 2430 J/(m2 K)",
}


def compute_exposure(
    request: ExposureRequest, almanac: Almanac, *, executor: Executor = SERIAL, progress: Progress = SILENT
) -> ExposureResult:
    """Compute what the faces of a spacecraft are exposed to.

    Parameters
    ----------
    request : ExposureRequest
        Spacecraft, time, faces, campaign.
    almanac : Almanac
        Leap seconds, Earth orientation, ephemeris, space weather. Forecast space weather is used only if the
        Almanac was built with predictions, and is labelled.
    executor : Executor
        Runs the chunks of time steps; the answer does not depend on it.
    progress : Progress
        Told about finished chunks.

    Returns
    -------
    ExposureResult

    Raises
    ------
    UnknownNameError
        The spacecraft is not in the file.
    CoverageError
        The elements are too old, the orbit decays, the height leaves the atmosphere model, or the space
        weather record does not cover exposure or campaign.
    MissingDataError
        The Almanac lacks one of these parts.
    FormatError
        An input file cannot be read.
    """
    weather = almanac.require_space_weather()
    setup = _prepare(request, almanac, weather)
    yields = read_yields(request.yields) if request.yields is not None else ()
    steps, step_s = _fly(setup, request, executor, progress)
    duration_ns = round(request.duration_s * 1e9)
    orbits = _revolutions(setup, request.start_tai_ns, request.duration_s)
    sums = _sum_faces(steps, step_s, setup.coupon)
    return ExposureResult(
        provenance=Provenance(
            study="materials.exposure",
            request=describe_request(request),
            inputs=input_files(request),
            almanac_sha256=almanac.sha256,
            code_version=syzygy.__version__,
            models=_MODELS,
        ),
        spacecraft=str(setup.elements.name[0]) or f"object {request.object_id}",
        face_names=setup.faces.names,
        start_tai_ns=request.start_tai_ns,
        duration_s=request.duration_s,
        campaign_s=request.campaign_s,
        element_age_s=_age_s(request, setup.elements),
        orbits=orbits,
        faces=sums,
        days=_ledger(steps, step_s, setup.indices, weather),
        eclipses=find_eclipses(
            setup.elements, almanac, request.start_tai_ns, request.start_tai_ns + duration_ns
        ),
        scaling=_scale(setup, request, steps, sums, orbits, executor, progress),
        replaced=setup.indices.replaced_between(int(steps.utc_day[0]) - 41, int(steps.utc_day[-1]) + 40),
        yields=yields,
        leap_seconds=almanac.leap_seconds,
    )


def _prepare(request: ExposureRequest, almanac: Almanac, weather: SpaceWeather) -> TrackSetup:
    """Read and check everything that the steps need."""
    almanac.require_earth_orientation()
    almanac.require_ephemeris()
    allowed = dict(almanac.policies).get("predictions") == "allowed"
    return TrackSetup(
        _spacecraft(request, almanac),
        # Space weather travels to the workers as the index table, not twice.
        replace(almanac, space_weather=None),
        prepare_indices(weather, allow_predicted=allowed),
        choose_faces(request),
        Coupon(request.absorptance, request.emittance),
    )


def _fly(
    setup: TrackSetup, request: ExposureRequest, executor: Executor, progress: Progress
) -> tuple[Steps, float]:
    """Compute all steps; return them with the length of one, in seconds."""
    count = max(round(request.duration_s / request.step_s), 1)
    # Middle of each step in whole nanoseconds; Python integers, since the product overflows 64 bits.
    halves = 2 * np.arange(count, dtype=object) + 1
    middle = request.start_tai_ns + (round(request.duration_s * 1e9) * halves) // (2 * count)
    chunks = cut_chunks(setup, middle.astype(np.int64))
    progress.start("exposure", len(chunks))
    return join_steps(executor.map(compute_steps, chunks, progress=progress)), request.duration_s / count


def _scale(
    setup: TrackSetup,
    request: ExposureRequest,
    steps: Steps,
    sums: FaceSums,
    orbits: float,
    executor: Executor,
    progress: Progress,
) -> Scaling:
    """Carry the exposure over to the campaign, with its uncertainty."""
    days = max(int(request.campaign_s // 86400.0), 1)
    spread = spread_activity(setup, steps, days, executor, progress)
    grown = sums.oxygen_per_m2 * (request.campaign_s / request.duration_s)
    return Scaling(
        exposure_quantiles=fluence_quantiles(sums.oxygen_per_m2, None),
        campaign_quantiles=fluence_quantiles(grown, spread.ratio),
        activity=spread,
        seasons=follow_seasons(
            setup, steps, request.start_tai_ns, request.campaign_s, request.duration_s / orbits
        ),
    )


def _spacecraft(request: ExposureRequest, almanac: Almanac) -> MeanElements:
    """Return the element set of the spacecraft whose epoch is nearest to the start."""
    from syzygy.formats.catalogue import read_catalogue

    catalogue = read_catalogue(request.orbit.read(), almanac.leap_seconds, name=request.orbit.name)
    rows = np.flatnonzero(catalogue.elements.object_id == request.object_id)
    if rows.size == 0:
        known = sorted({int(number) for number in catalogue.elements.object_id})
        lost = [f"line {r.line}: {r.reason}" for r in catalogue.rejected]
        raise UnknownNameError(
            "the spacecraft is not in the file",
            value=request.object_id,
            allowed=", ".join(str(number) for number in known[:20]) + (" ..." if len(known) > 20 else ""),
            where=f"object_id in {request.orbit.name}",
            hint=f"{len(lost)} records were rejected, the first in {lost[0]}" if lost else "",
        )
    distance = np.abs(catalogue.elements.epoch_tai_ns[rows] - request.start_tai_ns)
    elements = catalogue.elements.select(rows[[int(np.argmin(distance))]])
    age = _age_s(request, elements)
    if age > MAX_ELEMENT_AGE_S:
        raise CoverageError(
            "the element set is too far from the exposure",
            value=f"{age / 86400.0:.1f} d",
            allowed=f"{MAX_ELEMENT_AGE_S / 86400.0:g} d from its epoch to either end of the exposure",
            where=f"object {request.object_id} in {request.orbit.name}",
            hint="use elements of the time of the exposure, or shorten it",
        )
    return elements


def _age_s(request: ExposureRequest, elements: MeanElements) -> float:
    """Return the greatest distance between the epoch and an instant of the exposure."""
    epoch = int(elements.epoch_tai_ns[0])
    end = request.start_tai_ns + round(request.duration_s * 1e9)
    return max(abs(request.start_tai_ns - epoch), abs(end - epoch)) * 1e-9


def _sum_faces(steps: Steps, step_s: float, coupon: Coupon) -> FaceSums:
    temperature = coupon_temperatures_k(coupon, steps.absorbed_w_m2, step_s)
    cycles = [rainflow(temperature[:, face]) for face in range(temperature.shape[1])]
    counted = [float(np.sum(c.count[c.range_k >= COUNTED_RANGE_K])) for c in cycles]
    ranges = [float(np.max(c.range_k, initial=0.0)) for c in cycles]
    return FaceSums(
        oxygen_per_m2=np.sum(steps.oxygen_flux_per_m2_s, axis=0) * step_s,
        sun_hours=np.sum(steps.sun_share, axis=0) * (step_s / 3600.0),
        temperature_min_k=np.min(temperature, axis=0),
        temperature_max_k=np.max(temperature, axis=0),
        thermal_cycles=np.array(counted),
        largest_range_k=np.array(ranges),
    )


def _ledger(steps: Steps, step_s: float, indices: IndexTable, weather: SpaceWeather) -> DayLedger:
    days, first = np.unique(steps.utc_day, return_index=True)
    count = np.diff(np.append(first, steps.utc_day.size))

    def mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.add.reduceat(values, first, axis=0) / count)

    rows = days - indices.first_utc_day
    kinds = dict(zip(weather.utc_day.tolist(), weather.kind.tolist(), strict=True))
    replaced = {entry.utc_day for entry in indices.replaced}
    return DayLedger(
        utc_day=days,
        seconds=count * step_s,
        height_m=mean(steps.height_m),
        oxygen_per_m3=mean(steps.oxygen_per_m3),
        temperature_k=mean(steps.temperature_k),
        beta_rad=mean(steps.beta_rad),
        lit=mean(steps.lit),
        f107_sfu=indices.f107_sfu[rows - 1],
        f107_mean81_sfu=indices.f107_mean81_sfu[rows],
        ap_daily=indices.ap_daily[rows],
        kind=tuple(KIND_NAMES[kinds[int(day)]] for day in days),
        rests_on_forecast=np.maximum.reduceat(steps.predicted, first),
        flux_replaced=np.array([int(day) - 1 in replaced for day in days]),
        oxygen_per_m2=np.add.reduceat(steps.oxygen_flux_per_m2_s, first, axis=0) * step_s,
        sun_hours=np.add.reduceat(steps.sun_share, first, axis=0) * (step_s / 3600.0),
    )


def _revolutions(setup: TrackSetup, start_tai_ns: int, duration_s: float) -> float:
    """Return the revolutions flown: the angle swept by the radius, from samples every eight minutes."""
    count = int(np.ceil(duration_s / _SWEEP_STEP_S)) + 1
    offsets_ns = np.round(np.linspace(0.0, duration_s, count) * 1e9).astype(np.int64)
    position = locate(setup.elements, setup.almanac, start_tai_ns + offsets_ns).position_m
    before, after = position[:-1], position[1:]
    across = np.linalg.norm(np.cross(before, after), axis=-1)
    return float(np.sum(np.arctan2(across, np.sum(before * after, axis=-1))) / (2.0 * np.pi))
