"""The tables of a probability study, with units, descriptions and the differences two machines may show."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from syzygy.astro.frames import rtn_axes
from syzygy.astro.time import LeapSeconds, format_utc
from syzygy.base.tables import Column, Table, column, table
from syzygy.debris.probability.assessing import AssessedCase, PlaneNumbers
from syzygy.debris.probability.cases import Oddity, RefusedFile

PC_TOLERANCE = 1e-9
"""Values agree to 1e-9 or better in absolute terms, below 1e-3 of themselves for what matters."""
SAMPLED_TOLERANCE = 1e-4
"""One sample more or less may hit on another machine."""
LN_TOLERANCE = 1e-6
_NAN = float("nan")

Row = AssessedCase


def probability_table(rows: Sequence[Row], leap_seconds: LeapSeconds) -> Table:
    """Return one row per event, sorted as given: the ladder, the recommended value, the advice."""
    return table(
        "probabilities",
        [*_ladder(rows), *_event(rows, leap_seconds)],
        "probability of collision of every event",
    )


def _ladder(rows: Sequence[Row]) -> list[Column]:
    def sampled(row: Row) -> float:
        return row.assessment.monte_carlo.probability if row.assessment.monte_carlo else _NAN

    numbers: list[tuple[str, Callable[[Row], float], str, float]] = [
        (
            "pc_2d",
            lambda r: r.assessment.pc_2d,
            "2-D integral over the disk; nan: no covariance",
            PC_TOLERANCE,
        ),
        (
            "pc_2d_nc",
            lambda r: r.assessment.nc_2d,
            "expected entries, time in closed form; nan: does not apply",
            PC_TOLERANCE,
        ),
        ("pc_3d_nc", lambda r: r.assessment.nc_3d, "expected entries, integrated over time", PC_TOLERANCE),
        ("pc_monte_carlo", sampled, "by sampling; nan: not run", SAMPLED_TOLERANCE),
        ("pc_low", lambda r: r.assessment.low, "recommended interval, lower end", SAMPLED_TOLERANCE),
        ("pc_high", lambda r: r.assessment.high, "recommended interval, upper end", SAMPLED_TOLERANCE),
        ("pc", lambda r: r.assessment.pc, "recommended value", SAMPLED_TOLERANCE),
    ]
    return [
        _text("cdm", rows, lambda r: r.case.name, "file, or event of a table"),
        *(_number(name, rows, pick, "1", words, tolerance) for name, pick, words, tolerance in numbers),
        _text("method", rows, lambda r: r.assessment.method, "which step of the ladder is recommended"),
        _text(
            "verdict",
            rows,
            lambda r: r.assessment.verdict,
            "valid, covariance in doubt, input in doubt, bound only, ranking only or no probability",
        ),
        _text("reasons", rows, lambda r: "; ".join(r.reasons), "why, and what is wrong with the input"),
        _text("advice", rows, lambda r: r.advice, "act, watch, none or undecided"),
        _text("would_change", rows, lambda r: "; ".join(r.would_change), "what would change the decision"),
    ]


def _event(rows: Sequence[Row], leap_seconds: LeapSeconds) -> list[Column]:
    def created(row: Row) -> str:
        made = row.case.creation_tai_ns
        return format_utc(made, leap_seconds) if made is not None else ""

    def tca(row: Row) -> int:
        return int(row.encounter.tca_tai_ns[0])

    def miss(row: Row) -> float:
        return float(np.linalg.norm(row.encounter.separation_m[0]))

    def speed(row: Row) -> float:
        return float(np.linalg.norm(row.encounter.relative_velocity_m_s[0]))

    texts: list[tuple[str, Callable[[Row], str], str]] = [
        ("object_a", lambda r: r.case.objects[0], "primary"),
        ("object_b", lambda r: r.case.objects[1], "secondary"),
        ("name_a", lambda r: r.case.names[0], "name of the primary"),
        ("name_b", lambda r: r.case.names[1], "name of the secondary"),
        ("tca_utc", lambda r: format_utc(tca(r), leap_seconds), "true closest approach, UTC"),
        ("created_utc", created, "when the message was made, UTC"),
        ("radius_source", lambda r: r.case.radius_source, "where the hard-body radius comes from"),
        ("covariance_a", lambda r: r.case.covariance_source[0], "where the covariance of a comes from"),
        ("covariance_b", lambda r: r.case.covariance_source[1], "where the covariance of b comes from"),
    ]
    return [
        *(_text(name, rows, pick, words) for name, pick, words in texts),
        column(
            "tca_tai_ns",
            np.array([tca(r) for r in rows], dtype=np.int64),
            "ns",
            "the same, TAI",
            tolerance=1e3,
        ),
        _number("tca_shift_s", rows, lambda r: r.shift_s, "s", "moved from the stated instant", 1e-6),
        _number("miss_distance_m", rows, miss, "m", "at true closest approach", 1e-3),
        _number("relative_speed_m_s", rows, speed, "m/s", "there", 1e-6),
        _number(
            "radius_m",
            rows,
            lambda r: float(r.encounter.hard_body_radius_m[0]),
            "m",
            "hard-body radius",
            1e-9,
        ),
        _number(
            "stated_pc", rows, lambda r: r.case.printed.probability, "1", "of the message; nan: none", 0.0
        ),
    ]


def dilution_table(rows: Sequence[Row]) -> Table:
    """Return how large the probability could be, and on which side of the maximum each event lies."""
    known = _with_plane(rows)

    def number(name: str, pick: Callable[[PlaneNumbers], float], words: str, tolerance: float) -> Column:
        return column(name, np.array([pick(p) for _, p in known]), "1", words, tolerance=tolerance)

    return table(
        "dilution",
        [
            column("cdm", np.array([r.case.name for r, _ in known], dtype=object), "", "event"),
            number(
                "mahalanobis",
                lambda p: float(p.dilution.squared_mahalanobis[0]) ** 0.5,
                "miss in sigmas of the plane",
                1e-6,
            ),
            number(
                "small_body_pc",
                lambda p: float(p.dilution.small_body_probability[0]),
                "R^2 / (2 sqrt(det P)) exp(-d^2 / 2)",
                PC_TOLERANCE,
            ),
            number(
                "maximum_pc",
                lambda p: float(p.dilution.maximum_probability[0]),
                "largest over scalings of all sigmas",
                1e-6,
            ),
            number(
                "maximum_scale",
                lambda p: float(p.dilution.maximum_scale[0]),
                "factor on the sigmas there; 0: they vanish",
                1e-3,
            ),
            column(
                "diluted",
                np.array([bool(p.dilution.diluted[0]) for _, p in known], dtype=bool),
                "",
                "a better covariance would raise the probability",
            ),
            number(
                "maximum_pc_without_a",
                lambda p: p.without_primary,
                "largest if the covariance of a were unknown",
                1e-6,
            ),
            number(
                "maximum_pc_without_b",
                lambda p: p.without_secondary,
                "largest if the covariance of b were unknown",
                1e-6,
            ),
        ],
        "maximum probability and dilution",
    )


def methods_table(rows: Sequence[Row]) -> Table:
    """Return the 2-D value beside those of other methods."""
    known = _with_plane(rows)

    def number(name: str, pick: Callable[[PlaneNumbers], float], words: str, tolerance: float) -> Column:
        return column(name, np.array([pick(p) for _, p in known]), "1", words, tolerance=tolerance)

    peers = [
        number(f"pc_{name}", lambda p, n=name: p.peers[n], words, PC_TOLERANCE)  # type: ignore[misc]
        for name, words in (
            ("chan", "Chan 1997: circle of equal area"),
            ("alfano", "Alfano 2005: strips"),
            ("patera", "Patera 2005: contour"),
            ("serra", "Serra and others 2016: series; nan: needs more than 150 terms"),
        )
    ]
    return table(
        "methods",
        [
            column("cdm", np.array([r.case.name for r, _ in known], dtype=object), "", "event"),
            number("ln_pc_2d", lambda p: p.ln_pc_2d, "logarithm of the certified 2-D value", LN_TOLERANCE),
            number("certificate", lambda p: p.certificate, "change when the nodes were doubled last", 1e-9),
            *peers,
            number(
                "pc_2d_correlated",
                lambda p: p.pc_2d_correlated,
                "2-D without the density error both share; nan: not given",
                PC_TOLERANCE,
            ),
            column(
                "stated_pc", np.array([r.case.printed.probability for r, _ in known]), "1", "of the message"
            ),
            column(
                "stated_method",
                np.array([r.case.printed.method for r, _ in known], dtype=object),
                "",
                "of the message",
            ),
        ],
        "the 2-D value beside those of other methods",
    )


def covariances_table(rows: Sequence[Row]) -> Table:
    """Return one row per object: where its covariance comes from, how large it is, what was mended."""
    flat = [(row, k) for row in rows for k in (0, 1)]
    sigmas = np.array([_rtn_sigmas(row, k) for row, k in flat]).reshape(-1, 3)
    columns = [
        column("cdm", np.array([row.case.name for row, _ in flat], dtype=object), "", "event"),
        column("object", np.array([row.case.objects[k] for row, k in flat], dtype=object), "", "designator"),
        column(
            "source", np.array([row.case.covariance_source[k] for row, k in flat], dtype=object), "", "origin"
        ),
        *(
            column(
                f"sigma_{axis}_m", sigmas[:, j], "m", f"position sigma, {axis}; 0: unknown", tolerance=1e-6
            )
            for j, axis in enumerate(("radial", "in_track", "cross_track"))
        ),
        column(
            "repair",
            np.array([row.repairs[k] for row, k in flat], dtype=object),
            "",
            "what was changed; empty: nothing",
        ),
    ]
    return table("covariances", columns, "covariances of the objects and their repair")


def scaling_table(rows: Sequence[Row]) -> Table:
    """Return the 2-D value over factors on the sigmas of both objects."""
    known = _with_plane(rows)
    names = [name for r, p in known for name in [r.case.name] * len(p.sweep.primary)]

    def joined(pick: Callable[[PlaneNumbers], np.ndarray]) -> np.ndarray:
        return np.concatenate([pick(p) for _, p in known]) if known else np.zeros(0)

    return table(
        "scaling",
        [
            column("cdm", np.array(names, dtype=object), "", "event"),
            column("factor_a", joined(lambda p: p.sweep.primary), "1", "on the sigmas of a", tolerance=1e-12),
            column(
                "factor_b", joined(lambda p: p.sweep.secondary), "1", "on the sigmas of b", tolerance=1e-12
            ),
            column("pc_2d", joined(lambda p: p.sweep.probability), "1", "2-D value", tolerance=PC_TOLERANCE),
        ],
        "the 2-D value over scaled covariances",
    )


def refused_table(refused: Sequence[RefusedFile]) -> Table:
    """Return files and events that could not be used, with the five parts of the reason."""
    parts = [item.error.as_mapping() for item in refused]
    return table(
        "rejected",
        [
            column("cdm", np.array([item.file for item in refused], dtype=object), "", "file or event"),
            *(
                column(name, np.array([part[name] for part in parts], dtype=object), "", words)
                for name, words in (
                    ("code", "kind of problem"),
                    ("what", "what is wrong"),
                    ("value", "found"),
                    ("allowed", "allowed"),
                    ("where", "where"),
                    ("hint", "what to do"),
                )
            ),
        ],
        "what could not be assessed, and why",
    )


def oddities_table(oddities: Sequence[Oddity]) -> Table:
    """Return deviations from the standard that were read all the same."""
    return table(
        "diagnostics",
        [
            column("cdm", np.array([item.file for item in oddities], dtype=object), "", "file"),
            column("line", np.array([i.line for i in oddities], dtype=np.int64), "1", "line, 0 none"),
            column("keyword", np.array([item.keyword for item in oddities], dtype=object), "", "keyword"),
            column("what", np.array([item.what for item in oddities], dtype=object), "", "deviation"),
        ],
        "deviations from the standard that were read without guessing",
    )


def _with_plane(rows: Sequence[Row]) -> list[tuple[Row, PlaneNumbers]]:
    return [(row, row.plane) for row in rows if row.plane is not None]


def _rtn_sigmas(row: Row, k: int) -> list[float]:
    side = (row.encounter.primary, row.encounter.secondary)[k]
    axes = rtn_axes(side.position_m, side.velocity_m_s)[0]
    variance = np.einsum("ij,jk,ik->i", axes, side.covariance[0, :3, :3], axes)
    return [float(np.sqrt(max(value, 0.0))) for value in variance]


def _text(name: str, rows: Sequence[Row], pick: Callable[[Row], str], words: str) -> Column:
    return column(name, np.array([pick(row) for row in rows], dtype=object), "", words)


def _number(
    name: str, rows: Sequence[Row], pick: Callable[[Row], float], unit: str, words: str, tolerance: float
) -> Column:
    values = np.array([pick(row) for row in rows], dtype=np.float64)
    return column(name, values, unit, words, tolerance=tolerance)
