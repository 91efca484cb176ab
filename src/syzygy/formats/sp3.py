"""SP3 precise orbits and clocks, versions a, b, c and d: bytes to arrays of position, velocity and clock.

Files are refused, not repaired: a line cut short, a number that is none, an epoch off the announced interval,
two records of one satellite at one epoch or a missing EOF is an error that names the line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.time.leap_seconds import LeapSeconds
from syzygy.base.errors import FormatError
from syzygy.formats._sp3_header import Sp3Header, read_header, satellite_of
from syzygy.formats.compression import expand
from syzygy.formats.fixed_columns import fixed_numbers
from syzygy.formats.gnss_time import tai_ns_of_fields

_MISSING = 999_999.0
_RECORD_LENGTH = 60
_SIGMA_LENGTH = 26
_GRID_TOLERANCE_NS = 100


@dataclass(frozen=True, eq=False)
class PreciseOrbits:
    """Orbits and clocks of a navigation product: n epochs, s satellites, as tabulated.

    Attributes
    ----------
    satellites : tuple of str (s,)
        System letter and number, e.g. ``C05``, in the order of the header, then `unlisted`.
    unlisted : tuple of str
        Satellites with records that the header does not list.
    epoch_tai_ns : int64 (n,)
        Strictly increasing.
    position_m : float64 (n, s, 3)
        Centre of mass, Earth-fixed in `frame`; NaN where missing (see `position_known`).
    position_known, clock_known : bool (n, s)
        False where the record is absent or carries the format's marks for missing.
    clock_s : float64 (n, s)
        Satellite clock minus `time_system`; NaN where missing.
    velocity_m_s : float64 (n, s, 3) or None
        Earth-fixed; None when the file has no velocity records, NaN where missing.
    orbit_predicted, manoeuvre : bool (n, s)
        Flags of the record.
    position_sigma_m : float64 (n, s, 3) or None
        From EP records; None when the file has none.
    accuracy_m : float64 (s,)
        2**code mm of the header; NaN where the code is 0 (unknown).
    interval_s : float
        Announced spacing of the epochs.
    announced_epochs : int
        Number of epochs in the header; some producers write more than they give.
    version, frame, orbit_type, agency, time_system : str
        As in the header (``d``, ``IGS14``, ``FIT``, ``IAC``, ``GPS``).
    comments : tuple of str
        Comment lines, stripped.
    """

    satellites: tuple[str, ...]
    unlisted: tuple[str, ...]
    epoch_tai_ns: NDArray[np.int64]
    position_m: NDArray[np.float64]
    position_known: NDArray[np.bool_]
    clock_s: NDArray[np.float64]
    clock_known: NDArray[np.bool_]
    velocity_m_s: NDArray[np.float64] | None
    orbit_predicted: NDArray[np.bool_]
    manoeuvre: NDArray[np.bool_]
    position_sigma_m: NDArray[np.float64] | None
    accuracy_m: NDArray[np.float64]
    interval_s: float
    announced_epochs: int
    version: str
    frame: str
    orbit_type: str
    agency: str
    time_system: str
    comments: tuple[str, ...]


def read_sp3(content: bytes, leap_seconds: LeapSeconds, *, name: str = "") -> PreciseOrbits:
    """Read an SP3 file, plain or gzip.

    Parameters
    ----------
    content : bytes
        The file; any number of satellites in version d, at most 85 in a, b and c.
    leap_seconds : LeapSeconds
        Needed for files in UTC or GLONASS time.
    name : str
        File name for messages.

    Returns
    -------
    PreciseOrbits
        SI units; records marked missing (0.000000 or 999999.999999) are masked, not dropped.

    Raises
    ------
    FormatError
        With the line number, for anything that does not follow the format.

    Notes
    -----
    **Accuracy**: positions are the decimal numbers of the file times 1000 in float64 arithmetic; counts of
    epochs and records equal the independent counts of 9 files (``tests/formats/test_sp3.py``).

    **Source**: Hilla, "The Extended Standard Product 3 Orbit Format (SP3-d)", 2016; SP3-c 2010; SP3-a 1991.
    """
    lines = expand(content, name=name).splitlines()
    header = read_header(lines, leap_seconds, name)
    body = _scan(lines, header, leap_seconds, name)
    return _assemble(lines, header, body, name)


@dataclass
class _Body:
    """Where the records of the body are: line indices with their epoch and satellite indices."""

    satellites: dict[bytes, int]
    epochs: list[int]
    positions: list[tuple[int, int, int]]
    velocities: list[tuple[int, int, int]]
    sigmas: list[tuple[int, int, int]]


def _scan(lines: Sequence[bytes], header: Sp3Header, leap_seconds: LeapSeconds, name: str) -> _Body:
    listed = {satellite.encode(): index for index, satellite in enumerate(header.satellites)}
    body = _Body(listed, [], [], [], [])
    seen: set[tuple[bytes, int]] = set()
    latest: tuple[int, int] | None = None
    for number in range(header.body_starts, len(lines)):
        line = lines[number]
        kind = line[:1]
        if kind == b"*":
            body.epochs.append(_epoch(line, body.epochs, header, leap_seconds, f"{name} line {number + 1}"))
            seen.clear()
            latest = None
        elif kind in (b"P", b"V"):
            column = _column(line, body, f"{name} line {number + 1}")
            if (kind, column) in seen:
                raise FormatError(
                    "two records of one satellite at one epoch",
                    value=line[:4].decode("ascii", "replace"),
                    allowed="one record",
                    where=f"{name} line {number + 1}",
                )
            seen.add((kind, column))
            latest = (len(body.epochs) - 1, column)
            (body.positions if kind == b"P" else body.velocities).append((number, *latest))
        elif line[:2] in (b"EP", b"EV") and latest is not None:
            if line[:2] == b"EP":
                body.sigmas.append((number, *latest))
        elif line.startswith(b"EOF"):
            return body
        elif line.strip() and not line.startswith(b"/*"):
            raise FormatError(
                "unknown line in an SP3 file",
                value=repr(line[:40].decode("ascii", "replace")),
                allowed="*, P, V, EP, EV, EOF",
                where=f"{name} line {number + 1}",
            )
    raise FormatError(
        "the SP3 file ends without EOF",
        value=f"{len(body.epochs)} epochs read",
        allowed="a last line EOF",
        where=f"{name} line {len(lines)}",
        hint="the file was cut short: fetch it again",
    )


def _epoch(
    line: bytes, earlier: Sequence[int], header: Sp3Header, leap_seconds: LeapSeconds, where: str
) -> int:
    fields = line[1:].decode("ascii", "replace").split()
    epoch_tai_ns = tai_ns_of_fields(fields, header.time_system, leap_seconds, where=where)
    interval_ns = round(header.interval_s * 1e9)
    off_grid = (epoch_tai_ns - header.start_tai_ns + interval_ns // 2) % interval_ns - interval_ns // 2
    if abs(off_grid) > _GRID_TOLERANCE_NS or (earlier and epoch_tai_ns <= earlier[-1]):
        raise FormatError(
            "an epoch does not fit the announced interval",
            value=" ".join(fields),
            allowed=f"increasing, the start of the header plus a multiple of {header.interval_s:g} s",
            where=where,
        )
    return epoch_tai_ns


def _column(line: bytes, body: _Body, where: str) -> int:
    satellite = satellite_of(line[1:4])
    if not body.epochs:
        raise FormatError(
            "a record before the first epoch",
            value=repr(satellite.decode("ascii", "replace")),
            allowed="an epoch line (*) first",
            where=where,
        )
    if not (satellite[:1].isalpha() and satellite[:1].isupper() and satellite[1:].isdigit()):
        raise FormatError(
            "not the name of a satellite",
            value=repr(line[1:4].decode("ascii", "replace")),
            allowed="a system letter and two digits, e.g. C05",
            where=where,
        )
    # Old products carry records, marked as missing, of satellites that their header leaves out.
    return body.satellites.setdefault(satellite, len(body.satellites))


def _assemble(lines: Sequence[bytes], header: Sp3Header, body: _Body, name: str) -> PreciseOrbits:
    if not body.epochs:
        raise FormatError("the SP3 file has no epoch", value="0 epochs", allowed="1 or more", where=name)
    shape = (len(body.epochs), len(body.satellites))
    satellites = tuple(satellite.decode() for satellite in body.satellites)
    numbers, known = _grid(lines, body.positions, shape, name)
    position_km, clock_us = numbers[..., :3], numbers[..., 3]
    position_known = known & np.any(position_km != 0.0, axis=-1) & np.all(position_km < _MISSING, axis=-1)
    clock_known = known & (clock_us != 0.0) & (clock_us < _MISSING)
    flags = [lines[number].ljust(80) for number, _, _ in body.positions]
    return PreciseOrbits(
        satellites=satellites,
        unlisted=satellites[len(header.satellites) :],
        epoch_tai_ns=np.array(body.epochs, dtype=np.int64),
        position_m=np.where(position_known[..., None], position_km * 1e3, np.nan),
        position_known=position_known,
        clock_s=np.where(clock_known, clock_us * 1e-6, np.nan),
        clock_known=clock_known,
        velocity_m_s=_velocity(lines, body, shape, name),
        orbit_predicted=_flag(body, shape, [line[79:80] == b"P" for line in flags]),
        manoeuvre=_flag(body, shape, [line[78:79] == b"M" for line in flags]),
        position_sigma_m=_sigma(lines, body, shape, name),
        accuracy_m=np.append(header.accuracy_m, np.full(shape[1] - len(header.satellites), np.nan)),
        interval_s=header.interval_s,
        announced_epochs=header.announced_epochs,
        version=header.version,
        frame=header.frame,
        orbit_type=header.orbit_type,
        agency=header.agency,
        time_system=header.time_system,
        comments=header.comments,
    )


def _grid(
    lines: Sequence[bytes], records: list[tuple[int, int, int]], shape: tuple[int, int], name: str
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the four numbers of P or V lines on the grid of epochs and satellites, and where some are."""
    for number, _, _ in records:
        if len(lines[number].rstrip()) < _RECORD_LENGTH:
            raise FormatError(
                "an SP3 record is cut short",
                value=repr(lines[number].decode("ascii", "replace")),
                allowed=f"{_RECORD_LENGTH} columns: satellite, x, y, z, clock",
                where=f"{name} line {number + 1}",
            )
    numbers = np.full((*shape, 4), np.nan)
    known = np.zeros(shape, dtype=np.bool_)
    if records:
        index = np.array(records)
        rows = [lines[number][4:_RECORD_LENGTH] for number, _, _ in records]
        numbers[index[:, 1], index[:, 2]] = fixed_numbers(rows, (14,) * 4, index[:, 0], name)
        known[index[:, 1], index[:, 2]] = True
    return numbers, known


