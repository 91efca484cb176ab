"""Whether the covariances of a message can be any: warnings about those not positive semi-definite.

A number stands for every value that rounds to it, so a matrix is only called indefinite where no matrix that
rounds to its digits is semi-definite.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

import numpy as np

from syzygy.formats.ccsds.diagnostics import Findings
from syzygy.formats.ccsds.grammar import number_text
from syzygy.formats.ccsds.model import Block, Record
from syzygy.formats.ccsds.tables import MessageTable

_CLAUSES = {"OCM": "502.0-B-3 6.2.7.10", "CDM": "508.0-B-1 table 3-4", "RDM": "508.1-B-1 table 3-3"}
_MAX_MATRICES = 20_000
_MAX_SUSPECTS = 500
_EPSILON = float(np.finfo(float).eps)
_Matrix = tuple[int, dict[tuple[int, int], str], int, int]  # block, elements, size, line
_ABSURD = 1e6
_MOST_ELEMENTS = 400  # a longer line has a wrong number of them and is refused elsewhere
_CONFLATED = frozenset({"LTMWCC", "UTMWCC"})  # correlations stand in the other triangle


def check_covariances(root: Block, table: MessageTable, findings: Findings) -> None:
    """Warn about each block whose covariance has a negative eigenvalue; note CDM rows that are not whole."""
    found: list[_Matrix] = []
    for number, block in enumerate(root.walk()):
        if block.name not in ("covarianceMatrix", "cov"):
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
    for index in suspects[:_MAX_SUSPECTS]:
        number, texts, size, line = found[index]
        if number != warned and _indefinite(texts, size):
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
    for size in {matrix[2] for matrix in found if matrix[2]}:
        mine = [index for index, matrix in enumerate(found) if matrix[2] == size]
        values = np.full((len(mine), size, size), np.nan)
        for row, index in enumerate(mine):
            texts = found[index][1]
            try:
                numbers = list(map(float, texts.values()))
            except ValueError:
                continue
            places = tuple(texts)
            if len(places) == size * (size + 1) // 2 and max(places)[0] < size:
                i, j = _places(places)
                values[row, i, j] = values[row, j, i] = numbers
        scale = np.sqrt(np.abs(np.einsum("nii->ni", values)))
        with np.errstate(all="ignore"):
            values /= scale[:, :, None] * scale[:, None, :]
        plain = (np.abs(values) <= _ABSURD).all(axis=(1, 2))  # false for what is no number, too
        sure = np.zeros(len(mine), dtype=bool)
        sure[plain] = np.linalg.eigvalsh(values[plain])[:, 0] > -0.5 * size * _EPSILON
        suspects += [index for row, index in enumerate(mine) if not sure[row]]
    return sorted(suspects)


@lru_cache(maxsize=64)
def _places(places: tuple[tuple[int, int], ...]) -> tuple[list[int], list[int]]:
    return [i for i, _ in places], [j for _, j in places]


def _matrices(block: Block, table: MessageTable) -> Iterator[tuple[dict[tuple[int, int], str], int, int]]:
    """Yield the elements of each matrix by row and column (column not above row), its size and its line."""
    lines = table.blocks[block.name].lines
    if lines == "matrix":
        rows = [record.values[:6] for record in islice(block.records(), 7)]
        texts = {(i, j): text for i, row in enumerate(rows) for j, text in enumerate(row) if j <= i}
        if len(rows) <= 6:  # more are refused elsewhere
            yield texts, len(rows), block.line
    elif lines == "covLine":
        for record in block.records():
            if len(record.values) > _MOST_ELEMENTS:
                continue
            texts, size = _line_elements(block, record, table.kind)
            yield texts, size, record.line
    else:
        entries = [entry for entry in block.entries() if entry.row.kind == "number"]
        size = (math.isqrt(8 * len(entries) + 1) - 1) // 2
        places = ((i, j) for i in range(size) for j in range(i + 1))
        yield dict(zip(places, (entry.text for entry in entries), strict=False)), size, block.line


def _line_elements(block: Block, record: Record, kind: str) -> tuple[dict[tuple[int, int], str], int]:
    values, ordering = record.values, block.text("COV_ORDERING").upper() or "LTM"
    if kind == "ACM":  # the diagonal only (504.0-B-2 5.3.7.6)
        return {(i, i): text for i, text in enumerate(values)}, len(values)
    full = ordering == "FULL" or ordering in _CONFLATED
    size = math.isqrt(len(values)) if full else (math.isqrt(8 * len(values) + 1) - 1) // 2
    places = [(i, j) for i in range(size) for j in range(size)]
    if not full:
        places = [(i, j) for i, j in places if (j >= i if ordering == "UTM" else j <= i)]
    upper = ordering == "UTMWCC"
    texts = {
        (max(i, j), min(i, j)): text
        for (i, j), text in zip(places, values, strict=False)
        if not full or (j >= i if upper else j <= i)
    }
    return texts, size


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
