"""The certificate holds for a true run and says no to an altered one."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from syzygy.astro.mean_elements import MeanElements
from syzygy.base.tables import Table
from syzygy.debris.certificate_check import check_certificate
from syzygy.debris.screening import ScreeningResult

WINDOW_S = 4 * 3600.0
THRESHOLD_M = 5000.0


def altered(certificate: Table, name: str, change: Callable[[np.ndarray], None]) -> Table:
    columns = []
    for column in certificate.columns:
        values = column.values.copy()
        if column.name == name:
            change(values)
        columns.append(dataclasses.replace(column, values=values))
    return dataclasses.replace(certificate, columns=tuple(columns))


def check(certificate: Table, elements: MeanElements, start_tai_ns: int) -> tuple[str, ...]:
    return check_certificate(
        certificate, elements, start_tai_ns=start_tai_ns, window_s=WINDOW_S, threshold_m=THRESHOLD_M
    )


def test_a_true_certificate_holds(
    sample_result: ScreeningResult, sample_elements: MeanElements, start_tai_ns: int
) -> None:
    assert check(sample_result.certificate, sample_elements, start_tai_ns) == ()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("begin_s", 3700.0, "begins at"),
        ("end_s", 7100.0, "begins at"),
        ("max_speed_m_s", 5000.0, "above the bound"),
        ("max_angle_rad", 0.05, "above the bound"),
        ("max_slack_m", 100.0, "strays"),
        ("max_remainder_m", 2.0, "leave the polynomial"),
        ("proven", 100, "speaks of the slack"),
        ("max_measured_slack_m", 1e6, "above the largest one"),
        ("lowest_m", 6.9e6, "below the lowest radius"),
        ("floor_m", 6.6e6, "chords reach"),
        ("gradient_per_s2", 1e-6, "gradient below"),
        ("min_width_rad", 1e-5, "too narrow"),
        ("half_step_s", 200.0, "has steps of"),
        ("audit_excess_m", 0.5, "leave their two-body path"),
        ("candidates", 10**12, "lets more through"),
    ],
)
def test_an_altered_certificate_is_refused(
    sample_result: ScreeningResult,
    sample_elements: MeanElements,
    start_tai_ns: int,
    name: str,
    value: float,
    word: str,
) -> None:
    def change(values: np.ndarray) -> None:
        values[1] = value

    problems = check(altered(sample_result.certificate, name, change), sample_elements, start_tai_ns)
    assert any(word in problem for problem in problems), problems


@pytest.mark.slow
def test_a_missing_chunk_is_noticed(
    sample_result: ScreeningResult, sample_elements: MeanElements, start_tai_ns: int
) -> None:
    certificate = sample_result.certificate
    short = dataclasses.replace(
        certificate,
        columns=tuple(dataclasses.replace(c, values=c.values[:-1]) for c in certificate.columns),
    )
    assert any("the chunks end at" in text for text in check(short, sample_elements, start_tai_ns))
