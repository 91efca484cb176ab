"""Broadcast navigation messages in SI units: the records that readers hand to the orbit models."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from syzygy.formats.rejected import RejectedRecord

Messages = TypeVar("Messages", "KeplerianMessages", "GlonassMessages")


@dataclass(frozen=True, eq=False)
class KeplerianMessages:
    """n ephemerides of GPS, Galileo, BeiDou and QZSS: Keplerian elements with harmonic corrections.

    Attributes
    ----------
    satellite, message : object (n,) of str
        ``C05`` and ``LNAV``, ``INAV``, ``FNAV``, ``D1`` or ``D2``.
    clock_reference_tai_ns, reference_tai_ns : int64 (n,)
        toc and toe.
    semi_major_axis_m, eccentricity, inclination_rad, inclination_rate_rad_s : float64 (n,)
        At toe; the semi-major axis is the square of the broadcast root.
    node_rad, node_rate_rad_s : float64 (n,)
        Longitude of the node at the start of the week, and its rate.
    argument_of_perigee_rad, mean_anomaly_rad, mean_motion_correction_rad_s : float64 (n,)
    argument_cosine_rad, argument_sine_rad, radius_cosine_m, radius_sine_m, inclination_cosine_rad,
    inclination_sine_rad : float64 (n,)
        Second-harmonic corrections Cuc, Cus, Crc, Crs, Cic, Cis.
    week_second_s : float64 (n,)
        toe as second of the week of the system's own time.
    clock_bias_s, clock_drift_s_s, clock_drift_rate_s_s2 : float64 (n,)
    issue, health : int64 (n,)
        IODE, AODE or IODnav, and the health word as written.
    healthy : bool (n,)
        Healthy for the signals of the message; Galileo also needs an accuracy prediction.
    source_line : int64 (n,)
        Line of the record, from 1.
    """

    satellite: NDArray[np.object_]
    message: NDArray[np.object_]
    clock_reference_tai_ns: NDArray[np.int64]
    reference_tai_ns: NDArray[np.int64]
    semi_major_axis_m: NDArray[np.float64]
    eccentricity: NDArray[np.float64]
    inclination_rad: NDArray[np.float64]
    inclination_rate_rad_s: NDArray[np.float64]
    node_rad: NDArray[np.float64]
    node_rate_rad_s: NDArray[np.float64]
    argument_of_perigee_rad: NDArray[np.float64]
    mean_anomaly_rad: NDArray[np.float64]
    mean_motion_correction_rad_s: NDArray[np.float64]
    argument_cosine_rad: NDArray[np.float64]
    argument_sine_rad: NDArray[np.float64]
    radius_cosine_m: NDArray[np.float64]
    radius_sine_m: NDArray[np.float64]
    inclination_cosine_rad: NDArray[np.float64]
    inclination_sine_rad: NDArray[np.float64]
    week_second_s: NDArray[np.float64]
    clock_bias_s: NDArray[np.float64]
    clock_drift_s_s: NDArray[np.float64]
    clock_drift_rate_s_s2: NDArray[np.float64]
    issue: NDArray[np.int64]
    health: NDArray[np.int64]
    healthy: NDArray[np.bool_]
    source_line: NDArray[np.int64]

    def select(self, index: NDArray[np.generic]) -> KeplerianMessages:
        """Return the messages of a mask or an index array."""
        return _select(self, index)


@dataclass(frozen=True, eq=False)
class GlonassMessages:
    """n GLONASS ephemerides: position, velocity and luni-solar acceleration in PZ-90.11.

    Attributes
    ----------
    satellite : object (n,) of str
        ``R01`` ...
    reference_tai_ns : int64 (n,)
        Epoch of the state.
    position_m, velocity_m_s, acceleration_m_s2 : float64 (n, 3)
        Earth-fixed; the acceleration is that of Moon and Sun only.
    clock_bias_s, relative_frequency : float64 (n,)
        -tau_N and +gamma_N.
    channel, health : int64 (n,)
        Frequency channel (-7 to 6) and the health flag as written.
    healthy : bool (n,)
        Health flag 0.
    source_line : int64 (n,)
        Line of the record, from 1.
    """

    satellite: NDArray[np.object_]
    reference_tai_ns: NDArray[np.int64]
    position_m: NDArray[np.float64]
    velocity_m_s: NDArray[np.float64]
    acceleration_m_s2: NDArray[np.float64]
    clock_bias_s: NDArray[np.float64]
    relative_frequency: NDArray[np.float64]
    channel: NDArray[np.int64]
    health: NDArray[np.int64]
    healthy: NDArray[np.bool_]
    source_line: NDArray[np.int64]

    def select(self, index: NDArray[np.generic]) -> GlonassMessages:
        """Return the messages of a mask or an index array."""
        return _select(self, index)


@dataclass(frozen=True, eq=False)
class NavigationMessages:
    """Everything read from a navigation file.

    Attributes
    ----------
    version : str
        ``3.05`` ...
    keplerian : KeplerianMessages
    glonass : GlonassMessages
    others : tuple of (str, str, int)
        Records recognised but not decoded: kind (``EPH``, ``STO``, ``EOP``, ``ION``), system and message,
        count.
    rejected : tuple of RejectedRecord
        Records that could not be used, with line and reason.
    """

    version: str
    keplerian: KeplerianMessages
    glonass: GlonassMessages
    others: tuple[tuple[str, str, int], ...]
    rejected: tuple[RejectedRecord, ...]

    @property
    def record_count(self) -> int:
        """All records of the file: decoded, recognised and rejected."""
        decoded = len(self.keplerian.satellite) + len(self.glonass.satellite)
        return decoded + sum(count for _, _, count in self.others) + len(self.rejected)


def _select(messages: Messages, index: NDArray[np.generic]) -> Messages:
    return replace(messages, **{f.name: getattr(messages, f.name)[index] for f in fields(messages)})
