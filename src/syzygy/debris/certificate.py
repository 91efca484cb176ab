"""The certificate of completeness: the bounds each chunk used, and a small checker that doubts them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np

from syzygy.astro.mean_elements import MeanElements
from syzygy.base.tables import Column, Table, column, table
from syzygy.debris.chunks import Bounds

EARTH_ESCAPE_SPEED_M_S = 11_200.0
"""No bound orbit outside the Earth is faster; a larger bound only costs time, it never loses an event."""

_TELL = {
    "number": ("1", "chunk"),
    "begin_s": ("s", "begin, seconds of the window"),
    "end_s": ("s", "end, seconds of the window"),
    "objects": ("1", "objects usable at the begin of the chunk"),
    "own_samples": ("1", "objects with samples of their own in every interval"),
    "half_step_s": ("s", "half the step of the cell search, H"),
    "max_speed_m_s": ("m/s", "largest speed bound v"),
    "max_acceleration_m_s2": ("m/s2", "largest acceleration bound A"),
    "max_error_m": ("m", "largest allowance e for polynomial against SGP4"),
    "min_cell_m": ("m", "smallest edge of the columns of the search grid"),
    "min_margin_m": ("m", "smallest edge minus (D + twice the largest reach); must not be negative"),
    "audit_states": ("1", "SGP4 states compared with the polynomials at an instant of no knot"),
    "audit_error_m": ("m", "largest difference found there"),
    "audit_excess_m": ("m", "largest difference minus its allowance; must not be positive"),
    "pairs_in_cells": ("1", "pairs looked at, summed over all steps"),
    "pairs_in_reach": ("1", "pairs with |dr| < D + H(v_i+v_j) + H^2(A_i+A_j)/2 + e_i+e_j"),
    "cells_kept": ("1", "pairs and steps with |dr+dv tau| < D + H^2(A_i+A_j)/2 + e_i+e_j"),
    "spans": ("1", "pairs and intervals whose minima were isolated"),
    "minima": ("1", "minima below the threshold, borders counted twice"),
}
_TOLERANCES = {
    "max_speed_m_s": 1e-3,
    "max_acceleration_m_s2": 1e-6,
    "max_error_m": 0.1,
    "min_cell_m": 1.0,
    "min_margin_m": 1.0,
    "audit_error_m": 0.1,
    "audit_excess_m": 0.1,
    "pairs_in_cells": 1e3,
    "pairs_in_reach": 1e3,
    "cells_kept": 1e2,
    "spans": 1e2,
    "minima": 1e1,
}


def certificate_table(bounds: Sequence[Bounds]) -> Table:
    """Return one row per chunk."""
    columns: list[Column] = []
    for item in fields(Bounds):
        unit, text = _TELL[item.name]
        values = np.array([getattr(row, item.name) for row in bounds])
        columns.append(column(item.name, values, unit, text, tolerance=_TOLERANCES.get(item.name, 0.0)))
    return table("certificate", columns, "bounds and counts of each chunk: why no approach is missing")


def check_certificate(
    certificate: Table,
    elements: MeanElements,
    *,
    start_tai_ns: int,
    window_s: float,
    threshold_m: float,
    samples: int = 200,
) -> tuple[str, ...]:
    """Check a certificate against the objects it speaks of; return what does not hold (empty: all holds).

    Chunks must cover the window without a gap; every stage must let no more through than the one before;
    cells must be wider than the threshold; the polynomials must hold at the audited instants; and `samples`
    objects, taken evenly from the catalogue, must nowhere show SGP4 velocities, or changes of them over one
    second, above the bounds (at 97 instants of the window). None of the search's own loops is used.
    """
    problems: list[str] = []
    rows = certificate.rows()
    at = 0.0
    for row in rows:
        number = int(_number(row, "number"))
        if abs(_number(row, "begin_s") - at) > 1e-6:
            problems.append(f"chunk {number} begins at {row['begin_s']} s, the one before ends at {at} s")
        at = _number(row, "end_s")
        stages = [_number(row, k) for k in ("pairs_in_cells", "pairs_in_reach", "cells_kept", "spans")]
        if stages != sorted(stages, reverse=True):
            problems.append(f"chunk {number}: a stage lets more through than the one before: {stages}")
        if _number(row, "objects") > 1 and _number(row, "min_cell_m") <= threshold_m:
            problems.append(
                f"chunk {number}: cells of {row['min_cell_m']} m are not wider than the threshold"
            )
        margin_m = _number(row, "min_margin_m")
        if margin_m < 0.0:
            problems.append(f"chunk {number}: cells are too narrow by {-margin_m} m")
        if _number(row, "audit_excess_m") > 0.0:
            problems.append(f"chunk {number}: a polynomial misses SGP4 by more than its allowance")
    if abs(at - window_s) > 1e-6:
        problems.append(f"the chunks end at {at} s, the window at {window_s} s")
    problems.extend(_check_motion(rows, elements, start_tai_ns, window_s, samples))
    return tuple(problems)


def _number(row: dict[str, object], name: str) -> float:
    return float(str(row[name]))


def _check_motion(
    rows: list[dict[str, object]],
    elements: MeanElements,
    start_tai_ns: int,
    window_s: float,
    samples: int,
) -> list[str]:
    """Compare the bounds with SGP4 velocities and their differences, sampled anew."""
    from syzygy.debris.sampling import make_satellites, sample_grid

    step = max(1, len(elements) // samples)
    some = elements.select(np.arange(0, len(elements), step))
    times = np.linspace(0.0, window_s, 97)
    _, velocity, _ = sample_grid(make_satellites(some, start_tai_ns), np.concatenate([times, times + 1.0]))
    early, late = velocity[:, :97], velocity[:, 97:]
    problems = []
    for row in rows:
        inside = (times >= _number(row, "begin_s")) & (times <= _number(row, "end_s"))
        speed = np.linalg.norm(early[:, inside], axis=2)
        acceleration = np.linalg.norm((late - early)[:, inside], axis=2)
        healthy = (speed < EARTH_ESCAPE_SPEED_M_S) & (acceleration < 10.0)
        fastest = float(speed[healthy].max(initial=0.0))
        hardest = float(acceleration[healthy].max(initial=0.0))
        if fastest > _number(row, "max_speed_m_s") + 50.0:
            problems.append(f"chunk {row['number']}: an object moves at {fastest:.1f} m/s, above the bound")
        if hardest > _number(row, "max_acceleration_m_s2") + 0.5:
            problems.append(
                f"chunk {row['number']}: an object accelerates at {hardest:.2f} m/s2, above the bound"
            )
    return problems
