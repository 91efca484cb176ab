"""The IERS tables: known rows, agreement of the files, damage named by line, nothing breaks the readers."""

from __future__ import annotations

from pathlib import Path

import astropy_iers_data
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syzygy.astro.constants import ARCSECOND_RAD
from syzygy.astro.time import format_utc
from syzygy.base.errors import InputError
from syzygy.formats.iers import read_eop_c04, read_finals2000a, read_leap_seconds

PLACE = Path(astropy_iers_data.__file__).parent / "data"
AGREEMENT_RAD = 1e-3 * ARCSECOND_RAD
"""Bulletin A and EOP C04 are two analyses: they agree to a fraction of a milliarcsecond."""

FINALS_ROWS = (
    b"73 1 2 41684.00 I  0.120733 0.009786  0.136966 0.015902  I 0.808"
    b"4178 0.0002710  0.0000 0.1916  P    -0.766    0.199    -0.720   "
    b" 0.300   .143000   .137000   .8075000   -18.637    -3.667  \n"
    b"73 1 3 41685.00 I  0.118980 0.011039  0.135656 0.013616  I 0.805"
    b"6163 0.0002710  3.5563 0.1916  P    -0.751    0.199    -0.701   "
    b" 0.300   .141000   .134000   .8044000   -18.636    -3.571  \n"
    b"73 1 4 41686.00 I  0.117227 0.011039  0.134348 0.013616  I 0.802"
    b"7895 0.0002710  2.6599 0.1916  P    -0.762    0.199    -0.662   "
    b" 0.300   .139000   .131000   .8012000   -18.669    -3.621  \n"
    b"73 1 5 41687.00 P  0.115473 0.009743  0.133044 0.013089  P 0.799"
    b"8729 0.0002710                 P                                "
    b"                                                          \n"
    b"73 1 6 41688.00                                                 "
    b"                                                                "
    b"                                                          \n"
)


def test_the_fields_of_finals2000a_are_read_from_their_columns():
    table = read_finals2000a(FINALS_ROWS)
    assert table.mjd_utc.tolist() == [41_684, 41_685, 41_686, 41_687]
    assert table.ut1_minus_utc_s.tolist() == [0.8084178, 0.8056163, 0.8027895, 0.7998729]
    assert table.pole_x_rad[0] == pytest.approx(0.120733 * ARCSECOND_RAD, rel=1e-15)
    assert table.pole_y_rad[1] == pytest.approx(0.135656 * ARCSECOND_RAD, rel=1e-15)
    assert table.celestial_dx_rad[:2] == pytest.approx(np.array([-0.766e-3, -0.751e-3]) * ARCSECOND_RAD)
    assert table.celestial_dy_rad[0] == pytest.approx(-0.720e-3 * ARCSECOND_RAD)
    assert table.excess_lod_s[1] == pytest.approx(3.5563e-3)
    assert table.predicted.tolist() == [False, False, False, True]


def test_blank_fields_of_predictions_are_continued():
    table = read_finals2000a(FINALS_ROWS)
    assert table.celestial_dx_rad[3] == table.celestial_dx_rad[2]
    assert table.excess_lod_s[3] == pytest.approx(0.8027895 - 0.7998729, abs=1e-9)


