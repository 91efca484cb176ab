"""Seconds of the time variable of a force model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.time import tai_from_tdb_seconds, tdb_seconds

Doubles = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Clock:
    """Seconds of the time variable since an epoch.

    Attributes
    ----------
    epoch_tai_ns : int
    variable : str
        ``TDB`` or ``TT``.
    """

    epoch_tai_ns: int
    variable: str

    def seconds(self, tai_ns: NDArray[np.int64]) -> Doubles:
        """Return the seconds since the epoch at instants."""
        if self.variable == "TT":
            return (tai_ns - self.epoch_tai_ns) / 1e9
        whole0, fraction0 = tdb_seconds(self.epoch_tai_ns)
        whole, fraction = tdb_seconds(tai_ns)
        return (whole - whole0) + (fraction - fraction0)

    def tdb(self, seconds: Doubles) -> tuple[Doubles, Doubles]:
        """Return TDB seconds since J2000 in two parts at seconds since the epoch."""
        if self.variable == "TT":
            return tdb_seconds(self.tai_ns(seconds))
        whole0, fraction0 = tdb_seconds(self.epoch_tai_ns)
        whole = np.floor(seconds)
        return whole0 + whole, fraction0 + (seconds - whole)

    def tai_ns(self, seconds: Doubles) -> NDArray[np.int64]:
        """Return the instants, rounded to the nanosecond."""
        if self.variable == "TT":
            whole = np.floor(seconds)
            return (
                self.epoch_tai_ns
                + whole.astype(np.int64) * 1_000_000_000
                + np.rint((seconds - whole) * 1e9).astype(np.int64)
            )
        return tai_from_tdb_seconds(*self.tdb(seconds))
