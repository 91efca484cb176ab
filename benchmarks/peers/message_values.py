"""What peers read in the corpora of navigation messages, laid down as an oracle: numbers and epochs.

Run in ``.venv-peers``: ``python -m benchmarks.peers.message_values FOLDER OUT.csv.gz``, where FOLDER
holds the corpora ``annex``, ``orekit`` and ``anise``. Nothing of Syzygy is imported here: the values are
the peers'.

Orekit and ccsds-ndm-py read each file and write it as KVN with the shortest digits that give the same
float64; a plain split of that text gives keyword and value. Orekit holds SI inside: its numbers are ``(x
* s) / s`` with the scale ``s`` of the unit. ``oem`` gives its states and covariances as arrays. A file
refused by a peer gives one row with the reason.

Rows: file, peer, keyword, values. Keyword ``line`` stands for the data lines of an ephemeris,
``covariance`` for the rows of an OEM matrix; ``K@`` has the epochs of ``K`` as labels of their time
system, in nanoseconds since 1970-01-01 (with EPOCH_TZERO, times counted from it too). Values are
separated by blanks, numbers are hexadecimal float64.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path

from benchmarks.peers.orekit_peer import start_orekit

_EPOCH = re.compile(r"(\d{4})-(\d{2}-\d{2}|\d{3})T(\d{2}):(\d{2}):(\d{2}(?:\.\d*)?)Z?")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_TIMES = re.compile(r"line|_TIME$|(?<!AT)_EPOCH$|^DC_(WIN|EXEC)_")
_KINDS = "opm omm oem ocm apm aem acm cdm tdm rdm ndm".split()
Values = dict[str, list[str]]


def main(folder: Path, out: Path) -> None:
    """Read every file with every peer and write the rows."""
    readers = {"orekit": _orekit(), "ccsds-ndm-py": _ccsds_ndm, "oem": _oem}
    versions = {"orekit": version("orekit-jpype"), **{name: version(name) for name in list(readers)[1:]}}
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(("file", "peer", "keyword", "values"))
    for name in readers:
        writer.writerow(("", name, "version", versions[name]))
    for path in sorted(p for corpus in ("annex", "orekit", "anise") for p in (folder / corpus).rglob("*")):
        if not path.is_file():
            continue
        kind = message_kind(path.read_bytes())
        for peer, reader in readers.items():
            if peer == "oem" and kind != "oem":
                continue
            for keyword, values in _attempt(reader, path, kind).items():
                writer.writerow((path.relative_to(folder).as_posix(), peer, keyword, " ".join(values)))
    content = stream.getvalue().encode()
    out.write_bytes(gzip.compress(content, 9, mtime=0))
    print(f"{out}: {len(content.splitlines())} rows, {len(content)} bytes, {out.stat().st_size} compressed")


def _attempt(reader: Callable[[Path, str], Values], path: Path, kind: str) -> Values:
    try:
        return reader(path, kind)
    except BaseException as error:  # the peers raise panics and Java exceptions too
        if isinstance(error, KeyboardInterrupt):
            raise
        return {"refused": [" ".join(str(error).split(": ", 1)[-1].split())[:90] or type(error).__name__]}


def message_kind(content: bytes) -> str:
    """Return ``oem`` and the like from the first keyword or the root element, empty where it is none."""
    if content.lstrip()[:1] == b"<":
        found = re.search(rb"<(?:\w+:)?([a-z]{3})\b(?!ml)", content)
    else:
        found = re.search(rb"CCSDS_([A-Z]{3})_VERS", content)
    kind = found.group(1).decode().lower() if found else ""
    return kind if kind in _KINDS else ""


def split_kvn(text: str) -> Values:
    """Return all numbers and epochs of a KVN text by keyword, in their order."""
    values: Values = {}
    zero, matrix = "", False
    for raw in text.splitlines():
        line = raw.strip()
        matrix = matrix or line == "COVARIANCE_START"
        if line == "COVARIANCE_STOP":
            matrix = False
        if not line or line.startswith("COMMENT"):
            continue
        keyword, equals, value = (part.strip() for part in line.partition("="))
        if equals:
            value = re.sub(r"\s*\[[^\]]*\]$", "", value)
            zero = value if keyword == "EPOCH_TZERO" else "" if keyword.startswith("CCSDS_") else zero
        else:
            keyword, value = "covariance" if matrix else "line", line
        _collect(values, keyword, value.split(), zero)
    return values


def _collect(values: Values, keyword: str, words: list[str], zero: str) -> None:
    """Sort words into numbers and epochs; with EPOCH_TZERO, a number where a time is due counts from it."""
    if zero and words and _NUMBER.fullmatch(words[0]) and _TIMES.search(keyword):
        label = epoch_label(zero) + round(Decimal(words.pop(0)) * 10**9)
        values.setdefault(f"{keyword}@", []).append(str(label))
    for word in words:
        if _EPOCH.fullmatch(word):
            values.setdefault(f"{keyword}@", []).append(str(epoch_label(word)))
        elif _NUMBER.fullmatch(word):
            values.setdefault(keyword, []).append((float(word) + 0.0).hex())


def epoch_label(text: str) -> int:
    """Return nanoseconds since 1970-01-01 in the epoch's own time system."""
    year, day, hour, minute, second = _EPOCH.fullmatch(text).groups()  # type: ignore[union-attr]
    if len(day) == 3:
        days = date(int(year), 1, 1).toordinal() + int(day) - 1
    else:
        days = date.fromisoformat(f"{year}-{day}").toordinal()
    seconds = (days - date(1970, 1, 1).toordinal()) * 86400 + int(hour) * 3600 + int(minute) * 60
    return seconds * 10**9 + round(Decimal(second) * 10**9)


