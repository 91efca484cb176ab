"""Errors in five parts: what was wrong, the value, what is allowed, where, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence


class SyzygyError(Exception):
    """Carry the five parts of a message and the exit code of the command line.

    Parameters
    ----------
    what : str
        What was wrong, one sentence without a full stop.
    value : object, optional
        The offending value; write the unit into the text (``"6778.0 km"``).
    allowed : str, optional
        What would have been accepted.
    where : str, optional
        File, line, column, field or record.
    hint : str, optional
        What to do next; by default what usually helps with this kind of error.
    """

    code = "error"
    exit_code = 3
    usual_hint = "correct this, then try again"

    def __init__(
        self, what: str, *, value: object = None, allowed: str = "", where: str = "", hint: str = ""
    ) -> None:
        self.what = _writable(what)
        self.value = _writable(value) if isinstance(value, str) else value
        self.allowed = _writable(allowed)
        self.where = _writable(where)
        self.hint = _writable(hint or self.usual_hint)
        super().__init__(self.what)

    def __str__(self) -> str:
        """Return the five parts as one text, empty parts left out."""
        parts = [self.what]
        if self.value is not None:
            parts.append(f"got: {self.value}")
        if self.allowed:
            parts.append(f"allowed: {self.allowed}")
        if self.where:
            parts.append(f"where: {self.where}")
        if self.hint:
            parts.append(f"hint: {self.hint}")
        return "; ".join(parts)

    def __reduce__(self) -> tuple[object, ...]:
        """Keep all five parts when the error crosses a process border."""
        return (_rebuild, (type(self), self.what, self.value, self.allowed, self.where, self.hint))

    def as_mapping(self) -> dict[str, str]:
        """Return the parts for ``--json``."""
        return {
            "code": self.code,
            "what": self.what,
            "value": "" if self.value is None else str(self.value),
            "allowed": self.allowed,
            "where": self.where,
            "hint": self.hint,
        }


def _writable(text: str) -> str:
    """Return the text with lone surrogates (from hostile JSON) written out, so that it can be shown."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def _rebuild(
    kind: type[SyzygyError], what: str, value: object, allowed: str, where: str, hint: str
) -> SyzygyError:
    return kind(what, value=value, allowed=allowed, where=where, hint=hint)


class InputError(SyzygyError, ValueError):
    """A value given by the user is outside what is allowed."""

    code = "input"


class UnitError(InputError):
    """A magnitude that can only be a unit mistake (kilometres for metres, degrees for radians)."""

    code = "unit"
    usual_hint = "check the unit of this value"


class FrameError(InputError):
    """Two frames or centres were mixed, or a frame does not fit the operation."""

    code = "frame"
    usual_hint = "transform one of the two first"


class TimeScaleError(InputError):
    """A time without a scale, or in a scale that does not fit."""

    code = "time-scale"
    usual_hint = "name the time scale"


class FormatError(InputError):
    """A file or text does not follow its format."""

    code = "format"
    usual_hint = "correct the file at this place, or get a fresh copy of it"


class UnknownNameError(SyzygyError, KeyError):
    """A name that nobody declared."""

    code = "unknown-name"
    usual_hint = "choose one of the allowed names"

    def __str__(self) -> str:
        """Return the five parts (KeyError alone would print a repr)."""
        return SyzygyError.__str__(self)


class CoverageError(InputError):
    """An epoch or a value outside the validity of the data."""

    code = "coverage"
    exit_code = 4
    usual_hint = "stay within the span, or give data that cover it (`syzygy data list`)"


class MissingDataError(SyzygyError, LookupError):
    """A data set that the answer needs is not installed or not part of the Almanac."""

    code = "missing-data"
    exit_code = 4
    usual_hint = "see `syzygy data list` for what is here and what can be fetched"


class ComputationError(SyzygyError, ArithmeticError):
    """An iteration did not converge or a result is not finite."""

    code = "computation"
    usual_hint = "please report it with the request that led here"


class DefectError(SyzygyError):
    """Something that should not happen: a defect of this program, not of the input."""

    code = "internal"
    exit_code = 70
    usual_hint = "this is a defect of syzygy: please report it with the text above"


class IntegrityError(SyzygyError):
    """A hash or a signature does not agree."""

    code = "integrity"
    exit_code = 5
    usual_hint = "do not use it; ask the owner for a fresh copy"


class StorageError(SyzygyError, OSError):
    """A file could not be read or written (missing, a directory, no permission, disk full)."""

    code = "storage"
    exit_code = 6
    usual_hint = "check the path"

    def __init__(
        self, what: str, *, value: object = None, allowed: str = "", where: str = "", hint: str = ""
    ) -> None:
        where = where or ("" if value is None else str(value))
        super().__init__(what, value=value, allowed=allowed, where=where, hint=hint)

    def __str__(self) -> str:
        """Return the five parts (OSError has its own text)."""
        return SyzygyError.__str__(self)


class ProblemList(SyzygyError):
    """Several problems found at once; nothing was computed. Its exit code is theirs when they agree, else 3.

    Parameters
    ----------
    problems : sequence of SyzygyError
        All problems, in the order of the file.
    """

    code = "problems"

    def __init__(self, problems: Sequence[SyzygyError], *, where: str = "") -> None:
        self.problems = tuple(problems)
        super().__init__(f"{len(self.problems)} problems found", where=where)
        codes = {problem.exit_code for problem in self.problems}
        self.exit_code = codes.pop() if len(codes) == 1 else InputError.exit_code

    def __str__(self) -> str:
        """Return one line per problem."""
        return "\n".join([self.what, *(f"  {problem}" for problem in self.problems)])

    def __reduce__(self) -> tuple[object, ...]:
        """Keep the problems when the error crosses a process border."""
        return (_rebuild_list, (self.problems, self.where))


def _rebuild_list(problems: tuple[SyzygyError, ...], where: str) -> ProblemList:
    return ProblemList(problems, where=where)
