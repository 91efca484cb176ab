"""Plausible mistakes over all commands: each gets the five-part message and its exit code, and loses nothing else."""

from __future__ import annotations

import gzip
import json
import resource
import shlex
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from syzygy.cli.app import run_arguments

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "joint-programme"
INPUTS = EXAMPLE / "inputs"
CATALOGUE = INPUTS / "debris" / "iridium33_cosmos2251_2009.3le"
USAGE, REFUSED, DATA, STORAGE = 2, 3, 4, 6


@dataclass(frozen=True)
class Mistake:
    """One mistake: the command, what must happen, and what must be said."""

    name: str
    command: str
    code: int
    says: str
    files: dict[str, bytes] = field(default_factory=dict)


IRIDIUM = CATALOGUE.read_bytes()
SCREEN = "debris screen {good} --start-utc 2009-02-10T16:00:00 --duration-h 1"
ORION = (INPUTS / "exploration" / "orion_coast_2026-04-05.oem").read_bytes()
REPLAY = f"exploration replay {INPUTS}/exploration/orion_coast_2026-04-05.oem"
ROW_2, ROW_3 = (
    line for line in ORION.splitlines(keepends=True) if line[10:19] in (b"T15:08:43", b"T15:12:43")
)
WINDOWS = (
    "exploration windows --arrival-body Mars --departure-begin-utc 2020-06-01 --departure-end-utc 2020-09-01"
)
WINDOWS = (
    WINDOWS.replace("exploration windows --arrival-body", "exploration windows")
    + " --departure-steps 9 --arrival-steps 9"
)
MARS_2020 = f"{WINDOWS} --shortest-flight-d 100 --longest-flight-d 300"
SITES = b"site,state,latitude_deg,longitude_deg,azimuth_low_deg,azimuth_high_deg,status,source,note\n"
POINTS = b"vehicle,orbit,c3_low,c3_high,mass_low_kg,mass_high_kg,status,source,date,note\n"
SATELLITES = f"satellites availability {INPUTS}/satellites/Sta21114.sp3.gz --duration-h 1 --grid-points 100"
SENSING = (
    f"sensing opportunities {INPUTS}/sensing/joint_fleet_2022-07-15.3le --sensors {INPUTS}/sensing/sensors.csv"
    f" --targets {INPUTS}/sensing/targets.csv --start-utc 2022-07-15T12:00:00 --duration-h 2"
)
EXPOSURE = (
    f"materials exposure {INPUTS}/materials/station_2022-07.3le --object-id 25544 --duration-d 0.1"
    f" --space-weather {INPUTS}/materials/space_weather_2008-2022.txt.gz"
)


def _shrunk(ephemeris: bytes, unit: float = 100.0, speed: float = 1.0) -> bytes:
    """Numbers in other units: positions in hundredths, as if hundreds of kilometres had been written."""
    lines = []
    for line in ephemeris.decode().splitlines(keepends=True):
        words = line.split()
        if len(words) == 7:
            place = [repr(float(w) / unit) for w in words[1:4]]
            line = " ".join([words[0], *place, *(repr(float(w) / speed) for w in words[4:])]) + "\n"
        lines.append(line)
    return "".join(lines).encode()


def _edit(old: bytes, new: bytes) -> bytes:
    assert old in IRIDIUM
    return IRIDIUM.replace(old, new, 1)


