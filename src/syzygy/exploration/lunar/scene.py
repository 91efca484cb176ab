"""A flight to the Moon as a scene for a globe (CZML): the craft with its velocity, and the Moon."""

from __future__ import annotations

from syzygy.astro.almanac import Almanac
from syzygy.astro.propagation.trajectory import Trajectory
from syzygy.exploration.lunar.path import fly_path
from syzygy.formats.czml import MovingObject, write_czml

_SHARE = 0.15
_DEGREE = 7
_WATCHED_S = 60.0


def write_scene(flight: Trajectory, almanac: Almanac, *, name: str, words: tuple[str, ...]) -> bytes:
    """Return the CZML of a flight about the Earth, dense where it bends, whole in one minute of watching.

    **Accuracy**: Hermite interpolation of the samples, as viewers do it, is within 100 m of the flight
    (tests/exploration/test_exploration_scenes.py).
    """
    path = fly_path(flight, almanac, _SHARE)
    span_s = float(path.tai_ns[-1] - path.tai_ns[0]) / 1e9
    craft = MovingObject(
        "craft", name, path.tai_ns, path.position_m, path.velocity_m_s, description="; ".join(words),
        degree=_DEGREE,
    )  # fmt: skip
    moon = MovingObject("moon", "Moon", path.tai_ns, path.moon_m, path.velocity_m_s - path.relative_m_s)
    return write_czml(
        [craft, moon], almanac.leap_seconds, name=name, description="; ".join(words),
        multiplier=float(round(span_s / _WATCHED_S)),
    )  # fmt: skip
