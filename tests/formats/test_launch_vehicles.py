"""Launch-vehicle files: figures of the source, no extrapolation, bad rows listed, bad files refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syzygy.base.errors import FormatError, SyzygyError
from syzygy.formats.launch_vehicles import BELOW, DECLINATION, INSIDE, OUTSIDE, read_launch_vehicles

POLYNOMIALS = b"""# Source: somewhere
vehicle,c3_min,c3_max,dla_max_deg,a0,a1,a2,a3,basis
Big,0,100,28.5,15000,-280,2,0,agency planning fit
Small,0,10,28.5,1800,-90,0,0,agency planning fit
"""
TABLE_SPREAD = 0.03
"""The quoted tables agree with the fits to 1-3 % where both exist, as their header says."""


@pytest.fixture
def place(repository: Path) -> Path:
    return repository / "examples" / "joint-programme" / "inputs" / "exploration"


def test_polynomials_give_the_value_of_the_fit() -> None:
    big, small = read_launch_vehicles(POLYNOMIALS).curves
    payload, verdicts = big.evaluate([0.0, 10e6], 0.1)
    assert payload.tolist() == [15000.0, 12400.0]
    assert verdicts == [INSIDE, INSIDE]
    assert small.source == "somewhere"


def test_outside_the_curve_is_labelled_and_never_extrapolated() -> None:
    _, small = read_launch_vehicles(POLYNOMIALS).curves
    payload, verdicts = small.evaluate([-2e6, 10e6, 10.001e6, 5e6], [0.0, 0.0, 0.0, np.radians(29.0)])
    assert verdicts == [BELOW, INSIDE, OUTSIDE, DECLINATION]
    assert payload.tolist() == [1800.0, 900.0, 0.0, 0.0]


def test_quoted_tables_agree_with_the_fits(place: Path) -> None:
    fits = read_launch_vehicles((place / "launchers_c3_polynomials.csv").read_bytes()).curves
    quoted = read_launch_vehicles((place / "launchers_unverified_tables.csv").read_bytes()).curves
    both = [(a, b) for a in fits for b in quoted if a.vehicle == b.vehicle == "Falcon Heavy (expendable)"]
    assert len(both) == 1
    c3 = np.arange(0.0, 50e6, 10e6)
    np.testing.assert_allclose(
        both[0][0].evaluate(c3, 0.0)[0], both[0][1].evaluate(c3, 0.0)[0], rtol=TABLE_SPREAD
    )


def test_declination_table_returns_its_nodes(place: Path) -> None:
    curve = read_launch_vehicles((place / "launchers_soyuz_fregat.csv").read_bytes()).curves[0]
    payload, verdicts = curve.evaluate([4e6, 9e6, 25e6], np.radians([0.0, -30.0, 50.0]))
    np.testing.assert_allclose(payload, [2205.8, 1891.3, 1327.6], rtol=1e-12)
    assert verdicts == [INSIDE] * 3
    assert curve.evaluate(9e6, np.radians(51.0))[1] == [DECLINATION]
    assert curve.evaluate(26e6, 0.0)[1] == [OUTSIDE]


def test_statements_keep_their_status_and_source(place: Path) -> None:
    found = read_launch_vehicles((place / "launchers_statements.csv").read_bytes())
    assert len(found.statements) == 29
    assert not found.rejected
    assert {s.status for s in found.statements} == {"press", "flown", "unverified"}
    assert all(s.source for s in found.statements)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"Bad,10,0,28.5,1,0,0,0,agency planning fit", "c3_min"),
        (b"Bad,0,10,0,1,0,0,0,agency planning fit", "dla_max_deg"),
        (b"Bad,0,10,28.5,x,0,0,0,agency planning fit", "a0"),
        (b"Bad,0,10,28.5,nan,0,0,0,agency planning fit", "a0"),
        (b"Bad,0,10,28.5,1,0,0,0,rumour", "status"),
        (b"Bad,0,10", "fields"),
    ],
)
def test_a_bad_row_is_listed_and_the_rest_used(row: bytes, reason: str) -> None:
    found = read_launch_vehicles(POLYNOMIALS + row + b"\n")
    assert len(found.curves) == 2
    assert found.rejected[0].line == 5
    assert reason in found.rejected[0].reason


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"# only a comment\n",
        b"\xff\xfe",
        b"name,mass\nX,1\n",
        b"decl_deg,v1,v2\n0,1,2\n10,1,2\n",
        b"# vehicle: X\ndecl_deg,v1,v2\n10,1,2\n0,1,2\n",
        b"# vehicle: X\ndecl_deg,v1,v2\n0,1,two\n10,1,2\n",
        b"# vehicle: X\n# status: rumour\ndecl_deg,v1,v2\n0,1,2\n10,1,2\n",
        b"vehicle,state,orbit,mass_kg,status,source,date,note\nX,CN,TLI,-5,press,Y,,\n",
    ],
)
def test_a_file_of_no_use_is_refused(content: bytes) -> None:
    with pytest.raises(FormatError) as caught:
        read_launch_vehicles(content, name="file.csv")
    assert caught.value.allowed


@pytest.mark.slow
@given(st.binary(max_size=400))
def test_no_bytes_escape_the_five_part_errors(noise: bytes) -> None:
    for content in (noise, POLYNOMIALS + noise, b"# vehicle: X\ndecl_deg,v1,v2\n0,1,2\n" + noise):
        try:
            read_launch_vehicles(content)
        except SyzygyError:
            continue
