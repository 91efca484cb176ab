"""CZML: packets as a viewer reads them, the same bytes each time, unusable scenes refused."""

from __future__ import annotations

import json

import numpy as np
import pytest

from syzygy.astro.time import LeapSeconds, parse_utc
from syzygy.base.errors import InputError
from syzygy.data import build_almanac
from syzygy.formats.czml import MovingObject, write_czml

LEAP: LeapSeconds = build_almanac(("leap_seconds",)).leap_seconds
START = parse_utc("2022-01-01", LEAP)
TIMES = START + np.arange(4, dtype=np.int64) * 60_000_000_000
PLACES = np.arange(12.0).reshape(4, 3) * 1e6 + 0.1234


def _object(name: str = "probe", **changes: object) -> MovingObject:
    values: dict[str, object] = {
        "identifier": name, "name": name.title(), "tai_ns": TIMES, "position_m": PLACES,
    }  # fmt: skip
    return MovingObject(**(values | changes))  # type: ignore[arg-type]


def test_a_scene_reads_back_with_its_instants_and_places() -> None:
    document, packet = json.loads(write_czml([_object()], LEAP, name="scene"))
    assert (document["id"], document["version"]) == ("document", "1.0")
    assert document["clock"]["interval"] == "2022-01-01T00:00:00.000Z/2022-01-01T00:03:00.000Z"
    position = packet["position"]
    rows = np.array(position["cartesian"]).reshape(4, 4)
    assert position["epoch"] == "2022-01-01T00:00:00.000Z"
    assert position["referenceFrame"] == "INERTIAL"
    np.testing.assert_array_equal(rows[:, 0], [0.0, 60.0, 120.0, 180.0])
    np.testing.assert_allclose(rows[:, 1:], PLACES, atol=0.0005)


def test_velocities_make_it_hermite() -> None:
    packet = json.loads(write_czml([_object(velocity_m_s=PLACES / 1e3)], LEAP))[1]
    assert packet["position"]["interpolationAlgorithm"] == "HERMITE"
    assert len(packet["position"]["cartesianVelocity"]) == 4 * 7


def test_the_same_scene_gives_the_same_bytes_and_objects_differ_in_colour() -> None:
    scene = [_object(), _object("moon")]
    assert write_czml(scene, LEAP) == write_czml(scene, LEAP)
    packets = json.loads(write_czml(scene, LEAP))
    assert packets[1]["point"]["color"] != packets[2]["point"]["color"]


@pytest.mark.parametrize(
    ("scene", "words"),
    [
        ([], "needs an object"),
        ([_object(), _object()], "must differ"),
        ([_object("document")], "must differ"),
        ([_object(tai_ns=TIMES[::-1].copy())], "do not ascend"),
        ([_object(tai_ns=TIMES[:1], position_m=PLACES[:1])], "do not ascend"),
        ([_object(position_m=PLACES[:3])], "not usable"),
        ([_object(position_m=np.full((4, 3), np.nan))], "not usable"),
        ([_object(frame="TEME")], "no such frame"),
    ],
)
def test_a_scene_that_no_viewer_could_show_is_refused(scene: list[MovingObject], words: str) -> None:
    with pytest.raises(InputError, match=words):
        write_czml(scene, LEAP)
