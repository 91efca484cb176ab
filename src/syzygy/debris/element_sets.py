"""The objects of one or more catalogue files: one set per object, and a list of every set left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np

from syzygy.astro.mean_elements import MeanElements, join_elements
from syzygy.astro.time import LeapSeconds
from syzygy.base.provenance import InputFile
from syzygy.base.tables import Table, column, table


@dataclass(frozen=True)
class LeftOut:
    """One element set that is not screened.

    Attributes
    ----------
    file : str
        Name of the file.
    line : int
        Line (or record) in the file.
    object_id : int
        Catalogue number, 0 where it could not be read.
    kind : str
        ``rejected``, ``superseded``, ``duplicate``, ``conflict`` or ``absent`` (a primary that is not there).
    reason : str
        One sentence.
    """

    file: str
    line: int
    object_id: int
    kind: str
    reason: str


@dataclass(frozen=True)
class ElementSets:
    """What is screened.

    Attributes
    ----------
    elements : MeanElements
        One set per object, sorted by catalogue number.
    left_out : tuple of LeftOut
        Every other set of the files.
    file : tuple of str
        The file of each set.
    """

    elements: MeanElements
    left_out: tuple[LeftOut, ...]
    file: tuple[str, ...]


_REASONS = {
    "superseded": "an older set of an object that has a newer one",
    "duplicate": "identical to the set that is used",
    "conflict": "same object and epoch as the set that is used, other elements; the later one counts",
}


def load_element_sets(inputs: Sequence[InputFile], leap_seconds: LeapSeconds) -> ElementSets:
    """Read all catalogues; the newest set of each object counts.

    Raises
    ------
    FormatError
        A file holds no usable element set at all.
    IntegrityError
        A file has changed since it was named.
    """
    from syzygy.formats.catalogue import deduplicate, read_catalogue

    parts: list[MeanElements] = []
    left_out: list[LeftOut] = []
    for source in inputs:
        found = read_catalogue(source.read(), leap_seconds, name=source.name)
        parts.append(found.elements)
        left_out.extend(
            LeftOut(source.name, record.line, 0, "rejected", f"{record.reason}: {record.text}")
            for record in found.rejected
        )
    joined = join_elements(parts)
    file_of = np.repeat([source.name for source in inputs], [len(part) for part in parts])
    numbered = replace(joined, source_line=np.arange(len(joined), dtype=np.int64))
    kept, report = deduplicate(numbered)
    lines = joined.source_line
    for row in report.rows():
        out, used = int(str(row["line"])), int(str(row["kept_line"]))
        kind = str(row["reason"])
        left_out.append(
            LeftOut(
                str(file_of[out]),
                int(lines[out]),
                int(joined.object_id[out]),
                kind,
                f"{_REASONS[kind]} (line {int(lines[used])} of {file_of[used]})",
            )
        )
    chosen = joined.select(kept.source_line)
    files = file_of[kept.source_line]
    order = np.lexsort((chosen.epoch_tai_ns, chosen.object_id))
    left_out.sort(key=lambda item: (item.file, item.line, item.kind))
    return ElementSets(chosen.select(order), tuple(left_out), tuple(files[order].tolist()))


def hash_sets(elements: MeanElements) -> str:
    """Return the SHA-256 of what SGP4 is given: numbers, epochs and elements, in the order of the sets.

    The elements are counted in units well below the last digit that sets are published with (1e-8 deg, 1e-10
    revolutions a day), so that the rounding of another machine, or form, does not make another set.
    """
    turns = elements.mean_motion_rad_s * (86400.0 / (2.0 * np.pi))
    angles = (
        elements.inclination_rad,
        elements.raan_rad,
        elements.argument_of_perigee_rad,
        elements.mean_anomaly_rad,
    )
    counted = (
        elements.object_id,
        (elements.epoch_tai_ns + 500) // 1000,
        np.rint(turns * 1e10),
        np.rint(elements.eccentricity * 1e10),
        *(np.rint(np.degrees(angle) * 1e8) for angle in angles),
        np.rint(elements.bstar_per_earth_radius * 1e14),
    )
    found = sha256()
    for values in counted:
        found.update(np.ascontiguousarray(values).astype("<i8").tobytes())
    return found.hexdigest()


def left_out_table(left_out: Sequence[LeftOut]) -> Table:
    """Return the sets that are not screened as a table."""
    return table(
        "left_out",
        [
            column("file", np.array([item.file for item in left_out], dtype=object), "", "input file"),
            column("line", np.array([i.line for i in left_out], dtype=np.int64), "1", "line of the set"),
            column(
                "object", np.array([i.object_id for i in left_out], dtype=np.int64), "1", "number, 0 unknown"
            ),
            column(
                "kind",
                np.array([item.kind for item in left_out], dtype=object),
                "",
                "rejected, superseded, duplicate, conflict or absent",
            ),
            column("reason", np.array([item.reason for item in left_out], dtype=object), "", "why"),
        ],
        "element sets of the inputs that were not used",
    )
