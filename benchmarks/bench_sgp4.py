"""SGP4 states and catalogue reading: one thread, warm, best of three; the sample catalogue of the example.

``ours`` of the states includes the conversion to metres and the marking of unusable states; the raw library
does neither. Accuracy is the largest difference of usable positions from the library's own reading of the
same lines. Peers that are not installed are left out.
"""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from sgp4.api import Satrec, SatrecArray

from syzygy.astro.mean_elements import MeanElements
from syzygy.astro.propagation.sgp4_states import propagate_satrecs, satrec_array
from syzygy.astro.time import LeapSeconds, parse_utc, utc_julian_date
from syzygy.data import build_almanac
from syzygy.formats.catalogue import read_catalogue
from syzygy.formats.omm import read_omm, write_omm_json
from syzygy.formats.tle import read_tle

_SAMPLE = (
    Path(__file__).parents[1] / "examples/joint-programme/inputs/debris/catalogue_2022-07-15_sample.3le.gz"
)
_INSTANTS = 240
_BRAHE_OBJECTS = 100


def run() -> list[dict[str, object]]:
    """Return the rows: reading, making the library's objects, states."""
    leap_seconds = build_almanac(("leap_seconds",)).leap_seconds
    text = gzip.decompress(_SAMPLE.read_bytes())
    elements = read_catalogue(text, leap_seconds).elements
    lines = [line.rstrip() for line in text.decode().splitlines()]
    pairs = [(lines[at - 1], lines[at]) for at in elements.source_line]
    return [*_reading(text, elements, pairs, leap_seconds), *_states(elements, pairs, leap_seconds)]


def _reading(
    text: bytes, elements: MeanElements, pairs: list[tuple[str, str]], leap_seconds: LeapSeconds
) -> list[dict[str, object]]:
    count = len(elements)

    def ours_ready() -> None:
        satrec_array(read_tle(text, leap_seconds)[0])

    def library() -> None:
        SatrecArray([Satrec.twoline2rv(*pair) for pair in pairs])

    message = write_omm_json(elements)
    return [
        _row(
            "3LE read and made ready for SGP4 (every checksum checked)", count, ours_ready, library, "sets/s"
        ),
        _row("3LE read", count, lambda: read_tle(text, leap_seconds), None, "sets/s"),
        _row("OMM JSON read", count, lambda: read_omm(message, leap_seconds), None, "sets/s"),
    ]


def _states(
    elements: MeanElements, pairs: list[tuple[str, str]], leap_seconds: LeapSeconds
) -> list[dict[str, object]]:
    start = parse_utc("2022-07-15", leap_seconds)
    instants = start + np.arange(_INSTANTS) * 60_000_000_000
    jd, fraction = utc_julian_date(instants, leap_seconds)
    ready = satrec_array(elements)
    library = SatrecArray([Satrec.twoline2rv(*pair) for pair in pairs])
    code, position_km, _ = library.sgp4(jd, fraction)
    states = propagate_satrecs(ready, elements, instants, leap_seconds)
    usable = code == 0
    worst = float(np.abs(states.position_m[usable] - 1e3 * position_km[usable]).max())
    count = len(elements) * _INSTANTS
    accuracy = f"max {worst:.1g} m, codes {'equal' if np.array_equal(code, states.error_code) else 'differ'}"
    rows = [
        _row(
            f"SGP4, {len(elements)} objects x {_INSTANTS} min",
            count,
            lambda: propagate_satrecs(ready, elements, instants, leap_seconds),
            lambda: library.sgp4(jd, fraction),
            "states/s",
            accuracy,
        )
    ]
    if find_spec("brahe"):
        # brahe refuses catalogue numbers with blanks in front.
        wide = np.flatnonzero(elements.object_id >= 10_000)[:_BRAHE_OBJECTS]
        rows.append(_brahe_row([pairs[k] for k in wide], elements.select(wide), instants, leap_seconds))
    return rows


def _brahe_row(
    pairs: list[tuple[str, str]], elements: MeanElements, instants: np.ndarray, leap_seconds: LeapSeconds
) -> dict[str, object]:
    import brahe

    first = brahe.Epoch.from_datetime(2022, 7, 15, 0, 0, 0.0, 0.0, brahe.TimeSystem.UTC)
    epochs = [first + 60.0 * k for k in range(_INSTANTS)]
    brahe.set_global_eop_provider(brahe.StaticEOPProvider.from_zero())
    ready = satrec_array(elements)
    ours = _seconds(lambda: propagate_satrecs(ready, elements, instants, leap_seconds))
    satellites = [brahe.SGPPropagator.from_tle(*pair) for pair in pairs]

    def peer() -> None:
        for satellite in satellites:
            satellite.states(epochs)

    theirs = _seconds(peer)
    count = len(pairs) * _INSTANTS
    return {
        "task": f"SGP4, {len(pairs)} objects x {_INSTANTS} min (peer: with its turn to ECI)",
        "ours": count / ours,
        "peer": count / theirs,
        "peer_name": f"brahe {version('brahe')}",
        "ratio": theirs / ours,
        "unit": "states/s",
        "accuracy": "",
    }


def _row(
    task: str,
    count: int,
    ours: Callable[[], object],
    peer: Callable[[], object] | None,
    unit: str,
    accuracy: str = "",
) -> dict[str, object]:
    mine = count / _seconds(ours)
    theirs = count / _seconds(peer) if peer else None
    return {
        "task": task,
        "ours": mine,
        "peer": theirs,
        "peer_name": f"sgp4 {version('sgp4')}" if peer else "",
        "ratio": mine / theirs if theirs else None,
        "unit": unit,
        "accuracy": accuracy,
    }


def _seconds(work: Callable[[], object]) -> float:
    work()
    times = []
    for _ in range(3):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)


if __name__ == "__main__":
    for line in run():
        print(line)
