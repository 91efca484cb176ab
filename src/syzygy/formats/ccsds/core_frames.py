"""Names of frames and centres in messages, to those of the core or an error that says which is not known."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np

from syzygy.astro.bodies import Body, find_body
from syzygy.astro.frames import EME2000, ICRF, ITRF, REALIZATIONS, TEME, Frame, change_realization
from syzygy.astro.states import States
from syzygy.base.errors import FrameError, UnknownNameError
from syzygy.formats.ccsds.diagnostics import WARNING, Diagnostic

_FRAMES = {
    "EME2000": EME2000, "J2000": EME2000, "GCRF": ICRF, "ICRF": ICRF, "ICRF1": ICRF, "ICRF2": ICRF,
    "ICRF3": ICRF, "TEME": TEME, "TEMEOFDATE": TEME, "ITRF": ITRF,
}  # fmt: skip
_CELESTIAL = {"ICRF1", "ICRF2"}
_YEAR_NS = 365.25 * 86_400e9
_ITRF = re.compile(r"ITRF(?:19|20)?([0-9]{2})")
_SUPPORTED = (
    "EME2000, J2000, GCRF, ICRF, ICRF1, ICRF2, ICRF3, TEME, ITRF, "
    "ITRF of 1993, 1994, 1996, 1997, 2000, 2005, 2008, 2014, 2020"
)


@dataclass(frozen=True)
class NamedFrame:
    """A frame of the core with the name under which the message has it.

    Attributes
    ----------
    frame : Frame
        The axes.
    name : str
        As written: ``ITRF2014``, ``J2000``.
    realization : str
        ``ITRF2014`` ... of a terrestrial frame; empty where the message names none.
    note : Diagnostic or None
        What is left out by taking the realization for the core's ITRF, with its size.
    """

    frame: Frame
    name: str
    realization: str = ""
    note: Diagnostic | None = None


def named_frame(name: str, where: str = "", *, keyword: str = "REF_FRAME") -> NamedFrame:
    """Return the core's frame of a frame name of a message.

    GCRF and ICRF are one set of axes here. Realizations of the ITRF are the core's ITRF with their name kept:
    `in_realization` turns states into another realization, and `NamedFrame.note` says how large the
    difference is that is left out without it.

    Raises
    ------
    FrameError
        The core has no such frame: TOD, MOD, GTOD, orbit-local and body frames, realizations without
        published parameters here.
    """
    key = name.upper().replace("-", "").replace("_", "").replace(" ", "")
    if key in _FRAMES:
        note = None
        if key == "ITRF":
            note = _note(name, keyword, "the message names no realization: up to 0.1 m are open")
        elif key in _CELESTIAL:
            note = _note(
                name, keyword, "taken as ICRF3: the axes agree within 0.1 mas (3 mm at the Earth's radius)"
            )
        return NamedFrame(_FRAMES[key], name, "", note)
    match = _ITRF.fullmatch(key)
    if match is not None:
        year = match.group(1)
        realization = f"ITRF{year}" if int(year) > 80 else f"ITRF20{year}"
        if realization in REALIZATIONS:
            size = _largest_difference_m(realization)
            what = f"taken as ITRF without a turn: others differ by up to {size * 1e3:.1f} mm on the ground"
            return NamedFrame(ITRF, name, realization, _note(name, keyword, what))
    raise FrameError(
        "the core has no such frame", value=name, allowed=_SUPPORTED, where=f"{where} {keyword}".strip(),
        hint="the values can still be read as they stand in the message",
    )  # fmt: skip


def _note(name: str, keyword: str, what: str) -> Diagnostic:
    return Diagnostic(WARNING, "frame_realization", what, keyword=keyword, value=name)


def _largest_difference_m(realization: str) -> float:
    """Return the largest distance to another ITRF here, on the equator and at a pole, 2000 to 2030."""
    ground = np.array([[6.378137e6, 0.0, 0.0], [0.0, 6.378137e6, 0.0], [0.0, 0.0, 6.356752e6]])
    others = [other for other in REALIZATIONS if other.startswith("ITRF") and other != realization]
    return max(
        float(np.linalg.norm(change_realization(ground, realization, other, year) - ground, axis=1).max())
        for other in others
        for year in (2000.0, 2030.0)
    )


def in_realization(states: States, source: str, target: str) -> States:
    """Return Earth-fixed states of one realization of the ITRF in another.

    The velocities stay: they change by less than 1e-5 m/s.

    Raises
    ------
    FrameError
        States that are not Earth-fixed.
    UnknownNameError
        A realization without published parameters.

    **Accuracy**: as `change_realization`.
    """
    if states.frame != ITRF:
        raise FrameError(
            "only Earth-fixed states have a realization", value=states.frame.name, allowed="ITRF",
            where="in_realization",
        )  # fmt: skip
    year = 1970.0 + np.asarray(states.tai_ns) / _YEAR_NS
    return replace(states, position_m=change_realization(states.position_m, source, target, year))


def core_frame(name: str, where: str = "", *, keyword: str = "REF_FRAME") -> Frame:
    """Return the core's axes of a frame name; raises as `named_frame`."""
    return named_frame(name, where, keyword=keyword).frame


def frame_name(frame: Frame, given: str = "") -> str:
    """Return the name under which a frame stands in messages: `given` where it is that frame.

    Raises
    ------
    FrameError
        `given` is another frame, or messages have no such frame (MOON_PA, MOON_ME).
    """
    if given:
        if core_frame(given) != frame:
            raise FrameError(
                "the frame is not the one named", value=f"{frame} named {given}", allowed=str(frame)
            )
        return given
    names = {EME2000: "EME2000", ICRF: "GCRF", TEME: "TEME", ITRF: "ITRF"}
    if frame not in names:
        raise FrameError(
            "messages have no such frame", value=frame.name, allowed=", ".join(str(key) for key in names)
        )
    return names[frame]


def core_centre(name: str, where: str = "") -> Body:
    """Return the body of a message's CENTER_NAME.

    Raises
    ------
    FrameError
        No body of the core has that name.
    """
    try:
        return find_body(name.replace("_", " "))
    except UnknownNameError as error:
        raise FrameError(
            "the core has no such centre", value=name, allowed=error.allowed, where=where
        ) from error
