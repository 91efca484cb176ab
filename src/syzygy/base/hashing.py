"""Hashes of bytes and of our own records: one canonical text, SHA-256, lower-case hexadecimal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

_BLOCK = 1 << 20


def sha256_bytes(content: bytes) -> str:
    """Return the SHA-256 of bytes, 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def sha256_file(path: Path) -> str:
    """Return the SHA-256 of a file, read in blocks of 1 MiB."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def canonical_json(value: object) -> str:
    """Return JSON with sorted keys, no blanks, shortest round-trip numbers, no NaN.

    The text is the identity of a record: two equal records give equal text on every machine.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def sha256_record(value: Mapping[str, object]) -> str:
    """Return the SHA-256 of the canonical JSON of a record."""
    return sha256_bytes(canonical_json(value).encode())
