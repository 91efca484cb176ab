"""Reading a programme file: TOML to records, every mistake found at once with its line."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from syzygy.base.errors import FormatError, ProblemList, SyzygyError
from syzygy.base.hashing import sha256_bytes
from syzygy.base.storage import read_bytes
from syzygy.programme.positions import Path, Positions, locate_keys
from syzygy.programme.records import Programme

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

MAX_PROGRAMME_BYTES = 8 << 20
MAX_DEPTH = 16


@dataclass(frozen=True)
class ProgrammeFile:
    """A programme with the file it came from.

    Attributes
    ----------
    programme : Programme
        The records.
    positions : Positions
        Lines of all keys.
    path : Path
        Where the file lies; input paths of studies are relative to its directory.
    sha256 : str
        Hash of the file.
    """

    programme: Programme
    positions: Positions
    path: FilePath
    sha256: str


def read_programme(path: FilePath) -> ProgrammeFile:
    """Read a programme file and its structure; the plan itself is checked by `check_plan`.

    Raises
    ------
    StorageError
        The file cannot be read.
    ProblemList
        TOML errors, unknown or missing fields, wrong types: all at once, each with line and field.
    """
    content = read_bytes(path, limit=MAX_PROGRAMME_BYTES)
    try:
        text = content.decode("utf-8")
        values = tomllib.loads(text)
        _refuse_depth(values)
    except UnicodeDecodeError as error:
        raise ProblemList(
            [
                FormatError(
                    "the programme file is not UTF-8 text",
                    value=f"byte {error.start}",
                    allowed="UTF-8",
                    where=path.name,
                )
            ]
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise ProblemList([_toml_problem(error, path.name)]) from error
    except (ValueError, RecursionError) as error:
        what = "nested too deeply" if isinstance(error, RecursionError) else str(error).lower()
        problem = FormatError("not valid TOML", value=what, allowed="values of usual size", where=path.name)
        raise ProblemList([problem]) from error
    positions = locate_keys(text, path.name)
    try:
        programme = Programme.model_validate(values)
    except ValidationError as error:
        raise ProblemList([_structure_problem(detail, positions) for detail in error.errors()]) from error
    return ProgrammeFile(programme, positions, path, sha256_bytes(content))


def _refuse_depth(values: object) -> None:
    """Raise RecursionError for tables and lists nested below `MAX_DEPTH`."""
    waiting = [(values, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise RecursionError
        if isinstance(value, dict | list):
            inside = value.values() if isinstance(value, dict) else value
            waiting.extend((item, depth + 1) for item in inside)


def _toml_problem(error: tomllib.TOMLDecodeError, file: str) -> SyzygyError:
    found = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
    where = f"{file}:{found[1]} column {found[2]}" if found else file
    what = re.sub(r" \(at .*\)$", "", str(error)).lower()
    return FormatError(
        "not valid TOML",
        value=what,
        allowed="TOML 1.0",
        where=where,
        hint="correct this line, then check again",
    )


_WORDS = {
    "missing": ("a required field is missing", "add the field"),
    "extra_forbidden": ("unknown field", "remove it or correct its name"),
    "literal_error": ("not one of the allowed words", "choose one of them"),
    "string_type": ("not a text", "put it in quotes"),
    "int_type": ("not a whole number", "write it without quotes and point"),
    "float_type": ("not a number", "write it without quotes"),
    "date_type": ("not a date", "write 2018-01-31 without quotes"),
    "string_pattern_mismatch": ("the text has the wrong form", "see the pattern"),
    "string_too_long": ("the text is too long", "shorten it"),
    "repeated": ("a name stands twice", "remove one"),
    "date_from_datetime_inexact": ("not a date", "write 2018-01-31 without quotes and time"),
    "date_from_datetime_parsing": ("not a date", "write 2018-01-31 without quotes and time"),
}


def _structure_problem(detail: ErrorDetails, positions: Positions) -> SyzygyError:
    path: Path = tuple(detail["loc"])
    kind = str(detail["type"])
    context: dict[str, Any] = detail.get("ctx", {})
    what, hint = _WORDS.get(kind, (str(detail["msg"]).lower(), "see the programme file reference"))
    if context.get("pattern") == r"\S":
        return FormatError(
            "an empty text", value=repr(detail["input"])[:80], allowed="a text", where=positions.where(path)
        )
    allowed = str(context.get("expected") or context.get("pattern") or detail["msg"])
    value = "nothing" if kind == "missing" else repr(detail["input"])[:80]
    return FormatError(what, value=value, allowed=allowed, where=positions.where(path), hint=hint)
