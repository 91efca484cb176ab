"""The only network code of the product: one answer of one server, streamed to a file within limits."""

from __future__ import annotations

import hashlib
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage, HTTPResponse
from pathlib import Path
from typing import IO

from syzygy.base.errors import InputError, StorageError, SyzygyError
from syzygy.base.progress import Progress

_BLOCK = 1 << 18
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Limits:
    """What is being fetched, and how much and how long at most.

    Attributes
    ----------
    name : str
        For messages and progress.
    max_bytes : int
        Largest answer.
    silence_s, total_s : float
        Longest silence of the server, and longest time in all.
    """

    name: str
    max_bytes: int
    silence_s: float
    total_s: float


def require_secure(url: str) -> None:
    """Refuse an address that is neither https nor on this machine.

    Raises
    ------
    InputError
        Another scheme, or no host.
    """
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


def receive(url: str, partial: Path, limits: Limits, progress: Progress) -> tuple[str, int]:
    """Stream the answer to a file; return its SHA-256 and its size.

    Raises
    ------
    StorageError
        No answer, a broken or a slow one, or too much.
    InputError
        A redirect to an address that is not allowed.
    """
    local = urllib.parse.urlsplit(url).hostname in _LOOPBACK
    handlers: list[urllib.request.BaseHandler] = [_SecureRedirects()]
    if local:
        handlers.append(urllib.request.ProxyHandler({}))
    opener = urllib.request.build_opener(*handlers)
    request = urllib.request.Request(url, headers={"User-Agent": "syzygy"})  # noqa: S310
    digest = hashlib.sha256()
    size = 0
    deadline = time.monotonic() + limits.total_s
    try:
        with opener.open(request, timeout=limits.silence_s) as answer, partial.open("wb") as stream:
            announced = _announced_size(answer, limits, url)
            progress.start(f"fetch {limits.name}", announced or limits.max_bytes)
            while block := answer.read(_BLOCK):
                size += len(block)
                if size > limits.max_bytes:
                    raise _too_large(limits, size, url)
                if time.monotonic() > deadline:
                    raise StorageError(
                        "the source is too slow",
                        value=f"{size} bytes in {limits.total_s:g} s",
                        allowed=f"the whole file in {limits.total_s:g} s",
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
            require_secure(newurl)
        except InputError:
            fp.close()
            raise
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _announced_size(answer: HTTPResponse, limits: Limits, url: str) -> int:
    text = answer.headers.get("Content-Length") or "0"
    size = int(text) if text.isascii() and text.isdecimal() else 0
    if size > limits.max_bytes:
        raise _too_large(limits, size, url)
    return size


def _too_large(limits: Limits, size: int, url: str) -> StorageError:
    return StorageError(
        f"the source sends too much for {limits.name}",
        value=f"{size} bytes or more",
        allowed=f"{limits.max_bytes} bytes",
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
