"""What a message is about, at a glance: objects, spans, frames, time systems, counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from syzygy.cli.message_files import Reading

if TYPE_CHECKING:
    from syzygy.formats.ccsds import Block, Diagnostic, Message, Record

_NAMES = ("OBJECT_NAME", "PARTICIPANT_1", "PARTICIPANT_2", "PARTICIPANT_3", "PARTICIPANT_4", "PARTICIPANT_5")
_IDENTIFIERS = ("OBJECT_ID", "OBJECT_DESIGNATOR", "INTERNATIONAL_DESIGNATOR")
_FRAMES = (
    "REF_FRAME",
    "TRAJ_REF_FRAME",
    "REFERENCE_FRAME",
    "REF_FRAME_A",
    "REF_FRAME_B",
    "Q_FRAME_A",
    "Q_FRAME_B",
)
_STARTS = ("START_TIME", "EPOCH", "TCA", "EPOCH_TZERO")
_COUNTED = {
    "covarianceMatrix": "covariances", "cov": "covariances", "maneuverParameters": "manoeuvres",
    "man": "manoeuvres", "traj": "trajectories", "att": "attitudes",
}  # fmt: skip
_HEADER = ("CREATION_DATE", "ORIGINATOR", "MESSAGE_ID", "CLASSIFICATION")
_ENCOUNTER = (
    "TCA",
    "MISS_DISTANCE",
    "RELATIVE_SPEED",
    "COLLISION_PROBABILITY",
    "COLLISION_PROBABILITY_METHOD",
)
SEGMENT_COLUMNS = (
    "message", "object", "identifier", "centre", "frame", "time_system", "start", "stop", "useable_start",
    "useable_stop", "data_lines", "first_epoch", "last_epoch", "blocks",
)  # fmt: skip


def summarise(reading: Reading) -> dict[str, object]:
    """Return type, version, form, header, segments and counts of findings."""
    message = reading.message
    assert message is not None
    parts = message.parts or (message,)
    segments: list[dict[str, object]] = []
    for part in parts:
        for index, segment in enumerate(part.root.blocks("segment")):
            streamed = reading.streamed_lines
            lines = streamed[index] if streamed is not None and index < len(streamed) else None
            segments.append(_segment(part, segment, lines))
    return {
        "type": message.kind, "version": message.version, "form": message.form,
        "messages": [f"{part.kind} {part.version}" for part in parts],
        "header": _header(parts[0]), "encounter": _encounter(parts), "segments": segments,
        "findings": count_findings(reading.findings), "streamed": reading.streamed_lines is not None,
    }  # fmt: skip


def count_findings(findings: Sequence[Diagnostic]) -> dict[str, int]:
    """Return how many findings there are of each severity."""
    counts = dict.fromkeys(("error", "deviation", "warning"), 0)
    for item in findings:
        counts[item.severity] = counts.get(item.severity, 0) + 1
    return counts


def findings_text(counts: dict[str, int]) -> str:
    """Return ``2 deviations, 1 warning`` or ``no findings``."""
    parts = [f"{count} {name}{'s' if count != 1 else ''}" for name, count in counts.items() if count]
    return ", ".join(parts) or "no findings"


def _header(message: Message) -> dict[str, str]:
    header = message.root.block("header")
    return {key: header.text(key) for key in _HEADER if header is not None and header.text(key)}


def _encounter(parts: Sequence[Message]) -> dict[str, str]:
    """Return the head of a conjunction message with units."""
    for part in parts:
        block = part.root.block("relativeMetadataData")
        if block is not None:
            entries = [(key, block.entry(key)) for key in _ENCOUNTER]
            return {
                key: f"{entry.text} {entry.unit or entry.row.unit}".strip() for key, entry in entries if entry
            }
    return {}


def _segment(part: Message, segment: Block, streamed_lines: int | None) -> dict[str, object]:
    blocks = list(segment.walk())
    first, last, count = _lines(blocks)
    counts: dict[str, int] = {}
    for block in blocks:
        if block.name in _COUNTED:
            counts[_COUNTED[block.name]] = counts.get(_COUNTED[block.name], 0) + 1
    start, stop = _first(blocks, *_STARTS), _first(blocks, "STOP_TIME")
    return {
        "message": part.kind,
        "object": " / ".join(dict.fromkeys(text for key in _NAMES if (text := _first(blocks, key)))),
        "identifier": _first(blocks, *_IDENTIFIERS),
        "centre": _first(blocks, "CENTER_NAME"),
        "frame": " / ".join(dict.fromkeys(text for key in _FRAMES for text in _all(blocks, key))),
        "time_system": _first(blocks, "TIME_SYSTEM"),
        "start": start, "stop": stop,
        "useable_start": _first(blocks, "USEABLE_START_TIME"),
        "useable_stop": _first(blocks, "USEABLE_STOP_TIME"),
        "data_lines": count if streamed_lines is None else streamed_lines,
        "first_epoch": first.epoch if first else "", "last_epoch": last.epoch if last else "",
        "blocks": ", ".join(f"{number} {name}" for name, number in counts.items()),
    }  # fmt: skip


def _lines(blocks: Sequence[Block]) -> tuple[Record | None, Record | None, int]:
    """Return first, last and number of the data lines that have an epoch."""
    first: Record | None = None
    last: Record | None = None
    count = 0
    for block in blocks:
        if block.name == "covarianceMatrix":
            continue
        for record in block.records():
            first, last = first or record, record
            count += 1
    return first, last, count


def _first(blocks: Sequence[Block], *keywords: str) -> str:
    return next((text for key in keywords for block in blocks if (text := block.text(key))), "")


def _all(blocks: Sequence[Block], keyword: str) -> list[str]:
    return [text for block in blocks if (text := block.text(keyword)) and block.name != "covarianceMatrix"]


def list_values(message: Message) -> list[list[str]]:
    """Return (block, keyword, value, unit) of everything in the message; data lines are counted."""
    rows: list[list[str]] = []
    for index, part in enumerate(message.parts, 1):
        _collect(part.root, f"{part.kind}[{index}]", rows)
    if not message.parts:
        _collect(message.root, "", rows)
    return rows


def _collect(block: Block, name: str, rows: list[list[str]]) -> None:
    from syzygy.formats.ccsds import Block, Comment, Entry

    seen: dict[str, int] = {}
    for item in block.items:
        if isinstance(item, Block):
            seen[item.name] = seen.get(item.name, 0) + 1
            number = f"[{seen[item.name]}]" if len(block.blocks(item.name)) > 1 else ""
            _collect(item, "/".join(part for part in (name, item.name + number) if part), rows)
        elif isinstance(item, Comment):
            rows.append([name, "COMMENT", item.text, ""])
        elif isinstance(item, Entry):
            rows.append([name, item.keyword, item.text, item.unit or item.row.unit])
        else:
            count = sum(1 for _ in item.items())
            rows.append([name, "(data lines)", f"{count}", ""])
