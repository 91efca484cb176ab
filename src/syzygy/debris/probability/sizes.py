"""The hard-body radius of a pair: given, of the message, of a table of sizes, or the default; always said."""

from __future__ import annotations

import csv
import gzip
import io
import math
from dataclasses import dataclass

from syzygy.base.errors import FormatError
from syzygy.base.provenance import InputFile

_MOST_BYTES = 64 << 20
_MOST_RADIUS_M = 500.0
_COLUMNS = ("ObjectID", "HBR", "HBRSigma")
_PLAIN_COLUMNS = ("object", "radius_m")


@dataclass(frozen=True)
class Radius:
    """A hard-body radius of a pair.

    Attributes
    ----------
    metres : float
        Sum of both radii; with the sigmas of estimates added.
    source : str
        In words.
    """

    metres: float
    source: str


@dataclass(frozen=True)
class RadiusRules:
    """What is known of radii before a message is read.

    Attributes
    ----------
    given_m : float or None
    by_object : dict of str to (radius, sigma)
        By catalogue number without leading zeros, m.
    sizes_first : bool
    default_m : float
        Sum of both.
    """

    given_m: float | None
    by_object: dict[str, tuple[float, float]]
    sizes_first: bool
    default_m: float

    def radius(self, message_m: float | None, objects: tuple[str, str]) -> Radius:
        """Return the radius of a pair; `message_m` is the one of its message.

        **Source** where radii are estimates, the effective radius is the root of the squared sum and the
        variances: sqrt((R1 + R2)^2 + s1^2 + s2^2).
        """
        if self.given_m is not None:
            return Radius(self.given_m, "given")
        known = [self.by_object.get(name.lstrip("0")) for name in objects]
        if message_m is not None and not (self.sizes_first and any(known)):
            return Radius(message_m, "message")
        if any(known):
            half = 0.5 * self.default_m
            parts = [found or (half, 0.0) for found in known]
            words = ["sizes" if found else f"default {half:g} m" for found in known]
            total = sum(part[0] for part in parts)
            metres = math.sqrt(total**2 + sum(part[1] ** 2 for part in parts))
            return Radius(metres, " and ".join(dict.fromkeys(words)))
        return Radius(self.default_m, f"DEFAULT {self.default_m:g} m, not a measurement")


def read_sizes(file: InputFile) -> dict[str, tuple[float, float]]:
    """Read radii and their sigmas by catalogue number from a CSV table (gzip allowed); blanks are left out.

    Raises
    ------
    FormatError
        No table with the columns ObjectID, HBR, HBRSigma, or a radius that is no number of metres.
    """
    content = file.read()
    try:
        if content[:2] == b"\x1f\x8b":
            with gzip.open(io.BytesIO(content)) as stream:
                content = stream.read(_MOST_BYTES)
        text = content.decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise FormatError("a table of sizes cannot be read", value=str(error), where=file.name) from error
    reader = csv.DictReader(line for line in io.StringIO(text) if not line.startswith("#"))
    fields = reader.fieldnames or ()
    plain = all(name in fields for name in _PLAIN_COLUMNS)
    missing = [] if plain else [name for name in _COLUMNS if name not in fields]
    if missing:
        raise FormatError(
            "a table of sizes lacks a column",
            value=", ".join(missing),
            allowed=", ".join(_COLUMNS) + "; or " + ", ".join(_PLAIN_COLUMNS),
            where=file.name,
        )
    found: dict[str, tuple[float, float]] = {}
    number, radius, sigma = ("object", "radius_m", "sigma_m") if plain else _COLUMNS
    for line, row in enumerate(reader, start=2):
        text = (row[radius] or "").strip()
        if text:
            found[(row[number] or "").strip().lstrip("0")] = _pair(text, row.get(sigma), file, line)
    return found


def _pair(radius: str, sigma: str | None, file: InputFile, line: int) -> tuple[float, float]:
    try:
        values = (float(radius), float((sigma or "").strip() or 0.0))
    except ValueError:
        values = (math.nan, 0.0)
    if not (0.0 < values[0] <= _MOST_RADIUS_M and 0.0 <= values[1] <= _MOST_RADIUS_M):
        raise FormatError(
            "a radius that no object has",
            value=f"HBR {radius}, HBRSigma {sigma}",
            allowed=f"metres, more than 0 and up to {_MOST_RADIUS_M:g}",
            where=f"{file.name} line {line}",
            hint="radii in metres, not diameters and not kilometres",
        )
    return values
