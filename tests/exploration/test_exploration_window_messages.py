"""Messages of the best window: strict, on the two bodies, on one conic; the scene shows the same."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from syzygy.astro.almanac import Almanac
from syzygy.astro.bodies import EARTH
from syzygy.astro.frames import ICRF
from syzygy.astro.time import parse_utc
from syzygy.data import build_almanac
from syzygy.exploration.minima import INTERIOR
from syzygy.exploration.requests import WindowsRequest
from syzygy.exploration.window_messages import write_messages
from syzygy.exploration.windows import WindowsResult, find_windows
from syzygy.formats.ccsds.ephemerides import read_ephemeris
from syzygy.formats.ccsds.orbits import read_orbit_parameters
from syzygy.formats.ccsds.reading import read_message

MAX_END_M = 1.0
MAX_INTEGRATED_M = 1000.0
DAY_S = 86400.0


@pytest.fixture(scope="module")
def almanac() -> Almanac:
    return build_almanac(("leap_seconds", "ephemeris"))


def _mars(almanac: Almanac, **changes: object) -> WindowsResult:
    def at(text: str) -> int:
        return parse_utc(text, almanac.leap_seconds)

    values: dict[str, object] = {
        "arrival_body": "Mars barycenter", "departure_begin_tai_ns": at("2020-06-15"),
        "departure_end_tai_ns": at("2020-08-20"), "arrival_begin_tai_ns": at("2020-12-15"),
        "arrival_end_tai_ns": at("2021-04-15"), "departure_steps": 21, "arrival_steps": 21,
        "directions": ("prograde",),
    }  # fmt: skip
    return find_windows(WindowsRequest(**(values | changes)), almanac)  # type: ignore[arg-type]


def _moon(almanac: Almanac) -> WindowsResult:
    request = WindowsRequest(
        departure_body="Earth", arrival_body="Moon", shortest_flight_s=3 * DAY_S, longest_flight_s=6 * DAY_S,
        departure_begin_tai_ns=parse_utc("2022-08-01", almanac.leap_seconds),
        departure_end_tai_ns=parse_utc("2022-08-20", almanac.leap_seconds), departure_steps=31,
        arrival_steps=21, minimise="total_delta_v",
    )  # fmt: skip
    return find_windows(request, almanac)


@pytest.mark.slow
@pytest.mark.parametrize("build", [_mars, _moon])
def test_the_ephemeris_passes_the_strict_check_and_joins_the_two_bodies(  # type: ignore[no-untyped-def]
    build, almanac: Almanac, record_accuracy
) -> None:
    result = build(almanac)
    made = write_messages(result)
    assert {"transfer.oem", "departure.opm", "transfer.czml"} <= set(made)
    states = read_ephemeris(read_message(made["transfer.oem"], strict=True), almanac.leap_seconds)[0].states
    window = result.best()[1]
    place = result.ephemeris.position_m(
        result.leg.destination, result.leg.centre, np.int64(window.arrival_tai_ns)
    )
    assert states.frame == ICRF
    assert states.centre == result.leg.centre
    assert (states.tai_ns[0], states.tai_ns[-1]) == (window.departure_tai_ns, window.arrival_tai_ns)
    error = float(np.linalg.norm(states.position_m[-1] - place))
    words = f"end of the written conic to {result.leg.destination.name}"
    record_accuracy("exploration", words, error, MAX_END_M, "m", "DE440 place of the arrival body", 1)
    opm = read_orbit_parameters(read_message(made["departure.opm"], strict=True), almanac.leap_seconds)
    np.testing.assert_allclose(opm.states.position_m.ravel(), states.position_m[0], atol=1e-3)


@pytest.mark.slow
def test_the_best_of_every_family_leaves_with_its_asymptotes(almanac: Almanac) -> None:
    late = (parse_utc("2020-09-20", almanac.leap_seconds), parse_utc("2021-11-15", almanac.leap_seconds))
    result = _mars(almanac, departure_end_tai_ns=late[0], arrival_end_tai_ns=late[1])
    made = {name: text for name, text in write_messages(result).items() if name.endswith(".opm")}
    best = result.best()[0]
    interior = [k for k, window in enumerate(result.windows, start=1) if window.verdict == INTERIOR]
    others = [f"departure-{number}.opm" for number in interior if number != best]
    assert len(others) == 1
    assert sorted(made) == sorted(["departure.opm", *others])
    for name, text in made.items():
        number = best if name == "departure.opm" else int(name.split("-")[1].split(".")[0])
        window = result.windows[number - 1]
        opm = read_orbit_parameters(read_message(text, strict=True), almanac.leap_seconds)
        instant = np.int64(window.departure_tai_ns)
        excess = opm.states.velocity_m_s.ravel()
        excess = excess - result.ephemeris.state_m(result.leg.origin, result.leg.centre, instant)[1]
        said = {key.removeprefix("USER_DEFINED_"): value for key, value in opm.user.values.items()}
        assert np.sum(excess**2) / 1e6 == pytest.approx(float(said["C3_KM2_S2"]), abs=1e-5)
        up = np.degrees(np.arcsin(excess[2] / np.linalg.norm(excess)))
        assert up == pytest.approx(float(said["DEPARTURE_DECLINATION_DEG"]), abs=1e-5)


@pytest.mark.slow
def test_an_integrator_flies_the_written_conic(almanac: Almanac) -> None:
    result = _mars(almanac)
    content = write_messages(result)["transfer.oem"]
    states = read_ephemeris(read_message(content, strict=True), almanac.leap_seconds)[0].states
    gm = result.leg.centre.gm_m3_s2

    def rates(_t: float, y: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
        return np.concatenate([y[3:], -gm * y[:3] / np.linalg.norm(y[:3]) ** 3])

    seconds = (states.tai_ns - states.tai_ns[0]) / 1e9
    y0 = np.concatenate([states.position_m[0], states.velocity_m_s[0]])
    flown = solve_ivp(rates, (0.0, seconds[-1]), y0, "DOP853", seconds, rtol=1e-13, atol=1e-3).y[:3].T
    assert np.linalg.norm(flown - states.position_m, axis=1).max() < MAX_INTEGRATED_M


@pytest.mark.slow
def test_the_words_say_what_it_is(almanac: Almanac) -> None:
    made = write_messages(_mars(almanac))
    for name in ("transfer.oem", "departure.opm"):
        assert b"Two-body conic round the Sun" in made[name]
        assert b"not a propagated trajectory" in made[name]


@pytest.mark.slow
def test_the_scene_shows_probe_and_bodies_round_the_earth(almanac: Almanac) -> None:
    result = _mars(almanac)
    packets = json.loads(write_messages(result)["transfer.czml"])
    assert [packet["id"] for packet in packets] == ["document", "probe", "sun", "mars"]
    rows = {p["id"]: np.array(p["position"]["cartesian"]).reshape(-1, 4) for p in packets[1:]}
    assert np.linalg.norm(rows["probe"][-1, 1:] - rows["mars"][-1, 1:]) < 10.0
    sun = result.ephemeris.position_m(result.leg.centre, EARTH, np.int64(result.best()[1].departure_tai_ns))
    np.testing.assert_allclose(rows["sun"][0, 1:], sun, atol=0.001)


@pytest.mark.slow
def test_without_a_window_there_is_no_message(almanac: Almanac) -> None:
    early = parse_utc("2020-07-01", almanac.leap_seconds)
    assert write_messages(_mars(almanac, departure_end_tai_ns=early)) == {}
