"""Ephemerides beside element sets: the same events, the right frame, and nothing across a border."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.frames import eme2000_from_icrf, gcrf_from_teme, itrf_from_teme
from syzygy.astro.mean_elements import MeanElements
from syzygy.astro.propagation.sgp4_states import propagate_sgp4
from syzygy.astro.time import format_utc
from syzygy.base.errors import FormatError
from syzygy.base.provenance import InputFile, bind_input
from syzygy.data import build_almanac
from syzygy.debris.requests import ScreeningRequest
from syzygy.debris.screening import ScreeningResult, screen_catalogue

HOURS = 4.0
WINDOW_S = HOURS * 3600.0
WriteOem = Callable[..., InputFile]
Sampled = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def full_almanac() -> Almanac:
    return build_almanac(("leap_seconds", "earth_orientation"))


@pytest.fixture(scope="module")
def own(sample_result: ScreeningResult) -> int:
    """The object with the most approaches."""
    rows = sample_result.events.rows()
    seen = [row[key] for row in rows for key in ("object_a", "object_b")]
    return max(sorted(set(seen)), key=seen.count)


@pytest.fixture(scope="module")
def expected(sample_result: ScreeningResult, own: int) -> list[dict[str, Any]]:
    return [row for row in sample_result.events.rows() if own in (row["object_a"], row["object_b"])]


@pytest.fixture
def write_oem(
    tmp_path: Path, sample_elements: MeanElements, own: int, start_tai_ns: int, full_almanac: Almanac
) -> WriteOem:
    """Write SGP4 states of an object as OEM: ``spans`` in seconds of the window become segments."""

    def write(
        name: str = "own.oem",
        *,
        frame: str = "TEME",
        step_s: float = 60.0,
        spans: tuple[tuple[float, float], ...] = ((-600.0, WINDOW_S + 600.0),),
        useable: tuple[float, float] | None = None,
        object_id: str = "",
        interpolation: str = "INTERPOLATION = HERMITE\nINTERPOLATION_DEGREE = 7\n",
        system: str = "UTC",
        created: str = "2022-07-14T00:00:00",
        scale: float = 1.0,
        centre: str = "EARTH",
    ) -> InputFile:
        text = f"CCSDS_OEM_VERS = 2.0\nCREATION_DATE = {created}\nORIGINATOR = SYZYGY-TEST\n"
        for begin, end in spans:
            seconds = np.arange(begin, end + 1e-6, step_s)
            tai_ns, r, v = _states(sample_elements, own, start_tai_ns, seconds, frame, full_almanac)
            times = [_clock(int(t), system, full_almanac) for t in tai_ns]
            text += (
                f"META_START\nOBJECT_NAME = OWN SHIP\nOBJECT_ID = {object_id or own}\n"
                f"CENTER_NAME = {centre}\nREF_FRAME = {frame}\n"
                f"TIME_SYSTEM = {system}\nSTART_TIME = {times[0]}\n"
            )
            if useable:
                inner = [_clock(start_tai_ns + round(t * 1e9), system, full_almanac) for t in useable]
                text += f"USEABLE_START_TIME = {inner[0]}\nUSEABLE_STOP_TIME = {inner[1]}\n"
            text += f"STOP_TIME = {times[-1]}\n{interpolation}META_STOP\n"
            for t, position, velocity in zip(times, r * scale / 1e3, v * scale / 1e3, strict=True):
                numbers = [*(f"{x:.9f}" for x in position), *(f"{x:.12f}" for x in velocity)]
                text += f"{t} {' '.join(numbers)}\n"
        path = tmp_path / name
        path.write_text(text)
        return bind_input(path)

    return write


def _states(
    elements: MeanElements,
    number: int,
    start: int,
    seconds: NDArray[np.float64],
    frame: str,
    almanac: Almanac,
) -> Sampled:
    tai_ns = start + np.round(seconds * 1e9).astype(np.int64)
    one = elements.select(np.flatnonzero(elements.object_id == number))
    found = propagate_sgp4(one, tai_ns, almanac.leap_seconds)
    r, v = found.position_m[0], found.velocity_m_s[0]
    if frame in ("GCRF", "EME2000"):
        r, turned = gcrf_from_teme(r, v, tai_ns, almanac)
        v = v if turned is None else turned
    if frame == "EME2000":
        r, v = eme2000_from_icrf(r), eme2000_from_icrf(v)
    if frame == "ITRF2014":
        r, turned = itrf_from_teme(r, v, tai_ns, almanac)
        v = v if turned is None else turned
    return tai_ns, r, v


def _clock(tai_ns: int, system: str, almanac: Almanac) -> str:
    ahead = {"UTC": 0, "TAI": 37_000_000_000, "TT": 69_184_000_000, "GPS": 18_000_000_000}[system]
    return format_utc(tai_ns + ahead, almanac.leap_seconds, 6).rstrip("Z")


def screen(
    inputs: tuple[InputFile, ...], own: int, start: int, almanac: Almanac, **options: Any
) -> ScreeningResult:
    given = {"primaries": (str(own),), **options}
    return screen_catalogue(ScreeningRequest(inputs, start, WINDOW_S, **given), almanac)


def check_same(found: ScreeningResult, expected: list[dict[str, Any]]) -> tuple[float, float]:
    """Demand the same events; return the largest differences of time (s) and distance (m)."""
    rows = found.events.rows()
    assert [(r["object_a"], r["object_b"]) for r in rows] == [
        (r["object_a"], r["object_b"]) for r in expected
    ]
    late = max(abs(a["tca_tai_ns"] - b["tca_tai_ns"]) for a, b in zip(rows, expected, strict=True)) / 1e9
    names = ("miss_distance_m", "radial_m", "in_track_m", "cross_track_m")
    away = max(abs(a[n] - b[n]) for a, b in zip(rows, expected, strict=True) for n in names)
    return late, away


@pytest.mark.parametrize(
    ("frame", "system"),
    [("TEME", "UTC"), ("EME2000", "TAI"), ("GCRF", "GPS"), ("ITRF2014", "UTC"), ("EME2000", "TT")],
)
def test_an_ephemeris_finds_the_events_of_its_element_set(
    frame: str,
    system: str,
    write_oem: WriteOem,
    sample_file: InputFile,
    own: int,
    expected: list[dict[str, Any]],
    start_tai_ns: int,
    full_almanac: Almanac,
    record_accuracy: Callable[..., None],
) -> None:
    oem = write_oem(frame=frame, system=system)
    found = screen((sample_file, oem), own, start_tai_ns, full_almanac)
    assert len(expected) >= 5
    late, away = check_same(found, expected)
    oracle = "the element set from which the ephemeris was written"
    record_accuracy("debris", f"TCA from an OEM in {frame}, {system}", late, 1e-3, "s", oracle, len(expected))
    record_accuracy("debris", f"miss from an OEM in {frame}, {system}", away, 1.0, "m", oracle, len(expected))
    replaced = [row for row in found.left_out.rows() if "ephemeris" in str(row["reason"])]
    assert [(row["object"], row["kind"]) for row in replaced] == [(own, "superseded")]
    assert away < found.ephemerides.rows()[0]["error_m"] < 10.0, "it is an upper bound, and not a silly one"


def test_without_a_word_on_interpolation_or_with_linear_hermite_is_used_and_said(
    write_oem: WriteOem,
    sample_file: InputFile,
    own: int,
    expected: list[dict[str, Any]],
    start_tai_ns: int,
    almanac: Almanac,
) -> None:
    for interpolation in ("", "INTERPOLATION = LINEAR\nINTERPOLATION_DEGREE = 1\n"):
        found = screen((sample_file, write_oem(interpolation=interpolation)), own, start_tai_ns, almanac)
        late, away = check_same(found, expected)
        assert late <= 1e-3
        assert away <= 1.0
        assert found.ephemerides.rows()[0]["interpolation"] == "HERMITE 7"


def test_frames_are_not_mixed_up(
    write_oem: WriteOem,
    sample_file: InputFile,
    own: int,
    expected: list[dict[str, Any]],
    start_tai_ns: int,
    almanac: Almanac,
) -> None:
    """The same numbers called TEME instead of EME2000 give other events: the frame is not ignored."""
    path = write_oem(frame="EME2000").path
    path.write_text(path.read_text().replace("REF_FRAME = EME2000", "REF_FRAME = TEME"))
    found = screen((sample_file, bind_input(path)), own, start_tai_ns, almanac)
    pairs = {(row["object_a"], row["object_b"], row["tca_utc"]) for row in found.events.rows()}
    assert not pairs & {(row["object_a"], row["object_b"], row["tca_utc"]) for row in expected}


def test_segments_that_touch_lose_no_event_and_a_gap_is_listed(
    write_oem: WriteOem,
    sample_file: InputFile,
    own: int,
    expected: list[dict[str, Any]],
    start_tai_ns: int,
    almanac: Almanac,
) -> None:
    middle = int(expected[2]["tca_tai_ns"] - start_tai_ns) / 1e9
    touching = write_oem(
        "touch.oem", spans=((-600.0, middle - middle % 60.0), (middle - middle % 60.0, 15000.0))
    )
    late, away = check_same(screen((sample_file, touching), own, start_tai_ns, almanac), expected)
    assert late <= 1e-3
    assert away <= 1.0
    edge = middle - middle % 60.0
    gap = write_oem("gap.oem", spans=((-600.0, edge - 120.0), (edge + 120.0, 15000.0)))
    found = screen((sample_file, gap), own, start_tai_ns, almanac)
    kept = [row for row in expected if abs(int(row["tca_tai_ns"] - start_tai_ns) / 1e9 - edge) > 120.0]
    assert len(kept) < len(expected)
    check_same(found, kept)
    assert len(found.ephemerides) == 2
    lost = [row for row in found.unscreened.rows() if row["object"] == own]
    assert [(row["reason"], round(float(row["from_s"]), 3)) for row in lost] == [("no state", edge - 120.0)]
    assert lost[0]["until_utc"] == format_utc(
        start_tai_ns + round((edge + 120.0) * 1e9), almanac.leap_seconds
    )


def test_the_useable_span_is_the_end_of_the_ephemeris(
    write_oem: WriteOem,
    sample_file: InputFile,
    own: int,
    expected: list[dict[str, Any]],
    start_tai_ns: int,
    almanac: Almanac,
) -> None:
    found = screen((sample_file, write_oem(useable=(3000.0, 9000.0))), own, start_tai_ns, almanac)
    inside = [row for row in expected if 3000.0 < (row["tca_tai_ns"] - start_tai_ns) / 1e9 < 9000.0]
    assert 0 < len(inside) < len(expected)
    check_same(found, inside)
    lost = [row for row in found.unscreened.rows() if row["object"] == own]
    assert [round(float(row["from_s"])) for row in lost] == [0, 9000]


def test_an_object_without_a_number_gets_one_and_answers_to_its_names(
    write_oem: WriteOem,
    sample_file: InputFile,
    own: int,
    expected: list[dict[str, Any]],
    start_tai_ns: int,
    almanac: Almanac,
) -> None:
    """A plan of a partner beside the element set of the same satellite: two objects that stay close."""
    oem = write_oem(object_id="2031-001A")
    for name in ("2031-001A", "OWN SHIP", "900000001"):
        found = screen((sample_file, oem), own, start_tai_ns, almanac, primaries=(name,))
        assert len(found.events) == len(expected)
        assert {row["object_b"] for row in found.events.rows()} == {900_000_001}
        twins = [row for row in found.intervals.rows() if row["object_a"] == own]
        assert len(twins) == 1
        assert twins[0]["min_distance_m"] < 1.0


def test_of_two_ephemerides_the_later_one_counts_and_the_other_is_listed(
    write_oem: WriteOem,
    sample_file: InputFile,
    own: int,
    expected: list[dict[str, Any]],
    start_tai_ns: int,
    almanac: Almanac,
) -> None:
    old = write_oem("old.oem", created="2022-07-13T00:00:00", spans=((0.0, 3000.0),))
    new = write_oem("new.oem")
    for files in ((sample_file, old, new), (new, sample_file, old)):
        found = screen(files, own, start_tai_ns, almanac)
        check_same(found, expected)
        rows = [row for row in found.left_out.rows() if row["file"] == "old.oem"]
        assert [(row["object"], row["kind"]) for row in rows] == [(own, "superseded")]


def test_ephemerides_alone_can_be_screened(
    write_oem: WriteOem, own: int, start_tai_ns: int, almanac: Almanac
) -> None:
    one, two = write_oem("one.oem", object_id="1"), write_oem("two.oem", object_id="2", frame="EME2000")
    found = screen((one, two), 1, start_tai_ns, almanac)
    assert len(found.intervals) == 1
    assert found.intervals.rows()[0]["min_distance_m"] < 1.0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"scale": 1e3}, "km and km/s"),
        ({"centre": "MOON", "frame": "EME2000"}, "centre of the ephemeris is not the Earth"),
        ({"spans": ((1e6, 1.1e6),)}, "outside the window"),
    ],
)
def test_an_ephemeris_that_cannot_be_used_is_refused_in_five_parts(
    options: dict[str, Any],
    words: str,
    write_oem: WriteOem,
    sample_file: InputFile,
    own: int,
    start_tai_ns: int,
    almanac: Almanac,
) -> None:
    with pytest.raises(FormatError, match="nothing usable") as caught:
        screen((sample_file, write_oem(**options)), own, start_tai_ns, almanac)
    assert words in str(caught.value)
    assert caught.value.allowed
    assert caught.value.hint
