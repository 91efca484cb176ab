"""The whole chain once more by other means: SGP4, ERFA and MSIS called directly, indices read by hand."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import erfa
import numpy as np
import pymsis
import pytest
from sgp4.api import WGS72, Satrec

from syzygy.materials.results import ExposureResult

CHAIN_TOLERANCE = 1e-4
"""Sidereal time without UT1 and polar motion moves the places by some metres; MSIS has single precision."""


def record_of(inputs: Path) -> dict[str, str]:
    """Return the lines of the space weather file by date."""
    text = gzip.decompress((inputs / "space_weather_2008-2022.txt.gz").read_bytes()).decode()
    lines = [line for line in text.splitlines() if line.startswith("20")]
    return {f"{line[:4]}-{line[5:7]}-{line[8:10]}": line for line in lines}


def mean_without_burst(record: dict[str, str], moment: np.datetime64) -> float:
    """Return the mean of 81 days with 2022-08-28 replaced by the mean of its neighbours."""
    days = [str(moment.astype("datetime64[D]") + np.timedelta64(k, "D")) for k in range(-40, 41)]
    flux = {day: float(record[day][112:118]) for day in days}
    flux["2022-08-28"] = 0.5 * (flux["2022-08-27"] + flux["2022-08-29"])
    return float(np.mean(list(flux.values())))


@pytest.mark.slow
def test_ram_fluence_and_density_equal_a_direct_computation(
    inputs: Path, two_days: ExposureResult, record_accuracy: Callable[..., None]
) -> None:
    """Ram flux n v with v along the motion; the burst of 2022-08-28 lies in the 81 days and is taken out."""
    record = record_of(inputs)
    lines = (inputs / "station_2022-07.3le").read_text().splitlines()
    seconds = 30.0 + 60.0 * np.arange(2880)
    jd, fraction = np.full(2880, 2459780.5), seconds / 86400.0  # 2022-07-20T00:00 UTC
    _, position_km, velocity_km_s = Satrec.twoline2rv(lines[1], lines[2], WGS72).sgp4_array(jd, fraction)
    r, v = position_km * 1e3, velocity_km_s * 1e3
    turn = erfa.gmst82(jd, fraction)
    c, s = np.cos(turn), np.sin(turn)
    fixed = np.stack([c * r[:, 0] + s * r[:, 1], c * r[:, 1] - s * r[:, 0], r[:, 2]], axis=-1)
    longitude, latitude, height = erfa.gc2gd(1, fixed)

    dates = np.datetime64("2022-07-20T00:00:00") + seconds.astype("timedelta64[s]")
    f107, mean81, ap = np.empty(2880), np.empty(2880), np.empty((2880, 7))
    for i, moment in enumerate(dates):
        today = record[str(moment)[:10]]
        f107[i] = float(record[str(moment - np.timedelta64(1, "D"))[:10]][112:118])
        mean81[i] = mean_without_burst(record, moment)
        back = [str(moment - np.timedelta64(3 * k, "h")) for k in range(20)]
        three_hourly = [float(record[b[:10]][46 + 4 * (int(b[11:13]) // 3) :][:4]) for b in back]
        ap[i] = [
            float(today[78:82]),
            *three_hourly[:4],
            np.mean(three_hourly[4:12]),
            np.mean(three_hourly[12:]),
        ]
    air = pymsis.calculate(
        dates,
        np.rad2deg(longitude),
        np.rad2deg(latitude),
        height / 1e3,
        f107,
        mean81,
        ap,
        version=0,
        geomagnetic_activity=-1,
    )
    oxygen = air[:, 3].astype(np.float64)

    relative = v - np.cross([0.0, 0.0, 7.292115e-5], r)
    normal = np.cross(r, v)
    along = np.cross(normal, r)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    fluence = float(np.sum(oxygen * np.sum(relative * along, axis=1)) * 60.0)

    ram = two_days.face_names.index("ram")
    off = abs(float(two_days.faces.oxygen_per_m2[ram]) / fluence - 1.0)
    source = "SGP4, ERFA and MSIS called directly, every minute of two days"
    record_accuracy("materials", "ram fluence of the whole chain", off, CHAIN_TOLERANCE, "1", source, 2880)
    mean_by_day = oxygen.reshape(2, 1440).mean(axis=1)
    np.testing.assert_allclose(two_days.days.oxygen_per_m3, mean_by_day, rtol=CHAIN_TOLERANCE)
    np.testing.assert_allclose(two_days.days.height_m, height.reshape(2, 1440).mean(axis=1), atol=50.0)


def test_the_orbit_normal_points_to_port(two_days: ExposureResult) -> None:
    """On 20 July beta is positive: the Sun stands on the side of the orbit normal, which is port."""
    hours = dict(zip(two_days.face_names, two_days.faces.sun_hours, strict=True))
    assert np.all(two_days.days.beta_rad > 0.5)
    assert hours["port"] > 20.0
    assert hours["starboard"] == 0.0
