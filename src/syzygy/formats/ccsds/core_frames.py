"""Names of frames and centres in messages, to those of the core or an error that says which is not known."""

from __future__ import annotations

from syzygy.astro.bodies import Body, find_body
from syzygy.astro.frames import EME2000, ICRF, ITRF, TEME, Frame
from syzygy.base.errors import FrameError, UnknownNameError

_FRAMES = {
    "EME2000": EME2000,
    "J2000": EME2000,
    "GCRF": ICRF,
    "ICRF": ICRF,
    "ICRF1": ICRF,
    "ICRF2": ICRF,
    "ICRF3": ICRF,
    "TEME": TEME,
    "TEMEOFDATE": TEME,
    "ITRF": ITRF,
    "ITRF2008": ITRF,
    "ITRF2014": ITRF,
    "ITRF2020": ITRF,
}


def core_frame(name: str, where: str = "") -> Frame:
    """Return the core's frame of a message's REF_FRAME.

    GCRF and ICRF are one set of axes here; ITRF of 2008, 2014 and 2020 agree within a centimetre and are one.

    Raises
    ------
    FrameError
        The core has no such frame.
    """
    key = name.upper().replace("-", "").replace("_", "").replace(" ", "")
    if key not in _FRAMES:
        raise FrameError(
            "the core has no such frame", value=name, allowed=", ".join(_FRAMES), where=where,
            hint="the values can still be read as they stand in the message",
        )  # fmt: skip
    return _FRAMES[key]


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
