"""Fetching, against a server on this machine only: adopted whole and checked, or not at all."""

from __future__ import annotations

import http.server
import ssl
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import syzygy
from syzygy.base.errors import FormatError, InputError, IntegrityError, StorageError, UnknownNameError
from syzygy.data import fetch_data_set, find_data_set, locate_data_set


class Shelf(http.server.BaseHTTPRequestHandler):
    """Serve what the test put on the server: path -> (status, headers, body)."""

    def do_GET(self):
        status, headers, body = self.server.shelf.get(self.path, (404, {}, b"no such file"))
        self.server.seen.append(self.path)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shelf) as serving:
        serving.shelf, serving.seen = {}, []
        serving.address = f"http://127.0.0.1:{serving.server_address[1]}"
        thread = threading.Thread(target=serving.serve_forever, daemon=True)
        thread.start()
        yield serving
        serving.shutdown()
        thread.join()


@pytest.fixture
def store(tmp_path):
    return tmp_path / "store"


@pytest.fixture(scope="module")
def leap_seconds():
    return locate_data_set(find_data_set("leap-seconds")).path.read_bytes()


def kept(store):
    return sorted(path.name for path in store.iterdir())


def test_a_sound_file_is_adopted_and_found(server, store, leap_seconds):
    server.shelf["/leap"] = (200, {}, leap_seconds)
    fetched = fetch_data_set("leap-seconds", store=store, url=server.address + "/leap")
    assert fetched.path.read_bytes() == leap_seconds
    assert kept(store) == ["Leap_Second.dat"]
    assert locate_data_set(find_data_set("leap-seconds"), store) == fetched


def test_progress_is_told(server, store, leap_seconds):
    class Seen:
        total, done = 0, 0

        def start(self, label, total):
            self.total = total

        def advance(self, steps=1):
            self.done += steps

    seen = Seen()
    server.shelf["/leap"] = (200, {}, leap_seconds)
    fetch_data_set("leap-seconds", store=store, url=server.address + "/leap", progress=seen)
    assert seen.total == seen.done == len(leap_seconds)


def refused(server, store, error, words, path="/leap", name="leap-seconds"):
    """Fetch, expect the error, and see that the older file is still there and nothing else."""
    store.mkdir(exist_ok=True)
    older = store / find_data_set(name).file_name
    older.write_bytes(b"older")
    with pytest.raises(error, match=words) as caught:
        fetch_data_set(name, store=store, url=server.address + path)
    assert kept(store) == [older.name]
    assert older.read_bytes() == b"older"
    assert server.address in str(caught.value)


def test_a_login_page_is_not_taken_for_data(server, store):
    server.shelf["/leap"] = (200, {"Content-Type": "text/html"}, b"<html>Please log in</html>")
    refused(server, store, FormatError, "leap-second")


def test_a_missing_page_is_named_with_its_status(server, store):
    refused(server, store, StorageError, "does not answer as it should.*404")


def test_an_answer_that_breaks_off_is_refused(server, store, leap_seconds):
    server.shelf["/leap"] = (200, {"Content-Length": str(len(leap_seconds) + 50)}, leap_seconds)
    refused(server, store, StorageError, "broke off|does not answer")


def test_an_announced_size_above_the_limit_is_refused_before_it_is_read(server, store):
    server.shelf["/leap"] = (200, {"Content-Length": str(1 << 40)}, b"")
    refused(server, store, StorageError, "sends too much")


def test_an_endless_answer_is_refused_at_the_limit(server, store):
    server.shelf["/leap"] = (200, {"Content-Length": ""}, bytes((1 << 20) + 1))
    refused(server, store, StorageError, "sends too much")


def test_another_hash_than_the_catalogue_s_is_refused(server, store):
    server.shelf["/moon"] = (200, {}, b"DAF/PCK " + bytes(2000))
    refused(server, store, IntegrityError, "is not moon-pa-de421", path="/moon", name="moon-pa-de421")


@pytest.mark.parametrize("target", ["http://data.example/leap", "file:///etc/passwd", "ftp://127.0.0.1/leap"])
def test_a_redirect_to_an_open_or_foreign_address_is_refused(server, store, target):
    server.shelf["/leap"] = (302, {"Location": target}, b"")
    store.mkdir()
    with pytest.raises((InputError, StorageError)):
        fetch_data_set("leap-seconds", store=store, url=server.address + "/leap")
    assert kept(store) == []


def test_a_redirect_on_this_machine_is_followed(server, store, leap_seconds):
    server.shelf["/old"] = (301, {"Location": server.address + "/leap"}, b"")
    server.shelf["/leap"] = (200, {}, leap_seconds)
    fetch_data_set("leap-seconds", store=store, url=server.address + "/old")
    assert server.seen == ["/old", "/leap"]


def test_a_server_that_is_not_there_is_named(store):
    with pytest.raises(StorageError, match="does not answer"):
        fetch_data_set("leap-seconds", store=store, url="http://127.0.0.1:9/leap", timeout_s=2.0)
    assert kept(store) == []


def test_a_silent_server_is_left_after_the_timeout(store):
    import socket

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        with pytest.raises(StorageError, match="timed out"):
            fetch_data_set("leap-seconds", store=store, url=f"http://127.0.0.1:{port}/", timeout_s=0.3)


def test_a_server_that_drips_is_left_after_the_total_time(server, store, leap_seconds):
    server.shelf["/leap"] = (200, {}, leap_seconds)
    with pytest.raises(StorageError, match="too slow"):
        fetch_data_set("leap-seconds", store=store, url=server.address + "/leap", total_timeout_s=-1.0)
    assert kept(store) == []


@pytest.mark.parametrize(
    "url",
    ["http://data.example/x", "ftp://data.example/x", "file:///etc/passwd", "https://", "Leap_Second.dat"],
)
def test_only_https_is_accepted(store, url):
    with pytest.raises(InputError, match="https only"):
        fetch_data_set("leap-seconds", store=store, url=url)
    assert not store.exists()


def test_a_certificate_that_nobody_vouches_for_is_refused(server, store, monkeypatch):
    """Plain http spoken on an https address fails in the handshake; verification is on by default."""
    assert ssl.create_default_context().verify_mode == ssl.CERT_REQUIRED
    with pytest.raises(StorageError, match="does not answer"):
        fetch_data_set("leap-seconds", store=store, url=server.address.replace("http", "https") + "/leap")


def test_an_unknown_data_set_and_an_unwritable_store_are_refused(server, tmp_path, leap_seconds):
    with pytest.raises(UnknownNameError):
        fetch_data_set("leapseconds2", store=tmp_path)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="cannot be written"):
        fetch_data_set("leap-seconds", store=tmp_path / "file", url=server.address + "/leap")


@pytest.mark.slow
def test_only_one_module_opens_connections_and_it_is_loaded_only_to_fetch():
    source = Path(syzygy.__file__).parent
    network = ("urllib.request", "http.client", "import socket", "import ssl", "import requests", "httpx")
    users = [p.name for p in source.rglob("*.py") if any(word in p.read_text() for word in network)]
    assert users == ["transport.py"]
    script = "import sys, syzygy.data; print([m for m in ('urllib.request', 'ssl') if m in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"
