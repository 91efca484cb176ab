"""The Almanac: everything outside the user's own input that an answer depends on, in one frozen record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from syzygy.base.errors import MissingDataError
from syzygy.base.hashing import sha256_record

if TYPE_CHECKING:
    from syzygy.astro.environment import SpaceWeather
    from syzygy.astro.ephemerides import BodyOrientation, Ephemeris
    from syzygy.astro.time import EarthOrientation, LeapSeconds

Part = TypeVar("Part")


@dataclass(frozen=True)
class SourceRecord:
    """Where one part of an Almanac is from.

    Attributes
    ----------
    part : str
        Field of the Almanac, e.g. ``earth_orientation``.
    name : str
        The data set, e.g. ``finals2000A``.
    version : str
        Version of the data set or of the package that carries it.
    sha256 : str
        Hash of the file.
    licence : str
        Terms of the data.
    valid_from, valid_to : str
        First and last day of validity (ISO date), empty where there is no end.
    note : str
        What a reader should know, e.g. that predictions are allowed.
    """

    part: str
    name: str
    version: str
    sha256: str
    licence: str
    valid_from: str = ""
    valid_to: str = ""
    note: str = ""

    def identity(self) -> dict[str, object]:
        """Return what makes two sources the same data: the part they serve, their name, their bytes."""
        return {"part": self.part, "name": self.name, "sha256": self.sha256}


@dataclass(frozen=True)
class Almanac:
    """Leap seconds, Earth orientation, ephemeris, orientation of the Moon and space weather, with sources.

    An Almanac is built by `syzygy.data.build_almanac` with the parts that a study needs and handed to its
    function; it can be pickled for worker processes.

    Attributes
    ----------
    leap_seconds : LeapSeconds
        TAI - UTC.
    earth_orientation : EarthOrientation or None
        UT1, polar motion, celestial pole offsets.
    ephemeris : Ephemeris or None
        Sun, Moon and planets.
    space_weather : SpaceWeather or None
        F10.7 and Ap.
    moon_orientation : BodyOrientation or None
        Lunar principal axes.
    sources : tuple of SourceRecord
        One or more per part.
    policies : tuple of (str, str)
        Choices that change answers, e.g. ``("predictions", "refused")``.
    """

    leap_seconds: LeapSeconds
    earth_orientation: EarthOrientation | None = None
    ephemeris: Ephemeris | None = None
    space_weather: SpaceWeather | None = None
    moon_orientation: BodyOrientation | None = None
    sources: tuple[SourceRecord, ...] = ()
    policies: tuple[tuple[str, str], ...] = ()

    @property
    def sha256(self) -> str:
        """Identity: hash of the canonical JSON of the sources (part, name, hash) and of the policies.

        Versions, licences and notes are words about the same bytes and do not enter; nor does the order.
        """
        sources = sorted((source.identity() for source in self.sources), key=lambda s: (s["part"], s["name"]))
        return sha256_record({"sources": sources, "policies": dict(self.policies)})

    def require_earth_orientation(self) -> EarthOrientation:
        """Return the Earth orientation or raise MissingDataError."""
        return _require(self.earth_orientation, "earth_orientation", "Earth orientation")

    def require_ephemeris(self) -> Ephemeris:
        """Return the planetary ephemeris or raise MissingDataError."""
        return _require(self.ephemeris, "ephemeris", "a planetary ephemeris")

    def require_space_weather(self) -> SpaceWeather:
        """Return the space weather or raise MissingDataError."""
        return _require(self.space_weather, "space_weather", "space weather")

    def require_moon_orientation(self) -> BodyOrientation:
        """Return the orientation of the Moon or raise MissingDataError."""
        return _require(self.moon_orientation, "moon_orientation", "the orientation of the Moon")


def _require(part: Part | None, name: str, words: str) -> Part:
    if part is None:
        raise MissingDataError(
            f"the almanac has no part for {words}",
            value=f"{name}: none",
            allowed=f"an almanac with {name}",
            where="almanac",
            hint=f"build it with build_almanac(needs=('{name}', ...))",
        )
    return part
