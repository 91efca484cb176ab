"""Everything that is screened: element sets and ephemerides in one list, each object once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.mean_elements import MeanElements, empty_elements
from syzygy.astro.time import format_utc_many
from syzygy.base.errors import FormatError
from syzygy.base.provenance import InputFile
from syzygy.base.tables import Table, column, table
from syzygy.debris.element_sets import LeftOut, load_element_sets
from syzygy.debris.ephemeris_paths import (
    INVENTED_NUMBERS,
    EphemerisObject,
    is_ephemeris,
    read_ephemeris_objects,
)
from syzygy.debris.object_names import NamedObjects, name_objects, normal_name
from syzygy.debris.paths import EphemerisPaths, EphemerisTable, PathSource, join_paths, make_element_paths
from syzygy.formats.compression import expand

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class ScreenedObjects:
    """The n paths of a screening; an ephemeris with gaps has one path per stretch, all with one number.

    Attributes
    ----------
    object_id : int64 (n,)
        Catalogue number; invented where an ephemeris has none.
    name, international_designator : object (n,)
    epoch_tai_ns : int64 (n,)
        Of the element set; creation of the ephemeris.
    source_line : int64 (n,)
        Line of the element set, 0 for an ephemeris.
    elements : MeanElements
        The first ``len(elements)`` paths.
    ephemerides : tuple of EphemerisObject
        The others.
    paths : PathSource
        What moves.
    """

    object_id: Integers
    name: NDArray[np.object_]
    international_designator: NDArray[np.object_]
    epoch_tai_ns: Integers
    source_line: Integers
    elements: MeanElements
    ephemerides: tuple[EphemerisObject, ...]
    paths: PathSource

    def __len__(self) -> int:
        return len(self.object_id)


@dataclass(frozen=True)
class LoadedObjects:
    """The objects of the inputs, the names they go by, and everything that was left out."""

    objects: ScreenedObjects
    names: NamedObjects
    left_out: tuple[LeftOut, ...]
    ephemerides: Table


def load_objects(
    inputs: Sequence[InputFile], start_tai_ns: int, window_s: float, almanac: Almanac
) -> LoadedObjects:
    """Read catalogues and ephemerides; an ephemeris counts before the element set of the same object.

    Raises
    ------
    FormatError, MessageError
        A file that holds nothing usable at all.
    """
    catalogues, messages = [], []
    for source in inputs:
        plain = expand(source.read(), name=source.name)
        if is_ephemeris(plain):
            messages.append((source, plain))
        else:
            catalogues.append(source)
    left_out: list[LeftOut] = []
    found: list[EphemerisObject] = []
    for source, plain in messages:
        objects, refused = read_ephemeris_objects(source, plain, start_tai_ns, window_s, almanac)
        if not objects:
            raise FormatError(
                "the ephemeris holds nothing usable in the window",
                value=refused[0].reason if refused else "no segment",
                allowed="states about the Earth in EME2000, ICRF, TEME or ITRF",
                where=source.name,
            )
        found.extend(objects)
        left_out.extend(refused)
    sets = load_element_sets(catalogues, almanac.leap_seconds) if catalogues else None
    elements = sets.elements if sets else empty_elements()
    left_out.extend(sets.left_out if sets else ())
    numbers = _numbers(found, elements)
    kept, dropped = _newest(found, numbers)
    left_out.extend(dropped)
    elements, replaced = _without(elements, kept, sets.file if sets else ())
    left_out.extend(replaced)
    left_out.sort(key=lambda item: (item.file, item.line, item.kind))
    objects_of = _joined(elements, kept, start_tai_ns, almanac)
    return LoadedObjects(
        objects_of, _names(elements, kept), tuple(left_out), _ephemerides_table(kept, start_tai_ns, almanac)
    )


def _numbers(found: Sequence[EphemerisObject], elements: MeanElements) -> list[int]:
    """Return a catalogue number for each ephemeris: its own, that of its designator, or an invented one."""
    if not found:
        return []
    designators = {
        normal_name(str(text)): number
        for text, number in zip(
            elements.international_designator.tolist(), elements.object_id.tolist(), strict=True
        )
        if text
    }
    numbers: list[int] = []
    invented: dict[str, int] = {}
    for item in found:
        name = normal_name(item.object_id or item.name)
        if name.isdigit() and int(name):
            numbers.append(int(name))
        elif name in designators:
            numbers.append(designators[name])
        else:
            numbers.append(invented.setdefault(name, INVENTED_NUMBERS + len(invented)))
    return numbers


def _newest(
    found: Sequence[EphemerisObject], numbers: Sequence[int]
) -> tuple[list[tuple[int, EphemerisObject]], list[LeftOut]]:
    """Keep one ephemeris per object: the one created last, of equal ones the last in order."""
    best: dict[int, EphemerisObject] = {}
    dropped = []
    for number, item in zip(numbers, found, strict=True):
        old = best.get(number)
        if old is not None:
            newer = item.created_tai_ns >= old.created_tai_ns
            out, used = (old, item) if newer else (item, old)
            kind = "duplicate" if out.sha256 == used.sha256 else "superseded"
            why = f"an ephemeris of the same object, created later, counts ({used.file})"
            dropped.append(LeftOut(out.file, 0, number, kind, why))
            item = used
        best[number] = item
    return sorted(best.items()), dropped


def _without(
    elements: MeanElements, kept: Sequence[tuple[int, EphemerisObject]], file: Sequence[str]
) -> tuple[MeanElements, list[LeftOut]]:
    """Take out the element sets of objects that have an ephemeris."""
    files = dict(kept)
    out = np.isin(elements.object_id, np.array(list(files), dtype=np.int64))
    replaced = [
        LeftOut(
            file[row],
            int(elements.source_line[row]),
            int(elements.object_id[row]),
            "superseded",
            f"the ephemeris of this object counts ({files[int(elements.object_id[row])].file})",
        )
        for row in np.flatnonzero(out).tolist()
    ]
    return elements.select(~out), replaced


def _joined(
    elements: MeanElements,
    kept: Sequence[tuple[int, EphemerisObject]],
    start_tai_ns: int,
    almanac: Almanac,
) -> ScreenedObjects:
    rows = [(number, item, part) for number, item in kept for part in item.tables]
    tables: tuple[EphemerisTable, ...] = tuple(part for _, _, part in rows)
    parts: list[PathSource] = []
    if len(elements):
        parts.append(make_element_paths(elements, start_tai_ns, almanac.leap_seconds))
    parts.append(EphemerisPaths(tables))

    def join(own: NDArray[np.generic], more: list[object]) -> NDArray[np.generic]:
        return np.concatenate([own, np.array(more, dtype=own.dtype)])

    return ScreenedObjects(
        np.asarray(join(elements.object_id, [number for number, _, _ in rows]), dtype=np.int64),
        np.asarray(join(elements.name, [item.name for _, item, _ in rows])),
        np.asarray(join(elements.international_designator, [item.object_id for _, item, _ in rows])),
        np.asarray(join(elements.epoch_tai_ns, [item.created_tai_ns for _, item, _ in rows]), dtype=np.int64),
        np.asarray(join(elements.source_line, [0 for _ in rows]), dtype=np.int64),
        elements,
        tuple(item for _, item in kept),
        join_paths(parts),
    )


def _names(elements: MeanElements, kept: Sequence[tuple[int, EphemerisObject]]) -> NamedObjects:
    numbers = dict(name_objects(elements).numbers)
    for number, item in kept:
        for text in (item.name, item.object_id):
            if text:
                numbers[normal_name(text)] = number
        numbers[str(number)] = number
    return NamedObjects(numbers)


def _ephemerides_table(
    kept: Sequence[tuple[int, EphemerisObject]], start_tai_ns: int, almanac: Almanac
) -> Table:
    """Return one row per stretch of an ephemeris: how it is read, and from when to when."""
    rows = [(number, item, part) for number, item in kept for part in item.tables]
    begin = np.array(
        [start_tai_ns + round(float(part.seconds[0]) * 1e9) for _, _, part in rows], dtype=np.int64
    )
    end = np.array(
        [start_tai_ns + round(float(part.seconds[-1]) * 1e9) for _, _, part in rows], dtype=np.int64
    )

    def texts(values: list[str]) -> NDArray[np.object_]:
        return np.array(values, dtype=object)

    return table(
        "ephemerides",
        [
            column(
                "object",
                np.array([n for n, _, _ in rows], dtype=np.int64),
                "1",
                "number, invented from 900000001",
            ),
            column("object_id", texts([item.object_id for _, item, _ in rows]), "", "OBJECT_ID"),
            column("name", texts([item.name for _, item, _ in rows]), "", "OBJECT_NAME"),
            column("file", texts([item.file for _, item, _ in rows]), "", "input file"),
            column("from_utc", format_utc_many(begin, almanac.leap_seconds), "", "used from, UTC"),
            column("until_utc", format_utc_many(end, almanac.leap_seconds), "", "used until, UTC"),
            column("frame", texts([item.frame for _, item, _ in rows]), "", "REF_FRAME, turned to TEME"),
            column(
                "interpolation",
                texts([item.interpolation for _, item, _ in rows]),
                "",
                "kind and degree used",
            ),
            column(
                "states",
                np.array([item.states for _, item, _ in rows], dtype=np.int64),
                "1",
                "in the message",
            ),
            column(
                "error_m",
                np.array([item.error_m for _, item, _ in rows], dtype=np.float64),
                "m",
                "largest distance of a state from the interpolation through its neighbours: an upper bound",
                tolerance=1e-3,
            ),
        ],
        "ephemerides and the stretches in which each is used; nothing is interpolated across their borders",
    )
