"""Times of messages to instants and back, in every time system that can be turned into TAI.

UTC, TAI, TT, TDB, GPS, TCG and TCB need no more than the leap seconds; UT1 needs Earth orientation; MET, MRT,
SCLK and GMST need an origin that the partner has stated. TDR is in no standard of time and is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.astro.time import (
    NS_PER_DAY,
    NS_PER_S,
    TimeScale,
    as_instants,
    labels_from_tai,
    tai_from_labels,
    tai_from_utc_day_and_ns,
    tdb_minus_tt_s,
    ut1_minus_tai_s,
    utc_day_and_ns,
)
from syzygy.base.errors import FormatError, MissingDataError, TimeScaleError
from syzygy.formats.ccsds.epochs import Epochs, parse_epochs
from syzygy.formats.ccsds.grammar import is_epoch_shaped, number_text

if TYPE_CHECKING:
    from syzygy.astro.time import EarthOrientation, LeapSeconds

_PARALLEL = {"TAI": TimeScale.TAI, "TT": TimeScale.TT, "GPS": TimeScale.GPS}
_COORDINATE_RATES = {"TCG": Decimal("6.969290134e-10"), "TCB": Decimal("1.550519768e-8")}
_COORDINATE_START_NS = 220_924_832_184_000_000  # 1977-01-01T00:00:32.184, label of TT, TCG and TCB
_TDB_ZERO_NS = -65_500
_ELAPSED = frozenset({"MET", "MRT", "SCLK", "GMST"})
SUPPORTED = ("UTC", "TAI", "TT", "TDB", "GPS", "TCG", "TCB", "UT1 with Earth orientation")


@dataclass(frozen=True)
class ClockOrigin:
    """What the partner says about a clock (MET, MRT, SCLK, GMST): one reading with its instant, and its rate.

    Attributes
    ----------
    reading : str
        What the clock shows at the origin, as the messages write it: an epoch (``0000-000T00:00:00`` is not
        one; use the first day of a year) or a number of seconds.
    tai_ns : int
        The instant at which it shows that.
    rate : float
        Seconds of the clock per SI second.
    """

    reading: str
    tai_ns: int
    rate: float = 1.0


@dataclass(frozen=True, eq=False)
class MessageClock:
    """Turns the times of one segment into instants and back.

    Attributes
    ----------
    time_system : str
        TIME_SYSTEM of the segment.
    leap_seconds : LeapSeconds
    earth_orientation : EarthOrientation or None
        For UT1.
    origin : ClockOrigin or None
        For MET, MRT, SCLK, GMST.
    zero_tai_ns : int or None
        EPOCH_TZERO, for times given as seconds since then (OCM, ACM).
    where : str
        File, for messages.

    **Accuracy**: TCG, TCB, TDB, UT1 within a nanosecond of ERFA (``test_ccsds_clocks.py``); all others exact.

    **Source**: IAU 2000 resolution B1.9 (TCG), IAU 2006 resolution B3 (TDB and TCB).
    """

    time_system: str
    leap_seconds: LeapSeconds
    earth_orientation: EarthOrientation | None = None
    origin: ClockOrigin | None = None
    zero_tai_ns: int | None = None
    where: str = ""

    def in_system(self, time_system: str) -> MessageClock:
        """Return the clock of another segment."""
        return replace(self, time_system=time_system)

    def utc(self) -> MessageClock:
        """Return the clock of times that are always UTC (headers, CDM)."""
        return replace(self, time_system="UTC", zero_tai_ns=None)

    # message to core

    def instants(self, epochs: Epochs) -> NDArray[np.int64]:
        """Return the instants of epochs of this time system.

        Raises
        ------
        TimeScaleError
            A time system that cannot be turned into TAI, or a leap second in one that has none.
        MissingDataError
            UT1 without Earth orientation.
        CoverageError
            Outside leap seconds or Earth orientation.
        """
        system = self.time_system.upper()
        if system == "UTC":
            return tai_from_utc_day_and_ns(epochs.day, epochs.day_ns, self.leap_seconds, self.where)
        self._require_known(system)
        if bool((epochs.day_ns >= NS_PER_DAY).any()):
            raise TimeScaleError(
                "a leap second stands in a time system that has none", value=system,
                allowed="seconds 00 to 59", where=self.where,
            )  # fmt: skip
        return self._tai(epochs.day * NS_PER_DAY + epochs.day_ns, system)

    def instant(self, text: str, keyword: str = "") -> int:
        """Return the instant of one time: an epoch, or seconds since EPOCH_TZERO or of the clock's origin."""
        number = None if is_epoch_shaped(text) else number_text(text)
        where = f"{self.where} {keyword}".strip()
        if number is None:
            return int(self.instants(parse_epochs([text], self.time_system, where))[0])
        seconds = Decimal(number)
        if self.time_system.upper() in _ELAPSED and self.origin is not None:
            return self._from_origin(seconds, where)
        if self.zero_tai_ns is None:
            raise TimeScaleError(
                "a time in seconds needs an origin", value=text, allowed="an epoch, or EPOCH_TZERO above it",
                where=where, hint="give the origin of the clock (ClockOrigin)",
            )  # fmt: skip
        return self.zero_tai_ns + self._whole(seconds, text, where)

    def times(self, texts: Sequence[str], where: str = "") -> NDArray[np.int64]:
        """Return the instants of many times, all epochs or all seconds."""
        if texts and all(is_epoch_shaped(text) for text in texts):
            return self.instants(parse_epochs(texts, self.time_system, where or self.where))
        return np.array([self.instant(text, where) for text in texts], dtype=np.int64)

    def _whole(self, seconds: Decimal, text: str, where: str) -> int:
        nanoseconds = seconds.scaleb(9)
        if nanoseconds != nanoseconds.to_integral_value():
            raise FormatError(
                "a time has digits below a nanosecond", value=text, allowed="nine decimals", where=where
            )
        return int(nanoseconds)

    def _from_origin(self, reading: Decimal, where: str) -> int:
        origin = self._origin()
        start = number_text(origin.reading)
        if start is None:
            raise TimeScaleError(
                "the clock's origin is an epoch, the time is a number of seconds", value=str(reading),
                allowed="both alike", where=where,
            )  # fmt: skip
        elapsed = (reading - Decimal(start)) / Decimal(repr(origin.rate))
        return origin.tai_ns + int((elapsed * NS_PER_S).to_integral_value())

    def _origin(self) -> ClockOrigin:
        if self.origin is None:
            raise TimeScaleError(
                "times of this time system cannot be turned into instants by the reader alone",
                value=self.time_system, allowed=", ".join(SUPPORTED), where=self.where,
                hint="the partner has to say how this clock runs (ClockOrigin); the texts are kept",
            )  # fmt: skip
        return self.origin

    def _require_known(self, system: str) -> None:
        if system in _ELAPSED:
            self._origin()
        elif system == "UT1":
            if self.earth_orientation is None:
                raise MissingDataError(
                    "UT1 needs Earth orientation", value="none given", allowed="an Almanac with it",
                    where=self.where,
                )  # fmt: skip
        elif system not in _PARALLEL and system not in _COORDINATE_RATES and system != "TDB":
            raise TimeScaleError(
                "the core has no such time system", value=system or "no TIME_SYSTEM",
                allowed=", ".join(SUPPORTED), where=self.where,
                hint="the text of each epoch is kept",
            )  # fmt: skip

    def _tai(self, label_ns: NDArray[np.int64], system: str) -> NDArray[np.int64]:
        if system in _PARALLEL:
            return tai_from_labels(label_ns, _PARALLEL[system])
        if system in _ELAPSED:
            origin = self._origin()
            start = parse_epochs([origin.reading], system, self.where)
            elapsed = label_ns - int(start.day[0] * NS_PER_DAY + start.day_ns[0])
            if origin.rate != 1.0:
                elapsed = np.rint(elapsed / origin.rate).astype(np.int64)
            return np.asarray(elapsed + origin.tai_ns)
        instants = label_ns.copy()
        for _ in range(4):  # the scales run within 2e-8 of TAI: each pass gains seven digits
            instants = label_ns - self._label_minus_tai_ns(instants, system)
        return np.asarray(instants)

    def _label_minus_tai_ns(self, tai_ns: NDArray[np.int64], system: str) -> NDArray[np.int64]:
        if system == "UT1" and self.earth_orientation is not None:
            offset_s = ut1_minus_tai_s(tai_ns, self.leap_seconds, self.earth_orientation)
            return np.rint(offset_s * 1e9).astype(np.int64)
        tt_ns = labels_from_tai(tai_ns, TimeScale.TT)
        if system == "TCG":
            return np.asarray(tt_ns - tai_ns + _drift_ns(tt_ns - _COORDINATE_START_NS, "TCG"))
        tdb_ns = tt_ns + np.rint(tdb_minus_tt_s(tai_ns) * 1e9).astype(np.int64)
        if system == "TCB":
            return np.asarray(
                tdb_ns
                - tai_ns
                - _TDB_ZERO_NS
                + _drift_ns(tdb_ns - _TDB_ZERO_NS - _COORDINATE_START_NS, "TCB")
            )
        return np.asarray(tdb_ns - tai_ns)

    # core to message

    def epochs(self, tai_ns: ArrayLike) -> Epochs:
        """Return the labels of instants in this time system; raises as `instants`."""
        instants = as_instants(tai_ns)
        system = self.time_system.upper()
        if system == "UTC":
            day, day_ns = utc_day_and_ns(instants, self.leap_seconds, self.where)
            return Epochs(np.atleast_1d(day), np.atleast_1d(day_ns), self.time_system)
        self._require_known(system)
        flat = np.atleast_1d(instants)
        if system in _PARALLEL:
            label = labels_from_tai(flat, _PARALLEL[system])
        elif system in _ELAPSED:
            origin = self._origin()
            start = parse_epochs([origin.reading], system, self.where)
            elapsed = flat - origin.tai_ns
            if origin.rate != 1.0:
                elapsed = np.rint(elapsed * origin.rate).astype(np.int64)
            label = elapsed + int(start.day[0] * NS_PER_DAY + start.day_ns[0])
        else:
            label = flat + self._label_minus_tai_ns(flat, system)
            label = label + (flat - self._tai(label, system))
        day, day_ns = np.divmod(label, NS_PER_DAY)
        return Epochs(day, day_ns, self.time_system)

    def text(self, tai_ns: int) -> str:
        """Return the epoch of one instant as text, as many decimals as it needs (none, 3, 6 or 9)."""
        return self.texts(np.array([tai_ns], dtype=np.int64))[0]

    def texts(self, tai_ns: NDArray[np.int64]) -> list[str]:
        """Return the epochs of instants as texts, all with as many decimals as the finest needs."""
        if not np.size(tai_ns):
            return []
        epochs = self.epochs(tai_ns)
        return epoch_texts(epochs)


