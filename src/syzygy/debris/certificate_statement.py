"""What a certificate of completeness speaks of: window, threshold, objects; written, read, held to itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from syzygy.astro.time import LeapSeconds, format_utc_many, parse_utc, parse_utc_many
from syzygy.base.errors import FormatError, SyzygyError
from syzygy.base.tables import Column, Table, column

MOST_WINDOW_S = 31 * 86400.0
MOST_ROWS = 4_000
NUMBERS = (
    "number", "begin_s", "end_s", "objects", "knot_step_s", "half_step_s", "floor_m", "lowest_m",
    "gradient_per_s2", "max_slack_m", "proven", "measured", "max_remainder_m", "max_measured_slack_m",
    "max_speed_m_s", "max_angle_rad", "min_width_rad", "max_polynomial_error_m", "audit_states",
    "audit_excess_m", "pairs_in_lists", "pairs_in_reach", "candidates", "minima",
)  # fmt: skip
"""The claims of a chunk."""

_SAID = (
    ("window_s", "s", "length of the window"),
    ("threshold_m", "m", "distance searched; for a box the radius of the sphere around it"),
    ("primaries", "1", "objects screened against all others"),
    ("ephemerides", "1", "stretches of ephemerides screened"),
    ("element_sets", "1", "element sets screened"),
    ("sets_sha256", "", "SHA-256 of the element sets: numbers, epochs and elements"),
)
_HASH = re.compile("[0-9a-f]{64}")
_LONGEST_KNOT_S = 3600.0
_MAY_BE_INFINITE = ("lowest_m", "min_width_rad", "audit_excess_m")
_SAME_INSTANT_NS = 1_000_000


@dataclass(frozen=True)
class Statement:
    """What was screened; stands in every row, so that a certificate alone says of what it speaks.

    Attributes
    ----------
    start_tai_ns : int
        Begin of the window.
    window_s, threshold_m : float
        Its length; the distance searched (with a box: the sphere around it).
    primaries : int
        Objects screened against all others: all of them where none was named.
    ephemerides, element_sets : int
        Stretches of ephemerides, and element sets, screened.
    sets_sha256 : str
        Of the element sets (`element_sets.hash_sets`).
    """

    start_tai_ns: int
    window_s: float
    threshold_m: float
    primaries: int
    ephemerides: int
    element_sets: int
    sets_sha256: str


def statement_columns(
    statement: Statement, begin_s: Sequence[float], leap_seconds: LeapSeconds
) -> list[Column]:
    """Return the columns that say it, for chunks that begin at these seconds of the window."""
    begin = np.array([statement.start_tai_ns + round(at * 1e9) for at in begin_s], dtype=np.int64)
    return [
        column("begin_utc", format_utc_many(begin, leap_seconds), "", "begin of the chunk, UTC"),
        *(column(name, [getattr(statement, name)] * begin.size, unit, text) for name, unit, text in _SAID),
    ]


def read_statement(certificate: Table, leap_seconds: LeapSeconds, *, name: str) -> Statement:
    """Return what the first row says, after the table was found to be a certificate at all.

    Raises
    ------
    FormatError
        A column is missing or of another kind, no row or too many, a number that is none or beyond what a
        screening can have.
    """
    _require_columns(certificate, name)
    _require_numbers(certificate, name)
    first = certificate.rows(1)[0]
    try:
        begin_tai_ns = parse_utc(str(first["begin_utc"]), leap_seconds)
    except SyzygyError as error:
        raise FormatError(
            error.what, value=error.value, allowed=error.allowed, where=f"{name}: begin_utc"
        ) from error
    if not _HASH.fullmatch(str(first["sets_sha256"])):
        _refuse("sets_sha256", ascii(str(first["sets_sha256"])[:40]), "64 hexadecimal digits", name)
    return Statement(
        begin_tai_ns - round(float(str(first["begin_s"])) * 1e9),
        float(str(first["window_s"])),
        float(str(first["threshold_m"])),
        int(str(first["primaries"])),
        int(str(first["ephemerides"])),
        int(str(first["element_sets"])),
        str(first["sets_sha256"]),
    )


def find_contradictions(certificate: Table, said: Statement, leap_seconds: LeapSeconds) -> list[str]:
    """Return where rows contradict the statement of the first row."""
    problems = [
        f"says different things of {name} in different rows"
        for name, _, _ in _SAID
        if len(set(certificate[name].tolist())) > 1
    ]
    try:
        begin = parse_utc_many([str(text) for text in certificate["begin_utc"].tolist()], leap_seconds)
    except SyzygyError as error:
        return [*problems, f"has a begin that is no time: {str(error.value)[:40]!a}"]
    due = said.start_tai_ns + np.round(np.asarray(certificate["begin_s"], dtype=np.float64) * 1e9)
    wrong = np.flatnonzero(np.abs(begin - due.astype(np.int64)) > _SAME_INSTANT_NS)
    return problems + [
        f"chunk {row} begins at {certificate['begin_utc'][row]}, which is not second "
        f"{certificate['begin_s'][row]} of the window"
        for row in wrong.tolist()
    ]


def _require_columns(certificate: Table, name: str) -> None:
    text = ("begin_utc", "sets_sha256")
    wanted = [*NUMBERS, *(key for key, _, _ in _SAID), "begin_utc"]
    missing = [key for key in wanted if key not in certificate.names]
    if missing:
        raise FormatError(
            "not a certificate of completeness: columns are missing",
            value=", ".join(missing[:4]) + (f" and {len(missing) - 4} more" if len(missing) > 4 else ""),
            allowed="the table `certificate` of a screening, all its columns",
            where=name,
            hint="`syzygy debris screen ... --certificate FILE` writes one",
        )
    wrong = [key for key in wanted if (certificate[key].dtype.kind == "O") != (key in text)]
    if wrong:
        raise FormatError(
            "a column of the certificate is of another kind",
            value=wrong[0],
            allowed="numbers, but for the times and the hash",
            where=name,
        )
    if not 0 < len(certificate) <= MOST_ROWS:
        raise FormatError(
            "a certificate has one row for each chunk",
            value=f"{len(certificate)} rows",
            allowed=f"1 to {MOST_ROWS}",
            where=name,
        )


def _require_numbers(certificate: Table, name: str) -> None:
    """Refuse what is no number, and what would send the checker to times no screening has."""
    for key in (*NUMBERS, "window_s", "threshold_m"):
        values = np.asarray(certificate[key], dtype=np.float64)
        bad = np.isnan(values) if key in _MAY_BE_INFINITE else ~np.isfinite(values)
        if bad.any():
            _refuse(key, values[bad][0], "a finite number", f"{name}: row {int(np.argmax(bad))}")
    for key, least, most in (
        ("begin_s", 0.0, MOST_WINDOW_S),
        ("end_s", 0.0, MOST_WINDOW_S + _LONGEST_KNOT_S),
        ("window_s", 1.0, MOST_WINDOW_S),
        ("knot_step_s", 1.0, _LONGEST_KNOT_S),
    ):
        values = np.asarray(certificate[key], dtype=np.float64)
        bad = (values < least) | (values > most)
        if bad.any():
            _refuse(key, values[bad][0], f"{least:g} to {most:g} s", f"{name}: row {int(np.argmax(bad))}")


def _refuse(key: str, value: object, allowed: str, where: str) -> None:
    raise FormatError(f"the certificate cannot be right in {key}", value=value, allowed=allowed, where=where)
