"""Launch site, azimuth and parking orbit: what the request holds, and which plane is flown at which time."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.bodies import EARTH
from syzygy.astro.constants import EARTH_J2
from syzygy.astro.frames import earth_rotation_matrices, itrf_from_geodetic
from syzygy.base.errors import InputError, SyzygyError, UnitError
from syzygy.base.requests import option

Doubles = NDArray[np.float64]

NS_PER_S = 1_000_000_000
DAY_S = 86_400.0
EARTH_RATE_RAD_S = 7.292115146706979e-5
"""Rate of the Earth rotation angle (IERS Conventions 2010, eq. 5.15)."""
J2_RADIUS_M = 6_378_136.6
TURN = 2.0 * math.pi
_MARGIN_RAD = math.radians(1.5)


@dataclass(frozen=True, kw_only=True)
class LaunchChoice:
    """A launch site, its limits and the parking orbit; shared by the studies that leave for the Moon."""

    departure_begin_tai_ns: int = option("First day of launch.", kind="epoch")
    departure_end_tai_ns: int = option("Last day of launch.", kind="epoch")
    site_latitude_rad: float = option(
        "Geodetic latitude of the launch site.", unit="deg", minimum=-90, maximum=90
    )
    site_longitude_rad: float = option(
        "Longitude of the launch site, east positive.", unit="deg", minimum=-180, maximum=360
    )
    least_azimuth_rad: float = option(
        "Least launch azimuth (inertial, from north over east).",
        unit="deg", minimum=0, maximum=180, default=math.radians(72),
    )  # fmt: skip
    largest_azimuth_rad: float = option(
        "Largest launch azimuth.", unit="deg", minimum=0, maximum=180, default=math.radians(108)
    )
    azimuth_steps: int = option(
        "Azimuths to try between the limits; 1 takes the one nearest to due east that reaches the Moon.",
        minimum=1, maximum=37, default=1,
    )  # fmt: skip
    parking_altitude_m: float = option(
        "Height of the circular parking orbit above the equatorial radius.",
        unit="km", minimum=150, maximum=2000, default=185e3,
    )  # fmt: skip
    ascent_s: float = option(
        "From lift-off to the parking orbit.", unit="s", minimum=200, maximum=3600, default=690.0
    )
    ascent_arc_rad: float = option(
        "Arc flown in the ascent.", unit="deg", minimum=0, maximum=90, default=math.radians(23)
    )
    coast_revolutions: int = option(
        "Complete revolutions in the parking orbit before the coast to injection.",
        minimum=0, maximum=10, default=1,
    )  # fmt: skip
    planes: tuple[str, ...] = option(
        "Injection opportunities of a day: the Moon is met while ascending or while descending.",
        choices=("ascending", "descending"),
        default=("ascending", "descending"),
    )
    beyond_earth_orientation: str = option(
        "Days after the Earth orientation table, with --predictions: refuse them, or hold its last values, "
        "which may shift a launch by 1.8 s.",
        choices=("refuse", "hold"),
        default="refuse",
    )

    @property
    def parking_radius_m(self) -> float:
        """Radius of the parking orbit."""
        return EARTH.radius_m + self.parking_altitude_m

    def launch_problems(self) -> list[SyzygyError]:
        """Return what is wrong with these fields."""
        problems: list[SyzygyError] = []
        span_s = (self.departure_end_tai_ns - self.departure_begin_tai_ns) / NS_PER_S
        if not 0.0 <= span_s <= 400.0 * DAY_S:
            problems.append(
                InputError(
                    "the days of launch are reversed or too many",
                    value=f"{span_s / DAY_S:g} d from first to last",
                    allowed="0 to 400 d",
                    where="departure_end",
                    hint="check both dates",
                )
            )
        if self.largest_azimuth_rad < self.least_azimuth_rad:
            problems.append(
                InputError(
                    "the largest azimuth is below the least",
                    value=f"{math.degrees(self.largest_azimuth_rad):g} deg",
                    allowed=f"{math.degrees(self.least_azimuth_rad):g} deg or more",
                    where="largest_azimuth",
                    hint="swap the two",
                )
            )
        if not self.planes:
            problems.append(
                InputError("no plane is given", value="none", allowed="ascending, descending", where="planes")
            )
        if not 150e3 <= self.parking_altitude_m <= 2e6:
            problems.append(
                UnitError(
                    "the parking orbit is too low to last, or can only be a unit mistake",
                    value=f"{self.parking_altitude_m:g} m",
                    allowed="150 000 to 2 000 000 m",
                    where="parking_altitude",
                    hint="the field holds metres; option and programme file take kilometres",
                )
            )
        for name in ("site_latitude_rad", "least_azimuth_rad", "largest_azimuth_rad"):
            if abs(getattr(self, name)) > math.pi + 1e-9:
                problems.append(
                    UnitError(
                        "not an angle in radians",
                        value=f"{getattr(self, name):g} rad",
                        allowed="-pi to pi rad",
                        where=name.removesuffix("_rad"),
                        hint="the field holds radians; option and programme file take degrees",
                    )
                )
        return problems

    def days(self) -> NDArray[np.int64]:
        """Return the beginnings of the days of launch, from the first on."""
        count = (self.departure_end_tai_ns - self.departure_begin_tai_ns) // (round(DAY_S) * NS_PER_S) + 1
        return self.departure_begin_tai_ns + np.arange(count, dtype=np.int64) * round(DAY_S) * NS_PER_S


def perilune_problem(altitude_m: float) -> list[SyzygyError]:
    """Return what is wrong with the height of a perilune."""
    if 15e3 <= altitude_m <= 2e7:
        return []
    return [
        UnitError(
            "the perilune lies inside the Moon, or the height can only be a unit mistake",
            value=f"{altitude_m:g} m",
            allowed="15 000 to 20 000 000 m",
            where="perilune_altitude",
            hint="the field holds metres; option and programme file take kilometres",
        )
    ]


@dataclass(frozen=True, eq=False)
class LaunchSite:
    """A site over one span: where it stands in the equator of date at a reference instant.

    Attributes
    ----------
    choice : LaunchChoice
    reference_tai_ns : int
    axes : array (3, 3)
        Rows: axes of the true equator of date in ICRF; x is the node of that equator on the ICRF y-z plane.
    right_ascension_rad, latitude_rad : float
        Of the site at the reference, geocentric.
    """

    choice: LaunchChoice
    reference_tai_ns: int
    axes: Doubles
    right_ascension_rad: float
    latitude_rad: float


def stand_on_site(choice: LaunchChoice, reference_tai_ns: int, almanac: Almanac) -> LaunchSite:
    """Return the site at an instant.

    Raises
    ------
    CoverageError, MissingDataError
        As `syzygy.astro.frames.earth_rotation_matrices`.
    """
    turn = earth_rotation_matrices(np.array([reference_tai_ns]), almanac)[0][0]
    pole = turn[2]
    east = np.cross([0.0, 1.0, 0.0], pole)
    east /= np.linalg.norm(east)
    axes = np.stack([east, np.cross(pole, east), pole])
    fixed = itrf_from_geodetic(choice.site_latitude_rad, choice.site_longitude_rad, 0.0)
    x, y, z = axes @ (turn.T @ fixed)
    return LaunchSite(
        choice, reference_tai_ns, axes, math.atan2(y, x) % TURN, math.atan2(z, math.hypot(x, y))
    )


@dataclass(frozen=True)
class Ascent:
    """A launch azimuth and what follows from it at a site.

    Attributes
    ----------
    azimuth_rad, inclination_rad : float
        The inclination is to the true equator of date.
    latitude_argument_rad : float
        Argument of latitude at insertion into the parking orbit.
    node_offset_rad : float
        Right ascension of the site less that of the node.
    """

    azimuth_rad: float
    inclination_rad: float
    latitude_argument_rad: float
    node_offset_rad: float


def ascend(site: LaunchSite, azimuth_rad: float) -> Ascent:
    """Return the ascent at an azimuth: cos i = cos(latitude) sin(azimuth)."""
    latitude = site.latitude_rad
    inclination = math.acos(math.cos(latitude) * math.sin(azimuth_rad))
    over = math.atan2(math.sin(latitude), math.cos(latitude) * math.cos(azimuth_rad))
    offset = math.atan2(math.sin(over) * math.cos(inclination), math.cos(over))
    return Ascent(azimuth_rad, inclination, over + site.choice.ascent_arc_rad, offset)


def choose_ascents(site: LaunchSite, declination_rad: float) -> list[Ascent]:
    """Return the ascents to fly towards a declination of the Moon; empty when none reaches it."""
    choice = site.choice
    low, high = choice.least_azimuth_rad, choice.largest_azimuth_rad
    need = abs(declination_rad)
    if choice.azimuth_steps > 1:
        found = [ascend(site, float(a)) for a in np.linspace(low, high, choice.azimuth_steps)]
        return [one for one in found if _reaches(one, need)]
    nearest = min(max(math.pi / 2.0, low), high)
    for tilt in np.arange(0.0, math.pi / 2.0, math.radians(0.25)):
        for azimuth in (nearest + tilt, nearest - tilt):
            if low <= azimuth <= high:
                one = ascend(site, float(azimuth))
                if _reaches(one, need):
                    return [one]
    return []


def _reaches(ascent: Ascent, declination_rad: float) -> bool:
    """Whether a plane holds a declination; at its very edge the two planes of a day are one."""
    tilt = min(ascent.inclination_rad, math.pi - ascent.inclination_rad)
    return tilt >= declination_rad + _MARGIN_RAD


@dataclass(frozen=True)
class ParkingRates:
    """Mean rates of a circular orbit under J2 (secular, first order), rad/s."""

    latitude_argument_rad_s: float
    node_rad_s: float


def parking_rates(radius_m: float, inclination_rad: float) -> ParkingRates:
    """Return the rates of a circular orbit.

    **Source**: Kozai (1959), first order, e = 0.
    """
    motion = math.sqrt(EARTH.gm_m3_s2 / radius_m**3)
    factor = 1.5 * EARTH_J2 * (J2_RADIUS_M / radius_m) ** 2
    cosine = math.cos(inclination_rad)
    return ParkingRates(motion * (1.0 + factor * (4.0 * cosine * cosine - 1.0)), -factor * motion * cosine)


@dataclass(frozen=True)
class Departure:
    """An injection point: seconds after the reference of the site, and the way to it.

    Attributes
    ----------
    launch_s, insertion_s, injection_s : float
    coast_s : float
        From the parking orbit to injection, complete revolutions included.
    """

    launch_s: float
    insertion_s: float
    injection_s: float
    coast_s: float


def depart(
    site: LaunchSite, ascent: Ascent, node_rad: float, argument_rad: float, near: Departure | None = None
) -> Departure:
    """Return when the launch must be for a node and an argument of latitude at injection.

    Without `near` the launch is within the sidereal day after the reference; with it, the whole turns are
    those nearest to it, so that the answer varies smoothly.
    """
    choice = site.choice
    rates = parking_rates(choice.parking_radius_m, ascent.inclination_rad)
    arc = (argument_rad - ascent.latitude_argument_rad) % TURN + TURN * choice.coast_revolutions
    coast = arc / rates.latitude_argument_rad_s
    if near is not None:
        period = TURN / rates.latitude_argument_rad_s
        coast += period * round((near.coast_s - coast) / period)
    node = node_rad - rates.node_rad_s * coast
    launch = ((node + ascent.node_offset_rad - site.right_ascension_rad) % TURN) / EARTH_RATE_RAD_S
    if near is not None:
        day = TURN / EARTH_RATE_RAD_S
        launch += day * round((near.launch_s - launch) / day)
    inserted = launch + choice.ascent_s
    return Departure(launch, inserted, inserted + coast, coast)


def departure_slopes(site: LaunchSite, ascent: Ascent) -> tuple[float, float]:
    """Return the derivatives of the injection instant by node and by argument of latitude, s/rad."""
    rates = parking_rates(site.choice.parking_radius_m, ascent.inclination_rad)
    along = (1.0 - rates.node_rad_s / EARTH_RATE_RAD_S) / rates.latitude_argument_rad_s
    return 1.0 / EARTH_RATE_RAD_S, along


def injection_state(
    site: LaunchSite, ascent: Ascent, node_rad: float, argument_rad: float, speed_m_s: ArrayLike
) -> tuple[Doubles, Doubles]:
    """Return the state (6,) of a horizontal injection in ICRF, and its derivatives (6, 3).

    The derivatives are by node, argument of latitude and speed.
    """
    speed = float(np.asarray(speed_m_s))
    radius = site.choice.parking_radius_m
    cn, sn, cu, su = math.cos(node_rad), math.sin(node_rad), math.cos(argument_rad), math.sin(argument_rad)
    ci, si = math.cos(ascent.inclination_rad), math.sin(ascent.inclination_rad)
    to_node, across = np.array([cn, sn, 0.0]), np.array([-sn * ci, cn * ci, si])
    up = site.axes.T @ (cu * to_node + su * across)
    ahead = site.axes.T @ (cu * across - su * to_node)
    pole = site.axes[2]
    state = np.concatenate([radius * up, speed * ahead])
    slopes = np.zeros((6, 3))
    slopes[:3, 0], slopes[3:, 0] = np.cross(pole, state[:3]), np.cross(pole, state[3:])
    slopes[:3, 1], slopes[3:, 1] = radius * ahead, -speed * up
    slopes[3:, 2] = ahead
    return state, slopes
