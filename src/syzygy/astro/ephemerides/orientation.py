"""How a body is turned: Euler angles of its principal axes as integrated with the ephemeris."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.astro.ephemerides.segments import Link, Segment, add_link, flatten_epochs
from syzygy.astro.time import tdb_seconds

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class BodyOrientation:
    """Angles phi, theta, psi of body axes against ICRF axes: axes = Rz(psi) Rx(theta) Rz(phi) ICRF.

    For the Moon these are the principal axes (PA) of the ephemeris they were integrated with; the axes of two
    ephemerides differ (DE421 and DE440 by 0.16 arcsec), so the name says which.

    Attributes
    ----------
    name : str
        E.g. ``DE440 lunar principal axes``.
    segments : tuple of Segment
        Their "positions" are the three angles.

    Notes
    -----
    **Accuracy**: against an independent reader of the same file 1e-12 rad in the first two angles and
    1e-12 of the angle in psi, which grows by turns (tests/astro/test_ephemerides_orientation.py).
    """

    name: str
    segments: tuple[Segment, ...]

    @property
    def sha256(self) -> str:
        """Hash of the file."""
        return self.segments[0].store.sha256

    @property
    def span_tdb_s(self) -> tuple[float, float]:
        """First and last second of TDB since J2000."""
        return (
            min(segment.start_tdb_s for segment in self.segments),
            max(segment.end_tdb_s for segment in self.segments),
        )

    def angles_rad(self, tai_ns: ArrayLike) -> Doubles:
        """Return phi, theta, psi, shape (..., 3), at TAI nanoseconds of shape (...).

        Raises
        ------
        CoverageError
            An epoch lies outside the span of the file.
        """
        return self.angles_at_tdb(*tdb_seconds(tai_ns))[0]

    def angle_rates_rad_s(self, tai_ns: ArrayLike) -> Doubles:
        """Return the time derivatives of phi, theta, psi, shape (..., 3)."""
        return self.angles_at_tdb(*tdb_seconds(tai_ns))[1]

    def angles_at_tdb(self, whole_s: ArrayLike, fraction_s: ArrayLike = 0.0) -> tuple[Doubles, Doubles]:
        """Return angles (rad) and rates (rad/s) at TDB seconds since J2000, a sum of two doubles."""
        whole, fraction, shape = flatten_epochs(whole_s, fraction_s)
        angles = np.zeros((whole.shape[0], 3))
        rates = np.zeros_like(angles)
        add_link(Link(self.segments, 1.0), whole, fraction, angles, rates, self.name)
        return angles.reshape(shape), rates.reshape(shape)

    def axes_from_icrf(self, tai_ns: ArrayLike) -> Doubles:
        """Return the rotation matrices (..., 3, 3) that take ICRF components to body components."""
        return rotation_from_angles(self.angles_rad(tai_ns))


def rotation_from_angles(angles_rad: Doubles) -> Doubles:
    """Return Rz(psi) Rx(theta) Rz(phi) for angles (..., 3); the rows are the body axes.

    **Source**: Park et al. (2021), section on the orientation of the Moon; SPICE frame kernels use the same
    3-1-3 sequence.
    """
    sine, cosine = np.sin(angles_rad), np.cos(angles_rad)
    s1, s2, s3 = sine[..., 0], sine[..., 1], sine[..., 2]
    c1, c2, c3 = cosine[..., 0], cosine[..., 1], cosine[..., 2]
    rows = (
        (c3 * c1 - s3 * c2 * s1, c3 * s1 + s3 * c2 * c1, s3 * s2),
        (-s3 * c1 - c3 * c2 * s1, -s3 * s1 + c3 * c2 * c1, c3 * s2),
        (s2 * s1, -s2 * c1, c2),
    )
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)
