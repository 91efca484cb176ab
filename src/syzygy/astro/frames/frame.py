"""Frames as values that are checked at every door."""

from __future__ import annotations

from dataclasses import dataclass

from syzygy.base.errors import FrameError


@dataclass(frozen=True)
class Frame:
    """A set of axes.

    Attributes
    ----------
    name : str
    rotating : bool
        Whether the axes turn, so that velocities in them carry a transport term.
    description : str
    """

    name: str
    rotating: bool
    description: str

    def __str__(self) -> str:
        return self.name


ICRF = Frame(
    "ICRF", False, "International Celestial Reference Frame; about the Earth these axes are the GCRF"
)
EME2000 = Frame("EME2000", False, "mean equator and equinox of J2000.0, the frame bias away from ICRF")
TEME = Frame("TEME", False, "true equator, mean equinox of date: the axes of SGP4")
ITRF = Frame("ITRF", True, "International Terrestrial Reference Frame, fixed to the Earth")
MOON_PA = Frame("MOON_PA", True, "principal axes of the Moon, of gravity fields (DE440)")
MOON_ME = Frame("MOON_ME", True, "mean Earth and polar axes of the Moon, of maps (DE421 axes by convention)")


def require_frame(actual: Frame, expected: Frame | tuple[Frame, ...], where: str) -> None:
    """Refuse axes other than expected, naming both.

    Raises
    ------
    FrameError

    Examples
    --------
    >>> require_frame(TEME, ITRF, "find_passes")
    Traceback (most recent call last):
    syzygy.base.errors.FrameError: the frame does not fit; got: TEME; allowed: ITRF; where: find_passes; ...
    """
    frames = expected if isinstance(expected, tuple) else (expected,)
    if actual not in frames:
        raise FrameError(
            "the frame does not fit",
            value=actual.name,
            allowed=" or ".join(frame.name for frame in frames),
            where=where,
            hint="transform the states first (syzygy.astro.states.transform_states)",
        )
