"""The bodies of DE440: Sun, Moon, planets and barycentres, with their gravity and size.

Gravitational parameters are those of DE440 (NAIF kernel ``gm_de440.tpc``); where a planet has moons, the
planet alone (``MARS``) and its system (``MARS_BARYCENTER``) are two bodies.  Radii are those of the IAU
working group of 2015 as in NAIF kernel ``pck00011.tpc``.
"""

from __future__ import annotations

from dataclasses import dataclass

from syzygy.astro.constants import GM_EARTH_M3_S2, GM_EARTH_MOON_M3_S2, GM_MOON_M3_S2, GM_SUN_M3_S2
from syzygy.base.errors import UnknownNameError

_GM_SOURCE = "gm_de440.tpc (DE440: Park et al., AJ 161:105, 2021; satellite solutions of 2022)"
_RADIUS_SOURCE = "pck00011.tpc, IAU WGCCRE 2015 (Archinal et al. 2018)"


@dataclass(frozen=True)
class Body:
    """One body or barycentre.

    Attributes
    ----------
    naif_id : int
        NAIF number, e.g. 399 for the Earth.
    name : str
        English name, upper and lower case as written in text.
    gm_m3_s2 : float
        Gravitational parameter of the body, for a barycentre that of its whole system (of the Sun and all
        planetary systems for the Solar-System barycentre).
    mean_radius_m, equatorial_radius_m : float
        0 for a barycentre, which has no surface.
    source : str
        Where the numbers are from.
    """

    naif_id: int
    name: str
    gm_m3_s2: float
    mean_radius_m: float
    equatorial_radius_m: float
    source: str

    @property
    def radius_m(self) -> float:
        """The equatorial radius, the one meant when a height above a body is given without a figure."""
        return self.equatorial_radius_m

    @property
    def is_barycenter(self) -> bool:
        """Whether this is a point without a surface."""
        return self.equatorial_radius_m == 0.0

    def __str__(self) -> str:
        return f"{self.name} ({self.naif_id})"


def _body(naif_id: int, name: str, gm_m3_s2: float, mean_km: float, equatorial_km: float) -> Body:
    source = f"GM: {_GM_SOURCE}; radii: {_RADIUS_SOURCE}"
    return Body(naif_id, name, gm_m3_s2, mean_km * 1e3, equatorial_km * 1e3, source)


def _barycenter(naif_id: int, name: str, gm_m3_s2: float) -> Body:
    return Body(naif_id, name, gm_m3_s2, 0.0, 0.0, f"GM: {_GM_SOURCE}")


MERCURY_BARYCENTER = _barycenter(1, "Mercury barycenter", 2.2031868551400003e13)
VENUS_BARYCENTER = _barycenter(2, "Venus barycenter", 3.2485859200000000e14)
EARTH_MOON_BARYCENTER = _barycenter(3, "Earth-Moon barycenter", GM_EARTH_MOON_M3_S2)
MARS_BARYCENTER = _barycenter(4, "Mars barycenter", 4.2828375815756102e13)
JUPITER_BARYCENTER = _barycenter(5, "Jupiter barycenter", 1.2671276409999998e17)
SATURN_BARYCENTER = _barycenter(6, "Saturn barycenter", 3.7940584841799997e16)
URANUS_BARYCENTER = _barycenter(7, "Uranus barycenter", 5.7945563999999985e15)
NEPTUNE_BARYCENTER = _barycenter(8, "Neptune barycenter", 6.8365271005803989e15)
PLUTO_BARYCENTER = _barycenter(9, "Pluto barycenter", 9.7550000000000000e11)
SUN = _body(10, "Sun", GM_SUN_M3_S2, 695700.0, 695700.0)
MERCURY = _body(199, "Mercury", 2.2031868551400003e13, 2439.4, 2440.53)
VENUS = _body(299, "Venus", 3.2485859200000000e14, 6051.8, 6051.8)
EARTH = _body(399, "Earth", GM_EARTH_M3_S2, 6371.0084, 6378.1366)
MOON = _body(301, "Moon", GM_MOON_M3_S2, 1737.4, 1737.4)
MARS = _body(499, "Mars", 4.282837362069909e13, 3389.50, 3396.19)
JUPITER = _body(599, "Jupiter", 1.266865319003704e17, 69911.0, 71492.0)
SATURN = _body(699, "Saturn", 3.793120623436167e16, 58232.0, 60268.0)
URANUS = _body(799, "Uranus", 5.793951256527211e15, 25362.0, 25559.0)
NEPTUNE = _body(899, "Neptune", 6.835103145462294e15, 24622.0, 24764.0)
PLUTO = _body(999, "Pluto", 8.696138177608748e11, 1188.3, 1188.3)

_SYSTEMS = (
    SUN,
    MERCURY_BARYCENTER,
    VENUS_BARYCENTER,
    EARTH_MOON_BARYCENTER,
    MARS_BARYCENTER,
    JUPITER_BARYCENTER,
    SATURN_BARYCENTER,
    URANUS_BARYCENTER,
    NEPTUNE_BARYCENTER,
    PLUTO_BARYCENTER,
)
SOLAR_SYSTEM_BARYCENTER = _barycenter(0, "Solar-System barycenter", sum(body.gm_m3_s2 for body in _SYSTEMS))

BODIES: tuple[Body, ...] = (
    SOLAR_SYSTEM_BARYCENTER,
    *_SYSTEMS[1:],
    SUN,
    MERCURY,
    VENUS,
    EARTH,
    MOON,
    MARS,
    JUPITER,
    SATURN,
    URANUS,
    NEPTUNE,
    PLUTO,
)

_ABBREVIATIONS = {"ssb": 0, "emb": 3, "solarsystembarycentre": 0, "earthbarycenter": 3}


def find_body(name: str | int) -> Body:
    """Return the body of a name or NAIF number; case, blanks, hyphens and underscores do not matter.

    Parameters
    ----------
    name : str or int
        E.g. ``"Mars"``, ``"mars_barycenter"``, ``"EMB"``, ``"SSB"``, ``499``, ``"499"``.

    Raises
    ------
    UnknownNameError
        No body of DE440 has that name; the nearest names are given.

    Examples
    --------
    >>> find_body("earth-moon barycentre").naif_id
    3
    """
    key = _key(str(name))
    for body in BODIES:
        if key in (_key(body.name), str(body.naif_id)):
            return body
    if key in _ABBREVIATIONS:
        return find_body(_ABBREVIATIONS[key])
    raise UnknownNameError(
        "unknown body",
        value=repr(name),
        allowed=", ".join(body.name for body in BODIES),
        hint=_suggestion(key),
    )


def _key(name: str) -> str:
    plain = "".join(letter for letter in name.casefold() if letter.isalnum())
    return plain.replace("barycentre", "barycenter")


def _suggestion(key: str) -> str:
    from difflib import get_close_matches

    known = {_key(body.name): body.name for body in BODIES}
    close = get_close_matches(key, list(known), n=2)
    if not close:
        return "use one of the names or its NAIF number"
    return "did you mean " + " or ".join(known[word] for word in close) + "?"
