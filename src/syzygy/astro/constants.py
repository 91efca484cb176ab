"""Physical and defining constants: SI units, the unit in the name, the source beside each.

Gravitational parameters and radii of single bodies belong to `syzygy.astro.bodies`; those needed by name
(Sun, Earth, Moon) stand here too.  A gravity model or an element set brings its own GM and radius: never mix.
"""

from __future__ import annotations

import math

ARCSECOND_RAD = math.pi / 648_000.0
"""One second of arc, rad."""

SPEED_OF_LIGHT_M_S = 299_792_458.0
"""Definition of the metre, SI (9th brochure)."""
ASTRONOMICAL_UNIT_M = 149_597_870_700.0
"""IAU 2012 Resolution B2 (exact); the same value in the header of DE440."""
GRAVITATIONAL_CONSTANT_M3_KG_S2 = 6.67430e-11
"""CODATA 2018."""
BOLTZMANN_J_K = 1.380649e-23
"""Definition of the kelvin, SI (exact)."""
AVOGADRO_PER_MOL = 6.02214076e23
"""Definition of the mole, SI (exact)."""
PLANCK_J_S = 6.62607015e-34
"""Definition of the kilogram, SI (exact)."""
ELEMENTARY_CHARGE_C = 1.602176634e-19
"""Definition of the ampere, SI (exact)."""
STEFAN_BOLTZMANN_W_M2_K4 = 5.670374419e-8
"""CODATA 2018 (exact by the SI, rounded)."""
STANDARD_GRAVITY_M_S2 = 9.80665
"""Third General Conference on Weights and Measures, 1901; turns specific impulse into exhaust speed."""

GM_SUN_M3_S2 = 1.327124400412794e20
"""DE440 (Park et al., AJ 161:105, 2021; NAIF gm_de440.tpc)."""
GM_EARTH_M3_S2 = 3.986004355070227e14
"""DE440, TDB-compatible (NAIF gm_de440.tpc)."""
GM_MOON_M3_S2 = 4.90280011845755e12
"""DE440 (NAIF gm_de440.tpc)."""
GM_EARTH_MOON_M3_S2 = 4.035032356254802e14
"""DE440, Earth and Moon together."""
EARTH_MOON_MASS_RATIO = 81.30056822149722
"""DE440 header (EMRAT)."""

SUN_RADIUS_M = 695_700_000.0
"""Nominal solar radius, IAU 2015 Resolution B3."""
MOON_RADIUS_M = 1_737_400.0
"""IAU WGCCRE 2015 (Archinal et al. 2018; NAIF pck00011.tpc)."""
EARTH_MEAN_RADIUS_M = 6_371_008.4
"""IAU WGCCRE 2015 (Archinal et al. 2018): 6371.0084 km."""
SOLAR_CONSTANT_W_M2 = 1_361.0
"""Total solar irradiance at 1 au, IAU 2015 Resolution B3."""

WGS84_SEMI_MAJOR_AXIS_M = 6_378_137.0
"""NGA.STND.0036 (2014), table 3.1."""
WGS84_INVERSE_FLATTENING = 298.257223563
"""NGA.STND.0036 (2014), table 3.1."""
WGS84_FLATTENING = 1.0 / WGS84_INVERSE_FLATTENING
WGS84_ECCENTRICITY_SQUARED = WGS84_FLATTENING * (2.0 - WGS84_FLATTENING)
WGS84_SEMI_MINOR_AXIS_M = WGS84_SEMI_MAJOR_AXIS_M * (1.0 - WGS84_FLATTENING)
WGS84_GM_M3_S2 = 3.986004418e14
"""NGA.STND.0036 (2014), table 3.1; includes the atmosphere, TT-compatible."""

SGP4_GM_M3_S2 = 3.986008e14
"""WGS-72, as element sets are made (Hoots and Roehrich 1980; Vallado et al., AIAA 2006-6753)."""
SGP4_EARTH_RADIUS_M = 6_378_135.0
"""WGS-72 (Vallado et al., AIAA 2006-6753)."""
SGP4_J2 = 1.082616e-3
"""WGS-72 (Vallado et al., AIAA 2006-6753)."""
SGP4_J3 = -2.53881e-6
"""WGS-72 (Vallado et al., AIAA 2006-6753)."""
SGP4_J4 = -1.65597e-6
"""WGS-72 (Vallado et al., AIAA 2006-6753)."""

EARTH_J2 = 1.0826359e-3
"""IERS Conventions (2010), table 1.1 (zero-tide, for the equatorial radius 6378136.6 m)."""

EARTH_ROTATION_TURNS_PER_UT1_DAY = 1.00273781191135448
"""Rate of the Earth Rotation Angle (Capitaine et al. 2000; IERS Conventions 2010, eq. 5.15)."""
EARTH_ROTATION_RATE_RAD_S = 7.292115146706979e-5
"""The same rate in radians per second of UT1: 2 pi 1.00273781191135448 / 86400."""
EARTH_ROTATION_RATE_NOMINAL_RAD_S = 7.292115e-5
"""IERS Conventions (2010), table 1.2; also GLONASS and BeiDou interface documents."""
