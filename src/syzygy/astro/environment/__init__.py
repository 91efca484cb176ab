"""Space environment: space weather records, the NRLMSISE-00 atmosphere, sunlight and shadow.

Everything is computed from records that are passed in; nothing here reads a file or opens a socket.
"""

from syzygy.astro.environment.atmosphere import Atmosphere, nrlmsise00
from syzygy.astro.environment.indices import (
    AtmosphereIndices,
    IndexTable,
    ReplacedFlux,
    constant_indices,
    look_up_indices,
    prepare_indices,
)
from syzygy.astro.environment.shadow import lit_fraction, shadow_angles_rad, stretch_to_sphere
from syzygy.astro.environment.space_weather import SpaceWeather
from syzygy.astro.environment.sunlight import solar_irradiance_w_m2

__all__ = [
    "Atmosphere",
    "AtmosphereIndices",
    "IndexTable",
    "ReplacedFlux",
    "SpaceWeather",
    "constant_indices",
    "lit_fraction",
    "look_up_indices",
    "nrlmsise00",
    "prepare_indices",
    "shadow_angles_rad",
    "solar_irradiance_w_m2",
    "stretch_to_sphere",
]
