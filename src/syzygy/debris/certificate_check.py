"""A small checker of completeness certificates: nothing of the search is used, SGP4 is the package sgp4."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.mean_elements import MeanElements
from syzygy.base.tables import Table
from syzygy.debris.certificate_statement import NUMBERS
from syzygy.debris.paths import EphemerisPaths

GM_M3_S2 = 3.986008e14
UNUSABLE_M_S = 100.0
NO_EPHEMERIDES = EphemerisPaths(())
_PROBES = 24
_TRAPEZOID_S = 10.0
_ROUNDING_M = 0.1
# Weights of states at -2, -1, 0, 1/2, 1, 2 steps: what is there minus the polynomial through the other five.
_FIVE_KNOTS = np.array([-3.0, 20.0, -90.0, 128.0, -60.0, 5.0]) / 128.0


def check_certificate(
    certificate: Table,
    elements: MeanElements,
    *,
    start_tai_ns: int,
    window_s: float,
    threshold_m: float,
    ephemerides: EphemerisPaths = NO_EPHEMERIDES,
    samples: int = 200,
) -> tuple[str, ...]:
    """Check a certificate against the objects it speaks of; return what does not hold (empty: all holds).

    Rows: the chunks cover the window; each stage lets no more through than the one before; the gradient
    belongs to the floor; the bands around the paths hold half the threshold; the chord between two objects
    that may meet stays above the floor. Objects: `samples` of them, taken evenly, at 24 instants of each
    chunk, stay above the lowest radius and below the largest speed and angle, and come back to their SGP4
    path after half a knot step on their own two-body path (Runge-Kutta) within the largest slack. The
    polynomial through five of their states, half a knot step apart, misses their path between these by no
    more than the largest remainder, but for as many objects as the certificate calls measured.
    """
    problems: list[str] = []
    at = 0.0
    numbers = [name for name in NUMBERS if name in certificate.names]
    rows = [{k: float(str(row[k])) for k in numbers} for row in certificate.rows()]
    for row in rows:
        if abs(row["begin_s"] - at) > 1e-6:
            problems.append(f"begins at {row['begin_s']} s, the chunk before ends at {at} s")
        at = row["end_s"]
        problems.extend(f"chunk {row['number']:.0f} {text}" for text in _check_row(row, threshold_m))
    if abs(at - window_s) > 1e-6:
        problems.append(f"the chunks end at {at} s, the window at {window_s} s")
    counted = _count_sound(rows, elements, ephemerides, start_tai_ns)
    some = elements.select(np.arange(0, len(elements), max(1, len(elements) // max(samples, 1))))
    for row, (fewest, most) in zip(rows, counted, strict=True):
        texts = _check_motion(row, some, ephemerides, start_tai_ns)
        if not fewest <= row["objects"] <= most:
            texts.append(f"speaks of {row['objects']:.0f} objects, but {most} have sound states at its begin")
        problems.extend(f"chunk {row['number']:.0f} {text}" for text in texts)
    return tuple(problems)


def _count_sound(
    rows: list[dict[str, float]], elements: MeanElements, ephemerides: EphemerisPaths, start_tai_ns: int
) -> list[tuple[int, int]]:
    """Return how many objects have sound states at the begin of each chunk: all the next knot, and at all."""
    from syzygy.debris.sampling import make_satellites, sample_grid

    satellites = make_satellites(elements, start_tai_ns) if len(elements) else []
    span_s = ephemerides.span_s
    counts = []
    for row in rows:
        begin, knot = row["begin_s"], row["knot_step_s"]
        most = int(((span_s[:, 0] <= begin + knot) & (span_s[:, 1] > begin)).sum())
        fewest = int(((span_s[:, 0] <= begin) & (span_s[:, 1] >= begin + knot)).sum())
        if satellites:
            times = np.array([begin, begin + 0.5 * knot, begin + knot])
            both = np.stack([times, times + _TRAPEZOID_S], axis=1).ravel()
            position, velocity, _ = sample_grid(satellites, both)
            with np.errstate(invalid="ignore", over="ignore"):
                moved = position[:, 1::2] - position[:, ::2]
                slip = moved / _TRAPEZOID_S - 0.5 * (velocity[:, ::2] + velocity[:, 1::2])
                sound = np.linalg.norm(slip, axis=2) < UNUSABLE_M_S
            most += int(sound[:, 0].sum())
            fewest += int(sound.all(axis=1).sum())
        counts.append((fewest, most))
    return counts


def _check_row(row: dict[str, float], threshold_m: float) -> list[str]:
    if row["objects"] < 2:
        return []
    half, floor = row["half_step_s"], row["floor_m"]
    stages = [row[k] for k in ("pairs_in_lists", "pairs_in_reach", "candidates")]
    chord = threshold_m + 2.0 * (half * row["max_speed_m_s"] + row["max_slack_m"])
    deepest = max(row["lowest_m"] ** 2 - 0.25 * chord**2, 0.0) ** 0.5
    claims = (
        (stages == sorted(stages, reverse=True), f"lets more through in a later stage: {stages}"),
        (
            0.0 < half <= row["knot_step_s"] / 2.0,
            f"has steps of {half} s for knots of {row['knot_step_s']} s",
        ),
        (deepest >= floor, f"has a floor of {floor:.0f} m, but chords reach {deepest:.0f} m"),
        (
            row["gradient_per_s2"] >= 2.0 * GM_M3_S2 / floor**3 * (1.0 - 1e-12),
            f"has a gradient below that of its floor: {row['gradient_per_s2']}",
        ),
        (
            row["min_width_rad"] >= 0.5 * threshold_m / floor * (1.0 - 1e-9),
            f"has bands of {row['min_width_rad']} rad: too narrow for half the threshold",
        ),
        (row["max_angle_rad"] > 0.5 * threshold_m / floor, "has an angle without the threshold"),
        (
            row["proven"] + row["measured"] >= row["objects"],
            f"speaks of the slack of {row['proven'] + row['measured']:.0f} of {row['objects']:.0f} objects",
        ),
        (
            row["max_measured_slack_m"] <= row["max_slack_m"] >= row["max_remainder_m"],
            "has a slack above the largest one",
        ),
        (row["audit_excess_m"] <= 0.0, "has paths that leave their two-body path by more than the slack"),
    )
    return [text for holds, text in claims if not holds]


Sampler = Callable[[NDArray[np.float64]], tuple[NDArray[np.float64], NDArray[np.float64]]]
"""Seconds of the window (m,) -> positions and velocities (n, m, 3), NaN where there is none."""


def _check_motion(
    row: dict[str, float], some: MeanElements, ephemerides: EphemerisPaths, start_tai_ns: int
) -> list[str]:
    """Hold the bounds of one chunk against states at instants of our own."""
    from syzygy.debris.sampling import make_satellites, sample_grid

    def sample_sets(seconds: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return sample_grid(satellites, seconds)[:2]

    def sample_tables(seconds: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        found = ephemerides.states(seconds)
        return found.position_m, found.velocity_m_s

    problems = []
    if len(some):
        satellites = make_satellites(some, start_tai_ns)
        problems += _check_states(row, sample_sets, proven=True)
    if len(ephemerides):
        problems += [f"{text} (an ephemeris)" for text in _check_states(row, sample_tables, proven=False)]
    return problems


def _check_states(row: dict[str, float], sample: Sampler, *, proven: bool) -> list[str]:
    random = np.random.default_rng(round(row["begin_s"]) + 1)
    half_knot = row["knot_step_s"] / 2.0
    knots = np.sort(random.uniform(row["begin_s"], max(row["end_s"], row["begin_s"]), _PROBES))
    times = np.concatenate([knots, knots + half_knot, knots + 1.0])
    position, velocity = sample(times)
    r, later, soon = (position[:, k * _PROBES : (k + 1) * _PROBES].reshape(-1, 3) for k in range(3))
    v, _, v_soon = (velocity[:, k * _PROBES : (k + 1) * _PROBES].reshape(-1, 3) for k in range(3))
    with np.errstate(invalid="ignore"):
        slip = np.linalg.norm(soon - r - 0.5 * (v + v_soon), axis=1)
        usable = np.isfinite(later).all(axis=1) & (slip < UNUSABLE_M_S)
    r, v, later = r[usable], v[usable], later[usable]
    radius = np.linalg.norm(r, axis=1)
    angle = np.linalg.norm(np.cross(r, v), axis=1) / np.maximum(radius, 1.0) ** 2 * row["half_step_s"]
    strayed = np.linalg.norm(_two_body(r, v, half_knot) - later, axis=1)
    loose = _count_loose(row, sample, knots, usable.reshape(-1, _PROBES)) if proven else 0
    claims = (
        (
            loose <= row["measured"],
            f"has {loose} objects that leave the polynomial through five states: above the bound",
        ),
        (radius.min(initial=np.inf) >= row["lowest_m"], "has an object below the lowest radius"),
        (
            np.linalg.norm(v, axis=1).max(initial=0.0) <= row["max_speed_m_s"],
            "has an object above the largest speed: above the bound",
        ),
        (angle.max(initial=0.0) <= row["max_angle_rad"], "has an object that turns further: above the bound"),
        (
            strayed.max(initial=0.0) <= row["max_slack_m"],
            f"has an object that strays {strayed.max(initial=0.0):.1f} m from its two-body path",
        ),
    )
    return [text for holds, text in claims if not holds]


def _count_loose(
    row: dict[str, float], sample: Sampler, knots: NDArray[np.float64], usable: NDArray[np.bool_]
) -> int:
    """Return how many objects leave the polynomial through five states by more than the largest remainder."""
    around = knots[:, None] + 0.5 * row["knot_step_s"] * np.array([-2.0, -1.0, 0.0, 0.5, 1.0, 2.0])
    states = sample(around.ravel())[0].reshape(-1, _PROBES, 6, 3)[usable]
    missed = np.linalg.norm(np.einsum("j,njc->nc", _FIVE_KNOTS, states), axis=1)
    owner = np.nonzero(usable)[0]
    return int(np.unique(owner[missed > row["max_remainder_m"] + _ROUNDING_M]).size)


def _two_body(r: NDArray[np.float64], v: NDArray[np.float64], seconds: float) -> NDArray[np.float64]:
    def rate(y: NDArray[np.float64]) -> NDArray[np.float64]:
        pull = -GM_M3_S2 * y[:, :3] / np.linalg.norm(y[:, :3], axis=1)[:, None] ** 3
        return np.hstack([y[:, 3:], pull])

    y, h = np.hstack([r, v]), seconds / 40.0
    for _ in range(40):
        a = rate(y)
        b = rate(y + 0.5 * h * a)
        c = rate(y + 0.5 * h * b)
        y = y + h / 6.0 * (a + 2.0 * b + 2.0 * c + rate(y + h * c))
    return np.asarray(y[:, :3])
