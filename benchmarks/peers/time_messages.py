"""One reader, one file, one process: times, memory and bits of an ephemeris read or written.

``python -m benchmarks.peers.time_messages READER TASK FILE REPEATS`` with TASK one of read, read-large, write
and write-xml prints one line of JSON: the first run
(cold) and the best of the later ones (warm) in seconds of wall and processor time (all threads), the peak of
the memory of the process, and how many numbers differ from Python's ``float`` of their text (times 1000 where
the reader holds metres).

Readers give what they call the ephemeris: arrays (syzygy, ccsds-ndm-py), or objects (orekit, oem, brahe).
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

Task = Callable[[Path], Any]


def main(reader: str, task: str, path: Path, repeats: int) -> None:
    """Measure and print; ``read-large`` reads without looking at the numbers afterwards."""
    writes = task.startswith("write")
    run, values, scale = (_writer(reader, path, task), None, 1.0) if writes else _reader(reader)
    walls, processor, answer = [], [], None
    for _ in range(repeats):
        answer = None
        start, used = time.perf_counter(), time.process_time()
        answer = run(path)
        walls.append(time.perf_counter() - start)
        processor.append(time.process_time() - used)
    found = {
        "cold_s": walls[0], "wall_s": min(walls[1:] or walls), "cpu_s": min(processor[1:] or processor),
        "peak_mb": _peak_mb(),
        "bytes": _size(answer) if writes else path.stat().st_size,
    }  # fmt: skip
    if values is not None and task == "read":
        wrong, count = _differing(path, values(answer), scale)
        found |= {"wrong": wrong, "values": count}
    print(json.dumps(found))


def _peak_mb() -> float:
    """Return the peak of this process alone; `getrusage` would include the parent before the start."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _size(answer: Any) -> int:
    return answer.stat().st_size if isinstance(answer, Path) else len(answer)


def _differing(path: Path, values: Iterator[Any], scale: float) -> tuple[int, int]:
    wrong = count = 0
    path = path.with_suffix(".oem")  # the same digits in KVN
    rows = (line.split()[1:] for line in path.read_text().split("META_STOP\n\n")[1].splitlines())
    for words, row in zip(rows, values, strict=True):
        expected = [float(word) * scale if scale != 1.0 else float(word) for word in words]
        wrong += sum(bool(x != y) for x, y in zip(expected, row, strict=True))
        count += len(expected)
    return wrong, count


def _reader(name: str) -> tuple[Task, Callable[[Any], Iterator[Any]], float]:
    if name in ("syzygy", "syzygy-checked"):
        from syzygy.formats.ccsds import read_lines, read_message

        checked = name == "syzygy-checked"
        return (
            lambda path: read_lines(read_message(path.read_bytes(), check_lines=checked)),
            lambda lines: iter(lines.values.tolist()),
            1.0,
        )
    if name == "syzygy-streamed":
        from syzygy.formats.ccsds import LineStream

        def stream(path: Path) -> list[Any]:
            kept = path.stat().st_size < 1 << 28
            return [piece.values if kept else len(piece) for _, piece in LineStream(path)]

        return stream, lambda pieces: iter(np.concatenate(pieces).tolist()), 1.0
    if name == "ccsds-ndm-py":
        import ccsds_ndm  # type: ignore[import-not-found]

        def read(path: Path) -> Any:
            return ccsds_ndm.from_file(str(path)).segments[0].data.state_vector_numpy

        return read, lambda array: iter(array.tolist()), 1.0
    if name == "oem":
        from oem import OrbitEphemerisMessage  # type: ignore[import-not-found]

        return (
            lambda path: OrbitEphemerisMessage.open(path),
            lambda found: ([*state.position, *state.velocity] for state in found.states),
            1.0,
        )
    if name == "brahe":
        from brahe.ccsds import OEM  # type: ignore[import-not-found]

        return (
            lambda path: OEM.from_file(str(path)),
            lambda found: ([*state.position, *state.velocity] for state in found.segments[0].states),
            1000.0,
        )
    return _orekit()


def _orekit() -> tuple[Task, Callable[[Any], Iterator[Any]], float]:
    from benchmarks.peers.orekit_peer import start_orekit

    start_orekit()
    from org.orekit.data import DataSource  # type: ignore[import-not-found]
    from org.orekit.files.ccsds.ndm import ParserBuilder  # type: ignore[import-not-found]
    from org.orekit.utils import Constants  # type: ignore[import-not-found]

    builder = ParserBuilder().withMu(Constants.EIGEN5C_EARTH_MU)

    def rows(message: Any) -> Iterator[list[float]]:
        for state in message.getSegments().get(0).getData().getEphemeridesDataLines():
            yield [*state.getPosition().toArray()[:], *state.getVelocity().toArray()[:]]

    return lambda path: builder.buildOemParser().parseMessage(DataSource(str(path))), rows, 1000.0


def _writer(name: str, path: Path, task: str) -> Task:
    """Return what writes the ephemeris again, which was read from `path` before."""
    form = "xml" if task == "write-xml" else "kvn"
    if name == "syzygy" and form == "xml":
        from syzygy.formats.ccsds import read_message, write_message

        plain = read_message(path.read_bytes(), check_lines=False)
        return lambda _: write_message(plain, "xml")
    if name == "syzygy":
        return _write_arrays(path)
    if name == "ccsds-ndm-py":
        import ccsds_ndm

        message = ccsds_ndm.from_file(str(path))
        return lambda _: message.to_str(form)
    if name == "brahe":
        from brahe.ccsds import OEM

        found = OEM.from_file(str(path))
        return lambda _: found.to_string(form.upper())
    if name == "orekit":
        parse, _, _ = _orekit()
        from java.lang import StringBuilder  # type: ignore[import-not-found]
        from org.orekit.files.ccsds.ndm import WriterBuilder
        from org.orekit.files.ccsds.utils.generation import (  # type: ignore[import-not-found]
            KvnGenerator,
            XmlGenerator,
        )

        ephemeris = parse(path)

        def write(path: Path) -> str:
            text = StringBuilder()
            generator = (
                XmlGenerator(text, 2, "x", 9e99, False, None)
                if form == "xml"
                else KvnGenerator(text, 0, "x", 9e99, 0)
            )
            WriterBuilder().buildOemWriter().writeMessage(generator, ephemeris)
            return str(text.toString())

        return write
    raise SystemExit(f"{name} does not write")


def _write_arrays(path: Path) -> Task:
    from syzygy.formats.ccsds import read_lines, read_message
    from syzygy.formats.ccsds.bulk_writing import LineSegment, write_lines

    message = read_message(path.read_bytes(), check_lines=False)
    header = [(e.keyword, e.text) for e in message.root.block("header").entries()][1:]  # type: ignore[union-attr]
    metadata = [(e.keyword, e.text) for e in message.segments[0].block("metadata").entries()]  # type: ignore[union-attr]
    lines = read_lines(message)

    def write(path: Path) -> Path:
        target = path.with_suffix(".written")
        write_lines(target, "OEM", "3.0", header, [LineSegment(metadata, [lines])])
        return target

    return write


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
