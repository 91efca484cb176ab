"""Manifests: which files belong to a product or a release, by hash, signed by their owner."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from syzygy.base.errors import FormatError, StorageError
from syzygy.base.hashing import sha256_bytes, sha256_file
from syzygy.exchange.envelope import OpenedStatement, open_statement, seal_statement
from syzygy.exchange.keys import PublicKey, SigningKey

MANIFEST_NAME = "manifest.dsse.json"
MAX_MANIFEST_BYTES = 16 << 20
_TYPE = "syzygy-manifest/1"


@dataclass(frozen=True)
class Manifest:
    """An opened manifest.

    Attributes
    ----------
    files : mapping
        Relative path to SHA-256.
    about : mapping
        Programme, study, owner, recipient, recipe: what the signer states.
    signer : str or None
        The trusted partner who signed, None when the key is unknown here.
    key_id : str
        The key that was used.
    """

    files: Mapping[str, str]
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
    subject = [{"name": name, "sha256": sha256_bytes(content)} for name, content in sorted(files.items())]
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
    return Manifest(_files(opened, where), about, opened.signer, opened.key_id)


def check_files(directory: Path, manifest: Manifest) -> tuple[FileFault, ...]:
    """Return every file that is missing, altered, a link, or not named by the manifest."""
    faults = []
    for name, expected in manifest.files.items():
        path = directory / name
        if path.is_symlink():
            faults.append(FileFault(name, "is a link"))
        elif not path.is_file():
            faults.append(FileFault(name, "is missing"))
        elif (found := sha256_file(path)) != expected:
            faults.append(FileFault(name, f"was altered: hash {found[:12]}, signed {expected[:12]}"))
    known = {*manifest.files, MANIFEST_NAME}
    for path in sorted(directory.rglob("*")):
        name = path.relative_to(directory).as_posix()
        if (path.is_file() or path.is_symlink()) and name not in known:
            faults.append(FileFault(name, "is not named by the manifest"))
    return tuple(faults)


def read_manifest_file(directory: Path) -> bytes:
    """Return the bytes of the manifest in a directory.

    Raises
    ------
    StorageError
        There is none, or it is too large.
    """
    path = directory / MANIFEST_NAME
    if not path.is_file() or path.stat().st_size > MAX_MANIFEST_BYTES:
        raise StorageError(
            "there is no manifest",
            value=path,
            allowed=f"a signed {MANIFEST_NAME}",
            hint="run the study again",
        )
    return path.read_bytes()


def _files(opened: OpenedStatement, where: str) -> dict[str, str]:
    subject = opened.statement.get("subject")
    files: dict[str, str] = {}
    for entry in subject if isinstance(subject, list) else ():
        name, digest = (
            (str(entry.get(key)) for key in ("name", "sha256")) if isinstance(entry, dict) else ("", "")
        )
        if not _is_inside(name) or not re.fullmatch(r"[0-9a-f]{64}", digest) or name in files:
            raise FormatError(
                "a manifest entry is not allowed",
                value=name[:80],
                allowed="a relative path, once, with a SHA-256",
                where=where,
                hint="do not use this bundle",
            )
        files[name] = digest
    if not files:
        raise FormatError("the manifest names no file", allowed="at least one file", where=where)
    return files


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
