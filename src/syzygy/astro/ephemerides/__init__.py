"""Where Sun, Moon and planets are and how the Moon is turned, from published Chebyshev series.

`Ephemeris` answers positions and velocities, `BodyOrientation` answers libration angles.  Both are made by
the file readers of `syzygy.formats` (spk, pck, jpl_binary) and travel to worker processes by path and hash.
"""

from syzygy.astro.ephemerides.ephemeris import Ephemeris
from syzygy.astro.ephemerides.orientation import BodyOrientation
from syzygy.astro.ephemerides.segments import Segment
from syzygy.astro.ephemerides.store import CoefficientStore

__all__ = ["BodyOrientation", "CoefficientStore", "Ephemeris", "Segment"]