SCREENING = [
    Mistake("threshold in metres", f"{SCREEN} --threshold-km 5000", REFUSED, "the unit here is km"),
    Mistake("negative threshold", f"{SCREEN} --threshold-km -5", REFUSED, "out of range"),
    Mistake("threshold not a number", f"{SCREEN} --threshold-km five", USAGE, "not a valid float"),
    Mistake("threshold NaN", f"{SCREEN} --threshold-km nan", REFUSED, "not a finite number"),
    Mistake("infinite threshold", f"{SCREEN} --threshold-km inf", REFUSED, "not a finite number"),
    Mistake(
        "duration in seconds",
        "debris screen {good} --start-utc 2009-02-10 --duration-h 86400",
        REFUSED,
        "unit here is h",
    ),
    Mistake(
        "duration zero", "debris screen {good} --start-utc 2009-02-10 --duration-h 0", REFUSED, "out of range"
    ),
    Mistake("no start", "debris screen {good}", REFUSED, "a required option is missing"),
    Mistake("start without meaning", "debris screen {good} --start-utc yesterday", REFUSED, "--start"),
    Mistake("31 April", "debris screen {good} --start-utc 2022-04-31", REFUSED, "--start"),
    Mistake("second 61", "debris screen {good} --start-utc 2022-04-30T12:00:61", REFUSED, "--start"),
    Mistake(
        "leap second that never was",
        "debris screen {good} --start-utc 2022-06-30T23:59:60",
        REFUSED,
        "--start",
    ),
    Mistake(
        "local time zone",
        "debris screen {good} --start-utc 2022-04-30T12:00:00+08:00",
        REFUSED,
        "--start",
    ),
    Mistake("month and day exchanged", "debris screen {good} --start-utc 2022-15-07", REFUSED, "--start"),
    Mistake("epoch before UTC", "debris screen {good} --start-utc 1969-07-20", DATA, "1972"),
    Mistake("no catalogue", "debris screen --start-utc 2022-07-15", USAGE, "CATALOGUES"),
    Mistake(
        "catalogue missing", "debris screen nowhere.3le --start-utc 2022-07-15", STORAGE, "does not exist"
    ),
    Mistake(
        "catalogue a directory",
        "debris screen . --start-utc 2022-07-15",
        STORAGE,
        "a directory stands where a file is due",
    ),
    Mistake(
        "catalogue empty",
        "debris screen empty.3le --start-utc 2022-07-15",
        REFUSED,
        "empty",
        {"empty.3le": b""},
    ),
    Mistake(
        "catalogue of blanks",
        "debris screen blank.3le --start-utc 2022-07-15",
        REFUSED,
        "",
        {"blank.3le": b"\n \n\n"},
    ),
    Mistake(
        "catalogue is a picture",
        "debris screen p.png --start-utc 2022-07-15",
        REFUSED,
        "",
        {"p.png": b"\x89PNG\r\n\x1a\n" + bytes(range(256))},
    ),
    Mistake(
        "catalogue is a broken gzip",
        "debris screen c.gz --start-utc 2022-07-15",
        REFUSED,
        "",
        {"c.gz": gzip.compress(IRIDIUM)[:-20]},
    ),
    Mistake(
        "JSON with NaN",
        "debris screen c.json --start-utc 2022-07-15",
        REFUSED,
        "",
        {"c.json": b'[{"NORAD_CAT_ID": NaN}]'},
    ),
    Mistake(
        "XML with an entity",
        "debris screen c.xml --start-utc 2022-07-15",
        REFUSED,
        "",
        {"c.xml": b'<!DOCTYPE a [<!ENTITY x "y">]><ndm>&x;</ndm>'},
    ),
    Mistake("unknown primary", f"{SCREEN} --primaries 99999", REFUSED, "99999"),
    Mistake("workers zero", f"{SCREEN} --workers 0", USAGE, "--workers"),
    Mistake(
        "cluster that does not answer", f"{SCREEN} --cluster tcp://127.0.0.1:9", REFUSED, "does not answer"
    ),
    Mistake("table of an unknown kind", f"{SCREEN} --out events.xlsx", REFUSED, ".parquet"),
    Mistake("table of an unknown name", f"{SCREEN} --table evnts=e.csv", REFUSED, "no such table"),
    Mistake("table without file", f"{SCREEN} --table events", REFUSED, "NAME=FILE"),
    Mistake(
        "output is a directory",
        f"{SCREEN} --out place.csv",
        STORAGE,
        "a directory stands",
        {"place.csv/x": b""},
    ),
    Mistake("output below a file", f"{SCREEN} --out flat/e.csv", STORAGE, "a file stands", {"flat": b"x"}),
    Mistake("unknown option", f"{SCREEN} --treshold-km 5", USAGE, "--threshold-km"),
]

