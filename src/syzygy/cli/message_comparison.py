"""Two message files compared for the command: differences, states, and how the answer is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from syzygy.cli.console import show_table, talk

if TYPE_CHECKING:
    from syzygy.cli.message_files import Reading
    from syzygy.formats.ccsds import Difference
    from syzygy.formats.ccsds.differences import StateDifference

MAX_DIFFERENCES = 100_000


@dataclass(frozen=True)
class FileComparison:
    """What two files have in common and what not; at most 100 000 differences are kept, `more` says so."""

    same_bytes: bool
    differences: Sequence[Difference]
    more: bool
    states: Sequence[StateDifference]

    def as_mapping(self) -> dict[str, object]:
        """Return the fields for ``--json``."""
        return {
            "same_bytes": self.same_bytes, "more_differences": self.more,
            "largest": self.largest(),
            "differences": [item.as_mapping() for item in self.differences],
        }  # fmt: skip

    def largest(self) -> dict[str, object]:
        """Return number of differing states, largest distance in position and velocity with their places."""
        position = max((s for s in self.states if s.position_m is not None), key=_position, default=None)
        velocity = max((s for s in self.states if s.velocity_m_s is not None), key=_velocity, default=None)
        return {
            "states": len(self.states),
            "position_m": position.position_m if position else None,
            "position_place": position.place if position else "",
            "velocity_m_s": velocity.velocity_m_s if velocity else None,
            "velocity_place": velocity.place if velocity else "",
        }


def _position(state: StateDifference) -> float:
    return state.position_m or 0.0


def _velocity(state: StateDifference) -> float:
    return state.velocity_m_s or 0.0


def compare_files(first: Reading, second: Reading) -> FileComparison:
    """Compare two files that were read.

    Raises
    ------
    SyzygyError
        One of them was refused, or is too large to be compared.
    """
    from syzygy.base.errors import InputError
    from syzygy.data import build_almanac
    from syzygy.formats.ccsds import compare_messages
    from syzygy.formats.ccsds.differences import state_differences

    for reading in (first, second):
        if reading.error is not None:
            raise reading.error
        if reading.streamed_lines is not None:
            raise InputError(
                "the message is too large to be compared", value=reading.path, allowed="up to 128 MiB",
                hint="compare the spans of interest",
            )  # fmt: skip
    assert first.message is not None
    assert second.message is not None
    if first.message.content == second.message.content:
        return FileComparison(True, (), False, ())
    leap_seconds = build_almanac(("leap_seconds",)).leap_seconds
    pairs = compare_messages(first.message, second.message, leap_seconds)
    differences = list(islice(pairs, MAX_DIFFERENCES + 1))
    kept = differences[:MAX_DIFFERENCES]
    return FileComparison(False, kept, len(differences) > MAX_DIFFERENCES, state_differences(kept))


def show_comparison(found: FileComparison, meaning: Sequence[Difference], limit: int) -> None:
    """Show the two kinds of differences apart, then the largest and the verdict."""
    counted = {id(item) for item in meaning}
    writing = [item for item in found.differences if id(item) not in counted]
    _show_differences("Meaning", meaning, limit)
    _show_differences("Writing only", writing, limit)
    largest = found.largest()
    for name, unit in (("position", "m"), ("velocity", "m/s")):
        value = largest[f"{name}_{unit.replace('/', '_')}"]
        if value is not None:
            print(f"largest difference in {name}: {value:.6g} {unit} at {largest[f'{name}_place']}")
    if found.more:
        print(f"more than {MAX_DIFFERENCES} differences; the rest was not looked at")
    if found.same_bytes:
        talk("the two files are the same, byte for byte")
    elif not found.differences:
        talk("the two say the same; only blanks, blank lines or line ends differ")
    elif not meaning:
        talk("the two say the same")
    else:
        kinds = Counter(item.kind for item in meaning)
        parts = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
        talk(f"{len(meaning)} difference{'s' if len(meaning) != 1 else ''} of meaning ({parts})")


def _show_differences(title: str, items: Sequence[Difference], limit: int) -> None:
    if not items or not limit:
        return
    columns = ["place", "kind", "first", "second", "unit", "difference", "that is", "last digits"]
    rows = [
        [
            item.place, item.kind, item.first, item.second, item.unit, item.difference,
            f"{item.plain:.6g} {item.plain_unit}" if item.plain is not None else "",
            f"{item.last_digits:.3g}" if item.difference else "",
        ]
        for item in items[:limit]
    ]  # fmt: skip
    used = [index for index in range(len(columns)) if index < 4 or any(row[index] for row in rows)]
    show_table(title, [columns[i] for i in used], [[row[i] for i in used] for row in rows])
    if len(items) > limit:
        print(f"and {len(items) - limit} more; --limit shows more")