def epoch_texts(epochs: Epochs) -> list[str]:
    """Return epochs as texts ``YYYY-MM-DDThh:mm:ss[.d]``, all with 0, 3, 6 or 9 decimals as needed."""
    rest = epochs.day_ns % NS_PER_S
    decimals = next(count for count in (0, 3, 6, 9) if not bool((rest % 10 ** (9 - count)).any()))
    second = np.minimum(epochs.day_ns // NS_PER_S, 86_399)
    leap = epochs.day_ns // NS_PER_S - second  # 1 within a leap second
    moments = (epochs.day.astype("datetime64[D]") + second.astype("timedelta64[s]")).astype("datetime64[s]")
    texts = np.datetime_as_string(moments).tolist()
    if bool(leap.any()):
        texts = [
            f"{text[:-2]}{59 + int(extra)}" if extra else text
            for text, extra in zip(texts, leap.tolist(), strict=True)
        ]
    if decimals == 0:
        return list(texts)
    fractions = (rest // 10 ** (9 - decimals)).tolist()
    return [f"{text}.{part:0{decimals}d}" for text, part in zip(texts, fractions, strict=True)]


def _drift_ns(elapsed_ns: NDArray[np.int64], system: str) -> NDArray[np.int64]:
    """Return how far TCG (TCB) has run away from TT (TDB), given elapsed ns of the slower scale."""
    rate = _COORDINATE_RATES[system]
    return np.asarray(np.rint(elapsed_ns * float(rate / (1 - rate))).astype(np.int64))
