"""Two lists that differ: a planted cause is found, every approach is in one class, and the budget closes."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from syzygy.astro.almanac import Almanac
from syzygy.astro.frames import gcrf_from_teme
from syzygy.astro.mean_elements import MeanElements
from syzygy.astro.propagation.sgp4_states import propagate_sgp4
from syzygy.astro.time import format_utc, parse_utc
from syzygy.base.errors import FormatError, InputError
from syzygy.base.provenance import InputFile, bind_input
from syzygy.data import build_almanac
from syzygy.debris.comparison.causes import CLASSES
from syzygy.debris.comparison.comparing import ComparisonResult, compare_lists
from syzygy.debris.comparison.picture import draw_comparison
from syzygy.debris.comparison.requests import ComparisonRequest
from syzygy.debris.screening import ScreeningResult
from syzygy.formats.tabular import encode_table

Row = dict[str, Any]
Compare = Callable[..., ComparisonResult]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def rows(sample_result: ScreeningResult) -> list[Row]:
    """All approaches of the sample in four hours."""
    return [dict(row) for row in sample_result.events.rows()]


@pytest.fixture
def compare(tmp_path: Path, almanac: Almanac, sample_file: InputFile, start_tai_ns: int) -> Compare:
    """Compare two lists of rows; window, threshold and catalogues as in the sample unless said otherwise."""

    def run(a: Iterable[Row], b: Iterable[Row], **options: Any) -> ComparisonResult:
        files = [write(tmp_path / f"{name}.csv", rows) for name, rows in (("a", a), ("b", b))]
        usual: dict[str, Any] = {
            "catalogues_a": (sample_file,),
            "catalogues_b": (sample_file,),
            "start_a_tai_ns": start_tai_ns,
            "start_b_tai_ns": start_tai_ns,
            "duration_a_s": 4 * 3600.0,
            "duration_b_s": 4 * 3600.0,
            "threshold_a_m": 5000.0,
            "threshold_b_m": 5000.0,
        }
        result = compare_lists(ComparisonRequest(*files, **{**usual, **options}), almanac)
        check_budget(result)
        return result

    return run


def write(path: Path, rows: Iterable[Row]) -> InputFile:
    listed = list(rows)
    stream = io.StringIO()
    names = list(listed[0]) if listed else ["object_a", "object_b", "tca_utc", "miss_distance_m"]
    writer = csv.DictWriter(stream, names)
    writer.writeheader()
    writer.writerows(listed)
    path.write_text(stream.getvalue())
    return bind_input(path)


def check_budget(result: ComparisonResult) -> None:
    """Every row of both lists stands exactly once, and the classes sum to the lists."""
    rows = result.differences.rows()
    for side, count in (("a", result.count_a), ("b", result.count_b)):
        lines = [row[f"line_in_{side}"] for row in rows if row[f"in_{side}"]]
        assert len(lines) == len(set(lines)) == count
    assert {row["class"] for row in rows} <= set(CLASSES)
    assert all(row["evidence"] for row in rows if row["class"] != "same")
    sums = result.budget.rows()[-1]
    assert (sums["class"], sums["rows"]) == ("sum", len(rows))
    assert sum(result.counts().values()) == len(rows)


def move(text: str, seconds: float, almanac: Almanac) -> str:
    return format_utc(parse_utc(text, almanac.leap_seconds) + round(seconds * 1e9), almanac.leap_seconds, 6)


def test_a_list_is_the_same_as_itself_in_every_format(
    sample_result: ScreeningResult, almanac: Almanac, tmp_path: Path
) -> None:
    files = []
    for suffix in ("parquet", "csv", "json"):
        path = tmp_path / f"events.{suffix}"
        path.write_bytes(encode_table(sample_result.events, suffix))
        files.append(bind_input(path))
    for other in files[1:]:
        result = compare_lists(ComparisonRequest(files[0], other), almanac)
        check_budget(result)
        assert result.counts() == {"same": len(sample_result.events)}


def test_another_threshold_is_found_and_nothing_else(rows: list[Row], compare: Compare) -> None:
    near = [row for row in rows if row["miss_distance_m"] < 3000.0]
    result = compare(rows, near, threshold_b_m=3000.0)
    assert result.counts() == {"same": len(near), "threshold": len(rows) - len(near)}
    result = compare(near, rows, threshold_a_m=None, threshold_b_m=None, catalogues_a=(), catalogues_b=())
    assert result.counts() == {"same": len(near), "threshold": len(rows) - len(near)}


def test_another_window_is_found_and_nothing_else(
    rows: list[Row], compare: Compare, almanac: Almanac, start_tai_ns: int
) -> None:
    half = [row for row in rows if row["tca_tai_ns"] < start_tai_ns + 2 * 3600e9]
    assert compare(rows, half, duration_b_s=7200.0).counts() == {
        "same": len(half),
        "window": len(rows) - len(half),
    }
    counts = compare(rows, half, start_b_tai_ns=None, duration_b_s=None).counts()
    assert counts["window"] >= 0.98 * (len(rows) - len(half))
    assert set(counts) <= {"same", "window", "method"}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-69.184, "TT taken for UTC"), (37.0, "TAI taken for UTC"), (18.0, "GPS time"), (7200.0, "time zone")],
)
def test_a_wrong_time_scale_is_found(
    seconds: float, words: str, rows: list[Row], compare: Compare, almanac: Almanac
) -> None:
    moved = [{**row, "tca_utc": move(row["tca_utc"], seconds, almanac)} for row in rows]
    result = compare(rows, moved)
    assert result.counts() == {"time offset": len(rows)}
    assert words in result.differences.rows()[0]["evidence"]


def test_a_coarse_grid_is_found_to_have_missed_its_minima(
    rows: list[Row], compare: Compare, start_tai_ns: int
) -> None:
    """The usual toy: distance at whole minutes below the threshold, then refined."""

    def at_minute(row: Row) -> float:
        phase = ((row["tca_tai_ns"] - start_tai_ns) / 1e9) % 60.0
        return float(np.hypot(row["miss_distance_m"], row["relative_speed_m_s"] * min(phase, 60.0 - phase)))

    found = [row for row in rows if at_minute(row) < 5000.0]
    assert 3 < len(found) < 0.2 * len(rows)
    result = compare(rows, found)
    assert result.counts() == {"same": len(found), "method": len(rows) - len(found)}
    evidence = [row["evidence"] for row in result.differences.rows() if row["class"] == "method"]
    assert all("missed by B" in text and "at whole 60 s" in text for text in evidence)


@pytest.mark.parametrize(("reach_km", "count"), [(5.0, 11), (12.6, 22)])
def test_the_given_list_of_422_against_what_a_grid_of_a_minute_finds(
    reach_km: float, count: int, test_data: Path, tmp_path: Path, almanac: Almanac, shared_data: Path
) -> None:
    """The published list of an independent screening, and what a grid of 60 s leaves of it."""
    text = (test_data / "debris" / "screening_jul2022_30min.csv").read_text()
    every = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
    found = []
    for row in every:
        phase = float(row["tca_s"]) % 60.0
        late = min(phase, 60.0 - phase)
        if np.hypot(float(row["miss_km"]), float(row["vrel_km_s"]) * late) < reach_km:
            found.append(row)
    assert len(found) == count
    catalogue = bind_input(shared_data / "debris" / "catalogue" / "jul2022_3le.txt.gz")
    start = parse_utc("2022-07-15T00:00:00Z", almanac.leap_seconds)
    request = ComparisonRequest(
        write(tmp_path / "all.csv", every),
        write(tmp_path / "grid.csv", found),
        catalogues_a=(catalogue,),
        start_a_tai_ns=start,
        duration_a_s=1800.0,
        start_b_tai_ns=start,
        duration_b_s=1800.0,
        threshold_a_m=5000.0,
        threshold_b_m=5000.0,
    )
    result = compare_lists(request, almanac)
    check_budget(result)
    assert result.count_a == 422
    assert result.counts() == {"same": len(found), "method": 422 - len(found)}
    evidence = [row["evidence"] for row in result.differences.rows() if row["class"] == "method"]
    assert all("at whole 60 s" in text for text in evidence)


def test_distances_of_no_minimum_are_found(
    rows: list[Row], compare: Compare, sample_elements: MeanElements, almanac: Almanac
) -> None:
    """A tool that stops on a grid of 10 ms reports the distance there."""
    place = {number: k for k, number in enumerate(sample_elements.object_id.tolist())}
    coarse = []
    for row in rows[:40]:
        tai_ns = int(np.round(row["tca_tai_ns"] / 5e8) * 5e8) + 37_000_000
        two = sample_elements.select(np.array([place[row["object_a"]], place[row["object_b"]]]))
        r = propagate_sgp4(two, np.array([tai_ns]), almanac.leap_seconds).position_m[:, 0]
        text = format_utc(tai_ns, almanac.leap_seconds, 6)
        coarse.append({**row, "tca_utc": text, "miss_distance_m": float(np.linalg.norm(r[1] - r[0]))})
    result = compare(rows[:40], coarse, threshold_b_m=10e3)
    assert set(result.counts()) <= {"same", "method"}
    assert result.counts()["method"] > 30
    assert "no minimum" in result.differences.rows()[-1]["evidence"]


def test_element_sets_of_another_epoch_are_found(
    rows: list[Row],
    compare: Compare,
    sample_file: InputFile,
    sample_elements: MeanElements,
    tmp_path: Path,
    almanac: Almanac,
    start_tai_ns: int,
) -> None:
    """Some objects of B have sets of which the mean anomaly is 20 km further on, two hours later in epoch."""
    import gzip

    from syzygy.debris.requests import ScreeningRequest
    from syzygy.debris.screening import screen_catalogue

    touched = {row["object_a"] for row in rows[:30]}
    lines = gzip.decompress(sample_file.read()).decode().splitlines()
    changed = []
    for k in range(0, len(lines), 3):
        name, one, two = lines[k : k + 3]
        if one[2:7].strip().isdigit() and int(one[2:7]) in touched:
            one = _summed(one[:20] + f"{float(one[20:32]) + 1 / 24:012.8f}" + one[32:])
            motion = float(two[52:63])
            anomaly = (float(two[43:51]) + 360.0 * motion / 24 + 0.16) % 360.0
            two = _summed(two[:43] + f"{anomaly:8.4f}" + two[51:])
        changed += [name, one, two]
    path = tmp_path / "later.3le"
    path.write_text("\n".join(changed) + "\n")
    later = bind_input(path)
    request = ScreeningRequest((later,), start_tai_ns, 4 * 3600.0)
    theirs = [dict(row) for row in screen_catalogue(request, almanac).events.rows()]
    result = compare(rows, theirs, catalogues_b=(later,))
    counts = result.counts()
    assert set(counts) <= {"same", "elements", "threshold", "window"}
    assert counts["elements"] >= 20
    for row in result.differences.rows():
        pair = {row["object_a"], row["object_b"]}
        assert (row["class"] == "same") or pair & touched
        if row["class"] == "elements":
            assert re.search(r"epoch of \d+ in [AB] [+-]0\.04[12] d", str(row["evidence"]))


def _summed(line: str) -> str:
    total = sum(int(c) if c.isdigit() else c == "-" for c in line[:68])
    return line[:68] + str(total % 10)


def test_one_object_in_another_frame_is_found(
    rows: list[Row], compare: Compare, sample_elements: MeanElements, start_tai_ns: int
) -> None:
    """List B was made with the busiest object in EME2000 axes among element sets in TEME."""
    almanac = build_almanac(("leap_seconds", "earth_orientation"))
    seen = Counter(number for row in rows for number in (row["object_a"], row["object_b"]))
    busy = seen.most_common(1)[0][0]
    place = int(np.flatnonzero(sample_elements.object_id == busy)[0])
    seconds = np.arange(0.0, 4 * 3600.0, 4.0)
    tai_ns = start_tai_ns + (seconds * 1e9).astype(np.int64)
    own = propagate_sgp4(sample_elements.select(np.array([place])), tai_ns, almanac.leap_seconds)
    turned, _ = gcrf_from_teme(own.position_m[0], own.velocity_m_s[0], tai_ns, almanac)
    theirs = [row for row in rows if busy not in (row["object_a"], row["object_b"])]
    wrong = []
    for first in range(0, len(sample_elements), 200):
        some = sample_elements.select(np.arange(first, min(first + 200, len(sample_elements))))
        others = propagate_sgp4(some, tai_ns, almanac.leap_seconds)
        squared = ((others.position_m - turned) ** 2).sum(axis=2)
        for k, number in enumerate(some.object_id.tolist()):
            if number == busy:
                continue
            d = squared[k]
            for m in np.flatnonzero((d[1:-1] < d[:-2]) & (d[1:-1] <= d[2:]) & (d[1:-1] < 1.6e9)) + 1:
                event = _fine_minimum(
                    some.select(np.array([k])), own, sample_elements, place, tai_ns[m], almanac
                )
                if event and event[1] < 5000.0:
                    a, b = sorted((busy, number))
                    text = format_utc(event[0], almanac.leap_seconds, 6)
                    wrong.append(
                        {
                            **rows[0],
                            "object_a": a,
                            "object_b": b,
                            "name_a": "",
                            "name_b": "",
                            "tca_utc": text,
                            "miss_distance_m": event[1],
                            "relative_speed_m_s": event[2],
                        }
                    )
    lost = len(rows) - len(theirs)
    assert wrong
    assert lost
    result = compare(rows, theirs + wrong)
    assert result.counts() == {"same": len(theirs), "frame": lost + len(wrong)}
    said = [row["evidence"] for row in result.differences.rows() if row["class"] == "frame"]
    assert sum("EME2000 taken for TEME" in text for text in said) == len(wrong)
    assert sum(f"{busy} stands in another frame" in text for text in said) == lost


def _fine_minimum(
    other: MeanElements, _own: object, elements: MeanElements, place: int, guess: int, almanac: Almanac
) -> tuple[int, float, float] | None:
    """Minimum near a guess with the first object turned to GCRF, on 1 ms."""
    centre, width = int(guess), 4.0
    distance = speed = np.nan
    for _ in range(3):
        offsets = np.linspace(-width, width, 401)
        tai_ns = centre + np.round(offsets * 1e9).astype(np.int64)
        one = propagate_sgp4(elements.select(np.array([place])), tai_ns, almanac.leap_seconds)
        two = propagate_sgp4(other, tai_ns, almanac.leap_seconds)
        r, v = gcrf_from_teme(one.position_m[0], one.velocity_m_s[0], tai_ns, almanac)
        apart = np.linalg.norm(two.position_m[0] - r, axis=1)
        k = int(np.argmin(apart))
        if k in (0, 400):
            return None
        centre, distance = int(tai_ns[k]), float(apart[k])
        speed = float(np.linalg.norm(two.velocity_m_s[0, k] - v[k]))
        width /= 100.0
    return centre, distance, speed


def test_an_object_that_a_catalogue_lacks_is_named(
    rows: list[Row], compare: Compare, sample_file: InputFile, tmp_path: Path
) -> None:
    import gzip

    number = rows[0]["object_a"]
    lines = gzip.decompress(sample_file.read()).decode().splitlines()
    kept = [lines[k : k + 3] for k in range(0, len(lines), 3) if lines[k + 1][2:7] != f"{number:05d}"]
    path = tmp_path / "less.3le"
    path.write_text("\n".join(line for entry in kept for line in entry) + "\n")
    theirs = [row for row in rows if number not in (row["object_a"], row["object_b"])]
    result = compare(rows, theirs, catalogues_b=(bind_input(path),))
    assert result.counts() == {"same": len(theirs), "objects": len(rows) - len(theirs)}
    assert f"{number} not among" in result.differences.rows()[-1]["evidence"]


def test_units_doubles_and_slow_pairs_are_found(rows: list[Row], compare: Compare, tmp_path: Path) -> None:
    wrong = [{**row, "miss_distance_m": row["miss_distance_m"] / 1000.0} for row in rows[:20]]
    assert compare(rows[:20], wrong).counts() == {"unit": 20}
    assert compare(rows[:20], rows[:20] + rows[:3]).counts() == {"same": 20, "doubled": 3}
    slow = {**rows[0], "relative_speed_m_s": 2.0, "object_a": 1, "object_b": 2}
    assert compare([*rows[:5], slow], rows[:5], catalogues_a=(), catalogues_b=()).counts() == {
        "same": 5,
        "slow pair": 1,
    }


def test_without_element_sets_the_open_rest_is_called_open(rows: list[Row], compare: Compare) -> None:
    result = compare(rows, rows[::2], catalogues_a=(), catalogues_b=())
    assert result.counts() == {"same": len(rows[::2]), "unexplained": len(rows) - len(rows[::2])}
    assert "no element sets given" in result.differences.rows()[-1]["evidence"]


def test_columns_of_another_tool_are_recognised_or_named(
    rows: list[Row], compare: Compare, almanac: Almanac
) -> None:
    public = [
        {
            "NORAD_CAT_ID_1": row["object_b"],
            "OBJECT_NAME_1": row["name_b"],
            "NORAD_CAT_ID_2": row["object_a"],
            "OBJECT_NAME_2": row["name_a"],
            "TCA": row["tca_utc"].replace("T", " ").rstrip("Z"),
            "TCA_RANGE": row["miss_distance_m"] / 1000.0,
            "TCA_RELATIVE_SPEED": row["relative_speed_m_s"] / 1000.0,
        }
        for row in rows
    ]
    assert compare(rows, public).counts() == {"same": len(rows)}
    strange = [
        {"P": r["object_a"], "S": r["object_b"], "when": r["tca_utc"], "d": r["miss_distance_m"]}
        for r in rows
    ]
    named = ("object_a=P", "object_b=S", "tca_utc=when", "miss_distance_m=d")
    assert compare(rows, strange, columns_b=named).counts() == {"same": len(rows)}
    with pytest.raises(FormatError, match="lacks a column"):
        compare(rows, strange)
    with pytest.raises(InputError, match="cannot be matched"):
        compare(rows, strange, columns_b=("object_a=Q",))


def test_rows_that_cannot_be_used_are_listed(rows: list[Row], compare: Compare) -> None:
    broken = [dict(row) for row in rows[:6]]
    broken[1]["tca_utc"] = "soon"
    broken[2]["miss_distance_m"] = -5.0
    broken[3]["object_b"] = "ISS"
    broken[4]["object_b"] = broken[4]["object_a"]
    result = compare(rows[:6], broken, catalogues_a=(), catalogues_b=())
    assert [(row["line"], row["kind"]) for row in result.left_out.rows()] == [
        (line, "rejected") for line in (3, 4, 5, 6)
    ]
    assert (result.count_a, result.count_b) == (6, 2)


def test_few_approaches_do_not_show_a_threshold(rows: list[Row], compare: Compare) -> None:
    """Five approaches below 3.3 km may well come from a list that goes to 5 km."""
    few = [row for row in rows if row["miss_distance_m"] < 3300.0][:5]
    counts = compare(rows, few, threshold_a_m=None, threshold_b_m=None).counts()
    assert counts == {"same": 5, "method": len(rows) - 5}


def test_an_empty_list_is_a_list(rows: list[Row], compare: Compare) -> None:
    result = compare(rows[:10], [])
    assert (result.count_a, result.count_b) == (10, 0)
    assert result.counts() == {"method": 10}


def test_the_picture_is_the_same_each_time(rows: list[Row], compare: Compare) -> None:
    result = compare(rows, rows[::2])
    assert draw_comparison(result, "light") == draw_comparison(result, "light")
    assert draw_comparison(result, "dark").startswith(b"<?xml")


@pytest.mark.parametrize("turned", [False, True])
def test_the_list_of_another_tool_differs_by_slow_pairs_alone(
    turned: bool, almanac: Almanac, sample_file: InputFile
) -> None:
    """The list of astroz 0.17 for the sample and two hours, with its own columns."""
    lists = Path(__file__).parents[2] / "examples/joint-programme/inputs/debris/lists"
    ours = bind_input(lists / "approaches_2022-07-15.csv")
    theirs = bind_input(lists / "approaches_2022-07-15_astroz.csv")
    columns = ("object_a=sat1", "object_b=sat2", "tca_utc=tca", "miss_distance_km=min_dist_km")
    request = (
        ComparisonRequest(theirs, ours, catalogues_a=(sample_file,), columns_a=columns)
        if turned
        else ComparisonRequest(ours, theirs, catalogues_a=(sample_file,), columns_b=columns)
    )
    result = compare_lists(request, almanac)
    check_budget(result)
    assert {name: count for name, count in result.counts().items() if count} == {"same": 178, "slow pair": 31}
    alone = [row for row in result.differences.rows() if row["class"] == "slow pair"]
    assert {row["in_a" if turned else "in_b"] for row in alone} == {True}
