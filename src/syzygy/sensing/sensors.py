"""The sensors of the fleets: one row per satellite and sensor, each value with its standing."""

from __future__ import annotations

import math
from dataclasses import dataclass

from syzygy.base.errors import InputError, SyzygyError, UnitError
from syzygy.sensing.csv_rows import CsvRow, raise_problems, read_csv_rows

KINDS = ("optical", "thermal", "sar")
STATUSES = ("source", "derived", "assumed", "unverified")
"""`source`: read in the text named; `derived`: computed; `assumed` or `unverified`: label."""

REQUIRED = (
    "norad_id",
    "satellite",
    "partner",
    "sensor",
    "kind",
    "band_class",
    "swath_km",
    "swath_status",
    "max_roll_deg",
    "roll_status",
    "gsd_m",
    "gsd_status",
)
_RADIANS_SUSPECTED_DEG = 1.6


@dataclass(frozen=True)
class Sensor:
    """One sensor on one satellite.

    Attributes
    ----------
    object_id : int
        Catalogue number of the satellite.
    satellite, partner, name : str
        Names of the satellite, of its owner and of the sensor.
    kind : str
        ``optical`` needs the Sun; ``thermal`` and ``sar`` do not.
    band_class : str
        Only opportunities of one class can be duplicates.
    swath_m : float
        Width of the strip at nadir from the mean height; 0 when `field_of_view_rad` is given.
    field_of_view_rad : float
        Full angle across track; 0 when `swath_m` is given.
    max_roll_rad : float
        Largest roll of the middle of the strip; 0 for a sensor that looks at nadir only.
    gsd_m : float
        Ground sampling distance at nadir.
    min_incidence_rad, max_incidence_rad : float
        Usable incidences, for radar.
    unverified : str
        Names of the values that are unverified or assumed, joined by ``+``; empty when there are none.
    inactive : str
        Why the sensor is not used, empty for an active one.
    where : str
        File and line.
    """

    object_id: int
    satellite: str
    partner: str
    name: str
    kind: str
    band_class: str
    swath_m: float
    field_of_view_rad: float
    max_roll_rad: float
    gsd_m: float
    min_incidence_rad: float
    max_incidence_rad: float
    unverified: str
    inactive: str
    where: str

    def half_field_rad(self, height_m: float, earth_radius_m: float) -> float:
        """Return half the angle across track at the satellite, from swath and height where need be."""
        if self.field_of_view_rad > 0.0:
            return self.field_of_view_rad / 2.0
        half = self.swath_m / 2.0 / earth_radius_m
        side = earth_radius_m * math.sin(half)
        return math.atan2(side, earth_radius_m + height_m - earth_radius_m * math.cos(half))


def read_sensors(content: bytes, *, name: str = "") -> tuple[Sensor, ...]:
    """Read a sensors file.

    Raises
    ------
    FormatError, ProblemList
        Missing columns, values out of range, angles that look like radians, two rows of one sensor, one
        satellite with two owners; all mistakes at once.
    """
    problems: list[SyzygyError] = []
    sensors: list[Sensor] = []
    seen: dict[tuple[int, str], str] = {}
    owner: dict[int, str] = {}
    for row in read_csv_rows(content, REQUIRED, name=name):
        try:
            sensor = _sensor(row)
            key = (sensor.object_id, sensor.name)
            if key in seen:
                raise InputError(
                    "a sensor is given twice", value=f"{sensor.satellite} {sensor.name}", where=row.where
                )
            if owner.setdefault(sensor.object_id, sensor.partner) != sensor.partner:
                raise InputError(
                    "one satellite with two owners",
                    value=sensor.partner,
                    allowed=owner[sensor.object_id],
                    where=row.where,
                )
            seen[key] = row.where
            sensors.append(sensor)
        except SyzygyError as problem:
            problems.append(problem)
    raise_problems(problems, name)
    return tuple(sensors)


def _sensor(row: CsvRow) -> Sensor:
    swath_km = row.number("swath_km", 0.5, 5000.0, "km", default=0.0, hint="the unit here is km")
    field_deg = row.number("field_of_view_deg", 0.05, 120.0, "deg", default=0.0)
    if (swath_km > 0.0) == (field_deg > 0.0):
        raise InputError(
            "the width of the strip is not clear",
            value=f"swath {swath_km:g} km, field of view {field_deg:g} deg",
            allowed="exactly one of swath_km and field_of_view_deg",
            where=row.where,
        )
    roll_deg = row.number("max_roll_deg", 0.0, 70.0, "deg", hint="the unit here is deg")
    if 0.0 < roll_deg < _RADIANS_SUSPECTED_DEG:
        raise UnitError(
            "a roll this small looks like radians",
            value=f"{roll_deg:g} deg",
            allowed=f"0, or {_RADIANS_SUSPECTED_DEG:g} to 70 deg",
            where=f"{row.where}, column max_roll_deg",
            hint=f"{roll_deg:g} rad would be {math.degrees(roll_deg):.4g} deg",
        )
    low = row.number("min_incidence_deg", 0.0, 80.0, "deg", default=0.0)
    high = row.number("max_incidence_deg", 1.0, 90.0, "deg", default=90.0)
    if low >= high:
        raise InputError(
            "the incidence range is empty",
            value=f"{low:g} to {high:g} deg",
            where=row.where,
            allowed="low < high",
        )
    return Sensor(
        object_id=int(row.number("norad_id", 1, 999_999_999, "")),
        satellite=row.text("satellite"),
        partner=row.text("partner"),
        name=row.text("sensor"),
        kind=row.text("kind", KINDS),
        band_class=row.text("band_class"),
        swath_m=swath_km * 1e3,
        field_of_view_rad=math.radians(field_deg),
        max_roll_rad=math.radians(roll_deg),
        gsd_m=row.number("gsd_m", 0.05, 20_000.0, "m", hint="the unit here is m"),
        min_incidence_rad=math.radians(low),
        max_incidence_rad=math.radians(high),
        unverified=_unverified(row),
        inactive=row.values.get("inactive", "").strip(),
        where=row.where,
    )


def _unverified(row: CsvRow) -> str:
    doubtful = []
    for quantity in ("swath", "roll", "gsd", "incidence"):
        column = f"{quantity}_status"
        if quantity == "incidence" and not row.values.get(column, "").strip():
            continue
        if row.text(column, STATUSES) in ("assumed", "unverified"):
            doubtful.append(quantity)
    return "+".join(doubtful)
