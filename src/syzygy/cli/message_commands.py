"""``syzygy message``: show, check, convert and compare CCSDS navigation messages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from syzygy.cli import exit_codes
from syzygy.cli.console import emit_json, show_table, talk

if TYPE_CHECKING:
    from syzygy.formats.ccsds import Block, Message

_STRICT = click.option("--strict", is_flag=True, help="Refuse every deviation from the standard.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
_FILE = click.Path(path_type=Path)


@click.group()
def message() -> None:
    """Show, check, convert and compare CCSDS navigation messages (orbit, attitude, tracking, conjunction)."""


def _read(path: Path, strict: bool) -> Message:
    from syzygy.base.storage import read_bytes
    from syzygy.formats.ccsds import read_message

    return read_message(read_bytes(path), name=str(path), strict=strict)


@message.command("show")
@click.argument("file", type=_FILE)
@_STRICT
@_JSON
def show_command(file: Path, strict: bool, as_json: bool) -> None:
    """Show what a message says, block by block, with units; data lines are counted.

    Example: syzygy message show tests/data/ccsds/OPMExample3.txt
    """
    found = _read(file, strict)
    rows: list[list[str]] = []
    for part in found.parts or (found,):
        _collect(part.root, part.kind if found.parts else "", rows)
    if as_json:
        names = ("block", "keyword", "value", "unit")
        emit_json({
            "ok": True, "type": found.kind, "version": found.version, "form": found.form,
            "values": [dict(zip(names, row, strict=True)) for row in rows],
            "diagnostics": [item.as_mapping() for item in found.diagnostics],
        })  # fmt: skip
        return
    show_table(
        f"{found.kind} {found.version} ({found.form})".replace("  ", " "),
        ["block", "keyword", "value", "unit"],
        rows,
    )
    if found.diagnostics:
        talk(f"{len(found.diagnostics)} deviations from the standard; `syzygy message check` lists them")


def _collect(block: Block, path: str, rows: list[list[str]]) -> None:
    from syzygy.formats.ccsds import Block, Comment, Entry

    name = "/".join(part for part in (path, block.name) if part)
    for item in block.items:
        if isinstance(item, Block):
            _collect(item, name, rows)
        elif isinstance(item, Comment):
            rows.append([name, "COMMENT", item.text, ""])
        elif isinstance(item, Entry):
            rows.append([name, item.keyword, item.text, item.unit or item.row.unit])
        else:
            count = sum(1 for _ in item.items())
            rows.append([name, "(data lines)", f"{count}", ""])


@message.command("check")
@click.argument("files", type=_FILE, nargs=-1, required=True)
@_STRICT
@_JSON
def check_command(files: tuple[Path, ...], strict: bool, as_json: bool) -> int:
    """Check messages: every finding with line, column, keyword and clause of the standard.

    Without --strict, deviations that can be read without guessing are listed and the message is accepted.
    Exit code 0 when all are accepted, 3 when one is refused.

    Example: syzygy message check --strict tests/data/ccsds/OPMExample3.txt
    """
    from syzygy.base.errors import FormatError
    from syzygy.formats.ccsds import MessageError

    answers: list[dict[str, object]] = []
    for path in files:
        try:
            found = _read(path, strict)
            kind = f"{found.kind} {found.version}".strip()
            answers.append(
                {"file": str(path), "accepted": True, "type": kind, "findings": list(found.diagnostics)}
            )
        except MessageError as error:
            answers.append(
                {"file": str(path), "accepted": False, "type": "", "findings": list(error.diagnostics)}
            )
        except FormatError as error:
            answers.append(
                {"file": str(path), "accepted": False, "type": "", "findings": [], "error": str(error)}
            )
    refused = any(not answer["accepted"] for answer in answers)
    if as_json:
        for answer in answers:
            findings = answer["findings"]
            answer["findings"] = [item.as_mapping() for item in findings]  # type: ignore[attr-defined]
        emit_json({"ok": not refused, "strict": strict, "messages": answers})
    else:
        for answer in answers:
            _show_answer(answer)
    return 3 if refused else exit_codes.DONE


def _show_answer(answer: dict[str, object]) -> None:
    verdict = "accepted" if answer["accepted"] else "refused"
    findings = answer["findings"]
    count = len(findings)  # type: ignore[arg-type]
    print(f"{answer['file']}: {verdict} {answer['type']}".rstrip() + (f", {count} findings" if count else ""))
    if "error" in answer:
        print(f"  {answer['error']}")
    for item in findings:  # type: ignore[attr-defined]
        print(f"  {item.severity}: {item}")


@message.command("convert")
@click.argument("file", type=_FILE)
@click.option("--to", "form", type=click.Choice(["kvn", "xml", "json"]), required=True, help="Form to write.")
@click.option("--out", type=_FILE, required=True, help="File to write.")
@click.option("--numbers", is_flag=True, help="In JSON, write numbers as numbers (their digits are kept).")
@_STRICT
@_JSON
def convert_command(file: Path, form: str, out: Path, numbers: bool, strict: bool, as_json: bool) -> None:
    """Convert a message between KVN, XML and JSON; every digit, comment and order is kept.

    Example: syzygy message convert tests/data/ccsds/OPMExample3.txt --to xml --out out/opm.xml
    """
    from syzygy.base.storage import write_bytes
    from syzygy.formats.ccsds import write_message

    found = _read(file, strict)
    content = write_message(found, form, numbers=numbers)
    write_bytes(out, content)
    if as_json:
        emit_json({"ok": True, "file": str(out), "form": form, "bytes": len(content)})
    else:
        talk(f"{out}: {found.kind} {found.version} as {form}, {len(content)} bytes".replace("  ", " "))


@message.command("diff")
@click.argument("first", type=_FILE)
@click.argument("second", type=_FILE)
@_STRICT
@_JSON
def diff_command(first: Path, second: Path, strict: bool, as_json: bool) -> int:
    """Compare two messages: differences of meaning and of writing apart, with units and significance.

    The form (KVN, XML, JSON) does not matter. "last digits" counts a difference in the last digit of the
    coarser writing: below 0.5 it may be rounding. Exit code 0 when both say the same, 1 when not.

    Example: syzygy message diff tests/data/ccsds/OPMExample3.txt tests/data/ccsds/OPMExample3.xml
    """
    from syzygy.formats.ccsds import compare_messages

    found = compare_messages(_read(first, strict), _read(second, strict))
    meaning = [item for item in found if item.matters]
    if as_json:
        emit_json({"ok": True, "same": not meaning, "differences": [item.as_mapping() for item in found]})
    else:
        for title, items in (("Meaning", meaning), ("Writing only", [i for i in found if not i.matters])):
            if items:
                show_table(
                    title,
                    ["place", "kind", "first", "second", "unit", "difference", "last digits"],
                    [
                        [i.place, i.kind, i.first, i.second, i.unit, i.difference,
                         f"{i.last_digits:.3g}" if i.difference else ""]
                        for i in items
                    ],
                )  # fmt: skip
        talk("the two say the same" if not meaning else f"{len(meaning)} differences of meaning")
    return exit_codes.ANSWER_NO if meaning else exit_codes.DONE
