"""The audit by brute force confirms a true screening and catches one from which an event was taken."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from syzygy.astro.almanac import Almanac
from syzygy.astro.mean_elements import MeanElements
from syzygy.base.provenance import InputFile
from syzygy.debris.audit import audit_screening
from syzygy.debris.engine import screen_paths
from syzygy.debris.paths import make_element_paths
from syzygy.debris.refinement import states_at
from syzygy.debris.requests import ScreeningRequest
from syzygy.debris.screening import screen_catalogue

pytestmark = pytest.mark.slow
WINDOW_S = 1800.0
THRESHOLD_M = 100e3


def test_the_audit_confirms_a_screening_and_misses_no_event_that_was_taken_away(
    sample_elements: MeanElements, start_tai_ns: int, almanac: Almanac
) -> None:
    paths = make_element_paths(sample_elements, start_tai_ns, almanac.leap_seconds)
    findings, _ = screen_paths(paths, window_s=WINDOW_S, threshold_m=THRESHOLD_M)
    every = np.ones(len(paths), dtype=bool)
    options = {
        "window_s": WINDOW_S,
        "threshold_m": THRESHOLD_M,
        "chosen": every,
        "object_id": sample_elements.object_id,
        "cells": 2000,
    }
    audit = audit_screening(paths, findings, **options)  # type: ignore[arg-type]
    assert len(audit) > 50
    assert all(row["reported"] for row in audit.rows())
    none = np.zeros((0, 2), dtype=np.int64)
    robbed = replace(findings, pairs=none, encounters=states_at(paths, none, np.zeros(0)))
    lost = [
        row
        for row in audit_screening(paths, robbed, **options).rows()  # type: ignore[arg-type]
        if not row["reported"]
    ]
    assert len(lost) > 50


def test_a_screening_can_be_asked_to_audit_itself(
    sample_file: InputFile, start_tai_ns: int, almanac: Almanac
) -> None:
    request = ScreeningRequest((sample_file,), start_tai_ns, 1800.0, threshold_m=20e3, audit=500)
    result = screen_catalogue(request, almanac)
    assert result.audit is not None
    assert result.tables()[-1].name == "audit"
    figures = {figure.label: figure.value for figure in result.key_figures()}
    assert figures["of them not reported"] == "0"
