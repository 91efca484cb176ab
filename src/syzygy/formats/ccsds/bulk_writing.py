"""Arrays to data lines in bulk, and whole files of them: OEM, AEM and TDM in KVN, piece by piece.

**Accuracy**: with ``shortest`` numbers every value read back has the bits it was written from
(``test_ccsds_bulk_writing.py``).
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from syzygy.base.errors import InputError
from syzygy.base.storage import explain_failure
from syzygy.formats.ccsds.bulk import Lines
from syzygy.formats.ccsds.bulk_numbers import SHORTEST, NumberForm, number_texts
from syzygy.formats.ccsds.epochs import Epochs
from syzygy.formats.ccsds.model import Message
from syzygy.formats.ccsds.reading import read_message

_NS_PER_S = 1_000_000_000
_LINES_AT_ONCE = 1 << 16
_KINDS = ("OEM", "AEM", "TDM")
_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896  # 0001-01-01 and 9999-12-31
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class LineSegment:
    """One segment to be written.

    Attributes
    ----------
    metadata : sequence of (keyword, text)
        In the order of the table; ``COMMENT`` is a keyword like any other.
    pieces : iterable of Lines
        In order; a generator keeps the memory small.
    comments : sequence of str
        At the start of the data.
    tail : bytes
        KVN text behind the data lines of an OEM, for example what `covariance_lines` returns.
    """

    metadata: Pairs
    pieces: Iterable[Lines]
    comments: Sequence[str] = ()
    tail: bytes = b""


def format_lines(
    lines: Lines, *, numbers: NumberForm | Sequence[NumberForm] = SHORTEST, epoch_digits: int | None = None
) -> bytes:
    """Return data lines as KVN text, LF at the end of each.

    Parameters
    ----------
    lines : Lines
        n lines of k numbers; with keywords they become observations of a TDM.
    numbers : str, int or a sequence of k of them
        See `bulk_numbers.number_texts`: ``shortest``, ``book`` or a number of decimals.
    epoch_digits : int or None
        Digits of a second, 0 to 9; None takes 0, 3, 6 or 9, whichever keeps every epoch of these lines.

    Raises
    ------
    InputError
        A value that is not finite, an epoch that needs more digits or lies outside the years 1 to 9999.
    """
    digits = _epoch_digits(lines.epochs, epoch_digits)
    return b"".join(
        bytes(_lines(lines, slice(start, start + _LINES_AT_ONCE), numbers, digits))[1:] + b"\n"
        for start in range(0, len(lines), _LINES_AT_ONCE)
    )


def write_lines(
    path: Path,
    kind: str,
    version: str,
    header: Pairs,
    segments: Iterable[LineSegment],
    *,
    numbers: NumberForm | Sequence[NumberForm] = SHORTEST,
    epoch_digits: int | None = None,
) -> Message:
    """Write an OEM, AEM or TDM file in KVN from arrays; the file appears whole or not at all.

    Parameters
    ----------
    path : Path
    kind, version : str
        ``OEM``, ``3.0``.
    header : sequence of (keyword, text)
        Without the version: CREATION_DATE, ORIGINATOR ...
    segments : iterable of LineSegment
        Taken one after the other, so a generator may write more than memory holds.
    numbers, epoch_digits
        As in `format_lines`.

    Returns
    -------
    Message
        The message with the first and the last line of every piece, as `read_message` reads it: deviations
        of header and metadata are in its diagnostics.

    Raises
    ------
    MessageError
        Header, metadata or spans are wrong; nothing has been written.
    InputError
        As in `format_lines`, a text with a line end, no such kind.
    StorageError
        The disk refuses.
    """
    if kind not in _KINDS:
        raise InputError("this kind of message has no such lines", value=kind, allowed=", ".join(_KINDS))
    kept: list[bytes] = []
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".partial-", dir=path.parent)
    except OSError as error:
        raise explain_failure(error, path) from error
    try:
        with os.fdopen(handle, "wb") as stream:
            kept.append(_pairs([(f"CCSDS_{kind}_VERS", version), *header]))
            stream.write(kept[0])
            for segment in segments:
                _write_segment(stream, kind, segment, kept, numbers, epoch_digits)
            stream.flush()
            os.fsync(stream.fileno())
        message = read_message(b"".join(kept), name=str(path))
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except OSError as error:
        Path(temporary).unlink(missing_ok=True)
        raise explain_failure(error, path) from error
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return message


def covariance_lines(
    epochs: Epochs,
    triangles: NDArray[np.float64],
    frames: Sequence[str] = (),
    *,
    numbers: NumberForm = SHORTEST,
    epoch_digits: int | None = None,
) -> bytes:
    """Return the covariance section of an OEM as KVN text.

    Parameters
    ----------
    epochs : Epochs
        m.
    triangles : float64 (m, 21)
        Lower triangles row by row, km**2, km**2/s, km**2/s**2.
    frames : sequence of str
        COV_REF_FRAME of each, empty for none.
    """
    if triangles.shape != (len(epochs), 21):
        raise InputError(
            "covariances are lower triangles of six rows", value=f"{triangles.shape}",
            allowed=f"({len(epochs)}, 21)",
        )  # fmt: skip
    digits = _epoch_digits(epochs, epoch_digits)
    dates = epoch_texts(epochs, digits).to_pylist()
    values = iter(number_texts(triangles.ravel(), numbers, "covariance").to_pylist())
    text = ["COVARIANCE_START\n"]
    for index, date in enumerate(dates):
        text.append(f"EPOCH = {date}\n")
        if frames and frames[index]:
            text.append(f"COV_REF_FRAME = {frames[index]}\n")
        for row in range(1, 7):
            text.append(" ".join(next(values) for _ in range(row)) + "\n")
    return "".join([*text, "COVARIANCE_STOP\n"]).encode()


def epoch_texts(epochs: Epochs, digits: int, before: bytes = b"") -> Any:
    """Return epochs as an Arrow string array, `before` in front of each; a leap second is second 60."""
    import pyarrow as pa

    if len(epochs) and not _FIRST_DAY <= int(epochs.day.min()) <= int(epochs.day.max()) <= _LAST_DAY:
        raise InputError("an epoch lies outside the calendar of messages", allowed="years 1 to 9999")
    skip = len(before)
    rows = np.empty((len(epochs), skip + 19 + digits + (digits > 0)), dtype=np.uint8)
    rows[:, :skip] = np.frombuffer(before, dtype=np.uint8)
    day, at = np.unique(epochs.day, return_inverse=True)
    names = np.datetime_as_string(day.astype("datetime64[D]"), unit="D").astype("S10")
    rows[:, skip : skip + 10] = np.frombuffer(names.tobytes(), dtype=np.uint8).reshape(-1, 10)[at]
    second, fraction = np.divmod(epochs.day_ns, _NS_PER_S)
    hour = np.minimum(second // 3600, 23)
    minute = np.minimum((second - hour * 3600) // 60, 59)
    second -= hour * 3600 + minute * 60
    for place, mark, number in ((10, b"T", hour), (13, b":", minute), (16, b":", second)):
        rows[:, skip + place] = mark[0]
        rows[:, skip + place + 1] = number // 10 + 48
        rows[:, skip + place + 2] = number % 10 + 48
    if digits:
        rows[:, skip + 19] = ord(".")
        fraction //= 10 ** (9 - digits)
        for place in range(digits, 0, -1):
            fraction, last = np.divmod(fraction, 10)
            rows[:, skip + 19 + place] = last + 48
    offsets = np.arange(rows.shape[0] + 1, dtype=np.int32) * rows.shape[1]
    return pa.Array.from_buffers(pa.string(), len(epochs), [None, pa.py_buffer(offsets), pa.py_buffer(rows)])


def _epoch_digits(epochs: Epochs, digits: int | None) -> int:
    if digits is not None and digits not in range(10):
        raise InputError("no such number of digits of a second", value=digits, allowed="0 to 9")
    fraction = epochs.day_ns % _NS_PER_S
    if len(epochs) and not 0 <= int(epochs.day_ns.min()) <= int(epochs.day_ns.max()) < 86_401 * _NS_PER_S:
        raise InputError("the nanosecond of a day is none", allowed="0 to 86 401 s")
    for choice in (0, 3, 6, 9) if digits is None else (digits,):
        if not bool((fraction % 10 ** (9 - choice)).any()):
            return choice
    raise InputError(
        "an epoch has more digits than are to be written", value=f"{digits} digits of a second",
        allowed="as many as every epoch needs", hint="leave epoch_digits out, then none is lost",
    )  # fmt: skip


def _lines(lines: Lines, part: slice, numbers: NumberForm | Sequence[NumberForm], digits: int) -> memoryview:
    """Return the lines of a part, a line feed before each."""
    import pyarrow as pa
    import pyarrow.compute as pc

    values = lines.values[part]
    epochs = Epochs(lines.epochs.day[part], lines.epochs.day_ns[part], lines.epochs.time_system)
    forms = [numbers] * values.shape[1] if isinstance(numbers, str | int) else list(numbers)
    if len(forms) != values.shape[1]:
        raise InputError(
            "one form of numbers per column is due", value=len(forms), allowed=f"1 or {values.shape[1]}"
        )
    columns = [number_texts(values[:, index], form) for index, form in enumerate(forms)]
    if lines.keywords is None:
        columns.insert(0, epoch_texts(epochs, digits, b"\n"))
    else:
        marks = pa.array([f"\n{keyword} =" for keyword in lines.keywords[part].tolist()], pa.string())
        columns = [marks, epoch_texts(epochs, digits), *columns]
    joined = pc.binary_join_element_wise(*columns, " ")
    return memoryview(joined.buffers()[2])


def _pairs(pairs: Pairs) -> bytes:
    return "".join(
        f"{_plain(f'{key} {text}' if key == 'COMMENT' else f'{key} = {text}')}\n" for key, text in pairs
    ).encode()


def _plain(line: str) -> str:
    if not line.isprintable():
        raise InputError("a text holds a line end or a control character", value=repr(line[:60]))
    return line.rstrip()


def _write_segment(
    stream: BinaryIO,
    kind: str,
    segment: LineSegment,
    kept: list[bytes],
    numbers: NumberForm | Sequence[NumberForm],
    epoch_digits: int | None,
) -> None:
    marked = kind != "OEM"
    head = b"META_START\n" + _pairs(segment.metadata) + b"META_STOP\n" + b"DATA_START\n" * marked
    head += _pairs([("COMMENT", text) for text in segment.comments])
    kept.append(head)
    stream.write(head)
    for lines in segment.pieces:
        for text in _texts(lines, numbers, epoch_digits):
            stream.write(text[1:])
            stream.write(b"\n")
            first = bytes(text[1:4096]).split(b"\n")[0] + b"\n"
            last = bytes(text[-4096:]).rsplit(b"\n", 1)[1] + b"\n"
            kept.append(first + last * (len(text) > len(first) + 1))
    end = segment.tail + b"DATA_STOP\n" * marked
    kept.append(end)
    stream.write(end)


def _texts(
    lines: Lines, numbers: NumberForm | Sequence[NumberForm], epoch_digits: int | None
) -> Iterator[memoryview]:
    digits = _epoch_digits(lines.epochs, epoch_digits)
    for start in range(0, len(lines), _LINES_AT_ONCE):
        yield _lines(lines, slice(start, start + _LINES_AT_ONCE), numbers, digits)
