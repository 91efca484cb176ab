"""Fetching one data set of the catalogue because somebody asked: adopted whole and checked, or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from syzygy.base.errors import IntegrityError, StorageError, SyzygyError
from syzygy.base.progress import SILENT, Progress
from syzygy.data.assembly import read_data_set
from syzygy.data.catalogue import find_data_set
from syzygy.data.store import FoundDataSet, store_directory


def fetch_data_set(
    name: str,
    *,
    store: Path | None = None,
    url: str = "",
    timeout_s: float = 30.0,
    total_timeout_s: float = 1800.0,
    progress: Progress = SILENT,
) -> FoundDataSet:
    """Fetch a data set from its public source into the local store.

    The file is adopted only when it arrived whole, is no larger than the catalogue allows, has the hash the
    catalogue names (where the data set never changes) and can be read as its format; otherwise the store is
    left as it was.

    Parameters
    ----------
    name : str
        A data set of the catalogue.
    store : Path, optional
        The local store; by default `store_directory()`.
    url : str, optional
        Another source, e.g. a mirror: https, or plain http on this machine.
    timeout_s, total_timeout_s : float
        Longest silence of the server, and longest time in all.
    progress : Progress
        Told about arrived bytes.

    Raises
    ------
    UnknownNameError
        The catalogue has no such data set.
    InputError
        The address is not https.
    StorageError
        The source does not answer, breaks off or sends too much; the store cannot be written.
    IntegrityError
        The hash is not the one of the catalogue.
    FormatError
        What arrived is not a file of that format.
    """
    from syzygy.data.transport import Limits, receive, require_secure

    data_set = find_data_set(name)
    source = url or data_set.url
    require_secure(source)
    place = store or store_directory()
    partial = _reserve(place)
    limits = Limits(data_set.name, data_set.max_bytes, timeout_s, total_timeout_s)
    try:
        digest, size = receive(source, partial, limits, progress)
        if data_set.sha256 and digest != data_set.sha256:
            raise IntegrityError(
                f"the fetched file is not {data_set.name}",
                value=f"SHA-256 {digest}",
                allowed=f"SHA-256 {data_set.sha256}",
                where=source,
                hint="try again later, or another mirror; nothing was stored",
            )
        read_data_set(FoundDataSet(data_set, partial, "local store", "as fetched", size, digest))
        final = place / data_set.file_name
        partial.chmod(0o644)
        partial.replace(final)
    except SyzygyError as error:
        error.where = f"{source}: {error.where}" if error.where and source not in error.where else source
        raise
    finally:
        partial.unlink(missing_ok=True)
    return FoundDataSet(data_set, final, "local store", "as fetched", size, digest)


def _reserve(place: Path) -> Path:
    try:
        place.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".partial-", dir=place)
    except OSError as error:
        raise StorageError(
            f"the local store cannot be written ({error.strerror})",
            value=place,
            allowed="a writable directory",
            hint="set SYZYGY_DATA to another directory",
        ) from error
    os.close(handle)
    return Path(name)
