"""Gravity fields of other people: ICGEM (.gfc), COF of GMAT and STK (.cof), SHADR tables of the PDS (.tab).

**Source**: Barthelmes and Förste, "The ICGEM-format" (2011); NASA PDS software interface specification SHADR;
the COF layout of the Goddard Mission Design and Analysis Tool.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.forces.gravity_field import GravityField
from syzygy.base.errors import FormatError, InputError
from syzygy.base.hashing import sha256_bytes
from syzygy.formats.compression import expand

Row = tuple[int, int, float, float]

MAX_DEGREE = 2190
_MAX_BYTES = 1 << 28
_END = "end_of_head"
_NORMS = ("fully_normalized", "unnormalized")
_TIDES = {
    "tide_free": "tide_free",
    "tide-free": "tide_free",
    "tide free": "tide_free",
    "zero_tide": "zero_tide",
    "zero tide": "zero_tide",
    "zero-tide": "zero_tide",
    "mean_tide": "mean_tide",
    "mean tide": "mean_tide",
    "unknown": "unknown",
}
_COF_WIDTHS = (8, 11, 14, 17, 38, 59)
_KM = 1e3


def read_gravity_field(content: bytes, *, name: str = "", max_degree: int = MAX_DEGREE) -> GravityField:
    """Read a gravity field of any of the three formats; gzip is unpacked.

    Parameters
    ----------
    content : bytes
    name : str
        Of the file, for messages, and of the field where the file has none.
    max_degree : int
        Degrees above are left out (the full file is still read and checked).

    Returns
    -------
    GravityField
        Fully normalised, metres and seconds, with the GM, radius and tide system that the file states.

    Raises
    ------
    FormatError
        No known format, a missing or impossible header, a line that is no coefficient, a degree or order out
        of range, a coefficient twice or missing, or a time-variable term.
    """
    sha256 = sha256_bytes(content)
    text = expand(content, name=name, limit=_MAX_BYTES).decode("latin-1")
    lines = text.splitlines()
    if any(line.startswith(_END) for line in lines):
        field = _read_gfc(lines, name, max_degree)
    elif any(line.startswith("POTFIELD") for line in lines[:200]):
        field = _read_cof(lines, name, max_degree)
    else:
        field = _read_shadr(lines, name, max_degree)
    gm, radius, label, tide, cosine, sine = field
    try:
        return GravityField(label, gm, radius, cosine, sine, tide, sha256)
    except InputError as error:
        raise FormatError(error.what, value=error.value, allowed=error.allowed, where=name) from error


_Parts = tuple[float, float, str, str, NDArray[np.float64], NDArray[np.float64]]


def _read_gfc(lines: list[str], name: str, max_degree: int) -> _Parts:
    end = next(number for number, line in enumerate(lines) if line.startswith(_END))
    begin = next((k for k, line in enumerate(lines[:end]) if line.startswith("begin_of_head")), -1)
    header: dict[str, str] = {}
    for line in lines[begin + 1 : end]:
        words = line.split(None, 1)
        if len(words) == 2:
            header.setdefault(words[0], words[1].strip())
    gm = header.get("earth_gravity_constant", header.get("gravity_constant", ""))
    degree = _integer(header.get("max_degree", ""), "max_degree", name, end)
    norm = header.get("norm", "fully_normalized")
    if norm not in _NORMS:
        raise FormatError(
            "unknown normalisation of a gravity field", value=norm, allowed=" or ".join(_NORMS), where=name
        )
    tide = _TIDES.get(header.get("tide_system", "unknown").lower(), "unknown")

    def rows() -> Iterator[tuple[int, Row]]:
        for number, line in enumerate(lines[end + 1 :], start=end + 2):
            words = line.split()
            if not words:
                continue
            if words[0] != "gfc" or len(words) < 5:
                raise _bad(
                    "a line of a gravity field is no static coefficient",
                    line,
                    "gfc L M C S ...; time-variable terms (gfct, trnd, ...) are not read",
                    name,
                    number,
                )
            yield number, _row(words[1], words[2], words[3], words[4], name, number)

    cosine, sine = _collect(rows(), degree, max_degree, name)
    if norm == "unnormalized":
        _normalise(cosine, sine)
    label = header.get("modelname", name)
    return (
        _number(gm, name, end, "gravity_constant"),
        _number(header.get("radius", ""), name, end, "radius"),
        label,
        tide,
        cosine,
        sine,
    )


def _read_cof(lines: list[str], name: str, max_degree: int) -> _Parts:
    start = next(number for number, line in enumerate(lines) if line.startswith("POTFIELD"))
    head = lines[start]
    degree = _integer(head[8:11], "degree", name, start + 1)
    words = head[17:].split()
    if len(words) < 3:
        raise _bad(
            "the header of a COF gravity field is cut short",
            head,
            "POTFIELD n m .. GM R norm",
            name,
            start + 1,
        )
    normalised = _number(words[2], name, start + 1, "normalisation flag")
    if normalised not in (0.0, 1.0):
        raise _bad(
            "unknown normalisation of a gravity field", words[2], "1 (normalised) or 0", name, start + 1
        )

    def rows() -> Iterator[tuple[int, Row]]:
        for number, line in enumerate(lines[start + 1 :], start=start + 2):
            if line.startswith("END"):
                return
            if not line.strip() or line.startswith(("C", "COMMENT")):
                continue
            if not line.startswith("RECOEF"):
                raise _bad("a line of a COF gravity field is unknown", line, "RECOEF or END", name, number)
            a, b, c, d, e, f = _COF_WIDTHS
            sine = line[e:f].strip()
            yield number, _row(line[a:b], line[b:c], line[d:e], sine or "0", name, number)
        raise FormatError(
            "a COF gravity field ends without END", value=f"{len(lines)} lines", where=name,
            hint="the file is cut short: fetch it again",
        )  # fmt: skip

    cosine, sine = _collect(rows(), degree, max_degree, name)
    if normalised == 0.0:
        _normalise(cosine, sine)
    gm = _number(words[0], name, start + 1, "GM")
    return gm, _number(words[1], name, start + 1, "radius"), _stem(name), "unknown", cosine, sine


def _read_shadr(lines: list[str], name: str, max_degree: int) -> _Parts:
    """Read a SHADR table: RADIUS, GM, .., degree, order, normalisation with commas; or blank-separated rows.

    Tables of several makers carry their header in other layouts: the two numbers above 1e4 are GM and radius.
    """
    label, tide = _stem(name), "unknown"
    header_end = next((k for k, line in enumerate(lines) if _is_coefficient(line)), None)
    if header_end is None or header_end == 0 or header_end > 100:
        raise FormatError(
            "not a gravity field",
            value=repr(lines[0][:60]) if lines else "an empty file",
            allowed="ICGEM .gfc, COF, or a SHADR table with a header line",
            where=name,
        )
    numbers = []
    for line in lines[:header_end]:
        for word in line.replace(",", " ").replace("(", " ").replace(")", " ").split():
            value = _plain(word)
            if value is not None and value > 1e3:
                numbers.append(value)
    if len(numbers) < 2:
        raise FormatError(
            "the header of a SHADR table has no GM and radius",
            value=lines[header_end - 1][:80].strip(),
            allowed="both, in km or m",
            where=f"{name} line {header_end}",
        )
    gm, radius = max(numbers[:2]), min(numbers[:2])
    if radius < 1e5:
        gm, radius = gm * _KM**3, radius * _KM

    def rows() -> Iterator[tuple[int, Row]]:
        for number, line in enumerate(lines[header_end:], start=header_end + 1):
            words = _shadr_words(line)
            if not words:
                continue
            if len(words) < 4:
                raise _bad("a line of a SHADR table is cut short", line, "degree order C S", name, number)
            yield number, _row(words[0], words[1], words[2], words[3], name, number)

    found = list(rows())
    degree = max(row[0] for _, row in found)
    cosine, sine = _collect(iter(found), degree, max_degree, name)
    return gm, radius, label, tide, cosine, sine


def _shadr_words(line: str) -> list[str]:
    if line.startswith("RECOEF"):
        return [line[6:9], line[9:12], line[12:36], line[36:60]]
    return line.replace(",", " ").split()


def _is_coefficient(line: str) -> bool:
    words = [word.strip() for word in _shadr_words(line)]
    if len(words) < 4 or not (words[0].isdigit() and words[1].isdigit()):
        return False
    return all(_plain(word) is not None for word in words[2:4])


def _collect(
    rows: Iterator[tuple[int, Row]], degree: int, max_degree: int, name: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fill the tables, refuse doubles and gaps from degree 2 on."""
    if not 0 <= degree <= MAX_DEGREE:
        raise FormatError(
            "the degree of a gravity field is out of range",
            value=degree,
            allowed=f"0 to {MAX_DEGREE}",
            where=name,
        )
    kept = min(degree, max_degree)
    cosine, sine = np.zeros((kept + 1, kept + 1)), np.zeros((kept + 1, kept + 1))
    seen = np.zeros((degree + 1, degree + 1), dtype=np.bool_)
    for number, (n, m, c, s) in rows:
        if not 0 <= m <= n <= degree:
            raise _bad(
                "a degree or order is out of range", f"{n}, {m}", f"0 <= m <= n <= {degree}", name, number
            )
        if seen[n, m]:
            raise _bad("a coefficient stands twice", f"{n}, {m}", "each one once", name, number)
        seen[n, m] = True
        if n <= kept:
            cosine[n, m], sine[n, m] = c, s
    low = np.tril(np.ones_like(seen))
    low[:2] = False
    missing = np.argwhere(low.astype(bool) & ~seen)
    if missing.size:
        raise FormatError(
            "coefficients of a gravity field are missing",
            value=f"{len(missing)}, the first of degree {missing[0][0]} order {missing[0][1]}",
            allowed=f"all from degree 2 to {degree}",
            where=name,
            hint="the file is cut short: fetch it again",
        )
    cosine[0, 0] = 1.0
    return cosine, sine


