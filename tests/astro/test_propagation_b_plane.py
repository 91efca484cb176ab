"""The B-plane of hyperbolas whose asymptote and impact parameter are known."""

from __future__ import annotations

import numpy as np
import pytest

from syzygy.astro.bodies import MOON
from syzygy.astro.propagation.b_plane import b_plane, b_plane_partials
from syzygy.base.errors import InputError

GM = MOON.gm_m3_s2


def _hyperbola(speed: float, impact: np.ndarray, along: np.ndarray, anomaly: float):
    """Closed-form state at a hyperbolic anomaly of the orbit that comes in along S, beside the body by B."""
    a = GM / speed**2
    b = np.linalg.norm(impact)
    e = np.sqrt(1.0 + (b / a) ** 2)
    # Perifocal axes: S = (x + sqrt(e^2 - 1) y) / e and B is at a right angle to it.
    side = impact / b
    x = (along + np.sqrt(e * e - 1.0) * side) / e
    y = (np.sqrt(e * e - 1.0) * along - side) / e
    place = a * (e - np.cosh(anomaly)) * x + a * np.sqrt(e * e - 1.0) * np.sinh(anomaly) * y
    rate = np.sqrt(GM / a**3) / (e * np.cosh(anomaly) - 1.0)
    speed_vector = (-a * np.sinh(anomaly) * x + a * np.sqrt(e * e - 1.0) * np.cosh(anomaly) * y) * rate
    return place, speed_vector


def test_known_hyperbolas_give_back_their_asymptote_and_impact(record_accuracy) -> None:
    random = np.random.default_rng(4)
    worst = 0.0
    for _ in range(50):
        along = random.normal(size=3)
        along /= np.linalg.norm(along)
        t = np.cross(along, [0.0, 0.0, 1.0])
        t /= np.linalg.norm(t)
        r = np.cross(along, t)
        bt, br = random.uniform(-1e7, 1e7, 2)
        place, speed = _hyperbola(
            random.uniform(500.0, 2_000.0), bt * t + br * r, along, random.uniform(-2, 2)
        )
        got = b_plane(place, speed, GM)
        size = np.hypot(bt, br)
        worst = max(worst, abs(got.b_dot_t_m - bt) / size, abs(got.b_dot_r_m - br) / size)
        assert np.allclose(got.asymptote, along, atol=1e-11)
    record_accuracy("propagation", "B-plane of known hyperbolas", worst, 1e-11, "relative", "closed form", 50)
    partials = b_plane_partials(place, speed, GM)
    move = np.array([3.0, -2.0, 1.0, 1e-3, 2e-3, -1e-3])
    moved = b_plane(place + move[:3], speed + move[3:], GM)
    assert moved.b_dot_t_m - got.b_dot_t_m == pytest.approx(partials[0] @ move, rel=1e-3)


def test_an_ellipse_has_no_b_plane() -> None:
    with pytest.raises(InputError, match="hyperbolas only"):
        b_plane([4e6, 0.0, 0.0], [0.0, 1_000.0, 0.0], GM)
