"""The doubles of an ephemeris file, mapped into memory and identified by the hash of the file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from syzygy.base.errors import IntegrityError, StorageError
from syzygy.base.hashing import sha256_file

_WORD_BYTES = 8


@dataclass(frozen=True)
class CoefficientStore:
    """A file seen as an array of doubles.

    The bytes are mapped, not read: several processes share one copy.  When the record is unpickled elsewhere
    the file is opened again, and must have the same size and modification time, or else the same hash.

    Attributes
    ----------
    path : Path
        Where the file lies here; not part of the identity.
    sha256 : str
        Hash of the whole file.
    big_endian : bool
        Byte order of the doubles; foreign ones are converted once into memory.
    words : array (w,), float64
        The file from its first byte, whole doubles only.
    """

    path: Path = field(compare=False)
    sha256: str
    big_endian: bool = False
    words: NDArray[np.float64] = field(init=False, repr=False, compare=False)
    _stamp: tuple[int, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_stamp", _stamp(self.path))
        object.__setattr__(self, "words", _map(self.path, self.big_endian))

    def __reduce__(self) -> tuple[object, ...]:
        """Travel as path and hash."""
        return (_reopen, (str(self.path), self.sha256, self.big_endian, self._stamp))


def open_store(path: Path, *, sha256: str = "", big_endian: bool = False) -> CoefficientStore:
    """Map a file; its hash is computed unless the caller knows it already.

    Raises
    ------
    StorageError
        The file is missing, a directory or unreadable.
    """
    _stamp(path)
    return CoefficientStore(path, sha256 or sha256_file(path), big_endian)


def _reopen(path: str, sha256: str, big_endian: bool, stamp: tuple[int, int]) -> CoefficientStore:
    place = Path(path)
    if _stamp(place) != stamp and sha256_file(place) != sha256:
        raise IntegrityError(
            "an ephemeris file has changed",
            value=f"{stamp[0]} bytes when it was opened, another content now",
            allowed=f"SHA-256 {sha256[:16]}...",
            where=path,
            hint="restore the file, or build the almanac again",
        )
    return CoefficientStore(place, sha256, big_endian)


def _stamp(path: Path) -> tuple[int, int]:
    if path.is_dir():
        raise StorageError("a directory stands where an ephemeris file is due", value=path, allowed="a file")
    try:
        status = path.stat()
    except OSError as error:
        raise StorageError(
            "the ephemeris file cannot be opened",
            value=path,
            allowed="a readable file",
            hint="every worker machine needs the same data set at the same path",
        ) from error
    return status.st_size, status.st_mtime_ns


def _map(path: Path, big_endian: bool) -> NDArray[np.float64]:
    count = path.stat().st_size // _WORD_BYTES
    if count == 0:
        raise StorageError("the ephemeris file is empty", value=path, allowed="a file with coefficients")
    order = ">f8" if big_endian else "<f8"
    try:
        mapped = np.memmap(path, dtype=order, mode="r", shape=(count,))
    except OSError as error:
        raise StorageError(
            f"the ephemeris file cannot be mapped ({error.strerror})", value=path, allowed="a readable file"
        ) from error
    words = np.asarray(mapped) if np.dtype(order).isnative else np.asarray(mapped).astype(np.float64)
    words.setflags(write=False)
    return words
