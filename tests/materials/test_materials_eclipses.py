"""Eclipses of a station against an independent tool and against a brute-force search with ERFA's Sun."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import erfa
import numpy as np
import pytest
from numpy.typing import NDArray
from sgp4.api import WGS72, Satrec

from syzygy.astro.almanac import Almanac
from syzygy.astro.mean_elements import MeanElements
from syzygy.astro.time import parse_utc, utc_quasi_julian_date
from syzygy.formats.catalogue import read_catalogue
from syzygy.materials.eclipses import Eclipses, find_eclipses

EDGE_TOLERANCE_S = 0.02
"""ERFA's analytic Sun is good to 0.02 arcsec, sidereal time of 1982 to some arcseconds; the Earth's limb
passes 4 arcmin per second, ten times less where the eclipse grazes."""
PEER_RADIUS_M = 6378136.3
"""The peer's Earth, 0.7 m smaller."""


@pytest.fixture(scope="module")
def station(inputs: Path, almanac: Almanac) -> MeanElements:
    elements = read_catalogue((inputs / "station_2022-07.3le").read_bytes(), almanac.leap_seconds).elements
    return elements.select(np.flatnonzero(elements.object_id == 25544))


@pytest.fixture(scope="module")
def month(station: MeanElements, almanac: Almanac) -> Eclipses:
    start, end = (parse_utc(t, almanac.leap_seconds) for t in ("2022-07-15T00:00:00", "2022-08-14T00:00:00"))
    return find_eclipses(station, almanac, start, end)


def station_lines(inputs: Path) -> tuple[str, str]:
    lines = (inputs / "station_2022-07.3le").read_text().splitlines()
    return lines[1], lines[2]


