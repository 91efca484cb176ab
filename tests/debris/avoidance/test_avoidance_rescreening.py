"""Changed orbits against the prepared passes: the same encounters as the complete search finds."""

from __future__ import annotations

import numpy as np
import pytest

from syzygy.astro.almanac import Almanac
from syzygy.astro.mean_elements import MeanElements
from syzygy.debris.avoidance.plans import FACTORS, fly_plans, make_plans, states_after
from syzygy.debris.avoidance.rescreening import PlanEncounters, rescreen
from syzygy.debris.avoidance.tube import prepare_passes, size_of_tube
from syzygy.debris.avoidance.verification import prepare_search, screen_legs

OWN = 43833
REACH_M, TIME_S, DISTANCE_M = 15_000.0, 1e-3, 1.0
MISMATCH_M_S = 2.0
"""SGP4's velocity differs from the derivative of its position by up to this in 99 % of states: a zero of the
range rate (here) and the least distance (complete search) then differ by it times distance over speed
squared."""
DAY_NS = 86_400_000_000_000


def _keys(found: PlanEncounters) -> dict[tuple[int, int], tuple[int, float, float]]:
    speed = np.linalg.norm(found.relative_velocity_m_s, axis=1)
    columns = (found.row, found.tai_ns, found.miss_m, speed)
    return {
        (row, round(at / 1e10)): (at, miss, fast)
        for row, at, miss, fast in zip(*(column.tolist() for column in columns), strict=True)
    }


@pytest.mark.slow
@pytest.mark.parametrize("manoeuvre", list(FACTORS))
def test_every_encounter_of_a_changed_orbit_is_found(
    sample_elements: MeanElements, start_tai_ns: int, almanac: Almanac, manoeuvre: str
) -> None:
    mine = sample_elements.object_id == OWN
    own, others = sample_elements.select(mine), sample_elements.select(~mine)
    end, leap_seconds = start_tai_ns + 3 * DAY_NS, almanac.leap_seconds
    period = 2.0 * np.pi / own.mean_motion_rad_s[0]
    passes = prepare_passes(others, own, start_tai_ns, end, size_of_tube(0.4, 7e6, REACH_M), leap_seconds)
    impulses = np.array([[0.0, 0.09, 0.0], [0.0, -0.05, 0.0], [0.02, 0.03, 0.05]])
    first = np.full(3, start_tai_ns + DAY_NS // 24)
    plans = make_plans(manoeuvre, first, impulses, period, start_tai_ns + DAY_NS // 2)
    flown = fly_plans(plans, own, end, leap_seconds)
    assert flown.seam_m.max() < 1e-3
    search = prepare_search(others, start_tai_ns, end, leap_seconds)
    found = rescreen(flown.legs, passes, leap_seconds)
    for plan in range(3):
        rows = np.flatnonzero(flown.legs.plan == plan)
        legs = type(flown.legs)(
            flown.legs.elements.select(rows), np.zeros(len(rows), dtype=np.int64),
            flown.legs.begin_tai_ns[rows], flown.legs.end_tai_ns[rows],
        )  # fmt: skip
        complete = _keys(screen_legs(legs, search, others, REACH_M).found)
        quick = _keys(found.select(found.plan == plan))
        assert len(complete) > 10
        assert set(quick) == set(complete)
        for key, (at, miss, speed) in complete.items():
            allowed = TIME_S + MISMATCH_M_S * miss / speed**2
            assert abs(quick[key][0] - at) / 1e9 < allowed
            assert abs(quick[key][1] - miss) < DISTANCE_M


@pytest.mark.slow
def test_three_burns_lead_back_to_the_slot_and_two_stop_the_drift(
    sample_elements: MeanElements, start_tai_ns: int, almanac: Almanac
) -> None:
    own = sample_elements.select(sample_elements.object_id == OWN)
    period = 2.0 * np.pi / own.mean_motion_rad_s[0]
    end = start_tai_ns + 3 * DAY_NS
    distance = {}
    for manoeuvre in ("single", "stop-drift", "return-to-slot"):
        plans = make_plans(
            manoeuvre, np.array([start_tai_ns]), np.array([[0.0, 0.05, 0.0]]), period,
            start_tai_ns + DAY_NS // 4,
        )  # fmt: skip
        flown = fly_plans(plans, own, end, almanac.leap_seconds)
        nothing = make_plans("single", np.array([start_tai_ns]), np.zeros((1, 3)), period, end)
        still = fly_plans(nothing, own, end, almanac.leap_seconds)
        after = states_after(flown, own, end, almanac.leap_seconds)
        before = states_after(still, own, end, almanac.leap_seconds)
        distance[manoeuvre] = float(np.linalg.norm((after - before)[0, :3]))
    assert distance["single"] > 10_000.0
    assert 100.0 < distance["stop-drift"] < 0.2 * distance["single"]
    assert distance["return-to-slot"] < 0.02 * distance["single"]
