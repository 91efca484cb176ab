"""SVG pictures that look alike and come out the same bytes each time: colours of the themes, and the saving.

matplotlib is imported when a picture is drawn, never before.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from syzygy.base.errors import UnknownNameError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK = MappingProxyType({"light": "#1b2430", "dark": "#e6ebf2"})
"""Text and axes of each theme; the background is transparent."""
FAINT = MappingProxyType({"light": "#c3cad4", "dark": "#46505e"})
"""Grids and borders of each theme."""

_OUTLINE, _DECIMALS = re.compile(rb' d="[^"]*"'), re.compile(rb"(\.\d\d)\d+")


@contextmanager
def picture_style(theme: str, style: Mapping[str, Any]) -> Iterator[None]:
    """Draw inside this: ink of the theme and fixed identifiers, then further settings of matplotlib.

    Raises
    ------
    UnknownNameError
        A theme other than ``light`` and ``dark``.
    """
    if theme not in INK:
        raise UnknownNameError("unknown theme", value=theme, allowed=", ".join(INK), where="theme")
    import matplotlib as mpl

    ink = INK[theme]
    settings: dict[str, Any] = {
        "svg.hashsalt": "syzygy",
        "svg.fonttype": "path",
        "font.family": "DejaVu Sans",
        "text.color": ink,
        "axes.edgecolor": ink,
        "axes.labelcolor": ink,
        "xtick.color": ink,
        "ytick.color": ink,
    }
    with mpl.rc_context({**settings, **style}):
        yield


def save_svg(figure: Figure, *, dots_per_inch: float = 100.0, shorten: bool = False) -> bytes:
    """Return the figure as SVG without date and program version, the same bytes for the same drawing.

    Parameters
    ----------
    figure : Figure
        Drawn inside `picture_style`; call this inside it, too.
    dots_per_inch : float
        Of parts drawn as pixels.
    shorten : bool
        Cut the numbers of paths to hundredths of a point, which nobody can see: half the size.
    """
    stream = io.BytesIO()
    figure.savefig(
        stream,
        format="svg",
        dpi=dots_per_inch,
        transparent=True,
        metadata={"Date": None, "Creator": None},
    )
    content = stream.getvalue()
    if not shorten:
        return content
    return _OUTLINE.sub(lambda outline: _DECIMALS.sub(rb"\1", outline.group()), content)
