"""Messages of a screening: strict checks accept them, and they say what is invented."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from syzygy.astro.almanac import Almanac
from syzygy.astro.frames import eme2000_from_icrf, gcrf_from_teme
from syzygy.astro.mean_elements import MeanElements
from syzygy.astro.propagation.sgp4_states import propagate_sgp4
from syzygy.base.errors import InputError
from syzygy.base.provenance import InputFile, bind_input
from syzygy.data import build_almanac
from syzygy.debris.encounter_pictures import MOST, draw_encounters
from syzygy.debris.event_messages import write_messages
from syzygy.debris.probability.requests import ProbabilityRequest
from syzygy.debris.probability.study import find_collision_probability
from syzygy.debris.requests import ScreeningRequest
from syzygy.debris.screening import ScreeningResult, screen_catalogue
from syzygy.exchange.keys import create_key, load_signing_key, load_trusted_keys
from syzygy.exchange.manifest import MANIFEST_NAME, open_manifest, seal_manifest
from syzygy.formats.ccsds import read_message
from syzygy.formats.ccsds.conjunctions import read_conjunction
from syzygy.studies.planning import plan_programme
from syzygy.studies.runner import run_programme
from syzygy.studies.verification import open_verifier

ABOVE = 1e-5

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def warned(sample_file: InputFile, start_tai_ns: int, almanac: Almanac) -> ScreeningResult:
    request = ScreeningRequest((sample_file,), start_tai_ns, 7200.0, warn_above=ABOVE, originator="CNSA")
    return screen_catalogue(request, almanac)


@pytest.fixture(scope="module")
def messages(warned: ScreeningResult) -> dict[str, bytes]:
    return write_messages(warned)


def test_there_is_one_message_per_event_above_the_threshold(
    warned: ScreeningResult, messages: dict[str, bytes]
) -> None:
    above = [row for row in warned.events.rows() if row["pc_2d"] >= ABOVE]
    assert 3 < len(above) < len(warned.events)
    assert len(messages) == len(above)
    pairs = {(int(name[:9]), int(name[15:24])) for name in messages}
    assert pairs == {(row["object_a"], row["object_b"]) for row in above}
    assert write_messages(warned) == messages


def test_every_message_is_accepted_strictly_and_says_that_its_covariance_is_invented(
    messages: dict[str, bytes],
) -> None:
    for name, content in messages.items():
        message = read_message(content, name=name, strict=True)
        assert not message.diagnostics
        text = content.decode()
        assert "COMMENT *** INVENTED COVARIANCE ***" in text
        assert text.count("COMMENT Covariance: INVENTED COVARIANCE: sigma R/T/N 0.2/1/0.3 km at epoch") == 2
        assert text.count("COVARIANCE_METHOD = DEFAULT") == 2
        assert "ORIGINATOR = CNSA" in text


def test_states_and_covariances_of_the_messages_are_those_of_the_events(
    warned: ScreeningResult,
    messages: dict[str, bytes],
    sample_elements: MeanElements,
    record_accuracy: Callable[..., None],
) -> None:
    """States against SGP4 and the full Earth orientation; the covariance against the model by hand."""
    almanac = build_almanac(("leap_seconds", "earth_orientation"))
    place = {number: row for row, number in enumerate(sample_elements.object_id.tolist())}
    away, off = 0.0, 0.0
    for name, content in messages.items():
        found = read_conjunction(read_message(content, name=name), almanac.leap_seconds)
        event = next(
            row
            for row in warned.events.rows()
            if (row["object_a"], row["object_b"]) == (int(name[:9]), int(name[15:24]))
            and row["tca_tai_ns"] == found.tca_tai_ns
        )
        assert found.miss_distance_m == pytest.approx(event["miss_distance_m"], abs=1e-3)
        for k, letter in enumerate("ab"):
            one = sample_elements.select(np.array([place[event[f"object_{letter}"]]]))
            instant = np.array([found.tca_tai_ns])
            sgp4 = propagate_sgp4(one, instant, almanac.leap_seconds)
            r, v = gcrf_from_teme(sgp4.position_m[0], sgp4.velocity_m_s[0], instant, almanac)
            assert v is not None
            away = max(away, float(np.linalg.norm(eme2000_from_icrf(r[0]) - found.states[k].position_m)))
            age = event[f"age_{letter}_days"]
            sigma = np.hypot([200.0, 1000.0, 300.0], np.array([100.0, 2000.0, 100.0]) * abs(age))
            own = np.sqrt(np.diag(found.covariance_rtn[k])[:3])
            off = max(off, float(np.abs(own / sigma - 1.0).max()))
    assert off < 1e-6
    record_accuracy(
        "debris", "states of conjunction messages", away, 0.05, "m",
        "SGP4 states turned with the full Earth orientation", 2 * len(messages),
    )  # fmt: skip


def test_the_probability_study_finds_the_same_probability(
    warned: ScreeningResult, messages: dict[str, bytes], tmp_path: Path
) -> None:
    files = []
    for name, content in messages.items():
        (tmp_path / name).write_bytes(content)
        files.append(bind_input(tmp_path / name))
    almanac = build_almanac(("leap_seconds", "earth_orientation"))
    result = find_collision_probability(ProbabilityRequest(tuple(files), monte_carlo="never"), almanac)
    ours = {round(float(row["pc_2d"]), 12) for row in warned.events.rows() if row["pc_2d"] >= ABOVE}
    theirs = sorted(float(row["pc_2d"]) for row in result.tables()[0].rows())
    assert theirs == pytest.approx(sorted(ours), rel=1e-3)


def test_radii_of_the_file_enter_the_messages(
    sample_file: InputFile, start_tai_ns: int, almanac: Almanac, warned: ScreeningResult, tmp_path: Path
) -> None:
    row = max(warned.events.rows(), key=lambda r: r["pc_2d"])
    file = tmp_path / "radii.csv"
    file.write_text(f"object,radius_m\n{row['object_a']},3.5\n{row['object_b']},1.25\n")
    request = ScreeningRequest(
        (sample_file,), start_tai_ns, 7200.0, radii=bind_input(file), warn_above=row["pc_2d"] / 1e3
    )
    result = screen_catalogue(request, almanac)
    name = f"{row['object_a']:09d}_conj_{row['object_b']:09d}"
    text = next(content.decode() for key, content in write_messages(result).items() if key.startswith(name))
    assert "COMMENT HBR = 4.75 [m]" in text
    assert "COMMENT HBR: given" in text


def test_without_a_threshold_there_is_no_message_and_no_probability(sample_result: ScreeningResult) -> None:
    assert write_messages(sample_result) == {}
    assert "pc_2d" not in sample_result.events.names


def test_an_error_model_has_three_axes(sample_file: InputFile) -> None:
    with pytest.raises(InputError, match="three axes"):
        ScreeningRequest((sample_file,), 0, 60.0, warn_above=1e-5, model_sigma_m=(100.0,))


def test_the_worst_events_are_drawn_alike_each_time(
    warned: ScreeningResult, sample_result: ScreeningResult
) -> None:
    for result in (warned, sample_result):
        drawn = draw_encounters(result, "light")
        assert len(drawn) == MOST
        assert drawn == draw_encounters(result, "light")
        assert all(content.startswith(b"<?xml") and len(content) < 120_000 for content in drawn.values())


def test_messages_and_pictures_belong_to_the_product_and_are_verified(
    repository: Path, tmp_path: Path
) -> None:
    """The programme of the tests with messages: signed, released, verified; an altered message is found."""
    source = repository / "tests" / "data" / "debris" / "iridium33_cosmos2251_2009.3le"
    shutil.copy(source, tmp_path / "elements.3le")
    programme = (repository / "tests" / "studies" / "conftest.py").read_text()
    head = programme.split('_HEAD = """')[1].split('"""')[0]
    study = programme.split('_STUDY = """')[1].split('"""')[0]
    text = (
        head
        + study.format(id="watch-1", owner="alpha", release='"beta"', threshold=5.0)
        + "warn_above = 1e-9\n"
    )
    (tmp_path / "programme.toml").write_text(text)
    keys = tmp_path / "keys"
    for partner in ("alpha", "beta"):
        create_key(keys, partner)
    signing = {name: load_signing_key(keys, name) for name in ("alpha", "beta")}
    out = tmp_path / "out"
    run_programme(plan_programme(tmp_path / "programme.toml"), out, signing)
    for place in (out / "products" / "watch-1", out / "partners" / "beta" / "from-alpha" / "watch-1"):
        made = sorted((place / "messages").iterdir())
        assert [path.name for path in made] == ["000022675_conj_000024946_20090210_165559.cdm"]
        assert not read_message(made[0].read_bytes(), strict=True).diagnostics
        assert len(list((place / "pictures").glob("*.svg"))) == 2

    def verdicts() -> dict[str, str]:
        verifier = open_verifier(out, load_trusted_keys(keys))
        return {verdict.product: verdict.verdict for verdict in verifier.verify(out)}

    assert set(verdicts().values()) == {"identical"}
    path = out / "products" / "watch-1" / "messages" / "000022675_conj_000024946_20090210_165559.cdm"
    path.write_bytes(path.read_bytes().replace(b"FOSTER-1992", b"FOSTER-1993"))
    assert verdicts()["products/watch-1"] == "different"
    place = path.parent.parent
    manifest = place / MANIFEST_NAME
    about = open_manifest(manifest.read_bytes(), [], where="test").about
    manifest.unlink()
    files = {p.relative_to(place).as_posix(): p.read_bytes() for p in place.rglob("*") if p.is_file()}
    manifest.write_bytes(seal_manifest(files, about, signing["alpha"]))
    assert verdicts()["products/watch-1"] == "different", "its owner signed a message of other numbers"
