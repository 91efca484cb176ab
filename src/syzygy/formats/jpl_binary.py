"""JPL binary ephemeris files (``linux_p1550p2650.440``): DE440 with the librations of the Moon.

Records of equal length: names and pointers in the first, constants in the second, then one record per 32
days with the Chebyshev coefficients of every body, in km and rad.  The Moon is geocentric here, the others
are relative to the Solar-System barycentre, and the Earth follows from the Earth-Moon barycentre and the mass
ratio.

**Source**: JPL Solar System Dynamics, export format of the Development Ephemerides.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from syzygy.astro.ephemerides import BodyOrientation, Ephemeris, Segment
from syzygy.astro.ephemerides.store import CoefficientStore, open_store
from syzygy.base.errors import FormatError, MissingDataError, StorageError
from syzygy.numerics.chebyshev import PiecewiseLayout

_WORD_BYTES = 8
_HEADER_BYTES = 2856
_NAMES_IN_HEADER = 400
_MAX_CONSTANTS = 3000
_J2000_JD = 2451545.0
_SECONDS_PER_DAY = 86400.0
_M_PER_KM = 1e3
_BODY_COLUMNS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 301, 10)
"""NAIF numbers of the first eleven pointers; the third is the Earth-Moon barycentre, 301 is geocentric."""
_NUTATION_COLUMN = 11
_LIBRATION_FRAME = 31008
"""NAIF number of the lunar principal axes of DE440, used as the target of the libration segment."""


@dataclass(frozen=True)
class JplBinary:
    """What a JPL binary file holds.

    Attributes
    ----------
    number : int
        Number of the ephemeris, e.g. 440.
    ephemeris : Ephemeris
        Sun, Moon, planets and barycentres.
    orientation : BodyOrientation or None
        Lunar principal axes, where the file has librations.
    constants : mapping
        Constants of the ephemeris as stored (au, day), by name.
    """

    number: int
    ephemeris: Ephemeris
    orientation: BodyOrientation | None
    constants: Mapping[str, float]

    def require_orientation(self) -> BodyOrientation:
        """Return the lunar principal axes or raise MissingDataError."""
        if self.orientation is None:
            raise MissingDataError(
                f"DE{self.number} has no librations in this file",
                allowed="a file with lunar librations",
                where=self.ephemeris.segments[0].store.path.name,
            )
        return self.orientation


@dataclass(frozen=True)
class _Header:
    order: str
    start_jd: float
    end_jd: float
    record_days: float
    constant_count: int
    mass_ratio: float
    pointers: tuple[tuple[int, int, int], ...]
    librations: tuple[int, int, int]
    number: int
    record_words: int


def open_jpl_binary(path: Path, *, sha256: str = "") -> JplBinary:
    """Open a JPL binary ephemeris file; its coefficients are mapped, not read.

    Parameters
    ----------
    path : Path
        The file, of either byte order.
    sha256 : str
        Its hash where it is known already.

    Raises
    ------
    FormatError
        Not such a file, cut short, or with pointers that leave the records.
    StorageError
        The file is missing, a directory or unreadable.
    """
    head = _read_start(path, _HEADER_BYTES)
    header = _parse_header(head, path)
    store = open_store(path, sha256=sha256, big_endian=header.order == ">")
    records = store.words.shape[0] // header.record_words - 2
    needed = round((header.end_jd - header.start_jd) / header.record_days)
    if records < needed:
        raise _bad(path, "the ephemeris file is cut short", f"{records} records", f"{needed} records")
    bodies = _body_segments(header, store, needed)
    orientation = None
    if header.librations[1] > 0:
        libration = _segment(header, store, needed, header.librations, (_LIBRATION_FRAME, 1), 1.0)
        orientation = BodyOrientation(f"DE{header.number} lunar principal axes", (libration,))
    ephemeris = Ephemeris(f"DE{header.number}", bodies)
    return JplBinary(header.number, ephemeris, orientation, _constants(path, header, store))


def _read_start(path: Path, count: int) -> bytes:
    try:
        with path.open("rb") as stream:
            content = stream.read(count)
    except IsADirectoryError as error:
        raise StorageError(
            "a directory stands where an ephemeris file is due", value=path, allowed="a file"
        ) from error
    except OSError as error:
        raise StorageError(
            f"the ephemeris file cannot be read ({error.strerror})", value=path, allowed="a readable file"
        ) from error
    if len(content) < count:
        raise _bad(path, "the ephemeris file is cut short", f"{len(content)} bytes", f"{count} bytes or more")
    return content


def _parse_header(head: bytes, path: Path) -> _Header:
    order = next((o for o in "<>" if 100 <= struct.unpack_from(o + "i", head, 2840)[0] <= 999), "")
    if not order:
        raise _bad(
            path,
            "not a JPL binary ephemeris",
            f"ephemeris number {struct.unpack_from('<i', head, 2840)[0]}",
            "a number of three digits, e.g. 440",
        )
    start, end, days = struct.unpack_from(order + "3d", head, 2652)
    (count,) = struct.unpack_from(order + "i", head, 2676)
    (mass_ratio,) = struct.unpack_from(order + "d", head, 2688)
    flat = struct.unpack_from(order + "36i", head, 2696)
    pointers = tuple((flat[i], flat[i + 1], flat[i + 2]) for i in range(0, 36, 3))
    number, *librations = struct.unpack_from(order + "4i", head, 2840)
    if not (all(map(math.isfinite, (start, end, days))) and 1e-3 < days < 1e4 and 0.0 < end - start < 1e8):
        raise _bad(path, "the span of the ephemeris is impossible", f"{start} to {end} by {days} d", "days")
    if not (0 < count <= _MAX_CONSTANTS and math.isfinite(mass_ratio) and mass_ratio > 0.0):
        raise _bad(
            path,
            "the header of the ephemeris is damaged",
            f"{count} constants, mass ratio {mass_ratio}",
            f"1 to {_MAX_CONSTANTS} constants and a positive mass ratio",
        )
    extra = [(pointers[_NUTATION_COLUMN], 2), ((librations[0], librations[1], librations[2]), 3)]
    parts = [*((p, 3) for p in pointers[:_NUTATION_COLUMN]), *((p, n) for p, n in extra if p[1] != 0)]
    words = _record_words(parts, path)
    return _Header(
        order, start, end, days, count, mass_ratio, pointers, (librations[0], librations[1], librations[2]),
        number, words,
    )  # fmt: skip


def _record_words(parts: list[tuple[tuple[int, int, int], int]], path: Path) -> int:
    """Return the length of a record: where its last series ends."""
    end = 2
    for (first, terms, pieces), components in parts:
        if not (3 <= first <= 10_000 and 1 <= terms <= 100 and 1 <= pieces <= 100):
            raise _bad(
                path,
                "a pointer of the header is impossible",
                f"({first}, {terms}, {pieces})",
                "start of 3 or more, at most 100 coefficients and 100 intervals",
            )
        end = max(end, first - 1 + terms * pieces * components)
    if end * _WORD_BYTES < _HEADER_BYTES + 12:
        raise _bad(path, "the records are too short", f"{end} words", "more than the header needs")
    return end


def _body_segments(header: _Header, store: CoefficientStore, records: int) -> tuple[Segment, ...]:
    segments = []
    for pointer, number in zip(header.pointers, _BODY_COLUMNS, strict=False):
        pair = (number, 399) if number == 301 else (number, 0)
        segments.append(_segment(header, store, records, pointer, pair, _M_PER_KM))
    moon = header.pointers[_BODY_COLUMNS.index(301)]
    earth_share = -_M_PER_KM / (1.0 + header.mass_ratio)
    segments.append(_segment(header, store, records, moon, (399, 3), earth_share))
    for planet, barycenter in ((199, 1), (299, 2)):
        same = header.pointers[barycenter - 1]
        segments.append(_segment(header, store, records, same, (planet, barycenter), 0.0))
    return tuple(segments)


def _segment(
    header: _Header,
    store: CoefficientStore,
    records: int,
    pointer: tuple[int, int, int],
    pair: tuple[int, int],
    scale: float,
) -> Segment:
    first, terms, pieces = pointer
    start_s = (header.start_jd - _J2000_JD) * _SECONDS_PER_DAY
    end_s = (header.end_jd - _J2000_JD) * _SECONDS_PER_DAY
    layout = PiecewiseLayout(
        first_word=2 * header.record_words,
        words_per_record=header.record_words,
        pieces_per_record=pieces,
        header_words=first - 1,
        terms=terms,
        pieces=records * pieces,
        stored_middle=False,
        stored_rate=False,
        start=start_s,
        length=header.record_days * _SECONDS_PER_DAY / pieces,
    )
    return Segment(pair[0], pair[1], start_s, end_s, layout, scale, store, f"DE{header.number}")


def _constants(path: Path, header: _Header, store: CoefficientStore) -> Mapping[str, float]:
    extra = max(0, header.constant_count - _NAMES_IN_HEADER)
    content = _read_start(path, _HEADER_BYTES + 6 * extra)
    names = [content[252 + 6 * i : 258 + 6 * i] for i in range(min(header.constant_count, _NAMES_IN_HEADER))]
    names += [content[_HEADER_BYTES + 6 * i : _HEADER_BYTES + 6 * i + 6] for i in range(extra)]
    values = store.words[header.record_words : header.record_words + header.constant_count]
    pairs = zip(names, values.tolist(), strict=True)
    return MappingProxyType({name.decode("latin-1").strip(): value for name, value in pairs})


def _bad(path: Path, what: str, value: str, allowed: str) -> FormatError:
    return FormatError(
        what, value=value, allowed=allowed, where=str(path), hint="fetch the file again and compare its hash"
    )