REPLAYS = [
    Mistake("no ephemeris", "exploration replay", USAGE, "EPHEMERIS"),
    Mistake("ephemeris empty", "exploration replay e.oem", REFUSED, "", {"e.oem": b""}),
    Mistake("a catalogue for an ephemeris", "exploration replay {good}", REFUSED, ""),
    Mistake("unknown centre", "exploration replay e.oem", REFUSED, "VULCAN", {"e.oem": ORION.replace(b"= EARTH", b"= VULCAN")}),
    Mistake("unknown axes", "exploration replay e.oem", REFUSED, "TNW", {"e.oem": ORION.replace(b"= EME2000", b"= TNW")}),
    Mistake("unknown time system", "exploration replay e.oem", REFUSED, "TIME_SYSTEM", {"e.oem": ORION.replace(b"= UTC", b"= LMT")}),
    Mistake("duplicate epoch", "exploration replay e.oem", REFUSED, "", {"e.oem": ORION.replace(ROW_2, ROW_2 * 2)}),
    Mistake("epochs out of order", "exploration replay e.oem", REFUSED, "", {"e.oem": ORION.replace(ROW_2 + ROW_3, ROW_3 + ROW_2)}),
    Mistake("barycentre of everything", "exploration replay e.oem", REFUSED, "", {"e.oem": ORION.replace(b"= EARTH", b"= SOLAR SYSTEM BARYCENTER")}),
    Mistake("state inside the Earth", "exploration replay e.oem", REFUSED, "inside its centre", {"e.oem": _shrunk(ORION)}),
    Mistake("wrong centre", "exploration replay e.oem", REFUSED, "do not move about the centre", {"e.oem": ORION.replace(b"= EARTH", b"= MARS BARYCENTER")}),
    Mistake("wrong centre of the second", f"exploration explain {INPUTS}/exploration/orion_coast_2026-04-05.oem e.oem", REFUSED, "do not move about the centre", {"e.oem": ORION.replace(b"= EARTH", b"= MOON")}),
    Mistake("ephemeris in metres", "exploration replay e.oem", REFUSED, "do not belong to one motion", {"e.oem": _shrunk(ORION, 1e-3)}),
    Mistake("ephemeris in metres and m/s", "exploration replay e.oem", REFUSED, "look like metres", {"e.oem": _shrunk(ORION, 1e-3, 1e-3)}),
    Mistake("velocities in m/s", "exploration replay e.oem", REFUSED, "do not belong to one motion", {"e.oem": _shrunk(ORION, 1.0, 1e-3)}),
    Mistake("velocities against the motion", "exploration replay e.oem", REFUSED, "180 degrees aside", {"e.oem": _shrunk(ORION, 1.0, -1.0)}),
    Mistake("second flight elsewhere", f"exploration explain {INPUTS}/exploration/orion_coast_2026-04-05.oem e.oem", DATA, "do not overlap", {"e.oem": ORION.replace(b"2026-04-05T", b"2026-05-05T")}),
    Mistake("second flight of another", f"exploration explain {INPUTS}/exploration/orion_coast_2026-04-05.oem e.oem", REFUSED, "different objects", {"e.oem": ORION.replace(b"EM2", b"ISS").replace(b"OBJECT_ID = 24", b"OBJECT_ID = 25")}),
    Mistake("only one flight", f"exploration explain {INPUTS}/exploration/orion_coast_2026-04-05.oem", USAGE, "SECOND"),
    Mistake("fit of nothing known", f"{REPLAY} --fit luck", USAGE, "luck"),
    Mistake("unknown body attracts", f"{REPLAY} --bodies Vulcan", REFUSED, "Vulcan"),
    Mistake("field of another format", f"{REPLAY} --earth-field {{good}}", REFUSED, ""),
    Mistake("drag of negative size", f"{REPLAY} --drag-m2-kg -0.01", REFUSED, "drag-m2-kg"),
    Mistake("space weather that is none", f"{REPLAY} --fit drag --space-weather {{good}}", REFUSED, ""),
    Mistake("drag about the Moon", "exploration replay e.oem --fit drag --solar-flux-sfu 150", REFUSED, "air of the Earth", {"e.oem": ORION.replace(b"= EARTH", b"= MOON")}),
]  # fmt: skip
EVENTS = b"id1,id2,tca_utc,miss_km\n5,7,2022-07-15T00:00:01Z,1.5\n"
COMPARISON = [
    Mistake("box with two sides", f"{SCREEN} --box-km 2,25", REFUSED, "three half-widths"),
    Mistake("box and sphere", f"{SCREEN} --box-km 2,25,25 --threshold-km 5", REFUSED, "both a sphere and a box"),
    Mistake("box in metres", f"{SCREEN} --box-km 2000,25000,25000", REFUSED, "the unit here is km"),
    Mistake("box with a word", f"{SCREEN} --box-km 2,x,25", USAGE, "not a valid float"),
    Mistake("list of primaries missing", f"{SCREEN} --primary own.txt", STORAGE, "own.txt"),
    Mistake("list of primaries empty", f"{SCREEN} --primary own.txt", REFUSED, "names no object", {"own.txt": b"# none\n"}),
    Mistake("exclusions without a heading", f"{SCREEN} --exclude x.csv", REFUSED, "object_a", {"x.csv": b"24946,22675\n"}),
    Mistake("radii without a column", f"{SCREEN} --radius r.csv", REFUSED, "radius_m", {"r.csv": b"object,size\n24946,3\n"}),
    Mistake("second list missing", "debris compare a.csv", USAGE, "B", {"a.csv": EVENTS}),
    Mistake("list that is none", "debris compare a.csv b.csv", REFUSED, "lacks a column", {"a.csv": EVENTS, "b.csv": b"x,y\n1,2\n"}),
    Mistake("list of rubbish", "debris compare a.csv b.csv", REFUSED, "neither Parquet nor text", {"a.csv": EVENTS, "b.csv": b"\xff\x00\xfe"}),
    Mistake("list of nothing", "debris compare a.csv b.csv", REFUSED, "the list is empty", {"a.csv": EVENTS, "b.csv": b""}),
    Mistake("list without a usable row", "debris compare a.csv b.csv", REFUSED, "no row of the list", {"a.csv": EVENTS, "b.csv": EVENTS.replace(b"1.5", b"-")}),
    Mistake("broken Parquet", "debris compare a.csv b.parquet", REFUSED, "b.parquet", {"a.csv": EVENTS, "b.parquet": b"PAR1" + bytes(40)}),
    Mistake("column that is not there", "debris compare a.csv b.csv --columns-b tca_utc=when", REFUSED, "cannot be matched", {"a.csv": EVENTS, "b.csv": EVENTS}),
    Mistake("threshold of a list in metres", "debris compare a.csv b.csv --threshold-b-km -5", REFUSED, "threshold-b-km", {"a.csv": EVENTS, "b.csv": EVENTS}),
]  # fmt: skip

