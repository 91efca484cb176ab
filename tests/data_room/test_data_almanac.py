"""Building an Almanac from what is installed, stored or given."""

from __future__ import annotations

import gzip
import pickle
import shutil
import socket

import numpy as np
import pytest

from syzygy.astro.bodies import EARTH, MOON
from syzygy.base.errors import (
    CoverageError,
    FormatError,
    IntegrityError,
    MissingDataError,
    StorageError,
    UnknownNameError,
)
from syzygy.base.provenance import bind_input
from syzygy.data import build_almanac, find_data_set, locate_data_set

CORE = ("leap_seconds", "earth_orientation", "ephemeris")


@pytest.fixture
def store(tmp_path):
    return tmp_path / "store"


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


@pytest.mark.usefixtures("no_network")
def test_the_core_parts_come_from_installed_packages(store):
    almanac = build_almanac(CORE, store=store)
    assert [source.part for source in almanac.sources] == list(CORE)
    assert int(almanac.leap_seconds.tai_minus_utc_s[-1]) == 37
    assert almanac.require_earth_orientation().allow_predicted is False
    distance = np.linalg.norm(almanac.require_ephemeris().position_m(MOON, EARTH, 1_600_000_000 * 10**9))
    assert 3.5e8 < distance < 4.1e8
    assert almanac.space_weather is None


def test_leap_seconds_are_always_there(store):
    assert [source.name for source in build_almanac((), store=store).sources] == ["leap-seconds"]


def test_sources_state_hash_licence_and_span(store):
    almanac = build_almanac(CORE, store=store)
    for source in almanac.sources:
        assert len(source.sha256) == 64
        assert source.licence
        assert source.valid_from < source.valid_to
    orientation = almanac.sources[1]
    assert orientation.valid_from == "1973-01-02"
    assert "measured to 20" in orientation.note
    assert (almanac.sources[2].valid_from, almanac.sources[2].valid_to) == ("1549-12-31", "2650-01-25")


def test_the_order_of_needs_does_not_matter_and_policies_do(store):
    plain = build_almanac(("leap_seconds", "earth_orientation"), store=store)
    assert build_almanac(("earth_orientation",), store=store).sha256 == plain.sha256
    predicted = build_almanac(("earth_orientation",), predictions=True, store=store)
    assert predicted.sha256 != plain.sha256
    assert predicted.require_earth_orientation().allow_predicted
    assert predicted.leap_seconds.allow_predicted


def test_an_almanac_travels_to_a_worker(store):
    almanac = build_almanac(CORE, store=store)
    copy = pickle.loads(pickle.dumps(almanac))
    assert copy.sha256 == almanac.sha256
    epoch = 1_650_000_000 * 10**9
    assert np.array_equal(
        copy.require_ephemeris().position_m(MOON, EARTH, epoch),
        almanac.require_ephemeris().position_m(MOON, EARTH, epoch),
    )


def test_an_unknown_need_is_refused(store):
    with pytest.raises(UnknownNameError, match="unknown part"):
        build_almanac(("gravity",), store=store)


@pytest.fixture
def space_weather_file(shared_data, tmp_path):
    packed = shared_data / "materials" / "spaceweather" / "SW-All.txt.gz"
    path = tmp_path / "weather.txt"
    path.write_bytes(gzip.decompress(packed.read_bytes()))
    return path


@pytest.mark.slow
def test_a_given_space_weather_file_is_used_and_recorded(store, space_weather_file):
    bound = build_almanac(("space_weather",), space_weather_file=bind_input(space_weather_file), store=store)
    by_path = build_almanac(("space_weather",), space_weather_file=space_weather_file, store=store)
    assert bound.sha256 == by_path.sha256
    source = bound.sources[1]
    assert (source.name, source.version) == ("space-weather", "weather.txt")
    assert source.valid_from == "1957-10-01"
    assert bound.require_space_weather().utc_day.size > 24_000


@pytest.mark.slow
def test_the_same_bytes_from_the_store_give_the_same_almanac(store, space_weather_file):
    given = build_almanac(("space_weather",), space_weather_file=space_weather_file, store=store)
    store.mkdir()
    shutil.copy(space_weather_file, store / "SW-All.txt")
    stored = build_almanac(("space_weather",), store=store)
    assert stored.sources[1].note.endswith("local store")
    assert stored.sha256 == given.sha256


def test_a_given_file_that_changed_since_it_was_bound_is_refused(store, space_weather_file):
    bound = bind_input(space_weather_file)
    space_weather_file.write_bytes(space_weather_file.read_bytes() + b"\n")
    with pytest.raises(IntegrityError, match="has changed"):
        build_almanac(("space_weather",), space_weather_file=bound, store=store)


def test_a_given_file_that_is_missing_or_foreign_is_refused(store, tmp_path):
    with pytest.raises(StorageError):
        build_almanac(("space_weather",), space_weather_file=tmp_path / "nowhere.txt", store=store)
    (tmp_path / "other.txt").write_text("<html>Not found</html>")
    with pytest.raises(FormatError, match="no space weather file"):
        build_almanac(("space_weather",), space_weather_file=tmp_path / "other.txt", store=store)


def test_the_orientation_of_the_moon_can_come_from_the_store(store, shared_data, monkeypatch):
    leap_seconds = locate_data_set(find_data_set("leap-seconds")).path
    monkeypatch.setattr("syzygy.data.store.find_spec", lambda package: None)
    store.mkdir()
    shutil.copy(leap_seconds, store)
    with pytest.raises(MissingDataError, match="moon-pa-de421"):
        build_almanac(("moon_orientation",), store=store)
    shutil.copy(shared_data / "exploration" / "frames" / "moon_pa_de421_1900-2050.bpc", store)
    almanac = build_almanac(("moon_orientation",), store=store)
    assert almanac.require_moon_orientation().name == "DE421 lunar principal axes"


def test_epochs_beyond_the_ephemeris_are_refused(store):
    ephemeris = build_almanac(("ephemeris",), store=store).require_ephemeris()
    with pytest.raises(CoverageError, match="Moon relative to Earth"):
        ephemeris.position_at_tdb(MOON, EARTH, 1e11)
