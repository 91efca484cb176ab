"""The satellites of a study at its instants: positions and health out of all given orbit files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.time.leap_seconds import LeapSeconds
from syzygy.base.errors import FormatError
from syzygy.base.provenance import InputFile
from syzygy.formats.compression import expand
from syzygy.formats.navigation_messages import GlonassMessages, KeplerianMessages, NavigationMessages
from syzygy.formats.rejected import RejectedRecord
from syzygy.formats.rinex_nav import read_rinex_nav
from syzygy.formats.sp3 import PreciseOrbits, read_sp3
from syzygy.satellites.broadcast_orbits import glonass_states, keplerian_positions_m, nearest_message
from syzygy.satellites.precise_orbits import interpolate_positions, join_orbits

VALIDITY_S = {"R": 900.0, "C": 3600.0, "E": 3600.0, "J": 3600.0, "G": 7200.0}
"""How far from its reference time a broadcast orbit is used."""
HEALTH_VALIDITY_S = 86_400.0
"""How far from its reference time a message speaks for the health of its satellite."""


@dataclass(frozen=True, eq=False)
class OrbitFiles:
    """What the given files hold.

    Attributes
    ----------
    precise : tuple of PreciseOrbits
        Joined per product.
    broadcast : tuple of NavigationMessages
    rejected : tuple of (str, RejectedRecord)
        File name and record of everything that could not be used.
    """

    precise: tuple[PreciseOrbits, ...]
    broadcast: tuple[NavigationMessages, ...]
    rejected: tuple[tuple[str, RejectedRecord], ...]

    def satellites(self, systems: Sequence[str]) -> tuple[str, ...]:
        """Return all satellites of the systems, sorted by system (as asked) and number."""
        names = {name for orbits in self.precise for name in orbits.satellites}
        for messages in self.broadcast:
            names |= set(messages.keplerian.satellite) | set(messages.glonass.satellite)
        return tuple(sorted((n for n in names if n[0] in systems), key=lambda n: (systems.index(n[0]), n)))

    def span_tai_ns(self, systems: Sequence[str]) -> tuple[int, int] | None:
        """Return the first and last instant with an orbit of the systems, None when there is none."""
        spans = [_precise_span(orbits, systems) for orbits in self.precise]
        if not any(spans):
            spans = [_broadcast_span(messages, systems) for messages in self.broadcast]
        found = [span for span in spans if span is not None]
        return (min(s[0] for s in found), max(s[1] for s in found)) if found else None


@dataclass(frozen=True, eq=False)
class SatelliteTracks:
    """s satellites at e instants.

    Attributes
    ----------
    satellites : tuple of str (s,)
    source : tuple of str (s,)
        ``precise``, ``broadcast`` or empty where no file gives a position.
    position_m : float64 (e, s, 3)
        Earth-fixed; NaN where not known.
    known : bool (e, s)
    off_centre : bool (e, s)
        Interpolated near an end or a gap.
    health_known, healthy : bool (e, s)
        What the nearest navigation message says; where none is near, health is not known.
    """

    satellites: tuple[str, ...]
    source: tuple[str, ...]
    position_m: NDArray[np.float64]
    known: NDArray[np.bool_]
    off_centre: NDArray[np.bool_]
    health_known: NDArray[np.bool_]
    healthy: NDArray[np.bool_]


def read_orbit_files(inputs: Sequence[InputFile], leap_seconds: LeapSeconds) -> OrbitFiles:
    """Read SP3 and RINEX navigation files, told apart by their first line.

    Raises
    ------
    FormatError
        A file that is neither, or that its reader refuses.
    """
    precise: list[PreciseOrbits] = []
    broadcast: list[NavigationMessages] = []
    rejected: list[tuple[str, RejectedRecord]] = []
    for file in inputs:
        content = expand(file.read(), name=file.name)
        if content[:1] == b"#" and content[2:3] in (b"P", b"V"):
            precise.append(read_sp3(content, leap_seconds, name=file.name))
        elif b"RINEX VERSION / TYPE" in content[:200]:
            messages = read_rinex_nav(content, leap_seconds, name=file.name)
            broadcast.append(messages)
            rejected.extend((file.name, record) for record in messages.rejected)
        else:
            raise FormatError(
                "neither an SP3 nor a RINEX navigation file",
                value=repr(content[:40].decode("ascii", "replace")) if content else "an empty file",
                allowed="a first line like #dP (SP3), or one that ends with RINEX VERSION / TYPE",
                where=file.name,
            )
    return OrbitFiles(join_orbits(precise), tuple(broadcast), tuple(rejected))


def locate_satellites(
    files: OrbitFiles, satellites: Sequence[str], tai_ns: NDArray[np.int64]
) -> SatelliteTracks:
    """Return positions and health of satellites at instants.

    A satellite is taken from the first product that has a position of it in the window. Navigation messages
    give positions only for systems without any precise orbit: the messages that one station collects cover a
    satellite while that station sees it, which would favour its surroundings.
    """
    shape = (tai_ns.size, len(satellites))
    position = np.full((*shape, 3), np.nan)
    flags = {key: np.zeros(shape, dtype=np.bool_) for key in ("known", "off_centre", "told", "healthy")}
    source = []
    precise_systems = {other[0] for orbits in files.precise for other in orbits.satellites}
    for index, name in enumerate(satellites):
        found = _locate_precise(files.precise, name, tai_ns)
        messages = _messages_of(files.broadcast, name)
        source.append("precise" if found is not None else "")
        if found is not None:
            position[:, index], flags["known"][:, index], flags["off_centre"][:, index] = found
        elif messages is not None and name[0] not in precise_systems:
            position[:, index], flags["known"][:, index] = _locate_broadcast(messages, name, tai_ns)
            source[-1] = "broadcast" if flags["known"][:, index].any() else ""
        if messages is not None:
            nearest = nearest_message(messages.reference_tai_ns, tai_ns, HEALTH_VALIDITY_S)
            flags["told"][:, index] = nearest >= 0
            flags["healthy"][:, index] = (nearest >= 0) & messages.healthy[nearest]
    return SatelliteTracks(
        satellites=tuple(satellites),
        source=tuple(source),
        position_m=position,
        known=flags["known"],
        off_centre=flags["off_centre"],
        health_known=flags["told"],
        healthy=flags["healthy"],
    )


def orbit_classes(tracks: SatelliteTracks) -> tuple[str, ...]:
    """Return MEO, IGSO or GEO of every satellite, empty where it is never seen, from its own positions."""
    classes = []
    for index in range(len(tracks.satellites)):
        position = tracks.position_m[tracks.known[:, index], index]
        if position.shape[0] == 0:
            classes.append("")
            continue
        radius = np.linalg.norm(position, axis=-1)
        latitude = np.degrees(np.arcsin(np.abs(position[:, 2]) / radius))
        high = float(np.mean(radius)) > 4.0e7
        classes.append("MEO" if not high else "GEO" if float(np.max(latitude)) < 10.0 else "IGSO")
    return tuple(classes)


def _precise_span(orbits: PreciseOrbits, systems: Sequence[str]) -> tuple[int, int] | None:
    columns = np.array([name[0] in systems for name in orbits.satellites], dtype=np.bool_)
    rows = np.flatnonzero(orbits.position_known[:, columns].any(axis=1))
    return (int(orbits.epoch_tai_ns[rows[0]]), int(orbits.epoch_tai_ns[rows[-1]])) if rows.size else None


def _broadcast_span(messages: NavigationMessages, systems: Sequence[str]) -> tuple[int, int] | None:
    times = [
        int(reference) + sign * round(VALIDITY_S[name[0]] * 1e9)
        for group in (messages.keplerian, messages.glonass)
        for name, reference in zip(group.satellite, group.reference_tai_ns.tolist(), strict=True)
        for sign in (-1, 1)
        if name[0] in systems
    ]
    return (min(times), max(times)) if times else None


def _locate_precise(
    products: Sequence[PreciseOrbits], name: str, tai_ns: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]] | None:
    for orbits in products:
        if name in orbits.satellites:
            found = interpolate_positions(orbits, tai_ns, [name])
            if found.known.any():
                return found.position_m[:, 0], found.known[:, 0], found.off_centre[:, 0]
    return None


def _messages_of(
    files: Sequence[NavigationMessages], name: str
) -> KeplerianMessages | GlonassMessages | None:
    groups = [file.glonass if name[0] == "R" else file.keplerian for file in files]
    chosen = [group.select(group.satellite == name) for group in groups]
    chosen = [group for group in chosen if group.satellite.size]
    if not chosen:
        return None
    first = chosen[0]
    joined = {
        key: np.concatenate([getattr(group, key) for group in chosen]) for key in first.__dataclass_fields__
    }
    return type(first)(**joined)


def _locate_broadcast(
    messages: KeplerianMessages | GlonassMessages, name: str, tai_ns: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    nearest = nearest_message(messages.reference_tai_ns, tai_ns, VALIDITY_S[name[0]])
    known = nearest >= 0
    position = np.full((tai_ns.size, 3), np.nan)
    chosen = messages.select(nearest[known])
    if isinstance(chosen, GlonassMessages):
        position[known] = glonass_states(chosen, tai_ns[known])[0]
    else:
        position[known] = keplerian_positions_m(chosen, tai_ns[known])
    return position, known
