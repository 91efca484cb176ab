"""Read a message of any type in KVN, XML or the project's JSON, strict or tolerant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from syzygy.base.errors import FormatError, UnknownNameError
from syzygy.formats.ccsds import kvn_view, xml_view
from syzygy.formats.ccsds.block_checks import check_blocks
from syzygy.formats.ccsds.catalogue_rows import is_catalogue_csv, is_catalogue_json, read_catalogue
from syzygy.formats.ccsds.checks import check_tables
from syzygy.formats.ccsds.covariance_checks import check_covariances
from syzygy.formats.ccsds.data_checks import check_data
from syzygy.formats.ccsds.diagnostics import Diagnostic, Findings, MessageError, refuses
from syzygy.formats.ccsds.json_tree import read_json
from syzygy.formats.ccsds.kvn_tokens import BLANK, KvnDocument, read_tokens
from syzygy.formats.ccsds.leap_checks import check_leap_seconds
from syzygy.formats.ccsds.lexical_checks import check_characters
from syzygy.formats.ccsds.model import Block, Comment, Entry, Message, Place
from syzygy.formats.ccsds.span_checks import check_spans
from syzygy.formats.ccsds.tables import VERSIONS, KeywordRow, MessageTable, message_table
from syzygy.formats.ccsds.xml_tree import Element, read_xml
from syzygy.formats.collection import without_collection

if TYPE_CHECKING:
    from syzygy.astro.time import LeapSeconds

_VERSION_KEYWORD = re.compile(r"CCSDS_([A-Z]{3})_VERS")
_NDM_ROWS = {
    keyword: KeywordRow("", keyword, "text", "", "O", "", (), "", "", "505.0-B-3 4.11", index)
    for index, keyword in enumerate(("MESSAGE_ID",))
}


def sniff_form(content: bytes) -> str:
    """Return ``xml``, ``json``, ``csv`` or ``kvn`` by the beginning.

    Examples
    --------
    >>> sniff_form(b"  <oem/>"), sniff_form(b"CCSDS_OEM_VERS = 3.0")
    ('xml', 'kvn')
    """
    head = content[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head[:1] == b"<" or content[:2] in (b"\xff\xfe", b"\xfe\xff") or content[:2] in (b"\x00<", b"<\x00"):
        return "xml"
    if head[:1] in (b"{", b"["):
        return "json"
    return "csv" if is_catalogue_csv(content) else "kvn"


def read_message(
    content: bytes,
    *,
    name: str = "",
    strict: bool = False,
    check_lines: bool = True,
    leap_seconds: LeapSeconds | None = None,
) -> Message:
    """Read one CCSDS navigation message.

    Parameters
    ----------
    content : bytes
        The file: KVN, XML, or JSON as `write_message` writes it; OMM also in JSON or CSV as public
        catalogues serve it, which gives a combined message of OMMs.
    name : str
        File name, for messages.
    strict : bool
        Refuse every deviation from the standard; otherwise deviations are listed in `Message.diagnostics`.
        What cannot be read without guessing (a bad number, a missing mandatory keyword, an unknown keyword,
        a wrong count, a block without end) is refused in both modes.
    check_lines : bool
        Also check every data line now. Without it, the lines are checked when they are read in bulk.
    leap_seconds : LeapSeconds, optional
        Second 60 in UTC is then refused where no leap second was; without the list it is believed.

    Returns
    -------
    Message
        With `to_bytes()` equal to `content`.

    Raises
    ------
    MessageError
        The message is refused; `diagnostics` has every finding with line, column, keyword and clause.
    FormatError
        It is no message at all, hostile (document type, too deep, too large), or not UTF-8.
    """
    with without_collection():
        return _read_any(content, name, strict, check_lines, leap_seconds)


def _read_any(
    content: bytes, name: str, strict: bool, check_lines: bool, leap_seconds: LeapSeconds | None
) -> Message:
    form = sniff_form(content)
    findings = Findings()
    if form == "kvn":
        message = _read_kvn(content, name, findings, check_lines)
    elif form == "xml":
        message = _read_tree(read_xml(content, name, runs=True), content, form, name, findings, check_lines)
    elif form == "csv" or is_catalogue_json(content):
        message = read_catalogue(content, name, form, findings)
    else:
        message = _read_tree(read_json(content, name), content, form, name, findings, check_lines)
    if check_lines and b"T23:59:60" in content:
        for part in message.parts or (message,):
            if part.table is not None:
                check_leap_seconds(part.root, part.table, findings, leap_seconds)
    return _judge(message, findings, name, strict)


def read_skeleton(tree: Element, name: str) -> Message:
    """Read a tree from which data lines were taken away, as a stream leaves it behind."""
    findings = Findings()
    return _judge(_read_tree(tree, b"", "xml", name, findings, True), findings, name, False)


def _judge(message: Message, findings: Findings, name: str, strict: bool) -> Message:
    diagnostics = findings.sorted()
    if any(refuses(item, strict) for item in diagnostics):
        raise MessageError(diagnostics, where=name, strict=strict)
    return Message(
        message.kind, message.version, message.form, name, message.content, message.root, message.table,
        diagnostics, message.parts,
    )  # fmt: skip


def _table(kind: str, version: str, line: int, name: str) -> MessageTable:
    try:
        return message_table(kind, version)
    except UnknownNameError as error:
        allowed = ", ".join(VERSIONS[kind]) if kind in VERSIONS else ", ".join(VERSIONS)
        finding = Diagnostic(
            "error", "unknown_version", f"no such message version was published; there are {allowed}",
            line, 1, f"CCSDS_{kind}_VERS", "", f"{kind} {version}"[:40],
        )  # fmt: skip
        raise MessageError([finding], where=name) from error


def _read_kvn(content: bytes, name: str, findings: Findings, check_lines: bool) -> Message:
    document = read_tokens(content, name)
    kind, version, line = _identity(document, name)
    table = _table(kind, version, line, name)
    root = kvn_view.build_blocks(document, table, findings)
    if check_lines:
        check_characters(content, table, findings, document.byte_order_mark)
    _check(root, table, "kvn", findings, check_lines)
    return Message(kind, version, "kvn", name, content, root, table)


def _identity(document: KvnDocument, name: str) -> tuple[str, str, int]:
    first = next((token for token in document.tokens if token.kind != BLANK), None)
    match = _VERSION_KEYWORD.fullmatch(first.keyword.upper()) if first else None
    if first is None or match is None or first.kind != "value":
        raise FormatError(
            "the content is no CCSDS navigation message",
            value=repr(document.content[:40]),
            allowed="CCSDS_xxx_VERS on the first line that is not blank, or XML",
            where=name,
        )
    return match.group(1), document.value(first), first.line


def _check(root: Block, table: MessageTable, form: str, findings: Findings, check_lines: bool) -> None:
    check_tables(root, table, form, findings)
    if check_lines:
        verified = check_data(root, table, form, findings)
        check_spans(root, table, findings, verified)
        check_blocks(root, table, findings, verified)
        check_covariances(root, table, findings)


def _read_tree(
    tree: Element, content: bytes, form: str, name: str, findings: Findings, check_lines: bool
) -> Message:
    bytes_of_values = content if form == "xml" else b""
    if tree.tag == "ndm":
        root, parts = Block("", tree.line), []
        for child in tree.children:
            place = Place(child.line, child.column)
            if child.tag == "COMMENT":
                root.items.append(Comment(child.text.strip(), place))
            elif child.tag in _NDM_ROWS:
                root.items.append(Entry(child.tag, child.text.strip(), None, _NDM_ROWS[child.tag], place))
            else:
                parts.append(_read_one(child, bytes_of_values, form, name, findings, check_lines))
        if not parts:
            findings.error(
                "missing_block", "the combined message holds no message", tree.line, 1, keyword="ndm"
            )
        return Message("NDM", "", form, name, content, root, None, (), tuple(parts))
    part = _read_one(tree, bytes_of_values, form, name, findings, check_lines)
    return Message(part.kind, part.version, form, name, content, part.root, part.table)


def _read_one(
    tree: Element, content: bytes, form: str, name: str, findings: Findings, check_lines: bool
) -> Message:
    kind = tree.tag.upper()
    if kind not in VERSIONS or tree.tag != tree.tag.lower():
        raise FormatError(
            "the XML is no CCSDS navigation message", value=tree.tag[:40],
            allowed=", ".join(["ndm", *(item.lower() for item in VERSIONS)]), where=name,
        )  # fmt: skip
    table = _table(kind, tree.attributes.get("version", "").strip(), tree.line, name)
    identity = f"CCSDS_{kind}_VERS"
    if tree.attributes.get("id", "") != identity:
        findings.deviation(
            "identifier", f"the attribute id is {identity}", tree.line, tree.column, keyword=identity,
            clause="505.0-B-3 3.3", value=tree.attributes.get("id", ""),
        )  # fmt: skip
    root = xml_view.build_blocks(tree, table, findings, content)
    _check(root, table, form, findings, check_lines)
    return Message(kind, table.version, form, name, b"", root, table)
