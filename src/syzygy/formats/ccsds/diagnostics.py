"""What a reader finds in a message: where it stands, which clause it breaks, and how grave it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from syzygy.base.errors import FormatError

ERROR = "error"
DEVIATION = "deviation"
WARNING = "warning"
MAX_DIAGNOSTICS = 1000
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    Attributes
    ----------
    severity : str
        ``error``: the message cannot be used without guessing, both modes refuse it. ``deviation``: it breaks
        the standard but can be read without guessing; strict refuses it. ``warning``: no rule of form is
        broken, but the content cannot be what it says (a covariance that is none); neither mode refuses it.
    code : str
        Stable name of the kind of finding, for example ``missing_mandatory``.
    what : str
        One sentence.
    line, column : int
        From 1; 0 where no single place is wrong (something is missing).
    keyword : str
        Keyword concerned, or empty.
    clause : str
        Book and clause or table, for example ``502.0-B-3 7.5.6``.
    value : str
        The offending text, shortened.
    """

    severity: str
    code: str
    what: str
    line: int = 0
    column: int = 0
    keyword: str = ""
    clause: str = ""
    value: str = ""

    def __str__(self) -> str:
        """Return ``line 4, column 12: X: not a number (502.0-B-3 7.5.5), got '1_0'``."""
        place = f"line {self.line}, column {self.column}: " if self.line else ""
        keyword = f"{self.keyword}: " if self.keyword else ""
        clause = f" ({self.clause})" if self.clause else ""
        value = f", got {self.value!r}" if self.value else ""
        return f"{place}{keyword}{self.what}{clause}{value}"

    def as_mapping(self) -> dict[str, str | int]:
        """Return the fields for ``--json``."""
        return {name: getattr(self, name) for name in self.__slots__}


def refuses(item: Diagnostic, strict: bool) -> bool:
    """Whether a finding refuses the message in this mode."""
    return item.severity == ERROR or (strict and item.severity == DEVIATION)


class MessageError(FormatError):
    """A message that is refused; carries every finding."""

    code = "message"

    def __init__(self, diagnostics: Sequence[Diagnostic], *, where: str = "", strict: bool = False) -> None:
        self.diagnostics = tuple(diagnostics)
        refusing = [item for item in diagnostics if refuses(item, strict)] or list(diagnostics)
        first = refusing[0]
        more = f"; and {len(refusing) - 1} more findings" if len(refusing) > 1 else ""
        place = f"line {first.line} column {first.column}" if first.line else ""
        super().__init__(
            f"{first.keyword + ': ' if first.keyword else ''}{first.what}{more}",
            value=repr(first.value) if first.value else None,
            allowed=f"see {first.clause}" if first.clause else "",
            where=" ".join(part for part in (where, place) if part),
        )

    def __reduce__(self) -> tuple[object, ...]:
        """Keep the findings when the error crosses a process border."""
        return (MessageError, (self.diagnostics,))


@dataclass
class Findings:
    """Collects findings while a message is read; keeps at most `MAX_DIAGNOSTICS`, and counts the rest."""

    items: list[Diagnostic] = field(default_factory=list)
    left_out: int = 0
    grave_left_out: bool = False
    errors: int = 0

    def error(
        self, code: str, what: str, line: int = 0, column: int = 0, *, keyword: str = "", clause: str = "",
        value: str = "",
    ) -> None:  # fmt: skip
        """Note something that both modes refuse."""
        self._add(Diagnostic(ERROR, code, what, line, column, keyword, clause, value[:80]))

    def deviation(
        self, code: str, what: str, line: int = 0, column: int = 0, *, keyword: str = "", clause: str = "",
        value: str = "",
    ) -> None:  # fmt: skip
        """Note something that strict refuses and tolerant reports."""
        if len(self.items) >= MAX_DIAGNOSTICS:
            self.left_out += 1
            self.grave_left_out = True
            return
        self._add(Diagnostic(DEVIATION, code, what, line, column, keyword, clause, value[:80]))

    def warning(
        self, code: str, what: str, line: int = 0, column: int = 0, *, keyword: str = "", clause: str = "",
        value: str = "",
    ) -> None:  # fmt: skip
        """Note something that neither mode refuses and the receiver should know."""
        if len(self.items) >= MAX_DIAGNOSTICS:
            self.left_out += 1
            return
        self._add(Diagnostic(WARNING, code, what, line, column, keyword, clause, value[:80]))

    @property
    def count(self) -> int:
        """How many there are, with those that are not listed."""
        return len(self.items) + self.left_out

    @property
    def is_full(self) -> bool:
        """Whether deviations are only counted by now."""
        return len(self.items) >= MAX_DIAGNOSTICS

    def leave_out(self, deviations: int) -> None:
        """Count deviations that are not listed, once the list is full."""
        self.left_out += deviations
        self.grave_left_out |= deviations > 0

    def _add(self, item: Diagnostic) -> None:
        self.items.append(item)
        self.errors += item.severity == ERROR
        if self.errors > MAX_DIAGNOSTICS:
            raise MessageError(self.sorted())

    def sorted(self) -> tuple[Diagnostic, ...]:
        """Return the findings in the order of the file, those without a place last."""
        found = sorted(self.items, key=lambda item: (item.line == 0, item.line, item.column))
        if self.left_out:
            what = f"{self.left_out} more findings are not listed; at most {MAX_DIAGNOSTICS} are"
            found.append(Diagnostic(DEVIATION if self.grave_left_out else WARNING, "more_findings", what))
        return tuple(found)
