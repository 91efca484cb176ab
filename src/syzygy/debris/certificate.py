"""The certificate of completeness: the bounds each chunk used, one row per chunk, and of what it speaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np

from syzygy.astro.time import LeapSeconds
from syzygy.base.tables import Column, Table, column, table
from syzygy.debris.certificate_statement import Statement, statement_columns
from syzygy.debris.chunks import Bounds

_TELL = {
    "number": ("1", "chunk"),
    "begin_s": ("s", "begin, seconds of the window"),
    "end_s": ("s", "end, seconds of the window"),
    "objects": ("1", "objects usable at the begin of the chunk"),
    "knot_step_s": ("s", "distance of the states each path is known at"),
    "half_step_s": ("s", "half the step of the search, H"),
    "floor_m": ("m", "no path and no line between two that may meet goes below this radius"),
    "lowest_m": ("m", "smallest lower bound of a radius"),
    "gradient_per_s2": (
        "1/s2",
        "G = 2 GM / floor^3: pulls on two objects differ by at most G times distance",
    ),
    "max_slack_m": ("m", "largest bound s of the difference between a path and its two-body path"),
    "proven": ("1", "objects whose slack follows from bounds of SGP4's derivatives, throughout"),
    "measured": ("1", "objects whose slack is measured and not proven, throughout or in part"),
    "max_remainder_m": ("m", "largest part of a proven slack that states do not show, bounded a priori"),
    "max_measured_slack_m": ("m", "largest slack that is measured and not proven"),
    "max_speed_m_s": ("m/s", "largest bound of a speed"),
    "max_angle_rad": ("rad", "largest angle an object and its share of the threshold take up in a step"),
    "min_width_rad": (
        "rad",
        "half the width of the band of directions searched around a path, at least",
    ),
    "max_polynomial_error_m": ("m", "largest estimate of the error of a polynomial between states"),
    "audit_states": ("1", "states compared with two-body paths at instants of no knot"),
    "audit_excess_m": ("m", "largest difference minus its bound s; must not be positive"),
    "pairs_in_lists": ("1", "pairs looked at, summed over all steps"),
    "pairs_in_reach": ("1", "pairs that pass the first test, in single precision"),
    "candidates": (
        "1",
        "pairs and steps with |dr + dv tau| < D' + G H^2 (D' / 2 + V H / 3), D' = D + s_i + s_j",
    ),
    "minima": ("1", "minima below the threshold, borders counted twice"),
}
_TOLERANCES = {
    "lowest_m": 1.0,
    "max_slack_m": 0.1,
    "max_remainder_m": 0.1,
    "max_measured_slack_m": 0.1,
    "max_speed_m_s": 1e-3,
    "max_angle_rad": 1e-9,
    "min_width_rad": 1e-9,
    "max_polynomial_error_m": 0.1,
    "audit_excess_m": 0.1,
    "pairs_in_lists": 1e3,
    "pairs_in_reach": 1e3,
    "candidates": 1e2,
    "minima": 1e1,
}


def certificate_table(bounds: Sequence[Bounds], statement: Statement, leap_seconds: LeapSeconds) -> Table:
    """Return one row per chunk."""
    columns: list[Column] = []
    for item in fields(Bounds):
        unit, text = _TELL[item.name]
        values = np.array([getattr(row, item.name) for row in bounds])
        columns.append(column(item.name, values, unit, text, tolerance=_TOLERANCES.get(item.name, 0.0)))
    columns.extend(statement_columns(statement, [row.begin_s for row in bounds], leap_seconds))
    return table("certificate", columns, "bounds and counts of each chunk: why no approach is missing")
