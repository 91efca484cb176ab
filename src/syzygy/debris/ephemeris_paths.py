"""Ephemerides (OEM) as objects of a screening: TEME, as the message interpolates, never across a border."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isnan
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.frames import EME2000, ICRF, ITRF, TEME, icrf_from_eme2000, teme_from_gcrf, teme_from_itrf
from syzygy.astro.states import States
from syzygy.base.errors import FormatError, FrameError, SyzygyError, UnitError
from syzygy.base.provenance import InputFile
from syzygy.debris.element_sets import LeftOut
from syzygy.debris.paths import EphemerisTable
from syzygy.debris.teme_axes import Unoriented
from syzygy.formats.compression import expand

if TYPE_CHECKING:
    from syzygy.formats.ccsds.ephemerides import EphemerisSegment

Doubles = NDArray[np.float64]

JOIN_STEP_S = 30.0
"""Largest distance of the states handed to the search, which joins them by quintics to a tenth of a mm."""

USUAL_DEGREE = 7
"""Hermite degree where the message names none, or linear interpolation, that no orbit follows."""

INVENTED_NUMBERS = 900_000_001
"""Objects without a catalogue number are counted from here; nine digits, as in OMM."""

_MARGIN_NS = 600_000_000_000
_TOUCH_NS = 1_000_000
_LEAST_RADIUS_M, _MOST_RADIUS_M, _MOST_SPEED_M_S = 6.2e6, 1.0e9, 2.0e4
_OEM = re.compile(rb"CCSDS_OEM_VERS|<(?:\w+:)?oem[\s>]")
_LOOKED_AT = 65_536


@dataclass(frozen=True)
class EphemerisObject:
    """One object of one OEM.

    Attributes
    ----------
    file : str
    sha256 : str
        Of the file.
    object_id, name : str
        OBJECT_ID and OBJECT_NAME.
    created_tai_ns : int
        CREATION_DATE, 0 where the message has none.
    tables : tuple of EphemerisTable
        One per stretch without a gap; seconds of the window, TEME.
    frame, interpolation : str
        As the message says, and how it is used.
    states : int
        In the message.
    error_m : float
        Largest distance of a state from the interpolation through its neighbours, which is an upper bound
        of the interpolation error; NaN where there are too few states to tell.
    """

    file: str
    sha256: str
    object_id: str
    name: str
    created_tai_ns: int
    tables: tuple[EphemerisTable, ...]
    frame: str
    interpolation: str
    states: int
    error_m: float


def is_ephemeris(content: bytes) -> bool:
    """Return whether a file is (or holds) an OEM rather than element sets."""
    return _OEM.search(content[:_LOOKED_AT]) is not None


def names_earth_fixed_states(source: InputFile) -> bool:
    """Return whether an input is an OEM with states in ITRF, which need the Earth's orientation."""
    plain = expand(source.read(), name=source.name)
    return is_ephemeris(plain) and re.search(rb"REF_FRAME\W{0,8}ITRF", plain) is not None


def read_ephemeris_objects(
    source: InputFile, plain: bytes, start_tai_ns: int, window_s: float, almanac: Almanac
) -> tuple[list[EphemerisObject], list[LeftOut]]:
    """Read the objects of an OEM; what cannot be used is listed with its segment.

    Parameters
    ----------
    source : InputFile
        For names.
    plain : bytes
        Its content, unpacked.
    start_tai_ns, window_s
        The window; states far outside it are not kept.

    Raises
    ------
    MessageError, FormatError
        The message cannot be read at all.
    """
    from syzygy.formats.ccsds import read_message
    from syzygy.formats.ccsds.ephemerides import read_ephemeris

    message = read_message(plain, name=source.name)
    objects: dict[tuple[str, str], list[tuple[int, EphemerisSegment]]] = {}
    left_out: list[LeftOut] = []
    created = 0
    number = 0
    for part in message.parts or (message,):
        if part.kind != "OEM":
            left_out.append(_refused(source, number + 1, FormatError("no ephemeris", value=part.kind)))
            continue
        created = max(created, _created(part, almanac))
        for segment in read_ephemeris(part, almanac.leap_seconds):
            number += 1
            objects.setdefault((segment.object_id, segment.object_name), []).append((number, segment))
    found = []
    for (object_id, name), segments in objects.items():
        made, refused = _object(source, segments, start_tai_ns, window_s, almanac)
        left_out.extend(refused)
        if made:
            found.append(replace(made, object_id=object_id, name=name, created_tai_ns=created))
    return found, left_out


