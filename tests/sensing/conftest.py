"""Fixtures of the sensing tests: the Almanac, the example's inputs, requests over small places."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from syzygy.astro.almanac import Almanac
from syzygy.astro.time import parse_utc
from syzygy.base.provenance import bind_input
from syzygy.data import build_almanac
from syzygy.sensing.opportunities import find_opportunities
from syzygy.sensing.requests import OpportunitiesRequest
from syzygy.sensing.result import OpportunitiesResult

ORACLE_START = "2022-07-15T12:00:00"
ORACLE_OFF_NADIR_RAD = math.radians(35.0)
HEADER = (
    "norad_id,satellite,partner,sensor,kind,band_class,swath_km,swath_status,max_roll_deg,roll_status,"
    "gsd_m,gsd_status\n"
)

MakeRequest = Callable[..., OpportunitiesRequest]


@pytest.fixture(scope="session")
def almanac() -> Almanac:
    return build_almanac(("leap_seconds", "earth_orientation", "ephemeris"))


@pytest.fixture(scope="session")
def example_inputs(repository: Path) -> Path:
    return repository / "examples" / "joint-programme" / "inputs" / "sensing"


@pytest.fixture(scope="session")
def oracle_rows(test_data: Path) -> list[dict[str, str]]:
    return read_rows(test_data / "sensing" / "access_windows.csv")


def read_rows(path: Path) -> list[dict[str, str]]:
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


@pytest.fixture
def make_request(almanac: Almanac, example_inputs: Path, tmp_path: Path) -> MakeRequest:
    """Make a request for the example's fleets; texts given for sensors, area or targets become files."""

    def make(**changes: object) -> OpportunitiesRequest:
        names = {"sensors": "sensors.csv", "area": "areas.geojson", "targets": "targets.csv"}
        values: dict[str, object] = {
            "elements": (bind_input(example_inputs / "joint_fleet_2022-07-15.3le"),),
            "sensors": bind_input(example_inputs / "sensors.csv"),
            "start_tai_ns": parse_utc("2022-07-16T00:00:00", almanac.leap_seconds),
        }
        for name, change in changes.items():
            if name in names and isinstance(change, str):
                path = tmp_path / names[name]
                path.write_text(change, encoding="utf-8")
                values[name] = bind_input(path)
            else:
                values[name] = change
        return OpportunitiesRequest(**values)  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="session")
def oracle_result(
    almanac: Almanac,
    example_inputs: Path,
    test_data: Path,
    oracle_rows: list[dict[str, str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> OpportunitiesResult:
    """The oracle's satellites over the oracle's targets, with its conventions and without conditions."""
    place = tmp_path_factory.mktemp("oracle")
    satellites = sorted({(int(row["norad"]), row["satellite"]) for row in oracle_rows})
    rows = [f"{n},{name},X,camera,sar,any,10,source,60,source,1,source\n" for n, name in satellites]
    (place / "sensors.csv").write_text(HEADER + "".join(rows))
    targets = read_rows(test_data / "sensing" / "access_targets.csv")
    lines = [f"{t['name']},{t['lat_deg']},{t['lon_deg']},{t['h_m']}\n" for t in targets]
    (place / "targets.csv").write_text("name,latitude_deg,longitude_deg,height_m\n" + "".join(lines))
    request = OpportunitiesRequest(
        elements=(bind_input(example_inputs / "joint_fleet_2022-07-15.3le"),),
        sensors=bind_input(place / "sensors.csv"),
        targets=bind_input(place / "targets.csv"),
        start_tai_ns=parse_utc(ORACLE_START, almanac.leap_seconds),
        duration_s=86400.0,
        max_off_nadir_rad=ORACLE_OFF_NADIR_RAD,
        max_incidence_rad=math.pi / 2.0,
        earth_model="gmst82",
    )
    return find_opportunities(request, almanac)


def full_rows(result: OpportunitiesResult) -> list[dict[str, object]]:
    """Return the rows of the opportunities with their details."""
    tables = {table.name: table for table in result.tables()}
    return [
        {**one, **two}
        for one, two in zip(tables["opportunities"].rows(), tables["views"].rows(), strict=True)
    ]


@pytest.fixture(scope="session")
def rows_of() -> Callable[[OpportunitiesResult], list[dict[str, object]]]:
    return full_rows
