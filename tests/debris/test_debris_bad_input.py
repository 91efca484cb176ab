"""Plausible mistakes: each gets its message, and nothing is dropped in silence."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from syzygy.astro.almanac import Almanac
from syzygy.astro.time import format_utc, parse_utc
from syzygy.base.errors import CoverageError, FormatError, InputError, ProblemList, UnknownNameError
from syzygy.base.provenance import InputFile, bind_input
from syzygy.base.requests import Border, read_request
from syzygy.debris.requests import ScreeningRequest
from syzygy.debris.screening import ScreeningResult, screen_catalogue


def border(almanac: Almanac) -> Border:
    return Border(
        parse_epoch=lambda text: parse_utc(text, almanac.leap_seconds),
        format_epoch=lambda ns: format_utc(ns, almanac.leap_seconds),
        bind_input=lambda text: bind_input(Path(text)),
    )


def sets(sample_file: InputFile, count: int) -> list[list[str]]:
    lines = gzip.decompress(sample_file.read()).decode().splitlines()
    return [lines[3 * k : 3 * k + 3] for k in range(count)]


def run(path: Path, content: list[list[str]], almanac: Almanac, **options: object) -> ScreeningResult:
    path.write_text("\n".join(line for entry in content for line in entry) + "\n")
    start = parse_utc("2022-07-15T00:00:00Z", almanac.leap_seconds)
    values: dict[str, object] = {"start_tai_ns": start, "duration_s": 1800.0, **options}
    return screen_catalogue(ScreeningRequest((bind_input(path),), **values), almanac)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"threshold_km": 5000.0}, "the unit here is km"),
        ({"threshold_km": -5.0}, "value out of range"),
        ({"threshold_km": float("nan")}, "not a finite number"),
        ({"duration_h": 0.0}, "value out of range"),
        ({"duration_h": -24.0}, "value out of range"),
        ({"duration_h": 86400.0}, "the unit here is h"),
        ({"slow_speed_m_s": -1.0}, "value out of range"),
        ({"start_utc": "15.07.2022"}, "start_utc"),
        ({"primaries": [1.5]}, "wrong type of value"),
        ({"treshold_km": 5.0}, "did you mean threshold_km?"),
        ({"catalogues": []}, "no catalogue is given"),
        ({"catalogues": ["/nowhere/catalogue.3le"]}, "does not exist"),
    ],
)
def test_a_wrong_value_is_refused_with_the_way_out(
    values: dict[str, object], word: str, sample_file: InputFile, almanac: Almanac
) -> None:
    given = {"catalogues": [str(sample_file.path)], "start_utc": "2022-07-15T00:00:00Z", **values}
    with pytest.raises(ProblemList) as caught:
        read_request(ScreeningRequest, given, border(almanac))
    assert word in str(caught.value)


def test_an_empty_window_is_refused_by_the_record_too(sample_file: InputFile) -> None:
    with pytest.raises(InputError, match="the window is empty"):
        ScreeningRequest((sample_file,), 0, 0.0)
    with pytest.raises(InputError, match="the threshold is not positive"):
        ScreeningRequest((sample_file,), 0, 60.0, threshold_m=-5000.0)


def test_an_unknown_primary_is_named(sample_file: InputFile, almanac: Almanac, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="999999"):
        run(tmp_path / "few.3le", sets(sample_file, 5), almanac, primaries=("999999",))


def test_a_catalogue_without_any_usable_set_is_refused(almanac: Almanac, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="no usable element set"):
        run(tmp_path / "none.3le", [["0 NOTHING", "1 short", "2 short"]], almanac)
    with pytest.raises(FormatError, match="an empty file"):
        run(tmp_path / "empty.3le", [], almanac)


def test_a_window_years_after_all_epochs_is_refused_or_labelled(
    sample_file: InputFile, almanac: Almanac, tmp_path: Path
) -> None:
    later = parse_utc("2022-09-15T00:00:00Z", almanac.leap_seconds)
    result = run(tmp_path / "stale.3le", sets(sample_file, 30), almanac, start_tai_ns=later)
    assert len(result.stale) == 30
    assert min(row["age_days"] for row in result.stale.rows()) > 30.0
    assert {row["stale"] for row in result.events.rows()} <= {"a and b"}
    assert {f.label: f.value for f in result.key_figures()}["stale element sets"] == "30"


def test_no_object_usable_at_any_time_is_an_error(
    sample_file: InputFile, almanac: Almanac, tmp_path: Path, test_data: Path
) -> None:
    unusable = {33812, 5165}
    text = gzip.decompress(sample_file.read()).decode().splitlines()
    entries = [text[k : k + 3] for k in range(0, len(text), 3)]
    chosen = [e for e in entries if e[1][2:7].strip().isdigit() and int(e[1][2:7]) in unusable]
    assert chosen
    with pytest.raises(CoverageError, match="no object has a usable state"):
        run(tmp_path / "gone.3le", chosen, almanac)


def test_every_set_left_out_is_listed_with_its_line(
    sample_file: InputFile, almanac: Almanac, tmp_path: Path
) -> None:
    good = sets(sample_file, 6)
    broken = [good[0][0], good[0][1], good[0][2][:-1] + str((int(good[0][2][-1]) + 1) % 10)]
    content = [broken, *good[1:], good[3]]
    result = run(tmp_path / "mixed.3le", content, almanac)
    rows = result.left_out.rows()
    assert [(row["line"], row["kind"]) for row in rows] == [(3, "rejected"), (11, "duplicate")]
    assert all(row["file"] == "mixed.3le" for row in rows)
    assert "checksum" in rows[0]["reason"]
    assert "line 20" in rows[1]["reason"]


def test_two_catalogues_are_joined_and_the_older_sets_listed(
    sample_file: InputFile, almanac: Almanac, tmp_path: Path, start_tai_ns: int
) -> None:
    first, second = tmp_path / "a.3le", tmp_path / "b.3le"
    entries = sets(sample_file, 8)
    first.write_text("\n".join(line for e in entries[:5] for line in e))
    second.write_text("\n".join(line for e in entries[3:] for line in e))
    request = ScreeningRequest((bind_input(first), bind_input(second)), start_tai_ns, 600.0)
    result = screen_catalogue(request, almanac)
    assert [(row["file"], row["kind"]) for row in result.left_out.rows()] == [("a.3le", "duplicate")] * 2
    assert result.objects == 8


def test_a_single_object_has_no_approach(sample_file: InputFile, almanac: Almanac, tmp_path: Path) -> None:
    result = run(tmp_path / "one.3le", sets(sample_file, 1), almanac)
    assert len(result.events) == len(result.intervals) == 0
    assert result.objects == 1


def test_omm_with_nine_digit_numbers_is_screened_beside_tle(
    sample_file: InputFile, almanac: Almanac, shared_data: Path, start_tai_ns: int
) -> None:
    omm = bind_input(shared_data / "debris" / "catalogue" / "omm_sample.csv.gz")
    request = ScreeningRequest((omm, sample_file), start_tai_ns, 900.0, threshold_m=50e3)
    result = screen_catalogue(request, almanac)
    numbers = {row["object_a"] for row in result.events.rows()} | {
        row["object_b"] for row in result.events.rows()
    }
    assert max(numbers) > 339_999
    kinds = {row["kind"] for row in result.left_out.rows()}
    assert kinds == {"duplicate"}


def test_of_two_epochs_of_one_object_the_newer_counts_and_the_older_is_listed(
    sample_file: InputFile, almanac: Almanac, tmp_path: Path
) -> None:
    good = sets(sample_file, 4)
    older = [
        good[1][0],
        summed(good[1][1][:20] + f"{float(good[1][1][20:32]) - 1.5:012.8f}" + good[1][1][32:]),
        good[1][2],
    ]
    result = run(tmp_path / "two.3le", [*good, older], almanac)
    rows = result.left_out.rows()
    assert [(row["line"], row["kind"]) for row in rows] == [(14, "superseded")]
    assert "newer one" in rows[0]["reason"]
    assert result.objects == 4


def test_objects_without_a_name_are_screened(
    sample_file: InputFile, almanac: Almanac, tmp_path: Path
) -> None:
    good = sets(sample_file, 6)
    bare = [["0 ", *good[0][1:]], good[1][1:], ["", *good[2][1:]], *good[3:]]
    result = run(tmp_path / "bare.3le", bare, almanac, threshold_m=200e3)
    assert result.objects == 6
    assert len(result.left_out) == 0


def test_stale_elements_are_labelled_in_every_event(
    sample_file: InputFile, almanac: Almanac, start_tai_ns: int
) -> None:
    request = ScreeningRequest((sample_file,), start_tai_ns, 1800.0, max_age_s=43200.0)
    result = screen_catalogue(request, almanac)
    listed = {row["object"] for row in result.stale.rows()}
    assert listed
    for row in result.events.rows():
        sides = [letter for letter in "ab" if row[f"object_{letter}"] in listed]
        assert row["stale"] == " and ".join(sides)


def test_decayed_objects_are_listed_with_the_error_of_sgp4(sample_result: ScreeningResult) -> None:
    rows = sample_result.unscreened.rows()
    assert len(rows) >= 14
    assert {"sgp4 code 1", "sgp4 code 6"} <= {row["reason"] for row in rows}
    assert all(row["meaning"] and row["line"] > 0 for row in rows)
    assert any("decayed" in row["meaning"] for row in rows)


@pytest.mark.slow
def test_alpha_5_and_six_digit_numbers_are_primaries(
    sample_file: InputFile, almanac: Almanac, shared_data: Path, start_tai_ns: int
) -> None:
    omm = bind_input(shared_data / "debris" / "catalogue" / "omm_sample.csv.gz")
    for name, number in (("T0130", 270130), ("270130", 270130), ("340000", 340000)):
        request = ScreeningRequest((omm, sample_file), start_tai_ns, 900.0, 200e3, primaries=(name,))
        result = screen_catalogue(request, almanac)
        assert not [row for row in result.left_out.rows() if row["kind"] == "absent"]
        assert all(number in (row["object_a"], row["object_b"]) for row in result.events.rows())
    with pytest.raises(UnknownNameError, match="340001"):
        screen_catalogue(ScreeningRequest((omm,), start_tai_ns, 900.0, primaries=("340001",)), almanac)


def summed(line: str) -> str:
    """Return an element line with its right checksum."""
    total = sum(int(c) if c.isdigit() else c == "-" for c in line[:68])
    return line[:68] + str(total % 10)
