"""RINEX navigation: counts of an independent counter, scales, health, rejected records, and fuzz."""

from __future__ import annotations

import contextlib
import csv
import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syzygy.astro.time import TimeScale, parse_utc, week_and_ns
from syzygy.base.errors import FormatError, SyzygyError
from syzygy.data import build_almanac
from syzygy.formats.navigation_messages import NavigationMessages
from syzygy.formats.rinex_nav import read_rinex_nav

CORPUS = Path(__file__).resolve().parent.parent / "data" / "satellites" / "corpus"
LEAP_SECONDS = build_almanac(("leap_seconds",)).leap_seconds
MIXED = (CORPUS / "nav" / "AMEL00NLD_R_20210010000_01D_MN.rnx").read_bytes()
BEIDOU = (CORPUS / "nav" / "Example_Beidou_Rinex400.n").read_bytes()
GLONASS = (CORPUS / "nav" / "Example_Glonass_Rinex400.n").read_bytes()


def _manifest(folder: str, expect: str) -> list[dict[str, str]]:
    lines = (CORPUS / "manifest.csv").read_text().splitlines()
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    return [r for r in rows if r["expect"] == expect and r["file"].startswith(f"corpus/{folder}/")]


def _read(content: bytes) -> NavigationMessages:
    return read_rinex_nav(content, LEAP_SECONDS, name="test.rnx")


@pytest.fixture(scope="module")
def day(repository: Path) -> NavigationMessages:
    place = repository / "examples" / "joint-programme" / "inputs" / "satellites"
    return _read((place / "ESBC00DNK_R_20201770000_01D_MN.rnx.gz").read_bytes())


@pytest.mark.parametrize("row", _manifest("nav", "read"), ids=lambda row: Path(row["file"]).name)
def test_records_are_counted_as_by_the_independent_counter(row: dict[str, str]) -> None:
    messages = _read((CORPUS.parent / row["file"]).read_bytes())
    assert messages.record_count == int(row["records"])
    assert messages.rejected == ()
    assert messages.version == row["version"]
    for kind in ("EPH", "STO", "EOP", "ION"):
        if f" {kind}" in row["note"]:
            told = int(row["note"].split(f" {kind}")[0].split()[-1])
            other = sum(count for name, _, count in messages.others if name == kind)
            decoded = len(messages.keplerian.satellite) + len(messages.glonass.satellite)
            assert other + (decoded if kind == "EPH" else 0) == told


@pytest.mark.parametrize(
    "row",
    [r for r in _manifest("reject", "reject") if r["file"].endswith(".n")],
    ids=lambda row: Path(row["file"]).name,
)
def test_broken_files_are_refused_at_their_line(row: dict[str, str]) -> None:
    with pytest.raises(FormatError) as caught:
        _read((CORPUS.parent / row["file"]).read_bytes())
    assert f"line {row['records']}" in caught.value.where


def test_the_merged_day_of_all_messages_is_counted(shared_data: Path) -> None:
    place = shared_data / "satellites" / "rinex4" / "BRD400DLR_S_20230710000_01D_MN.rnx.gz"
    messages = _read(place.read_bytes())
    others = {(kind, what): count for kind, what, count in messages.others}
    # SOURCES.md beside the file: 20,110 EPH, 126 STO, 32 EOP, 130 ION records, 9,072 of the EPH SBAS.
    assert messages.record_count == 20_110 + 126 + 32 + 130
    assert others["EPH", "S SBAS"] == 9_072
    assert messages.rejected == ()
    assert int(np.sum(messages.keplerian.message == "D2")) == 168


def test_the_real_day_has_the_noted_traits(day: NavigationMessages) -> None:
    keplerian = day.keplerian
    galileo = np.array([name[0] == "E" for name in keplerian.satellite])
    old_pair = galileo & np.isin(keplerian.satellite, ["E14", "E18"])
    assert set(keplerian.satellite[keplerian.message == "D2"]) == {"C05"}
    assert bool(day.glonass.healthy.all())
    assert bool((~keplerian.healthy[old_pair]).all())
    assert set(keplerian.message[galileo]) == {"INAV", "FNAV"}


