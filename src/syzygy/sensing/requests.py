"""The request for imaging opportunities."""

from __future__ import annotations

import math
from dataclasses import dataclass

from syzygy.base.errors import InputError
from syzygy.base.provenance import InputFile
from syzygy.base.requests import option


@dataclass(frozen=True, kw_only=True)
class OpportunitiesRequest:
    """Which satellites, which sensors, which places, when, and under which conditions."""

    elements: tuple[InputFile, ...] = option(
        "Element sets of the fleets: TLE, 3LE or OMM, one file or several.", positional=True
    )
    sensors: InputFile = option("Sensors of the satellites (CSV, one row per satellite and sensor).")
    start_tai_ns: int = option("Start of the search.", kind="epoch")
    duration_s: float = option(
        "Length of the search.", unit="h", minimum=0.01, maximum=24.0 * 62.0, default=86400.0
    )
    area: InputFile | None = option("Areas of interest (GeoJSON polygons).", default=None)
    targets: InputFile | None = option(
        "Point targets (CSV: name, latitude_deg, longitude_deg, height_m).", default=None
    )
    min_sun_elevation_rad: float = option(
        "Lowest elevation of the Sun at the target for optical sensors.",
        unit="deg",
        minimum=-90.0,
        maximum=90.0,
        default=math.radians(10.0),
    )
    max_off_nadir_rad: float = option(
        "Largest angle at the satellite between the geocentric nadir and the target.",
        unit="deg",
        minimum=2.0,
        maximum=80.0,
        default=math.radians(45.0),
    )
    max_incidence_rad: float = option(
        "Largest angle at the target between the ellipsoid's vertical and the satellite.",
        unit="deg",
        minimum=2.0,
        maximum=90.0,
        default=math.radians(60.0),
    )
    max_gsd_m: float | None = option(
        "Coarsest ground sampling distance at nadir that is of use; without it every sensor takes part.",
        unit="m",
        minimum=0.05,
        maximum=10000.0,
        default=None,
    )
    allow_unverified: bool = option(
        "Also use sensor values that nobody verified; such opportunities carry a label.", default=False
    )
    cell_size_m: float = option(
        "Side of the equal-area cells on which coverage is counted.",
        unit="km",
        minimum=0.5,
        maximum=200.0,
        default=10e3,
    )
    duplicate_time_s: float = option(
        "Two partners' opportunities closer than this may be double work.",
        unit="h",
        minimum=0.0,
        maximum=24.0 * 31.0,
        default=6.0 * 3600.0,
    )
    duplicate_overlap: float = option(
        "Share of the smaller coverage that both must have in common.",
        unit="1",
        minimum=0.01,
        maximum=1.0,
        default=0.5,
    )
    duplicate_gsd_ratio: float = option(
        "Largest ratio of the two ground sampling distances.",
        unit="1",
        minimum=1.0,
        maximum=100.0,
        default=2.0,
    )
    max_element_age_s: float = option(
        "Largest age of element sets at any time of the search.",
        unit="d",
        minimum=0.1,
        maximum=60.0,
        default=10.0 * 86400.0,
    )
    earth_model: str = option(
        "Earth rotation; iers: IAU 2006/2000A, UT1, polar motion; gmst82: sidereal time alone, UT1 = UTC.",
        choices=("iers", "gmst82"),
        default="iers",
    )

    def __post_init__(self) -> None:
        if not self.elements:
            raise InputError("no element sets", value="no file", allowed="one file or more", where="elements")
        if self.area is None and self.targets is None:
            raise InputError(
                "nothing to look at",
                value="neither area nor targets",
                allowed="an area, targets or both",
                where="area",
                hint="give a GeoJSON file of areas or a CSV file of targets",
            )
