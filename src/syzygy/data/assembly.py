"""Building an Almanac from what is installed, stored or given; nothing here opens a connection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from syzygy.astro.almanac import Almanac, SourceRecord
from syzygy.base.errors import UnknownNameError
from syzygy.base.hashing import sha256_bytes
from syzygy.base.provenance import InputFile
from syzygy.base.storage import read_bytes
from syzygy.data.catalogue import PARTS, data_sets_for
from syzygy.data.store import FoundDataSet, locate_data_set, missing_data

DEFAULT_NEEDS = ("leap_seconds", "earth_orientation", "ephemeris", "space_weather")


@dataclass(frozen=True)
class _Read:
    """A part as read: the record, first and last valid day, and a remark."""

    record: Any
    valid_from: str = ""
    valid_to: str = ""
    note: str = ""


def build_almanac(
    needs: Sequence[str] = DEFAULT_NEEDS,
    *,
    predictions: bool = False,
    space_weather_file: InputFile | Path | None = None,
    store: Path | None = None,
) -> Almanac:
    """Build the Almanac with the parts that are needed.

    Parameters
    ----------
    needs : sequence of str
        Any of ``leap_seconds`` (always there), ``earth_orientation``, ``ephemeris``, ``space_weather``,
        ``moon_orientation``.
    predictions : bool
        Whether predicted Earth orientation, and leap seconds beyond the expiry of their table, may be used;
        otherwise such an epoch is an error.
    space_weather_file : InputFile or Path, optional
        A space weather file to use instead of the one in the store.
    store : Path, optional
        The local store; by default `store_directory()`.

    Returns
    -------
    Almanac
        With one source record per part.

    Raises
    ------
    UnknownNameError
        A need is no part of an Almanac.
    MissingDataError
        A data set is neither stored nor installed.
    FormatError
        A file does not follow its format.
    """
    unknown = [need for need in needs if need not in PARTS]
    if unknown:
        raise UnknownNameError(
            "unknown part of an almanac",
            value=", ".join(unknown),
            allowed=", ".join(PARTS),
            where="needs",
        )
    wanted = [part for part in PARTS if part == "leap_seconds" or part in needs]
    parts: dict[str, Any] = {}
    sources: list[SourceRecord] = []
    for part in wanted:
        found = _locate(part, space_weather_file, store)
        read = _READERS[part](found)
        parts[part] = read.record
        sources.append(_source(part, found, read))
    for part in ("leap_seconds", "earth_orientation"):
        if part in parts:
            parts[part] = replace(parts[part], allow_predicted=predictions)
    policies = (("predictions", "allowed" if predictions else "refused"),)
    return Almanac(**parts, sources=tuple(sources), policies=policies)


def read_data_set(found: FoundDataSet) -> object:
    """Read the file of a data set into its record, e.g. to check a file before it is adopted.

    Raises
    ------
    FormatError
        The file does not follow its format.
    """
    return _READERS[found.data_set.part](found).record


def _locate(part: str, space_weather_file: InputFile | Path | None, store: Path | None) -> FoundDataSet:
    choices = data_sets_for(part)
    if part == "space_weather" and space_weather_file is not None:
        if isinstance(space_weather_file, InputFile):
            given = space_weather_file
            return FoundDataSet(choices[0], given.path, "given file", given.name, given.size, given.sha256)
        content = read_bytes(space_weather_file)
        return FoundDataSet(
            choices[0],
            space_weather_file,
            "given file",
            space_weather_file.name,
            len(content),
            sha256_bytes(content),
        )
    for choice in choices:
        found = locate_data_set(choice, store)
        if found.path is not None:
            return found
    raise missing_data(choices[-1] if part == "moon_orientation" else choices[0], store)


def _source(part: str, found: FoundDataSet, read: _Read) -> SourceRecord:
    note = f"{found.data_set.title}; {found.found_in}"
    return SourceRecord(
        part=part,
        name=found.data_set.name,
        version=found.version,
        sha256=found.sha256,
        licence=found.data_set.licence,
        valid_from=read.valid_from,
        valid_to=read.valid_to,
        note=f"{note}; {read.note}" if read.note else note,
    )


def _content(found: FoundDataSet) -> bytes:
    """Read the file and refuse one that changed after it was hashed."""
    path = _path(found)
    return InputFile(path.name, found.sha256, found.size, path).read()


def _path(found: FoundDataSet) -> Path:
    if found.path is None:
        raise missing_data(found.data_set)
    return found.path


def _read_leap_seconds(found: FoundDataSet) -> _Read:
    from syzygy.formats.iers import read_leap_seconds

    record = read_leap_seconds(_content(found))
    return _Read(
        record, _day(int(record.start_utc_day[0])), _day(record.expires_tai_ns // 86_400_000_000_000)
    )


def _read_earth_orientation(found: FoundDataSet) -> _Read:
    from syzygy.formats.iers import read_finals2000a

    record = read_finals2000a(_content(found))
    days = record.mjd_utc
    measured = days[~record.predicted]
    note = f"measured to {_day_of_mjd(measured[-1])}, then predicted" if measured.size < days.size else ""
    return _Read(record, _day_of_mjd(days[0]), _day_of_mjd(days[-1]), note)


def _read_ephemeris(found: FoundDataSet) -> _Read:
    from syzygy.formats.spk import open_spk

    record = open_spk(_path(found), name=found.data_set.name.upper(), sha256=found.sha256)
    first, last = record.span_tdb_s
    return _Read(record, _day_of_tdb(first), _day_of_tdb(last))


def _read_space_weather(found: FoundDataSet) -> _Read:
    from syzygy.formats.space_weather import read_space_weather

    record = read_space_weather(_content(found), name=_path(found).name)
    return _Read(record, _day(int(record.utc_day[0])), _day(int(record.utc_day[-1])))


def _read_moon_orientation(found: FoundDataSet) -> _Read:
    if found.data_set.name == "de440-librations":
        from syzygy.formats.jpl_binary import open_jpl_binary

        record = open_jpl_binary(_path(found), sha256=found.sha256).require_orientation()
    else:
        from syzygy.formats.pck import open_binary_pck

        record = open_binary_pck(_path(found), name="DE421 lunar principal axes", sha256=found.sha256)
    first, last = record.span_tdb_s
    return _Read(record, _day_of_tdb(first), _day_of_tdb(last), record.name)


_READERS: dict[str, Callable[[FoundDataSet], _Read]] = {
    "leap_seconds": _read_leap_seconds,
    "earth_orientation": _read_earth_orientation,
    "ephemeris": _read_ephemeris,
    "space_weather": _read_space_weather,
    "moon_orientation": _read_moon_orientation,
}


def _day(days_since_1970: int) -> str:
    return str(np.datetime64(days_since_1970, "D"))


def _day_of_mjd(mjd: float) -> str:
    return _day(int(mjd) - 40587)


def _day_of_tdb(tdb_s: float) -> str:
    return str((np.datetime64("2000-01-01T12:00:00", "s") + np.timedelta64(int(tdb_s), "s")).astype("M8[D]"))
