"""Where other programs answer the same question: lunar axes, geodetic coordinates, passes at odd places."""

from __future__ import annotations

import re
from pathlib import Path

import brahe
import erfa
import numpy as np
import pytest
from scipy.optimize import brentq
from sgp4.api import WGS72, Satrec

from syzygy.astro.events.passes import find_passes
from syzygy.astro.events.sites import make_sites
from syzygy.astro.events.trajectories import Sgp4Trajectories
from syzygy.astro.frames import geodetic_from_itrf, moon_me_from_icrf, moon_pa_from_icrf
from syzygy.astro.frames.vectors import product, rotation_x, rotation_y, rotation_z, transposed
from syzygy.astro.time import parse_utc, tdb_julian_date
from syzygy.data import find_data_set, locate_data_set
from syzygy.formats.catalogue import read_catalogue
from syzygy.formats.jpl_binary import open_jpl_binary
from syzygy.formats.pck import open_binary_pck

ANGLE_RAD = 1e-14
"""Sums of the same series by another program, of angles up to 10^4 rad."""

MEAN_EARTH_RAD = 1e-6
"""The mean Earth axes of DE421 and of DE440 were fitted to each other: 2 m on the ground."""

EDGE_MS = 0.02
"""The peer is refined to 1 us; SGP4's time argument, a double of minutes, holds 1e-8 s."""

BPC = Path("exploration") / "frames" / "moon_pa_de421_1900-2050.bpc"


@pytest.mark.slow
def test_lunar_angles_are_those_of_jplephem(shared_data, record_accuracy):
    pck = pytest.importorskip("jplephem.pck")
    daf = pytest.importorskip("jplephem.daf")
    epochs = np.linspace(0, 1.8e18, 2000).astype(np.int64)
    ours = open_binary_pck(shared_data / BPC).angles_rad(epochs)
    jd, fraction = tdb_julian_date(epochs)
    with (shared_data / BPC).open("rb") as stream:
        segment = pck.PCK(daf.DAF(stream)).segments[0]
        theirs = segment.compute(jd, fraction, False).T
    worst = float(np.abs(ours - theirs).max() / np.abs(theirs).max())
    record_accuracy("astro.frames", "lunar angles", worst, ANGLE_RAD, "rad per rad", "jplephem.pck", 2000)


def test_mean_earth_axes_of_two_ephemerides_agree(shared_data, record_accuracy):
    """DE440 angles with its turn, and DE421 angles with the turn of its own frame kernel, are one frame."""
    found = locate_data_set(find_data_set("de440-librations"))
    if found.path is None:
        pytest.skip("needs the extra `librations`")
    epochs = np.linspace(0, 1.8e18, 200).astype(np.int64)
    ours = moon_me_from_icrf(
        open_jpl_binary(found.path, sha256=found.sha256).require_orientation().angles_rad(epochs)
    )
    kernel = (shared_data / "exploration" / "frames" / "moon_080317.tf").read_text()
    match = re.search(r"TKFRAME_31007_ANGLES\s*=\s*\(([^)]*)\)", kernel)
    assert match
    z, y, x = (float(word) * np.pi / 648_000.0 for word in match[1].replace(",", " ").split())
    turn = transposed(product(rotation_z(z), product(rotation_y(y), rotation_x(x))))
    theirs = product(turn, moon_pa_from_icrf(open_binary_pck(shared_data / BPC).angles_rad(epochs)))
    angle = np.linalg.norm(product(ours, transposed(theirs)) - np.eye(3), axis=(-2, -1)) / np.sqrt(2.0)
    record_accuracy(
        "astro.frames", "mean Earth axes of the Moon", float(angle.max()), MEAN_EARTH_RAD, "rad",
        "DE421 binary PCK and moon_080317.tf", 200,
    )  # fmt: skip


