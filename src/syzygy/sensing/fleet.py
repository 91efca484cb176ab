"""Which satellites and sensors take part, and why the others do not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from syzygy.astro.constants import EARTH_MEAN_RADIUS_M, SGP4_GM_M3_S2
from syzygy.astro.mean_elements import MeanElements, join_elements
from syzygy.astro.time import LeapSeconds
from syzygy.base.errors import InputError
from syzygy.base.tables import Table
from syzygy.formats.catalogue import deduplicate, read_catalogue
from syzygy.formats.rejected import RejectedRecord
from syzygy.sensing.imaging import SensorView
from syzygy.sensing.requests import OpportunitiesRequest
from syzygy.sensing.sensors import Sensor, read_sensors
from syzygy.sensing.switching import ViewLimits

LONGEST_STRIP_PERIOD_S = 130.0 * 60.0
LARGEST_STRIP_ECCENTRICITY = 0.1
"""Beyond these a pass over an area is not one strip of constant roll."""

_NS = 1_000_000_000


@dataclass(frozen=True)
class Excluded:
    """A satellite or sensor that takes no part, and why."""

    object_id: int
    satellite: str
    partner: str
    sensor: str
    reason: str


@dataclass(frozen=True, eq=False)
class Fleet:
    """Satellites with at least one usable sensor.

    Attributes
    ----------
    elements : MeanElements
        One set per satellite, by catalogue number.
    sensors : tuple of Sensor
        Every sensor of the file.
    views : tuple of tuple of SensorView
        Usable sensors of each satellite.
    excluded : list of Excluded
        Everything left out.
    rejected : tuple of RejectedRecord
        Records of the element files that could not be used.
    """

    elements: MeanElements
    sensors: tuple[Sensor, ...]
    views: tuple[tuple[SensorView, ...], ...]
    excluded: list[Excluded] = field(default_factory=list)
    rejected: tuple[RejectedRecord, ...] = ()


def assemble_fleet(request: OpportunitiesRequest, leap_seconds: LeapSeconds, *, areas: bool) -> Fleet:
    """Read element sets and sensors and decide who takes part.

    Raises
    ------
    FormatError, ProblemList
        A file that cannot be used.
    InputError
        Nobody is left.
    """
    catalogues = [read_catalogue(f.read(), leap_seconds, name=f.name) for f in request.elements]
    elements, superseded = deduplicate(join_elements([catalogue.elements for catalogue in catalogues]))
    rejected = tuple(record for catalogue in catalogues for record in catalogue.rejected)
    order = sorted(range(len(elements)), key=lambda i: int(elements.object_id[i]))
    elements = elements.select(order)
    sensors = read_sensors(request.sensors.read(), name=request.sensors.name)
    excluded = [*_absent(elements, sensors), *_superseded(superseded)]
    rows, views = [], []
    by_satellite: dict[int, list[int]] = {}
    for row, sensor in enumerate(sensors):
        by_satellite.setdefault(sensor.object_id, []).append(row)
    for index in range(len(elements)):
        usable = []
        for row in by_satellite.get(int(elements.object_id[index]), ()):
            view, reason = _view(request, elements, index, row, sensors[row], areas)
            if reason:
                excluded.append(_left_out(sensors[row], reason))
            if view is not None:
                usable.append(view)
        if usable:
            rows.append(index)
            views.append(tuple(usable))
    if not rows:
        reasons = sorted({item.reason for item in excluded})
        raise InputError(
            "no satellite is left to look",
            value=f"{len(elements)} element sets, {len(sensors)} sensors",
            allowed="one usable sensor or more",
            where=request.sensors.name,
            hint="; ".join(reasons[:4]),
        )
    return Fleet(elements.select(rows), sensors, tuple(views), excluded, rejected)


def mean_height_m(elements: MeanElements, index: int) -> float:
    """Return the mean height of an orbit above the mean Earth radius, from its mean motion."""
    motion = float(elements.mean_motion_rad_s[index])
    return float((SGP4_GM_M3_S2 / motion**2) ** (1.0 / 3.0)) - EARTH_MEAN_RADIUS_M


def _absent(elements: MeanElements, sensors: Sequence[Sensor]) -> list[Excluded]:
    known = {sensor.object_id for sensor in sensors}
    present = set(elements.object_id.tolist())
    partners = {sensor.object_id: sensor.partner for sensor in sensors}
    found = [
        Excluded(number, str(name), partners.get(number, ""), "", "no entry in the sensors file")
        for number, name in zip(elements.object_id.tolist(), elements.name.tolist(), strict=True)
        if number not in known
    ]
    found += [_left_out(s, "no element set in the files") for s in sensors if s.object_id not in present]
    return found


def _superseded(report: Table) -> list[Excluded]:
    return [
        Excluded(
            int(str(row["object_id"])),
            "",
            "",
            "",
            f"element set in line {row['line']} {row['reason']}: the one in line {row['kept_line']} is used",
        )
        for row in report.rows()
    ]


def _left_out(sensor: Sensor, reason: str) -> Excluded:
    return Excluded(sensor.object_id, sensor.satellite, sensor.partner, sensor.name, reason)


def _view(
    request: OpportunitiesRequest,
    elements: MeanElements,
    index: int,
    row: int,
    sensor: Sensor,
    areas: bool,
) -> tuple[SensorView | None, str]:
    """Return the view of a sensor, or None, and the reason for anything left out."""
    reason = _refusal(request, elements, index, sensor)
    if reason:
        return None, reason
    period_s = 2.0 * math.pi / float(elements.mean_motion_rad_s[index])
    strips = (
        period_s <= LONGEST_STRIP_PERIOD_S
        and float(elements.eccentricity[index]) <= LARGEST_STRIP_ECCENTRICITY
    )
    half_field = sensor.half_field_rad(mean_height_m(elements, index), EARTH_MEAN_RADIUS_M)
    reach = sensor.max_roll_rad + half_field
    limits = ViewLimits(
        max_off_nadir_rad=min(request.max_off_nadir_rad, reach),
        min_incidence_rad=sensor.min_incidence_rad,
        max_incidence_rad=min(request.max_incidence_rad, sensor.max_incidence_rad),
        min_sun_elevation_rad=request.min_sun_elevation_rad if sensor.kind == "optical" else -math.pi / 2.0,
    )
    view = SensorView(row, limits, half_field, sensor.max_roll_rad, strips)
    note = "" if strips or not areas else "high orbit: no strip over an area (targets only)"
    return view, note


def _refusal(request: OpportunitiesRequest, elements: MeanElements, index: int, sensor: Sensor) -> str:
    if sensor.inactive:
        return f"inactive: {sensor.inactive}"
    if sensor.unverified and not request.allow_unverified:
        return f"values nobody verified ({sensor.unverified}); allowed with allow_unverified"
    if request.max_gsd_m is not None and sensor.gsd_m > request.max_gsd_m:
        return f"ground sampling distance {sensor.gsd_m:g} m is coarser than {request.max_gsd_m:g} m"
    if sensor.min_incidence_rad >= request.max_incidence_rad:
        return "the sensor needs larger incidences than the request allows"
    epoch = int(elements.epoch_tai_ns[index])
    last = request.start_tai_ns + round(request.duration_s * _NS)
    age_s = max(abs(request.start_tai_ns - epoch), abs(last - epoch)) / _NS
    if age_s > request.max_element_age_s:
        return (
            f"stale elements: up to {age_s / 86400.0:.1f} d from their epoch, "
            f"allowed {request.max_element_age_s / 86400.0:g} d"
        )
    return ""
