"""The directory of a run: inputs by hash, one folder per product, one folder per partner.

``inputs/<sha256>/<name>``, ``products/<study>/...``, ``partners/<partner>/from-<owner>/<study>/...``,
``run.json`` and ``report.html``.  Folders appear whole or not at all.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from syzygy.base.errors import MissingDataError, StorageError
from syzygy.base.hashing import sha256_file
from syzygy.base.provenance import InputFile
from syzygy.base.storage import explain_failure, write_bytes
from syzygy.studies.run_record import RUN_NAME

REPORT_NAME = "report.html"
LOCK_NAME = ".run-lock"
_PARTIAL, _OLD = ".partial-", ".old-"
_ENTRIES = frozenset({"inputs", "products", "partners", RUN_NAME, REPORT_NAME, LOCK_NAME})


@dataclass(frozen=True)
class Workspace:
    """The directory of one run.

    Attributes
    ----------
    root : Path
        The directory.
    inputs_place : Path or None
        Where inputs are kept by hash, when that is not ``inputs`` in the directory.
    """

    root: Path
    inputs_place: Path | None = None

    @property
    def inputs(self) -> Path:
        """Where input files are kept by hash."""
        return self.inputs_place or self.root / "inputs"

    @property
    def products(self) -> Path:
        """Where all products lie."""
        return self.root / "products"

    @property
    def partners(self) -> Path:
        """Where the folders of all partners lie."""
        return self.root / "partners"

    def product(self, study: str) -> Path:
        """Where the product of a study lies."""
        return self.products / study

    def partner(self, partner: str) -> Path:
        """Where everything lies that a partner may have."""
        return self.partners / partner

    @contextmanager
    def occupied(self) -> Iterator[None]:
        """Make the directory, hold it against a second run, and sweep away what an interrupted run left.

        Raises
        ------
        StorageError
            A file stands in the way, the place is not writable or holds other things, or another run is
            using it.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(
                "the output directory cannot be made",
                value=self.root,
                allowed="a directory, or a place where one can be made",
                hint="choose another --out",
            ) from error
        self._refuse_strangers()
        try:
            lock = (self.root / LOCK_NAME).open("ab")
        except OSError as error:
            raise explain_failure(error, self.root) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise StorageError(
                    "another run is using this directory",
                    value=self.root,
                    allowed="one run at a time",
                    hint="wait until it has finished, or choose another --out",
                ) from error
            self._sweep()
            yield

    def _refuse_strangers(self) -> None:
        """Refuse a directory that was not a run's before: a run removes what it no longer needs."""
        found = sorted(entry.name for entry in self.root.iterdir())
        odd = [name for name in found if name not in _ENTRIES and not name.startswith((_PARTIAL, _OLD))]
        if odd and not {LOCK_NAME, RUN_NAME} & set(found):
            raise StorageError(
                "the output directory holds other things",
                value=", ".join(odd[:5]),
                allowed="a new or empty directory, or one of an earlier run",
                where=str(self.root),
                hint="choose another --out",
            )

    def _sweep(self) -> None:
        """Put back what was moved aside and not replaced; remove what was half-written."""
        for pattern in ("", "products/", "partners/*/", "inputs/*/"):
            for old in self.root.glob(f"{pattern}{_OLD}*"):
                place = old.with_name(old.name.removeprefix(_OLD).rpartition("-")[0])
                if place.exists():
                    _remove(old)
                else:
                    old.rename(place)
            for rest in self.root.glob(f"{pattern}{_PARTIAL}*"):
                _remove(rest)

    def keep_input(self, file: InputFile) -> None:
        """Copy an input file to its place by hash, unless it lies there unaltered."""
        place = self.inputs / file.sha256 / file.name
        if not place.is_file() or place.stat().st_size != file.size or sha256_file(place) != file.sha256:
            write_bytes(place, file.read())

    def find_input(self, name: str, sha256: str) -> InputFile:
        """Return a kept input after checking its hash.

        Raises
        ------
        MissingDataError
            The input is not kept here.
        StorageError
            The kept file was altered.
        """
        place = self.inputs / sha256 / name
        if Path(name).name != name or not _is_hash(sha256) or not place.is_file():
            raise MissingDataError(
                f"the input {name} is not here",
                value=sha256[:12],
                allowed="an input with this hash",
                where=str(self.inputs),
                hint="put the file there, or name its directory with --inputs",
            )
        found = sha256_file(place)
        if found != sha256:
            raise StorageError(
                f"the input {name} was altered",
                value=f"hash {found[:12]}",
                allowed=sha256[:12],
                where=str(place),
                hint="restore the file",
            )
        return InputFile(name, sha256, place.stat().st_size, place)

    def find_by_hash(self, sha256: str) -> Path | None:
        """Return the kept file with this hash whatever its name; None when there is none."""
        place = self.inputs / sha256
        kept = sorted(place.iterdir()) if _is_hash(sha256) and place.is_dir() else []
        return next((path for path in kept if path.is_file() and sha256_file(path) == sha256), None)


def replace_directory(place: Path, files: Mapping[str, bytes]) -> None:
    """Put a directory with exactly these files in place; the old one stays until the new one is whole.

    Raises
    ------
    StorageError
        Disk full or not writable; the old directory is unchanged.
    """
    fresh = place.parent / f"{_PARTIAL}{secrets.token_hex(8)}"
    old = place.parent / f"{_OLD}{place.name}-{os.getpid()}"
    try:
        # both names are known before anything is there: an interrupt at any moment finds what to remove
        _make_directory(fresh, place)
        for name, content in files.items():
            write_bytes(fresh / name, content)
        fresh.chmod(0o755)
        if place.exists():
            place.rename(old)
        fresh.rename(place)
        shutil.rmtree(old, ignore_errors=True)
    except BaseException:
        if old.exists() and not place.exists():
            old.rename(place)
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
        raise


def _make_directory(fresh: Path, place: Path) -> None:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        fresh.mkdir(mode=0o700)
    except OSError as error:
        raise StorageError("the place is not writable", value=place, hint="choose another --out") from error


def _is_hash(text: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{64}", text) is not None


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def read_directory(place: Path) -> dict[str, bytes]:
    """Return all files of a product directory by relative path."""
    return {
        path.relative_to(place).as_posix(): path.read_bytes()
        for path in sorted(place.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }
