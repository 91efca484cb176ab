"""The directory of a run: inputs by hash, one folder per product, one folder per partner.

``inputs/<sha256>/<name>``, ``products/<study>/...``, ``partners/<partner>/from-<owner>/<study>/...``,
``run.json`` and ``report.html``.  Folders appear whole or not at all.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from syzygy.base.errors import MissingDataError, StorageError
from syzygy.base.hashing import sha256_file
from syzygy.base.provenance import InputFile
from syzygy.base.storage import write_bytes

RUN_NAME = "run.json"
REPORT_NAME = "report.html"


@dataclass(frozen=True)
class Workspace:
    """The directory of one run."""

    root: Path

    @property
    def inputs(self) -> Path:
        """Where input files are kept by hash."""
        return self.root / "inputs"

    def product(self, study: str) -> Path:
        """Where the product of a study lies."""
        return self.root / "products" / study

    def partner(self, partner: str) -> Path:
        """Where everything lies that a partner may have."""
        return self.root / "partners" / partner

    def prepare(self) -> None:
        """Make the directory and remove what an interrupted run left behind.

        Raises
        ------
        StorageError
            A file stands in the way, or the place is not writable.
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
        for rest in (*self.root.glob("**/.partial-*"), *self.root.glob("**/.old-*")):
            if rest.is_dir():
                shutil.rmtree(rest, ignore_errors=True)
            else:
                rest.unlink(missing_ok=True)

    def keep_input(self, file: InputFile) -> None:
        """Copy an input file to its place by hash."""
        place = self.inputs / file.sha256 / file.name
        if not place.is_file() or place.stat().st_size != file.size:
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
        if Path(name).name != name or not place.is_file():
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


def replace_directory(place: Path, files: Mapping[str, bytes]) -> None:
    """Put a directory with exactly these files in place; the old one stays until the new one is whole.

    Raises
    ------
    StorageError
        Disk full or not writable; the old directory is unchanged.
    """
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=".partial-", dir=place.parent))
    except OSError as error:
        raise StorageError("the place is not writable", value=place, hint="choose another --out") from error
    try:
        for name, content in files.items():
            write_bytes(fresh / name, content)
        fresh.chmod(0o755)
        old = place.parent / f".old-{place.name}-{os.getpid()}"
        if place.exists():
            place.rename(old)
        fresh.rename(place)
        shutil.rmtree(old, ignore_errors=True)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def read_directory(place: Path) -> dict[str, bytes]:
    """Return all files of a product directory by relative path."""
    return {
        path.relative_to(place).as_posix(): path.read_bytes()
        for path in sorted(place.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }
