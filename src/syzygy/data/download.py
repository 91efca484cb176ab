"""The only network code of the product: fetch one data set of the catalogue because somebody asked."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from http.client import HTTPException, HTTPMessage, HTTPResponse
from pathlib import Path
from typing import IO

from syzygy.base.errors import InputError, IntegrityError, StorageError, SyzygyError
from syzygy.base.progress import SILENT, Progress
from syzygy.data.assembly import read_data_set
from syzygy.data.catalogue import DataSet, find_data_set
from syzygy.data.store import FoundDataSet, store_directory

_BLOCK = 1 << 18
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


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
    data_set = find_data_set(name)
    source = url or data_set.url
    _require_secure(source)
    place = store or store_directory()
    partial = _reserve(place)
    try:
        digest, size = _receive(source, partial, data_set, timeout_s, total_timeout_s, progress)
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


class _SecureRedirects(urllib.request.HTTPRedirectHandler):
    """Follow redirects only to addresses that would have been allowed at first."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Check the new address."""
        try:
            _require_secure(newurl)
        except InputError:
            fp.close()
            raise
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _require_secure(url: str) -> None:
    parts = urllib.parse.urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and parts.hostname in _LOOPBACK:
        return
    raise InputError(
        "a data set is fetched over https only",
        value=url or "no address",
        allowed="https://..., or http on this machine (127.0.0.1)",
        where="url",
    )


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


def _receive(
    url: str,
    partial: Path,
    data_set: DataSet,
    timeout_s: float,
    total_timeout_s: float,
    progress: Progress,
) -> tuple[str, int]:
    """Stream the answer to a file; return its hash and size."""
    local = urllib.parse.urlsplit(url).hostname in _LOOPBACK
    handlers: list[urllib.request.BaseHandler] = [_SecureRedirects()]
    if local:
        handlers.append(urllib.request.ProxyHandler({}))
    opener = urllib.request.build_opener(*handlers)
    request = urllib.request.Request(url, headers={"User-Agent": "syzygy"})  # noqa: S310
    digest = hashlib.sha256()
    size = 0
    deadline = time.monotonic() + total_timeout_s
    try:
        with opener.open(request, timeout=timeout_s) as answer, partial.open("wb") as stream:
            announced = _announced_size(answer, data_set, url)
            progress.start(f"fetch {data_set.name}", announced or data_set.max_bytes)
            while block := answer.read(_BLOCK):
                size += len(block)
                if size > data_set.max_bytes:
                    raise _too_large(data_set, size, url)
                if time.monotonic() > deadline:
                    raise StorageError(
                        "the source is too slow",
                        value=f"{size} bytes in {total_timeout_s:g} s",
                        allowed=f"the whole file in {total_timeout_s:g} s",
                        where=url,
                        hint="try again later; nothing was stored",
                    )
                digest.update(block)
                stream.write(block)
                progress.advance(len(block))
            stream.flush()
            os.fsync(stream.fileno())
    except SyzygyError:
        raise
    except (OSError, HTTPException) as error:
        raise _no_answer(error, url) from error
    if announced and size != announced:
        raise StorageError(
            "the source broke off",
            value=f"{size} bytes",
            allowed=f"{announced} bytes as announced",
            where=url,
            hint="try again later; nothing was stored",
        )
    return digest.hexdigest(), size


def _announced_size(answer: HTTPResponse, data_set: DataSet, url: str) -> int:
    text = answer.headers.get("Content-Length") or "0"
    size = int(text) if text.isascii() and text.isdecimal() else 0
    if size > data_set.max_bytes:
        raise _too_large(data_set, size, url)
    return size


def _too_large(data_set: DataSet, size: int, url: str) -> StorageError:
    return StorageError(
        f"the source sends too much for {data_set.name}",
        value=f"{size} bytes or more",
        allowed=f"{data_set.max_bytes} bytes",
        where=url,
        hint="check the address; nothing was stored",
    )


def _no_answer(error: Exception, url: str) -> StorageError:
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        reason = f"HTTP {error.code} {error.reason}"
    elif isinstance(error, urllib.error.URLError):
        reason = str(error.reason)
    else:
        reason = str(error) or type(error).__name__
    return StorageError(
        "the source does not answer as it should",
        value=reason,
        allowed="an answer with the file",
        where=url,
        hint="check the connection and the address; nothing was stored, the older file is kept",
    )
