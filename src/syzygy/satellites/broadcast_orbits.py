"""Satellite positions from broadcast messages: Keplerian for GPS, Galileo, BeiDou and QZSS, else GLONASS.

Every function works element by element on a batch: message k at instant k.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from syzygy.base.errors import CoverageError
from syzygy.formats.navigation_messages import GlonassMessages, KeplerianMessages

GM_M3_S2 = {"G": 3.986005e14, "J": 3.986005e14, "E": 3.986004418e14, "C": 3.986004418e14}
"""IS-GPS-200 table 20-IV; Galileo OS SIS ICD table 69; BDS-SIS-ICD B1I section 5.2.4; IS-QZSS-PNT."""
EARTH_RATE_RAD_S = {"G": 7.2921151467e-5, "J": 7.2921151467e-5, "E": 7.2921151467e-5, "C": 7.292115e-5}
"""Earth rotation of the same documents."""
GLONASS_GM_M3_S2 = 3.986004418e14
GLONASS_RADIUS_M = 6_378_136.0
GLONASS_J2 = 1_082_625.75e-9
GLONASS_EARTH_RATE_RAD_S = 7.292115e-5
"""PZ-90.11 (GLONASS CDMA general description 1.0, 2016)."""
GLONASS_STEP_S = 60.0
GLONASS_LIMIT_S = 4 * 3600.0

_GEO_TILT_RAD = np.deg2rad(-5.0)
_KEPLER_ITERATIONS = 12


def keplerian_positions_m(messages: KeplerianMessages, tai_ns: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the Earth-fixed antenna positions of n messages at n instants.

    Parameters
    ----------
    messages : KeplerianMessages (n,)
    tai_ns : int64 (n,)
        Time of transmission.

    Returns
    -------
    float64 (n, 3), m
        In the frame of the system (WGS 84, GTRF, BDCS: equal at the level of broadcast orbits).

    Notes
    -----
    BeiDou GEO satellites (message D2) have their elements in a frame tilted by 5 degrees and not rotating
    with the Earth; without that step they come out 3,259 km away.

    **Accuracy**: minus precise orbits of one day, mean and standard deviation per constellation within 1 mm
    of the reference statistics (7 groups, 5,008 positions, ``tests/satellites/test_broadcast_orbits.py``).

    **Source**: IS-GPS-200N table 20-IV; Galileo OS SIS ICD 2.1 table 69; BDS-SIS-ICD-B1I-3.0 table 5-11.
    """
    system = np.array([name[0] for name in messages.satellite], dtype=object)
    gm = np.array([GM_M3_S2[letter] for letter in system])
    rate = np.array([EARTH_RATE_RAD_S[letter] for letter in system])
    elapsed_s = _seconds(np.asarray(tai_ns, dtype=np.int64) - messages.reference_tai_ns)
    radius, argument, inclination = _in_plane(messages, gm, elapsed_s)
    geo = messages.message == "D2"
    node = (
        messages.node_rad
        + (messages.node_rate_rad_s - np.where(geo, 0.0, rate)) * elapsed_s
        - rate * messages.week_second_s
    )
    x, y = radius * np.cos(argument), radius * np.sin(argument)
    position = np.stack(
        [
            x * np.cos(node) - y * np.cos(inclination) * np.sin(node),
            x * np.sin(node) + y * np.cos(inclination) * np.cos(node),
            y * np.sin(inclination),
        ],
        axis=-1,
    )
    return np.where(geo[:, None], _turn_geostationary(position, rate * elapsed_s), position)


