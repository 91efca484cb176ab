"""The study of probabilities: its columns, its verdicts, what it refuses, and that nothing else is lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from syzygy.astro.almanac import Almanac
from syzygy.base.errors import ProblemList
from syzygy.base.execution import ProcessExecutor
from syzygy.base.provenance import InputFile, bind_input
from syzygy.data import build_almanac
from syzygy.debris.probability.picture import draw_probability
from syzygy.debris.probability.requests import ProbabilityRequest
from syzygy.debris.probability.study import ProbabilityResult, find_collision_probability
from syzygy.formats.ccsds import read_message, write_message
from syzygy.formats.tabular import encode_table

pytestmark = pytest.mark.slow
FIRST_COLUMNS = (
    "cdm", "pc_2d", "pc_2d_nc", "pc_3d_nc", "pc_monte_carlo", "pc_low", "pc_high", "pc", "method", "verdict",
    "reasons",
)  # fmt: skip
HOLDS, TOO_HIGH, TOO_LOW = "000028485", "000032060", "000033331"


@pytest.fixture(scope="module")
def earth() -> Almanac:
    return build_almanac(("leap_seconds", "earth_orientation"))


@pytest.fixture(scope="module")
def files(repository: Path) -> tuple[InputFile, ...]:
    place = repository / "examples/joint-programme/inputs/debris/conjunctions"
    return tuple(bind_input(path) for path in sorted(place.glob("*.cdm")))


@pytest.fixture(scope="module")
def result(files: tuple[InputFile, ...], earth: Almanac) -> ProbabilityResult:
    return find_collision_probability(ProbabilityRequest(files), earth)


@pytest.fixture
def spoil(files: tuple[InputFile, ...], tmp_path: Path) -> Callable[..., InputFile]:
    """Return the first message with lines changed, as a file."""

    def changed(*changes: tuple[bytes, bytes], name: str = "spoilt.cdm", count: int = -1) -> InputFile:
        content = files[0].read()
        for old, new in changes:
            assert old in content
            content = content.replace(old, new, count)
        place = tmp_path / name
        place.write_bytes(content)
        return bind_input(place)

    return changed


def row(result: ProbabilityResult, mark: str) -> dict[str, object]:
    return next(r for r in result.probabilities.rows() if str(r["cdm"]).startswith(mark))


def test_the_table_begins_with_the_columns_asked_for(result: ProbabilityResult) -> None:
    assert result.probabilities.names[: len(FIRST_COLUMNS)] == FIRST_COLUMNS
    assert len(result.probabilities) == 3
    assert len(result.rejected) == 0


def test_each_event_gets_the_method_that_holds_and_the_reason(result: ProbabilityResult) -> None:
    assert (row(result, HOLDS)["method"], row(result, HOLDS)["advice"]) == ("2-D", "act")
    high, low = row(result, TOO_HIGH), row(result, TOO_LOW)
    assert high["method"] == low["method"] == "Nc2D"
    assert "2.86 times too high" in str(high["reasons"])
    assert "18.8 times too low" in str(low["reasons"])
    assert "the method matters" in str(high["would_change"])
    for found in result.probabilities.rows():
        assert found["pc_low"] <= found["pc"] <= found["pc_high"]  # type: ignore[operator]


def test_the_rows_are_sorted_and_all_tables_speak_of_the_same_events(result: ProbabilityResult) -> None:
    values = np.asarray(result.probabilities["pc"], dtype=float)
    assert (np.diff(values) <= 0.0).all()
    names = result.probabilities["cdm"].tolist()
    assert result.dilution["cdm"].tolist() == names
    assert result.methods["cdm"].tolist() == names
    assert result.covariances["cdm"].tolist() == [name for name in names for _ in (0, 1)]
    assert len(result.scaling) == 3 * 49


def test_the_sweep_contains_the_value_itself(result: ProbabilityResult) -> None:
    for found in result.probabilities.rows():
        mine = [r for r in result.scaling.rows() if r["cdm"] == found["cdm"]]
        middle = next(
            r for r in mine if r["factor_a"] == pytest.approx(1) and r["factor_b"] == pytest.approx(1)
        )
        assert middle["pc_2d"] == pytest.approx(found["pc_2d"], rel=1e-9)


@pytest.mark.slow
def test_the_bytes_do_not_depend_on_the_workers(files: tuple[InputFile, ...], earth: Almanac) -> None:
    request = ProbabilityRequest(files, monte_carlo="always", samples=2000)
    one = find_collision_probability(request, earth)
    two = find_collision_probability(request, earth, executor=ProcessExecutor(2))
    for left, right in zip(one.tables(), two.tables(), strict=True):
        assert encode_table(left, "parquet") == encode_table(right, "parquet")


def test_a_bad_message_is_listed_and_loses_nothing_else(
    files: tuple[InputFile, ...], spoil: Callable[..., InputFile], earth: Almanac, tmp_path: Path
) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("call the partner\n")
    empty = tmp_path / "empty.cdm"
    empty.write_bytes(b"")
    mixed = spoil((b"= EME2000", b"= GCRF"), count=1)
    request = ProbabilityRequest(
        (*files[:1], mixed, bind_input(notes), bind_input(empty)), monte_carlo="never"
    )
    found = find_collision_probability(request, earth)
    assert len(found.probabilities) == 1
    assert found.rejected["cdm"].tolist() == ["spoilt.cdm", "notes.txt", "empty.cdm"]
    assert all(found.rejected["what"].tolist())
    assert "two frames" in str(found.rejected["what"][0])


def test_nothing_usable_is_an_error_with_every_reason(
    spoil: Callable[..., InputFile], earth: Almanac
) -> None:
    with pytest.raises(ProblemList, match="two frames"):
        find_collision_probability(ProbabilityRequest((spoil((b"= EME2000", b"= GCRF"), count=1),)), earth)


def without_covariance(content: bytes) -> bytes:
    """Set the covariance of the second object to zero."""
    head, second = content.split(b"= OBJECT2")
    return head + b"= OBJECT2" + re.sub(rb"(?m)^(C[RTN]\w*_[RTN](?:DOT)?\s*=).*$", rb"\1 0.0", second)


def test_one_covariance_missing_gives_a_bound(
    files: tuple[InputFile, ...], earth: Almanac, tmp_path: Path
) -> None:
    place = tmp_path / "one.cdm"
    place.write_bytes(without_covariance(files[0].read()))
    found = find_collision_probability(ProbabilityRequest((bind_input(place),)), earth)
    assert found.probabilities["verdict"].tolist() == ["bound only"]
    assert found.probabilities["method"].tolist() == ["bound"]
    assert "secondary: no covariance" in str(found.probabilities["reasons"][0])


def test_kilometres_for_metres_are_said(spoil: Callable[..., InputFile], earth: Almanac) -> None:
    file = spoil((b"= 193 [m]", b"= 0.193 [m]"), (b"= 10830 [m/s]", b"= 10.83 [m/s]"))
    found = find_collision_probability(ProbabilityRequest((file,), monte_carlo="never"), earth)
    reasons = str(found.probabilities["reasons"][0])
    assert reasons.count("kilometres for metres?") == 2


def test_the_radius_comes_from_where_it_was_asked(
    files: tuple[InputFile, ...], earth: Almanac, tmp_path: Path
) -> None:
    sizes = tmp_path / "sizes.csv"
    sizes.write_text("ObjectID,HBR,HBRSigma\n28485,3.0,0.4\n44777,,\n")

    def radius(**more: object) -> tuple[float, str]:
        found = find_collision_probability(
            ProbabilityRequest(files[:1], monte_carlo="never", **more),
            earth,  # type: ignore[arg-type]
        ).probabilities
        return float(found["radius_m"][0]), str(found["radius_source"][0])  # type: ignore[arg-type]

    assert radius() == (pytest.approx(8.7), "message")
    assert radius(hard_body_radius_m=5.0) == (5.0, "given")
    table = bind_input(sizes)
    assert radius(sizes=table) == (pytest.approx(8.7), "message")
    metres, source = radius(sizes=table, radius_first="sizes", default_radius_m=4.0)
    assert metres == pytest.approx(np.sqrt(5.0**2 + 0.4**2))
    assert source == "sizes and default 2 m"


def test_scaled_sigmas_scale_the_ladder(files: tuple[InputFile, ...], earth: Almanac) -> None:
    def value(**more: float) -> float:
        request = ProbabilityRequest(files[:1], monte_carlo="never", **more)  # type: ignore[arg-type]
        return float(find_collision_probability(request, earth).probabilities["pc_2d"][0])  # type: ignore[arg-type]

    plain, doubled = value(), value(scale_primary=2.0, scale_secondary=2.0)
    assert doubled < plain / 2.0, "a diluted event: larger sigmas lower the value"


def test_the_picture_is_the_same_each_time(result: ProbabilityResult) -> None:
    assert draw_probability(result, "light") == draw_probability(result, "light")
    assert draw_probability(result, "dark").startswith(b"<?xml")


def test_xml_and_combined_messages_give_the_same_values(
    files: tuple[InputFile, ...], earth: Almanac, result: ProbabilityResult, tmp_path: Path
) -> None:
    messages = [read_message(file.read(), name=file.name) for file in files[:2]]
    parts = [write_message(message, form="xml") for message in messages]
    single = tmp_path / "one.xml"
    single.write_bytes(parts[0])
    inner = [part[part.index(b"<cdm") :] for part in parts]
    combined = tmp_path / "two.xml"
    combined.write_bytes(
        b'<?xml version="1.0" encoding="UTF-8"?>\n<ndm>\n' + b"\n".join(inner) + b"\n</ndm>\n"
    )
    request = ProbabilityRequest((bind_input(single), bind_input(combined)), monte_carlo="never")
    found = find_collision_probability(request, earth)
    assert sorted(found.probabilities["cdm"].tolist()) == ["one.xml", "two.xml#1", "two.xml#2"], (
        found.rejected.rows()
    )
    by_name = {str(row["cdm"]): row["pc"] for row in found.probabilities.rows()}
    assert by_name["one.xml"] == by_name["two.xml#1"] == row(result, HOLDS)["pc"]
    assert by_name["two.xml#2"] == row(result, TOO_HIGH)["pc"]
