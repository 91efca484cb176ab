"""A partner's question of a certificate: true ones hold, altered ones do not, hostile files are refused."""

from __future__ import annotations

import dataclasses
import json
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from syzygy.astro.almanac import Almanac
from syzygy.astro.mean_elements import MeanElements
from syzygy.base.errors import SyzygyError
from syzygy.base.provenance import InputFile, bind_input
from syzygy.base.tables import Table, table
from syzygy.cli.app import run_arguments
from syzygy.debris.certificate_review import ReviewedCertificate, review_certificate
from syzygy.debris.element_sets import hash_sets
from syzygy.debris.requests import ScreeningRequest
from syzygy.debris.screening import ScreeningResult, screen_catalogue
from syzygy.formats.tabular import encode_table, write_table

FEW = 20


@pytest.fixture
def review(sample_file: InputFile, almanac: Almanac, tmp_path: Path) -> Callable[..., tuple[str, ...]]:
    def ask(certificate: Table, *catalogues: InputFile, **asked: float) -> tuple[str, ...]:
        write_table(certificate, tmp_path / "certificate.csv")
        found: ReviewedCertificate = review_certificate(
            tmp_path / "certificate.csv",
            catalogues or (sample_file,),
            lambda _: almanac,
            samples=FEW,
            **asked,
        )
        return found.problems

    return ask


def altered(certificate: Table, name: str, change: Callable[[np.ndarray], object]) -> Table:
    columns = []
    for column in certificate.columns:
        values = column.values.copy()
        if column.name == name:
            values = np.asarray(change(values), dtype=values.dtype)
        columns.append(dataclasses.replace(column, values=values))
    return dataclasses.replace(certificate, columns=tuple(columns))


def without_row(certificate: Table, row: int) -> Table:
    columns = [dataclasses.replace(c, values=np.delete(c.values, row)) for c in certificate.columns]
    return dataclasses.replace(certificate, columns=tuple(columns))


def put(row: int, value: object) -> Callable[[np.ndarray], np.ndarray]:
    def change(values: np.ndarray) -> np.ndarray:
        values[row] = value
        return values

    return change


def add(value: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda values: values + value


@pytest.mark.slow
def test_a_true_certificate_holds_and_says_of_what_it_speaks(
    sample_result: ScreeningResult, sample_file: InputFile, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "certificate.parquet"
    write_table(sample_result.certificate, path)
    asked = "--start 2022-07-15 --hours 4 --threshold-km 5 --json".split()
    code = run_arguments(["debris", "check", str(path), str(sample_file.path), *asked])
    answer = json.loads(capsys.readouterr().out)
    assert (code, answer["ok"], answer["problems"]) == (0, True, [])
    assert (answer["start_utc"], answer["window_s"]) == ("2022-07-15T00:00:00.000Z", 14400.0)
    assert (answer["element_sets"], answer["primaries"], answer["chunks"]) == (1800, 1800, 4)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "change", "word"),
    [
        ("max_slack_m", put(1, 100.0), "strays"),
        ("max_speed_m_s", put(2, 5000.0), "above the bound"),
        ("gradient_per_s2", put(0, 1e-6), "gradient below"),
        ("threshold_m", put(0, 2000.0), "different things of threshold_m"),
        ("threshold_m", add(5000.0), "too narrow"),
        ("begin_s", put(1, 3700.0), "begins at"),
        ("begin_utc", put(2, "2022-07-15T02:00:01.000Z"), "not second"),
        ("begin_utc", put(2, "soon"), "no time"),
        ("objects", add(-1), "have sound states"),
        ("objects", add(1), "have sound states"),
        ("element_sets", add(-1), "other element sets"),
        ("sets_sha256", put(slice(None), "0" * 64), "other element sets"),
        ("primaries", add(1000), "screened against all"),
        ("ephemerides", add(1), "stretches of ephemerides"),
        ("lowest_m", put(1, np.inf), "below the lowest radius"),
    ],
)
def test_an_altered_certificate_does_not_hold(
    sample_result: ScreeningResult,
    review: Callable[..., tuple[str, ...]],
    name: str,
    change: Callable[[np.ndarray], np.ndarray],
    word: str,
) -> None:
    problems = review(altered(sample_result.certificate, name, change))
    assert any(word in text for text in problems), problems


@pytest.mark.slow
@pytest.mark.parametrize("row", [0, 1, 3])
def test_a_chunk_taken_out_is_noticed(
    sample_result: ScreeningResult, review: Callable[..., tuple[str, ...]], row: int
) -> None:
    problems = review(without_row(sample_result.certificate, row))
    assert any("the chunk before ends at" in text or "the chunks end at" in text for text in problems)


@pytest.mark.slow
def test_a_window_moved_as_a_whole_is_another_window(
    sample_result: ScreeningResult, review: Callable[..., tuple[str, ...]], start_tai_ns: int
) -> None:
    def later(values: np.ndarray) -> list[str]:
        return [str(text).replace("07-15T", "07-16T") for text in values]

    problems = review(altered(sample_result.certificate, "begin_utc", later), start_tai_ns=start_tai_ns)
    assert "+86400.000 s from the one asked for" in problems[0]


