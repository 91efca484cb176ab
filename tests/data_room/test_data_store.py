"""Finding data sets: store before package, hashes remembered but never trusted beyond the file's time."""

from __future__ import annotations

import json
import os
import shutil

import pytest

from syzygy.base.errors import MissingDataError, UnknownNameError
from syzygy.base.hashing import sha256_file
from syzygy.data import CATALOGUE, find_data_set, list_data_sets, locate_data_set, store_directory
from syzygy.data.catalogue import PARTS
from syzygy.data.store import remembered_hash, require_data_set


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("SYZYGY_DATA", str(tmp_path / "store"))
    return tmp_path / "store"


def test_every_data_set_states_terms_source_and_part():
    assert len({entry.name for entry in CATALOGUE}) == len(CATALOGUE)
    for entry in CATALOGUE:
        assert entry.licence
        assert entry.coverage
        assert entry.part in PARTS
        assert entry.url.startswith("https://")
        assert entry.url.endswith(entry.file_name)
        assert 0 < entry.max_bytes <= 1 << 28
        assert bool(entry.package) == bool(entry.package_file) == bool(entry.distribution)


def test_installed_data_sets_are_found_with_hash_and_version(store):
    found = {entry.data_set.name: entry for entry in list_data_sets()}
    for name in ("leap-seconds", "finals2000a", "de440"):
        entry = found[name]
        assert entry.found_in == "installed package"
        assert entry.version[0].isdigit()
        assert entry.sha256 == sha256_file(entry.path)
        assert entry.size == entry.path.stat().st_size
    assert found["de440"].sha256 == find_data_set("de440").sha256


def test_a_data_set_that_is_nowhere_is_listed_as_not_found(store):
    entry = locate_data_set(find_data_set("moon-pa-de421"))
    assert (entry.path, entry.found_in, entry.sha256) == (None, "not found", "")
    assert entry.as_mapping()["path"] == ""
    with pytest.raises(MissingDataError) as caught:
        require_data_set(find_data_set("moon-pa-de421"))
    assert "syzygy data fetch moon-pa-de421" in caught.value.hint
    assert str(store) in caught.value.where


def test_the_store_comes_before_the_package(store):
    packaged = locate_data_set(find_data_set("leap-seconds"))
    store.mkdir()
    shutil.copy(packaged.path, store / "Leap_Second.dat")
    stored = locate_data_set(find_data_set("leap-seconds"))
    assert (stored.found_in, stored.version, stored.path) == (
        "local store",
        "as fetched",
        store / "Leap_Second.dat",
    )
    assert stored.sha256 == packaged.sha256


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"SYZYGY_DATA": "/a/b"}, "/a/b"),
        ({"XDG_DATA_HOME": "/x"}, "/x/syzygy"),
        ({"HOME": "/somebody"}, "/somebody/.local/share/syzygy"),
    ],
)
def test_the_store_follows_the_environment(monkeypatch, variables, expected):
    for name in ("SYZYGY_DATA", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert str(store_directory()) == expected


def test_looking_for_data_creates_nothing_for_small_files(store):
    locate_data_set(find_data_set("leap-seconds"))
    assert not store.exists()


@pytest.fixture
def large(tmp_path):
    path = tmp_path / "large.bin"
    path.write_bytes(bytes(9 << 20))
    return path


def test_the_hash_of_a_large_file_is_remembered_until_the_file_changes(store, large):
    first = remembered_hash(large, store)
    assert first == sha256_file(large)
    listing = store / "hashes.json"
    known = json.loads(listing.read_bytes())
    known[str(large)]["sha256"] = "0" * 64
    listing.write_text(json.dumps(known))
    assert remembered_hash(large, store) == "0" * 64, "the list was not used"
    status = large.stat()
    os.utime(large, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    assert remembered_hash(large, store) == first


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff\xfe", b'{"X": 3}', b'{"X": {"stamp": 1, "sha256": 7}}']
)
def test_a_damaged_list_of_hashes_costs_time_and_nothing_else(store, large, content):
    store.mkdir()
    (store / "hashes.json").write_bytes(content.replace(b"X", str(large).encode()))
    assert remembered_hash(large, store) == sha256_file(large)


def test_a_store_that_cannot_be_written_costs_time_and_nothing_else(tmp_path, large):
    (tmp_path / "file").write_text("in the way")
    assert remembered_hash(large, tmp_path / "file") == sha256_file(large)


def test_an_unknown_data_set_is_answered_with_the_nearest_name():
    with pytest.raises(UnknownNameError) as caught:
        find_data_set("finals2000b")
    assert caught.value.hint == "did you mean finals2000a?"
