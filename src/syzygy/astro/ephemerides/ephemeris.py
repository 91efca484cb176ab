"""Positions and velocities of bodies relative to each other, in ICRF axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.astro.bodies import BODIES, Body
from syzygy.astro.ephemerides.segments import (
    Link,
    Segment,
    add_link,
    find_chain,
    flatten_epochs,
)
from syzygy.astro.time import tdb_seconds
from syzygy.base.errors import MissingDataError

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Ephemeris:
    """A set of segments that tie bodies together.

    Attributes
    ----------
    name : str
        E.g. ``DE440``.
    segments : tuple of Segment
        Later ones take precedence over earlier ones of the same pair of bodies.
    refused : tuple of str
        Segments of the file that this reader does not evaluate, in words.

    Notes
    -----
    **Accuracy**: against jplephem on the same file at 20,000 random epochs of 1950 to 2050 and all pairs of
    bodies, below 1 mm in position out to Saturn, below 4 units in the last place beyond
    (tests/astro/test_ephemerides_jplephem.py); against values read from the JPL binary file by an independent
    reader, below 1 mm and 1 nm/s (tests/astro/test_ephemerides_oracle.py).
    """

    name: str
    segments: tuple[Segment, ...]
    refused: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """Hash of the file (of the first one, where several were joined)."""
        return self.segments[0].store.sha256

    @property
    def bodies(self) -> tuple[Body, ...]:
        """The bodies that can be asked for, in the order of their NAIF numbers."""
        known = {number for segment in self.segments for number in (segment.target_id, segment.centre_id)}
        return tuple(sorted((body for body in BODIES if body.naif_id in known), key=lambda b: b.naif_id))

    @property
    def span_tdb_s(self) -> tuple[float, float]:
        """First and last second of TDB since J2000 that every pair of bodies has."""
        starts: dict[tuple[int, int], float] = {}
        ends: dict[tuple[int, int], float] = {}
        for segment in self.segments:
            pair = (segment.target_id, segment.centre_id)
            starts[pair] = min(segment.start_tdb_s, starts.get(pair, np.inf))
            ends[pair] = max(segment.end_tdb_s, ends.get(pair, -np.inf))
        return max(starts.values()), min(ends.values())

    def position_m(self, target: Body, centre: Body, tai_ns: ArrayLike) -> Doubles:
        """Return the geometric position of `target` relative to `centre`.

        Parameters
        ----------
        target, centre : Body
            Any two bodies of `bodies`.
        tai_ns : int64, any shape (...)
            Nanoseconds of TAI since 1970.

        Returns
        -------
        array (..., 3)
            Metres, ICRF axes; no light time, no aberration.

        Raises
        ------
        CoverageError
            An epoch lies outside the span of a body.
        MissingDataError
            A body is not in this ephemeris.
        """
        whole_s, fraction_s = tdb_seconds(tai_ns)
        return self.position_at_tdb(target, centre, whole_s, fraction_s)

    def state_m(self, target: Body, centre: Body, tai_ns: ArrayLike) -> tuple[Doubles, Doubles]:
        """Return position (m) and velocity (m/s), each (..., 3), of `target` relative to `centre`.

        The velocity is the derivative of the series with respect to TDB; see `position_m` for the rest.
        """
        whole_s, fraction_s = tdb_seconds(tai_ns)
        return self.state_at_tdb(target, centre, whole_s, fraction_s)

    def position_at_tdb(
        self, target: Body, centre: Body, whole_s: ArrayLike, fraction_s: ArrayLike = 0.0
    ) -> Doubles:
        """Return positions at TDB seconds since J2000, given as a sum of two doubles (whole first)."""
        whole, fraction, shape = flatten_epochs(whole_s, fraction_s)
        value = np.zeros((whole.shape[0], 3))
        self._add_to(value, None, target, centre, whole, fraction)
        return value.reshape(shape)

    def state_at_tdb(
        self, target: Body, centre: Body, whole_s: ArrayLike, fraction_s: ArrayLike = 0.0
    ) -> tuple[Doubles, Doubles]:
        """Return positions and velocities at TDB seconds since J2000; see `position_at_tdb`."""
        whole, fraction, shape = flatten_epochs(whole_s, fraction_s)
        value = np.zeros((whole.shape[0], 3))
        rate = np.zeros_like(value)
        self._add_to(value, rate, target, centre, whole, fraction)
        return value.reshape(shape), rate.reshape(shape)

    def _add_to(
        self,
        value: Doubles,
        rate: Doubles | None,
        target: Body,
        centre: Body,
        whole_s: Doubles,
        fraction_s: Doubles,
    ) -> None:
        label = f"{target.name} relative to {centre.name}"
        for link in self._chain(target, centre):
            add_link(link, whole_s, fraction_s, value, rate, label)

    def _chain(self, target: Body, centre: Body) -> tuple[Link, ...]:
        chain = find_chain(self.segments, target.naif_id, centre.naif_id)
        if chain is not None:
            return chain
        known = {body.naif_id for body in self.bodies}
        missing = next((body for body in (target, centre) if body.naif_id not in known), target)
        refused = f"; segments not read: {', '.join(self.refused)}" if self.refused else ""
        raise MissingDataError(
            f"{self.name} has no position of {missing.name} relative to the others",
            value=str(missing),
            allowed=", ".join(body.name for body in self.bodies) + refused,
            where=self.segments[0].store.path.name,
            hint=_other_point(missing, self.bodies),
        )


def join_ephemerides(name: str, parts: Sequence[Ephemeris]) -> Ephemeris:
    """Join the segments of several files; later files take precedence."""
    return Ephemeris(
        name,
        tuple(segment for part in parts for segment in part.segments),
        tuple(words for part in parts for words in part.refused),
    )


def _other_point(missing: Body, known: Sequence[Body]) -> str:
    system = missing.naif_id // 100
    for body in known:
        if body.naif_id == system and missing.naif_id > 10:
            return f"use {body.name}: this file has the system, not the planet alone"
    return "use another ephemeris, or another body"