EXPLORATION = [
    Mistake("unknown body", "exploration windows Vulcan --departure-begin-utc 2020-06-01 --departure-end-utc 2020-09-01 --shortest-flight-d 100 --longest-flight-d 300", REFUSED, "Vulcan"),
    Mistake("departure reversed", "exploration windows Mars --departure-begin-utc 2020-09-01 --departure-end-utc 2020-06-01 --shortest-flight-d 100 --longest-flight-d 300", REFUSED, ""),
    Mistake("arrival before departure", f"{WINDOWS} --arrival-begin-utc 2019-01-01 --arrival-end-utc 2019-06-01", REFUSED, ""),
    Mistake("no arrival at all", WINDOWS, REFUSED, ""),
    Mistake("same body twice", "exploration windows Earth --departure-body Earth --departure-begin-utc 2020-06-01 --departure-end-utc 2020-09-01 --shortest-flight-d 100 --longest-flight-d 300", REFUSED, "Earth"),
    Mistake("grid of nothing", f"{WINDOWS} --shortest-flight-d 100 --longest-flight-d 300 --departure-steps 0", REFUSED, "departure-steps"),
    Mistake("flight time in hours", f"{WINDOWS} --shortest-flight-d 100 --longest-flight-d 3000000", REFUSED, "unit here is d"),
    Mistake("altitude in metres", f"{WINDOWS} --shortest-flight-d 100 --longest-flight-d 300 --parking-altitude-km 200000000", REFUSED, "unit here is km"),
    Mistake("inclination beyond half a turn", f"{WINDOWS} --shortest-flight-d 100 --longest-flight-d 300 --parking-inclination-deg 185", REFUSED, "unit here is deg"),
    Mistake("launcher file broken", f"{WINDOWS} --shortest-flight-d 100 --longest-flight-d 300 --launchers l.csv", REFUSED, "l.csv", {"l.csv": b"vehicle,c3\nX,abc\n"}),
    Mistake("site at the pole and beyond", f"{MARS_2020} --launchers s.csv", REFUSED, "latitude_deg", {"s.csv": SITES + b"S,US,91,0,0,90,press,x,\n"}),
    Mistake("azimuths the wrong way round", f"{MARS_2020} --launchers s.csv", REFUSED, "azimuth_high_deg", {"s.csv": SITES + b"S,US,28,0,120,35,press,x,\n"}),
    Mistake("point heavier than nothing", f"{MARS_2020} --launchers p.csv", REFUSED, "mass_low_kg", {"p.csv": POINTS + b"X,TLI,-2,-1,-5,5,press,x,,\n"}),
    Mistake("point below every orbit", f"{MARS_2020} --launchers p.csv", REFUSED, "below that of any orbit", {"p.csv": POINTS + b"X,TLI,-200,-1,5,5,press,x,,\n"}),
    Mistake("launcher from another planet", f"{MARS_2020.replace('Mars', 'Earth', 1)} --departure-body Venus --launchers s.csv", REFUSED, "launch vehicles start from the Earth", {"s.csv": SITES + b"S,US,28,0,35,120,press,x,\n"}),
    Mistake("adapter of negative mass", f"{MARS_2020} --adapter-mass-kg -3", REFUSED, "adapter-mass-kg"),
    Mistake("vehicle that no file knows", f"{MARS_2020} --launchers p.csv --vehicles Saturnus", REFUSED, "Saturnus", {"p.csv": POINTS + b"X,TLI,-2,-1,5,5,press,x,,\n"}),
    Mistake("vehicle chosen without files", f"{MARS_2020} --vehicles CZ-5", REFUSED, "no file holds their figures"),
    Mistake("from the Moon to the barycentre of Earth and Moon", f"{MARS_2020.replace('Mars', '3', 1)} --departure-body Moon", REFUSED, "one goes to the Earth itself"),
    Mistake("launch vehicles on the Moon", f"{MARS_2020.replace('Mars', 'Earth', 1)} --departure-body Moon --launchers s.csv", REFUSED, "launch vehicles start from the Earth", {"s.csv": SITES + b"S,US,28,0,35,120,press,x,\n"}),
    Mistake("planet where the ephemeris has its system", MARS_2020, DATA, "barycenter"),
    Mistake("epoch beyond the ephemeris table of leap seconds", "exploration windows Mars --departure-begin-utc 2400-06-01 --departure-end-utc 2400-09-01 --shortest-flight-d 100 --longest-flight-d 300", DATA, ""),
]  # fmt: skip

