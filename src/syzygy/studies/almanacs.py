"""The Almanac of a study: only the parts it needs, so that its hash changes only when they change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from syzygy.base.provenance import InputFile, bind_input
from syzygy.base.requests import Border

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

    return Border(parse_epoch, format_epoch, bind)
