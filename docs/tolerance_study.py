"""The page on steps and tolerances: flights at every tolerance, flown when the page is made."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

TOLERANCES = (1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-12)
SERIES_TOLERANCES = (1e-4, 1e-6, 1e-8, 1e-10, 1e-12, 1e-14, 1e-16)
_REFERENCE = 3e-12
_COLOURS = ("#2f6fbb", "#d9822b", "#2a9d8f")
_EPOCH_UTC = "2026-04-02T00:00:00"
_FLYBY = (1942919.5980941, 5505930.88636041, 3029830.44244464, -10424.78414045, 3009.34850747, 1216.32302113)
_NRHO = (1.01969868348465, 0.0, -0.180445679013133, 0.0, -0.0981402354285, 0.0)
_NRHO_PERIOD, _MASS_RATIO, _LENGTH_M = 1.480456936335, 0.01215058560962404, 389_703_264.829278
_HALO_NAME = "Near-rectilinear halo (9:2), one period of the three-body problem"
_HEAD = """# Steps and tolerances

The tolerance of a propagation is the size of the last coefficient of a step (of order 15) beside the whole
acceleration, not an error: the error of a step is smaller by far. Three flights at every tolerance that is
allowed, flown when this page was made. *Error* is the distance at the end from the same flight at 3e-12, so
it cannot show less than what rounding does to both; *closure* is the distance from the start after flying
to the end and back, and needs no reference. The halo of the three-body problem is flown by Taylor series,
whose tolerance is the error of a step relative to the state and sets their order (20 at 1e-16); its calls
are orders of series, and its error is the distance from the start after a period.

![Error at the end against calls of the forces](tolerances.svg)

"""
_FOOT = """