def _created(message: object, almanac: Almanac) -> int:
    from syzygy.formats.ccsds.composing import header_of

    return header_of(message, almanac.leap_seconds).creation_tai_ns  # type: ignore[arg-type]


def _object(
    source: InputFile,
    segments: Sequence[tuple[int, EphemerisSegment]],
    start_tai_ns: int,
    window_s: float,
    almanac: Almanac,
) -> tuple[EphemerisObject | None, list[LeftOut]]:
    """Turn the segments of one object into tables, one per stretch without a gap."""
    left_out: list[LeftOut] = []
    window = (start_tai_ns - _MARGIN_NS, start_tai_ns + round(window_s * 1e9) + _MARGIN_NS)
    usable = []
    ordered = sorted(segments, key=lambda item: item[1].trajectory.useable_tai_ns)
    for place, (number, segment) in enumerate(ordered):
        first, last = segment.trajectory.useable_tai_ns
        if place + 1 < len(ordered):
            last = min(last, max(first, ordered[place + 1][1].trajectory.useable_tai_ns[0]))
        first, last = max(first, window[0]), min(last, window[1])
        if first >= last:
            reason = "the useable span of this segment lies outside the window, or under a later segment"
            left_out.append(LeftOut(source.name, number, 0, "outside", reason))
            continue
        try:
            usable.append((first, last, segment, _sampled(segment, first, last, almanac)))
        except SyzygyError as error:
            left_out.append(_refused(source, number, error))
    if not usable:
        return None, left_out
    tables = _joined(usable, start_tai_ns)
    errors = [own for _, _, segment, _ in usable if not isnan(own := _own_error_m(segment))]
    segment = usable[0][2]
    made = EphemerisObject(
        source.name,
        source.sha256,
        "",
        "",
        0,
        tables,
        segment.frame_name or segment.states.frame.name,
        " ".join(str(part) for part in _interpolation(segment)),
        sum(item[2].states.tai_ns.size for item in usable),
        max(errors, default=float("nan")),
    )
    return made, left_out


def _refused(source: InputFile, segment: int, error: SyzygyError) -> LeftOut:
    return LeftOut(source.name, segment, 0, "rejected", f"segment {segment}: {error}")


def _interpolation(segment: EphemerisSegment) -> tuple[str, int]:
    """Return kind and degree that are used."""
    trajectory = segment.trajectory
    kind, degree = str(trajectory.interpolation or "").upper(), int(trajectory.degree or 0)
    size = trajectory.states.tai_ns.size
    needed = (degree + 1) // 2 if kind == "HERMITE" else degree + 1
    if kind in ("HERMITE", "LAGRANGE") and degree >= 3 and needed <= size:
        return kind, degree
    return "HERMITE", min(USUAL_DEGREE, 2 * size - 1)


def _sampled(segment: EphemerisSegment, first: int, last: int, almanac: Almanac) -> States:
    """Return states at the instants of the message and between them, no two further apart than the step."""
    own = segment.states.tai_ns
    nodes = np.unique(np.concatenate([[first, last], own[(own > first) & (own < last)]]))
    pieces = np.maximum(np.ceil(np.diff(nodes) / (JOIN_STEP_S * 1e9)).astype(np.int64), 1)
    finer = [
        np.linspace(a, b, n, endpoint=False) for a, b, n in zip(nodes[:-1], nodes[1:], pieces, strict=True)
    ]
    instants = np.concatenate([*finer, nodes[-1:]]).astype(np.int64)
    kind, degree = _interpolation(segment)
    found = segment.states_at(instants, interpolation=kind, degree=degree)
    _require_near_earth(segment, found)
    return _to_teme(found, almanac)


