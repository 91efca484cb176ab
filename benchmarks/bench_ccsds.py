"""Navigation messages: a large OEM to arrays and back, beside the peers that are installed.

The OEM is the one of the field's comparison: a circular orbit of 7000 km radius, states 10 s apart, written
with ``%.6f`` km and ``%.9f`` km/s; 200,000 states are 20 MB. Every reader runs in a process of its own, one
after the other; a row gives the best of the later runs (warm), the first (cold), the processor time of all
threads and the peak of the memory of that process. Accuracy counts the numbers that differ from Python's
``float`` of their text.

With ``SYZYGY_BENCH_LARGE=1`` a file of 1 GB is streamed as well (needs that much room under ``out``).
All peers: ``make bench-peers``, or ``.venv-peers/bin/python -m benchmarks ccsds``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

_STATES = 200_000
_LARGE_STATES = 10_200_000
_PIECE = 200_000
_FOLDER = Path(__file__).resolve().parents[1] / "out" / "bench"
_PEERS = {
    "orekit": ("orekit_jpype", "orekit-jpype", 5), "ccsds-ndm-py": ("ccsds_ndm", "ccsds-ndm-py", 4),
    "brahe": ("brahe", "brahe", 4), "oem": ("oem", "oem", 1),
}  # fmt: skip
_TARGET_READ_S, _TARGET_LARGE_S, _TARGET_LARGE_MB, _TARGET_WRITE_MB_S = 0.15, 6.0, 500.0, 50.0


def write_large_oem(path: Path, states: int = _STATES) -> Path:
    """Write the OEM, about 100 bytes a state, piece by piece; one that is there already is kept."""
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    start = np.datetime64("2026-01-01T00:00:00.000")
    stop = start + np.timedelta64(10_000 * (states - 1), "ms")
    head = [
        "CCSDS_OEM_VERS = 3.0", "CREATION_DATE = 2026-01-01T00:00:00", "ORIGINATOR = BENCHMARK", "META_START",
        "OBJECT_NAME = CIRCULAR", "OBJECT_ID = 2026-001A", "CENTER_NAME = EARTH", "REF_FRAME = EME2000",
        "TIME_SYSTEM = UTC", f"START_TIME = {start}", f"STOP_TIME = {stop}", "META_STOP", "", "",
    ]  # fmt: skip
    part = path.with_suffix(".part")
    with part.open("w", encoding="ascii") as stream:
        stream.write("\n".join(head))
        for first in range(0, states, _PIECE):
            stream.writelines(_lines(start, first, min(first + _PIECE, states)))
    part.replace(path)
    return path


def _lines(start: np.datetime64, first: int, last: int) -> list[str]:
    seconds = np.arange(first, last) * 10.0
    radius_km, gm_km3_s2, inclination_rad = 7000.0, 398600.4418, np.deg2rad(51.6)
    rate = np.sqrt(gm_km3_s2 / radius_km**3)
    cosine, sine = np.cos(rate * seconds), np.sin(rate * seconds)
    tilt_c, tilt_s = np.cos(inclination_rad), np.sin(inclination_rad)
    speed = radius_km * rate
    columns = (
        radius_km * cosine, radius_km * sine * tilt_c, radius_km * sine * tilt_s,
        -speed * sine, speed * cosine * tilt_c, speed * cosine * tilt_s,
    )  # fmt: skip
    epochs = np.datetime_as_string(start + (seconds * 1000).astype("timedelta64[ms]"))
    form = "%s %.6f %.6f %.6f %.9f %.9f %.9f\n"
    return [form % row for row in zip(epochs, *(c.tolist() for c in columns), strict=True)]


def run() -> list[dict[str, object]]:
    """Return the rows."""
    path = write_large_oem(_FOLDER / "large.oem")
    size = path.stat().st_size / 1e6
    ours = _measure("syzygy", "read", path, 7)
    rows = [_row(f"OEM, {_STATES} states ({size:.0f} MB), to arrays", ours, _TARGET_READ_S)]
    for name, what in (
        ("syzygy-checked", "every rule of every line checked"),
        ("syzygy-streamed", "streamed"),
    ):
        rows.append(_row(f"the same, {what}", _measure(name, "read", path, 5), None))
    peers = {name: entry for name, entry in _PEERS.items() if find_spec(entry[0])}
    for name, (_, package, repeats) in peers.items():
        rows.append(_beside(ours, _measure(name, "read", path, repeats), f"{name} {version(package)}"))
    written = _measure("syzygy", "write", path, 5)
    rows.append(_row("the same, arrays to a file", written, None, _TARGET_WRITE_MB_S))
    for name, (_, package, repeats) in peers.items():
        if name != "oem":
            found = _measure(name, "write", path, min(repeats, 3))
            rows.append(_beside(written, found, f"{name} {version(package)}", write=True))
    path.with_suffix(".written").unlink(missing_ok=True)
    rows += _xml_rows(path, peers)
    if os.environ.get("SYZYGY_BENCH_LARGE"):
        large = write_large_oem(_FOLDER / "huge-1gb.oem", _LARGE_STATES)
        found = _measure("syzygy-streamed", "read-large", large, 2)
        row = _row(f"OEM of {large.stat().st_size / 1e9:.2f} GB, streamed", found, _TARGET_LARGE_S)
        rows.append({**row, "accuracy": f"at most {_TARGET_LARGE_MB:.0f} MB asked"})
    return rows


def _xml_rows(path: Path, peers: dict[str, tuple[str, str, int]]) -> list[dict[str, object]]:
    """Return the rows of the same OEM as XML: 59 MB as this library writes it."""
    from syzygy.formats.ccsds import read_message, write_message

    xml = path.with_suffix(".xml")
    if not xml.exists():
        xml.write_bytes(write_message(read_message(path.read_bytes(), check_lines=False), "xml"))
    ours = _measure("syzygy", "read", xml, 5)
    rows = [_row(f"the same in XML ({xml.stat().st_size / 1e6:.0f} MB), to arrays", ours, None)]
    checked = _measure("syzygy-checked", "read", xml, 3)
    rows.append(_row("the same in XML, every rule of every line checked", checked, None))
    able = {name: entry for name, entry in peers.items() if name != "oem"}
    for name, (_, package, repeats) in able.items():
        found = _measure(name, "read", xml, min(repeats, 3))
        rows.append(_beside(ours, found, f"{name} {version(package)}"))
    written = _measure("syzygy", "write-xml", path, 4)
    rows.append(_row("the same, a message in KVN to XML", written, None))
    for name, (_, package, repeats) in able.items():
        found = _measure(name, "write-xml", path, min(repeats, 3))
        rows.append(_beside(written, found, f"{name} {version(package)}", write=True))
    return rows


def _measure(reader: str, task: str, path: Path, repeats: int) -> dict[str, Any]:
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.peers.time_messages", reader, task]
    done = subprocess.run(
        [*command, str(path), str(repeats)], capture_output=True, text=True, check=False,
        cwd=Path(__file__).resolve().parents[1], env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1][:80] if done.stderr.strip() else "killed"}
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _times(found: dict[str, Any]) -> str:
    if "failed" in found:
        return found["failed"]
    return (
        f"{found['wall_s']:.3f} s (cold {found['cold_s']:.2f}, CPU {found['cpu_s']:.3f}), "
        f"{found['peak_mb']:.0f} MB"
    )


def _row(
    task: str, found: dict[str, Any], target_s: float | None, target_mb_s: float | None = None
) -> dict[str, object]:
    asked = f"; asked {target_s:g} s" if target_s else f"; asked {target_mb_s:g} MB/s" if target_mb_s else ""
    return {
        "task": f"{task}: {_times(found)}{asked}", "ours": _speed(found), "peer": None, "peer_name": "",
        "ratio": None, "unit": "MB/s", "accuracy": _accuracy(found),
    }  # fmt: skip


def _beside(
    ours: dict[str, Any], found: dict[str, Any], name: str, *, write: bool = False
) -> dict[str, object]:
    mine, theirs = _speed(ours), _speed(found)
    return {
        "task": f"{'written' if write else 'read'} by the peer: {_times(found)}",
        "ours": mine, "peer": theirs,
        "ratio": mine / theirs if mine and theirs else None, "unit": "MB/s", "peer_name": name,
        "accuracy": _accuracy(found),
    }  # fmt: skip


def _speed(found: dict[str, Any]) -> float | None:
    return None if "failed" in found else found["bytes"] / 1e6 / found["wall_s"]


def _accuracy(found: dict[str, Any]) -> str:
    if "wrong" not in found:
        return "-"
    return "bit-equal" if not found["wrong"] else f"{found['wrong']} of {found['values']} differ"


if __name__ == "__main__":
    for line in run():
        print(line)
