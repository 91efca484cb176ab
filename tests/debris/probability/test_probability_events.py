"""Events of a screening: states from catalogues and ephemerides, covariances given, estimated or invented."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from syzygy.astro.almanac import Almanac
from syzygy.astro.propagation.sgp4_states import propagate_sgp4
from syzygy.base.errors import MissingDataError
from syzygy.base.provenance import InputFile, bind_input
from syzygy.cli.app import run_arguments
from syzygy.data import build_almanac
from syzygy.debris.element_sets import load_element_sets
from syzygy.debris.event_table_files import event_table_kind
from syzygy.debris.probability.cases import INVENTED
from syzygy.debris.probability.element_set_errors import models_from_history, stated_model
from syzygy.debris.probability.object_states import load_objects
from syzygy.debris.probability.picture import draw_probability
from syzygy.debris.probability.requests import ProbabilityRequest
from syzygy.debris.probability.study import find_collision_probability
from syzygy.formats.tabular import decode_table, write_table

TCA_UTC = "2009-02-10T16:55:59.796Z"
MISS_M = 698.010


@pytest.fixture(scope="module")
def earth() -> Almanac:
    return build_almanac(("leap_seconds", "earth_orientation"))


@pytest.fixture(scope="module")
def catalogue(repository: Path) -> InputFile:
    return bind_input(repository / "examples/joint-programme/inputs/debris/iridium33_cosmos2251_2009.3le")


def events(
    place: Path, rows: Sequence[str], columns: str = "object_a,object_b,tca_utc,miss_distance_m"
) -> InputFile:
    names = columns.split(",")
    kinds = {"object_a": "int", "object_b": "int", "miss_distance_m": "float"}
    head = ['# table {"name": "events", "description": ""}']
    head += [
        f'# column {{"name": "{n}", "type": "{kinds.get(n, "text")}", "unit": "", '
        '"tolerance": 0.0, "description": ""}'
        for n in names
    ]
    file = place / "events.csv"
    file.write_text("\n".join([*head, columns, *rows]) + "\n")
    return bind_input(file)


@pytest.mark.slow
def test_an_event_of_element_sets_is_ranked_and_loudly_labelled(
    catalogue: InputFile, earth: Almanac, tmp_path: Path
) -> None:
    table = events(tmp_path, [f"22675,24946,{TCA_UTC},698.01", f"22675,99999,{TCA_UTC},1.0"])
    result = find_collision_probability(ProbabilityRequest((table,), catalogues=(catalogue,)), earth)
    row = result.probabilities.rows()[0]
    assert row["miss_distance_m"] == pytest.approx(MISS_M, abs=0.05)
    assert INVENTED in str(row["covariance_a"])
    assert INVENTED in str(row["reasons"])
    assert (row["verdict"], row["advice"]) == ("ranking only", "watch")
    assert any(INVENTED in figure.label for figure in result.key_figures())
    assert INVENTED in result.narrative().inputs
    assert result.rejected["code"].tolist() == ["missing-data"]
    assert draw_probability(result, "light") != draw_probability(result, "dark")


@pytest.mark.slow
def test_another_catalogue_than_that_of_the_screening_is_noticed(
    catalogue: InputFile, earth: Almanac, tmp_path: Path
) -> None:
    table = events(tmp_path, [f"22675,24946,{TCA_UTC},4321.0"])
    result = find_collision_probability(
        ProbabilityRequest((table,), catalogues=(catalogue,), monte_carlo="never"), earth
    )
    assert "other sets?" in str(result.probabilities["reasons"][0])


def test_a_table_without_catalogue_is_refused(earth: Almanac, tmp_path: Path) -> None:
    table = events(tmp_path, [f"22675,24946,{TCA_UTC},698.01"])
    with pytest.raises(MissingDataError, match="no states"):
        find_collision_probability(ProbabilityRequest((table,)), earth)


def test_the_stated_model_grows_with_age_and_ties_velocity_to_position() -> None:
    model = stated_model((200.0, 1000.0, 300.0), (100.0, 2000.0, 100.0))
    np.testing.assert_allclose(model.sigmas_m(0.0), [200.0, 1000.0, 300.0])
    np.testing.assert_allclose(model.sigmas_m(-2.0), np.hypot([200, 1000, 300], [200, 4000, 200]))
    n = 1e-3
    covariance = model.covariance_rtn(1.0, n)
    assert np.linalg.eigvalsh(covariance).min() > -1e-9
    correlation = covariance[1, 3] / np.sqrt(covariance[1, 1] * covariance[3, 3])
    assert correlation < -0.99, "in-track ahead means falling towards the Earth in the axes of the mean"


@pytest.mark.slow
def test_earlier_sets_give_back_the_scatter_they_were_made_with(catalogue: InputFile, earth: Almanac) -> None:
    """Sets of one day made from one orbit with known errors along the track."""
    elements = load_element_sets((catalogue,), earth.leap_seconds).elements
    one = elements.select(np.flatnonzero(elements.object_id == 24946))
    sigma_m, count = 800.0, 40
    random = np.random.default_rng(4)
    many = one.select(np.zeros(count, dtype=int))
    epochs = many.epoch_tai_ns + np.arange(count) * 1_000_000
    shift = random.normal(0.0, sigma_m, count) / 7.1e6
    scattered = replace(many, mean_anomaly_rad=many.mean_anomaly_rad + shift, epoch_tai_ns=epochs)
    model = models_from_history(scattered, earth.leap_seconds)[24946]
    assert model.at_epoch_m[1] == pytest.approx(sigma_m, rel=0.3)
    assert model.at_epoch_m[0] < 0.1 * sigma_m
    assert INVENTED not in model.source
    assert not models_from_history(scattered.select(np.arange(3)), earth.leap_seconds)


OEM_HEAD = """CCSDS_OEM_VERS = 2.0
CREATION_DATE = 2009-02-10T00:00:00
ORIGINATOR = X
META_START
OBJECT_NAME = IRIDIUM 33
OBJECT_ID = 24946
CENTER_NAME = EARTH
REF_FRAME = TEME
TIME_SYSTEM = UTC
START_TIME = 2009-02-10T16:50:00
STOP_TIME = 2009-02-10T17:02:00
INTERPOLATION = HERMITE
INTERPOLATION_DEGREE = 7
META_STOP
"""


@pytest.mark.slow
def test_an_ephemeris_gives_state_and_covariance_at_the_event(
    catalogue: InputFile, earth: Almanac, tmp_path: Path
) -> None:
    """The states are those of SGP4, so the event is the same; the covariance grows between two epochs."""
    from syzygy.astro.time import format_utc, parse_utc

    elements = load_element_sets((catalogue,), earth.leap_seconds).elements
    one = elements.select(np.flatnonzero(elements.object_id == 24946))
    start = parse_utc("2009-02-10T16:50:00", earth.leap_seconds)
    instants = start + np.arange(13) * 60 * 1_000_000_000
    states = propagate_sgp4(one, instants, earth.leap_seconds)
    lines = [
        f"{format_utc(int(t), earth.leap_seconds)[:-1]} " + " ".join(f"{v / 1e3:.9f}" for v in (*r, *w))
        for t, r, w in zip(instants, states.position_m[0], states.velocity_m_s[0], strict=True)
    ]
    blocks = []
    for minute, sigma_km in (("50", 0.010), ("02", 0.030)):
        hour = "16" if minute == "50" else "17"
        matrix = np.diag([sigma_km**2] * 3 + [1e-12] * 3)
        rows = [" ".join(f"{matrix[i, j]:.6e}" for j in range(i + 1)) for i in range(6)]
        blocks.append(f"EPOCH = 2009-02-10T{hour}:{minute}:00\nCOV_REF_FRAME = RTN\n" + "\n".join(rows))
    file = tmp_path / "iridium.oem"
    file.write_text(
        OEM_HEAD + "\n".join(lines) + "\nCOVARIANCE_START\n" + "\n".join(blocks) + "\nCOVARIANCE_STOP\n"
    )
    usual = stated_model((200.0, 1000.0, 300.0), (100.0, 2000.0, 100.0))
    objects = load_objects((catalogue,), (bind_input(file),), {}, usual, earth)
    found = objects.at(("24946",), parse_utc("2009-02-10T16:56:00", earth.leap_seconds))
    assert found.covariance_source == "ephemeris, between two"
    assert found.covariance_rtn is not None
    np.testing.assert_allclose(np.diag(found.covariance_rtn)[:3], (10.0**2 + 30.0**2) / 2.0)
    table = events(tmp_path, [f"22675,24946,{TCA_UTC},698.01"])
    request = ProbabilityRequest((table,), catalogues=(catalogue,), ephemerides=(bind_input(file),))
    result = find_collision_probability(request, earth)
    assert result.probabilities["miss_distance_m"][0] == pytest.approx(MISS_M, abs=0.5)
    assert INVENTED not in str(result.probabilities["covariance_b"][0])
    assert INVENTED in str(result.probabilities["covariance_a"][0])


def in_json(message: Path, place: Path) -> InputFile:
    assert (
        run_arguments(["message", "convert", str(message), "--to", "json", "--out", str(place / "c.json")])
        == 0
    )
    return bind_input(place / "c.json")


@pytest.mark.slow
def test_a_message_in_json_is_no_event_table_and_a_table_without_states_costs_no_message(
    repository: Path, earth: Almanac, tmp_path: Path
) -> None:
    message = min((repository / "examples/joint-programme/inputs/debris/conjunctions").glob("*.cdm"))
    files = (
        bind_input(message),
        in_json(message, tmp_path),
        events(tmp_path, [f"22675,24946,{TCA_UTC},698.01"]),
    )
    result = find_collision_probability(ProbabilityRequest(files, monte_carlo="never"), earth)
    one, two = (
        {name: value for name, value in row.items() if name != "cdm"} for row in result.probabilities.rows()
    )
    assert repr(one) == repr(two)
    (left,) = result.rejected.rows()
    assert (left["cdm"], left["what"]) == ("events.csv", "an event table holds no states")
    with pytest.raises(MissingDataError):
        find_collision_probability(ProbabilityRequest(files[2:], monte_carlo="never"), earth)


def test_tables_and_messages_in_json_are_told_apart(repository: Path, tmp_path: Path) -> None:
    table = decode_table(events(tmp_path, [f"22675,24946,{TCA_UTC},698.01"]).read(), "csv")
    write_table(table, tmp_path / "table.json")
    assert event_table_kind(bind_input(tmp_path / "table.json")) == "json"
    message = min((repository / "examples/joint-programme/inputs/debris/conjunctions").glob("*.cdm"))
    assert event_table_kind(in_json(message, tmp_path)) == ""
    assert event_table_kind(bind_input(message)) == ""
