"""Reading CelesTrak space weather: columns, classes, and what is refused."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syzygy.astro.environment.space_weather import DAILY_PREDICTED, MONTHLY_PREDICTED, OBSERVED
from syzygy.base.errors import FormatError
from syzygy.formats.space_weather import read_space_weather


@pytest.fixture(scope="module")
def excerpt(test_data: Path) -> bytes:
    return (test_data / "materials" / "space_weather_excerpt.txt").read_bytes()


def test_the_columns_are_those_of_the_format_statement(excerpt: bytes) -> None:
    weather = read_space_weather(excerpt)
    row = int(np.flatnonzero(weather.utc_day == np.datetime64("2025-07-20", "D").astype(np.int64))[0])
    # 2025 07 20 2617 24 10 10  7 13 13 13  3 13  83   4   4   3   5   5   5   2   5   4 0.1 0 159 155.1 ...
    np.testing.assert_allclose(weather.kp[row], [1.0, 1.0, 0.7, 1.3, 1.3, 1.3, 0.3, 1.3])
    np.testing.assert_array_equal(weather.ap[row], [4, 4, 3, 5, 5, 5, 2, 5])
    assert weather.ap_daily[row] == 4
    assert weather.f107_adjusted_sfu[row] == 155.1
    assert weather.f107_observed_sfu[row] == 150.3
    assert weather.f107_mean81_centred_sfu[row] == 128.9


def test_every_day_keeps_its_class_and_a_forecast_is_not_an_observation(excerpt: bytes) -> None:
    weather = read_space_weather(excerpt)
    counts = [int(np.sum(weather.kind == kind)) for kind in (OBSERVED, DAILY_PREDICTED, MONTHLY_PREDICTED)]
    assert counts == [142, 5, 3]
    monthly = weather.kind == MONTHLY_PREDICTED
    assert np.all(np.isnan(weather.ap[monthly]))
    assert not np.any(np.isnan(weather.ap[~monthly]))


def test_the_whole_record_has_the_announced_counts(shared_data: Path) -> None:
    weather = read_space_weather(
        (shared_data / "materials" / "spaceweather" / "SW-All.txt.gz").read_bytes(), name="SW-All.txt.gz"
    )
    assert [int(np.sum(weather.kind == k)) for k in range(3)] == [24765, 39, 194]
    assert weather.span == "1957-10-01 to 2025-07-20 observed"


def test_gzip_and_line_ends_do_not_matter(excerpt: bytes) -> None:
    plain = read_space_weather(excerpt)
    for other in (gzip.compress(excerpt), excerpt.replace(b"\n", b"\r\n")):
        again = read_space_weather(other)
        np.testing.assert_array_equal(again.utc_day, plain.utc_day)
        np.testing.assert_array_equal(again.ap, plain.ap)


def test_the_csv_form_gives_the_same_record(excerpt: bytes) -> None:
    plain = read_space_weather(excerpt)
    again = read_space_weather(_as_csv(excerpt))
    for name in ("utc_day", "kp", "ap", "ap_daily", "f107_observed_sfu", "f107_mean81_centred_sfu", "kind"):
        np.testing.assert_array_equal(getattr(again, name), getattr(plain, name), err_msg=name)


def _as_csv(excerpt: bytes) -> bytes:
    codes = {"OBSERVED": "OBS", "DAILY_PREDICTED": "PRD", "MONTHLY_PREDICTED": "PRM"}
    out = io.StringIO()
    heads = [f"KP{i}" for i in range(1, 9)] + [f"AP{i}" for i in range(1, 9)]
    out.write(
        ",".join(
            ["DATE", *heads, "AP_AVG", "F10.7_OBS", "F10.7_ADJ", "F10.7_DATA_TYPE", "F10.7_OBS_CENTER81"]
        )
    )
    out.write("\n")
    block = ""
    for line in excerpt.decode().splitlines():
        if line.startswith("BEGIN"):
            block = codes[line.split()[1]]
        if line[:2] == "20":
            kp = [line[18 + 3 * i : 21 + 3 * i].strip() for i in range(8)]
            ap = [line[46 + 4 * i : 50 + 4 * i].strip() for i in range(8)]
            date = f"{line[:4]}-{line[5:7]}-{line[8:10]}"
            rest = [line[78:82].strip(), line[112:118].strip(), line[92:98].strip(), block]
            out.write(",".join([date, *kp, *ap, *rest, line[118:124].strip()]) + "\n")
    return out.getvalue().encode()


@pytest.mark.parametrize(
    ("old", "new", "what", "line"),
    [
        (b"2025 05 05", b"2025 13 05", "date", 83),
        (b"2025 05 05", b"2025 05 04", "order", 83),
        (b"\n2025 05 05 ", b"\n2025 05 05", "length", 83),
        (b"END OBSERVED", b"END SOMETHING", "END without", 160),
        (b"NUM_OBSERVED_POINTS 142", b"NUM_OBSERVED_POINTS 143", "announces", 160),
        (b"NUM_OBSERVED_POINTS 142", b"NUM_OBSERVED_POINTS ?", "count", 16),
        (b"BEGIN OBSERVED", b"BEGIN GUESSED", "unknown block", 17),
    ],
)
def test_a_damaged_line_is_named(excerpt: bytes, old: bytes, new: bytes, what: str, line: int) -> None:
    assert old in excerpt
    with pytest.raises(FormatError) as caught:
        read_space_weather(excerpt.replace(old, new, 1), name="sw.txt")
    assert what in str(caught.value)
    assert caught.value.where == f"sw.txt:{line}"


@pytest.mark.parametrize(
    ("columns", "text", "what"),
    [
        (slice(113, 118), b"abc.d", "not a number"),
        (slice(113, 118), b"  nan", "not a number"),
        (slice(113, 118), b"   inf"[1:], "out of range"),
        (slice(113, 118), b" -99.", "out of range"),
        (slice(19, 21), b"95", "out of range"),
        (slice(47, 50), b"900", "out of range"),
    ],
)
def test_an_impossible_value_is_refused(excerpt: bytes, columns: slice, text: bytes, what: str) -> None:
    lines = excerpt.split(b"\n")
    row = next(i for i, line in enumerate(lines) if line.startswith(b"2025 05 05"))
    lines[row] = lines[row][: columns.start] + text + lines[row][columns.stop :]
    with pytest.raises(FormatError, match=what) as caught:
        read_space_weather(b"\n".join(lines))
    assert caught.value.where == f"line {row + 1}"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "no space weather file"),
        (b"1 25544U 98067A", "no space weather file"),
        (b"DATATYPE CssiSpaceWeather\nVERSION 1.2\n", "no days"),
        (b"\x1f\x8bnonsense", "gzip"),
        (b"DATATYPE \xff", "not ASCII"),
        (b"DATE,KP1\n2025-01-01,3\n", "columns are missing"),
    ],
)
def test_another_kind_of_file_is_refused(content: bytes, what: str) -> None:
    with pytest.raises(FormatError, match=what):
        read_space_weather(content)


def test_a_gzip_file_cut_short_is_refused(excerpt: bytes) -> None:
    packed = gzip.compress(excerpt)
    with pytest.raises(FormatError, match="cut short"):
        read_space_weather(packed[: len(packed) // 2])


def test_gzip_members_in_a_row_are_read_to_the_last(excerpt: bytes) -> None:
    half = len(excerpt) // 2
    joined = gzip.compress(excerpt[:half]) + gzip.compress(excerpt[half:])
    assert len(read_space_weather(joined)) == len(read_space_weather(excerpt))


def test_a_gzip_bomb_is_refused_before_it_unfolds() -> None:
    bomb = gzip.compress(b"DATATYPE" + bytes(80 << 20), compresslevel=1)
    with pytest.raises(FormatError, match="too large"):
        read_space_weather(bomb)


@given(data=st.data())
def test_a_cut_or_altered_file_is_read_or_refused_but_never_crashes(
    excerpt: bytes, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(excerpt) - 1))
    damage = data.draw(st.binary(max_size=8))
    damaged = excerpt[:place] + damage + (b"" if data.draw(st.booleans()) else excerpt[place + len(damage) :])
    try:
        weather = read_space_weather(damaged)
    except FormatError:
        return
    assert len(weather) > 0
