"""Why two ephemerides differ: planted causes are found, and the budget closes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from syzygy.astro.almanac import Almanac
from syzygy.astro.bodies import EARTH
from syzygy.astro.forces import FieldForce, ForceModel, GravityField
from syzygy.astro.frames import eme2000_from_icrf
from syzygy.astro.time import format_utc_many
from syzygy.base.errors import CoverageError, InputError, MissingDataError
from syzygy.base.provenance import bind_input
from syzygy.data import build_almanac
from syzygy.exploration.explain.messages import write_messages
from syzygy.exploration.explain.overlap import rms_m
from syzygy.exploration.explain.picture import draw_explanation
from syzygy.exploration.explain.requests import ExplainRequest
from syzygy.exploration.explain.study import ExplainResult, explain_difference
from syzygy.exploration.explain.tables import tell_rest
from syzygy.exploration.replay.flights import fly_plain, rows_of
from syzygy.exploration.replay.forces import (
    list_removals,
    list_truncations,
    make_forces,
    with_centre_gm,
    with_sunlight,
)
from syzygy.exploration.replay.reading import read_blocks
from syzygy.formats.ccsds.ephemerides import read_ephemeris
from syzygy.formats.ccsds.reading import read_message

ORION = Path(__file__).resolve().parents[1] / "data" / "propagation" / "artemis2_coast_arc_20260405.oem"
pytestmark = pytest.mark.slow

HEAD = """CCSDS_OEM_VERS = 2.0
CREATION_DATE = 2026-04-10T03:22:19
ORIGINATOR = TEST
META_START
OBJECT_NAME = EM2
OBJECT_ID = 2026-001A
CENTER_NAME = EARTH
REF_FRAME = ICRF
TIME_SYSTEM = UTC
START_TIME = {first}
STOP_TIME = {last}
META_STOP
"""


@pytest.fixture(scope="module")
def almanac() -> Almanac:
    try:
        return build_almanac(("leap_seconds", "earth_orientation", "ephemeris"))
    except MissingDataError as error:
        pytest.skip(str(error))


class Bench:
    """The first ephemeris, and others made from it by planting causes."""

    def __init__(self, almanac: Almanac, folder: Path) -> None:
        self.almanac, self.folder = almanac, folder
        plain = ExplainRequest(first=bind_input(ORION), second=bind_input(ORION))
        block = read_blocks(plain.first, almanac)[0]
        self.instants = block.states.tai_ns
        self.start = rows_of(block.states, slice(0, 1))[0]
        self.force = make_forces(plain, block.centre)
        self.first = self.write("first", self.fly())

    def fly(self, force=None, start=None, instants=None) -> np.ndarray:  # type: ignore[no-untyped-def]
        instants = self.instants if instants is None else instants
        return fly_plain(self.start if start is None else start, instants, force or self.force, self.almanac)

    def write(self, name: str, rows: np.ndarray, instants: np.ndarray | None = None) -> Path:
        texts = format_utc_many(self.instants if instants is None else instants, self.almanac.leap_seconds, 9)
        plain = [str(text).removesuffix("Z") for text in texts]
        lines = [
            " ".join([text, *(f"{value / 1e3:.15g}" for value in row)])
            for text, row in zip(plain, rows, strict=True)
        ]
        path = self.folder / f"{name}.oem"
        path.write_text(HEAD.format(first=plain[0], last=plain[-1]) + "\n".join(lines) + "\n")
        return path

    def explain(self, second: np.ndarray, instants: np.ndarray | None = None) -> ExplainResult:
        path = self.write("second", second, instants)
        return explain_difference(
            ExplainRequest(first=bind_input(self.first), second=bind_input(path)), self.almanac
        )


@pytest.fixture(scope="module")
def bench(almanac: Almanac, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(almanac, tmp_path_factory.mktemp("explain"))


def _only(result: ExplainResult) -> dict[str, str]:
    (part,) = result.parts
    effects = sum((line.effect_m for line in part.lines), np.zeros_like(part.unexplained_m))
    np.testing.assert_allclose(effects + part.unexplained_m, part.overlap.difference_m, atol=1e-7)
    return {line.cause: line.finding for line in part.lines}


def test_the_same_flight_has_no_cause(bench: Bench) -> None:
    assert _only(bench.explain(bench.fly())) == {}


def test_another_gm_is_named(bench: Bench, record_accuracy) -> None:
    result = bench.explain(bench.fly(with_centre_gm(bench.force, 3.986004415e14)))
    found = _only(result)
    assert list(found) == ["gm of the centre"]
    assert "EGM96" in found["gm of the centre"]
    record_accuracy(
        "explain", "left of a planted difference of GM", rms_m(result.parts[0].unexplained_m), 1e-3, "m",
        "our flight with the GM of EGM96",
    )  # fmt: skip


def test_turned_axes_are_found(bench: Bench) -> None:
    rows = bench.fly()
    turned = np.concatenate([eme2000_from_icrf(rows[:, :3]), eme2000_from_icrf(rows[:, 3:])], axis=1)
    found = _only(bench.explain(turned))
    assert list(found) == ["axes"]
    assert found["axes"].endswith("as if the first were ICRF and the second EME2000")


@pytest.mark.parametrize("name", ["attraction of Jupiter barycenter", "attraction of Sun"])
def test_a_force_that_the_second_lacks_is_found(bench: Bench, name: str) -> None:
    found = _only(bench.explain(bench.fly(dict(list_removals(bench.force))[name])))
    assert found == {name: "the second does not have it"}


@pytest.mark.parametrize(
    ("lag_s", "words"), [(0.001, "no known"), (69.184, "UTC and TT"), (-37.0, "UTC and TAI")]
)
def test_a_lag_is_found_and_named(bench: Bench, lag_s: float, words: str) -> None:
    instants = bench.instants + round(lag_s * 1e9)
    result = bench.explain(bench.fly(), instants)
    found = _only(result)
    assert list(found) == ["time"]
    assert words in found["time"]
    assert rms_m(result.parts[0].unexplained_m) < 0.01


def test_three_causes_together_are_taken_apart(bench: Bench, record_accuracy) -> None:
    force = with_sunlight(with_centre_gm(bench.force, 3.986004418e14), 4e-8)
    rows = bench.fly(force)
    turned = np.concatenate([eme2000_from_icrf(rows[:, :3]), eme2000_from_icrf(rows[:, 3:])], axis=1)
    result = bench.explain(turned)
    found = _only(result)
    assert set(found) == {"axes", "gm of the centre", "sunlight"}
    assert "WGS-84" in found["gm of the centre"]
    assert "1e-08" in found["sunlight"]
    record_accuracy(
        "explain", "left of axes, GM and sunlight together", rms_m(result.parts[0].unexplained_m), 1e-3, "m",
        "our flight with all three",
    )  # fmt: skip


def test_a_lag_leaves_nothing_that_our_forces_miss(bench: Bench) -> None:
    """Ephemerides under other sunlight than ours: no orbit solution is invented for what the lag leaves."""
    force = with_sunlight(bench.force, 1.8e-8)
    first = bench.write("bright", bench.fly(force))
    second = bench.write("late", bench.fly(force), bench.instants + 37_000_000_000)
    result = explain_difference(
        ExplainRequest(first=bind_input(first), second=bind_input(second)), bench.almanac
    )
    assert list(_only(result)) == ["time"]
    assert rms_m(result.parts[0].unexplained_m) < 1e-3


def test_a_small_cause_is_found_beside_a_force_that_moves_by_kilometres(bench: Bench) -> None:
    """Axes, 25 m, beside a lacking Moon, 70 km: the signatures hold beside the moved flight."""
    rows = bench.fly(dict(list_removals(bench.force))["attraction of Moon"])
    turned = np.concatenate([eme2000_from_icrf(rows[:, :3]), eme2000_from_icrf(rows[:, 3:])], axis=1)
    result = bench.explain(turned)
    assert list(_only(result)) == ["attraction of Moon", "axes"]
    assert rms_m(result.parts[0].unexplained_m) < 1e-3


def test_upper_degrees_of_a_field_that_one_lacks_are_named() -> None:
    force = ForceModel(EARTH, fields=(FieldForce(EARTH, _random_field(24)),))
    found = dict(list_truncations(force))
    assert list(found)[-1] == "field of Earth above degree 21"
    assert found["field of Earth above degree 8"].fields[0].field.degree == 8
    assert list_truncations(ForceModel(EARTH)) == []


def _random_field(degree: int) -> GravityField:
    terms = 1e-7 * np.tril(np.random.default_rng(1).normal(size=(degree + 1, degree + 1)))
    terms[0, 0] = 1.0
    sine = terms.copy()
    sine[:, 0] = 0.0
    return GravityField("drawn", 3.986004415e14, 6378136.3, terms, sine, "tide_free", "")


def test_noise_is_told_from_a_smooth_rest(bench: Bench) -> None:
    rows = bench.fly()
    rows[:, :3] += np.random.default_rng(4).normal(size=(rows.shape[0], 3))
    result = bench.explain(rows)
    assert _only(result) == {}
    assert tell_rest(result.parts[0]) == "noise from row to row, no flight"
    seconds = (bench.instants - bench.instants[0])[:, None] / 1e9
    smooth = replace(result.parts[0], unexplained_m=np.sin(seconds / 4000.0) * np.ones(3))
    assert tell_rest(smooth).startswith("smooth")
    assert tell_rest(bench.explain(bench.fly()).parts[0]) == "below what can be told apart"


def test_another_orbit_solution_is_found(bench: Bench) -> None:
    change = np.array([3.0, -2.0, 1.0, 1e-4, 2e-4, -1e-4])
    result = bench.explain(bench.fly(start=bench.start + change))
    assert list(_only(result)) == ["initial state"]
    assert rms_m(result.parts[0].unexplained_m) < 1e-3


def test_a_manoeuvre_of_one_is_found(bench: Bench) -> None:
    rows = bench.fly()
    when = bench.instants[50] + 100_000_000_000
    there = bench.fly(instants=np.array([bench.instants[0], when]))[-1]
    there[3:] += [0.03, -0.01, 0.02]
    rows[51:] = bench.fly(start=there, instants=np.concatenate([[when], bench.instants[51:]]))[1:]
    result = bench.explain(rows)
    found = _only(result)
    (name,) = found
    assert name.startswith("manoeuvre at 2026-04-05T18:22:2")
    assert float(found[name].split()[3]) == pytest.approx(np.linalg.norm([0.03, -0.01, 0.02]), rel=1e-3)
    assert rms_m(result.parts[0].unexplained_m) < 0.01


def test_other_epochs_are_no_cause(bench: Bench) -> None:
    instants = bench.instants[3:-3] + 61_000_000_000
    rows = bench.fly(instants=np.concatenate([bench.instants[:1], instants]))[1:]
    assert _only(bench.explain(rows, instants)) == {}


def test_picture_and_tables_are_made(bench: Bench) -> None:
    result = bench.explain(bench.fly(with_centre_gm(bench.force, 3.986004415e14)))
    budget, differences = result.tables()
    assert budget["cause"].tolist() == ["difference", "gm of the centre", "unexplained"]
    assert len(differences) == 111
    assert draw_explanation(result, "dark") == draw_explanation(result, "dark")
    assert "closed" in budget.description.lower()


def test_the_messages_stand_on_common_ground(bench: Bench) -> None:
    """Strictly read again they differ as the study says; the budget stands in their comments."""
    result = bench.explain(rows := bench.fly(with_centre_gm(bench.force, 3.986004415e14)))
    made = write_messages(result)
    assert set(made) == {"first.oem", "second.oem", "flown.oem", "start.opm", "explained.czml"}
    packets = json.loads(made["explained.czml"])
    assert [p["id"] for p in packets] == ["document", "first-1", "second-1", "flown-1", "moon"]
    assert "gm of the centre" in packets[2]["description"]
    seen = {}
    for name in ("first.oem", "second.oem", "flown.oem"):
        message = read_message(made[name], strict=True)
        (segment,) = read_ephemeris(message, bench.almanac.leap_seconds)
        assert b"gm of the centre: second less first" in made[name]
        seen[name] = segment.states
    (part,) = result.parts
    difference = seen["second.oem"].position_m - seen["first.oem"].position_m
    assert np.allclose(difference, part.overlap.difference_m, atol=1e-5)
    assert np.allclose(seen["second.oem"].velocity_m_s, rows[:, 3:], atol=1e-9)
    assert np.allclose(seen["flown.oem"].position_m, seen["first.oem"].position_m, atol=1e-3)
    read_message(made["start.opm"], strict=True)


def test_different_objects_and_no_common_span_are_refused(bench: Bench) -> None:
    other = bench.folder / "other.oem"
    other.write_text(bench.first.read_text().replace("EM2", "ISS").replace("2026-001A", "1998-067A"))
    request = ExplainRequest(first=bind_input(bench.first), second=bind_input(other))
    with pytest.raises(InputError, match="different objects"):
        explain_difference(request, bench.almanac)
    late = bench.write("late", bench.fly(), bench.instants + 86_400_000_000_000)
    request = ExplainRequest(first=bind_input(bench.first), second=bind_input(late))
    with pytest.raises(CoverageError, match="do not overlap"):
        explain_difference(request, bench.almanac)
