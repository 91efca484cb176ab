"""The description of a study kind, so that command line, runner and exchange treat all fields alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any


@dataclass(frozen=True)
class StudyKind:
    """One kind of study that an application offers.

    The functions are named as ``module:function`` and loaded only when used, so that listing the studies
    imports nothing heavy.

    Attributes
    ----------
    name : str
        ``field.noun``, e.g. ``debris.screening``.
    command : tuple of str
        ``(group, verb)`` on the command line, e.g. ``("debris", "screen")``.
    summary : str
        One sentence for the help.
    request : str
        ``module:class`` of the frozen request record.
    compute : str
        ``module:function`` with ``(request, almanac, *, executor, progress) -> StudyResult``.
    draw : str
        ``module:function`` with ``(result, theme) -> bytes``: one SVG picture, `theme` ``light`` or ``dark``.
    needs : tuple of str
        Parts of the Almanac that the study uses: ``leap_seconds``, ``earth_orientation``, ``ephemeris``,
        ``space_weather``.
    tables : tuple of str
        Further tables of the result that have an option of their own (``--intervals FILE``).
    further_pictures : str
        ``module:function`` with ``(result, theme) -> mapping`` of name to SVG: smaller pictures beside the
        main one, in the order in which they are shown; empty when the study has none.
    messages : str
        ``module:function`` with ``(result) -> mapping`` of file name to bytes: messages for a partner, which
        belong to the product like its tables; empty when the study has none.
    """

    name: str
    command: tuple[str, str]
    summary: str
    request: str
    compute: str
    draw: str
    needs: tuple[str, ...] = ("leap_seconds",)
    tables: tuple[str, ...] = ()
    further_pictures: str = ""
    messages: str = ""

    def request_class(self) -> type:
        """Load the request record."""
        loaded: type = _load(self.request)
        return loaded

    def for_request(self, request: object) -> StudyKind:
        """Return the kind with the parts of the Almanac that this very request needs besides the usual ones.

        A request says so by a method ``further_needs() -> tuple of str``.
        """
        further = getattr(request, "further_needs", None)
        return replace(self, needs=(*self.needs, *further())) if further and further() else self

    def compute_function(self) -> Callable[..., Any]:
        """Load the pure function of the door."""
        function: Callable[..., Any] = _load(self.compute)
        return function

    def draw_function(self) -> Callable[[Any, str], bytes]:
        """Load the function that draws the picture."""
        function: Callable[[Any, str], bytes] = _load(self.draw)
        return function

    def draw_further(self, result: Any, theme: str) -> Mapping[str, bytes]:
        """Return the smaller pictures of a result by name, none when the kind has none."""
        if not self.further_pictures:
            return {}
        drawn: Mapping[str, bytes] = _load(self.further_pictures)(result, theme)
        return drawn

    def make_messages(self, result: Any) -> Mapping[str, bytes]:
        """Return the messages of a result by file name, none when the kind has none."""
        if not self.messages:
            return {}
        made: Mapping[str, bytes] = _load(self.messages)(result)
        return made


def _load(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)
