"""Lists of objects that a user writes by hand: whom to screen, what to leave out, how large each is."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from syzygy.base.errors import FormatError
from syzygy.formats.compression import expand
from syzygy.formats.rejected import RejectedRecord, reject

if TYPE_CHECKING:
    from syzygy.astro.time import LeapSeconds

MAX_LIST_BYTES = 1 << 26
MOST_RADIUS_M = 1000.0
"""Nothing in orbit is larger: a larger number can only be in another unit."""

_IDS = ("object", "object_id", "norad_cat_id", "objectid", "catalogue_number", "id")
_RADII = ("radius_m", "hbr", "hbr_m", "hard_body_radius_m")
_ELEMENT_LINE = re.compile(rb"^1 [ 0-9A-HJ-NP-Z][ 0-9]{4}[A-Z ] ", re.MULTILINE)
_NUMBER_LIST = re.compile(r"[\s,0-9]+")
_DESIGNATOR = re.compile(r"[12][0-9]{3}-[0-9]{3}[A-Z]{1,3}")


@dataclass(frozen=True)
class Exclusion:
    """One line of an exclusion list.

    Attributes
    ----------
    line : int
        Where it stands.
    object_a, object_b : str
        As written; `object_b` empty: object a against everything.
    reason : str
        As written.
    """

    line: int
    object_a: str
    object_b: str
    reason: str


@dataclass(frozen=True)
class ObjectRadius:
    """The radius of one object as a file gives it."""

    line: int
    object: str
    radius_m: float


def is_list_file(text: str) -> bool:
    """Return whether a user means a file rather than numbers or designators.

    Examples
    --------
    >>> is_list_file("25544,48274"), is_list_file("1998-067A"), is_list_file("own.txt")
    (False, False, True)
    """
    if _NUMBER_LIST.fullmatch(text) or _DESIGNATOR.fullmatch(text):
        return False
    return "." in text or "/" in text or Path(text).is_file()


def read_object_list(content: bytes, leap_seconds: LeapSeconds, *, name: str = "") -> tuple[str, ...]:
    """Return the objects of a list: a catalogue of element sets, a CSV with a heading, or one per line.

    Raises
    ------
    FormatError
        The list is empty or no text.
    """
    plain = expand(content, name=name, limit=MAX_LIST_BYTES)
    if _ELEMENT_LINE.search(plain):
        from syzygy.formats.catalogue import read_catalogue

        found = read_catalogue(plain, leap_seconds, name=name).elements.object_id.tolist()
        return tuple(str(number) for number in found)
    rows = list(_rows(plain, name))
    if rows and any(cell.casefold() in _IDS for cell in rows[0][1]):
        at = _column(rows[0][1], _IDS, name)
        items = [row[at] for _, row in rows[1:] if len(row) > at and row[at]]
    else:
        items = [item for _, row in rows for item in row if item]
    if not items:
        raise FormatError(
            "the list names no object",
            value=f"{len(plain)} bytes",
            allowed="catalogue numbers or designators, one per line or with commas, or a catalogue",
            where=name,
        )
    return tuple(items)


def read_exclusions(
    content: bytes, *, name: str = ""
) -> tuple[tuple[Exclusion, ...], tuple[RejectedRecord, ...]]:
    """Read an exclusion list: CSV with the heading ``object_a,object_b,reason``; lines with # are comments.

    An empty ``object_b`` (or ``*``) excludes object a against everything.

    Returns
    -------
    exclusions, rejected
        What can be used, and every line that cannot.
    """
    rows = list(_rows(expand(content, name=name, limit=MAX_LIST_BYTES), name))
    heading = rows[0][1] if rows else []
    first = _column(heading, ("object_a",), name)
    second = _column(heading, ("object_b",), name)
    reason = next((k for k, cell in enumerate(heading) if cell.casefold() == "reason"), None)
    good, bad = [], []
    for line, row in rows[1:]:
        cells = [*row, "", "", ""]
        a, b = cells[first], cells[second].replace("*", "")
        if not a or a == b:
            bad.append(reject(line, 0, "an exclusion needs two different objects", ",".join(row)))
            continue
        good.append(Exclusion(line, a, b, cells[reason] if reason is not None else ""))
    return tuple(good), tuple(bad)


def read_radii(
    content: bytes, *, name: str = ""
) -> tuple[tuple[ObjectRadius, ...], tuple[RejectedRecord, ...]]:
    """Read radii: CSV with a column ``object`` (or NORAD_CAT_ID, ObjectID) and ``radius_m`` (or HBR, in m).

    Objects without a value are passed over: the file says that it does not know.

    Returns
    -------
    radii, rejected
        What can be used, and every line that cannot (no number, not positive, larger than 1 km).
    """
    rows = list(_rows(expand(content, name=name, limit=MAX_LIST_BYTES), name))
    heading = rows[0][1] if rows else []
    who, size = _column(heading, _IDS, name), _column(heading, _RADII, name)
    good, bad = [], []
    for line, row in rows[1:]:
        cells = [*row, *[""] * len(heading)]
        text = cells[size]
        if not text:
            continue
        value = _float(text)
        if not cells[who] or value is None:
            bad.append(reject(line, 0, "no object or no number", ",".join(row)))
        elif not 0.0 < value <= MOST_RADIUS_M:
            why = f"a radius of {value:g} m; allowed: more than 0 to {MOST_RADIUS_M:g} m (the unit is m)"
            bad.append(reject(line, 0, why, ",".join(row)))
        else:
            good.append(ObjectRadius(line, cells[who], value))
    return tuple(good), tuple(bad)


def _rows(plain: bytes, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, cells) of every line that says something."""
    try:
        text = plain.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(
            "the list is no text", value=f"byte {error.start}", allowed="UTF-8 text or CSV", where=name
        ) from error
    for line, cells in enumerate(csv.reader(io.StringIO(text)), 1):
        cleaned = [cell.strip() for cell in cells]
        if any(cleaned) and not cleaned[0].startswith("#"):
            yield line, cleaned


def _column(heading: Sequence[str], names: Sequence[str], where: str) -> int:
    for k, cell in enumerate(heading):
        if cell.casefold() in names:
            return k
    raise FormatError(
        "the list has no such column",
        value=", ".join(heading)[:120] or "an empty file",
        allowed=f"a heading with {' or '.join(names)}",
        where=where,
        hint="put the names of the columns in the first line",
    )


def _float(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
