"""Makers of small kernel files."""

from __future__ import annotations

import contextlib
import gc
import importlib.util
import math
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from syzygy.base.errors import SyzygyError

TRANSFER_CHECK = b"FTPSTR:\r:\n:\r\n:\r\x00:\x81:\x10\xce:ENDFTP"
TERMS = 5
RECORD_S = 100.0


def chebyshev_words(start, records, offset, components):
    """Coefficients of smooth, distinct components, then the directory of the segment."""
    size = 2 + TERMS * components
    rows = []
    for record in range(records):
        coefficients = [
            [
                offset + 10.0 * component + record,
                *(1.0 / (component + record + k) ** 2 for k in range(1, TERMS)),
            ]
            for component in range(components)
        ]
        rows.append([start + (record + 0.5) * RECORD_S, RECORD_S / 2, *np.ravel(coefficients)])
    return [*np.ravel(rows), start, RECORD_S, float(size), float(records)]


def write_daf(path: Path, word: bytes, order: str, integers: int, segments) -> Path:
    """Write a DAF: file record, one summary record, one name record, the words of the segments."""
    first_word = 3 * 128 + 1
    summaries, names, words = b"", b"", []
    for start, end, numbers, content in segments:
        place = (first_word + len(words), first_word + len(words) + len(content) - 1)
        pattern = f"{order}2d{integers}i" + ("4x" if integers % 2 else "")
        summaries += struct.pack(pattern, start, end, *numbers, *place)
        names += b"TEST".ljust(8 * (2 + (integers + 1) // 2))
        words += content
    label = b"LTL-IEEE" if order == "<" else b"BIG-IEEE"
    head = word + struct.pack(order + "2i", 2, integers) + b"SMALL TEST FILE".ljust(60)
    head += struct.pack(order + "3i", 2, 2, first_word + len(words)) + label
    head = head.ljust(699, b"\0") + TRANSFER_CHECK
    body = struct.pack(order + "3d", 0.0, 0.0, float(len(segments))) + summaries
    data = np.array(words, dtype=order + "f8").tobytes()
    data += b"\0" * (-len(data) % 1024)
    path.write_bytes(head.ljust(1024, b"\0") + body.ljust(1024, b"\0") + names.ljust(1024, b" ") + data)
    return path


@pytest.fixture(scope="session")
def make_spk():
    """Write a small SPK file: the Earth about the Earth-Moon barycentre, and more on demand."""

    def make(path, *, start=0.0, records=4, offset=100.0, kind=2, order="<", more=()):
        segments = []
        for other in [{}, *more]:
            entry = {"target": 399, "frame": 1, "kind": kind} | other
            words = chebyshev_words(start, records, offset, 6 if entry["kind"] == 3 else 3)
            numbers = (entry["target"], 3, entry["frame"], entry["kind"])
            segments.append((start, start + records * RECORD_S, numbers, words))
        return write_daf(path, b"DAF/SPK ", order, 6, segments)

    return make


@pytest.fixture(scope="session")
def make_pck():
    """Write a small binary PCK file of frame 31006."""

    def make(path, *, order="<", kind=2, base=1, frames=(31006,)):
        words = chebyshev_words(0.0, 4, 0.0, 3)
        segments = [(0.0, 4 * RECORD_S, (frame, base, kind), words) for frame in frames]
        return write_daf(path, b"DAF/PCK ", order, 5, segments)

    return make


@pytest.fixture(scope="module")
def mutants() -> ModuleType:
    """The generator of mutated messages, which is a script too."""
    path = Path(__file__).with_name("fuzz_messages.py")
    spec = importlib.util.spec_from_file_location("fuzz_messages", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["fuzz_messages"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def assert_linear() -> Callable[[Callable[[bytes], object], Callable[[int], bytes], int], None]:
    """Demand that reading four times the input takes at most eight times as long.

    Linear time takes four times, quadratic time sixteen; eight, half-way on the scale of exponents, leaves a
    factor of two to a busy machine on both sides.  Processor time counts, the best of what was measured so
    far; a machine that disturbs gets two rounds more, which a quadratic reader fails like the first.  What
    other tests left on the heap is frozen, or collecting it would be charged to whoever comes upon it.
    """

    def spent(read: Callable[[bytes], object], content: bytes) -> float:
        begun = time.process_time()
        with contextlib.suppress(SyzygyError):
            read(content)
        return time.process_time() - begun

    def demand(read: Callable[[bytes], object], make: Callable[[int], bytes], size: int) -> None:
        small, large = make(size // 4), make(size)
        quarter_s = whole_s = math.inf
        gc.freeze()
        try:
            for _ in range(3):
                quarter_s = min(quarter_s, spent(read, small), spent(read, small))
                whole_s = min(whole_s, spent(read, large))
                if whole_s < 8.0 * quarter_s + 0.05:
                    return
        finally:
            gc.unfreeze()
        pytest.fail(f"{whole_s:.3f} s for {size} bytes, {quarter_s:.3f} s for a quarter of them")

    return demand
