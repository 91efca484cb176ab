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
    `syzygy.astro.frames.moon_pa_from_icrf` turns the angles into matrices.

    Attributes
    ----------
    name : str
        E.g. ``DE440 lunar principal axes``.
    segments : tuple of Segment
        Their "positions" are the three angles.

    Notes
    -----
    **Accuracy**: against an independent reader of the same file 1e-12 rad in the first two angles and
    4 units in the last place of psi, which grows by turns (tests/formats/test_jpl_binary.py).
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
