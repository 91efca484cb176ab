"""The porkchop picture: deterministic, both themes, heliocentric and lunar, also without any minimum."""

from __future__ import annotations

import pytest

from syzygy.astro.time import parse_utc
from syzygy.data import build_almanac
from syzygy.exploration.picture import draw_windows
from syzygy.exploration.requests import WindowsRequest
from syzygy.exploration.windows import find_windows

ALMANAC = build_almanac(("leap_seconds", "ephemeris"))


def _request(**changes: object) -> WindowsRequest:
    values: dict[str, object] = {
        "arrival_body": "Mars barycenter",
        "departure_begin_tai_ns": parse_utc("2020-05-01", ALMANAC.leap_seconds),
        "departure_end_tai_ns": parse_utc("2020-10-15", ALMANAC.leap_seconds),
        "shortest_flight_s": 100 * 86400.0,
        "longest_flight_s": 500 * 86400.0,
        "departure_steps": 31,
        "arrival_steps": 31,
    }
    return WindowsRequest(**(values | changes))  # type: ignore[arg-type]


CASES = {
    "mars": {},
    "edge only": {"departure_end_tai_ns": parse_utc("2020-06-01", ALMANAC.leap_seconds)},
    "speed": {"minimise": "arrival_speed"},
    "revolutions": {"most_revolutions": 1, "longest_flight_s": 1200 * 86400.0},
    "moon": {
        "departure_body": "Earth",
        "arrival_body": "Moon",
        "departure_end_tai_ns": parse_utc("2020-05-20", ALMANAC.leap_seconds),
        "shortest_flight_s": 3 * 86400.0,
        "longest_flight_s": 6 * 86400.0,
        "minimise": "total_delta_v",
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_picture_is_svg_of_the_same_bytes_each_time(name: str) -> None:
    result = find_windows(_request(**CASES[name]), ALMANAC)
    light = draw_windows(result, "light")
    assert light.startswith(b"<?xml")
    assert b"<svg" in light[:1000]
    assert light == draw_windows(result, "light")
    dark = draw_windows(result, "dark")
    assert dark != light
    assert b"#e6ebf2" in dark
    assert b"#1b2430" in light
