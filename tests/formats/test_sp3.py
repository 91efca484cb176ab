"""SP3: counts of an independent counter, units, missing marks, refusals with their line, and fuzz."""

from __future__ import annotations

import contextlib
import csv
import gzip
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syzygy.astro.time import LeapSeconds, parse_utc
from syzygy.base.errors import FormatError, SyzygyError
from syzygy.data import build_almanac
from syzygy.formats.sp3 import PreciseOrbits, read_sp3

CORPUS = Path(__file__).resolve().parent.parent / "data" / "satellites" / "corpus"
LEAP_SECONDS = build_almanac(("leap_seconds",)).leap_seconds
EXAMPLE = (CORPUS / "sp3" / "example-c-2.sp3").read_bytes()


def _manifest(folder: str, expect: str) -> list[dict[str, str]]:
    lines = (CORPUS / "manifest.csv").read_text().splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    wanted = [r for r in rows if r["expect"] == expect and r["file"].startswith(f"corpus/{folder}/")]
    return [r for r in wanted if ".sp3" in r["file"] and not r["file"].endswith(".Z")]


def _read(content: bytes) -> PreciseOrbits:
    return read_sp3(content, LEAP_SECONDS, name="test.sp3")


@pytest.mark.parametrize("row", _manifest("sp3", "read"), ids=lambda row: Path(row["file"]).name)
def test_epochs_and_records_are_counted_as_by_the_independent_counter(row: dict[str, str]) -> None:
    content = (CORPUS.parent / row["file"]).read_bytes()
    text = gzip.decompress(content) if row["file"].endswith(".gz") else content
    orbits = _read(content)
    marked_missing = len(re.findall(rb"(?m)^P.{3}(?: +0\.0+ *){3}", text))
    assert orbits.epoch_tai_ns.size == int(row["epochs"])
    assert int(orbits.position_known.sum()) + marked_missing == int(row["records"])
    assert orbits.version == row["version"]
    assert (orbits.velocity_m_s is not None) == (row["note"] == "velocity records")


@pytest.mark.parametrize("row", _manifest("reject", "reject"), ids=lambda row: Path(row["file"]).name)
def test_broken_files_are_refused_at_their_line(row: dict[str, str]) -> None:
    with pytest.raises(FormatError) as caught:
        _read((CORPUS.parent / row["file"]).read_bytes())
    assert caught.value.where
    assert caught.value.allowed
    if row["records"]:
        assert f"line {row['records']}" in caught.value.where


def test_unix_compress_is_refused_with_a_hint_and_reads_when_unpacked(shared_data: Path) -> None:
    packed = (shared_data / "satellites" / "corpus" / "sp3" / "gbm18432.sp3.Z").read_bytes()
    with pytest.raises(FormatError, match="gzip -d"):
        _read(packed)
    unpacked = subprocess.run(["gzip", "-dc"], input=packed, capture_output=True, check=True).stdout
    orbits = _read(unpacked)
    assert orbits.position_m.shape == (288, 71, 3)
    assert int(orbits.position_known.sum()) == 20448


def test_units_are_metres_seconds_and_metres_per_second() -> None:
    orbits = _read(EXAMPLE)
    assert orbits.satellites[0] == "G01"
    assert orbits.position_m[0, 0].tolist() == pytest.approx([-11044805.8, -10475672.35, 21929418.2])
    assert orbits.clock_s[0, 0] == pytest.approx(189.1633e-6)
    assert orbits.velocity_m_s is not None
    assert orbits.velocity_m_s[0, 0].tolist() == pytest.approx([2029.8880364, -1846.2044804, 138.1387685])
    assert orbits.position_sigma_m is not None
    assert orbits.position_sigma_m[0, 0].tolist() == pytest.approx([0.055, 0.055, 0.055])
    assert orbits.accuracy_m[0] == pytest.approx(0.128)
    assert orbits.manoeuvre[0].tolist()[:2] == [False, True]


