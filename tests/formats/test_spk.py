"""SPK and DAF: what is not a sound kernel is refused in five parts, whatever was done to it."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from syzygy.astro.bodies import EARTH, EARTH_MOON_BARYCENTER
from syzygy.base.errors import FormatError, StorageError, SyzygyError
from syzygy.formats.daf import read_daf
from syzygy.formats.spk import open_spk


@pytest.fixture(scope="module")
def sound(make_spk, tmp_path_factory):
    return make_spk(tmp_path_factory.mktemp("spk") / "sound.bsp", more=[{"target": 301}]).read_bytes()


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz") / "mutated.bsp"


def read_and_use(path):
    """Open a file and evaluate it; only our own errors may come out."""
    try:
        ephemeris = open_spk(path)
        start, end = ephemeris.span_tdb_s
        position = ephemeris.position_at_tdb(EARTH, EARTH_MOON_BARYCENTER, np.array([start, 50.0, end]))
    except SyzygyError:
        return None
    assert np.all(np.isfinite(position))
    return position


def test_the_sound_file_gives_positions(sound, scratch):
    scratch.write_bytes(sound)
    assert read_and_use(scratch).shape == (3, 3)


@pytest.mark.slow
@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, 3071), st.integers(0, 255)), min_size=1, max_size=12),
    st.integers(0, 4096),
)
def test_a_mutated_header_never_crashes_or_hangs(sound, scratch, changes, cut):
    content = bytearray(sound)
    for place, value in changes:
        content[place] = value
    scratch.write_bytes(bytes(content[: len(content) - cut % 7 * 300]))
    read_and_use(scratch)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([8, 12, 76, 80, 84, *range(1024, 1160, 8), *range(1064, 1160, 4)]),
    st.sampled_from(
        [-1, 0, 1, 2, 3, 4, 127, 385, 2**31 - 1, -(2**31), 1e300, -1.0, float("nan"), float("inf")]
    ),
)
@example(1024, 2.0)
@example(1024, float("nan"))
@example(1040, 1e300)
def test_a_field_with_an_extreme_value_never_crashes_or_hangs(sound, scratch, place, value):
    content = bytearray(sound)
    struct.pack_into("<i" if isinstance(value, int) else "<d", content, place, value)
    scratch.write_bytes(bytes(content))
    read_and_use(scratch)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(3072, 4095), st.integers(0, 255))
def test_a_mutated_coefficient_gives_a_finite_number_or_an_error(sound, scratch, place, value):
    content = bytearray(sound)
    content[place] = value
    scratch.write_bytes(bytes(content))
    read_and_use(scratch)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 4095))
def test_a_file_cut_anywhere_is_refused(sound, scratch, length):
    scratch.write_bytes(sound[:length])
    with pytest.raises(SyzygyError):
        open_spk(scratch)


def patched(sound, tmp_path, place, content):
    path = tmp_path / "patched.bsp"
    path.write_bytes(sound[:place] + content + sound[place + len(content) :])
    return path


@pytest.mark.parametrize(
    ("place", "content", "words"),
    [
        (0, b"KPL/PCK ", "not a DAF kernel"),
        (0, b"DAF/PCK ", "not a SPK kernel"),
        (88, b"VAX-GFLT", "number format of the kernel is not known"),
        (713, b"\n", "transfer in text mode"),
        (1024, struct.pack("<d", 2.0), "chain of segment summaries is broken"),
        (1024, struct.pack("<d", 99.0), "chain of segment summaries is broken"),
        (1040, struct.pack("<d", 26.0), "impossible number of segments"),
        (1040, struct.pack("<d", 0.0), "has no segments"),
        (8, struct.pack("<i", 200), "sizes of the segment summaries"),
        (8, struct.pack("<i", 3), "not those of a SPK kernel"),
        (1084, struct.pack("<i", 10**6), "lies outside its file"),
        (1080, struct.pack("<i", -5), "lies outside its file"),
        (1048, struct.pack("<d", -50.0), "claims a span"),
        (1064, struct.pack("<i", 3), "ties a body to itself"),
        (3072 + 8 * 69, struct.pack("<d", 0.0), "directory of a segment is damaged"),
        (3072 + 8 * 71, struct.pack("<d", 5.0), "does not fit its length"),
    ],
)
def test_each_damage_is_named(sound, tmp_path, place, content, words):
    path = patched(sound, tmp_path, place, content)
    with pytest.raises(FormatError, match=words) as caught:
        open_spk(path)
    assert str(path) in str(caught.value)


def test_a_directory_and_a_missing_file_are_refused(tmp_path):
    for path in (tmp_path, tmp_path / "nowhere.bsp"):
        with pytest.raises(StorageError):
            open_spk(path)


def test_the_contents_are_listed(sound, tmp_path):
    path = tmp_path / "listed.bsp"
    path.write_bytes(sound)
    contents = read_daf(path)
    assert (contents.kind, contents.internal_name, contents.big_endian) == ("SPK", "SMALL TEST FILE", False)
    assert [summary.integers[0] for summary in contents.summaries] == [399, 301]
    assert contents.summaries[0].name == "TEST"
