"""Keys, envelopes and manifests: published vectors, and every way to tamper."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syzygy.base.errors import FormatError, IntegrityError, StorageError, SyzygyError
from syzygy.exchange.envelope import open_statement, pre_authentication, seal_statement
from syzygy.exchange.keys import PublicKey, SigningKey, create_key, load_signing_key, load_trusted_keys
from syzygy.exchange.manifest import MANIFEST_NAME, check_files, open_manifest, seal_manifest
from syzygy.exchange.strict_json import read_json

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "exchange" / "signing_vectors.json").read_text())


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    create_key(tmp_path, "alpha")
    return load_signing_key(tmp_path, "alpha")


@pytest.mark.parametrize("vector", VECTORS["ed25519"])
def test_published_signatures_verify_and_altered_ones_do_not(vector: dict[str, str]) -> None:
    public = PublicKey("rfc", bytes.fromhex(vector["pk"]))
    message, signature = bytes.fromhex(vector["msg"]), bytes.fromhex(vector["sig"])
    assert public.verify(signature, message)
    assert not public.verify(signature, message + b"\0")
    assert not public.verify(bytes([signature[0] ^ 1]) + signature[1:], message)


def test_all_published_vectors_are_judged_rightly(record_accuracy: Callable[..., None]) -> None:
    """Count the wrong verdicts; the tests beside this one name the vector."""
    wrong, judged = 0, 0
    for vector in VECTORS["ed25519"]:
        public = PublicKey("rfc", bytes.fromhex(vector["pk"]))
        message, signature = bytes.fromhex(vector["msg"]), bytes.fromhex(vector["sig"])
        wrong += not public.verify(signature, message)
        wrong += public.verify(bytes([signature[0] ^ 1]) + signature[1:], message)
        judged += 2
    record_accuracy("exchange", "Ed25519 verdicts", wrong, 0, "wrong", "RFC 8032, section 7.1", judged)
    encoded = [
        pre_authentication(v["payloadType"], v["payload"].encode()) == v["pae"].encode()
        for v in VECTORS["dsse"]
    ]
    encoded += [
        pre_authentication(v["type"], bytes.fromhex(v["body_hex"])).hex() == v["pae_hex"]
        for v in VECTORS["pae_derived"]
    ]
    wrong = encoded.count(False)
    record_accuracy("exchange", "DSSE encodings", wrong, 0, "wrong", "DSSE protocol 1.0", len(encoded))


@pytest.mark.parametrize("vector", VECTORS["dsse"])
def test_pre_authentication_encoding_is_the_published_one(vector: dict[str, str]) -> None:
    assert pre_authentication(vector["payloadType"], vector["payload"].encode()).decode() == vector["pae"]


@pytest.mark.parametrize("vector", VECTORS["pae_derived"])
def test_pre_authentication_counts_bytes_not_characters(vector: dict[str, str]) -> None:
    body = bytes.fromhex(vector["body_hex"])
    assert pre_authentication(vector["type"], body).hex() == vector["pae_hex"]


def test_a_statement_comes_back_with_its_signer(key: SigningKey) -> None:
    opened = open_statement(seal_statement({"a": [1, "x"]}, key), [key.public], where="test")
    assert opened.statement == {"a": [1, "x"]}
    assert opened.signer == "alpha"


def test_an_unknown_key_gives_a_statement_without_signer(key: SigningKey) -> None:
    assert open_statement(seal_statement({"a": 1}, key), [], where="test").signer is None


def test_every_altered_byte_of_a_payload_is_found(key: SigningKey) -> None:
    envelope = json.loads(seal_statement({"value": 7}, key))
    payload = base64.b64decode(envelope["payload"])
    for at in range(len(payload)):
        changed = payload[:at] + bytes([payload[at] ^ 1]) + payload[at + 1 :]
        altered = json.dumps({**envelope, "payload": base64.b64encode(changed).decode()}).encode()
        with pytest.raises(IntegrityError):
            open_statement(altered, [key.public], where="test")


def test_a_key_is_never_overwritten_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    create_key(tmp_path, "alpha")
    assert (tmp_path / "alpha.key").stat().st_mode & 0o077 == 0
    with pytest.raises(StorageError):
        create_key(tmp_path, "alpha")


def test_a_broken_public_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "beta.pub").write_text("not a key\n")
    with pytest.raises(IntegrityError):
        load_trusted_keys(tmp_path)


def _bundle(directory: Path, key: SigningKey) -> None:
    files = {"a.txt": b"one", "sub/b.txt": b"two"}
    for name, content in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_bytes(content)
    (directory / MANIFEST_NAME).write_bytes(seal_manifest(files, {"owner": "alpha"}, key))


def test_a_whole_bundle_has_no_fault(tmp_path: Path, key: SigningKey) -> None:
    place = tmp_path / "bundle"
    _bundle(place, key)
    manifest = open_manifest((place / MANIFEST_NAME).read_bytes(), [key.public], where="test")
    assert check_files(place, manifest) == ()


def test_each_kind_of_tampering_is_named(tmp_path: Path, key: SigningKey) -> None:
    place = tmp_path / "bundle"
    _bundle(place, key)
    manifest = open_manifest((place / MANIFEST_NAME).read_bytes(), [key.public], where="test")
    (place / "a.txt").write_bytes(b"onf")
    (place / "sub" / "b.txt").unlink()
    (place / "stranger.txt").write_bytes(b"?")
    (place / "link.txt").symlink_to(place / "a.txt")
    found = {fault.path: fault.what for fault in check_files(place, manifest)}
    assert found["a.txt"].startswith("was altered")
    assert found["sub/b.txt"] == "is missing"
    assert found["stranger.txt"] == "is not named by the manifest"
    assert found["link.txt"] == "is not named by the manifest"


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../up.txt", "a/../../b", "a//b", "", "a\\b", "./a", MANIFEST_NAME]
)
def test_a_manifest_may_not_name_paths_outside(name: str, key: SigningKey) -> None:
    sealed = seal_manifest({name: b""}, {}, key)
    with pytest.raises(FormatError):
        open_manifest(sealed, [key.public], where="test")


@pytest.mark.parametrize(
    "text",
    [
        b'{"a":1,"a":2}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b"[" * 40 + b"]" * 40,
        b"\xff\xfe",
        b"{",
        b'{"a":1}x',
    ],
)
def test_hostile_json_is_refused(text: bytes) -> None:
    with pytest.raises(FormatError):
        read_json(text, where="test")


@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_crash_the_opening(content: bytes) -> None:
    with pytest.raises(SyzygyError):
        open_manifest(content, [], where="test")