def test_gps_time_is_placed_on_the_atomic_scale(repository: Path) -> None:
    place = repository / "examples" / "joint-programme" / "inputs" / "satellites"
    orbits = _read((place / "Sta21114.sp3.gz").read_bytes())
    # tests/data/satellites/time_scales.csv: GPST 2020-06-25T00:00:00 is UTC 2020-06-24T23:59:42.
    assert int(orbits.epoch_tai_ns[0]) == parse_utc("2020-06-24T23:59:42", LEAP_SECONDS)
    assert len(orbits.satellites) == 121
    assert int((~orbits.clock_known).sum()) == 118
    assert {orbits.satellites[k][0] for k in np.flatnonzero((~orbits.clock_known).any(axis=0))} == {"C"}


@pytest.mark.parametrize(
    ("scale", "shift_s"), [("GPS", 0), ("GAL", 0), ("BDT", 14), ("TAI", -19), ("UTC", 13)]
)
def test_time_systems_differ_by_whole_seconds(scale: str, shift_s: int) -> None:
    reference = _read(EXAMPLE).epoch_tai_ns
    moved = _read(EXAMPLE.replace(b"cc GPS", b"cc " + scale.encode())).epoch_tai_ns
    assert np.all(moved - reference == shift_s * 1_000_000_000)


def test_missing_positions_and_clocks_are_masked_not_zero() -> None:
    content = EXAMPLE.replace(b"  10170.327650", b"      0.000000").replace(
        b" -12593.593500", b"      0.000000"
    )
    content = content.replace(b" -20354.534400    -55.976000", b"      0.000000 999999.999999")
    orbits = _read(content)
    column = orbits.satellites.index("G02")
    assert not orbits.position_known[0, column]
    assert np.isnan(orbits.position_m[0, column]).all()
    assert not orbits.clock_known[0, column]
    assert np.isnan(orbits.clock_s[0, column])


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (b"-11044.805800", b"-11044.8058x0", "not a number"),
        (b"-11044.805800", b"          nan", "not a number"),
        (b"-11044.805800", b"    1_044.800", "not a number"),
        (b"PG02", b"PG01", "two records"),
        (b"PG02", b"Pxx2", "not the name"),
        (b"EOF", b"", "without EOF"),
        (b"%c G  cc GPS", b"%c G  cc XYZ", "time system"),
        (b"   900.00000000", b"     0.00000000", "interval"),
        (b"+   26   G01", b"+   27   G01", "does not agree"),
        (b"*  2001  8  9 23 45", b"*  2001  8  7 23 45", "does not fit the announced interval"),
        (b"*  2001  8  9 23 45", b"*  2001 13  9 23 45", "not a calendar date"),
    ],
)
def test_each_damage_is_named(old: bytes, new: bytes, what: str) -> None:
    assert old in EXAMPLE
    with pytest.raises(FormatError, match=what) as caught:
        _read(EXAMPLE.replace(old, new, 1))
    assert "line" in caught.value.where


@pytest.mark.parametrize("content", [b"", b"\n", b"#d", b"\x1f\x8b\x08", b"\xff" * 100, b"#cP2001"])
def test_what_is_no_sp3_file_is_refused(content: bytes) -> None:
    with pytest.raises(FormatError):
        _read(content)


def test_gzip_gives_the_same_and_a_cut_gzip_is_refused() -> None:
    packed = gzip.compress(EXAMPLE)
    assert np.array_equal(_read(packed).position_m, _read(EXAMPLE).position_m, equal_nan=True)
    with pytest.raises(FormatError, match="cut short"):
        _read(packed[:-20])


@given(
    place=st.integers(0, len(EXAMPLE) - 1),
    new=st.binary(max_size=6),
    length=st.integers(0, 90),
)
def test_any_mutation_reads_or_raises_our_error(place: int, new: bytes, length: int) -> None:
    mutated = EXAMPLE[:place] + new + EXAMPLE[place + length :]
    with contextlib.suppress(SyzygyError):
        orbits = _read(mutated)
        assert np.isfinite(orbits.position_m[orbits.position_known]).all()


def test_leap_seconds_are_asked_only_for_utc() -> None:
    short = LeapSeconds(np.array([17167]), np.array([37]), 1_600_000_000_000_000_000)
    content = EXAMPLE.replace(b"2001  8", b"2031  8")
    assert read_sp3(content, short).epoch_tai_ns.size == 2
    with pytest.raises(SyzygyError, match="leap-second"):
        read_sp3(content.replace(b"cc GPS", b"cc UTC"), short)
