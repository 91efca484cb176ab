"""The project's JSON form of a message, one to one with the XML.

An element with neither attributes nor elements inside is its text. An element with attributes is an object
with ``@name`` per attribute and ``#text``. Elements inside are members in their order; neighbours of the
same name become a list. Where a name comes back after another one (a comment between keywords), the member
``#items`` holds a list of one-member objects instead, so that the order survives. Numbers are text by
default, so that every digit survives anywhere; with ``numbers=True`` those that JSON can write as they stand
become numbers.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

from syzygy.base.errors import FormatError
from syzygy.formats.ccsds.limits import MAX_JSON_DEPTH
from syzygy.formats.ccsds.xml_tree import Element

_JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_TAG = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,200}")
_SURROGATE = re.compile("[\ud800-\udfff]")
_TEXT_TAGS = frozenset(
    {"COMMENT", "OBJECT_NAME", "OBJECT_ID", "OBJECT_DESIGNATOR", "MESSAGE_ID", "USER_DEFINED"}
)


class _Digits(str):
    """The text of a number as it stood in the JSON."""


def write_json(root: Element, *, numbers: bool = False) -> bytes:
    """Write a tree as JSON, two blanks per level, LF, UTF-8."""
    marks: list[str] = []
    value = {root.tag: _value(root, numbers, marks)}
    text = json.dumps(value, indent=2, ensure_ascii=False)
    if marks:
        text = re.sub(r'"\\u0001([0-9]+)\\u0001"', lambda match: marks[int(match.group(1))], text)
    return (text + "\n").encode("utf-8")


def _value(element: Element, numbers: bool, marks: list[str]) -> Any:
    if not element.children and not element.attributes:
        return _leaf(element, numbers, marks)
    value: dict[str, Any] = {f"@{key}": text for key, text in element.attributes.items()}
    if not element.children:
        value["#text"] = _leaf(element, numbers, marks)
        return value
    names = [child.tag for child in element.children]
    runs = [name for index, name in enumerate(names) if index == 0 or names[index - 1] != name]
    if len(set(runs)) < len(runs):
        value["#items"] = [{child.tag: _value(child, numbers, marks)} for child in element.children]
        return value
    for name in runs:
        group = [_value(child, numbers, marks) for child in element.children if child.tag == name]
        value[name] = group[0] if len(group) == 1 else group
    return value


def _leaf(element: Element, numbers: bool, marks: list[str]) -> str:
    if numbers and element.tag not in _TEXT_TAGS and _JSON_NUMBER.fullmatch(element.text):
        marks.append(element.text)
        return f"\x01{len(marks) - 1}\x01"
    return element.text.replace("\x01", "\ufffd")


def read_json(content: bytes, name: str = "") -> Element:
    """Read the JSON form back into a tree; numbers keep their digits.

    Raises
    ------
    FormatError
        Not JSON, not this mapping, a key twice, NaN, nested deeper than 48 levels.
    """
    try:
        text = content.decode("utf-8-sig")
        value = json.loads(
            text, parse_float=_Digits, parse_int=_Digits, parse_constant=_refuse_constant,
            object_pairs_hook=_unique,
        )  # fmt: skip
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise FormatError("the JSON is broken", value=error, allowed="JSON in UTF-8", where=name) from error
    if not isinstance(value, dict) or len(value) != 1:
        raise FormatError("the JSON holds no message", allowed="an object with one member", where=name)
    tag, inner = next(iter(value.items()))
    return _element(tag, inner, name, 0)


def _refuse_constant(text: str) -> Any:
    raise FormatError("the JSON holds a value that is no number", value=text, allowed="finite numbers")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if not pairs:
        return {}
    value = dict(pairs)
    if len(value) < len(pairs):
        raise FormatError("a key stands twice in one object of the JSON", allowed="each key once")
    return value


def _element(tag: str, value: Any, name: str, depth: int) -> Element:
    if depth > MAX_JSON_DEPTH:
        raise FormatError("the JSON is nested too deeply", allowed=f"{MAX_JSON_DEPTH} levels", where=name)
    if not _is_tag(tag):
        raise FormatError(
            "a key of the JSON is no keyword", value=repr(tag[:40]), allowed="a keyword", where=name
        )
    if isinstance(value, str):
        return Element(tag, {}, [], _clean(value, name))
    if not isinstance(value, dict):
        raise FormatError(
            "the JSON holds something that no element can be", value=f"{tag}: {type(value).__name__}",
            allowed="text, numbers, objects and lists of them", where=name,
        )  # fmt: skip
    element = Element(tag, {}, [], "")
    if not value:
        return element
    for key, inner in value.items():
        if key.startswith("@") and isinstance(inner, str):
            element.attributes[_clean(key[1:], name)] = _clean(inner, name)
        elif key == "#text" and isinstance(inner, str):
            element.text = _clean(inner, name)
        elif key == "#items" and isinstance(inner, list) and all(_is_single(item) for item in inner):
            for item in inner:
                element.children += [_element(tag, one, name, depth + 1) for tag, one in item.items()]
        elif isinstance(inner, list):
            element.children += [_element(key, item, name, depth + 1) for item in inner[:1]]
            element.children += [
                Element(key, {}, [], item or "")
                if (type(item) is str and item.isascii()) or item == {}
                else _element(key, item, name, depth + 1)
                for item in inner[1:]
            ]
        else:
            element.children.append(_element(key, inner, name, depth + 1))
    if element.children and element.text:
        raise FormatError(
            "the JSON holds text beside elements", value=tag, allowed="one of the two", where=name
        )
    return element


@lru_cache(maxsize=512)
def _is_tag(text: str) -> bool:
    return _TAG.fullmatch(text) is not None


def _is_single(item: Any) -> bool:
    return isinstance(item, dict) and len(item) == 1


def _clean(text: str, name: str) -> str:
    if not text.isascii() and _SURROGATE.search(text):
        raise FormatError(
            "the JSON holds half a character", value=ascii(text[:40]), allowed="Unicode", where=name
        )
    return str(text)