def brute_sun(jd: NDArray[np.float64], fraction: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the Sun in TEME (m, 3), by ERFA alone, where it stood when its light left."""
    tt = erfa.taitt(*erfa.utctai(jd, fraction))
    earth, _ = erfa.epv00(tt[0], tt[1] - 499.0 / 86400.0)
    sun_gcrf = -earth["p"] * 149597870700.0
    true_of_date = np.einsum("mij,mj->mi", erfa.pnm06a(*tt), sun_gcrf)
    equinoxes = erfa.eqeq94(*tt)
    c, s = np.cos(equinoxes), np.sin(equinoxes)
    x, y, z = true_of_date.T
    return np.stack([c * x + s * y, -s * x + c * y, z], axis=-1)


def brute_depth(
    inputs: Path, utc: tuple[NDArray[np.float64], NDArray[np.float64]], *, spherical: bool = False
) -> NDArray[np.float64]:
    """Return umbra and penumbra depth (2, m) as lengths off the shadow cones, in TEME, without Syzygy."""
    line1, line2 = station_lines(inputs)
    _, position_km, _ = Satrec.twoline2rv(line1, line2, WGS72).sgp4_array(*utc)
    position = position_km * 1e3
    # The Sun's direction on hourly knots: a chord over an hour is 0.01 arcsec off.
    moment = (utc[0] - utc[0][0]) + utc[1]
    hour = 1.0 / 24.0
    knots = np.arange(moment.min(), moment.max() + 1.001 * hour, hour)
    sun_at_knots = brute_sun(np.full(knots.size, utc[0][0]), knots)
    sun = np.stack([np.interp(moment, knots, sun_at_knots[:, i]) for i in range(3)], axis=-1)
    if not spherical:
        # Along the pole everything is stretched by a/b = 1.003364, which makes the WGS84 ellipsoid a sphere.
        position, sun = (v * np.array([1.0, 1.0, 298.257223563 / 297.257223563]) for v in (position, sun))
    # Cone geometry with lengths instead of angles: axis through Sun and Earth, apex behind or before it.
    distance = np.linalg.norm(sun, axis=1)
    axis = -sun / distance[:, None]
    along = np.sum(position * axis, axis=1)
    off = np.linalg.norm(position - along[:, None] * axis, axis=1)
    radius, sun_radius = 6378137.0, 695.7e6
    umbra_sine = (sun_radius - radius) / distance
    penumbra_sine = (sun_radius + radius) / distance
    umbra = (radius / umbra_sine - along) * umbra_sine / np.sqrt(1 - umbra_sine**2) - off
    penumbra = (radius / penumbra_sine + along) * penumbra_sine / np.sqrt(1 - penumbra_sine**2) - off
    behind = along > 0.0
    return np.where(behind, np.stack([umbra, penumbra]), -1e6)


@pytest.mark.slow
def test_every_eclipse_of_a_month_is_found_by_brute_force_too(
    inputs: Path, almanac: Almanac, month: Eclipses, record_accuracy: Callable[..., None]
) -> None:
    start = parse_utc("2022-07-15T00:00:00", almanac.leap_seconds)
    grid = start + np.arange(30 * 8640, dtype=np.int64) * 10_000_000_000
    umbra, penumbra = brute_depth(inputs, utc_quasi_julian_date(grid, almanac.leap_seconds))
    entries = np.flatnonzero((penumbra[:-1] <= 0.0) & (penumbra[1:] > 0.0))
    source = "SGP4 every 10 s with ERFA's Sun"
    surplus = abs(len(month) - entries.size)
    record_accuracy("materials", "eclipses of a month", surplus, 0, "eclipses", source, entries.size)
    assert int(month.total.sum()) == int(np.sum((umbra[:-1] <= 0.0) & (umbra[1:] > 0.0)))
    assert np.all(np.abs(month.penumbra_start_tai_ns - grid[entries]) < 10_000_000_000)


@pytest.mark.slow
def test_the_edges_agree_with_an_independent_geometry(
    inputs: Path, almanac: Almanac, month: Eclipses, record_accuracy: Callable[..., None]
) -> None:
    for row, edges in ((1, month.penumbra_start_tai_ns), (0, month.umbra_start_tai_ns[month.total])):
        depths = [
            brute_depth(inputs, utc_quasi_julian_date(edges + shift, almanac.leap_seconds))[row]
            for shift in (-500_000_000, 0, 500_000_000)
        ]
        rate_m_s = depths[2] - depths[0]
        error_s = np.abs(depths[1] / rate_m_s)
        assert np.median(error_s) < EDGE_TOLERANCE_S / 10.0
        assert np.max(error_s) < 5.0 * EDGE_TOLERANCE_S
        worst = float(np.percentile(error_s, 99))
        words = f"{'penumbra' if row else 'umbra'} entries of a station, 99 % of them"
        source = "shadow cones by lengths, ERFA's Sun"
        record_accuracy("materials", words, worst, EDGE_TOLERANCE_S, "s", source, error_s.size)
        assert worst < EDGE_TOLERANCE_S


@pytest.mark.peer
@pytest.mark.slow
def test_the_count_equals_that_of_an_independent_tool(
    inputs: Path, station: MeanElements, almanac: Almanac, record_accuracy: Callable[..., None]
) -> None:
    times = ("2022-07-15T00:00:00", "2022-08-14T00:00:00")
    month = find_eclipses(
        station, almanac, *(parse_utc(t, almanac.leap_seconds) for t in times), spherical=True
    )
    brahe = pytest.importorskip("brahe")
    brahe.set_global_eop_provider(brahe.StaticEOPProvider.from_zero())
    line1, line2 = station_lines(inputs)
    satellite = brahe.SGPPropagator.from_tle(line1, line2)
    start = brahe.Epoch.from_datetime(2022, 7, 15, 0, 0, 0.0, 0.0, brahe.TimeSystem.UTC)
    step_s = 30.0
    epochs = [start + step_s * i for i in range(int(30 * 86400 / step_s) + 1)]
    lit = np.array([brahe.eclipse_conical(satellite.state_eci(e)[:3], brahe.sun_position(e)) for e in epochs])
    entries = int(np.sum((lit[:-1] == 1.0) & (lit[1:] < 1.0)))
    surplus = abs(len(month) - entries)
    record_accuracy(
        "materials", "eclipses of a month beside brahe", surplus, 0, "eclipses", "brahe 1.8", entries
    )
    shadow_s = float(np.sum(month.shadow_s))
    off = abs(float(np.sum(lit < 1.0)) * step_s / shadow_s - 1.0)
    record_accuracy(
        "materials", "time in shadow of a month", off, 2e-3, "1", "brahe 1.8, every 30 s", entries
    )


def test_contacts_are_in_order_and_an_umbra_lies_inside_its_penumbra(month: Eclipses) -> None:
    assert np.all(np.diff(month.penumbra_start_tai_ns) > 0)
    whole = month.total & ~month.cut
    assert np.all(month.penumbra_start_tai_ns[whole] < month.umbra_start_tai_ns[whole])
    assert np.all(month.umbra_start_tai_ns[whole] < month.umbra_end_tai_ns[whole])
    assert np.all(month.umbra_end_tai_ns[whole] < month.penumbra_end_tai_ns[whole])
    assert np.all(month.umbra_s[~month.total] == 0.0)


def test_a_season_without_eclipses_has_none(station: MeanElements, almanac: Almanac) -> None:
    start, end = (parse_utc(t, almanac.leap_seconds) for t in ("2022-07-13T00:00:00", "2022-07-15T00:00:00"))
    assert len(find_eclipses(station, almanac, start, end)) == 0


def test_an_eclipse_cut_by_the_interval_is_marked(
    station: MeanElements, almanac: Almanac, month: Eclipses
) -> None:
    middle = int(month.umbra_start_tai_ns[100] + month.umbra_end_tai_ns[100]) // 2
    found = find_eclipses(station, almanac, middle, middle + 3_600_000_000_000)
    assert bool(found.cut[0])
    assert found.penumbra_start_tai_ns[0] == middle
    assert found.penumbra_end_tai_ns[0] == pytest.approx(month.penumbra_end_tai_ns[100], abs=2_000)