def _orekit() -> Callable[[Path, str], Values]:
    start_orekit()
    from java.lang import StringBuilder  # type: ignore[import-not-found]
    from org.orekit.data import DataSource  # type: ignore[import-not-found]
    from org.orekit.files.ccsds.ndm import ParserBuilder, WriterBuilder  # type: ignore[import-not-found]
    from org.orekit.files.ccsds.utils.generation import KvnGenerator  # type: ignore[import-not-found]
    from org.orekit.time import AbsoluteDate, TimeScalesFactory  # type: ignore[import-not-found]
    from org.orekit.utils import Constants  # type: ignore[import-not-found]

    mission = AbsoluteDate(2000, 1, 1, 0, 0, 0.0, TimeScalesFactory.getUTC())
    parsers = ParserBuilder().withMu(Constants.EIGEN5C_EARTH_MU).withMissionReferenceDate(mission)
    writers = WriterBuilder()

    def read(path: Path, kind: str) -> Values:
        if kind in ("", "rdm"):
            return {"refused": ["no such message type in Orekit"]}
        found = getattr(parsers, f"build{kind.capitalize()}Parser")().parseMessage(DataSource(str(path)))
        texts = []
        for message in found.getConstituents() if kind == "ndm" else [found]:
            text = StringBuilder()
            name = str(message.getClass().getSimpleName())
            getattr(writers, f"build{name}Writer")().writeMessage(
                KvnGenerator(text, 0, path.name, 9e99, 0), message
            )
            texts.append(str(text.toString()))
        return split_kvn("\n".join(texts))

    return read


def _ccsds_ndm(path: Path, kind: str) -> Values:
    import ccsds_ndm  # type: ignore[import-not-found]

    return split_kvn(ccsds_ndm.from_file(str(path)).to_str("kvn"))


def _oem(path: Path, kind: str) -> Values:
    from oem import OrbitEphemerisMessage  # type: ignore[import-not-found]

    values: Values = {}

    def epochs(keyword: str, times: object) -> None:
        texts = [str(time.isot) for time in times]  # type: ignore[attr-defined]
        values.setdefault(keyword, []).extend(str(epoch_label(text)) for text in texts)

    for segment in OrbitEphemerisMessage.open(path):
        for time in (state.epoch for state in segment.states):
            time.precision = 9
            epochs("line@", [time])
        for state in segment.states:
            numbers = [*state.position, *state.velocity, *(state.acceleration if segment.has_accel else ())]
            values.setdefault("line", []).extend((float(x) + 0.0).hex() for x in numbers)
        for item in segment.covariances:
            triangle = [item.matrix[row, column] for row in range(6) for column in range(row + 1)]
            values.setdefault("covariance", []).extend((float(x) + 0.0).hex() for x in triangle)
    return values


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