MOON = "exploration moon --departure-begin-utc 2022-09-03 --departure-end-utc 2022-09-03 --site-latitude-deg 28.6 --site-longitude-deg -80.6 --flight-steps 1 --sides south --planes ascending"  # fmt: skip
RETURN = "exploration free-return --departure-begin-utc 2022-09-03 --departure-end-utc 2022-09-03 --site-latitude-deg 28.6 --site-longitude-deg -80.6 --planes ascending"  # fmt: skip
LUNAR = [
    Mistake("perilune inside the Moon", f"{MOON} --perilune-altitude-km -20", REFUSED, "perilune-altitude-km"),
    Mistake("perilune in metres", f"{MOON} --perilune-altitude-km 100000", REFUSED, "unit here is km"),
    Mistake("parking orbit in the air", f"{MOON} --parking-altitude-km 90", REFUSED, "parking-altitude-km"),
    Mistake("site that cannot reach the Moon", MOON.replace("28.6", "0") + " --least-azimuth-deg 89 --largest-azimuth-deg 91", REFUSED, "no launch azimuth"),
    Mistake("no site", MOON.replace(" --site-latitude-deg 28.6", ""), REFUSED, "site-latitude-deg"),
    Mistake("azimuths reversed", f"{MOON} --least-azimuth-deg 120 --largest-azimuth-deg 60", REFUSED, "largest azimuth is below"),
    Mistake("launch days reversed", MOON.replace("begin-utc 2022-09-03", "begin-utc 2022-10-03"), REFUSED, "reversed"),
    Mistake("launch before the Earth orientation", MOON.replace("2022-09-03", "1950-09-03"), DATA, ""),
    Mistake("launch beyond the Earth orientation", MOON.replace("2022-09-03", "2090-09-03"), DATA, ""),
    Mistake("apolune below the perilune", f"{MOON} --apolune-altitude-km 50", REFUSED, "apolune is below"),
    Mistake("adapter of the Moon's craft of negative mass", f"{MOON} --adapter-mass-kg -3", REFUSED, "adapter-mass-kg"),
    Mistake("launch site of the files beyond the pole", f"{MOON} --launchers s.csv", REFUSED, "latitude_deg", {"s.csv": SITES + b"S,US,91,0,0,90,press,x,\n"}),
    Mistake("unknown axes of the Moon", f"{MOON} --inclination-axes mean", USAGE, "inclination-axes"),
    Mistake("entry outside the corridor", f"{RETURN} --entry-angle-deg -12", REFUSED, "entry-angle-deg"),
    Mistake("entry above the horizon", f"{RETURN} --entry-angle-deg 6.5", REFUSED, "unit here is deg"),
    Mistake("free return from a low orbit", f"{RETURN} --parking-altitude-km 50", REFUSED, "parking-altitude-km"),
    Mistake("free return in hours", f"{RETURN} --families non-symmetric --outbound-flight-d 78", REFUSED, "unit here is d"),
    Mistake("free return in 2090", RETURN.replace("2022-09-03", "2090-09-03"), DATA, ""),
]  # fmt: skip

