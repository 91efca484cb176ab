"""RINEX navigation files, versions 2, 3 and 4: GPS, Galileo, BeiDou, QZSS and GLONASS broadcast ephemerides.

A record that cannot be used is listed with its line and reason and the rest is used; messages of other
kinds (CNAV, CNV1 to CNV3, SBAS, NavIC, and the STO, EOP and ION records of version 4) are counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.astro.time.leap_seconds import LeapSeconds
from syzygy.base.errors import CoverageError, FormatError
from syzygy.formats._rinex_nav_records import RawRecord, read_nav_header, split_records
from syzygy.formats.compression import expand
from syzygy.formats.fixed_columns import fixed_numbers
from syzygy.formats.gnss_time import TAI_MINUS_SCALE_S, tai_ns_of_fields
from syzygy.formats.navigation_messages import GlonassMessages, KeplerianMessages, NavigationMessages
from syzygy.formats.rejected import RejectedRecord, reject

_KEPLERIAN = frozenset({("G", "LNAV"), ("J", "LNAV"), ("E", "INAV"), ("E", "FNAV"), ("C", "D1"), ("C", "D2")})
_SCALE = {"G": "GPS", "J": "GPS", "E": "GAL", "C": "BDT", "R": "UTC"}
_KEPLERIAN_LINES, _GLONASS_LINES = 8, 4
_FIELDS_PER_LINE = 4
_FIELD_WIDTH = 19
_WEEK_S = 604_800
_BDT_EPOCH_DAY, _GPS_EPOCH_DAY = 13_149, 3_657
_GALILEO_SIGNAL_BITS = {"INAV": 0b111000111, "FNAV": 0b000111000}
_NO_ACCURACY_PREDICTION = -1.0

Decoder = Callable[[Sequence[RawRecord], NDArray[np.int64], NDArray[np.float64]], list[str]]


def read_rinex_nav(content: bytes, leap_seconds: LeapSeconds, *, name: str = "") -> NavigationMessages:
    """Read a RINEX navigation file, plain or gzip.

    Parameters
    ----------
    content : bytes
        The file.
    leap_seconds : LeapSeconds
        GLONASS records are dated in UTC.
    name : str
        File name for messages.

    Returns
    -------
    NavigationMessages
        In the order of the file; SI units.

    Raises
    ------
    FormatError
        The header is not that of a navigation file of a known version. Bad records do not raise.

    Notes
    -----
    **Accuracy**: counts of records equal the independent counts of 13 files
    (``tests/formats/test_rinex_nav.py``); orbits computed from the records reproduce the statistics against
    precise orbits to 1 cm (``tests/satellites/test_broadcast_orbits.py``).

    **Source**: RINEX 2.11 (2007), 3.05 (2020), 4.00 (2021), tables A; Galileo OS SIS ICD 2.1,
    section 5.1.9.3; BDS-SIS-ICD B1I 3.0 for D1 and D2.
    """
    lines = expand(content, name=name).splitlines()
    header = read_nav_header(lines, name)
    records = list(split_records(lines, header))
    keplerian = [r for r in records if r.kind == "EPH" and (r.satellite[:1], r.message) in _KEPLERIAN]
    glonass = [r for r in records if r.kind == "EPH" and (r.satellite[:1], r.message) == ("R", "FDMA")]
    taken = {id(record) for record in (*keplerian, *glonass)}
    rest = Counter((r.kind, f"{r.satellite[:1]} {r.message}".strip()) for r in records if id(r) not in taken)
    rejected: list[RejectedRecord] = []
    numbers = _Numbers(leap_seconds, rejected)
    kept, epochs, values = numbers.read(keplerian, _KEPLERIAN_LINES, _keplerian_problems)
    kepler = _keplerian(kept, epochs, values)
    kept, epochs, values = numbers.read(glonass, _GLONASS_LINES, _glonass_problems)
    return NavigationMessages(
        version=header.version,
        keplerian=kepler,
        glonass=_glonass(kept, epochs, values),
        others=tuple((kind, what, count) for (kind, what), count in sorted(rest.items())),
        rejected=tuple(sorted(rejected, key=lambda item: item.line)),
    )


class _Numbers:
    """Turn records of one shape into numbers, moving those that fail to the list of rejected records."""

    def __init__(self, leap_seconds: LeapSeconds, rejected: list[RejectedRecord]) -> None:
        self.leap_seconds = leap_seconds
        self.rejected = rejected

    def read(
        self, records: Sequence[RawRecord], needed: int, problems: Decoder
    ) -> tuple[list[RawRecord], NDArray[np.int64], NDArray[np.float64]]:
        """Return the usable records, their epochs (TAI ns) and numbers (n, 3 + 4 (needed - 1))."""
        whole = [record for record in records if self._is_whole(record, needed)]
        epochs = [self._epoch(record) for record in whole]
        rows = [_row(record, needed) for record in whole]
        dated = [k for k, epoch in enumerate(epochs) if epoch is not None]
        widths = (_FIELD_WIDTH,) * (3 + _FIELDS_PER_LINE * (needed - 1))
        try:
            values = fixed_numbers([rows[k] for k in dated], widths, np.array(dated), "", blank=np.nan)
        except FormatError:
            dated = [k for k in dated if self._is_numeric(whole[k], rows[k], widths)]
            values = fixed_numbers([rows[k] for k in dated], widths, np.array(dated), "", blank=np.nan)
        kept = [whole[k] for k in dated]
        instants = np.array([epochs[k] for k in dated], dtype=np.int64)
        reasons = problems(kept, instants, values)
        for record, reason in zip(kept, reasons, strict=True):
            if reason:
                self._reject(record, reason)
        good = np.array([not reason for reason in reasons], dtype=np.bool_)
        return (
            [r for r, reason in zip(kept, reasons, strict=True) if not reason],
            instants[good],
            values[good],
        )

    def _reject(self, record: RawRecord, reason: str) -> None:
        text = record.lines[0] if record.lines else record.satellite
        self.rejected.append(reject(record.line, 0, f"{record.satellite} {record.message}: {reason}", text))

    def _is_whole(self, record: RawRecord, needed: int) -> bool:
        # GLONASS has a fifth line since 3.05.
        allowed = (needed, needed + 1) if needed == _GLONASS_LINES else (needed,)
        if len(record.lines) in allowed:
            if len(record.satellite) == 3 and record.satellite[1:].isdigit():
                return True
            self._reject(record, "not the name of a satellite")
        else:
            self._reject(record, f"{len(record.lines)} lines where {needed} are due")
        return False

    def _epoch(self, record: RawRecord) -> int | None:
        fields = record.lines[0][3:23].decode("ascii", "replace").split()
        try:
            scale = _SCALE[record.satellite[0]]
            return tai_ns_of_fields(fields, scale, self.leap_seconds, where=f"line {record.line}")
        except (FormatError, CoverageError) as problem:
            self._reject(record, f"{problem.what}: {problem.value}")
            return None

    def _is_numeric(self, record: RawRecord, row: bytes, widths: tuple[int, ...]) -> bool:
        try:
            fixed_numbers([row], widths, np.zeros(1, dtype=np.int64), "", blank=np.nan)
        except FormatError as problem:
            self._reject(record, f"{problem.what}: {problem.value}")
            return False
        return True


def _row(record: RawRecord, needed: int) -> bytes:
    first = record.lines[0][23:80].ljust(57)
    rest = b"".join(line[4:80].ljust(76) for line in record.lines[1:needed])
    return (first + rest).replace(b"D", b"E").replace(b"d", b"e")


def _keplerian_problems(
    records: Sequence[RawRecord], epochs: NDArray[np.int64], values: NDArray[np.float64]
) -> list[str]:
    needed = [0, 1, 2, *range(4, 20), 24]
    elements = values[:, needed]
    blank = ~np.isfinite(elements).all(axis=1) | (np.abs(elements) > 1e12).any(axis=1)
    root, eccentricity, second = values[:, 10], values[:, 8], values[:, 11]
    checks: list[tuple[ArrayLike, str]] = [
        (blank, "an orbit or clock field is blank or absurdly large"),
        (
            ~((root > 4_000.0) & (root < 8_000.0)),
            "the root of the semi-major axis is not within 4000 to 8000",
        ),
        (~((eccentricity >= 0.0) & (eccentricity < 0.5)), "the eccentricity is not within 0 to 0.5"),
        (~((second >= 0.0) & (second < _WEEK_S)), "toe is not a second of the week"),
        (~(np.abs(values[:, 3]) < 2**31), "the issue of data is unreadable"),
    ]
    return _first_reasons(checks, len(records))


def _glonass_problems(
    records: Sequence[RawRecord], epochs: NDArray[np.int64], values: NDArray[np.float64]
) -> list[str]:
    blank = ~np.isfinite(values[:, [0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]]).all(axis=1)
    radius_km = np.sqrt(np.sum(np.nan_to_num(values[:, 3:12:4]) ** 2, axis=1))
    checks: list[tuple[ArrayLike, str]] = [
        (blank, "a blank field"),
        (~((radius_km > 20_000.0) & (radius_km < 30_000.0)), "the radius is not within 20000 to 30000 km"),
        (~(np.abs(values[:, [6, 10]]) < 128).all(axis=1), "health or channel is unreadable"),
        (~(np.abs(values[:, 4:13:4]) < 10.0).all(axis=1), "the speed is not below 10 km/s"),
        (~(np.abs(values[:, 5:14:4]) < 1e-6).all(axis=1), "the acceleration is not below 1e-6 km/s2"),
    ]
    return _first_reasons(checks, len(records))


def _first_reasons(checks: Sequence[tuple[ArrayLike, str]], count: int) -> list[str]:
    failures = [(np.asarray(failed, dtype=np.bool_).tolist(), reason) for failed, reason in checks]
    return [next((reason for failed, reason in failures if failed[k]), "") for k in range(count)]


def _keplerian(
    records: Sequence[RawRecord], epochs: NDArray[np.int64], values: NDArray[np.float64]
) -> KeplerianMessages:
    system = np.array([r.satellite[0] for r in records], dtype=object)
    message = np.array([r.message for r in records], dtype=object)
    health = _whole_numbers(values[:, 24])
    return KeplerianMessages(
        satellite=np.array([r.satellite for r in records], dtype=object),
        message=message,
        clock_reference_tai_ns=epochs,
        reference_tai_ns=_toe_tai_ns(system, epochs, values[:, 11]),
        semi_major_axis_m=values[:, 10] ** 2,
        eccentricity=values[:, 8],
        inclination_rad=values[:, 15],
        inclination_rate_rad_s=values[:, 19],
        node_rad=values[:, 13],
        node_rate_rad_s=values[:, 18],
        argument_of_perigee_rad=values[:, 17],
        mean_anomaly_rad=values[:, 6],
        mean_motion_correction_rad_s=values[:, 5],
        argument_cosine_rad=values[:, 7],
        argument_sine_rad=values[:, 9],
        radius_cosine_m=values[:, 16],
        radius_sine_m=values[:, 4],
        inclination_cosine_rad=values[:, 12],
        inclination_sine_rad=values[:, 14],
        week_second_s=values[:, 11],
        clock_bias_s=values[:, 0],
        clock_drift_s_s=values[:, 1],
        clock_drift_rate_s_s2=values[:, 2],
        issue=_whole_numbers(values[:, 3]),
        health=health,
        healthy=_is_healthy(message, health, values[:, 23]),
        source_line=np.array([r.line for r in records], dtype=np.int64),
    )


def _is_healthy(
    message: NDArray[np.object_], health: NDArray[np.int64], accuracy: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Health 0, for Galileo of the signals that carry the message only, and with an accuracy prediction."""
    bits = np.array([_GALILEO_SIGNAL_BITS.get(word, -1) for word in message], dtype=np.int64)
    healthy = (health & bits) == 0
    galileo = bits >= 0
    return np.asarray(healthy & ~(galileo & (accuracy == _NO_ACCURACY_PREDICTION)), dtype=np.bool_)


