"""Every number and epoch of the messages beside what other readers hold, at the last bit.

The peers' values (Orekit, ccsds-ndm-py, oem) were laid down by ``benchmarks/peers/message_values.py``; what
differs for a reason is listed in ``tests/data/ccsds/peer_differences.csv``, each row of which must be needed.
"""

from __future__ import annotations

import csv
import gzip
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from fnmatch import fnmatch
from pathlib import Path

import pytest

from syzygy.base.errors import SyzygyError
from syzygy.formats.ccsds import Block, Comment, Entry, Message, Record, read_message
from syzygy.formats.ccsds.epochs import parse_epochs
from syzygy.formats.ccsds.grammar import epoch_fault, number_text

_NUMERIC = ("number", "integer", "vector", "epoch", "time")
# Orekit multiplies by s on reading and divides on writing; s of every unit in the corpus
_SCALES = (1e3, 1e6, 1e9, math.pi / 180, 2 * math.pi / 86400, 1e-2, 60.0, 3600.0, 86400.0)
Values = dict[str, list[str]]


@dataclass
class _Comparison:
    files: Counter[str] = field(default_factory=Counter)
    equal: Counter[str] = field(default_factory=Counter)
    converted: Counter[str] = field(default_factory=Counter)
    differences: list[tuple[str, str, str, str]] = field(default_factory=list)
    """(file, peer, keyword, how), how being value, only ours, only the peer's."""
    with_two: int = 0
    refused_by_us: list[tuple[str, str]] = field(default_factory=list)


def _our_values(message: Message) -> Values:
    """Return numbers (hexadecimal) and epochs (label in nanoseconds) by keyword, in the order of the file."""
    values: Values = defaultdict(list)
    for part in message.parts or (message,):
        zero = next((e.text for b in part.root.walk() for e in b.entries() if e.keyword == "EPOCH_TZERO"), "")
        _collect(part, part.root, zero, values)
    return values


def _collect(message: Message, block: Block, zero: str, values: Values) -> None:
    assert message.table is not None
    row = message.table.blocks.get(block.name)
    for item in block.items:
        if isinstance(item, Block):
            _collect(message, item, zero, values)
        elif isinstance(item, Entry):
            if item.row.kind.startswith(_NUMERIC):
                _put(values, item.keyword, item.text.split(), zero if item.row.kind == "time" else "")
        elif not isinstance(item, Comment):
            for record in item.items():
                if isinstance(record, Record):
                    name = "covariance" if row and row.lines == "matrix" else "line"
                    words = [*([record.epoch] if record.epoch else []), *record.values]
                    _put(values, record.keyword or name, words, zero if record.epoch else "")


def _put(values: Values, keyword: str, words: list[str], zero: str) -> None:
    if zero and number_text(words[0]):
        values[f"{keyword}@"].append(str(_label(zero) + round(Decimal(words[0]) * 10**9)))
        words = words[1:]
    for word in words:
        if not epoch_fault(word):
            values[f"{keyword}@"].append(str(_label(word)))
        elif number_text(word) is not None:
            values[keyword].append((float(number_text(word) or "") + 0.0).hex())


def _label(text: str) -> int:
    whole, dot, fraction = text.removesuffix("Z").partition(".")
    epochs = parse_epochs([whole], "UTC")
    nanoseconds = round(Decimal(f"0.{fraction}") * 10**9) if dot and fraction else 0
    return int(epochs.day[0]) * 86_400 * 10**9 + int(epochs.day_ns[0]) + nanoseconds


def _read_peers(path: Path) -> dict[str, dict[str, Values]]:
    peers: dict[str, dict[str, Values]] = defaultdict(dict)
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            if row["file"] and row["keyword"] != "refused":
                peers[row["file"]].setdefault(row["peer"], {})[row["keyword"]] = row["values"].split()
    return peers


