"""Navigation messages: a large OEM to arrays, from bytes in memory; one thread, warm, best of five.

The OEM is the one of the field's comparison: a circular orbit of 7000 km radius, states 10 s apart, written
with ``%.6f`` km and ``%.9f`` km/s. ``ours`` tokenises the file, reads header and metadata by the tables and
turns all data lines into float64 and integer epochs; accuracy is the number of values that differ from
Python's ``float`` of their text. Peers that are not installed are left out.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from syzygy.formats.ccsds import LineStream, read_lines, read_message, write_message

_STATES = 200_000
_PEER_STATES = 20_000


def large_oem(states: int = _STATES) -> bytes:
    """Return the OEM as bytes, about 100 bytes a state."""
    seconds = np.arange(states) * 10.0
    radius_km, gm_km3_s2, inclination_rad = 7000.0, 398600.4418, np.deg2rad(51.6)
    rate = np.sqrt(gm_km3_s2 / radius_km**3)
    cosine, sine = np.cos(rate * seconds), np.sin(rate * seconds)
    tilt_c, tilt_s = np.cos(inclination_rad), np.sin(inclination_rad)
    speed = radius_km * rate
    columns = (
        radius_km * cosine, radius_km * sine * tilt_c, radius_km * sine * tilt_s,
        -speed * sine, speed * cosine * tilt_c, speed * cosine * tilt_s,
    )  # fmt: skip
    start = np.datetime64("2026-01-01T00:00:00.000")
    epochs = np.datetime_as_string(start + (seconds * 1000).astype("timedelta64[ms]"))
    head = [
        "CCSDS_OEM_VERS = 3.0", "CREATION_DATE = 2026-01-01T00:00:00", "ORIGINATOR = BENCHMARK", "META_START",
        "OBJECT_NAME = CIRCULAR", "OBJECT_ID = 2026-001A", "CENTER_NAME = EARTH", "REF_FRAME = EME2000",
        "TIME_SYSTEM = UTC", f"START_TIME = {epochs[0]}", f"STOP_TIME = {epochs[-1]}", "META_STOP", "",
    ]  # fmt: skip
    form = "%s %.6f %.6f %.6f %.9f %.9f %.9f"
    lines = [form % row for row in zip(epochs, *columns, strict=True)]
    return ("\n".join([*head, *lines]) + "\n").encode()


def run() -> list[dict[str, object]]:
    """Return the rows."""
    content = large_oem()
    small = large_oem(_PEER_STATES)
    lines = content.split(b"META_STOP\n\n")[1].splitlines()
    expected = np.array([[float(word) for word in line.split()[1:]] for line in lines])
    found = read_lines(read_message(content, check_lines=False))
    wrong = int((found.values != expected).sum())
    size = len(content) / 1e6
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.oem"
        path.write_bytes(content)
        streamed = _best(lambda: sum(len(piece) for _, piece in LineStream(path)))
    rows = [
        _row(
            f"OEM, {_STATES} states ({size:.0f} MB) to arrays",
            _best(lambda: _to_arrays(content)),
            _STATES,
            wrong,
        ),
        _row(
            "the same, every rule of every line checked", _best(lambda: read_message(content)), _STATES, wrong
        ),
        _row("the same, streamed from a file", streamed, _STATES, wrong),
        _row(
            "the same, written as KVN from the typed view",
            _best(lambda: _rewrite(small)),
            _PEER_STATES,
            wrong,
        ),
    ]
    if find_spec("brahe"):
        from brahe.ccsds import OEM  # type: ignore[import-not-found]

        text = small.decode()
        ours, peer = _best(lambda: _to_arrays(small)), _best(lambda: OEM.from_str(text))
        row = _row(f"OEM, {_PEER_STATES} states", ours, _PEER_STATES, wrong)
        rows.append(
            {
                **row,
                "peer": _PEER_STATES / peer,
                "ratio": peer / ours,
                "peer_name": f"brahe {version('brahe')}",
            }
        )
    return rows


def _to_arrays(content: bytes) -> None:
    read_lines(read_message(content, check_lines=False))


def _rewrite(content: bytes) -> None:
    message = read_message(content, check_lines=False)
    xml_form = type(message)(
        message.kind, message.version, "xml", "", b"", message.root, message.table
    )  # as if it came from XML: forces the writer
    write_message(xml_form, "kvn")


def _best(task: Callable[[], object]) -> float:
    times = []
    for _ in range(5):
        start = time.perf_counter()
        task()
        times.append(time.perf_counter() - start)
    return min(times)


def _row(task: str, seconds: float, states: int, wrong: int) -> dict[str, object]:
    return {
        "task": f"{task}: {seconds:.3f} s", "ours": states / seconds, "peer": None, "peer_name": "",
        "ratio": None, "unit": "states/s", "accuracy": f"{wrong} values differ from float(text)",
    }  # fmt: skip
