"""Tables of an explanation, each column with unit, description and tolerance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from syzygy.astro.time import format_utc_many
from syzygy.base.tables import Table, column, table
from syzygy.exploration.explain.overlap import rms_m

if TYPE_CHECKING:
    from syzygy.exploration.explain.study import ExplainedPart, ExplainResult

_METRES = 1e-5
UNEXPLAINED = "unexplained"
_TOLD_SHARE = 1e-7
_NOISY, _SMOOTH = 1.0, 0.3
"""Steps from row to row by the rest itself: the square root of 2 for noise, 0 for a smooth curve."""


def list_tables(result: ExplainResult) -> tuple[Table, ...]:
    """Return the budget, then the difference over time."""
    return (_budget_table(result), _difference_table(result))


def _budget_table(result: ExplainResult) -> Table:
    rows: list[tuple[int, str, str, float, float, float]] = []
    for number, part in enumerate(result.parts, start=1):
        left = part.overlap.difference_m.copy()
        rows.append((number, "difference", "second less first", rms_m(left), _last(left), rms_m(left)))
        for line in part.lines:
            left -= line.effect_m
            own = line.effect_m
            rows.append((number, line.cause, line.finding, rms_m(own), _last(own), rms_m(left)))
        own = part.unexplained_m
        rows.append((number, UNEXPLAINED, tell_rest(part), rms_m(own), _last(own), rms_m(own)))
    spans = [(int(p.overlap.instants[0]), int(p.overlap.instants[-1])) for p in result.parts]
    return table(
        "budget",
        [
            column("span", np.array([row[0] for row in rows], dtype=np.int64), "1", "number of the span"),
            column("cause", [row[1] for row in rows], "", "what differs; the first row is the whole"),
            column("finding", [row[2] for row in rows], "", "how it differs"),
            column("rms_m", [row[3] for row in rows], "m", "effect", tolerance=_METRES),
            column("final_m", [row[4] for row in rows], "m", "at the last instant", tolerance=_METRES),
            column(
                "remaining_rms_m", [row[5] for row in rows], "m", "left after this row", tolerance=_METRES
            ),
            column("start_utc", [result.utc(spans[row[0] - 1][0]) for row in rows], "", "begin of the span"),
            column("end_utc", [result.utc(spans[row[0] - 1][1]) for row in rows], "", "end of the span"),
        ],
        "Closed budget: as vectors, the causes and the unexplained rest add up to the difference",
    )


def tell_rest(part: ExplainedPart) -> str:
    """Say what the rest looks like: too small to tell, noise, or a cause that was not tried."""
    rest = part.unexplained_m
    if rms_m(rest) <= max(part.overlap.noise_m, _TOLD_SHARE * rms_m(part.overlap.difference_m)):
        return "below what can be told apart"
    steps = rms_m(np.diff(rest, axis=0)) / rms_m(rest)
    if steps > _NOISY:
        return "noise from row to row, no flight"
    return "smooth: a cause that was not tried, or integration" if steps < _SMOOTH else "in part noise"


def _last(rows: np.ndarray) -> float:
    return float(np.linalg.norm(rows[-1]))


def _difference_table(result: ExplainResult) -> Table:
    parts = result.parts
    counts = [part.overlap.instants.size for part in parts]
    instants = np.concatenate([part.overlap.instants for part in parts])
    difference = np.concatenate([part.overlap.difference_m for part in parts])
    left = np.concatenate([part.unexplained_m for part in parts])
    return table(
        "differences",
        [
            column("span", np.repeat(np.arange(1, len(parts) + 1), counts), "1", "number of the span"),
            column("utc", format_utc_many(instants, result.leap_seconds, 3), "", "instant"),
            *(
                column(
                    f"{axis}_m", difference[:, k], "m", f"second less first, ICRF {axis}", tolerance=_METRES
                )
                for k, axis in enumerate("xyz")
            ),
            *(
                column(
                    f"unexplained_{axis}_m", left[:, k], "m", f"what is left, ICRF {axis}", tolerance=_METRES
                )
                for k, axis in enumerate("xyz")
            ),
        ],
        "Difference over time",
    )
