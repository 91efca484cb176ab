"""Trajectories given as tables of states: useable span, interpolation, borders that nothing crosses."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.astro.states import States
from syzygy.astro.time import as_instants
from syzygy.base.errors import CoverageError, InputError
from syzygy.numerics.interpolation import hermite, lagrange, nearest_windows

MAX_DEGREE = 25
KINDS = ("HERMITE", "LAGRANGE", "LINEAR")
NO_INSTANTS = np.zeros(0, dtype=np.int64)
NO_FLAGS = np.zeros(0, dtype=np.bool_)


@dataclass(frozen=True, eq=False)
class CovarianceHistory:
    """m covariances of position and velocity.

    Attributes
    ----------
    tai_ns : int64 (m,)
    matrix : float64 (m, 6, 6)
        m**2, m**2/s, m**2/s**2, symmetric.
    frame : tuple of str, m
        Name of the axes of each: ``EME2000``, ``RTN`` ...
    """

    tai_ns: NDArray[np.int64]
    matrix: NDArray[np.float64]
    frame: tuple[str, ...]

    def __len__(self) -> int:
        """Return m."""
        return int(self.tai_ns.size)


@dataclass(frozen=True, eq=False)
class TabulatedTrajectory:
    """One object's states at instants, and how to read between them.

    Attributes
    ----------
    states : States
        n states, instants strictly ascending.
    useable_tai_ns : tuple of int
        First and last instant for which interpolation is allowed.
    interpolation : str
        ``HERMITE``, ``LAGRANGE``, ``LINEAR`` or empty where nobody says.
    degree : int
        Of the polynomial; 0 where nobody says.
    acceleration_m_s2 : float64 (n, 3) or None
    covariances : CovarianceHistory or None
    border_tai_ns : int64 (k,)
        Instants across which nothing is interpolated: begin and end of manoeuvres, ascending.
    border_jumps : bool (k,)
        Whether the velocity jumps there (an impulse): a state at that instant then belongs to the side after
        it only.

    Raises
    ------
    InputError
        Instants that do not ascend, shapes that do not fit.

    **Accuracy**: circular orbit of 7000 km, states 60 s apart, Hermite of degree 7: within a millimetre
    (``test_ccsds_core.py``).
    """

    states: States
    useable_tai_ns: tuple[int, int]
    interpolation: str = ""
    degree: int = 0
    acceleration_m_s2: NDArray[np.float64] | None = None
    covariances: CovarianceHistory | None = None
    border_tai_ns: NDArray[np.int64] = field(default_factory=lambda: NO_INSTANTS)
    border_jumps: NDArray[np.bool_] = field(default_factory=lambda: NO_FLAGS)

    def __post_init__(self) -> None:
        nodes = self.states.tai_ns
        if nodes.ndim != 1 or self.states.position_m.shape != (nodes.size, 3) or not nodes.size:
            raise InputError(
                "the states of a table are no list", value=f"{self.states.position_m.shape}",
                allowed="(n, 3) with n instants, at least one", where="TabulatedTrajectory",
            )  # fmt: skip
        if bool((np.diff(nodes) <= 0).any()):
            at = int(np.argmax(np.diff(nodes) <= 0)) + 2
            raise InputError(
                "the states of a segment do not ascend in time", value=f"state {at}",
                allowed="each later than the one before", where="TabulatedTrajectory",
            )  # fmt: skip
        if self.border_tai_ns.shape != self.border_jumps.shape or bool(
            (np.diff(self.border_tai_ns) < 0).any()
        ):
            raise InputError(
                "the borders of a trajectory do not fit", value=self.border_tai_ns.shape,
                allowed="ascending instants, one flag each", where="TabulatedTrajectory",
            )  # fmt: skip

    def __len__(self) -> int:
        """Return n."""
        return int(self.states.tai_ns.size)

    def states_at(self, tai_ns: ArrayLike, *, interpolation: str = "", degree: int = 0) -> States:
        """Return states at instants of the useable span, interpolated as the table asks for.

        Parameters
        ----------
        tai_ns : int64 (...)
        interpolation, degree
            Only where the table names none, or to overrule it. Hermite interpolates the positions with the
            velocities as their rates; Lagrange and linear interpolate both.

        Raises
        ------
        CoverageError
            Outside the useable span, or where the states on this side of a border do not reach.
        InputError
            Neither the table nor the caller says how, an unknown kind, or too few states for the degree.
        """
        kind, count = self._scheme(interpolation, degree)
        instants = as_instants(tai_ns)
        self._require_useable(instants)
        times = np.atleast_1d(instants).ravel()
        position, velocity = np.empty((times.size, 3)), np.empty((times.size, 3))
        for which, first, last in self._arcs(times):
            self._require_reach(times[which], first, last, count, kind)
            position[which], velocity[which] = self._interpolate(times[which], first, last, count, kind)
        shape = (*instants.shape, 3)
        return States(
            position.reshape(shape), velocity.reshape(shape), instants, self.states.frame, self.states.centre
        )

    def _scheme(self, interpolation: str, degree: int) -> tuple[str, int]:
        kind = (interpolation or self.interpolation).upper()
        order = degree or self.degree or (1 if kind == "LINEAR" else 0)
        count = (order + 1) // 2 if kind == "HERMITE" else order + 1
        size = len(self)
        if kind not in KINDS or not 1 <= order <= MAX_DEGREE or not 2 <= count <= size:
            raise InputError(
                "the segment cannot be interpolated so",
                value=f"{kind or 'no kind'} of degree {order} over {size} states",
                allowed=f"{', '.join(KINDS)} of degree 1 (Hermite: 3) to {MAX_DEGREE}, with as many states",
                hint="name interpolation and degree where the message does not",
            )
        return kind, count

    def _require_useable(self, instants: NDArray[np.int64]) -> None:
        first, last = self.useable_tai_ns
        if instants.size and (int(instants.min()) < first or int(instants.max()) > last):
            raise CoverageError(
                "an instant lies outside the useable span of the segment",
                value=f"{int(instants.min())} to {int(instants.max())} ns TAI", allowed=f"{first} to {last}",
            )  # fmt: skip

    def _arcs(self, times: NDArray[np.int64]) -> list[tuple[NDArray[np.bool_], int, int]]:
        """Return, for each stretch between borders with instants in it, those and its range of states."""
        nodes = self.states.tai_ns
        if not self.border_tai_ns.size:
            return [(np.ones(times.size, dtype=np.bool_), 0, nodes.size)]
        number = np.searchsorted(self.border_tai_ns, times, side="right")
        arcs = []
        for arc in np.unique(number).tolist():
            first = np.searchsorted(nodes, self.border_tai_ns[arc - 1], side="left") if arc else 0
            last = nodes.size
            if arc < self.border_tai_ns.size:
                border = int(self.border_tai_ns[arc]) - bool(self.border_jumps[arc])
                last = int(np.searchsorted(nodes, border, side="right"))
            arcs.append((number == arc, int(first), int(last)))
        return arcs

    def _require_reach(self, times: NDArray[np.int64], first: int, last: int, count: int, kind: str) -> None:
        nodes = self.states.tai_ns[first:last]
        if nodes.size < count:
            raise CoverageError(
                "too few states stand between two borders", value=f"{nodes.size} states",
                allowed=f"{count} or more for {kind}", where="TabulatedTrajectory",
                hint="nothing is interpolated across a manoeuvre; ask for a lower degree",
            )  # fmt: skip
        if int(times.min()) < int(nodes[0]) or int(times.max()) > int(nodes[-1]):
            raise CoverageError(
                "an instant lies between a border and the nearest state on its side",
                value=f"{int(times.min())} to {int(times.max())} ns TAI",
                allowed=f"{int(nodes[0])} to {int(nodes[-1])}", where="TabulatedTrajectory",
            )  # fmt: skip

    def _interpolate(
        self, times: NDArray[np.int64], first: int, last: int, count: int, kind: str
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        nodes = self.states.tai_ns[first:last]
        window = nearest_windows(nodes, times, count)
        middle = nodes[window[:, count // 2]]
        nodes_s = (nodes[window] - middle[:, None]) / 1e9
        times_s = (times - middle) / 1e9
        places = self.states.position_m[first:last][window]
        speeds = self.states.velocity_m_s[first:last][window]
        if kind == "HERMITE":
            return hermite(times_s, nodes_s, places, speeds)
        return lagrange(times_s, nodes_s, places), lagrange(times_s, nodes_s, speeds)


@dataclass(frozen=True, eq=False)
class SegmentedTrajectory:
    """Several tables one after the other, for one object; no value is drawn from two of them.

    Attributes
    ----------
    segments : tuple of TabulatedTrajectory
        Useable spans that do not overlap but for a shared end, ascending, all in one frame and about one
        centre. At a shared end the later segment answers.
    """

    segments: tuple[TabulatedTrajectory, ...]

    def __post_init__(self) -> None:
        spans = [segment.useable_tai_ns for segment in self.segments]
        if not spans or any(after[0] < before[1] for before, after in pairwise(spans)):
            raise InputError(
                "the useable spans of the segments overlap or do not ascend", value=spans[:4],
                allowed="each beginning where or after the one before ends", where="SegmentedTrajectory",
            )  # fmt: skip
        axes = {(segment.states.frame.name, segment.states.centre.naif_id) for segment in self.segments}
        if len(axes) > 1:
            raise InputError(
                "the segments differ in frame or centre", value=sorted(axes), allowed="one of each",
                where="SegmentedTrajectory",
            )  # fmt: skip

    def states(self, tai_ns: ArrayLike) -> States:
        """Return the states at instants; CoverageError with the useable spans where no segment has one."""
        instants = as_instants(tai_ns)
        times = np.atleast_1d(instants).ravel()
        starts = np.array([segment.useable_tai_ns[0] for segment in self.segments])
        stops = np.array([segment.useable_tai_ns[1] for segment in self.segments])
        number = np.searchsorted(starts, times, side="right") - 1
        outside = (number < 0) | (times > stops[np.maximum(number, 0)])
        if bool(outside.any()):
            shown = ", ".join(f"{a} to {b}" for a, b in zip(starts[:8], stops[:8], strict=True))
            raise CoverageError(
                "an instant lies in no useable span", value=f"{int(times[np.argmax(outside)])} ns TAI",
                allowed=shown + (" ..." if starts.size > 8 else ""), where="SegmentedTrajectory",
            )  # fmt: skip
        position, velocity = np.empty((times.size, 3)), np.empty((times.size, 3))
        for index in np.unique(number).tolist():
            which = number == index
            found = self.segments[index].states_at(times[which])
            position[which], velocity[which] = found.position_m, found.velocity_m_s
        shape = (*instants.shape, 3)
        like = self.segments[0].states
        return States(position.reshape(shape), velocity.reshape(shape), instants, like.frame, like.centre)
