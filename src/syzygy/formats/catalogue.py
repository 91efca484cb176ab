"""A catalogue of mean elements in any of the formats they come in, recognised by its content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from syzygy.astro.mean_elements import MeanElements
from syzygy.base.errors import FormatError
from syzygy.base.tables import Table, column, table
from syzygy.formats.compression import expand
from syzygy.formats.omm import read_omm, sniff_dialect
from syzygy.formats.rejected import RejectedRecord
from syzygy.formats.tle import read_tle

if TYPE_CHECKING:
    from syzygy.astro.time import LeapSeconds

MAX_CATALOGUE_BYTES = 1 << 29


@dataclass(frozen=True, eq=False)
class Catalogue:
    """What a catalogue file held.

    Attributes
    ----------
    elements : MeanElements
        Every usable set in the order of the file, several of one object included (see `deduplicate`).
    rejected : tuple of RejectedRecord
        Every record that was not used, with line and reason.
    format : str
        ``tle``, ``omm json``, ``omm csv``, ``omm xml`` or ``omm kvn``.
    """

    elements: MeanElements
    rejected: tuple[RejectedRecord, ...]
    format: str


def read_catalogue(content: bytes, leap_seconds: LeapSeconds, *, name: str = "") -> Catalogue:
    """Read TLE, 3LE or OMM (JSON, CSV, XML, KVN), gzipped or not.

    Parameters
    ----------
    content : bytes
        The file.
    leap_seconds : LeapSeconds
        For the epochs.
    name : str
        The file's name, for messages.

    Raises
    ------
    FormatError
        Damaged gzip, more than 512 MiB unpacked, a broken frame around the records, or no usable
        element set at all.
    """
    plain = expand(content, name=name, limit=MAX_CATALOGUE_BYTES)
    dialect = sniff_dialect(plain)
    if dialect:
        elements, rejected = read_omm(plain, leap_seconds, name=name)
    else:
        elements, rejected = read_tle(plain, leap_seconds, name=name)
    if not len(elements):
        raise FormatError(
            "the catalogue holds no usable element set",
            value=_describe_empty(plain, rejected),
            allowed="at least one TLE, 3LE or OMM record",
            where=name,
            hint="is this a catalogue of mean elements?",
        )
    return Catalogue(elements, rejected, f"omm {dialect}" if dialect else "tle")


def _describe_empty(content: bytes, rejected: tuple[RejectedRecord, ...]) -> str:
    if not content.strip():
        return "an empty file"
    if not rejected:
        return "no record"
    first = rejected[0]
    return f"{len(rejected)} rejected records, the first in line {first.line}: {first.reason}"


def deduplicate(elements: MeanElements) -> tuple[MeanElements, Table]:
    """Keep one set per object: the latest epoch; of equal epochs the last in the file.

    Returns
    -------
    elements : MeanElements
        One set per catalogue number, in the order of the file. Objects without a number (0) are all kept.
    superseded : Table
        One row per set left out: object, its line, the line kept, ``superseded`` (older epoch),
        ``duplicate`` (identical elements) or ``conflict`` (same epoch, other elements).
    """
    count = len(elements)
    position = np.arange(count)
    order = np.lexsort((position, elements.epoch_tai_ns, elements.object_id))
    number = elements.object_id[order]
    last = np.ones(count, dtype=bool)
    last[:-1] = (number[1:] != number[:-1]) | (number[:-1] == 0)
    kept_of_run = order[last][np.cumsum(last) - last] if count else order
    left, winner = order[~last], kept_of_run[~last]
    rows = np.argsort(left, kind="stable")
    left, winner = left[rows], winner[rows]
    reasons = np.array([_why(elements, a, b) for a, b in zip(left, winner, strict=True)], dtype=object)
    report = table(
        "superseded_sets",
        [
            column("object_id", elements.object_id[left], "1", "catalogue number"),
            column("line", elements.source_line[left], "1", "line of the set left out"),
            column("kept_line", elements.source_line[winner], "1", "line of the set used"),
            column("reason", reasons, "", "superseded, duplicate or conflict"),
        ],
        "element sets of objects that occur more than once",
    )
    return elements.select(np.sort(order[last])), report


_ORBIT = (
    "mean_motion_rad_s",
    "eccentricity",
    "inclination_rad",
    "raan_rad",
    "argument_of_perigee_rad",
    "mean_anomaly_rad",
    "bstar_per_earth_radius",
)


def _why(elements: MeanElements, left: int, kept: int) -> str:
    if elements.epoch_tai_ns[left] < elements.epoch_tai_ns[kept]:
        return "superseded"
    # One unit in the last place separates the same text read from a TLE and from an OMM.
    same = all(
        np.isclose(getattr(elements, name)[left], getattr(elements, name)[kept], rtol=1e-14, atol=0.0)
        for name in _ORBIT
    )
    return "duplicate" if same else "conflict"
