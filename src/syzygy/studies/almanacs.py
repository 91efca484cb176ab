"""The Almanac of a study: only the parts it needs, so that its hash changes only when they change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from syzygy.base.errors import InputError
from syzygy.base.provenance import InputFile, bind_input
from syzygy.base.requests import Border, split_list

if TYPE_CHECKING:
    from syzygy.astro.almanac import Almanac
    from syzygy.astro.time import LeapSeconds


@dataclass
class AlmanacShelf:
    """Builds each combination of parts once per command.

    Attributes
    ----------
    space_weather : Path or None
        The space-weather file that the user or the programme names.
    predictions : bool
        Whether predicted values are admitted.
    """

    space_weather: Path | None = None
    predictions: bool = False
    _built: dict[tuple[str, ...], Almanac] = field(default_factory=dict)

    def almanac(self, needs: Sequence[str]) -> Almanac:
        """Return the Almanac with these parts.

        Raises
        ------
        MissingDataError
            A data set is not installed.
        """
        from syzygy.data import build_almanac

        key = tuple(sorted(set(needs) | {"leap_seconds"}))
        if key not in self._built:
            weather = bind_input(self.space_weather) if self.space_weather else None
            self._built[key] = build_almanac(key, predictions=self.predictions, space_weather_file=weather)
        return self._built[key]

    @property
    def leap_seconds(self) -> LeapSeconds:
        """The leap-second table."""
        return self.almanac(("leap_seconds",)).leap_seconds


def make_border(shelf: AlmanacShelf, directory: Path) -> Border:
    """Return the border for values given as text; input paths are relative to `directory`."""

    def parse_epoch(text: str) -> int:
        from syzygy.astro.time import parse_utc

        return parse_utc(text, shelf.leap_seconds)

    def format_epoch(tai_ns: int) -> str:
        from syzygy.astro.time import format_utc

        return format_utc(tai_ns, shelf.leap_seconds)

    def bind(text: str) -> InputFile:
        path = Path(text)
        return bind_input(path if path.is_absolute() else directory / path)

    def read_list(text: str) -> tuple[str, ...]:
        from syzygy.formats.object_lists import is_list_file, read_object_list

        if not is_list_file(text):
            return split_list(text)
        file = bind(text)
        return read_object_list(file.read(), shelf.leap_seconds, name=file.name)

    def list_folder(text: str) -> tuple[str, ...]:
        path = Path(text)
        return _files_of(path if path.is_absolute() else directory / path, text)

    return Border(parse_epoch, format_epoch, bind, read_list, list_folder)


def _files_of(path: Path, text: str) -> tuple[str, ...]:
    """Return the files of a directory, hidden ones left out, sorted; a path that is no directory as it is."""
    if not path.is_dir():
        return (text,)
    inside = sorted(p.relative_to(path) for p in path.rglob("*") if p.is_file())
    found = [str((path / p).absolute()) for p in inside if not any(name.startswith(".") for name in p.parts)]
    if not found:
        raise InputError("a directory without files", value=text, allowed="a directory with a file in it")
    return tuple(found)