def _require_near_earth(segment: EphemerisSegment, found: States) -> None:
    if found.centre.name != "Earth":
        raise FrameError(
            "the centre of the ephemeris is not the Earth", value=found.centre.name, allowed="EARTH"
        )
    radius = np.linalg.norm(found.position_m, axis=-1)
    speed = np.linalg.norm(found.velocity_m_s, axis=-1)
    odd = (radius < _LEAST_RADIUS_M) | (radius > _MOST_RADIUS_M) | (speed > _MOST_SPEED_M_S) | (speed < 1.0)
    if odd.any():
        k = int(np.argmax(odd))
        raise UnitError(
            "a state that no object near the Earth has",
            value=f"{radius[k] / 1e3:.6g} km from the centre, {speed[k] / 1e3:.6g} km/s",
            allowed="6200 km to 1e6 km, 0.001 to 20 km/s",
            where=segment.object_name,
            hint="are the states of the OEM in km and km/s, as the standard says?",
        )


def _to_teme(states: States, almanac: Almanac) -> States:
    """Turn states to TEME. UT1 and the pole cancel between GCRF and TEME, so none is needed for them."""
    position, velocity = states.position_m, states.velocity_m_s
    if states.frame == ITRF:
        position, turned = teme_from_itrf(position, velocity, states.tai_ns, almanac)
        return States(position, _given(turned, velocity), states.tai_ns, TEME, states.centre)
    if states.frame == EME2000:
        position, velocity = icrf_from_eme2000(position), icrf_from_eme2000(velocity)
    elif states.frame not in (ICRF, TEME):
        raise FrameError(
            "the frame of the ephemeris cannot be turned to TEME",
            value=states.frame.name,
            allowed="EME2000, ICRF (GCRF), TEME, ITRF",
            hint="convert the ephemeris first",
        )
    if states.frame != TEME:
        position, turned = teme_from_gcrf(
            position, velocity, states.tai_ns, Unoriented(almanac, states.tai_ns)
        )
        velocity = _given(turned, velocity)
    return States(position, velocity, states.tai_ns, TEME, states.centre)


def _given(turned: Doubles | None, instead: Doubles) -> Doubles:
    return instead if turned is None else turned


def _joined(
    usable: Sequence[tuple[int, int, EphemerisSegment, States]], start_tai_ns: int
) -> tuple[EphemerisTable, ...]:
    """Join segments that touch (a kink where the velocity jumps); a gap begins another table."""
    stretches: list[list[States]] = []
    end = -(1 << 62)
    for first, last, _, states in usable:
        if first > end + _TOUCH_NS or not stretches:
            stretches.append([])
        stretches[-1].append(states)
        end = last
    tables = []
    for parts in stretches:
        seconds = np.concatenate([(part.tai_ns - start_tai_ns) / 1e9 for part in parts])
        tables.append(
            EphemerisTable(
                np.maximum.accumulate(seconds),
                np.concatenate([part.position_m for part in parts]),
                np.concatenate([part.velocity_m_s for part in parts]),
            )
        )
    return tuple(tables)


def _own_error_m(segment: EphemerisSegment) -> float:
    """Return how far every second state lies from the interpolation through the others."""
    kind, degree = _interpolation(segment)
    states = segment.states
    needed = (degree + 1) // 2 if kind == "HERMITE" else degree + 1
    if states.tai_ns.size < 2 * needed + 1:
        return float("nan")
    kept = slice(0, None, 2)
    half = States(
        states.position_m[kept], states.velocity_m_s[kept], states.tai_ns[kept], states.frame, states.centre
    )
    span = (int(half.tai_ns[0]), int(half.tai_ns[-1]))
    thinned = replace(
        segment.trajectory, states=half, useable_tai_ns=span, acceleration_m_s2=None, covariances=None
    )
    between = states.tai_ns[1::2]
    rows = np.flatnonzero((between > span[0]) & (between < span[1]))
    found = thinned.states_at(between[rows], interpolation=kind, degree=degree)
    return float(np.linalg.norm(found.position_m - states.position_m[1::2][rows], axis=1).max(initial=0.0))
