"""Encounters: two objects near their closest approach, with covariances and the size that counts as a hit."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.astro.frames import EME2000, ICRF, TEME, Frame, require_frame, rtn_axes
from syzygy.base.errors import InputError, UnitError

INERTIAL_FRAMES = (EME2000, ICRF, TEME)
_LEAST_RADIUS_M, _MOST_RADIUS_M = 1.0e6, 1.0e10
_MOST_SPEED_M_S = 1.0e5
_MOST_HARD_BODY_M = 1.0e4


@dataclass(frozen=True)
class UncertainStates:
    """Inertial states of n objects with covariances, one instant each.

    Attributes
    ----------
    position_m, velocity_m_s : (n, 3) float64
        Centre Earth, axes of the `Encounter`.
    covariance : (n, 6, 6) float64
        Of position and velocity in the same axes: m2, m2/s, m2/s2.
    covariance_known : (n,) bool
        False where no covariance was given (then it is zero).
    velocity_covariance_known : (n,) bool
        False where only the position block was given; the 2-D step needs no more, all others do.
    """

    position_m: NDArray[np.float64]
    velocity_m_s: NDArray[np.float64]
    covariance: NDArray[np.float64]
    covariance_known: NDArray[np.bool_]
    velocity_covariance_known: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.position_m)

    def select(self, rows: NDArray[np.int64] | NDArray[np.bool_] | slice) -> UncertainStates:
        """Return some of the rows."""
        return UncertainStates(
            self.position_m[rows],
            self.velocity_m_s[rows],
            self.covariance[rows],
            self.covariance_known[rows],
            self.velocity_covariance_known[rows],
        )


@dataclass(frozen=True)
class Encounter:
    """A batch of n encounters of a primary with a secondary.

    Attributes
    ----------
    primary, secondary : UncertainStates
        Both at `tca_tai_ns`, in the axes of `frame`.
    hard_body_radius_m : (n,) float64
        Sum of the two radii: a distance below it is a collision.
    tca_tai_ns : (n,) int64
        Instant of the states, TAI nanoseconds.
    frame : Frame
        EME2000, ICRF or TEME.
    cross_covariance : (n, 6, 6) float64 or None
        Covariance of the primary's state with the secondary's, same axes; None where the two are taken as
        independent.
    """

    primary: UncertainStates
    secondary: UncertainStates
    hard_body_radius_m: NDArray[np.float64]
    tca_tai_ns: NDArray[np.int64]
    frame: Frame
    cross_covariance: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        require_frame(self.frame, INERTIAL_FRAMES, "Encounter.frame")
        lengths = {len(self.primary), len(self.secondary), len(self.hard_body_radius_m), len(self.tca_tai_ns)}
        if len(lengths) > 1:
            raise InputError(
                "the parts of an encounter batch differ in length",
                value=sorted(lengths),
                allowed="one length",
                where="Encounter",
            )
        _check_radius(self.hard_body_radius_m)

    def __len__(self) -> int:
        return len(self.primary)

    @property
    def separation_m(self) -> NDArray[np.float64]:
        """Secondary minus primary, (n, 3)."""
        return self.secondary.position_m - self.primary.position_m

    @property
    def relative_velocity_m_s(self) -> NDArray[np.float64]:
        """Secondary minus primary, (n, 3)."""
        return self.secondary.velocity_m_s - self.primary.velocity_m_s

    @property
    def position_covariance_m2(self) -> NDArray[np.float64]:
        """Covariance of the relative position, (n, 3, 3): the sum of both, less what they share."""
        summed = self.primary.covariance[:, :3, :3] + self.secondary.covariance[:, :3, :3]
        if self.cross_covariance is None:
            return summed
        cross = self.cross_covariance[:, :3, :3]
        return np.asarray(summed - cross - np.swapaxes(cross, 1, 2))

    def select(self, rows: NDArray[np.int64] | NDArray[np.bool_] | slice) -> Encounter:
        """Return some of the rows."""
        return replace(
            self,
            primary=self.primary.select(rows),
            secondary=self.secondary.select(rows),
            hard_body_radius_m=self.hard_body_radius_m[rows],
            tca_tai_ns=self.tca_tai_ns[rows],
            cross_covariance=None if self.cross_covariance is None else self.cross_covariance[rows],
        )


def uncertain_states(
    position_m: ArrayLike, velocity_m_s: ArrayLike, covariance: ArrayLike | None, *, axes: str
) -> UncertainStates:
    """Make a batch of states of which the covariance is given in inertial or in the object's own RTN axes.

    Parameters
    ----------
    position_m, velocity_m_s : (n, 3)
        Inertial, about the Earth.
    covariance : (n, 6, 6), (n, 3, 3) or None
        m2, m2/s, m2/s2; of the position only; or missing for all.
    axes : {"rtn", "inertial"}
        Axes of the covariance.  A 6 x 6 RTN covariance is turned without a transport term: its velocity
        part is that of the inertial velocity along the axes frozen at this instant, as in a CDM.

    Raises
    ------
    UnitError
        Positions or speeds that can only be a unit mistake (km for m).
    InputError
        Shapes that do not fit, numbers that are not finite, an unsymmetric covariance, unknown axes.
    """
    position = np.atleast_2d(np.asarray(position_m, dtype=np.float64))
    velocity = np.atleast_2d(np.asarray(velocity_m_s, dtype=np.float64))
    count = len(position)
    _check_states(position, velocity)
    if axes not in ("rtn", "inertial"):
        raise InputError("unknown axes of a covariance", value=axes, allowed="rtn, inertial", where="axes")
    full = np.zeros((count, 6, 6))
    velocity_known = np.zeros(count, dtype=bool)
    if covariance is not None:
        given = np.asarray(covariance, dtype=np.float64)
        given = given[None] if given.ndim == 2 else given
        _check_covariance(given, count)
        size = given.shape[-1]
        full[:, :size, :size] = 0.5 * (given + np.swapaxes(given, 1, 2))
        velocity_known[:] = size == 6
        if axes == "rtn":
            full = _from_rtn(position, velocity, full)
    return UncertainStates(position, velocity, full, np.full(count, covariance is not None), velocity_known)


def make_encounter(
    primary: UncertainStates,
    secondary: UncertainStates,
    hard_body_radius_m: ArrayLike,
    *,
    frame: Frame,
    tca_tai_ns: ArrayLike = 0,
) -> Encounter:
    """Join two batches of states, `hard_body_radius_m` and `tca_tai_ns` broadcast to their length."""
    count = len(primary)
    radius = np.array(np.broadcast_to(np.asarray(hard_body_radius_m, dtype=np.float64), (count,)))
    instants = np.array(np.broadcast_to(np.asarray(tca_tai_ns, dtype=np.int64), (count,)))
    return Encounter(primary, secondary, radius, instants, frame)


def _from_rtn(
    position: NDArray[np.float64], velocity: NDArray[np.float64], covariance: NDArray[np.float64]
) -> NDArray[np.float64]:
    axes = rtn_axes(position, velocity)
    turn = np.zeros((len(position), 6, 6))
    turn[:, :3, :3] = turn[:, 3:, 3:] = np.swapaxes(axes, 1, 2)
    turned = turn @ covariance @ np.swapaxes(turn, 1, 2)
    return 0.5 * (turned + np.swapaxes(turned, 1, 2))


def _check_states(position: NDArray[np.float64], velocity: NDArray[np.float64]) -> None:
    if position.shape != velocity.shape or position.shape[-1] != 3 or position.ndim != 2:
        raise InputError(
            "positions and velocities do not fit",
            value=f"{position.shape} and {velocity.shape}",
            allowed="(n, 3) both",
            where="position_m, velocity_m_s",
        )
    if not (np.isfinite(position).all() and np.isfinite(velocity).all()):
        raise InputError(
            "a state is not finite", value="nan or inf", allowed="finite numbers", where="position_m"
        )
    radius = np.linalg.norm(position, axis=1)
    odd = (radius < _LEAST_RADIUS_M) | (radius > _MOST_RADIUS_M)
    if odd.any():
        row = int(np.flatnonzero(odd)[0])
        raise UnitError(
            "a distance from the Earth that no object has",
            value=f"{radius[row]:g} m",
            allowed="1e6 to 1e10 m",
            where=f"position_m, row {row}",
            hint="check for kilometres given as metres or the reverse",
        )
    speed = np.linalg.norm(velocity, axis=1)
    if (speed > _MOST_SPEED_M_S).any():
        row = int(np.argmax(speed))
        raise UnitError(
            "a speed that no object near the Earth has",
            value=f"{speed[row]:g} m/s",
            allowed="up to 1e5 m/s",
            where=f"velocity_m_s, row {row}",
            hint="check for km/s given as m/s or the reverse",
        )


def _check_covariance(covariance: NDArray[np.float64], count: int) -> None:
    if covariance.shape not in ((count, 6, 6), (count, 3, 3)):
        raise InputError(
            "a covariance does not fit its states",
            value=covariance.shape,
            allowed=f"({count}, 6, 6) or ({count}, 3, 3)",
            where="covariance",
        )
    if not np.isfinite(covariance).all():
        raise InputError(
            "a covariance is not finite",
            value="nan or inf",
            allowed="finite numbers; None where there is no covariance",
            where="covariance",
        )
    skew = np.abs(covariance - np.swapaxes(covariance, 1, 2)).max(axis=(1, 2))
    odd = skew > 1e-6 * np.abs(covariance).max(axis=(1, 2))
    if odd.any():
        row = int(np.flatnonzero(odd)[0])
        raise InputError(
            "a covariance is not symmetric",
            value=f"difference {skew[row]:g}",
            allowed="up to 1e-6 of its largest element",
            where=f"covariance, row {row}",
        )


def _check_radius(radius_m: NDArray[np.float64]) -> None:
    odd = ~((radius_m > 0.0) & (radius_m <= _MOST_HARD_BODY_M))
    if odd.any():
        row = int(np.flatnonzero(odd)[0])
        raise UnitError(
            "a hard-body radius that no pair of objects has",
            value=f"{radius_m[row]:g} m",
            allowed=f"more than 0 and at most {_MOST_HARD_BODY_M:g} m",
            where=f"hard_body_radius_m, row {row}",
            hint="give the sum of the two radii in metres, not a diameter and not kilometres",
        )
