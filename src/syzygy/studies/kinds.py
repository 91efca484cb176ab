"""The study kinds of all applications: the only list that knows them all."""

from __future__ import annotations

from importlib import import_module

from syzygy.base.errors import UnknownNameError
from syzygy.base.study import StudyKind

APPLICATIONS = ("exploration", "materials", "satellites", "sensing", "debris")


def study_kinds() -> dict[str, StudyKind]:
    """Return every study kind by name, in the order of the applications."""
    kinds: dict[str, StudyKind] = {}
    for room in APPLICATIONS:
        for kind in import_module(f"syzygy.{room}").STUDIES:
            kinds[kind.name] = kind
    return kinds


def find_kind(name: str) -> StudyKind:
    """Return a study kind.

    Raises
    ------
    UnknownNameError
        No application offers it.
    """
    kinds = study_kinds()
    if name not in kinds:
        from difflib import get_close_matches

        close = get_close_matches(name, list(kinds), n=1)
        raise UnknownNameError(
            "unknown study kind",
            value=name,
            allowed=", ".join(kinds),
            hint=f"did you mean {close[0]}?" if close else "",
        )
    return kinds[name]
