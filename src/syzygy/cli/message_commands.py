"""``syzygy message``: show, check, convert and compare CCSDS navigation messages."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from syzygy.cli import exit_codes, message_conversion, message_files, message_summary
from syzygy.cli.console import emit_json, list_problems, show_error, show_table, talk

if TYPE_CHECKING:
    from syzygy.cli.message_files import Reading
    from syzygy.formats.ccsds import Diagnostic, Difference

_STRICT = click.option("--strict", is_flag=True, help="Refuse every deviation from the standard.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
_FILE = click.Path(path_type=Path)
_FEW_VALUES = 200


@click.group()
def message() -> None:
    """Show, check, convert and compare CCSDS navigation messages (orbit, attitude, tracking, conjunction)."""


@message.command("show")
@click.argument("files", type=_FILE, nargs=-1, required=True)
@click.option(
    "--values/--no-values", default=None, help="List every value, or none [one short message: all]."
)
@_STRICT
@_JSON
def show_command(files: tuple[Path, ...], values: bool | None, strict: bool, as_json: bool) -> int:
    """Show what messages are about: objects, spans, frames, time systems, counts, and the values.

    Folders are searched for messages. An ephemeris above 128 MiB is read piece by piece. Exit code 0 when all
    could be read, 3 when one is refused.

    Example: syzygy message show tests/data/ccsds/OPMExample3.txt
    """
    found, left = message_files.find_files(files)
    readings = [message_files.read_file(path, strict=strict) for path in found]
    if as_json:
        emit_json({
            "ok": all(reading.accepted for reading in readings),
            "messages": [_shown_json(reading, values is not False) for reading in readings],
            "left_out": [str(path) for path in left],
        })  # fmt: skip
    elif len(readings) == 1:
        _show_one(readings[0], values)
    else:
        _show_many(readings)
    _say_left_out(left, as_json)
    return _exit_code(readings)


def _shown_json(reading: Reading, values: bool) -> dict[str, object]:
    answer: dict[str, object] = {"file": str(reading.path), "accepted": reading.accepted}
    if reading.error is not None:
        return {**answer, "problem": reading.error.as_mapping()}
    assert reading.message is not None
    names = ("block", "keyword", "value", "unit")
    rows = message_summary.list_values(reading.message) if values and reading.streamed_lines is None else []
    return {
        **answer, **message_summary.summarise(reading),
        "values": [dict(zip(names, row, strict=True)) for row in rows],
        "diagnostics": [item.as_mapping() for item in reading.findings],
    }  # fmt: skip


def _show_one(reading: Reading, values: bool | None) -> None:
    if reading.message is None:
        assert reading.error is not None
        show_error(reading.error)
        return
    summary = message_summary.summarise(reading)
    kinds = ", ".join(summary["messages"]) if reading.message.parts else ""  # type: ignore[arg-type]
    print(f"{reading.path}: {_kind(reading)} ({summary['form']})" + (f": {kinds}" if kinds else ""))
    for group in ("header", "encounter"):
        for key, text in summary[group].items():  # type: ignore[attr-defined]
            print(f"  {key}: {text}")
    segments: list[dict[str, object]] = summary["segments"]  # type: ignore[assignment]
    used = [name for name in message_summary.SEGMENT_COLUMNS if any(item[name] for item in segments)]
    if not reading.message.parts:
        used = [name for name in used if name != "message"]
    title = f"{len(segments)} segment{'s' if len(segments) != 1 else ''}"
    _show_turned(title, used, segments)
    if summary["streamed"]:
        print("read piece by piece: every data line was parsed; its values are not listed")
    else:
        rows = message_summary.list_values(reading.message)
        if values or (values is None and len(rows) <= _FEW_VALUES):
            show_table("Values", ["block", "keyword", "value", "unit"], rows)
        elif values is None:
            print(f"{len(rows)} values; --values lists them")
    print(f"{message_summary.findings_text(message_summary.count_findings(reading.findings))}", end="")
    print("; `syzygy message check` lists them" if reading.findings else "")


def _show_turned(title: str, names: Sequence[str], segments: Sequence[dict[str, object]]) -> None:
    """Show few segments with one column each, many with one row each."""
    heads = [name.replace("_", " ") for name in names]
    if len(segments) > 3:
        show_table(title, heads, [[str(item[name]) for name in names] for item in segments])
        return
    rows = [[head, *(str(item[name]) for item in segments)] for head, name in zip(heads, names, strict=True)]
    show_table(title, ["", *(f"segment {index + 1}" for index in range(len(segments)))], rows)


def _show_many(readings: Sequence[Reading]) -> None:
    common = os.path.commonpath([reading.path.parent for reading in readings]) if readings else ""
    rows = []
    for reading in readings:
        name = os.path.relpath(reading.path, common or ".")
        if reading.message is None:
            rows.append([name, "refused", "", "", "", "", "", "", str(len(reading.findings))])
            continue
        summary = message_summary.summarise(reading)
        segments: list[dict[str, object]] = summary["segments"]  # type: ignore[assignment]
        objects = dict.fromkeys(str(item["object"]) for item in segments if item["object"])
        starts = [str(item["start"] or item["first_epoch"]) for item in segments]
        stops = [str(item["stop"] or item["last_epoch"]) for item in segments]
        rows.append([
            name, _kind(reading), ", ".join(objects),
            ", ".join(dict.fromkeys(str(item["frame"]) for item in segments if item["frame"])),
            ", ".join(dict.fromkeys(str(item["time_system"]) for item in segments if item["time_system"])),
            next((text for text in starts if text), ""), next((text for text in reversed(stops) if text), ""),
            str(sum(int(str(item["data_lines"])) for item in segments)), str(len(reading.findings)),
        ])  # fmt: skip
    columns = ["file", "type", "object", "frame", "time system", "start", "stop", "lines", "findings"]
    show_table(f"{len(readings)} messages" + (f" in {common}" if common else ""), columns, rows)


def _kind(reading: Reading) -> str:
    assert reading.message is not None
    return f"{reading.message.kind} {reading.message.version}".strip()


@message.command("check")
@click.argument("files", type=_FILE, nargs=-1, required=True)
@_STRICT
@_JSON
def check_command(files: tuple[Path, ...], strict: bool, as_json: bool) -> int:
    """Check messages: every finding as file:line:column, severity, keyword, clause of the standard.

    Folders are searched for messages. Without --strict, deviations that can be read without guessing are
    listed and the message is accepted. Exit code 0 when all are accepted, 3 when one is refused, 6 when one
    cannot be read.

    Example: syzygy message check --strict tests/data/ccsds/OPMExample3.txt
    """
    found, left = message_files.find_files(files)
    readings = []
    for path in found:
        reading = message_files.read_file(path, strict=strict)
        if not as_json:
            _print_findings(reading)
        readings.append(reading)
    refused = sum(not reading.accepted for reading in readings)
    total = message_summary.count_findings([item for reading in readings for item in reading.findings])
    if as_json:
        emit_json({
            "ok": not refused, "strict": strict, "accepted": len(readings) - refused, "refused": refused,
            "findings": total, "messages": [_checked_json(reading) for reading in readings],
            "left_out": [str(path) for path in left],
        })  # fmt: skip
    else:
        verdicts = f"{len(readings) - refused} accepted, {refused} refused"
        talk(f"{verdicts}; {message_summary.findings_text(total)}")
    _say_left_out(left, as_json)
    return _exit_code(readings)


def _checked_json(reading: Reading) -> dict[str, object]:
    answer: dict[str, object] = {
        "file": str(reading.path), "accepted": reading.accepted,
        "type": _kind(reading) if reading.message else "",
        "findings": [item.as_mapping() for item in reading.findings],
    }  # fmt: skip
    if reading.error is not None and not reading.findings:
        answer["error"] = str(reading.error)
    return answer


def _print_findings(reading: Reading) -> None:
    kind = _kind(reading) if reading.message else ""
    counts = message_summary.count_findings(reading.findings)
    verdict = f"accepted {kind}" if reading.accepted else "refused"
    print(f"{reading.path}: {verdict}, {message_summary.findings_text(counts)}")
    for item in reading.findings:
        print(_finding_line(reading.path, item))
    if reading.error is not None and not reading.findings:
        print(f"{reading.path}: error: {reading.error}")


def _finding_line(path: Path, item: Diagnostic) -> str:
    place = f"{path}:{item.line}:{item.column}" if item.line else str(path)
    keyword = f" {item.keyword}:" if item.keyword else ""
    value = f", got {item.value!r}" if item.value else ""
    clause = f" [{item.clause}]" if item.clause else ""
    return f"{place}: {item.severity}:{keyword} {item.what}{value}{clause}"


@message.command("convert")
@click.argument("files", type=_FILE, nargs=-1, required=True)
@click.option("--to", "form", type=click.Choice(["kvn", "xml", "json"]), required=True, help="Form to write.")
@click.option("--out", type=_FILE, required=True, help="File to write, or folder for several.")
@click.option("--numbers", is_flag=True, help="In JSON, write numbers as numbers (their digits are kept).")
@click.option("--allow-loss", is_flag=True, help="Write although something named cannot be carried over.")
@click.option("--overwrite", is_flag=True, help="Replace a file that holds something else.")
@_STRICT
@_JSON
def convert_command(
    files: tuple[Path, ...], form: str, out: Path, numbers: bool, allow_loss: bool, overwrite: bool,
    strict: bool, as_json: bool,
) -> int:  # fmt: skip
    """Convert messages between KVN, XML and JSON; every digit, comment and order is kept.

    What was written is read back and compared before the file is put in place. What the other form cannot
    carry (a comment of XML itself, ``<!-- -->``) is named and refused without --allow-loss; blanks and blank
    lines between values mean nothing and are not carried. An existing file that holds something else is
    refused without --overwrite. A message that is refused is listed and the others are converted. Exit code 0
    when all were converted, 3 when one is refused, 6 when one cannot be read or written.

    Example: syzygy message convert tests/data/ccsds/OPMExample3.txt --to xml --out out/opm.xml
    """
    found, left = message_files.find_files(files)
    done, refused = message_conversion.convert_files(
        found, form, out, numbers=numbers, allow_loss=allow_loss, overwrite=overwrite, strict=strict,
        folder=len(files) > 1 or any(path.is_dir() for path in files),
    )  # fmt: skip
    if as_json:
        emit_json({
            "ok": not refused, "form": form, "messages": [item.as_mapping() for item in done],
            "problems": [problem for item in refused for problem in list_problems(item.error)],
            "refused": [str(item.source) for item in refused], "left_out": [str(path) for path in left],
        })  # fmt: skip
    else:
        for item in done:
            talk(f"{item.target}: {item.kind} as {form}, {item.size} bytes")
            for loss in item.losses:
                talk(f"  not carried over: {loss}")
        for failure in refused:
            show_error(failure.error)
        if refused and len(found) > 1:
            names = ", ".join(str(failure.source) for failure in refused)
            talk(f"{len(done)} converted, {len(refused)} refused: {names}")
    _say_left_out(left, as_json)
    return max((failure.error.exit_code for failure in refused), default=exit_codes.DONE)


@message.command("diff")
@click.argument("first", type=_FILE)
@click.argument("second", type=_FILE)
@click.option(
    "--ignore-rounding", is_flag=True, help="Half a last digit of the coarser number is no difference."
)
@click.option(
    "--limit", type=click.IntRange(min=0), default=40, show_default=True, help="Rows to show of each."
)
@_STRICT
@_JSON
def diff_command(
    first: Path, second: Path, ignore_rounding: bool, limit: int, strict: bool, as_json: bool
) -> int:
    """Compare two messages: differences of meaning and of writing apart, with units and significance.

    The form (KVN, XML, JSON) does not matter; epochs of different time systems are compared as instants,
    data lines are paired by their epoch. "last digits" counts a difference in the last digit of the coarser
    number: up to 0.5 it may be rounding. Exit code 0 when both say the same, 1 when not.

    Example: syzygy message diff tests/data/ccsds/OPMExample3.txt tests/data/ccsds/OPMExample3.xml
    """
    from syzygy.cli.message_comparison import compare_files, show_comparison

    readings = [message_files.read_file(path, strict=strict) for path in (first, second)]
    found = compare_files(*readings)
    meaning = [item for item in found.differences if _counts(item, ignore_rounding)]
    if as_json:
        emit_json({"ok": True, "same": not meaning, **found.as_mapping()})
    else:
        show_comparison(found, meaning, limit)
    return exit_codes.ANSWER_NO if meaning else exit_codes.DONE


def _counts(item: Difference, ignore_rounding: bool) -> bool:
    return item.matters and not (ignore_rounding and item.may_be_rounding)


def _say_left_out(left: Sequence[Path], as_json: bool) -> None:
    if left and not as_json:
        talk(f"{len(left)} files in the folders are no messages, for example {left[0]}")


def _exit_code(readings: Sequence[Reading]) -> int:
    return max((reading.exit_code for reading in readings), default=exit_codes.DONE)
