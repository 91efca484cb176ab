"""The result of an exposure study: sums per face, the daily ledger, eclipses, the scaled campaign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.environment import ReplacedFlux
from syzygy.base.provenance import Provenance
from syzygy.base.results import KeyFigure, Narrative
from syzygy.base.tables import Table

if TYPE_CHECKING:
    from syzygy.astro.time import LeapSeconds
    from syzygy.materials.campaign import ActivitySpread, SunlightSeasons
    from syzygy.materials.eclipses import Eclipses
    from syzygy.materials.erosion import ErosionYield

PER_CM2 = 1e-4
"""From per square metre to per square centimetre, the unit of this field."""


@dataclass(frozen=True, eq=False)
class FaceSums:
    """Sums and extremes of each face over the exposure; arrays (f,).

    Attributes
    ----------
    oxygen_per_m2 : numpy array
        Fluence of atomic oxygen.
    sun_hours : numpy array
        Equivalent sun hours: hours of normal sunlight at 1 au.
    temperature_min_k, temperature_max_k : numpy array
        Of the coupon.
    thermal_cycles : numpy array
        Rainflow cycles of 10 K and more.
    largest_range_k : numpy array
        Of a single cycle.
    """

    oxygen_per_m2: NDArray[np.float64]
    sun_hours: NDArray[np.float64]
    temperature_min_k: NDArray[np.float64]
    temperature_max_k: NDArray[np.float64]
    thermal_cycles: NDArray[np.float64]
    largest_range_k: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DayLedger:
    """What each UTC day brought, with the indices used; arrays (d,) or (d, f).

    Attributes
    ----------
    utc_day : numpy array int64
        Days since 1970-01-01 UTC.
    seconds : numpy array
        Exposed time of the day.
    height_m, oxygen_per_m3, temperature_k, beta_rad, lit : numpy array
        Means over the day.
    f107_sfu, f107_mean81_sfu, ap_daily : numpy array
        Flux of the day before, its 81-day mean, Ap: as used.
    kind : tuple of str
        Class of the day's record.
    rests_on_forecast : numpy array bool
        Some index of the day is a forecast, be it only part of the 81-day mean.
    flux_replaced : numpy array bool
        The recorded flux of the day before was a burst or dip and was replaced.
    oxygen_per_m2, sun_hours : numpy array (d, f)
        Per face.
    """

    utc_day: NDArray[np.int64]
    seconds: NDArray[np.float64]
    height_m: NDArray[np.float64]
    oxygen_per_m3: NDArray[np.float64]
    temperature_k: NDArray[np.float64]
    beta_rad: NDArray[np.float64]
    lit: NDArray[np.float64]
    f107_sfu: NDArray[np.float64]
    f107_mean81_sfu: NDArray[np.float64]
    ap_daily: NDArray[np.float64]
    kind: tuple[str, ...]
    rests_on_forecast: NDArray[np.bool_]
    flux_replaced: NDArray[np.bool_]
    oxygen_per_m2: NDArray[np.float64]
    sun_hours: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Scaling:
    """The exposure and the campaign with their uncertainty.

    Attributes
    ----------
    exposure_quantiles, campaign_quantiles : numpy array (f, 3)
        Oxygen fluence per m2 at 5, 50 and 95 %.
    activity : ActivitySpread
        Other windows of the record.
    seasons : SunlightSeasons
        Sunlight and eclipses over the campaign.
    """

    exposure_quantiles: NDArray[np.float64]
    campaign_quantiles: NDArray[np.float64]
    activity: ActivitySpread
    seasons: SunlightSeasons


@dataclass(frozen=True, eq=False)
class ExposureResult:
    """What the faces of a spacecraft were exposed to.

    Attributes
    ----------
    provenance : Provenance
        The recipe.
    spacecraft : str
        Name in the element set.
    face_names : tuple of str
        In the order of all arrays over faces.
    start_tai_ns : int
        Start of the exposure.
    duration_s, campaign_s, element_age_s : float
        Exposure, campaign, greatest distance from the epoch of the elements.
    orbits : float
        Flown in the exposure.
    faces : FaceSums
        Sums per face.
    days : DayLedger
        Per UTC day.
    eclipses : Eclipses
        Each with its edges.
    scaling : Scaling
        Uncertainty and campaign.
    replaced : tuple of ReplacedFlux
        Days near the exposure whose recorded flux was not used.
    yields : tuple of ErosionYield
        For the depth of erosion; may be empty.
    leap_seconds : LeapSeconds
        For printing times.
    """

    provenance: Provenance
    spacecraft: str
    face_names: tuple[str, ...]
    start_tai_ns: int
    duration_s: float
    campaign_s: float
    element_age_s: float
    orbits: float
    faces: FaceSums
    days: DayLedger
    eclipses: Eclipses
    scaling: Scaling
    replaced: tuple[ReplacedFlux, ...]
    yields: tuple[ErosionYield, ...]
    leap_seconds: LeapSeconds

    def tables(self) -> tuple[Table, ...]:
        """Return the tables: faces, days, faces by day, eclipses, activity, replaced flux, erosion."""
        from syzygy.materials import tables

        made = [
            tables.face_table(self),
            tables.day_table(self),
            tables.day_face_table(self),
            tables.eclipse_table(self),
            tables.activity_table(self),
            tables.replaced_table(self),
        ]
        if self.yields:
            made.append(tables.erosion_table(self))
        return tuple(made)

    def key_figures(self) -> tuple[KeyFigure, ...]:
        """Return the figures of the summary."""
        worst = int(np.argmax(self.faces.oxygen_per_m2))
        face = self.face_names[worst]
        low, middle, high = self.scaling.campaign_quantiles[worst] * PER_CM2
        sunny = int(np.argmax(self.faces.sun_hours))
        days, campaign = self.duration_s / 86400.0, self.campaign_s / 86400.0
        return (
            KeyFigure(
                f"atomic oxygen on {face}, {days:g} d",
                f"{self.faces.oxygen_per_m2[worst] * PER_CM2:.3g}",
                "atoms/cm2",
            ),
            KeyFigure(f"the same over {campaign:g} d, median", f"{middle:.3g}", "atoms/cm2"),
            KeyFigure("its 5 to 95 % range", f"{low:.2g} to {high:.2g}", "atoms/cm2"),
            KeyFigure(
                f"equivalent sun hours on {self.face_names[sunny]}, {days:g} d",
                f"{self.faces.sun_hours[sunny]:.0f}",
                "h",
            ),
            KeyFigure("eclipses in the exposure", f"{len(self.eclipses)} in {self.orbits:.1f} orbits"),
            KeyFigure(
                f"eclipses over {campaign:g} d",
                f"{self.scaling.seasons.eclipse_orbits:.0f} in {self.scaling.seasons.orbits:.0f} orbits",
            ),
            KeyFigure(
                "thermal cycles of 10 K and more",
                f"{self.faces.thermal_cycles.min():.0f} to {self.faces.thermal_cycles.max():.0f}",
            ),
        )

    def narrative(self) -> Narrative:
        """Return inputs, models, validity and limits in words."""
        predicted = sum(kind != "observed" for kind in self.days.kind)
        first, last = (np.datetime64(int(day), "D") for day in self.days.utc_day[[0, -1]])
        height = self.days.height_m / 1e3
        change = float(height[-1] - height[0])
        return Narrative(
            inputs=(
                f"{self.spacecraft}, elements at most {self.element_age_s / 86400.0:.0f} d from their epoch; "
                f"{first} to {last}; mean height {height.mean():.0f} km, changing by {change:+.1f} km; "
                f"F10.7 "
                f"{self.days.f107_sfu.min():.0f} to {self.days.f107_sfu.max():.0f} sfu, "
                f"{len(self.days.kind) - predicted} observed and {predicted} forecast days, "
                f"{len(self.replaced)} burst days replaced."
            ),
            models=(
                "SGP4 orbit; NRLMSISE-00 with observed flux of the day before, 81-day mean and ap history; "
                "oxygen flux onto a plate in a drifting Maxwellian with co-rotating air; sunlight 1361 W/m2 "
                "at 1 au behind a conical shadow; coupons as one-node heat balances counted by rainflow."
            ),
            validity=(
                "Oxygen: model error 19 % (1 sigma: climatology 15 %, version 12 %). The campaign "
                f"adds each window of {self.campaign_s / 86400.0:g} d of the record with equal weight "
                f"({self.scaling.activity.first_utc_day.size} windows), all at the height of the exposure."
            ),
            limits=(
                "No shadowing by the spacecraft itself, no wind, no scattered oxygen, no manoeuvres: far on "
                "the lee side the figures only say that the direct flux is nothing. Elements of one day "
                "carry height and orbital plane over a month, not the position along the track; a height "
                "1 km off changes the oxygen by 2 %. Albedo and infrared are constants: temperatures are "
                "for comparing faces. Sun hours count the whole spectrum."
            ),
        )