def _compare(peers: dict[str, dict[str, Values]], locate: Callable[[str], Path]) -> _Comparison:
    result = _Comparison()
    for file, by_peer in peers.items():
        path = locate(file)
        if not path.exists():
            continue
        try:
            message = read_message(path.read_bytes(), name=file)
        except SyzygyError:
            result.refused_by_us += [(file, peer) for peer in by_peer]
            continue
        result.with_two += len(by_peer) >= 2
        ours = _our_values(message)
        for peer, theirs in by_peer.items():
            result.files[peer] += 1
            for keyword in sorted({*ours, *theirs} if peer != "oem" else {"line", "line@", "covariance"}):
                if keyword in ours or _is_numeric(message, keyword):
                    how = _difference(peer, ours.get(keyword, []), theirs.get(keyword, []), result)
                    if how:
                        result.differences.append((file, peer, keyword, how))
    return result


def _is_numeric(message: Message, keyword: str) -> bool:
    """Whether the tables of the message know the keyword of a peer as a number or epoch."""
    tables = [part.table for part in message.parts or (message,)]
    rows = [t.find(block, keyword.rstrip("@")) for t in tables if t for block in t.by_block]
    return any(row is not None and row.kind.startswith(_NUMERIC) for row in rows)


def _difference(peer: str, ours: list[str], theirs: list[str], result: _Comparison) -> str:
    if len(ours) != len(theirs):
        return "only ours" if not theirs else "only the peer's" if not ours else "count"
    differing = 0
    for mine, other in zip(ours, theirs, strict=True):
        if mine == other:
            result.equal[peer] += 1
        elif peer == "orekit" and "0x" in mine and _scaled(float.fromhex(mine), float.fromhex(other)):
            result.converted[peer] += 1
        else:
            differing += 1
    return "value" if differing else ""


def _scaled(ours: float, theirs: float) -> bool:
    return any(ours * scale / scale == theirs for scale in _SCALES)


def _judge(comparison: _Comparison, test_data: Path, *, whole: bool) -> list[str]:
    with (test_data / "ccsds" / "peer_differences.csv").open(encoding="utf-8") as stream:
        reasons = list(csv.DictReader(stream))
    used = [False] * len(reasons)
    odd = []
    found = [*comparison.differences, *((f, p, "file", "refused") for f, p in comparison.refused_by_us)]
    for file, peer, keyword, how in found:
        at = next(
            (
                index
                for index, row in enumerate(reasons)
                if (row["peer"], row["how"]) == (peer, how)
                and fnmatch(file, row["file"])
                and re.fullmatch(row["keywords"], keyword)
            ),
            None,
        )
        if at is None:
            odd.append(f"{file}: {peer} {keyword} {how}")
        else:
            used[at] = True
    if whole:
        odd += [f"no longer needed: {row}" for row, needed in zip(reasons, used, strict=True) if not needed]
    return odd


def test_values_of_carried_messages_have_the_bits_that_other_readers_hold(test_data: Path) -> None:
    folder = test_data / "ccsds"
    comparison = _compare(_read_peers(folder / "peer_values.csv.gz"), lambda file: folder / Path(file).name)
    assert not _judge(comparison, test_data, whole=False)
    assert comparison.with_two >= 10
    assert sum(comparison.equal.values()) >= 1500


@pytest.mark.slow
def test_values_of_the_corpus_have_the_bits_that_other_readers_hold(
    shared_data: Path, test_data: Path, record_accuracy: Callable[..., None]
) -> None:
    peers = _read_peers(test_data / "ccsds" / "peer_values.csv.gz")
    comparison = _compare(peers, lambda file: shared_data / "exchange" / "ccsds" / file)
    odd = _judge(comparison, test_data, whole=True)
    for peer in sorted(comparison.files):
        bits, converted = comparison.equal[peer], comparison.converted[peer]
        record_accuracy(
            "formats",
            f"numbers and epochs of {comparison.files[peer]} messages that differ without a reason",
            float(sum(f" {peer} " in item for item in odd)), 0.0, "values",
            f"{peer}" + (f", {converted} of them after its unit conversion and back" if converted else ""),
            bits + converted,
        )  # fmt: skip
    assert not odd
    assert comparison.with_two >= 110