def _in_plane(
    messages: KeplerianMessages, gm: NDArray[np.float64], elapsed_s: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return radius, argument of latitude and inclination with the second-harmonic corrections."""
    motion = np.sqrt(gm / messages.semi_major_axis_m**3) + messages.mean_motion_correction_rad_s
    anomaly = messages.mean_anomaly_rad + motion * elapsed_s
    eccentricity = messages.eccentricity
    eccentric = anomaly + eccentricity * np.sin(anomaly)
    for _ in range(_KEPLER_ITERATIONS):
        error = eccentric - eccentricity * np.sin(eccentric) - anomaly
        eccentric = eccentric - error / (1.0 - eccentricity * np.cos(eccentric))
    true = np.arctan2(np.sqrt(1.0 - eccentricity**2) * np.sin(eccentric), np.cos(eccentric) - eccentricity)
    argument = true + messages.argument_of_perigee_rad
    sine, cosine = np.sin(2.0 * argument), np.cos(2.0 * argument)
    radius = (
        messages.semi_major_axis_m * (1.0 - eccentricity * np.cos(eccentric))
        + messages.radius_sine_m * sine
        + messages.radius_cosine_m * cosine
    )
    inclination = (
        messages.inclination_rad
        + messages.inclination_rate_rad_s * elapsed_s
        + messages.inclination_sine_rad * sine
        + messages.inclination_cosine_rad * cosine
    )
    argument = argument + messages.argument_sine_rad * sine + messages.argument_cosine_rad * cosine
    return radius, argument, inclination


def _turn_geostationary(position: NDArray[np.float64], angle_rad: NDArray[np.float64]) -> NDArray[np.float64]:
    """Apply Rz(angle) Rx(-5 deg): from the tilted inertial frame of D2 messages to the Earth."""
    x, y, z = np.moveaxis(position, -1, 0)
    cosine, sine = np.cos(_GEO_TILT_RAD), np.sin(_GEO_TILT_RAD)
    y, z = cosine * y + sine * z, cosine * z - sine * y
    cosine, sine = np.cos(angle_rad), np.sin(angle_rad)
    return np.stack([cosine * x + sine * y, cosine * y - sine * x, z], axis=-1)


def glonass_states(
    messages: GlonassMessages, tai_ns: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Integrate n GLONASS messages to n instants, forwards or backwards.

    Parameters
    ----------
    messages : GlonassMessages (n,)
    tai_ns : int64 (n,)

    Returns
    -------
    position_m, velocity_m_s : float64 (n, 3)
        PZ-90.11, Earth-fixed.

    Raises
    ------
    CoverageError
        An instant more than four hours from its message; messages are made for 15 to 30 minutes.

    Notes
    -----
    Runge-Kutta of order 4 in equal steps of at most 60 s; central force, J2, rotation of the frame, and the
    acceleration by Moon and Sun of the message held constant.

    **Accuracy**: 895 positions of one day minus precise orbits, mean and standard deviation within 1 mm of
    the reference statistics; the ICD's example within 0.51 m without its analytic luni-solar terms
    (``tests/satellites/test_broadcast_orbits.py``).

    **Source**: GLONASS ICD 5.1 (2008) appendix 3; CDMA general description 1.0 (2016) appendix J.
    """
    elapsed_s = _seconds(np.asarray(tai_ns, dtype=np.int64) - messages.reference_tai_ns)
    if np.any(np.abs(elapsed_s) > GLONASS_LIMIT_S):
        raise CoverageError(
            "an instant is too far from its GLONASS message",
            value=f"{float(np.max(np.abs(elapsed_s))):.0f} s",
            allowed=f"{GLONASS_LIMIT_S:.0f} s",
            hint="give the navigation file of that time",
        )
    steps = np.ceil(np.abs(elapsed_s) / GLONASS_STEP_S)
    step_s = elapsed_s / np.maximum(steps, 1.0)
    state = np.concatenate([messages.position_m, messages.velocity_m_s], axis=-1)
    constant = messages.acceleration_m_s2
    for k in range(int(steps.max(initial=0.0))):
        # A message that has arrived takes steps of zero: the answer does not depend on its neighbours.
        h = np.where(k < steps, step_s, 0.0)[:, None]
        k1 = _glonass_rate(state, constant)
        k2 = _glonass_rate(state + 0.5 * h * k1, constant)
        k3 = _glonass_rate(state + 0.5 * h * k2, constant)
        k4 = _glonass_rate(state + h * k3, constant)
        state = state + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
    return state[:, :3], state[:, 3:]


def _glonass_rate(state: NDArray[np.float64], constant: NDArray[np.float64]) -> NDArray[np.float64]:
    position, velocity = state[:, :3], state[:, 3:]
    square = np.sum(position**2, axis=-1, keepdims=True)
    central = GLONASS_GM_M3_S2 / (square * np.sqrt(square))
    flattening = 1.5 * GLONASS_J2 * central * GLONASS_RADIUS_M**2 / square
    latitude = 5.0 * position[:, 2:] ** 2 / square
    pull = -central - flattening * (np.array([1.0, 1.0, 3.0]) - latitude)
    acceleration = pull * position + constant
    rate = GLONASS_EARTH_RATE_RAD_S
    acceleration[:, 0] += rate**2 * position[:, 0] + 2.0 * rate * velocity[:, 1]
    acceleration[:, 1] += rate**2 * position[:, 1] - 2.0 * rate * velocity[:, 0]
    return np.concatenate([velocity, acceleration], axis=-1)


def _seconds(nanoseconds: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(nanoseconds * 1e-9, dtype=np.float64)


def nearest_message(
    reference_tai_ns: NDArray[np.int64], tai_ns: NDArray[np.int64], validity_s: float
) -> NDArray[np.int64]:
    """Return for every instant the index of the message with the nearest reference time, -1 for none.

    Parameters
    ----------
    reference_tai_ns : int64 (n,)
        Reference times of the messages of one satellite, any order; of equally near ones the first counts.
    tai_ns : int64 (m,)
    validity_s : float
        Largest distance, inclusive.
    """
    found = np.full(tai_ns.shape, -1, dtype=np.int64)
    if reference_tai_ns.size == 0:
        return found
    times, first = np.unique(reference_tai_ns, return_index=True)
    after = np.clip(np.searchsorted(times, tai_ns), 0, times.size - 1)
    before = np.maximum(after - 1, 0)
    distance_before, distance_after = np.abs(tai_ns - times[before]), np.abs(tai_ns - times[after])
    earlier_record = (distance_before == distance_after) & (first[before] < first[after])
    use_before = (distance_before < distance_after) | earlier_record
    nearest = np.where(use_before, before, after)
    valid = np.abs(tai_ns - times[nearest]) <= round(validity_s * 1e9)
    found[valid] = first[nearest[valid]]
    return found
