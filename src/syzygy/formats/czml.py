"""CZML, the JSON of time-dependent scenes: moving points with their paths, in ICRF axes round the Earth.

Written only: a document packet first, then one packet per object.  The same scene gives the same bytes.

**Source**: CZML Guide of AnalyticalGraphicsInc/czml-writer (document, interval, position with cartesian
samples and referenceFrame INERTIAL, path, point, label).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.time import format_utc
from syzygy.base.errors import InputError

if TYPE_CHECKING:
    from syzygy.astro.time import LeapSeconds

_NS_PER_S = 1_000_000_000
_FRAMES = ("INERTIAL", "FIXED")
_COLOURS = ((47, 111, 187), (217, 130, 43), (42, 157, 143), (181, 72, 93), (122, 81, 149))


@dataclass(frozen=True, eq=False)
class MovingObject:
    """One object of a scene.

    Attributes
    ----------
    identifier, name, description : str
        The identifier is unique in the scene.
    tai_ns : int64 (n,)
        Two instants or more, strictly ascending.
    position_m : float64 (n, 3)
        From the centre of the Earth, in the axes of `frame`.
    velocity_m_s : float64 (n, 3) or None
        Written as ``cartesianVelocity`` where given.
    frame : str
        ``INERTIAL`` (ICRF axes) or ``FIXED`` (turning with the Earth).
    degree : int
        Of the interpolation: Hermite with velocities, else Lagrange.
    colour : tuple of int or None
        Red, green, blue, 0 to 255; by the order of the objects where None.
    """

    identifier: str
    name: str
    tai_ns: NDArray[np.int64]
    position_m: NDArray[np.float64]
    velocity_m_s: NDArray[np.float64] | None = None
    frame: str = "INERTIAL"
    description: str = ""
    degree: int = 5
    colour: tuple[int, int, int] | None = None


def write_czml(
    objects: Sequence[MovingObject],
    leap_seconds: LeapSeconds,
    *,
    name: str = "scene",
    description: str = "",
    multiplier: float = 3600.0,
) -> bytes:
    """Write a scene.

    Parameters
    ----------
    objects : sequence of MovingObject
    leap_seconds : LeapSeconds
    name, description : str
        Of the whole scene.
    multiplier : float
        Seconds of the scene per second of watching.

    Raises
    ------
    InputError
        No object, two with one identifier, instants that do not ascend, numbers that are not finite, another
        frame.

    **Accuracy**: positions to a millimetre, velocities to a micrometre a second, instants to a millisecond.
    """
    if not objects:
        raise InputError("a CZML scene needs an object", value=0, allowed="one or more", where="write_czml")
    identifiers = [item.identifier for item in objects]
    if len(set(identifiers)) != len(identifiers) or "document" in identifiers:
        raise InputError(
            "identifiers of a CZML scene must differ", value=sorted(identifiers),
            allowed="unique, not 'document'", where="write_czml",
        )  # fmt: skip
    for item in objects:
        _require_sound(item)
    first = min(int(item.tai_ns[0]) for item in objects)
    last = max(int(item.tai_ns[-1]) for item in objects)
    span = f"{format_utc(first, leap_seconds)}/{format_utc(last, leap_seconds)}"
    document: dict[str, Any] = {"id": "document", "name": name, "version": "1.0"}
    if description:
        document["description"] = description
    document["clock"] = {
        "interval": span, "currentTime": format_utc(first, leap_seconds), "multiplier": multiplier,
        "range": "LOOP_STOP",
    }  # fmt: skip
    packets = [document]
    for number, item in enumerate(objects):
        packets.append(_packet(item, leap_seconds, item.colour or _COLOURS[number % len(_COLOURS)]))
    lines = [json.dumps(packet, ensure_ascii=False, allow_nan=False) for packet in packets]
    return ("[\n" + ",\n".join(lines) + "\n]\n").encode("utf-8")


def _require_sound(item: MovingObject) -> None:
    where = f"write_czml, object {item.identifier!r}"
    count = item.tai_ns.size
    arrays = [item.position_m] + ([] if item.velocity_m_s is None else [item.velocity_m_s])
    if count < 2 or bool((np.diff(item.tai_ns) <= 0).any()):
        raise InputError(
            "instants of a CZML object do not ascend", value=f"{count} instants",
            allowed="two or more, each later than the one before", where=where,
        )  # fmt: skip
    if any(array.shape != (count, 3) or not np.isfinite(array).all() for array in arrays):
        raise InputError(
            "states of a CZML object are not usable", value=[array.shape for array in arrays],
            allowed=f"finite numbers of shape ({count}, 3)", where=where,
        )  # fmt: skip
    if item.frame not in _FRAMES:
        raise InputError("CZML has no such frame", value=item.frame, allowed=", ".join(_FRAMES), where=where)


def _packet(item: MovingObject, leap_seconds: LeapSeconds, colour: tuple[int, int, int]) -> dict[str, Any]:
    seconds = np.round((item.tai_ns - item.tai_ns[0]) / _NS_PER_S, 3)
    columns = [seconds[:, None], np.round(item.position_m, 3)]
    key, algorithm = "cartesian", "LAGRANGE"
    if item.velocity_m_s is not None:
        columns.append(np.round(item.velocity_m_s, 6))
        key, algorithm = "cartesianVelocity", "HERMITE"
    first, last = int(item.tai_ns[0]), int(item.tai_ns[-1])
    rgba = {"rgba": [*colour, 255]}
    packet: dict[str, Any] = {"id": item.identifier, "name": item.name}
    if item.description:
        packet["description"] = item.description
    packet["availability"] = f"{format_utc(first, leap_seconds)}/{format_utc(last, leap_seconds)}"
    packet["position"] = {
        "epoch": format_utc(first, leap_seconds), "referenceFrame": item.frame,
        "interpolationAlgorithm": algorithm, "interpolationDegree": item.degree,
        key: (np.concatenate(columns, axis=1) + 0.0).ravel().tolist(),
    }  # fmt: skip
    packet["point"] = {"pixelSize": 8, "color": rgba}
    packet["label"] = {"text": item.name, "font": "12pt sans-serif", "pixelOffset": {"cartesian2": [12, -12]}}
    packet["path"] = {
        "material": {"solidColor": {"color": rgba}}, "width": 2, "resolution": 3600,
        "leadTime": (last - first) / _NS_PER_S, "trailTime": (last - first) / _NS_PER_S,
    }  # fmt: skip
    return packet
