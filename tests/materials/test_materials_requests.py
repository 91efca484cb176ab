"""The request as people write it, and every mistake found before anything is computed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from syzygy.base.errors import FormatError, InputError, ProblemList, SyzygyError
from syzygy.base.provenance import bind_input
from syzygy.base.requests import Border, describe_request, options_of, read_request
from syzygy.materials import STUDIES
from syzygy.materials.erosion import read_yields
from syzygy.materials.faces import choose_faces, lvlh_from_body, read_normals
from syzygy.materials.requests import FACE_NAMES, ExposureRequest

Make = Callable[..., ExposureRequest]


@pytest.fixture
def border(inputs: Path) -> Border:
    return Border(lambda text: int(text), lambda tai_ns: str(tai_ns), lambda text: bind_input(inputs / text))


@pytest.fixture
def values() -> dict[str, object]:
    return {"orbit": "station_2022-07.3le", "object_id": 25544, "start_utc": "1658275237000000000"}


def problems_of(values: dict[str, object], border: Border) -> list[SyzygyError]:
    with pytest.raises(ProblemList) as caught:
        read_request(ExposureRequest, values, border)
    return list(caught.value.problems)


def test_border_names_carry_the_units_people_use() -> None:
    names = [opt.name for opt in options_of(ExposureRequest)]
    for name in ("duration_d", "step_s", "yaw_deg", "campaign_d", "start_utc", "object_id"):
        assert name in names
    assert [opt.name for opt in options_of(ExposureRequest) if opt.positional] == ["orbit"]


def test_defaults_are_thirty_days_and_a_five_year_campaign(border: Border, values: dict[str, object]) -> None:
    request = read_request(ExposureRequest, values, border)
    assert request.duration_s == 30.0 * 86400.0
    assert request.campaign_s == 1826.0 * 86400.0
    assert request.faces == FACE_NAMES
    assert describe_request(request)["normals"] is None


@pytest.mark.parametrize(
    ("name", "value", "where"),
    [
        ("duration_d", -1, "duration_d"),
        ("duration_d", float("nan"), "duration_d"),
        ("duration_d", 400, "duration_d"),
        ("step_s", 0, "step_s"),
        ("faces", ["ram", "front"], "faces"),
        ("faces", ["ram", "ram"], "faces"),
        ("faces", [], "faces"),
        ("campaign_d", 10, "campaign_d"),
        ("object_id", 0, "object_id"),
        ("object_id", "ISS", "object_id"),
        ("yaw_deg", 720, "yaw_deg"),
        ("absorptance", 1.5, "absorptance"),
        ("orbit", "missing.3le", "orbit"),
        ("normals", "missing.csv", "normals"),
        ("start_utc", None, "start_utc"),
        ("altitude_km", 400, "altitude_km"),
    ],
)
def test_each_mistake_is_named_by_its_field(
    border: Border, values: dict[str, object], name: str, value: object, where: str
) -> None:
    found = problems_of(values | {name: value}, border)
    assert [problem.where.split(":")[0] for problem in found] == [where]


def test_all_mistakes_are_found_at_once(border: Border, values: dict[str, object]) -> None:
    found = problems_of(values | {"duration_d": -1, "faces": ["up"], "emittance": 2}, border)
    assert len(found) == 3


def test_the_study_is_declared_with_loadable_parts() -> None:
    (kind,) = STUDIES
    assert kind.name == "materials.exposure"
    assert kind.command == ("materials", "exposure")
    assert kind.request_class() is ExposureRequest
    assert callable(kind.compute_function())
    assert callable(kind.draw_function())
    assert "space_weather" in kind.needs


def test_the_six_faces_are_opposite_in_pairs_and_orthogonal(make_request: Make) -> None:
    faces = choose_faces(make_request())
    normal = dict(zip(faces.names, faces.normals, strict=True))
    for one, other in (("ram", "wake"), ("zenith", "nadir"), ("port", "starboard")):
        np.testing.assert_array_equal(normal[one], -normal[other])
    np.testing.assert_allclose(np.cross(normal["ram"], normal["starboard"]), normal["nadir"])
    assert faces.follows_sun.tolist() == [name == "sun" for name in faces.names]


def test_attitude_turns_go_the_way_their_help_says() -> None:
    nose, starboard = np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])
    np.testing.assert_allclose(lvlh_from_body(np.pi / 2, 0.0, 0.0) @ nose, starboard, atol=1e-15)
    assert (lvlh_from_body(0.0, 0.1, 0.0) @ nose)[2] < 0.0  # nose up is away from nadir
    assert (lvlh_from_body(0.0, 0.0, 0.1) @ starboard)[2] > 0.0  # starboard down
    turn = lvlh_from_body(0.3, -0.2, 0.5)
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-15)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("face,x,y\na,1,0\n", "columns are missing"),
        ("face,x,y,z\na,1,0,nought\n", "not a number"),
        ("face,x,y,z\na,1,0\n", "not a number"),
        ("face,x,y,z\na,1,1,0\n", "not a unit vector"),
        ("face,x,y,z\na,nan,0,0\n", "not a unit vector"),
        ("face,x,y,z\na,1,0,0\na,0,1,0\n", "no name of its own"),
        ("face,x,y,z\n,1,0,0\n", "no name of its own"),
        ("face,x,y,z\n", "number of faces"),
    ],
)
def test_a_wrong_file_of_normals_is_refused(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "normals.csv"
    path.write_text(text)
    with pytest.raises(FormatError, match=what):
        read_normals(bind_input(path))


def test_a_face_named_in_both_places_is_refused(make_request: Make, tmp_path: Path) -> None:
    path = tmp_path / "normals.csv"
    path.write_text("face,x,y,z\nram,1,0,0\n")
    with pytest.raises(InputError, match="named twice"):
        choose_faces(make_request(normals=bind_input(path)))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("abbreviation,kind\nPE,value\n", "columns are missing"),
        ("abbreviation,yield_cm3_atom,kind\nPE,3e-24,guess\n", "unknown kind"),
        ("abbreviation,yield_cm3_atom,kind\nPE,3,value\n", "not a volume per atom"),
        ("abbreviation,yield_cm3_atom,kind\nPE,,value\n", "not a volume per atom"),
        ("abbreviation,yield_cm3_atom,kind\n", "no yields"),
    ],
)
def test_a_wrong_file_of_yields_is_refused(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "yields.csv"
    path.write_text(text)
    with pytest.raises(FormatError, match=what):
        read_yields(bind_input(path))


def test_a_wrong_yield_is_named_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "yields.csv"
    path.write_text("# comment\nabbreviation,yield_cm3_atom,kind\nPE,3e-24,value\nPP,-1,value\n")
    with pytest.raises(FormatError) as caught:
        read_yields(bind_input(path))
    assert caught.value.where == "yields.csv:4"
