"""Catalogues are recognised by content; one set per object is kept and every other is accounted for."""

from __future__ import annotations

import gzip
import io
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syzygy.astro.mean_elements import find_implausible, join_elements, validate
from syzygy.astro.propagation.sgp4_states import propagate_sgp4
from syzygy.astro.time import LeapSeconds, parse_utc
from syzygy.base.errors import FormatError, ProblemList, SyzygyError, UnitError
from syzygy.formats.catalogue import deduplicate, read_catalogue
from syzygy.formats.omm import write_omm_csv, write_omm_json, write_omm_kvn, write_omm_xml
from syzygy.formats.rejected import rejected_table
from syzygy.formats.tle import write_tle

LEAP_SECONDS = LeapSeconds(np.array([730, 16436, 17167]), np.array([35, 36, 37]), 2**62)
HEADER = {"originator": "TEST", "creation_date": "2026-11-01T00:00:00"}
STATE_TOLERANCE_M = 3e-3
"""The OMM samples print the epoch to a microsecond: 3 mm at 8 km/s (their SOURCES.md)."""


@pytest.fixture
def sample(test_data):
    return read_catalogue((test_data / "omm" / "numbers.json").read_bytes(), LEAP_SECONDS).elements


@pytest.mark.parametrize("packed", [False, True])
def test_every_format_is_recognised_packed_or_not(sample, packed):
    files = {
        "tle": write_tle(sample),
        "omm json": write_omm_json(sample),
        "omm csv": write_omm_csv(sample),
        "omm xml": write_omm_xml(sample, **HEADER),
        "omm kvn": write_omm_kvn(sample, **HEADER),
    }
    for format_name, content in files.items():
        catalogue = read_catalogue(gzip.compress(content) if packed else content, LEAP_SECONDS)
        assert catalogue.format == format_name
        assert catalogue.rejected == ()
        assert catalogue.elements.object_id.tolist() == [23581, 100123]


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n", b"# nothing\n", b"[]", b"hello\nworld\n", b"EPOCH,MEAN_MOTION\n", b"\xff\xfe\x00"],
)
def test_a_catalogue_without_a_usable_set_is_an_error(content):
    with pytest.raises(FormatError, match="no usable element set"):
        read_catalogue(content, LEAP_SECONDS, name="empty.txt")


def test_a_catalogue_that_unpacks_beyond_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr("syzygy.formats.catalogue.MAX_CATALOGUE_BYTES", 1 << 16)
    with pytest.raises(FormatError, match="too large"):
        read_catalogue(gzip.compress(b" " * (1 << 20)), LEAP_SECONDS)


def test_a_cut_gzip_file_is_refused(sample):
    with pytest.raises(FormatError, match="cut short"):
        read_catalogue(gzip.compress(write_tle(sample))[:-20], LEAP_SECONDS)


def test_rejected_records_make_a_table(sample):
    content = write_tle(sample).replace(b"2 23581", b"2 23582")
    catalogue = read_catalogue(content, LEAP_SECONDS)
    report = rejected_table(catalogue.rejected)
    assert report["line"].tolist() == [3]
    assert len(rejected_table(())) == 0


def test_the_latest_epoch_counts_and_every_other_set_is_accounted_for(sample):
    from dataclasses import replace

    older = replace(sample, epoch_tai_ns=sample.epoch_tai_ns - 10, source_line=np.array([11, 12]))
    same = replace(sample, source_line=np.array([21, 22]))
    other = replace(sample, eccentricity=sample.eccentricity + 1e-7, source_line=np.array([31, 32]))
    everything = join_elements([older, sample.select([0]), other.select([1]), same])
    kept, report = deduplicate(everything)
    assert kept.object_id.tolist() == [23581, 100123]
    assert kept.source_line.tolist() == [21, 22]
    found = [tuple(row.values()) for row in report.rows()]
    assert found == [
        (23581, 11, 21, "superseded"),
        (100123, 12, 22, "superseded"),
        (23581, 1, 21, "duplicate"),
        (100123, 32, 22, "conflict"),
    ]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=12))
