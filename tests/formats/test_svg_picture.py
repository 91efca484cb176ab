"""Pictures: the same bytes each time, ink of the theme, and no other theme."""

from __future__ import annotations

import pytest

from syzygy.base.errors import UnknownNameError
from syzygy.formats.svg_picture import INK, picture_style, save_svg


def _draw(theme: str, *, shorten: bool = False) -> bytes:
    with picture_style(theme, {"font.size": 9}):
        from matplotlib.figure import Figure

        figure = Figure(figsize=(3.0, 2.0))
        axes = figure.add_subplot()
        axes.plot([0.0, 1.0, 3.0], [0.123456, 0.5, 0.2])
        axes.set_xlabel("time, s")
        return save_svg(figure, shorten=shorten)


@pytest.mark.parametrize("theme", sorted(INK))
def test_a_picture_is_the_same_bytes_each_time_in_the_ink_of_its_theme(theme: str) -> None:
    content = _draw(theme)
    assert content == _draw(theme)
    assert INK[theme].encode() in content
    assert b"<dc:date>" not in content
    assert b"Matplotlib v" not in content


def test_shortened_paths_keep_hundredths_of_a_point() -> None:
    long, short = _draw("light"), _draw("light", shorten=True)
    assert len(short) < len(long)
    assert short.count(b" d=") == long.count(b" d=")


def test_another_theme_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="theme"):
        _draw("sepia")