def _toe_tai_ns(
    system: NDArray[np.object_], clock_reference_tai_ns: NDArray[np.int64], week_second_s: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Place toe in the week that brings it nearest to toc, so that no week number has to be trusted."""
    is_beidou = system == "C"
    offset_s = np.where(is_beidou, TAI_MINUS_SCALE_S["BDT"], TAI_MINUS_SCALE_S["GPS"])
    epoch_day = np.where(is_beidou, _BDT_EPOCH_DAY, _GPS_EPOCH_DAY)
    week_ns = _WEEK_S * 1_000_000_000
    since_ns = clock_reference_tai_ns - (offset_s + epoch_day * 86_400) * 1_000_000_000
    step_ns = np.round(week_second_s * 1e9).astype(np.int64) - since_ns % week_ns
    return np.asarray(clock_reference_tai_ns + (step_ns + week_ns // 2) % week_ns - week_ns // 2)


def _glonass(
    records: Sequence[RawRecord], epochs: NDArray[np.int64], values: NDArray[np.float64]
) -> GlonassMessages:
    health = _whole_numbers(values[:, 6])
    return GlonassMessages(
        satellite=np.array([r.satellite for r in records], dtype=object),
        reference_tai_ns=epochs,
        position_m=values[:, 3:12:4] * 1e3,
        velocity_m_s=values[:, 4:13:4] * 1e3,
        acceleration_m_s2=values[:, 5:14:4] * 1e3,
        clock_bias_s=values[:, 0],
        relative_frequency=values[:, 1],
        channel=_whole_numbers(values[:, 10]),
        health=health,
        healthy=health == 0,
        source_line=np.array([r.line for r in records], dtype=np.int64),
    )


def _whole_numbers(values: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.round(values).astype(np.int64)