def test_every_set_is_either_kept_or_reported(pairs):
    from dataclasses import replace

    one = read_catalogue(
        b'[{"EPOCH":"2020-01-01T00:00:00","MEAN_MOTION":1,"ECCENTRICITY":0,"INCLINATION":1,"RA_OF_ASC_NODE":1,'
        b'"ARG_OF_PERICENTER":1,"MEAN_ANOMALY":1,"BSTAR":0,"NORAD_CAT_ID":5}]',
        LEAP_SECONDS,
    ).elements
    many = replace(
        one.select(np.zeros(len(pairs), dtype=np.int64)),
        object_id=np.array([p[0] for p in pairs], dtype=np.int64),
        epoch_tai_ns=np.array([p[1] for p in pairs], dtype=np.int64),
    )
    kept, report = deduplicate(many)
    assert len(kept) + len(report) == len(pairs)
    numbered = kept.object_id[kept.object_id > 0]
    assert sorted(numbered.tolist()) == sorted({p[0] for p in pairs if p[0]})
    for number, epoch in zip(kept.object_id.tolist(), kept.epoch_tai_ns.tolist(), strict=True):
        if number:
            assert epoch == max(p[1] for p in pairs if p[0] == number)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("mean_motion_rad_s", 15.5, "faster than any orbit"),
        ("mean_motion_rad_s", -1e-3, "not positive"),
        ("inclination_rad", 51.6, "degrees given as radians"),
        ("raan_rad", 150.0, "degrees given as radians"),
        ("eccentricity", 5013.0, "eccentricity is out of range"),
        ("bstar_per_earth_radius", np.nan, "not a finite number"),
        ("epoch_jd", np.inf, "not a finite number"),
    ],
)
def test_unit_mistakes_in_elements_are_named(sample, name, value, words):
    from dataclasses import replace

    column = getattr(sample, name).copy()
    column[1] = value
    wrong = replace(sample, **{name: column})
    with pytest.raises(ProblemList, match=words):
        validate(wrong)
    (found,) = find_implausible(wrong)
    assert found.index == 1
    assert "object 100123" in found.error.where
    if "degrees" in words:
        assert isinstance(found.error, UnitError)
    validate(sample)


@given(
    junk=st.binary(max_size=200),
    head=st.sampled_from([b"", b"1 ", b"[", b"<", b"CCSDS_OMM_VERS=", b"\x1f\x8b\x08"]),
)
def test_junk_never_fails_otherwise_than_by_our_errors(junk, head):
    with suppress(SyzygyError):
        assert len(read_catalogue(head + junk, LEAP_SECONDS).elements) > 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "file", ["omm_sample.csv.gz", "omm_sample_numbers.json.gz", "omm_sample_strings.json.gz"]
)
def test_omm_samples_fly_like_the_3le_they_were_made_from(shared_data, file):
    place = shared_data / "debris" / "catalogue"
    whole = read_catalogue((place / "jul2022_3le.txt.gz").read_bytes(), LEAP_SECONDS).elements
    sample = read_catalogue((place / file).read_bytes(), LEAP_SECONDS)
    assert (len(sample.elements), sample.rejected) == (503, ())
    at = {int(number): index for index, number in enumerate(whole.object_id)}
    known = [k for k, number in enumerate(sample.elements.object_id.tolist()) if number in at]
    assert len(known) == 483
    assert int(sample.elements.object_id.max()) > 339_999
    origin = whole.select([at[int(sample.elements.object_id[k])] for k in known])
    now = parse_utc("2022-07-15T00:00:00", LEAP_SECONDS)
    first = propagate_sgp4(origin, now, LEAP_SECONDS)
    second = propagate_sgp4(sample.elements.select(known), now, LEAP_SECONDS)
    assert np.array_equal(first.error_code, second.error_code)
    usable = first.error_code[:, 0] == 0
    difference = np.linalg.norm(first.position_m - second.position_m, axis=-1)[usable, 0]
    assert np.percentile(difference, 99) < STATE_TOLERANCE_M


def test_reading_is_the_same_from_a_stream_of_members(sample):
    content = write_tle(sample)
    buffer = io.BytesIO()
    for half in (content[:100], content[100:]):
        buffer.write(gzip.compress(half))
    assert len(read_catalogue(buffer.getvalue(), LEAP_SECONDS).elements) == 2
