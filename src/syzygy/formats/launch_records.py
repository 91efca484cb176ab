"""Records of launch-vehicle files beside the curves: statements, points, sites, facts about vehicles."""

from __future__ import annotations

import math
from dataclasses import dataclass

STATUSES = ("agency fit", "agency table", "flown", "press", "unverified")
"""From strongest to weakest; ``flown`` is the mass of one mission, ``unverified`` needs a second source."""


@dataclass(frozen=True)
class PayloadStatement:
    """One published or flown mass for one kind of orbit (LEO, SSO, GTO, TLI, TMI, ESC ...); no curve."""

    vehicle: str
    state: str
    orbit: str
    mass_kg: float
    status: str
    source: str
    date: str
    note: str


@dataclass(frozen=True)
class PayloadPoint:
    """One mass at one C3, both with the range that the source leaves open: what a fit goes through.

    C3 is twice the energy of the orbit reached, negative for closed ones.
    """

    vehicle: str
    orbit: str
    c3_m2_s2: tuple[float, float]
    mass_kg: tuple[float, float]
    status: str
    source: str
    date: str
    note: str


@dataclass(frozen=True)
class LaunchSite:
    """A launch site: latitude, longitude, and the azimuths (clockwise from north) that may be flown."""

    site: str
    state: str
    latitude_rad: float
    longitude_rad: float
    azimuth_rad: tuple[float, float]
    status: str
    source: str
    note: str


@dataclass(frozen=True)
class VehicleFacts:
    """What a curve does not say of its vehicle: state, site, adapter (0 where not known), last stage."""

    vehicle: str
    state: str
    site: str
    adapter_kg: float
    specific_impulse_s: tuple[float, float]
    status: str
    source: str
    note: str


def number_of(fields: dict[str, str], key: str) -> float:
    """Return a finite number of a row; raises ValueError with the reason."""
    try:
        value = float(fields[key])
    except ValueError as error:
        raise ValueError(f"{key} is not a number: {fields[key]!r}") from error
    if not math.isfinite(value):
        raise ValueError(f"{key} is not finite")
    return value


def status_of(text: str) -> str:
    """Return the status of a row; raises ValueError with what is allowed."""
    status = {"agency planning fit": "agency fit"}.get(text, text)
    if status not in STATUSES:
        raise ValueError(f"status {text!r} is not one of {', '.join(STATUSES)}")
    return status


def _range_of(fields: dict[str, str], low: str, high: str) -> tuple[float, float]:
    first, last = number_of(fields, low), number_of(fields, high)
    if last < first:
        raise ValueError(f"{high} {last:g} is below {low} {first:g}")
    return first, last


def statement_row(fields: dict[str, str], remarks: dict[str, str]) -> PayloadStatement:
    """Read one statement; raises ValueError with the reason."""
    mass = number_of(fields, "mass_kg")
    if mass <= 0:
        raise ValueError(f"mass_kg {mass:g} is not positive")
    return PayloadStatement(
        fields["vehicle"], fields.get("state", ""), fields["orbit"], mass, status_of(fields["status"]),
        fields["source"], fields.get("date", ""), fields.get("note", ""),
    )  # fmt: skip


def point_row(fields: dict[str, str], remarks: dict[str, str]) -> PayloadPoint:
    """Read one point of a fit; raises ValueError with the reason."""
    c3 = _range_of(fields, "c3_low", "c3_high")
    mass = _range_of(fields, "mass_low_kg", "mass_high_kg")
    if mass[0] <= 0:
        raise ValueError(f"mass_low_kg {mass[0]:g} is not positive")
    if c3[0] < -62.0:
        raise ValueError(f"c3_low {c3[0]:g} km2/s2 is below that of any orbit round the Earth")
    return PayloadPoint(
        fields["vehicle"], fields["orbit"], (c3[0] * 1e6, c3[1] * 1e6), mass, status_of(fields["status"]),
        fields["source"], fields.get("date", ""), fields.get("note", ""),
    )  # fmt: skip


def site_row(fields: dict[str, str], remarks: dict[str, str]) -> LaunchSite:
    """Read one launch site; raises ValueError with the reason."""
    latitude, longitude = number_of(fields, "latitude_deg"), number_of(fields, "longitude_deg")
    azimuth = _range_of(fields, "azimuth_low_deg", "azimuth_high_deg")
    if not -90.0 < latitude < 90.0:
        raise ValueError(f"latitude_deg {latitude:g} is not between -90 and 90")
    if not -180.0 <= longitude <= 360.0:
        raise ValueError(f"longitude_deg {longitude:g} is not between -180 and 360")
    if azimuth[0] < -180.0 or azimuth[1] > 360.0 or azimuth[1] - azimuth[0] > 360.0:
        raise ValueError(f"azimuths {azimuth[0]:g} to {azimuth[1]:g} deg are not within -180 to 360")
    return LaunchSite(
        fields["site"], fields.get("state", ""), math.radians(latitude), math.radians(longitude),
        (math.radians(azimuth[0]), math.radians(azimuth[1])), status_of(fields["status"]), fields["source"],
        fields.get("note", ""),
    )  # fmt: skip


def facts_row(fields: dict[str, str], remarks: dict[str, str]) -> VehicleFacts:
    """Read the facts about one vehicle, adapter and specific impulse blank where not known.

    Raises ValueError with the reason.
    """
    adapter = number_of(fields, "adapter_kg") if fields["adapter_kg"] else 0.0
    if adapter < 0:
        raise ValueError(f"adapter_kg {adapter:g} is negative")
    impulse = (0.0, 0.0)
    if fields["isp_low_s"] or fields["isp_high_s"]:
        impulse = _range_of(fields, "isp_low_s", "isp_high_s")
        if not impulse[0] >= 150.0 or impulse[1] > 1000.0:
            raise ValueError(
                f"specific impulse {impulse[0]:g} to {impulse[1]:g} s is not within 150 to 1000 s"
            )
    return VehicleFacts(
        fields["vehicle"], fields.get("state", ""), fields["site"], adapter, impulse,
        status_of(fields["status"]), fields["source"], fields.get("note", ""),
    )  # fmt: skip