def _normalise(cosine: NDArray[np.float64], sine: NDArray[np.float64]) -> None:
    for n in range(cosine.shape[0]):
        for m in range(n + 1):
            log = 0.5 * (math.lgamma(n + m + 1) - math.lgamma(n - m + 1))
            factor = math.exp(log) / math.sqrt((1.0 if m == 0 else 2.0) * (2 * n + 1))
            cosine[n, m] *= factor
            sine[n, m] *= factor


def _row(n: str, m: str, c: str, s: str, name: str, number: int) -> Row:
    return (
        _integer(n, "degree", name, number),
        _integer(m, "order", name, number),
        _number(c, name, number, "C"),
        _number(s, name, number, "S"),
    )


def _plain(word: str) -> float | None:
    text = word.strip().replace("D", "E").replace("d", "e")
    if not text or not set(text) <= set("0123456789+-.eE"):
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _number(word: str, name: str, number: int, what: str) -> float:
    value = _plain(word)
    if value is None:
        raise _bad(f"{what} is no number", word, "a finite decimal number, exponent E or D", name, number)
    return value


def _integer(word: str, what: str, name: str, number: int) -> int:
    text = word.strip()
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise _bad(f"{what} of a gravity field is no whole number", word, "0 or more", name, number)
    return int(text)


def _stem(name: str) -> str:
    return name.rsplit("/", 1)[-1].split(".", 1)[0]


def _bad(what: str, value: str, allowed: str, name: str, number: int) -> FormatError:
    return FormatError(what, value=repr(value[:80]), allowed=allowed, where=f"{name} line {number}")