def test_geodetic_coordinates_are_those_of_brahe(record_accuracy):
    random = np.random.default_rng(3)
    direction = random.normal(size=(500, 3))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    direction[:6] = np.concatenate([np.eye(3), -np.eye(3)])
    position = direction * random.uniform(6.35e6, 5e7, (500, 1))
    latitude, longitude, height = geodetic_from_itrf(position)
    theirs = np.array([brahe.position_ecef_to_geodetic(p, brahe.AngleFormat.RADIANS) for p in position])
    turn = np.abs(np.exp(1j * theirs[:, 0]) - np.exp(1j * longitude)) * np.cos(latitude)
    angle = max(float(turn.max()), float(np.abs(theirs[:, 1] - latitude).max()))
    record_accuracy("astro.frames", "geodetic angles", angle, 1e-12, "rad", f"brahe {brahe.__version__}", 500)
    record_accuracy(
        "astro.frames", "geodetic height", float(np.abs(theirs[:, 2] - height).max()), 1e-6, "m",
        f"brahe {brahe.__version__}", 500,
    )  # fmt: skip


PLACES = {
    "North Pole": (90.0, 0.0),
    "South Pole": (-90.0, 45.0),
    "equator at the antimeridian": (0.0, 180.0),
    "equator, the same place": (0.0, -180.0),
    "below the pole of the orbit": (82.0, 30.0),
}


def _elevation(satrec: Satrec, site: tuple[float, float], second: float) -> float:
    """Return the sine of the elevation, seconds after 2024-11-18T06:00 UTC."""
    code, r_km, _ = satrec.sgp4(2460632.5, 0.25 + second / 86400.0)
    assert code == 0
    turn = erfa.gmst82(2460632.5, 0.25 + second / 86400.0)
    c, s = np.cos(turn), np.sin(turn)
    fixed = 1e3 * np.array([c * r_km[0] + s * r_km[1], c * r_km[1] - s * r_km[0], r_km[2]])
    latitude, longitude = np.radians(site)
    place = erfa.gd2gc(1, longitude, latitude, 0.0)
    up = np.array(
        [np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)]
    )
    return float((fixed - place) @ up / np.linalg.norm(fixed - place))


@pytest.mark.parametrize("place", sorted(PLACES))
def test_passes_at_odd_places_are_those_of_a_sampler(place, test_data, leap_seconds, record_accuracy):
    content = (test_data / "passes" / "oneweb_2024-11.tle").read_bytes()
    elements = read_catalogue(content, leap_seconds).elements.select(0)
    start = parse_utc("2024-11-18T06:00:00", leap_seconds)
    mask = np.radians(5.0)
    site = make_sites(*np.radians(PLACES[place]), 0.0, mask)
    found = find_passes(
        Sgp4Trajectories(elements, leap_seconds), site, start, start + 43_200_000_000_000, leap_seconds
    )
    number = int(elements.object_id[0])
    lines = content.decode().splitlines()
    one, two = (next(x for x in lines if x.startswith(f"{k} {number:05d}")) for k in (1, 2))
    satrec = Satrec.twoline2rv(one, two, WGS72)

    def height(second: float) -> float:
        return _elevation(satrec, PLACES[place], second) - np.sin(mask)

    grid = np.arange(0.0, 43_201.0, 20.0)
    values = np.array([height(second) for second in grid])
    change = np.flatnonzero((values[:-1] > 0.0) != (values[1:] > 0.0))
    edges = np.array([brentq(height, grid[k], grid[k + 1], xtol=1e-7) for k in change])
    closed = np.concatenate([found.start_tai_ns[~found.open_start], found.end_tai_ns[~found.open_end]])
    ours = np.sort(closed - start) * 1e-9
    assert ours.size == edges.size >= 4
    record_accuracy(
        "astro.events", f"edges of passes, {place}", 1e3 * float(np.abs(ours - edges).max()), EDGE_MS, "ms",
        "SGP4, ERFA's sidereal time and ellipsoid, scipy brentq", edges.size,
    )  # fmt: skip