def test_beidou_reference_time_carries_its_fourteen_seconds() -> None:
    messages = _read(BEIDOU).keplerian
    week, ns = week_and_ns(messages.reference_tai_ns, TimeScale.BDT)
    assert week.tolist() == [874] * 4
    assert (ns // 1_000_000_000).tolist() == [259200, 262800, 259200, 262800]
    assert int(messages.reference_tai_ns[0]) == parse_utc("2022-10-04T23:59:56", LEAP_SECONDS)


def test_glonass_records_are_dated_in_utc_and_given_in_metres() -> None:
    messages = _read(GLONASS).glonass
    assert int(messages.reference_tai_ns[0]) == parse_utc("2022-10-05T00:15:00", LEAP_SECONDS)
    assert messages.position_m[0].tolist() == pytest.approx(
        [-6686352.539062, -15373006.34766, 19223007.8125], abs=10
    )
    assert messages.velocity_m_s[0, 0] == pytest.approx(370.2297210693)
    assert messages.channel.tolist() == [1, 1]


def test_a_toe_across_the_week_end_is_placed_in_the_nearest_week() -> None:
    content = BEIDOU.replace(b"C06 2022 10 05 00 00 00", b"C06 2022 10 08 23 59 50", 1)
    content = content.replace(b"     2.592000000000e+05-9.22", b"     0.000000000000e+00-9.22", 1)
    messages = _read(content).keplerian
    assert int(messages.reference_tai_ns[0] - messages.clock_reference_tai_ns[0]) == 10_000_000_000


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b".649346986580e+04", b".649346986580e-04", "semi-major axis"),
        (b".649346986580e+04", b".64934698x580e+04", "not a number"),
        (b".649346986580e+04", b"                 ", "blank"),
        (b"C05 2021 01 01 00", b"C05 2021 13 01 00", "calendar"),
        (b"      .432000000000e+06  .105", b"      .932000000000e+06  .105", "second of the week"),
    ],
)
def test_a_bad_record_is_listed_with_its_line_and_the_rest_is_used(
    old: bytes, new: bytes, reason: str
) -> None:
    assert old in MIXED
    messages = _read(MIXED.replace(old, new, 1))
    (rejected,) = messages.rejected
    assert rejected.line == 15
    assert reason in rejected.reason
    assert "C05" in rejected.reason
    assert messages.record_count == 6


def test_a_record_that_is_cut_short_is_listed() -> None:
    lines = MIXED.splitlines(keepends=True)
    messages = _read(b"".join([*lines[:17], *lines[19:]]))
    assert [item.line for item in messages.rejected] == [15]
    assert "6 lines where 8 are due" in messages.rejected[0].reason


def test_a_filled_health_field_of_glonass_makes_it_unhealthy() -> None:
    ill = GLONASS.replace(
        b"9.313225746155e-10 0.000000000000e+00\n", b"9.313225746155e-10 1.000000000000e+00\n", 1
    )
    assert _read(ill).glonass.healthy.tolist().count(False) == 1


def test_a_date_beyond_the_leap_seconds_rejects_the_record_only() -> None:
    messages = _read(GLONASS.replace(b"R01 2022 10 05 00 15", b"R01 2202 10 05 00 15", 1))
    assert len(messages.rejected) == 1
    assert messages.glonass.satellite.tolist() == ["R01"]


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n", b"     3.05", b"\xfe" * 200, gzip.compress(MIXED, mtime=0)[:50]],
    ids=["empty", "blank", "cut", "binary", "cut gzip"],
)
def test_what_is_no_navigation_file_is_refused(content: bytes) -> None:
    with pytest.raises(FormatError):
        _read(content)


@given(data=st.data())
def test_any_mutation_reads_or_raises_our_error(data: st.DataObject) -> None:
    source = data.draw(st.sampled_from([MIXED, BEIDOU, GLONASS]))
    place = data.draw(st.integers(0, len(source) - 1))
    new = data.draw(st.binary(max_size=6))
    mutated = source[:place] + new + source[place + data.draw(st.integers(0, 90)) :]
    with contextlib.suppress(SyzygyError):
        messages = _read(mutated)
        assert np.isfinite(messages.keplerian.semi_major_axis_m).all()
        assert np.isfinite(messages.glonass.position_m).all()
