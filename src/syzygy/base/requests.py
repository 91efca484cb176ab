"""Request records: one frozen dataclass per study, read alike from TOML, command line and recorded runs.

Every field is declared with `option`, which holds its help, the unit people write and the allowed range.
Inside, values are SI; at the border a field ``threshold_m`` with unit ``km`` is called ``threshold_km``.
"""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from syzygy.base.errors import InputError, ProblemList, SyzygyError, UnitError, UnknownNameError
from syzygy.base.provenance import InputFile
from syzygy.base.units import from_si, suffix, to_si

Request = TypeVar("Request")
_UNIT_ROUNDING = 1e-12
_INT64 = 1 << 63
_SI_SUFFIXES = ("_m2_s2", "_m_s2", "_m_s", "_m2", "_tai_ns", "_rad", "_m", "_s", "_kg", "_k")


def split_list(text: str) -> tuple[str, ...]:
    """Return the items of a text with commas, without blanks around them.

    Examples
    --------
    >>> split_list("25544, 48274")
    ('25544', '48274')
    """
    return tuple(item for item in (part.strip() for part in text.split(",")) if item)


@dataclass(frozen=True)
class Border:
    """How text becomes instants and files: given by the room that reads (cli, studies).

    Attributes
    ----------
    parse_epoch : callable
        UTC text to TAI nanoseconds.
    format_epoch : callable
        TAI nanoseconds to UTC text.
    bind_input : callable
        Path text to an `InputFile`.
    read_list : callable
        What a user wrote for a list of objects (``25544``, ``25544,48274`` or the path of a list) to its
        items.
    list_folder : callable, optional
        Path text to the paths of the files of a directory, or to itself where it is none.
    """

    parse_epoch: Callable[[str], int]
    format_epoch: Callable[[int], str]
    bind_input: Callable[[str], InputFile]
    read_list: Callable[[str], tuple[str, ...]] = split_list
    list_folder: Callable[[str], tuple[str, ...]] | None = None


@dataclass(frozen=True)
class Option:
    """One field of a request as people see it.

    Attributes
    ----------
    field, name : str
        Name inside (SI suffix) and at the border (unit suffix).
    kind : str
        ``float``, ``int``, ``str``, ``bool``, ``epoch``, ``input`` or ``list`` (texts, or a file of them).
    many : bool
        A tuple of values.
    optional : bool
        May be None.
    unit, help : str
        Unit at the border and one sentence.
    minimum, maximum : float or None
        Allowed range in border units, inclusive.
    choices : tuple of str
        Allowed words.
    positional : bool
        On the command line an argument instead of an option.
    flags : tuple of str
        Shorter names on the command line, beside the border name.
    default : object
        Inside value (SI), or `dataclasses.MISSING`.
    folders : bool
        A directory stands for all files in it.
    """

    field: str
    name: str
    kind: str
    many: bool
    optional: bool
    unit: str
    help: str
    minimum: float | None
    maximum: float | None
    choices: tuple[str, ...]
    positional: bool
    flags: tuple[str, ...]
    default: object
    folders: bool = False

    @property
    def flag(self) -> str:
        """The option as it is typed, in its first spelling."""
        return f"--{(self.flags or (self.name,))[0].replace('_', '-')}"

    @property
    def required(self) -> bool:
        """Whether the user must give it."""
        return self.default is dataclasses.MISSING

    @property
    def allowed(self) -> str:
        """The allowed values in words."""
        if self.choices:
            return ", ".join(self.choices)
        unit = f" {self.unit}" if self.unit and self.unit != "1" else ""
        low, high = self.minimum, self.maximum
        if low is not None and high is not None:
            return f"{low:g} to {high:g}{unit}"
        if low is not None:
            return f"{low:g}{unit} or more"
        if high is not None:
            return f"{high:g}{unit} or less"
        words = {
            "float": "a number",
            "int": "a whole number",
            "bool": "true or false",
            "epoch": "a UTC time such as 2022-07-15T00:00:00",
            "input": "a path",
            "list": "names or numbers, or the path of a list of them",
            "str": "a text",
        }
        return words[self.kind] + unit


