"""Scenes, further pictures and payload of flights to the Moon."""

from __future__ import annotations

import json
import math
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from scipy.interpolate import KroghInterpolator

from syzygy.astro.bodies import EARTH, MOON
from syzygy.astro.frames import gcrf_from_itrf, itrf_from_geodetic
from syzygy.astro.time import parse_utc
from syzygy.base.errors import MissingDataError
from syzygy.base.provenance import bind_input
from syzygy.data import build_almanac
from syzygy.exploration.free_return.messages import write_messages as write_returns
from syzygy.exploration.free_return.picture import draw_further as draw_returns
from syzygy.exploration.free_return.requests import FreeReturnRequest
from syzygy.exploration.free_return.study import find_free_returns
from syzygy.exploration.lunar.messages import write_messages
from syzygy.exploration.lunar.passage_picture import _parking_orbit, draw_further, subpoints_deg
from syzygy.exploration.lunar.requests import LunarTransferRequest
from syzygy.exploration.lunar.study import find_lunar_transfers
from syzygy.exploration.payload import Asked, payloads_of
from syzygy.formats.ccsds.orbits import read_orbit_parameters
from syzygy.formats.ccsds.reading import read_message

INPUTS = Path(__file__).resolve().parents[2] / "examples" / "joint-programme" / "inputs" / "exploration"
FILES = (
    "launchers_c3_polynomials", "launchers_statements", "launch_points", "launch_vehicles", "launch_sites",
)  # fmt: skip
SCENE_M = 100.0
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def almanac():
    try:
        return build_almanac(("leap_seconds", "earth_orientation", "ephemeris"))
    except MissingDataError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def transfer(almanac):
    day = parse_utc("2022-12-01", almanac.leap_seconds)
    request = LunarTransferRequest(
        departure_begin_tai_ns=day, departure_end_tai_ns=day, site_latitude_rad=math.radians(19.614),
        site_longitude_rad=math.radians(110.951), least_azimuth_rad=math.radians(90),
        largest_azimuth_rad=math.radians(175), flight_steps=1, sides=("south",), planes=("ascending",),
        launchers=tuple(bind_input(INPUTS / f"{name}.csv") for name in FILES), include_unverified=True,
    )  # fmt: skip
    return find_lunar_transfers(request, almanac)


@pytest.fixture(scope="module")
def back(almanac):
    day = parse_utc("2022-09-03", almanac.leap_seconds)
    request = FreeReturnRequest(
        departure_begin_tai_ns=day, departure_end_tai_ns=day, site_latitude_rad=math.radians(28.6),
        site_longitude_rad=math.radians(-80.6), planes=("ascending",),
    )  # fmt: skip
    return find_free_returns(request, almanac)


def _as_a_viewer(packet, seconds):
    """Hermite interpolation over the four samples about an instant, as the CZML guide means degree 7."""
    position = packet["position"]
    assert (position["interpolationAlgorithm"], position["interpolationDegree"]) == ("HERMITE", 7)
    rows = np.array(position["cartesianVelocity"]).reshape(-1, 7)
    found = []
    for second in seconds:
        at = int(np.clip(np.searchsorted(rows[:, 0], second) - 2, 0, rows.shape[0] - 4))
        near = rows[at : at + 4]
        both = np.stack([near[:, 1:4], near[:, 4:]], axis=1).reshape(-1, 3)
        found.append(KroghInterpolator(np.repeat(near[:, 0] - near[0, 0], 2), both)(second - near[0, 0]))
    return rows[:, 0], np.array(found)


