"""Whether the covariances of a message can be any: warnings about those not positive semi-definite.

A number stands for every value that rounds to it, so a matrix is only called indefinite where no matrix that
rounds to its digits is semi-definite.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain, islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from syzygy.formats.ccsds.diagnostics import Findings
from syzygy.formats.ccsds.grammar import number_text
from syzygy.formats.ccsds.model import Block
from syzygy.formats.ccsds.tables import MessageTable
from syzygy.formats.ccsds.triangles import readable_triangle

_CLAUSES = {"OCM": "502.0-B-3 6.2.7.10", "CDM": "508.0-B-1 table 3-4", "RDM": "508.1-B-1 table 3-3"}
_BLOCKS = frozenset({"covarianceMatrix", "cov"})
_MAX_MATRICES = 20_000
_MAX_SUSPECTS = 500
_EPSILON = float(np.finfo(float).eps)
_Places = tuple[tuple[int, int], ...]
_ABSURD = 1e6
_MOST_ELEMENTS = 400  # a longer line has a wrong number of them and is refused elsewhere
_CONFLATED = frozenset({"LTMWCC", "UTMWCC"})  # correlations stand in the other triangle


class _Elements(NamedTuple):
    """Row and column of each element, and its text."""

    places: _Places
    texts: tuple[str, ...]


_Matrix = tuple[int, _Elements, int, int]  # block, elements, size, line


def check_covariances(root: Block, table: MessageTable, findings: Findings) -> None:
    """Warn about each block whose covariance has a negative eigenvalue; note CDM rows that are not whole."""
    found: list[_Matrix] = []
    if _BLOCKS.isdisjoint(table.blocks):
        return
    for number, block in enumerate(root.walk()):
        if block.name not in _BLOCKS:
            continue
        if table.kind == "CDM":
            _check_rows(block, findings)
        if len(found) < _MAX_MATRICES:
            some = islice(_matrices(block, table), _MAX_MATRICES - len(found))
            found += [(number, *matrix) for matrix in some]
    warned = -1
    suspects = _suspects(found)
    if len(suspects) > _MAX_SUSPECTS or len(found) == _MAX_MATRICES:
        findings.warning(
            "covariance_unchecked",
            f"{len(suspects)} of the first {len(found)} are doubtful; {_MAX_SUSPECTS} are looked at",
        )
    known: dict[tuple[_Elements, int], bool] = {}
    for index in suspects[:_MAX_SUSPECTS]:
        number, elements, size, line = found[index]
        if number == warned:
            continue
        if (elements, size) not in known:
            known[elements, size] = _indefinite(dict(zip(*elements, strict=True)), size)
        if known[elements, size]:
            warned = number
            findings.warning(
                "covariance_indefinite", "no covariance: the matrix is not positive semi-definite",
                line, 1, clause=_CLAUSES.get(table.kind, f"{table.book} tables"),
            )  # fmt: skip


def _suspects(found: list[_Matrix]) -> list[int]:
    """Return the indices of matrices that are not positive semi-definite to the rounding of a double.

    One sweep for each size. Scaling to a unit diagonal does not change the sign of an eigenvalue (Sylvester).
    """
    suspects: list[int] = []
    alike: dict[tuple[int, _Places], list[int]] = {}
    for index, (_, elements, size, _) in enumerate(found):
        if size:
            alike.setdefault((size, elements.places), []).append(index)
    for (size, places), mine in alike.items():
        values = np.full((len(mine), size, size), np.nan)
        if len(places) == size * (size + 1) // 2 and max(places)[0] < size:
            i, j = [i for i, _ in places], [j for _, j in places]
            numbers = _numbers([found[index][1].texts for index in mine])
            values[:, i, j] = values[:, j, i] = numbers
        scale = np.sqrt(np.abs(np.einsum("nii->ni", values)))
        with np.errstate(all="ignore"):
            values /= scale[:, :, None] * scale[:, None, :]
        plain = (np.abs(values) <= _ABSURD).all(axis=(1, 2))  # false for what is no number, too
        sure = np.zeros(len(mine), dtype=bool)
        sure[plain] = np.linalg.eigvalsh(values[plain])[:, 0] > -0.5 * size * _EPSILON
        suspects += [index for row, index in enumerate(mine) if not sure[row]]
    return sorted(suspects)


def _numbers(rows: list[tuple[str, ...]]) -> NDArray[np.float64]:
    """Return the numbers of rows of one length; NaN in a row that has a text which is none."""
    width = len(rows[0])
    try:
        return np.array(list(map(float, chain.from_iterable(rows)))).reshape(len(rows), width)
    except ValueError:
        pass
    values = np.full((len(rows), width), np.nan)
    for index, row in enumerate(rows):
        with contextlib.suppress(ValueError):
            values[index] = list(map(float, row))
    return values


def _matrices(block: Block, table: MessageTable) -> Iterator[tuple[_Elements, int, int]]:
    """Yield the elements of each matrix by row and column (column not above row), its size and its line."""
    lines = table.blocks[block.name].lines
    if lines == "matrix":
        if (triangle := readable_triangle(block)) is not None:
            yield _Elements(_lower(6), triangle), 6, block.line
            return
        rows = [record.values[:6] for record in islice(block.records(), 7)]
        places = tuple((i, j) for i, row in enumerate(rows) for j in range(min(len(row), i + 1)))
        if len(rows) <= 6:  # more are refused elsewhere
            yield _Elements(places, tuple(rows[i][j] for i, j in places)), len(rows), block.line
    elif lines == "covLine":
        ordering = block.text("COV_ORDERING").upper() or "LTM"
        for record in block.records():
            if len(record.values) > _MOST_ELEMENTS:
                continue
            places, picks, size = _line_places(ordering, table.kind, len(record.values))
            texts = record.values if picks is None else tuple(record.values[index] for index in picks)
            yield _Elements(places, texts), size, record.line
    else:
        entries = [entry for entry in block.entries() if entry.row.kind == "number"]
        size = (math.isqrt(8 * len(entries) + 1) - 1) // 2
        places = _lower(size)
        yield _Elements(places, tuple(e.text for e in entries[: len(places)])), size, block.line


@lru_cache(maxsize=32)
def _lower(size: int) -> _Places:
    return tuple((i, j) for i in range(size) for j in range(i + 1))


@lru_cache(maxsize=1024)
def _line_places(ordering: str, kind: str, count: int) -> tuple[_Places, tuple[int, ...] | None, int]:
    """Return places, the values that stand there (None: all), and the size."""
    if kind == "ACM":  # the diagonal only (504.0-B-2 5.3.7.6)
        return tuple((i, i) for i in range(count)), None, count
    full = ordering == "FULL" or ordering in _CONFLATED
    size = math.isqrt(count) if full else (math.isqrt(8 * count + 1) - 1) // 2
    places = [(i, j) for i in range(size) for j in range(size)]
    if not full:
        places = [(i, j) for i, j in places if (j >= i if ordering == "UTM" else j <= i)]
    upper = ordering == "UTMWCC"
    chosen = [
        (index, (max(i, j), min(i, j)))
        for index, (i, j) in enumerate(places)
        if not full or (j >= i if upper else j <= i)
    ]
    picks = tuple(index for index, _ in chosen)
    return tuple(place for _, place in chosen), picks if len(picks) < count else None, size


def _indefinite(texts: dict[tuple[int, int], str], size: int) -> bool:
    """Whether every matrix that rounds to these digits has a negative eigenvalue (Weyl's inequality)."""
    matrix = np.zeros((size, size))
    lost = np.zeros((size, size))
    for (i, j), text in texts.items():
        number = number_text(text)
        if i >= size or number is None:
            return False
        matrix[i, j] = matrix[j, i] = float(number)
        lost[i, j] = lost[j, i] = _half_unit(number)
    used = np.flatnonzero(matrix.any(axis=1))  # a row of zeros says nothing
    matrix, lost = matrix[np.ix_(used, used)], lost[np.ix_(used, used)]
    diagonal = np.diag(matrix)
    if used.size == 0:
        return False
    if bool((diagonal < -np.diag(lost)).any()):
        return True
    if not bool(np.isfinite(matrix).all()):
        return False
    scale = np.sqrt(np.maximum(diagonal + np.diag(lost), 0.0))
    scale[scale == 0.0] = 1.0
    with np.errstate(all="ignore"):
        scaled, slack = matrix / scale / scale[:, None], lost / scale / scale[:, None]
    if not bool(np.isfinite(scaled).all() and np.isfinite(slack).all()):
        return False
    largest = float(np.abs(scaled).max())
    if largest > _ABSURD:  # a correlation beyond 1 by far, and no matter for an eigenvalue solver
        return largest - float(slack.max()) > 2.0
    rounding = used.size * np.finfo(float).eps * float(np.abs(scaled).sum())
    norm = float(np.linalg.norm(np.minimum(slack, _ABSURD)))
    return bool(np.linalg.eigvalsh(scaled)[0] < -norm - rounding)


def _half_unit(number: str) -> float:
    """Return half a unit of the last digit that is written."""
    mantissa, _, exponent = number.upper().partition("E")
    places = len(mantissa.partition(".")[2])
    return 0.5 * 10.0 ** max(min(int(exponent or 0) - places, 300), -300)


def _check_rows(block: Block, findings: Findings) -> None:
    """The rows of drag, solar pressure and thrust in a CDM are given whole, from the first on."""
    present = {entry.keyword: entry for entry in block.entries()}
    columns = ["R", "T", "N", "RDOT", "TDOT", "NDOT"]
    for name in ("DRG", "SRP", "THR"):
        columns.append(name)
        keys = [f"C{name}_{column}" for column in columns]
        given = [present[key] for key in keys if key in present]
        if given and len(given) < len(keys):
            missing = ", ".join(key for key in keys if key not in present)
            findings.deviation(
                "covariance_row", f"the row {name} lacks {missing}", given[0].place.line,
                given[0].place.column, keyword=given[0].keyword, clause="508.0-B-1 table 3-4",
            )  # fmt: skip
