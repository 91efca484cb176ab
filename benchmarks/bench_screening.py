"""Screening of the whole catalogue of July 2022 beside astroz, from the file to the table of events.

24,132 objects, 24 h, 5 km, kernels compiled before, all processors, both in one run on the same file. If
the shared data are not there, the sample of 1,800 objects of the examples takes their place. Then, without a
peer: seven days; one object against all for seven days, prepared; and a population of 100,000 grown from the
real one. CPU seconds stand beside wall seconds, which depend more on what else the machine does.
"""

from __future__ import annotations

import gzip
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import numpy as np

from benchmarks.population import grow_population
from syzygy.astro.mean_elements import MeanElements
from syzygy.astro.time import parse_utc
from syzygy.base.provenance import bind_input
from syzygy.data import build_almanac
from syzygy.debris import chunks, engine
from syzygy.debris.element_sets import load_element_sets
from syzygy.debris.one_against_all import prepare_catalogue, screen_one
from syzygy.debris.paths import make_element_paths
from syzygy.debris.requests import ScreeningRequest
from syzygy.debris.screening import ScreeningResult, screen_catalogue

REPOSITORY = Path(__file__).parent.parent
SHARED = Path(os.environ.get("SYZYGY_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))
WHOLE = SHARED / "debris" / "catalogue" / "jul2022_3le.txt.gz"
SAMPLE = REPOSITORY / "examples/joint-programme/inputs/debris/catalogue_2022-07-15_sample.3le.gz"
START = "2022-07-15T00:00:00Z"
THRESHOLD_M = 5000.0
DAY_S = 86400.0
MANY = 100_000
Answer = TypeVar("Answer")
Event = tuple[int, int, float]


def run() -> list[dict[str, object]]:
    """Time ours and the peer, and compare the events found."""
    catalogue = WHOLE if WHOLE.exists() else SAMPLE
    _screen(catalogue, 1800.0)
    rows = [_against_astroz(catalogue)]
    rows.append(_alone("7 d, 5 km, file to events", lambda: _screen(catalogue, 7 * DAY_S)))
    almanac = build_almanac(("leap_seconds",))
    elements = load_element_sets((bind_input(catalogue),), almanac.leap_seconds).elements
    return [*rows, *_one_against_all(elements), *_flatness(elements)]


def _against_astroz(catalogue: Path) -> dict[str, object]:
    ours_s, cpu_s, result = _timed(lambda: _screen(catalogue, DAY_S))
    row: dict[str, object] = {
        "task": f"{result.objects:,} objects, 24 h, 5 km, file to events",
        "ours": ours_s,
        "unit": "s",
        "accuracy": f"{len(result.events):,} events; {cpu_s:.1f} CPU-s",
    }
    try:
        peer_s, peer_cpu_s, found = _timed(lambda: _screen_astroz(catalogue, DAY_S))
    except ImportError:
        return row
    words = _compare(_events(result), found, result)
    row |= {"peer": peer_s, "peer_name": "astroz", "ratio": peer_s / ours_s}
    return row | {"accuracy": f"{words}; {cpu_s:.1f} CPU-s beside {peer_cpu_s:.1f}"}


def _alone(task: str, work: Callable[[], Answer], words: str = "") -> dict[str, object]:
    wall_s, cpu_s, _ = _timed(work)
    return {"task": task, "ours": wall_s, "unit": "s", "accuracy": f"{words}{cpu_s:.2f} CPU-s"}


def _one_against_all(elements: MeanElements) -> list[dict[str, object]]:
    """Prepare seven days, then screen 20 objects of all kinds one by one: the mean of them."""
    almanac = build_almanac(("leap_seconds",))
    start = parse_utc(START, almanac.leap_seconds)
    wall_s, cpu_s, prepared = _timed(
        lambda: prepare_catalogue(
            make_element_paths(elements, start, almanac.leap_seconds), window_s=7 * DAY_S
        )
    )
    some = np.arange(0, len(elements), len(elements) // 20)
    own = [make_element_paths(elements.select([k]), start, almanac.leap_seconds) for k in some.tolist()]

    def each() -> list[tuple[float, float, int]]:
        found = []
        for k, one in zip(some.tolist(), own, strict=True):
            wall_s, cpu_s, answer = _timed(
                lambda one=one, k=k: screen_one(prepared, one, threshold_m=THRESHOLD_M, exclude=[k])
            )
            found.append((wall_s, cpu_s, len(answer.other)))
        return found

    each()
    walls, cpus, events = zip(*each(), strict=True)
    count = len(own)
    return [
        {
            "task": "the catalogue made ready, 7 d",
            "ours": wall_s,
            "unit": "s",
            "accuracy": f"{cpu_s:.1f} CPU-s",
        },
        {
            "task": "one against all, 7 d, prepared",
            "ours": sum(walls) / count,
            "unit": "s",
            "accuracy": f"mean of {count} objects, {sum(events)} events; {sum(cpus) / count:.3f} CPU-s each, "
            f"{max(cpus):.3f} at most",
        },
    ]


def _flatness(elements: MeanElements) -> list[dict[str, object]]:
    """CPU time per object and day of the real population and of one four times as large, over three hours.

    Split into the search, which is the same work for every object, and the events, which grow with the square
    of the population whatever one does. Best of three: fresh memory is paid once.
    """
    almanac = build_almanac(("leap_seconds",))
    start = parse_utc(START, almanac.leap_seconds)
    window_s = 3 * 3600.0
    rows = []
    for count in (len(elements), MANY):
        paths = make_element_paths(grow_population(elements, count), start, almanac.leap_seconds)
        runs = []
        for _ in range(3):
            with _clocked(chunks, "finish_chunk") as apiece, _clocked(engine, "collect_findings") as at_last:
                wall_s, cpu_s, found = _timed(
                    lambda paths=paths: engine.screen_paths(
                        paths, window_s=window_s, threshold_m=THRESHOLD_M, chunk_s=3600.0
                    )
                )
            runs.append((cpu_s, wall_s, sum(apiece) + sum(at_last), len(found[0].pairs)))
        cpu_s, wall_s, events_s, events = min(runs)
        each = 1e6 / count / (window_s / DAY_S)
        search = f"{each * (cpu_s - events_s):.0f} for the search"
        meetings = f"{each * events_s:.0f} for {events:,} events, {1e6 * events_s / events:.0f} each"
        rows.append(
            {
                "task": f"{count:,} objects, 3 h",
                "ours": wall_s,
                "unit": "s",
                "accuracy": f"{each * cpu_s:.0f} CPU-us per object and day: {search}, {meetings}",
            }
        )
    return rows


@contextmanager
def _clocked(module: ModuleType, name: str) -> Iterator[list[float]]:
    """Gather the CPU seconds that threads spend in a function of a module."""
    function = getattr(module, name)
    spent: list[float] = []

    def clocked(*values: object, **named: object) -> object:
        begin = time.thread_time()
        answer = function(*values, **named)
        spent.append(time.thread_time() - begin)
        return answer

    setattr(module, name, clocked)
    try:
        yield spent
    finally:
        setattr(module, name, function)


def _timed(work: Callable[[], Answer]) -> tuple[float, float, Answer]:
    begin, cpu = time.perf_counter(), time.process_time()
    answer = work()
    return time.perf_counter() - begin, time.process_time() - cpu, answer


def _screen(catalogue: Path, window_s: float) -> ScreeningResult:
    almanac = build_almanac(("leap_seconds",))
    start = parse_utc(START, almanac.leap_seconds)
    request = ScreeningRequest((bind_input(catalogue),), start, window_s, threshold_m=THRESHOLD_M)
    return screen_catalogue(request, almanac)


def _events(result: ScreeningResult) -> list[Event]:
    start = int(str(result.provenance.request["start_tai_ns"]))
    numbers = (result.events["object_a"], result.events["object_b"], result.events["tca_tai_ns"])
    return [(int(a), int(b), (int(t) - start) / 1e9) for a, b, t in zip(*numbers, strict=True)]


def _screen_astroz(catalogue: Path, window_s: float) -> list[Event]:
    import astroz

    objects = astroz.Constellation(gzip.decompress(catalogue.read_bytes()).decode())
    found = astroz.screen(
        objects,
        window_s / 60.0,
        threshold=THRESHOLD_M / 1e3,
        start_time=datetime(2022, 7, 15, tzinfo=UTC),
    )
    numbers = objects.satnums
    return [
        (*sorted((int(numbers[i]), int(numbers[j]))), float(t) * 60.0)  # type: ignore[misc]
        for i, j, t in zip(found.i, found.j, found.time, strict=True)
    ]


def _compare(ours: list[Event], peer: list[Event], result: ScreeningResult) -> str:
    slow = {(int(str(r["object_a"])), int(str(r["object_b"]))) for r in result.intervals.rows()}

    def missing(some: list[Event], other: list[Event]) -> int:
        times: dict[tuple[int, int], list[float]] = {}
        for a, b, t in other:
            times.setdefault((a, b), []).append(t)
        return sum(
            all(abs(t - u) > 1.0 for u in times.get((a, b), [])) for a, b, t in some if (a, b) not in slow
        )

    return (
        f"{len(ours):,} events and {len(slow)} slow pairs; the peer lacks {missing(ours, peer)}, "
        f"has {missing(peer, ours)} others"
    )


if __name__ == "__main__":
    for row in run():
        print(row)
