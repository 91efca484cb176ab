"""Frames: axes as checked values, and the turns between them for batches of positions and velocities."""

from __future__ import annotations

from syzygy.astro.frames.bias import EME2000_FROM_ICRF, eme2000_from_icrf, icrf_from_eme2000
from syzygy.astro.frames.earth import (
    OrientationSource,
    earth_rotation_matrices,
    gcrf_from_itrf,
    itrf_from_gcrf,
)
from syzygy.astro.frames.frame import EME2000, ICRF, ITRF, MOON_ME, MOON_PA, TEME, Frame, require_frame
from syzygy.astro.frames.geodetic import geodetic_from_itrf, itrf_from_geodetic
from syzygy.astro.frames.moon import MOON_ME_FROM_PA, moon_me_from_icrf, moon_pa_from_icrf
from syzygy.astro.frames.orbit_axes import rtn_axes
from syzygy.astro.frames.realizations import REALIZATIONS, change_realization
from syzygy.astro.frames.teme import (
    gcrf_from_teme,
    itrf_from_teme,
    itrf_from_teme_gmst,
    teme_from_gcrf,
    teme_from_itrf,
)
from syzygy.astro.frames.topocentric import azimuth_elevation_range, topocentric_axes
from syzygy.astro.frames.vectors import rotate

__all__ = [
    "EME2000",
    "EME2000_FROM_ICRF",
    "ICRF",
    "ITRF",
    "MOON_ME",
    "MOON_ME_FROM_PA",
    "MOON_PA",
    "REALIZATIONS",
    "TEME",
    "Frame",
    "OrientationSource",
    "azimuth_elevation_range",
    "change_realization",
    "earth_rotation_matrices",
    "eme2000_from_icrf",
    "gcrf_from_itrf",
    "gcrf_from_teme",
    "geodetic_from_itrf",
    "icrf_from_eme2000",
    "itrf_from_gcrf",
    "itrf_from_geodetic",
    "itrf_from_teme",
    "itrf_from_teme_gmst",
    "moon_me_from_icrf",
    "moon_pa_from_icrf",
    "require_frame",
    "rotate",
    "rtn_axes",
    "teme_from_gcrf",
    "teme_from_itrf",
    "topocentric_axes",
]
