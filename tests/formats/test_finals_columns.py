"""The quick reader of finals2000A never disagrees with the line-by-line one."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syzygy.base.errors import SyzygyError
from syzygy.data import find_data_set, locate_data_set
from syzygy.formats import iers
from syzygy.formats._finals_columns import read_columns

ROWS = 40


@pytest.fixture(scope="module")
def whole():
    return locate_data_set(find_data_set("finals2000a")).path.read_bytes()


@pytest.fixture(scope="module")
def excerpt(whole):
    """Measured, predicted and blank rows: the last days before the table ends, and what follows."""
    width = whole.find(b"\n") + 1
    rows = [whole[i : i + width] for i in range(0, len(whole), width)]
    blank = next(i for i, row in enumerate(rows) if not row[18:27].strip())
    return b"".join(rows[blank - ROWS : blank + 5])


def both(content):
    """Return what the two readers say: a record or an error's text."""
    answers = []
    for quick in (True, False):
        with pytest.MonkeyPatch.context() as patch:
            if not quick:
                patch.setattr(iers, "read_columns", lambda *_: None)
            try:
                answers.append(iers.read_finals2000a(content))
            except SyzygyError as error:
                answers.append(str(error))
    return answers


def assert_equal(quick, slow):
    if isinstance(quick, str) or isinstance(slow, str):
        assert quick == slow
        return
    for field in dataclasses.fields(quick):
        assert np.array_equal(getattr(quick, field.name), getattr(slow, field.name)), field.name


@pytest.mark.slow
def test_the_whole_file_is_read_quickly_and_alike(whole):
    assert read_columns(whole, iers._FINALS_FIELDS, {"PM": 16, "UT1": 57}) is not None
    assert_equal(*both(whole))


@pytest.mark.slow
@given(st.data())
def test_a_changed_file_is_read_alike_or_refused_alike(excerpt, data):
    content = bytearray(excerpt)
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.sampled_from(b"0159.-+ IPXeE_\n\rn"))
    assert_equal(*both(bytes(content)))


@pytest.mark.slow
@given(st.integers(0, 4000))
def test_a_cut_file_is_read_alike_or_refused_alike(excerpt, cut):
    assert_equal(*both(excerpt[: len(excerpt) - cut]))
