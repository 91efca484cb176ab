"""Cut the sample of the catalogue of July 2022 that the example screens.

Usage: ``python build_sample.py CATALOGUE.3le.gz FLEET.3le``; writes ``catalogue_2022-07-15_sample.3le.gz``
beside this file. The rule, applied to a screening of the whole catalogue (24 h from 2022-07-15T00:00:00 UTC,
5 km), in this order:

1. both inhabited stations, every satellite of the joint fleet, every object within 5 km of one of them;
2. every member of a pair that stays close (stations and their visitors, formations, trains);
3. every object that stops being usable inside the window, and every tenth of those unusable from its begin;
4. both objects of the ten closest approaches;
5. the objects with the most approaches (of equal ones the smaller number first), until there are 1,800.

Rule 5 makes many approaches without favouring any miss distance.
"""

from __future__ import annotations

import gzip
import sys
from collections import Counter
from pathlib import Path

from syzygy.astro.time import parse_utc
from syzygy.base.provenance import bind_input
from syzygy.base.storage import write_bytes
from syzygy.data import build_almanac
from syzygy.debris.requests import ScreeningRequest
from syzygy.debris.screening import ScreeningResult, screen_catalogue

TARGET = "catalogue_2022-07-15_sample.3le.gz"
COUNT = 1800
EVERY_UNUSABLE = 10
CLOSEST = 10
STATIONS = {25544, 48274}


def choose(result: ScreeningResult, fleet: set[int]) -> set[int]:
    """Return the catalogue numbers of the sample."""
    events = sorted(
        result.events.rows(),
        key=lambda row: (float(str(row["miss_distance_m"])), str(row["object_a"]), str(row["object_b"])),
    )
    pairs = [(int(str(row["object_a"])), int(str(row["object_b"]))) for row in events]
    own = fleet | STATIONS
    chosen = set(own)
    for a, b in pairs:
        if a in own or b in own:
            chosen |= {a, b}
    for row in result.intervals.rows():
        chosen |= {int(str(row["object_a"])), int(str(row["object_b"]))}
    unusable = result.unscreened.rows()
    chosen |= {int(str(row["object"])) for row in unusable if float(str(row["from_s"])) > 0.0}
    from_begin = [int(str(row["object"])) for row in unusable if float(str(row["from_s"])) == 0.0]
    chosen |= set(from_begin[::EVERY_UNUSABLE])
    for a, b in pairs[:CLOSEST]:
        chosen |= {a, b}
    count = Counter(number for pair in pairs for number in pair)
    for number, _ in sorted(count.items(), key=lambda item: (-item[1], item[0])):
        if len(chosen) >= COUNT:
            break
        chosen.add(number)
    return chosen


def read_sets(path: Path) -> list[tuple[int, str]]:
    """Return catalogue number and text (three lines) of every set of a 3LE file, Alpha-5 included."""
    content = path.read_bytes()
    text = (gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content).decode("ascii")
    lines = text.splitlines()
    sets = []
    for name, first, second in zip(lines[0::3], lines[1::3], lines[2::3], strict=True):
        sets.append((_number(first[2:7]), f"{name.rstrip()}\n{first}\n{second}\n"))
    return sets


def _number(field: str) -> int:
    letters = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    field = field.strip()
    return letters.index(field[0]) * 10_000 + int(field[1:] or 0) if len(field) == 5 else int(field)


def main(catalogue: Path, fleet: Path) -> None:
    """Screen, choose and write."""
    almanac = build_almanac(("leap_seconds",))
    start = parse_utc("2022-07-15T00:00:00Z", almanac.leap_seconds)
    result = screen_catalogue(ScreeningRequest((bind_input(catalogue),), start), almanac)
    chosen = choose(result, {number for number, _ in read_sets(fleet)})
    text = "".join(body for number, body in read_sets(catalogue) if number in chosen)
    content = gzip.compress(text.encode("ascii"), compresslevel=9, mtime=0)
    write_bytes(Path(__file__).parent / TARGET, content)
    print(f"{text.count(chr(10)) // 3} objects, {len(content)} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