def option(
    help: str,  # noqa: A002
    *,
    unit: str = "",
    name: str = "",
    kind: str = "",
    minimum: float | None = None,
    maximum: float | None = None,
    choices: Sequence[str] = (),
    positional: bool = False,
    flags: Sequence[str] = (),
    folders: bool = False,
    default: Any = dataclasses.MISSING,
) -> Any:
    """Declare a field of a request record.

    Parameters
    ----------
    help : str
        One sentence.
    unit : str
        Unit at the border (``km``, ``deg``, ``h``); SI is stored.
    name : str, optional
        Border name; by default the field name with its SI suffix replaced by the unit.
    kind : str, optional
        ``epoch`` for a field ``*_tai_ns`` given as UTC text; ``list`` for a tuple of texts that may be given
        as a file; the rest follows from the annotation.
    minimum, maximum : float, optional
        Inclusive range in border units.
    choices : sequence of str, optional
        Allowed words.
    positional : bool
        An argument on the command line.
    flags : sequence of str, optional
        Shorter names on the command line; the first is the one that is shown. The border name stays valid.
    folders : bool
        A directory stands for all files in it (fields of many inputs).
    default : object, optional
        Default as stored (SI).
    """
    metadata = {
        "option": {
            "help": help,
            "unit": unit,
            "name": name,
            "kind": kind,
            "minimum": minimum,
            "maximum": maximum,
            "choices": tuple(choices),
            "positional": positional,
            "flags": tuple(flags),
            "folders": folders,
        }
    }
    if default is dataclasses.MISSING:
        return dataclasses.field(metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def options_of(request_class: type) -> tuple[Option, ...]:
    """Return the declared options of a request class, in order."""
    hints = typing.get_type_hints(request_class)
    found = []
    for field in dataclasses.fields(request_class):
        declared = field.metadata["option"]
        kind, many, optional = _kind(hints[field.name])
        kind = declared["kind"] or kind
        found.append(
            Option(
                field=field.name,
                name=declared["name"] or _border_name(field.name, declared["unit"], kind),
                kind=kind,
                many=many,
                optional=optional,
                unit=declared["unit"],
                help=declared["help"],
                minimum=declared["minimum"],
                maximum=declared["maximum"],
                choices=declared["choices"],
                positional=declared["positional"],
                flags=declared["flags"],
                default=field.default,
                folders=declared["folders"],
            )
        )
    return tuple(found)


def read_request(
    request_class: type[Request], values: Mapping[str, object], border: Border, *, where: str = ""
) -> Request:
    """Build a request from border values (TOML table or command line), finding every mistake.

    Raises
    ------
    ProblemList
        One problem per field: unknown name, missing, wrong type, out of range, unreadable input, and
        whatever the record's own ``__post_init__`` refuses.
    """
    options = {opt.name: opt for opt in options_of(request_class)}
    problems: list[SyzygyError] = []
    known: dict[str, object] = {}
    for name in values:
        if name not in options:
            problems.append(
                UnknownNameError(
                    "unknown option",
                    value=name,
                    allowed=", ".join(options),
                    where=f"{where}{name}",
                    hint=_closest(name, options),
                )
            )
    for name, opt in options.items():
        if name not in values or values[name] is None:
            if opt.required:
                problems.append(
                    InputError(
                        "a required option is missing",
                        value=f"no {name}",
                        allowed=opt.allowed,
                        where=f"{where}{name}",
                        hint=opt.help,
                    )
                )
            continue
        try:
            known[opt.field] = _inside(opt, values[name], border, f"{where}{name}")
        except SyzygyError as problem:
            problems.append(problem)
    if not problems:
        try:
            return request_class(**known)
        except ProblemList as several:
            problems.extend(several.problems)
        except SyzygyError as problem:
            problem.where = problem.where or where
            problems.append(problem)
    raise ProblemList(problems, where=where)


def describe_request(request: object) -> dict[str, object]:
    """Return the canonical values of a request: SI, inputs as name and hash, no path."""
    described: dict[str, object] = {}
    for field in dataclasses.fields(request):  # type: ignore[arg-type]
        described[field.name] = _canonical(getattr(request, field.name))
    return described


def restore_request(
    request_class: type[Request], described: Mapping[str, object], find_input: Callable[[str, str], InputFile]
) -> Request:
    """Rebuild a request from its canonical values; `find_input(name, sha256)` supplies the files.

    Raises
    ------
    InputError
        The record does not fit the request class: other fields, a wrong type, a value out of range (written
        by another version or altered).
    """
    options = {opt.field: opt for opt in options_of(request_class)}
    if set(described) != set(options):
        raise InputError(
            "the recorded request does not fit this study",
            value=sorted(set(described) ^ set(options)),
            allowed=", ".join(options),
            hint="it was altered, or written by another version",
        )
    values = {name: _restored(options[name], value, find_input) for name, value in described.items()}
    return request_class(**values)


def input_files(request: object) -> tuple[InputFile, ...]:
    """Return every input file of a request, in field order."""
    found: list[InputFile] = []
    for field in dataclasses.fields(request):  # type: ignore[arg-type]
        value = getattr(request, field.name)
        if isinstance(value, InputFile):
            found.append(value)
        elif isinstance(value, tuple):
            found.extend(item for item in value if isinstance(item, InputFile))
    return tuple(found)


def show_default(opt: Option, border: Border) -> str:
    """Return the default in border units, empty when there is none."""
    value = opt.default
    if value is dataclasses.MISSING or value is None or value == ():
        return ""
    items = value if isinstance(value, tuple) else (value,)
    if opt.kind == "epoch":
        return " ".join(border.format_epoch(typing.cast(int, item)) for item in items)
    if opt.kind == "float":
        return " ".join(f"{from_si(typing.cast(float, item), opt.unit):g}" for item in items)
    return " ".join(str(item).lower() if opt.kind == "bool" else str(item) for item in items)


def _kind(hint: object) -> tuple[str, bool, bool]:
    optional = False
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        arguments = [a for a in typing.get_args(hint) if a is not type(None)]
        optional = len(arguments) < len(typing.get_args(hint))
        hint = arguments[0]
    many = typing.get_origin(hint) is tuple
    if many:
        hint = typing.get_args(hint)[0]
    names = {float: "float", int: "int", str: "str", bool: "bool", InputFile: "input"}
    return names[typing.cast(type, hint)], many, optional


def _border_name(field: str, unit: str, kind: str) -> str:
    stem = next((field[: -len(end)] for end in _SI_SUFFIXES if field.endswith(end)), field)
    if kind == "epoch":
        return f"{stem}_utc"
    return f"{stem}_{suffix(unit)}" if unit and unit != "1" else field


def _inside(opt: Option, value: object, border: Border, where: str) -> object:
    if not opt.many:
        return _single(opt, value, border, where)
    items = value if isinstance(value, list | tuple) else [value]
    if opt.kind == "list":
        return tuple(name for item in items for name in _listed(opt, item, border, where))
    if opt.folders and border.list_folder:
        listed = [border.list_folder(str(i)) if isinstance(i, str | Path) else (i,) for i in items]
        items = [item for several in listed for item in several]
    return tuple(_single(opt, item, border, where) for item in items)


def _listed(opt: Option, value: object, border: Border, where: str) -> tuple[str, ...]:
    if isinstance(value, bool) or not isinstance(value, str | int | Path):
        raise InputError(
            "wrong type of value", value=repr(value), allowed=opt.allowed, where=where, hint=opt.help
        )
    try:
        return border.read_list(str(value))
    except SyzygyError as problem:
        problem.where = f"{where}: {problem.where}" if problem.where else where
        raise


def _single(opt: Option, value: object, border: Border, where: str) -> object:
    wrong = InputError(
        "wrong type of value", value=repr(value), allowed=opt.allowed, where=where, hint=opt.help
    )
    if opt.kind == "bool":
        if not isinstance(value, bool):
            raise wrong
        return value
    if opt.kind in ("float", "int"):
        return _number(opt, value, where, wrong)
    if not isinstance(value, str | Path):
        raise wrong
    text = str(value)
    try:
        if opt.kind == "epoch":
            return border.parse_epoch(text)
        if opt.kind == "input":
            return border.bind_input(text)
    except SyzygyError as problem:
        problem.where = f"{where}: {problem.where}" if problem.where else where
        raise
    if opt.choices and text not in opt.choices:
        raise InputError(
            "not one of the allowed words",
            value=text,
            allowed=opt.allowed,
            where=where,
            hint=_closest(text, opt.choices),
        )
    return text


def _number(opt: Option, value: object, where: str, wrong: InputError) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong
    if not math.isfinite(value):
        raise InputError("not a finite number", value=value, allowed=opt.allowed, where=where, hint=opt.help)
    low = opt.minimum is not None and value < opt.minimum
    high = opt.maximum is not None and value > opt.maximum
    if low or high:
        kind = UnitError if opt.unit not in ("", "1") else InputError
        hint = f"the unit here is {opt.unit}" if opt.unit not in ("", "1") else opt.help
        raise kind(
            "value out of range",
            value=f"{value:g} {opt.unit}".strip(),
            allowed=opt.allowed,
            where=where,
            hint=hint,
        )
    if opt.kind == "int":
        if not isinstance(value, int):
            raise wrong
        return value
    return to_si(float(value), opt.unit)


def _canonical(value: object) -> object:
    if isinstance(value, InputFile):
        return {"name": value.name, "sha256": value.sha256}
    if isinstance(value, tuple):
        return [_canonical(item) for item in value]
    return value


def _restored(opt: Option, value: object, find_input: Callable[[str, str], InputFile]) -> object:
    if value is None and opt.optional:
        return None
    if opt.many:
        if not isinstance(value, list | tuple):
            raise _misfit(opt, value)
        single = dataclasses.replace(opt, many=False, optional=False)
        return tuple(_restored(single, item, find_input) for item in value)
    if opt.kind == "input":
        name, sha256 = (value.get(key) for key in ("name", "sha256")) if isinstance(value, dict) else (0, 0)
        if not isinstance(name, str) or not isinstance(sha256, str):
            raise _misfit(opt, value)
        return find_input(name, sha256)
    fits = {"float": int | float, "int": int, "epoch": int, "bool": bool, "str": str, "list": str}[opt.kind]
    if not isinstance(value, fits) or (isinstance(value, bool) and opt.kind != "bool"):
        raise _misfit(opt, value)
    if isinstance(value, int) and not -_INT64 <= value < _INT64:
        raise _misfit(opt, value)
    if opt.choices and value not in opt.choices:
        raise _misfit(opt, value)
    if opt.kind in ("float", "int"):
        _require_recorded_range(opt, typing.cast(float, value))
    return float(value) if opt.kind == "float" else value


def _require_recorded_range(opt: Option, value: float) -> None:
    """Refuse what the border would have refused; the last bit may differ after the change of unit."""
    shown = from_si(value, opt.unit) if opt.kind == "float" else value
    slack = _UNIT_ROUNDING * abs(shown)
    low = opt.minimum is not None and shown < opt.minimum - slack
    high = opt.maximum is not None and shown > opt.maximum + slack
    if low or high or not math.isfinite(shown):
        raise _misfit(opt, value)


def _misfit(opt: Option, value: object) -> InputError:
    return InputError(
        "the recorded request holds a value that this study does not take",
        value=repr(value)[:80],
        allowed=opt.allowed,
        where=opt.field,
        hint="it was altered, or written by another version",
    )


def _closest(name: str, known: typing.Iterable[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, list(known), n=1)
    return f"did you mean {close[0]}?" if close else ""