NAVIGATION = [
    Mistake("mask in radians times hundred", f"{SATELLITES} --mask-deg 95", REFUSED, "unit here is deg"),
    Mistake("unknown system", f"{SATELLITES} --systems X", USAGE, "systems"),
    Mistake("window outside the file", f"{SATELLITES} --start-utc 2021-01-01", DATA, ""),
    Mistake("site on no latitude", f"{SATELLITES} --sites s.csv", REFUSED, "s.csv", {"s.csv": b"name,lat_deg,lon_deg,h_m\nX,91,0,0\n"}),
    Mistake("sites without columns", f"{SATELLITES} --sites s.csv", REFUSED, "s.csv", {"s.csv": b"a,b\n1,2\n"}),
    Mistake("truncated orbit file", "satellites availability t.sp3", REFUSED, "t.sp3", {"t.sp3": b"#cP2020  6 25  0  0  0.00000000      96 ORBIT IGS14 HLM  IAC\n"}),
    Mistake("orbit file that is none", "satellites availability t.sp3", REFUSED, "t.sp3", {"t.sp3": b"hello\n"}),
    Mistake("grid of nothing", f"{SATELLITES} --grid-points 0", REFUSED, "grid-points"),
    Mistake("step of nothing", f"{SATELLITES} --step-s 0", REFUSED, "step-s"),
]  # fmt: skip

REMOTE = [
    Mistake("off-nadir beyond the limb", f"{SENSING} --max-off-nadir-deg 95", REFUSED, "unit here is deg"),
    Mistake("duration negative", SENSING.replace("--duration-h 2", "--duration-h -2"), REFUSED, "duration-h"),
    Mistake("polygon with latitude first", f"{SENSING} --area a.geojson", REFUSED, "a.geojson", {"a.geojson": b'{"type":"Polygon","coordinates":[[[48,127],[49,127],[49,131],[48,131],[48,127]]]}'}),
    Mistake("polygon not closed", f"{SENSING} --area a.geojson", REFUSED, "a.geojson", {"a.geojson": b'{"type":"Polygon","coordinates":[[[127,48],[128,48],[128,49],[127,49]]]}'}),
    Mistake("GeoJSON without geometry", f"{SENSING} --area a.geojson", REFUSED, "a.geojson", {"a.geojson": b"{}"}),
    Mistake("stale element sets", SENSING.replace("2022-07-15T12", "2022-09-15T12"), REFUSED, "stale elements"),
    Mistake("epoch beyond Earth orientation", SENSING.replace("2022-07-15T12", "2039-07-15T12"), DATA, ""),
    Mistake("sensors file of nothing", SENSING.replace(f"{INPUTS}/sensing/sensors.csv", "s.csv"), REFUSED, "s.csv", {"s.csv": b""}),
]  # fmt: skip

MATERIALS = [
    Mistake("object not in the file", EXPOSURE.replace("25544", "11111") + " --start-utc 2022-07-15", REFUSED, "11111"),
    Mistake("unknown face", f"{EXPOSURE} --start-utc 2022-07-15 --faces front", USAGE, "front"),
    Mistake("space weather missing", EXPOSURE.split(" --space-weather")[0] + " --space-weather nowhere.txt --start-utc 2022-07-15", STORAGE, "nowhere.txt"),
    Mistake("space weather does not reach", f"{EXPOSURE} --start-utc 2023-07-15", DATA, ""),
    Mistake("space weather truncated", EXPOSURE.split(" --space-weather")[0] + " --space-weather w.txt --start-utc 2022-07-15", REFUSED, "w.txt", {"w.txt": b"BEGIN OBSERVED\n2022 07 15 25\n"}),
    Mistake("step longer than the exposure", f"{EXPOSURE} --start-utc 2022-07-15 --step-s 864000", REFUSED, "step-s"),
    Mistake("absorptance above one", f"{EXPOSURE} --start-utc 2022-07-15 --absorptance 5", REFUSED, "absorptance"),
]  # fmt: skip

