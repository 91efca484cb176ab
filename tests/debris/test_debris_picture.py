"""The picture: one SVG, the same bytes every time, in both themes, for full and empty results."""

from __future__ import annotations

import dataclasses
from xml.etree import ElementTree

import pytest

from syzygy.base.tables import Table
from syzygy.debris.picture import draw_screening
from syzygy.debris.screening import ScreeningResult


def emptied(table: Table) -> Table:
    return dataclasses.replace(
        table, columns=tuple(dataclasses.replace(c, values=c.values[:0]) for c in table.columns)
    )


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_picture_is_the_same_svg_every_time(sample_result: ScreeningResult, theme: str) -> None:
    first = draw_screening(sample_result, theme)
    assert first == draw_screening(sample_result, theme)
    root = ElementTree.fromstring(first)
    assert root.tag.endswith("svg")
    assert b"<dc:date>" not in first


@pytest.mark.slow
def test_a_result_without_approaches_is_drawn_too(sample_result: ScreeningResult) -> None:
    empty = dataclasses.replace(sample_result, events=emptied(sample_result.events))
    assert ElementTree.fromstring(draw_screening(empty, "light")).tag.endswith("svg")