@pytest.mark.slow
def test_other_catalogues_are_noticed(
    sample_result: ScreeningResult,
    sample_file: InputFile,
    review: Callable[..., tuple[str, ...]],
    repository: Path,
    tmp_path: Path,
) -> None:
    import gzip

    lines = gzip.decompress(sample_file.read()).decode().splitlines(keepends=True)
    (tmp_path / "short.3le").write_text("".join(lines[3:]))
    problems = review(sample_result.certificate, bind_input(tmp_path / "short.3le"))
    assert "speaks of other element sets: 1800" in problems[0]
    assert "the files hold 1799" in problems[0]
    own = repository / "examples/joint-programme/inputs/debris/own/gaofen_3_03_plan_2022-07-15.oem"
    problems = review(sample_result.certificate, sample_file, bind_input(own))
    assert any("speaks of 0 stretches of ephemerides, the files hold 1" in text for text in problems)


@pytest.mark.slow
def test_a_certificate_with_an_ephemeris_and_one_primary_holds(
    sample_file: InputFile,
    review: Callable[..., tuple[str, ...]],
    start_tai_ns: int,
    repository: Path,
    almanac: Almanac,
) -> None:
    own = repository / "examples/joint-programme/inputs/debris/own/gaofen_3_03_plan_2022-07-15.oem"
    inputs = (sample_file, bind_input(own))
    request = ScreeningRequest(
        inputs, start_tai_ns, 3 * 3600.0, box_m=(2e3, 25e3, 25e3), primaries=("2022-035A",)
    )
    certificate = screen_catalogue(request, almanac).certificate
    assert review(certificate, *inputs) == ()
    assert set(certificate["primaries"].tolist()) == {1}
    low = review(altered(certificate, "max_slack_m", add(-20_000.0)), *inputs)
    assert any("(an ephemeris)" in text for text in low) or any("strays" in text for text in low)


def test_the_hash_of_the_sets_survives_rounding_and_notices_a_last_digit(
    sample_elements: MeanElements,
) -> None:
    rounded = dataclasses.replace(
        sample_elements,
        raan_rad=np.nextafter(sample_elements.raan_rad, np.inf),
        mean_motion_rad_s=np.nextafter(sample_elements.mean_motion_rad_s, 0.0),
        bstar_per_earth_radius=np.nextafter(sample_elements.bstar_per_earth_radius, 1.0),
    )
    assert hash_sets(rounded) == hash_sets(sample_elements)
    anomaly = sample_elements.mean_anomaly_rad.copy()
    anomaly[7] += np.radians(1e-4)
    assert hash_sets(dataclasses.replace(sample_elements, mean_anomaly_rad=anomaly)) != hash_sets(rounded)


def _csv(certificate: Table, old: str, new: str) -> bytes:
    text = encode_table(certificate, "csv").decode()
    assert old in text
    return text.replace(old, new).encode()


@pytest.mark.parametrize(
    ("name", "make", "what"),
    [
        ("c.csv", lambda c: b"", ""),
        ("c.csv", lambda c: encode_table(c, "csv")[:3000], ""),
        ("c.parquet", lambda c: encode_table(c, "parquet")[:-100], ""),
        ("c.json", lambda c: b"[" * 100_000, ""),
        ("c.json", lambda c: encode_table(c, "json")[:-20], ""),
        ("c.csv", lambda c: _csv(c, ",14400.0,5000.0,", ",nan,5000.0,"), "window_s"),
        ("c.csv", lambda c: _csv(c, ",14400.0,5000.0,", ",1e300,5000.0,"), "window_s"),
        ("c.csv", lambda c: _csv(c, ",240.0,120.0,", ",1e-300,120.0,"), "knot_step_s"),
        ("c.csv", lambda c: _csv(c, ",240.0,120.0,", ",240.0,inf,"), "half_step_s"),
        ("c.csv", lambda c: _csv(c, "0,0.0,3600.0,", "0,-1e18,3600.0,"), "begin_s"),
        ("c.csv", lambda c: _csv(c, "2022-07-15T00:00:00.000Z", "today"), "time"),
        ("c.csv", lambda c: _csv(c, str(c["sets_sha256"][0]), "\x1b[2J"), "sets_sha256"),
        ("c.csv", lambda c: encode_table(table("certificate", c.columns[:9]), "csv"), "columns are missing"),
        ("c.csv", lambda c: encode_table(_cut(c, 0), "csv"), "one row for each chunk"),
        ("c.csv", lambda c: encode_table(_cut(c, 5000), "csv"), "one row for each chunk"),
        ("c.3le", lambda c: encode_table(c, "csv"), "file name"),
        ("c.json", lambda c: struct.pack("<Q", 2**63) * 10, ""),
    ],
)
def test_a_hostile_file_is_refused(
    sample_result: ScreeningResult,
    sample_file: InputFile,
    almanac: Almanac,
    tmp_path: Path,
    name: str,
    make: Callable[[Table], bytes],
    what: str,
) -> None:
    (tmp_path / name).write_bytes(make(sample_result.certificate))
    with pytest.raises(SyzygyError) as caught:
        review_certificate(tmp_path / name, (sample_file,), lambda _: almanac)
    assert caught.value.exit_code == 3
    assert what in str(caught.value)


def _cut(certificate: Table, rows: int) -> Table:
    columns = [dataclasses.replace(c, values=np.resize(c.values, rows)) for c in certificate.columns]
    return dataclasses.replace(certificate, columns=tuple(columns))
