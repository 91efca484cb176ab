"""Time systems of messages against ERFA; clocks that need an origin; epochs there and back."""

from __future__ import annotations

import erfa
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syzygy.astro.time import parse_utc
from syzygy.base.errors import FormatError, MissingDataError, TimeScaleError
from syzygy.data import build_almanac
from syzygy.formats.ccsds.clocks import ClockOrigin, MessageClock
from syzygy.formats.ccsds.epochs import parse_epochs

ALMANAC = build_almanac(("leap_seconds", "earth_orientation"))
LEAP_SECONDS, ORIENTATION = ALMANAC.leap_seconds, ALMANAC.earth_orientation
SYSTEMS = ("UTC", "TAI", "TT", "TDB", "GPS", "TCG", "TCB", "UT1")
START = parse_utc("2020-06-25T12:00:00", LEAP_SECONDS)


def _clock(system: str) -> MessageClock:
    return MessageClock(system, LEAP_SECONDS, ORIENTATION)


@pytest.mark.slow
@pytest.mark.parametrize("system", SYSTEMS)
@given(seconds=st.integers(-(10**9), 10**8), nanoseconds=st.integers(0, 10**9 - 1))
def test_an_instant_comes_back_from_its_text(system: str, seconds: int, nanoseconds: int) -> None:
    instant = START + seconds * 10**9 + nanoseconds
    clock = _clock(system)
    # TDB, UT1, TCG, TCB run within 2e-8 of TAI: one label in 5e7 is skipped or stands for two instants.
    assert abs(clock.instant(clock.text(instant)) - instant) <= (0 if system in SYSTEMS[:3] else 1)


@pytest.mark.parametrize(("system", "allowed_ns"), [("TCG", 1), ("TCB", 1)])
def test_coordinate_times_agree_with_erfa(system: str, allowed_ns: int) -> None:
    instants = START + np.arange(-40, 5) * 31_557_600 * 10**9 // 2
    labels = _clock(system).epochs(instants)
    tt = instants + 32_184_000_000
    day, ns = np.divmod(tt, 86_400 * 10**9)
    tt1, tt2 = day + 2440587.5, ns / 86_400e9
    if system == "TCG":
        one, two = erfa.tttcg(tt1, tt2)
    else:
        tdb = erfa.dtdb(tt1, tt2, 0.0, 0.0, 0.0, 0.0)
        one, two = erfa.tdbtcb(*erfa.tttdb(tt1, tt2, tdb))
    expected_ns = (one - 2440587.5 - labels.day) * 86_400e9 + two * 86_400e9
    # two is a fraction of a day in a double: 1e-16 of a day is 10 ps
    assert np.abs(expected_ns - labels.day_ns).max() <= allowed_ns + 20.0


def test_leap_seconds_have_their_own_label() -> None:
    moment = parse_utc("2016-12-31T23:59:60.25", LEAP_SECONDS)
    assert _clock("UTC").text(moment) == "2016-12-31T23:59:60.250"
    with pytest.raises(TimeScaleError, match="leap second"):
        _clock("TAI").instant("2016-12-31T23:59:60")


@pytest.mark.parametrize("system", ["MET", "MRT", "SCLK", "GMST"])
def test_mission_clocks_need_an_origin(system: str) -> None:
    with pytest.raises(TimeScaleError, match="clock runs"):
        _clock(system).instants(parse_epochs(["2000-001T00:00:10"], system))
    clock = MessageClock(system, LEAP_SECONDS, origin=ClockOrigin("2000-001T00:00:00", START, 1.5))
    assert clock.instant("2000-001T00:00:15") == START + 10 * 10**9
    assert clock.text(START + 10 * 10**9) == "2000-01-01T00:00:15"
    counted = MessageClock(system, LEAP_SECONDS, origin=ClockOrigin("1000.5", START))
    assert counted.instant("1002.5") == START + 2 * 10**9


def test_what_cannot_be_an_instant_is_refused() -> None:
    with pytest.raises(MissingDataError, match="Earth orientation"):
        MessageClock("UT1", LEAP_SECONDS).instant("2020-01-01T00:00:00")
    with pytest.raises(TimeScaleError, match="TDR"):
        _clock("TDR").instant("2020-01-01T00:00:00")
    with pytest.raises(TimeScaleError, match="origin"):
        _clock("UTC").instant("12.5")
    with pytest.raises(FormatError, match="nanosecond"):
        MessageClock("UTC", LEAP_SECONDS, zero_tai_ns=START).instant("0.0000000001")
    assert MessageClock("UTC", LEAP_SECONDS, zero_tai_ns=START).instant("1.5") == START + 1_500_000_000
