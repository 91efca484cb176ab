"""Bodies: numbers as in the kernels they are from, names as people write them."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syzygy.astro import bodies
from syzygy.astro.bodies import BODIES, find_body
from syzygy.base.errors import UnknownNameError

LAST_PLACES = 4e-16
"""The kernel states km3/s2: one rounding of the change of unit."""


def test_gravity_and_radii_are_those_of_the_kernels(shared_data):
    folder = shared_data / "exploration" / "frames"
    gravity = (folder / "gm_de440.tpc").read_text()
    radii = (folder / "pck00011.tpc").read_text()
    for body in BODIES[1:]:
        found = re.search(rf"BODY{body.naif_id}_GM\s*=\s*\(\s*(\S+)", gravity)
        expected = float(found[1].replace("D", "E")) * 1e9
        assert abs(body.gm_m3_s2 / expected - 1.0) <= LAST_PLACES, body
        if body.is_barycenter:
            continue
        found = re.findall(rf"BODY{body.naif_id}_RADII\s*=\s*\(\s*([0-9.]+)\s+[0-9.]+\s+([0-9.]+)", radii)
        equatorial_km, polar_km = (float(value) for value in found[-1])
        assert body.equatorial_radius_m == equatorial_km * 1e3
        assert polar_km * 1e3 - 1.0 <= body.mean_radius_m <= equatorial_km * 1e3


def test_gravity_agrees_with_the_header_of_de440():
    path = Path(__file__).parent.parent / "data" / "ephemerides" / "de440_header.csv"
    rows = csv.DictReader(line for line in path.read_text().splitlines() if not line.startswith("#"))
    known = {row["name"]: float(row["km3_s2"]) * 1e9 for row in rows if row["km3_s2"]}
    pairs = {"GMS": 10, "GMB": 3, "GM_EARTH": 399, "GM_MOON": 301} | {
        f"GM{i}": i for i in (1, 2, 4, 5, 6, 7, 8, 9)
    }
    for name, number in pairs.items():
        assert abs(find_body(number).gm_m3_s2 / known[name] - 1.0) < 1e-14


def test_numbers_and_names_are_unique():
    assert len({body.naif_id for body in BODIES}) == len(BODIES) == 21
    assert len({body.name for body in BODIES}) == len(BODIES)


@given(st.sampled_from(BODIES), st.sampled_from([str.upper, str.lower, str.title]), st.sampled_from(" -_"))
def test_a_body_is_found_however_it_is_written(body, case, blank):
    written = case(body.name.replace(" ", blank).replace("-", blank))
    assert find_body(written) is body
    assert find_body(written.replace("center", "centre").replace("CENTER", "CENTRE")) is body
    assert find_body(body.naif_id) is body


@pytest.mark.parametrize(("name", "number"), [("SSB", 0), ("emb", 3), ("Earth barycenter", 3), ("301", 301)])
def test_common_abbreviations_are_known(name, number):
    assert find_body(name).naif_id == number


def test_an_unknown_body_is_answered_with_the_nearest_names():
    with pytest.raises(UnknownNameError) as caught:
        find_body("Jupitre")
    assert "Jupiter" in caught.value.hint
    with pytest.raises(UnknownNameError):
        find_body("")


def test_a_barycentre_has_no_surface():
    assert bodies.EARTH_MOON_BARYCENTER.is_barycenter
    assert bodies.EARTH.radius_m == bodies.EARTH.equatorial_radius_m == 6378136.6
    assert str(bodies.MARS) == "Mars (499)"
