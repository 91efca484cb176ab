"""Reading and writing files so that nothing is ever half-written and every failure is explained."""

from __future__ import annotations

import errno
import os
import secrets
from contextlib import suppress
from pathlib import Path

from syzygy.base.errors import StorageError

MAX_INPUT_BYTES = 4 << 30


def read_bytes(path: Path, *, limit: int = MAX_INPUT_BYTES) -> bytes:
    """Read a whole file.

    Raises
    ------
    StorageError
        The path is missing, a directory, unreadable, or larger than `limit` bytes.
    """
    if path.is_dir():
        raise StorageError("a directory stands where a file is due", value=path, allowed="a file")
    try:
        size = path.stat().st_size
        if size > limit:
            raise StorageError(
                "the file is too large", value=f"{size} bytes", allowed=f"{limit} bytes", where=str(path)
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        raise StorageError(
            "the file does not exist", value=path, allowed="an existing file", hint="check the path"
        ) from error
    except PermissionError as error:
        raise StorageError(
            "the file cannot be read", value=path, allowed="a readable file", hint="check its permissions"
        ) from error


def write_bytes(path: Path, content: bytes) -> None:
    """Write a whole file atomically: a temporary neighbour, fsync, rename.

    Raises
    ------
    StorageError
        Disk full, no permission, or a directory in the way. The old file, if any, is unchanged.
    """
    if path.is_dir():
        raise StorageError("a directory stands where a file is due", value=path, allowed="a file path")
    partial = path.parent / f".partial-{secrets.token_hex(8)}"
    try:
        # the name is ours before the file is there: an interrupt at any moment finds what to remove
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        partial.chmod(0o644)
        partial.replace(path)
    except BaseException as error:
        _discard(partial)
        if isinstance(error, OSError):
            raise explain_failure(error, path) from error
        raise


def _discard(path: Path) -> None:
    """Remove a file if it is there; where that fails, the failure that led here is the one to tell."""
    with suppress(OSError):
        path.unlink(missing_ok=True)


def explain_failure(error: OSError, path: Path) -> StorageError:
    """Turn the operating system's refusal to write into an error in five parts."""
    reasons = {
        errno.EFBIG: (
            "the file grows beyond what the system allows",
            "raise the limit or choose another disk",
        ),
        errno.EDQUOT: ("the quota of the disk is used up", "free some space, then run again"),
        errno.ENOSPC: ("the disk is full", "free some space, then run again: finished products are kept"),
        errno.EACCES: ("the place is not writable", "choose another --out or change its permissions"),
        errno.EROFS: ("the file system is read-only", "choose another --out"),
        errno.ENOTDIR: ("a file stands where a directory is due", "choose another --out"),
        errno.EEXIST: ("a file stands where a directory is due", "choose another --out"),
    }
    what, hint = reasons.get(
        error.errno or 0, (f"the file cannot be written ({error.strerror})", "check the path")
    )
    return StorageError(what, value=path, allowed="a writable place", hint=hint)
