"""What one asks of a replay."""

from __future__ import annotations

from dataclasses import dataclass

from syzygy.base.provenance import InputFile
from syzygy.base.requests import option

FITTED = ("state", "sunlight", "gm", "drag", "acceleration")
BODIES = ("Sun", "Earth", "Moon", "Venus", "Mars barycenter", "Jupiter barycenter", "Saturn barycenter")


@dataclass(frozen=True)
class ForceChoice:
    """The forces with which an ephemeris is compared; shared by replay and explain."""

    bodies: tuple[str, ...] = option(
        "Bodies that attract as points (the centre is always there).", default=BODIES
    )
    earth_field: InputFile | None = option(
        "Gravity field of the Earth (ICGEM, SHADR, COF); without it J2 alone.", default=None
    )
    moon_field: InputFile | None = option("Gravity field of the Moon; without it a point.", default=None)
    mars_field: InputFile | None = option("Gravity field of Mars; without it a point.", default=None)
    moon_axes: InputFile | None = option(
        "Lunar principal axes (binary PCK) for the field of the Moon, if no installed data set has them.",
        default=None,
    )
    field_degree: int = option("Highest degree used of a field.", minimum=2, maximum=1200, default=70)
    sunlight_m_s2: float = option(
        "Acceleration by sunlight at 1 au; the start of the fit, or the value if it is not fitted.",
        unit="m/s2",
        minimum=0.0,
        maximum=1e-3,
        default=3e-8,
    )
    relativity: bool = option("Schwarzschild term of the centre.", default=True)
    drag_m2_kg: float = option(
        "Drag coefficient times area over mass in m2/kg (NRLMSISE-00, about the Earth only); 0 without drag. "
        "The start of the fit, or the value if it is not fitted.",
        minimum=0.0,
        maximum=100.0,
        default=0.0,
    )
    space_weather: InputFile | None = option(
        "Space weather for drag (CelesTrak text, gz or not), if no data set of it is installed.", default=None
    )
    solar_flux_sfu: float = option(
        "Constant solar flux F10.7 (sfu) for drag; 0 takes the space weather of the dates.",
        minimum=0.0,
        maximum=500.0,
        default=0.0,
    )
    geomagnetic_ap: float = option(
        "Constant geomagnetic index ap, beside a constant flux.",
        minimum=0.0,
        maximum=400.0,
        default=15.0,
    )

    @property
    def drags(self) -> bool:
        """Whether drag is among the forces."""
        return self.drag_m2_kg > 0.0

    def further_needs(self) -> tuple[str, ...]:
        """Return the parts of the Almanac that only some requests need."""
        given = self.space_weather is not None or self.solar_flux_sfu > 0.0
        return ("space_weather",) if self.drags and not given else ()


@dataclass(frozen=True, kw_only=True)
class ReplayRequest(ForceChoice):
    """An ephemeris, and how to compare it with our forces."""

    ephemeris: InputFile = option("The ephemeris: an OEM (KVN or XML).", positional=True)
    fit: tuple[str, ...] = option(
        "What is fitted to each arc: state, sunlight, gm (of the centre), drag, acceleration (constant, "
        "along radius, track and normal).",
        choices=FITTED,
        default=("sunlight",),
    )
    fit_share: float = option(
        "Leading part of an arc that the fit may see; the rest tests it.",
        minimum=0.05,
        maximum=1.0,
        default=0.35,
    )
    detection_sigma: float = option(
        "A step from row to row this many times the scatter is an event.",
        minimum=3.0,
        maximum=1000.0,
        default=8.0,
    )
    break_factor: float = option(
        "A gap this many times the usual spacing begins a new arc.", minimum=1.5, maximum=1000.0, default=3.0
    )
    hypotheses: bool = option("Try other axes, time scales and constants.", default=True)

    @property
    def drags(self) -> bool:
        """Whether drag is among the forces, given or to be fitted."""
        return self.drag_m2_kg > 0.0 or "drag" in self.fit