@pytest.mark.parametrize("which", ["transfer", "back"])
def test_a_viewer_of_the_scene_sees_the_flight_and_the_moon(which, request, almanac, record_accuracy):
    result = request.getfixturevalue(which)
    made = write_messages(result) if which == "transfer" else write_returns(result)
    (content,) = (body for name, body in made.items() if name.endswith(".czml"))
    document, craft, moon = json.loads(content)
    flight = result.best()[1].flight.trajectory
    first, last = flight.span_tai_ns
    seconds = np.linspace(0.0, (last - first) / 1e9, 1201)
    nodes, seen = _as_a_viewer(craft, seconds)
    assert nodes[-1] == pytest.approx(seconds[-1], abs=1e-3)
    instants = first + np.rint(seconds * 1e9).astype(np.int64)
    error = np.linalg.norm(seen - flight.states(instants).position_m, axis=1).max()
    record_accuracy("exploration", f"CZML of a {which} flight", error, SCENE_M, "m", "the flight", 1201)
    truth = almanac.require_ephemeris().position_m(MOON, EARTH, np.array([first]))[0]
    start = np.array(moon["position"]["cartesianVelocity"])[1:4]
    assert np.allclose(start, truth, atol=1e-2)
    begin, end = document["clock"]["interval"].split("/")
    span = datetime.fromisoformat(end) - datetime.fromisoformat(begin)
    assert span.total_seconds() == pytest.approx(seconds[-1], abs=2e-3)


def test_the_messages_of_a_free_return_hold_its_ends(back, almanac):
    made = write_returns(back)
    assert set(made) == {"free_return.oem", "injection.opm", "entry.opm", "free_return.czml"}
    flight = back.best()[1].flight
    orbit = read_orbit_parameters(read_message(made["entry.opm"], name="x"), almanac.leap_seconds)
    assert int(orbit.states.tai_ns) == pytest.approx(flight.entry.tai_ns, abs=2_000_000)
    assert np.linalg.norm(orbit.states.velocity_m_s) == pytest.approx(flight.entry.speed_m_s, rel=1e-6)


def test_the_ground_track_begins_at_the_launch_site(transfer, almanac):
    row = transfer.best()[1]
    instants, place = _parking_orbit(transfer, row)
    fixed = itrf_from_geodetic(transfer.request.site_latitude_rad, transfer.request.site_longitude_rad, 0.0)
    site = gcrf_from_itrf(fixed, None, np.array(row.launch_tai_ns), almanac)[0]
    off = np.arccos(np.dot(place[0], site) / np.linalg.norm(place[0]) / np.linalg.norm(site))
    assert off < math.radians(0.1)  # geocentric: the ground turns 2.9 degrees in the ascent
    assert abs(instants[0] - row.launch_tai_ns) < 10**9
    ends = transfer.best()[1].flight.trajectory.states(np.array([row.flight.injection_tai_ns])).position_m
    assert np.linalg.norm(place[-1] - ends[0]) < 1.0
    longitude, latitude = subpoints_deg(instants[:1], place[:1], almanac)
    assert (longitude[0], latitude[0]) == pytest.approx((110.951, 19.614), abs=0.15)


def test_the_further_pictures_are_the_same_bytes_each_time(transfer, back):
    for theme in ("light", "dark"):
        first = draw_further(transfer, theme)
        assert set(first) == {"approach", "ground-track"}
        assert first == draw_further(transfer, theme)
        assert all(svg.startswith(b"<?xml") for svg in first.values())
        assert set(draw_returns(back, theme)) == {"approach"}


def test_the_launcher_of_the_site_carries_what_its_points_say(transfer):
    """CZ-5 from Wenchang: the band holds the mass of Chang'e 5 and the fit ends at its points."""
    rows = {row.vehicle: row for row in transfer.payloads_of(1) if "single" not in row.verdict}
    own = rows["CZ-5"]
    assert own.site == "Wenchang"
    assert own.verdict.startswith("fitted, two points (TLI, TMI)")
    assert own.low_kg < 8_200.0 < own.high_kg
    assert own.penalty_m_s < 5.0
    # Cape Canaveral reaches the Moon from its own plane: nothing is turned.
    assert "turn the plane" not in rows["Vulcan VC6"].verdict
    names = [table.name for table in transfer.tables()]
    assert names == ["transfers", "payload", "vehicles", "flight"]
    labels = [figure.label for figure in transfer.key_figures()]
    assert any(label.startswith("largest payload on a curve") for label in labels)
    row = transfer.rows[0]
    asked = Asked(row.c3_m2_s2, row.apogee_declination_rad, None, "TLI")
    given = payloads_of(1, asked, transfer.launchers, adapter_kg=100.0)
    assert {item.adapter_kg for item in given if item.payload_kg > 100.0} == {100.0}
