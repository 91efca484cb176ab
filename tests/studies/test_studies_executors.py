"""The same bytes from one, two and three workers and from a local Dask cluster, for every study kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from syzygy.base.execution import SERIAL, DaskExecutor, Executor, ProcessExecutor
from syzygy.base.requests import read_request
from syzygy.formats.tabular import encode_table
from syzygy.studies.almanacs import AlmanacShelf, make_border
from syzygy.studies.kinds import find_kind, study_kinds

INPUTS = Path(__file__).resolve().parents[2] / "examples" / "joint-programme" / "inputs"
WEATHER = INPUTS / "materials" / "space_weather_2008-2022.txt.gz"

SMALL: dict[str, dict[str, Any]] = {
    "exploration.windows": {
        "departure_body": "Earth-Moon barycenter",
        "arrival_body": "Mars barycenter",
        "departure_begin_utc": "2020-06-01",
        "departure_end_utc": "2020-10-01",
        "arrival_begin_utc": "2020-12-01",
        "arrival_end_utc": "2021-12-01",
        "departure_steps": 41,
        "arrival_steps": 41,
    },
    "exploration.replay": {"ephemeris": "exploration/orion_coast_2026-04-05.oem"},
    "exploration.explanation": {
        "first": "exploration/orion_coast_2026-04-05.oem",
        "second": "exploration/orion_coast_2026-04-05.oem",
    },
    "exploration.lunar_transfer": {
        "departure_begin_utc": "2022-09-01",
        "departure_end_utc": "2022-09-02",
        "site_latitude_deg": 28.6,
        "site_longitude_deg": -80.6,
        "flight_steps": 1,
        "sides": ["south"],
    },
    "exploration.free_return": {
        "departure_begin_utc": "2022-09-01",
        "departure_end_utc": "2022-09-02",
        "site_latitude_deg": 28.6,
        "site_longitude_deg": -80.6,
        "planes": ["ascending"],
    },
    "satellites.availability": {
        "orbits": ["satellites/Sta21114.sp3.gz"],
        "sites": "satellites/joint_monitoring_sites.csv",
        "duration_h": 1,
        "grid_points": 300,
    },
    "sensing.opportunities": {
        "elements": ["sensing/joint_fleet_2022-07-15.3le"],
        "sensors": "sensing/sensors.csv",
        "targets": "sensing/targets.csv",
        "start_utc": "2022-07-15T12:00:00",
        "duration_h": 6,
    },
    "materials.exposure": {
        "orbit": "materials/station_2022-07.3le",
        "object_id": 25544,
        "start_utc": "2022-07-15",
        "duration_d": 1,
    },
    "debris.screening": {
        "catalogues": ["debris/catalogue_2022-07-15_sample.3le.gz"],
        "start_utc": "2022-07-15",
        "duration_h": 2,
        "chunk_h": 0.5,
    },
    "debris.comparison": {
        "a": "debris/lists/approaches_2022-07-15.csv",
        "b": "debris/lists/approaches_2022-07-15_minute_grid.csv",
        "catalogue_a": ["debris/catalogue_2022-07-15_sample.3le.gz"],
    },
    "debris.probability": {
        "events": ["debris/conjunctions"],
        "monte_carlo": "always",
        "samples": 5000,
    },
    "debris.avoidance": {
        "catalogues": ["debris/catalogue_2022-07-15_sample.3le.gz"],
        "objects": [43833, 48029],
        "tca_utc": "2022-07-15T20:07:18",
        "threshold": 1e-5,
        "model_sigma_km": [0.05, 0.2, 0.05],
        "model_growth_km": [0.0, 0.1, 0.0],
        "horizon_d": 0.5,
        "plans": 60,
        "allowed": ["2022-07-15T12:00/2022-07-15T14:00"],
    },
    "debris.trend": {"events": ["debris/series"], "draws": 2000},
}


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """A Dask cluster of two processes on this machine."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
    ) as local:
        yield local.scheduler_address


def _tables(kind_name: str, executor: Executor) -> dict[str, bytes]:
    kind = find_kind(kind_name)
    shelf = AlmanacShelf(WEATHER)
    request: object = read_request(kind.request_class(), SMALL[kind_name], make_border(shelf, INPUTS))
    result = kind.compute_function()(request, shelf.almanac(kind.needs), executor=executor)
    return {table.name: encode_table(table, "parquet") for table in result.tables()}


def test_every_study_kind_is_tried() -> None:
    assert set(SMALL) == set(study_kinds())


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("kind_name", SMALL)
def test_the_bytes_do_not_depend_on_the_workers(kind_name: str, cluster: str) -> None:
    one = _tables(kind_name, SERIAL)
    assert _tables(kind_name, ProcessExecutor(2)) == one
    assert _tables(kind_name, ProcessExecutor(3)) == one
    assert _tables(kind_name, DaskExecutor(cluster)) == one