def _velocity(
    lines: Sequence[bytes], body: _Body, shape: tuple[int, int], name: str
) -> NDArray[np.float64] | None:
    if not body.velocities:
        return None
    numbers, known = _grid(lines, body.velocities, shape, name)
    velocity = numbers[..., :3]
    known &= np.any(velocity != 0.0, axis=-1) & np.all(velocity < _MISSING, axis=-1)
    # SP3 writes velocities in decimetres per second.
    return np.where(known[..., None], velocity * 0.1, np.nan)


def _sigma(
    lines: Sequence[bytes], body: _Body, shape: tuple[int, int], name: str
) -> NDArray[np.float64] | None:
    if not body.sigmas:
        return None
    index = np.array(body.sigmas)
    rows = [lines[number][3:18].ljust(15) for number, _, _ in body.sigmas]
    sigma = np.full((*shape, 3), np.nan)
    sigma[index[:, 1], index[:, 2]] = 1e-3 * fixed_numbers(rows, (5, 5, 5), index[:, 0], name, blank=np.nan)
    return sigma


def _flag(body: _Body, shape: tuple[int, int], raised: list[bool]) -> NDArray[np.bool_]:
    flags = np.zeros(shape, dtype=np.bool_)
    for (_, epoch, satellite), value in zip(body.positions, raised, strict=True):
        flags[epoch, satellite] = value
    return flags