PROGRAMME = [
    Mistake("programme missing", "run nowhere.toml --out out", STORAGE, "does not exist"),
    Mistake("programme a directory", "check .", STORAGE, "a directory stands"),
    Mistake("programme not TOML", "check p.toml", REFUSED, "p.toml:1", {"p.toml": b"[programme\n"}),
    Mistake("programme not text", "check p.toml", REFUSED, "UTF-8", {"p.toml": b"\xff\xfe\x00"}),
    Mistake("programme empty", "check p.toml", REFUSED, "a required field is missing", {"p.toml": b""}),
    Mistake("nothing to verify", "verify .", REFUSED, "nothing to verify"),
    Mistake("verify what is not there", "verify nowhere", STORAGE, "no such directory"),
    Mistake("run without output", "run p.toml", USAGE, "--out"),
    Mistake("key with a path for a name", "node init ../../x --keys k", REFUSED, "not a partner id"),
    Mistake("key made twice", "node init alpha --keys k", STORAGE, "has a key already", {"k/alpha.key": b"x"}),
    Mistake("public key broken", "node list --keys k", 5, "cannot be read", {"k/beta.pub": b"zz"}),
    Mistake("unknown data set", "data fetch gold", REFUSED, "gold"),
    Mistake("unknown command", "debris scren", USAGE, "scren"),
]  # fmt: skip

AVOID = "debris avoid --catalogue {good} --objects 24946,22675 --tca-utc 2009-02-10T16:56"
AVOIDANCE = [
    Mistake("no event to avoid", "debris avoid --catalogue {good}", REFUSED, "no event is given"),
    Mistake(
        "nothing to be safe from",
        "debris avoid --objects 24946,22675 --tca-utc 2009-02-10T16:56",
        REFUSED,
        "no catalogue is given",
    ),
    Mistake("one object alone", AVOID.replace(",22675", ""), REFUSED, "no event is given"),
    Mistake("an object with itself", AVOID.replace("22675", "24946"), REFUSED, "cannot meet itself"),
    Mistake("mover of another event", f"{AVOID} --manoeuvrable 25544", REFUSED, "not part of the event"),
    Mistake("object of no catalogue", AVOID.replace("22675", "25544"), REFUSED, "is in no catalogue"),
    Mistake("no meeting then", AVOID.replace("16:56", "12:10"), REFUSED, "do not meet at that time"),
    Mistake("burn after the event", f"{AVOID} --latest-utc 2009-02-10T17:00", REFUSED, "does not avoid it"),
    Mistake(
        "no time for a burn",
        f"{AVOID} --earliest-utc 2009-02-10T16:30 --latest-utc 2009-02-10T16:00",
        REFUSED,
        "no time is left",
    ),
    Mistake("contact without an end", f"{AVOID} --allowed 2009-02-10T12:00", REFUSED, "not a span of time"),
    Mistake(
        "contact after the event",
        f"{AVOID} --allowed 2009-02-11T12:00/2009-02-11T12:10",
        REFUSED,
        "no allowed span",
    ),
    Mistake("aim above the threshold", f"{AVOID} --aim 1e-3", REFUSED, "aim is above the threshold"),
    Mistake("two axes of three", f"{AVOID} --model-sigma-km 1,2", REFUSED, "three axes"),
    Mistake("burn in km/s", f"{AVOID} --largest-m-s 1000", REFUSED, "the unit here is m/s"),
    Mistake(
        "catalogue of another year",
        "debris avoid --catalogue {good} --objects 24946,22675 --tca-utc 2009-02-10T16:56 --max-age-d 0.1",
        DATA,
        "of another time than the event",
    ),
]

