"""What a user may ask of the satellites room."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from syzygy.base.errors import InputError, UnitError
from syzygy.base.provenance import InputFile
from syzygy.base.requests import option

SYSTEM_NAMES = {"C": "BeiDou", "R": "GLONASS", "G": "GPS", "E": "Galileo", "J": "QZSS"}

_SATELLITE = re.compile(r"[A-Z]\d\d")


@dataclass(frozen=True)
class AvailabilityRequest:
    """Ask for the availability of a position fix; the fields are explained by their options."""

    orbits: tuple[InputFile, ...] = option(
        "Orbit files: SP3 precise orbits or RINEX navigation messages, plain or gzip, one or several.",
        positional=True,
    )
    sites: InputFile | None = option(
        "CSV file of sites with the columns name, lat_deg, lon_deg, h_m; without it only the map is made.",
        default=None,
    )
    systems: tuple[str, ...] = option(
        "Systems by their letter: C BeiDou, R GLONASS, G GPS, E Galileo, J QZSS.",
        choices=tuple(SYSTEM_NAMES),
        default=("C", "R"),
    )
    mask_rad: float = option(
        "Elevation above the horizon of the ellipsoid below which satellites do not count.",
        unit="deg",
        minimum=0.0,
        maximum=85.0,
        default=math.radians(5.0),
    )
    start_tai_ns: int | None = option(
        "First instant; by default the first epoch of the orbit files.", kind="epoch", default=None
    )
    duration_s: float | None = option(
        "Length of the window; by default 24 hours, or less when the files are shorter.",
        unit="h",
        minimum=1.0 / 3600.0,
        maximum=744.0,
        default=None,
    )
    step_s: float = option(
        "Time between two instants.", unit="s", minimum=1.0, maximum=86_400.0, default=300.0
    )
    grid_points: int = option(
        "Points of the equal-area grid of the Earth.", minimum=12, maximum=200_000, default=2_000
    )
    pdop_limit: float = option(
        "A fix counts as available when the position dilution of precision is not above this.",
        minimum=1.0,
        maximum=99.0,
        default=6.0,
    )
    healthy_only: bool = option(
        "Leave out satellites while their navigation message says unhealthy (SP3 files carry no health).",
        default=True,
    )
    exclude: tuple[str, ...] = option("Satellites to leave out, e.g. R26.", default=())

    def __post_init__(self) -> None:
        if not self.orbits:
            raise InputError("no orbit file is given", value="0 files", allowed="1 or more", where="orbits")
        if not 0.0 <= self.mask_rad < math.pi / 2:
            raise UnitError(
                "the elevation mask is not within a right angle",
                value=f"{self.mask_rad:g} rad",
                allowed="0 to 1.48 rad (0 to 85 deg)",
                where="mask_rad",
                hint="radians are due here: degrees times pi / 180",
            )
        if not self.systems or len(set(self.systems)) != len(self.systems):
            raise InputError(
                "the list of systems is empty or names one twice",
                value=" ".join(self.systems) or "none",
                allowed="each of " + ", ".join(SYSTEM_NAMES) + " at most once",
                where="systems",
            )
        self._check_numbers()
        for name in self.exclude:
            if not _SATELLITE.fullmatch(name):
                raise InputError(
                    "not the name of a satellite",
                    value=name,
                    allowed="a system letter and two digits, e.g. R26",
                    where="exclude",
                )

    def _check_numbers(self) -> None:
        unknown = [letter for letter in self.systems if letter not in SYSTEM_NAMES]
        if unknown:
            raise InputError(
                "unknown system", value=unknown[0], allowed=", ".join(SYSTEM_NAMES), where="systems"
            )
        if not self.step_s > 0.0 or (self.duration_s is not None and not self.duration_s >= self.step_s):
            raise InputError(
                "the window is shorter than one step",
                value=f"{self.duration_s} s in steps of {self.step_s} s",
                allowed="a step above 0 s and a window of at least one step",
                where="duration, step",
            )
