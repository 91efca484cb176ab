"""What a result was computed from: inputs, Almanac, request and code, each by hash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from syzygy.base.errors import IntegrityError
from syzygy.base.hashing import sha256_bytes, sha256_record
from syzygy.base.storage import read_bytes


@dataclass(frozen=True)
class InputFile:
    """A user's input file, identified by its content; the path is where it lies here and now.

    Attributes
    ----------
    name : str
        The file name that travels with the result.
    sha256 : str
        Hash of the content.
    size : int
        Bytes.
    path : Path
        Not part of the identity.
    """

    name: str
    sha256: str
    size: int
    path: Path = field(compare=False)

    def read(self) -> bytes:
        """Return the content.

        Raises
        ------
        IntegrityError
            The file has changed since it was bound.
        """
        content = read_bytes(self.path)
        if sha256_bytes(content) != self.sha256:
            raise IntegrityError(
                "an input file has changed",
                value=sha256_bytes(content)[:16],
                allowed=self.sha256[:16],
                where=str(self.path),
                hint="restore the file, or run the study again on the new one",
            )
        return content


def bind_input(path: Path, name: str | None = None) -> InputFile:
    """Hash a file and return it as an input.

    Raises
    ------
    StorageError
        The file is missing, a directory or unreadable.
    """
    content = read_bytes(path)
    return InputFile(name or path.name, sha256_bytes(content), len(content), path)


@dataclass(frozen=True)
class Provenance:
    """The full recipe of a result.

    Attributes
    ----------
    study : str
        E.g. ``debris.screening``.
    request : mapping
        The request as canonical values (`syzygy.base.requests.describe_request`).
    inputs : tuple of InputFile
        Every file that was read.
    almanac_sha256 : str
        Hash of the Almanac; empty when none was used.
    code_version : str
        Version of Syzygy.
    models : mapping
        Name of each model with its version or source.
    """

    study: str
    request: Mapping[str, object]
    inputs: tuple[InputFile, ...]
    almanac_sha256: str
    code_version: str
    models: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def as_mapping(self) -> dict[str, object]:
        """Return plain values for JSON, without any path."""
        return {
            "study": self.study,
            "request": dict(self.request),
            "inputs": [{"name": i.name, "sha256": i.sha256, "size": i.size} for i in self.inputs],
            "almanac_sha256": self.almanac_sha256,
            "code_version": self.code_version,
            "models": dict(self.models),
        }

    @property
    def sha256(self) -> str:
        """Hash of the recipe: the key of the cache."""
        return sha256_record(self.as_mapping())
