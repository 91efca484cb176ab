"""The picture: two themes, the same bytes every time, nothing but SVG."""

from __future__ import annotations

import pytest
from lxml import etree

from syzygy.base.errors import UnknownNameError
from syzygy.materials.picture import draw_exposure
from syzygy.materials.results import ExposureResult


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_picture_is_whole_svg_in_both_themes(two_days: ExposureResult, theme: str) -> None:
    svg = draw_exposure(two_days, theme)
    root = etree.fromstring(svg)
    assert etree.QName(root).localname == "svg"
    ink = {"light": b"#1b2430", "dark": b"#e6ebf2"}[theme]
    assert ink in svg
    assert len(svg) < 400_000


@pytest.mark.slow
def test_the_same_result_gives_the_same_bytes(two_days: ExposureResult) -> None:
    assert draw_exposure(two_days, "light") == draw_exposure(two_days, "light")
    assert b"<dc:date>" not in draw_exposure(two_days, "light")


def test_an_unknown_theme_is_refused(two_days: ExposureResult) -> None:
    with pytest.raises(UnknownNameError, match="theme"):
        draw_exposure(two_days, "sepia")