CERTIFICATES = [
    Mistake("certificate missing", "debris check nowhere.csv {good}", STORAGE, "does not exist"),
    Mistake("certificate without a catalogue", "debris check c.csv", USAGE, "CATALOGUES"),
    Mistake(
        "a catalogue in the place of the certificate", "debris check {good} {good}", REFUSED, "the file name"
    ),
    Mistake("certificate empty", "debris check c.csv {good}", REFUSED, "", {"c.csv": b""}),
    Mistake(
        "certificate cut short", "debris check c.json {good}", REFUSED, "", {"c.json": b'{"table": {"na'}
    ),
    Mistake(
        "another table than a certificate",
        "debris check c.csv {good}",
        REFUSED,
        "columns are missing",
        {
            "c.csv": b'# table {"name": "a", "description": ""}\n# column {"name": "b", "type": "int", '
            b'"unit": "1", "tolerance": 0.0, "description": ""}\nb\n1\n'
        },
    ),
    Mistake(
        "distance asked for is no number", "debris check c.csv {good} --threshold-km nan", REFUSED, "positive"
    ),
    Mistake("hours asked for are negative", "debris check c.csv {good} --hours -1", REFUSED, "positive"),
    Mistake("begin asked for is no time", "debris check c.csv {good} --start noon", REFUSED, "--start"),
]
MISTAKES = [
    *AVOIDANCE,
    *CERTIFICATES,
    *SCREENING,
    *COMPARISON,
    *EXPLORATION,
    *LUNAR,
    *REPLAYS,
    *NAVIGATION,
    *REMOTE,
    *MATERIALS,
    *PROGRAMME,
]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYZYGY_KEYS", str(tmp_path / "keys"))
    return tmp_path


def test_there_are_at_least_sixty_mistakes() -> None:
    assert len(MISTAKES) >= 60


@pytest.mark.slow
@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda m: m.name)
def test_a_mistake_is_explained_in_five_parts(
    mistake: Mistake, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, content in mistake.files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)
    before = {p: p.read_bytes() for p in place.rglob("*") if p.is_file()}
    code = run_arguments(shlex.split(mistake.command.format(good=CATALOGUE)))
    said = capsys.readouterr()
    assert code == mistake.code, said.err
    assert mistake.says in said.err
    assert "Traceback" not in said.err
    if code != USAGE:
        for part in ("error[", "  got:", "  allowed:", "  where:", "  hint:"):
            assert part in said.err, f"no {part!r} in:\n{said.err}"
    after = {p: p.read_bytes() for p in place.rglob("*") if p.is_file()}
    assert {p: c for p, c in after.items() if p in before} == before, "an existing file was changed"


CORRUPT = [
    ("wrong checksum", _edit(b"9999", b"9998") if b"9999" in IRIDIUM else IRIDIUM[:-3] + b"0\r\n"),
    ("truncated line", IRIDIUM.rstrip()[:-10] + b"\n"),
    ("letters for digits", IRIDIUM.replace(b"1 24946U", b"1 2494GU", 1)),
]


@pytest.mark.parametrize(("name", "content"), CORRUPT, ids=[name for name, _ in CORRUPT])
def test_a_corrupt_record_is_listed_with_its_line_and_the_rest_is_used(
    name: str, content: bytes, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "c.3le").write_bytes(content + IRIDIUM)
    command = (
        "debris screen c.3le --start-utc 2009-02-10T16:00:00 --duration-h 1 --table left_out=left.json --json"
    )
    assert run_arguments(shlex.split(command)) == 0, capsys.readouterr().err
    answer = json.loads(capsys.readouterr().out)
    assert answer["table"]["rows"], "the good records were not used"
    assert json.loads((place / "left.json").read_text()), "the bad record was not listed"


def test_a_full_disk_is_explained_and_keeps_the_old_file(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A limit on the size of files stands in for a full disk: the write fails half-way."""
    (place / "events.csv").write_text("old")
    command = shlex.split(SCREEN.format(good=CATALOGUE))
    assert run_arguments(command) == 0
    capsys.readouterr()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (256, hard))
    try:
        code = run_arguments([*command, "--out", "events.csv"])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert code == STORAGE
    assert "events.csv" in capsys.readouterr().err
    assert (place / "events.csv").read_text() == "old"
    assert not list(place.glob(".partial-*"))


def test_json_answers_carry_the_same_parts(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = f"{SCREEN} --threshold-km 5000 --json".format(good=CATALOGUE)
    assert run_arguments(shlex.split(command)) == REFUSED
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] is False
    assert set(answer["problems"][0]) == {"code", "what", "value", "allowed", "where", "hint"}