def test_both_series_tell_the_same_earth():
    c04 = read_eop_c04((PLACE / "eopc04.1962-now").read_bytes())
    finals = read_finals2000a((PLACE / "finals2000A.all").read_bytes())
    first, last = 57_000, int(c04.mjd_utc[-1]) - 60
    ours, theirs = (
        {day: row for row, day in enumerate(table.mjd_utc) if first <= day <= last} for table in (c04, finals)
    )
    left, right = np.array(list(ours.values())), np.array([theirs[day] for day in ours])
    for name in ("pole_x_rad", "pole_y_rad", "celestial_dx_rad", "celestial_dy_rad"):
        assert np.abs(getattr(c04, name)[left] - getattr(finals, name)[right]).max() < AGREEMENT_RAD
    ut1_s = np.abs(c04.ut1_minus_utc_s[left] - finals.ut1_minus_utc_s[right])
    assert ut1_s.max() < 3e-4
    assert np.median(ut1_s) < 2e-5
    lod_s = np.abs(c04.excess_lod_s[left] - finals.excess_lod_s[right])
    assert lod_s.max() < 3e-4
    assert np.median(lod_s) < 2e-5
    assert not c04.predicted.any()
    assert 200 < np.count_nonzero(finals.predicted) < 500


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        (b" 0.118980", b" 0.11898o", "line 2, columns 19-27"),
        (b" 0.118980", b"         ", "line 2"),
        (b"41685.00 I", b"41685.00 X", "line 2"),
        (b"41686.00", b"41696.00", "after MJD 41685"),
        (b"41684.00", b"41684.50", "after MJD"),
        (b" 0.8056163", b"-nan000000", "line 2"),
    ],
)
def test_damage_is_named_by_its_place(old, new, place):
    with pytest.raises(InputError) as caught:
        read_finals2000a(FINALS_ROWS.replace(old, new), name="finals")
    assert place in (caught.value.where + str(caught.value.value))
    assert caught.value.allowed


@pytest.mark.parametrize("reader", [read_finals2000a, read_eop_c04, read_leap_seconds])
def test_empty_and_binary_content_is_refused(reader):
    for content in (b"", b"\n\n", b"\x1f\x8b\x08\x00", b"<html>not found</html>"):
        with pytest.raises(InputError):
            reader(content)


def test_a_cut_row_of_c04_is_named():
    lines = (PLACE / "eopc04.1962-now").read_bytes().splitlines(keepends=True)[:40]
    with pytest.raises(InputError, match="EOP C04 cannot be read") as caught:
        read_eop_c04(b"".join([*lines[:20], lines[20][:40] + b"\n", *lines[21:]]))
    assert "line 21" in caught.value.where


def test_leap_seconds_of_iers_carry_their_expiry():
    table = read_leap_seconds((PLACE / "Leap_Second.dat").read_bytes())
    assert (int(table.tai_minus_utc_s[0]), int(table.tai_minus_utc_s[-1])) == (10, 37)
    assert np.datetime64(int(table.start_utc_day[-1]), "D") == np.datetime64("2017-01-01")
    text = (PLACE / "Leap_Second.dat").read_text()
    day = text.split("expires on ")[1].split()[0]
    assert format_utc(table.expires_tai_ns - 1, table, 9)[8:10] == f"{int(day) - 1:02d}"


def test_the_kernel_of_naif_holds_the_same_table(shared_data):
    iers = read_leap_seconds((PLACE / "Leap_Second.dat").read_bytes())
    naif = read_leap_seconds((shared_data / "exploration" / "frames" / "naif0012.tls").read_bytes())
    assert np.array_equal(iers.start_utc_day, naif.start_utc_day)
    assert np.array_equal(iers.tai_minus_utc_s, naif.tai_minus_utc_s)
    assert naif.expires_tai_ns < iers.expires_tai_ns


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"57754.0", b"57755.0"),
        (b"57754.0    1  1 2017       37", b"57754.0    1  1 2017"),
        (b"57754.0    1  1 2017       37", b"57754.0    1  1 2017       39"),
        (b"57754.0    1  1 2017       37", b"57754.0    1 13 2017       37"),
        (b"expires on", b"holds until"),
    ],
)
def test_damaged_leap_seconds_are_refused(old, new):
    content = (PLACE / "Leap_Second.dat").read_bytes()
    assert old in content
    with pytest.raises(InputError):
        read_leap_seconds(content.replace(old, new))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 900), st.binary(min_size=1, max_size=6))
def test_no_damage_breaks_the_readers(position, junk):
    leap = (PLACE / "Leap_Second.dat").read_bytes()
    for reader, content in ((read_finals2000a, FINALS_ROWS), (read_leap_seconds, leap)):
        damaged = content[:position] + junk + content[position + len(junk) :]
        try:
            table = reader(damaged)
        except InputError:
            continue
        assert table is not None
