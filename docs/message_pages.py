"""Pages of the navigation messages, one per type, made from the tables that read, check and write them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from syzygy.formats.ccsds.tables import KeywordRow, MessageTable

NAMES = {
    "OPM": "Orbit Parameter Message", "OMM": "Orbit Mean-elements Message",
    "OEM": "Orbit Ephemeris Message", "OCM": "Orbit Comprehensive Message",
    "APM": "Attitude Parameter Message", "AEM": "Attitude Ephemeris Message",
    "ACM": "Attitude Comprehensive Message", "CDM": "Conjunction Data Message",
    "TDM": "Tracking Data Message", "RDM": "Re-entry Data Message",
}  # fmt: skip
_TYPES = {
    "name": "normative text", "enum": "one of the values", "choice": "one of the values, others are noted",
    "epoch": "date and time", "time": "date and time, or seconds", "lines": "data lines",
    "observation": "date and time, number", "column": "column of the lines", "version": "version",
    "vector": "numbers",
}  # fmt: skip
_MANY = 8


def write_message_pages(place: Path) -> None:
    """Write ``message-keywords.md`` and one page per message type below ``messages``."""
    from syzygy.formats.ccsds import VERSIONS

    folder = place / "messages"
    folder.mkdir(exist_ok=True)
    for kind in VERSIONS:
        (folder / f"{kind.lower()}.md").write_text(message_page(kind), encoding="utf-8")
    (place / "message-keywords.md").write_text(overview_page(), encoding="utf-8")


def overview_page() -> str:
    """Return the page that lists the message types and how to read their pages."""
    from syzygy.formats.ccsds import VERSIONS, message_table

    lines = [
        "# Keywords of the navigation messages\n",
        "One page per message type, made from the tables by which messages are read, checked and written.",
        "Status: M mandatory, O optional, C conditional (the books of CDM and TDM say yes and no: M, O).",
        "The clause is the table of the book and, where the book has some, the numbers of the requirements",
        "that speak about it. Meanings are this project's own words; the books have the definitions.\n",
        "| type | name | version | book | table of keywords from |",
        "|---|---|---|---|---|",
    ]
    for kind, versions in VERSIONS.items():
        for version in reversed(versions):
            table = message_table(kind, version)
            newest = message_table(kind, versions[-1]).book
            origin = f"derived from {newest}: see the page" if table.derived else "the book itself"
            link = f"[{kind}](messages/{kind.lower()}.md)"
            lines.append(f"| {link} | {NAMES[kind]} | {version} | {table.book} | {origin} |")
    pages = "\n".join(f"messages/{kind.lower()}" for kind in VERSIONS)
    return "\n".join(lines) + f"\n\n```{{toctree}}\n:maxdepth: 1\n:hidden:\n\n{pages}\n```\n"


def message_page(kind: str) -> str:
    """Return the page of one message type: its blocks, then every keyword block by block."""
    from syzygy.formats.ccsds import VERSIONS, message_table

    versions = VERSIONS[kind]
    tables = {version: message_table(kind, version) for version in versions}
    newest = tables[versions[-1]]
    parts = [f"# {kind}: {NAMES[kind]}\n", _origins(tables)]
    parts += ["## Blocks\n", _blocks(newest), "## Keywords\n"]
    for block in _block_names(tables):
        parts += [f"### {block}\n", _keywords(kind, block, tables)]
    return "\n".join(parts)


def _origins(tables: dict[str, MessageTable]) -> str:
    newest = list(tables.values())[-1]
    text = f"Versions: {', '.join(tables)}. Version {newest.version} is that of {newest.book}.\n"
    old = [table for table in tables.values() if table.derived]
    if old:
        text += (
            "\n```{note}\n"
            + " ".join(
                f"The book of version {table.version} ({table.book}) was not at hand: its table was derived "
                f"from {newest.book}, what that says about changes, and messages of that version."
                for table in old
            )
            + "\n```\n"
        )
    return text


def _blocks(table: MessageTable) -> str:
    lines = ["| block | inside | begins with | how often | clause |", "|---|---|---|---|---|"]
    for block in table.blocks.values():
        often = {0: "any number", 1: "once"}.get(block.limit, f"{block.limit} times")
        start = f"`{block.start}_START`" if block.start else f"`{block.first}`" if block.first else ""
        often = often if block.mandatory else f"{often}, optional"
        lines.append(f"| {block.name} | {block.parent or 'message'} | {start} | {often} | {block.clause} |")
    return "\n".join(lines) + "\n"


def _block_names(tables: dict[str, MessageTable]) -> list[str]:
    names: dict[str, None] = {}
    for table in reversed(tables.values()):
        names.update(dict.fromkeys(row.block for row in table.rows))
    return list(names)


def _keywords(kind: str, block: str, tables: dict[str, MessageTable]) -> str:
    """Return one line per keyword, from the newest version that has it; versions are listed."""
    from syzygy.formats.ccsds.meanings import keyword_meaning

    rows: dict[tuple[str, str], KeywordRow] = {}
    versions: dict[tuple[str, str], list[str]] = {}
    for version, table in tables.items():
        for row in table.rows:
            if row.block == block:
                key = (row.keyword, row.clause.rpartition(" ")[2] if row.kind == "column" else "")
                rows[key] = row
                versions.setdefault(key, []).append(version)
    lines = [
        "| keyword | meaning | type | unit | status | versions | clause |",
        "|---|---|---|---|---|---|---|",
    ]
    order = sorted(rows, key=lambda key: (versions[key][-1] != list(tables)[-1], rows[key].order))
    for key in order:
        row = rows[key]
        keyword = row.keyword.strip("<>")
        unit = f"`{row.unit}`".replace("|", "` or `") if row.unit else ""
        clause = f"{row.clause}; {row.rule.replace(' ', ', ')}" if row.rule else row.clause
        cells = [
            f"`{keyword}`", keyword_meaning(kind, row.keyword), _type(row), unit, _status(row),
            ", ".join(versions[key]), clause,
        ]  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _type(row: KeywordRow) -> str:
    kind = row.kind
    text = f"{kind[6:]} numbers" if kind[:6] == "vector" and kind[6:] else _TYPES.get(kind, kind)
    if row.kind in ("enum", "choice"):
        shown = ", ".join(f"`{value}`" for value in row.values[:_MANY])
        text += f": {shown}" + (" ..." if len(row.values) > _MANY else "")
    return text + (f" in {row.limits}" if row.limits else "")


def _status(row: KeywordRow) -> str:
    words = {"block": "due once the block is there", "optional": ""}
    condition = words.get(row.condition, row.condition)
    text = f"{row.status}, {condition}" if condition else row.status
    return text + (f"; default {row.default}" if row.default else "")
