"""Manifests: which files belong to a product or a release, by hash, signed by their owner."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from syzygy.base.errors import FormatError, StorageError
from syzygy.base.hashing import sha256_bytes, sha256_file
from syzygy.exchange.envelope import OpenedStatement, open_statement, seal_statement
from syzygy.exchange.keys import PublicKey, SigningKey

MANIFEST_NAME = "manifest.dsse.json"
MAX_MANIFEST_BYTES = 16 << 20
MAX_DEPTH = 32
TOO_DEEP = "is nested too deeply"
_TYPE = "syzygy-manifest/1"


@dataclass(frozen=True)
class Manifest:
    """An opened manifest.

    Attributes
    ----------
    files : mapping
        Relative path to SHA-256.
    sizes : mapping
        Relative path to bytes, so that a file that grew is refused before it is read.
    about : mapping
        Programme, study, owner, recipient, recipe: what the signer states.
    signer : str or None
        The trusted partner who signed, None when the key is unknown here.
    key_id : str
        The key that was used.
    """

    files: Mapping[str, str]
    sizes: Mapping[str, int]
    about: Mapping[str, object]
    signer: str | None
    key_id: str


@dataclass(frozen=True)
class FileFault:
    """A file that is not as its manifest says."""

    path: str
    what: str


def seal_manifest(files: Mapping[str, bytes], about: Mapping[str, object], key: SigningKey) -> bytes:
    """Return a signed manifest of files given by relative path."""
    subject = [
        {"name": name, "sha256": sha256_bytes(content), "size": len(content)}
        for name, content in sorted(files.items())
    ]
    return seal_statement({"type": _TYPE, "subject": subject, "about": dict(about)}, key)


def open_manifest(content: bytes, trusted: Sequence[PublicKey], *, where: str) -> Manifest:
    """Check the signature of a manifest and return it.

    Raises
    ------
    FormatError
        Not a manifest, or a path that leaves its directory.
    IntegrityError
        Altered after signing.
    """
    opened = open_statement(content, trusted, where=where)
    if opened.statement.get("type") != _TYPE:
        raise FormatError("not a manifest", value=opened.statement.get("type"), allowed=_TYPE, where=where)
    about = opened.statement.get("about")
    if not isinstance(about, dict):
        raise FormatError("a manifest without a statement", allowed="about = {...}", where=where)
    files, sizes = _files(opened, where)
    return Manifest(files, sizes, about, opened.signer, opened.key_id)


def check_files(directory: Path, manifest: Manifest) -> tuple[FileFault, ...]:
    """Return every entry that is missing, altered, a link, no plain file, or not named by the manifest."""
    faults = []
    for name, expected in manifest.files.items():
        path = directory / name
        if path.is_symlink():
            faults.append(FileFault(name, "is a link"))
        elif not path.is_file():
            faults.append(FileFault(name, "is missing"))
        elif (size := path.stat().st_size) != manifest.sizes[name]:
            faults.append(FileFault(name, f"was altered: {size} bytes, signed {manifest.sizes[name]}"))
        elif (found := sha256_file(path)) != expected:
            faults.append(FileFault(name, f"was altered: hash {found[:12]}, signed {expected[:12]}"))
    known = {*manifest.files, MANIFEST_NAME}
    for name, what in walk_tree(directory):
        if what == TOO_DEEP or name not in known:
            faults.append(FileFault(name, what if what == TOO_DEEP else "is not named by the manifest"))
    return tuple(faults)


def walk_tree(directory: Path) -> Iterator[tuple[str, str]]:
    """Yield (relative path, what it is) of everything but directories, in order; links are never followed.

    What it is: ``file``, ``link``, ``special`` (pipe, socket, device), or `TOO_DEEP` for a directory below
    32 levels, which is not entered.
    """
    waiting: list[tuple[str, int]] = [("", 0)]
    while waiting:
        prefix, depth = waiting.pop()
        with os.scandir(directory / prefix) as listed:
            entries = sorted(listed, key=lambda entry: entry.name)
        below = []
        for entry in entries:
            name = f"{prefix}{entry.name}"
            if entry.is_symlink():
                yield name, "link"
            elif entry.is_dir(follow_symlinks=False):
                if depth >= MAX_DEPTH:
                    yield name, TOO_DEEP
                else:
                    below.append((f"{name}/", depth + 1))
            else:
                yield name, "file" if entry.is_file(follow_symlinks=False) else "special"
        waiting.extend(reversed(below))


def read_manifest_file(directory: Path) -> bytes:
    """Return the bytes of the manifest in a directory.

    Raises
    ------
    StorageError
        There is none, or it is too large.
    """
    path = directory / MANIFEST_NAME
    if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_MANIFEST_BYTES:
        raise StorageError(
            "there is no manifest",
            value=path,
            allowed=f"a signed {MANIFEST_NAME}",
            hint="run the study again",
        )
    return path.read_bytes()


def _files(opened: OpenedStatement, where: str) -> tuple[dict[str, str], dict[str, int]]:
    subject = opened.statement.get("subject")
    files: dict[str, str] = {}
    sizes: dict[str, int] = {}
    for entry in subject if isinstance(subject, list) else ():
        known = entry if isinstance(entry, dict) else {}
        name, digest, size = (known.get(key) for key in ("name", "sha256", "size"))
        if (
            not isinstance(name, str)
            or not _is_inside(name)
            or name in files
            or not isinstance(digest, str)
            or not re.fullmatch(r"[0-9a-f]{64}", digest)
            or type(size) is not int
            or size < 0
        ):
            raise FormatError(
                "a manifest entry is not allowed",
                value=str(name)[:80],
                allowed="a relative path, once, with a SHA-256 and a size",
                where=where,
                hint="do not use this bundle",
            )
        files[name] = digest
        sizes[name] = size
    if not files:
        raise FormatError("the manifest names no file", allowed="at least one file", where=where)
    return files, sizes


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(
        name
        and "\\" not in name
        and "\0" not in name
        and not path.is_absolute()
        and ".." not in path.parts
        and path.as_posix() == name
        and path.name != MANIFEST_NAME
    )
