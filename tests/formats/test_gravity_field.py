"""Readers of gravity fields: three formats, one model twice, and files that are not what they say."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syzygy.base.errors import CoverageError, FormatError
from syzygy.formats.gravity_field import read_gravity_field

GFC = """begin_of_head
modelname SMALL
earth_gravity_constant 0.3986004415D+15
radius 6378136.3
max_degree 2
tide_system zero_tide
norm fully_normalized
end_of_head
gfc 0 0 1.0 0.0 0 0
gfc 2 0 -0.48416537D-03 0.0 0 0
gfc 2 1 -1.8D-10 1.2d-09 0 0
gfc 2 2 2.4e-06 -1.4e-06 0 0
"""


def test_a_gfc_file_brings_its_constants_and_its_tide() -> None:
    field = read_gravity_field(GFC.encode(), name="small.gfc")
    assert (field.name, field.degree, field.tide_system) == ("SMALL", 2, "zero_tide")
    assert (field.gm_m3_s2, field.radius_m) == (0.3986004415e15, 6378136.3)
    assert field.cosine[2, 0] == -0.48416537e-3
    assert field.sine[2, 1] == 1.2e-9


def test_unnormalised_coefficients_are_normalised() -> None:
    plain = GFC.replace("fully_normalized", "unnormalized").replace("-0.48416537D-03", "-1.0826D-03")
    field = read_gravity_field(plain.encode())
    assert field.cosine[2, 0] == pytest.approx(-1.0826e-3 / np.sqrt(5.0), rel=1e-15)
    assert field.cosine[2, 2] == pytest.approx(2.4e-6 / np.sqrt(5.0 / 12.0), rel=1e-14)


def test_the_two_forms_of_one_lunar_model_agree(shared_data, test_data) -> None:
    name = "GRGM660PRIM_to150.gfc.gz"
    full = read_gravity_field((shared_data / "exploration" / "gravity" / name).read_bytes(), name=name)
    table = read_gravity_field(
        (test_data / "propagation" / "gggrx_0020pm_sha.tab").read_bytes(), name="gggrx_0020pm_sha.tab"
    )
    assert (full.degree, full.tide_system, table.degree) == (150, "tide_free", 20)
    assert full.gm_m3_s2 == table.gm_m3_s2 == 4902799806931.69
    assert full.radius_m == table.radius_m == 1_738_000.0
    assert np.allclose(full.cosine[2:21, :21], table.cosine[2:], rtol=1e-13, atol=1e-18)
    assert np.allclose(full.sine[2:21, :21], table.sine[2:], rtol=1e-13, atol=1e-18)


def test_columns_of_a_cof_file_may_touch(shared_data) -> None:
    name = "LP165P.cof.gz"
    field = read_gravity_field((shared_data / "exploration" / "gravity" / name).read_bytes(), name=name)
    assert (field.degree, field.gm_m3_s2, field.radius_m) == (165, 4.902801056e12, 1.738e6)
    assert field.cosine[2, 1] == -2.72203236159e-9
    assert field.sine[2, 1] == -7.57518292083e-10
    assert field.sine[165, 164] == 7.05863510334e-8


def test_the_martian_table_is_read(shared_data) -> None:
    name = "jgmro120d.txt.gz"
    field = read_gravity_field((shared_data / "exploration" / "gravity" / name).read_bytes(), name=name)
    assert (field.degree, field.radius_m) == (120, 3_396_000.0)
    assert field.gm_m3_s2 == pytest.approx(4.282837581575610e13, rel=1e-15)
    assert field.cosine[2, 0] == -0.8750220924537e-3


def test_a_field_can_be_cut_but_not_extended() -> None:
    field = read_gravity_field(GFC.encode())
    assert field.truncate(2, 0).cosine[2, 2] == 0.0
    with pytest.raises(CoverageError):
        field.truncate(3)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("gfc 2 2 2.4e-06 -1.4e-06 0 0\n", "", "missing"),
        ("2.4e-06", "nan", "no number"),
        ("2.4e-06", "1_0", "no number"),
        ("gfc 2 2", "gfc 2 3", "out of range"),
        ("gfc 2 2", "gfc 2 1", "twice"),
        ("gfc 2 2", "gfct 2 2", "no static coefficient"),
        ("max_degree 2", "max_degree 99999", "out of range"),
        ("max_degree 2", "max_degree -1", "whole number"),
        ("0.3986004415D+15", "-1", "own GM"),
        ("radius 6378136.3", "radius 0", "own GM"),
        ("fully_normalized", "half", "normalisation"),
    ],
)
def test_a_damaged_file_is_refused_with_its_line(old: str, new: str, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        read_gravity_field(GFC.replace(old, new).encode(), name="small.gfc")


def test_a_cut_cof_or_shadr_file_is_refused(test_data) -> None:
    cof = "POTFIELD  2  2  0 4.9e+12 1.738e+06 1.0\nRECOEF    2  0   -9.08901807506000e-05\n"
    with pytest.raises(FormatError, match="without END"):
        read_gravity_field(cof.encode())
    content = (test_data / "propagation" / "gggrx_0020pm_sha.tab").read_bytes()
    with pytest.raises(FormatError):
        read_gravity_field(content[: len(content) - 300])


@given(st.binary(max_size=400))
def test_any_bytes_give_a_field_or_a_format_error(content: bytes) -> None:
    with contextlib.suppress(FormatError):
        read_gravity_field(content)


@given(st.integers(0, len(GFC) - 1), st.characters(codec="latin-1"))
def test_any_changed_letter_gives_a_field_or_a_format_error(place: int, letter: str) -> None:
    text = GFC[:place] + letter + GFC[place + 1 :]
    with contextlib.suppress(FormatError):
        read_gravity_field(text.encode("latin-1"))