What to take from it: each decade of the tolerance costs a third more calls, and from 1e-4 or 1e-5 on the
error is that of rounding. The default of 1e-9 has a margin of four decades for harder flights; smaller
ones only add rounding, and below what rounding lets the last coefficient show they no longer shorten the
steps. A fly-by multiplies rounding like everything else: its floor is that of the state at departure (a
nanometre), times a hundred thousand.
"""


@dataclass(frozen=True)
class _Row:
    steps: int
    calls: int
    error_m: float
    closure_m: float


def write_tolerance_page(place: Path) -> None:
    """Write ``tolerances.md`` and its figure."""
    from syzygy.base.errors import MissingDataError

    try:
        studies = {name: _study(*flight) for name, flight in _flights().items()}
        halo = _study(_halo, _LENGTH_M, SERIES_TOLERANCES, np.array(_NRHO[:3]))
    except MissingDataError as error:
        (place / "tolerances.md").write_text(
            f"# Steps and tolerances\n\nNot made: {error}\n", encoding="utf-8"
        )
        return
    (place / "tolerances.svg").write_bytes(_figure(studies))
    parts = [_HEAD]
    tables = [(name, TOLERANCES, rows) for name, rows in studies.items()]
    for name, tolerances, rows in (*tables, (_HALO_NAME, SERIES_TOLERANCES, halo)):
        parts.append(f"## {name}\n\n| tolerance | steps | calls of the forces | error, m | closure, m |")
        parts.append("|--:|--:|--:|--:|--:|")
        parts += [
            f"| {tolerance:.0e} | {row.steps} | {row.calls:,} | {row.error_m:.1e} | {row.closure_m:.1e} |"
            for tolerance, row in zip(tolerances, rows, strict=True)
        ]
        parts.append("")
    (place / "tolerances.md").write_text("\n".join(parts) + _FOOT, encoding="utf-8")


Fly = Callable[[float, bool], tuple[np.ndarray, np.ndarray, int, int]]


def _study(
    fly: Fly,
    length_m: float,
    tolerances: tuple[float, ...] = TOLERANCES,
    reference: np.ndarray | None = None,
) -> list[_Row]:
    if reference is None:
        reference = fly(_REFERENCE, False)[0]
    rows = []
    for tolerance in tolerances:
        end, moved, steps, calls = fly(tolerance, True)
        error, closure = np.linalg.norm(end - reference), np.linalg.norm(moved)
        rows.append(_Row(steps, calls, float(error) * length_m, float(closure) * length_m))
    return rows


def _flights() -> dict[str, tuple[Fly, float]]:
    from syzygy.astro.bodies import EARTH, MOON, SUN
    from syzygy.astro.constants import EARTH_J2
    from syzygy.astro.forces import FieldForce, ForceModel, GravityField, PointMass
    from syzygy.data import build_almanac

    almanac = build_almanac(("earth_orientation", "ephemeris"))
    cosine = np.zeros((3, 3))
    cosine[0, 0], cosine[2, 0] = 1.0, -EARTH_J2 / np.sqrt(5.0)
    bulge = GravityField("J2", 3.986004415e14, 6_378_136.6, cosine, np.zeros((3, 3)), "zero_tide", "")
    third = (PointMass(MOON), PointMass(SUN))
    near = ForceModel(EARTH, fields=(FieldForce(EARTH, bulge),), third_bodies=third)
    far = ForceModel(EARTH, third_bodies=third)
    low = np.array([6_878_137.0, 0.0, 0.0, 0.0, 980.0, 7_550.0])
    transfer = np.array([6_628_137.0, 0.0, 0.0, 0.0, 9_200.0, 4_500.0])
    return {
        "Low orbit, 500 km, one day (bulge, Moon, Sun)": (_flight(low, 1.0, near, almanac), 1.0),
        "Transfer orbit to geostationary height, one day": (_flight(transfer, 1.0, near, almanac), 1.0),
        "Lunar fly-by, 30 days (Earth, Moon, Sun)": (_flight(np.array(_FLYBY), 30.0, far, almanac), 1.0),
    }


def _flight(state: np.ndarray, days: float, force: object, almanac: object) -> Fly:
    from syzygy.astro.bodies import EARTH
    from syzygy.astro.frames import ICRF
    from syzygy.astro.propagation.propagator import propagate
    from syzygy.astro.states import States
    from syzygy.astro.time import parse_utc

    epoch = parse_utc(_EPOCH_UTC, almanac.leap_seconds)
    end = epoch + round(days * 86_400e9)
    start = States(state[:3], state[3:], np.array(epoch), ICRF, EARTH)

    def fly(tolerance: float, back: bool) -> tuple[np.ndarray, np.ndarray, int, int]:
        (there,) = propagate(start, end, force, almanac, tolerance=tolerance)
        last, moved = there.states(np.array([end])), np.zeros(3)
        if back:
            (home,) = propagate(last, epoch, force, almanac, tolerance=tolerance)
            moved = home.states(epoch).position_m - state[:3]
        return last.position_m[0], moved, there.report.steps, there.report.evaluations

    return fly


def _halo(tolerance: float, back: bool) -> tuple[np.ndarray, np.ndarray, int, int]:
    from syzygy.astro.propagation.three_body import ThreeBodyProblem, propagate_three_body

    problem, start = ThreeBodyProblem(_MASS_RATIO), np.array(_NRHO)
    path = propagate_three_body(problem, start, _NRHO_PERIOD, tolerance=tolerance)
    end, moved = path.states(np.array([_NRHO_PERIOD]))[0], np.zeros(3)
    if back:
        home = propagate_three_body(problem, end, -_NRHO_PERIOD, tolerance=tolerance)
        moved = home.states(np.array([-_NRHO_PERIOD]))[0, :3] - start[:3]
    return end[:3], moved, path.report.steps, path.report.evaluations


def _figure(studies: dict[str, list[_Row]]) -> bytes:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    with plt.rc_context({"svg.hashsalt": "tolerances", "font.size": 10}):
        figure, axes = plt.subplots(figsize=(8.0, 4.2), layout="constrained")
        for (name, rows), colour in zip(studies.items(), _COLOURS, strict=True):
            calls, errors = [row.calls for row in rows], [max(row.error_m, 1e-9) for row in rows]
            axes.loglog(calls, errors, marker="o", markersize=4, color=colour, label=name.split(",")[0])
            default = TOLERANCES.index(1e-9)
            axes.plot(calls[default], errors[default], marker="o", markersize=10, mfc="none", mec=colour)
        axes.set_xlabel("calls of the forces (ring: the default tolerance, 1e-9)")
        axes.set_ylabel("error at the end, m")
        axes.grid(alpha=0.3)
        axes.legend(frameon=False)
        target = io.BytesIO()
        figure.savefig(target, format="svg", metadata={"Date": None})
        plt.close(figure)
    return target.getvalue()
