"""What the latitude and the azimuths of a launch site cost: rotation of the Earth not used, plane changed."""

from __future__ import annotations

import math
from dataclasses import dataclass

from syzygy.astro.bodies import EARTH
from syzygy.astro.constants import EARTH_ROTATION_RATE_NOMINAL_RAD_S
from syzygy.formats.launch_records import LaunchSite

REFERENCE_RADIUS_M = EARTH.radius_m + 200e3
"""Of the circular parking orbit for which losses and fits are worked out."""


@dataclass(frozen=True)
class SitePenalty:
    """How a site reaches a departure direction.

    Attributes
    ----------
    inclination_rad : float
        Of the parking orbit flown.
    rotation_m_s : float
        Eastward speed of the ground that a steeper orbit leaves unused, against the site's best azimuth.
    plane_change_m_s : float
        Turning the plane within the departure burn; 0 within the reach of the site.
    reachable : bool
        False where no turn within the burn leads to the asymptote.
    """

    inclination_rad: float
    rotation_m_s: float
    plane_change_m_s: float
    reachable: bool = True

    @property
    def total_m_s(self) -> float:
        """Both losses."""
        return self.rotation_m_s + self.plane_change_m_s


def perigee_speed_m_s(c3_m2_s2: float) -> float:
    """Return the speed at 200 km height that belongs to a C3."""
    return math.sqrt(c3_m2_s2 + 2.0 * EARTH.gm_m3_s2 / REFERENCE_RADIUS_M)


def inclination_range(site: LaunchSite) -> tuple[float, float]:
    """Return the lowest and highest inclination (rad) that the azimuths of a site reach directly.

    **Source**: cos i = cos(latitude) sin(azimuth); the turn of the Earth during the ascent, which shifts
    azimuths by some degrees, is left out.
    """
    low, high = site.azimuth_rad
    marks = [low, high]
    marks += [mark for mark in (k * math.pi / 2.0 for k in range(-2, 5)) if low <= mark <= high]
    values = [math.acos(math.cos(site.latitude_rad) * math.sin(mark)) for mark in marks]
    return min(values), max(values)


def asymptote_penalty(site: LaunchSite, c3_m2_s2: float, declination_rad: float) -> SitePenalty:
    """Return what a site pays for an asymptote of a declination.

    Up to the highest inclination of the site the orbit is flown as steep as needed; beyond, the rest is
    turned in the burn: the asymptote stands by the angle d out of the plane of the parking orbit and a true
    anomaly of n from the perigee, so the plane turns by t with sin t = sin d / sin n.

    **Accuracy**: impulsive; no other injection point or second burn is searched, which could be cheaper.

    **Source**: spherical triangle of perigee, asymptote and plane; Vallado, Fundamentals of Astrodynamics,
    section 6.4 (combined changes).
    """
    low, high = inclination_range(site)
    wanted = abs(declination_rad)
    right = math.pi / 2.0
    steepest = right if low <= right <= high else max(min(low, math.pi - low), min(high, math.pi - high))
    flown = min(max(wanted, low), high)
    rotation = _rotation_loss(low, flown)
    if wanted <= steepest:
        return SitePenalty(flown, rotation, 0.0)
    eccentricity = 1.0 + c3_m2_s2 * REFERENCE_RADIUS_M / EARTH.gm_m3_s2
    reach = math.sqrt(1.0 - 1.0 / eccentricity**2) if eccentricity > 1.0 else 0.0
    sine = math.sin(wanted - steepest)
    if sine >= reach:
        return SitePenalty(flown, rotation, 0.0, False)
    return SitePenalty(flown, rotation, _turn_loss(c3_m2_s2, math.asin(sine / reach)))


def inclination_penalty(site: LaunchSite, c3_m2_s2: float, inclination_rad: float) -> SitePenalty:
    """Return what a site pays for a parking orbit of an inclination; outside its range, a turn."""
    low, high = inclination_range(site)
    flown = min(max(inclination_rad, low), high)
    turn = abs(inclination_rad - flown)
    return SitePenalty(flown, _rotation_loss(low, flown), _turn_loss(c3_m2_s2, turn))


def _rotation_loss(lowest_rad: float, flown_rad: float) -> float:
    ground = EARTH_ROTATION_RATE_NOMINAL_RAD_S * EARTH.radius_m
    return max(ground * (math.cos(lowest_rad) - math.cos(flown_rad)), 0.0)


def _turn_loss(c3_m2_s2: float, turn_rad: float) -> float:
    if turn_rad == 0.0:
        return 0.0
    after, before = perigee_speed_m_s(c3_m2_s2), math.sqrt(EARTH.gm_m3_s2 / REFERENCE_RADIUS_M)
    turned = math.sqrt(after**2 + before**2 - 2.0 * after * before * math.cos(turn_rad))
    return turned - (after - before)


def raised_c3_m2_s2(c3_m2_s2: float, penalty: SitePenalty) -> float:
    """Return the C3 that the same burn would reach without the losses: where a payload curve is read."""
    return (perigee_speed_m_s(c3_m2_s2) + penalty.total_m_s) ** 2 - 2.0 * EARTH.gm_m3_s2 / REFERENCE_RADIUS_M
