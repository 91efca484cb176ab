"""Tables of a replay, each column with unit, description and tolerance."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.time import format_utc_many
from syzygy.base.tables import Table, column, table
from syzygy.exploration.replay.burns import GAP, IMPULSE, JUMP, OUTLIER

if TYPE_CHECKING:
    from syzygy.exploration.replay.burns import Burn
    from syzygy.exploration.replay.study import ReplayedArc, ReplayResult

_METRES = 1e-5
_SPEED = 1e-8


def list_tables(result: ReplayResult) -> tuple[Table, ...]:
    """Return all tables, the arcs first."""
    return (
        _arcs_table(result),
        _events_table(result),
        _parameters_table(result),
        _forces_table(result),
        _hypotheses_table(result),
        _residuals_table(result),
    )


def _arcs_table(result: ReplayResult) -> Table:
    arcs = result.arcs
    spans = [(int(a.reading.states.tai_ns[0]), int(a.reading.states.tai_ns[-1])) for a in arcs]
    return table(
        "arcs",
        [
            column("start_utc", [result.utc(span[0]) for span in spans], "", "first row"),
            column("end_utc", [result.utc(span[1]) for span in spans], "", "last row"),
            column(
                "rms_m", [a.fit.rms_m for a in arcs], "m", "residuals of the whole arc", tolerance=_METRES
            ),
            column(
                "max_m",
                [float(a.fit.distance_m.max()) for a in arcs],
                "m",
                "largest residual",
                tolerance=_METRES,
            ),
            column(
                "final_m",
                [float(a.fit.distance_m[-1]) for a in arcs],
                "m",
                "residual of the last row",
                tolerance=_METRES,
            ),
            column("parameters", [_in_words(a) for a in arcs], "", "fitted numbers with one sigma"),
            column("frame_verdict", [a.verdict for a in arcs], "", "axes and time the numbers are really in"),
            column("arc", np.arange(1, len(arcs) + 1), "1", "number of the arc"),
            column("segment", [a.arc.block + 1 for a in arcs], "1", "segment of the message"),
            column("rows", [len(a.arc) for a in arcs], "1", "states"),
            column("fitted_rows", [a.fit.fitted_rows for a in arcs], "1", "leading states that the fit saw"),
            column("fitted_as", [_adopted(a) for a in arcs], "", "axes, time system and GM of these figures"),
        ],
        f"Coasting arcs of {result.blocks[0].object_name}",
    )


def _in_words(arc: ReplayedArc) -> str:
    fit = arc.fit
    found = [
        f"{name} = {value:.5g} +- {sigma:.1g}"
        for name, value, sigma in zip(fit.names, fit.values, fit.sigmas, strict=True)
    ]
    return "; ".join(found) or "none"


def _adopted(arc: ReplayedArc) -> str:
    reading = arc.reading
    return ", ".join(part for part in (str(reading.axes), reading.time_system, reading.gm_set) if part)


def _events_table(result: ReplayResult) -> Table:
    burns = result.burns
    velocity = np.array([burn.delta_v_m_s for burn in burns]).reshape(-1, 3)
    local = np.array([burn.delta_v_rtn_m_s for burn in burns]).reshape(-1, 3)
    jumps = [float(np.linalg.norm(burn.jump_m)) for burn in burns]
    axes = ("radial", "in_track", "cross_track")
    return table(
        "events",
        [
            column(
                "kind",
                _texts(burn.kind for burn in burns),
                "",
                "impulse, burn, jump of the solution, outlying rows, or gap",
            ),
            column(
                "time_utc",
                _texts(result.utc(burn.tai_ns) for burn in burns),
                "",
                "instant, or middle of a burn",
            ),
            column("time_sigma_s", [burn.time_sigma_s for burn in burns], "s", "one sigma", tolerance=1e-3),
            column("after_utc", _texts(result.utc(b.span_tai_ns[0]) for b in burns), "", "last row before"),
            column("before_utc", _texts(result.utc(b.span_tai_ns[1]) for b in burns), "", "first row after"),
            column("delta_v_m_s", [b.size_m_s for b in burns], "m/s", "change of velocity", tolerance=_SPEED),
            column(
                "delta_v_sigma_m_s",
                [b.delta_v_sigma_m_s for b in burns],
                "m/s",
                "one sigma of each component",
                tolerance=_SPEED,
            ),
            *(
                column(f"{name}_m_s", local[:, k], "m/s", f"{name.replace('_', '-')} part", tolerance=_SPEED)
                for k, name in enumerate(axes)
            ),
            *(
                column(f"icrf_{name}_m_s", velocity[:, k], "m/s", f"ICRF {name}", tolerance=_SPEED)
                for k, name in enumerate("xyz")
            ),
            column("jump_m", jumps, "m", "displacement that no impulse explains", tolerance=_METRES),
            column(
                "jump_sigma_m",
                [burn.jump_sigma_m for burn in burns],
                "m",
                "one sigma of each component",
                tolerance=_METRES,
            ),
            column("finding", _texts(_tell(burn) for burn in burns), "", "the event in words"),
        ],
        "Steps that coasting does not explain",
    )


def _texts(values: Iterable[str]) -> NDArray[np.object_]:
    """Return words as a column of text even when there are none."""
    return np.array(list(values), dtype=object)


def _tell(burn: Burn) -> str:
    jump, rows = float(np.linalg.norm(burn.jump_m)), burn.rows[1] - burn.rows[0] - 1
    if burn.kind == OUTLIER:
        count = "one row" if rows == 1 else f"{rows} rows"
        return f"{count} {jump:.3g} m and {burn.size_m_s:.3g} m/s off the flight, left out"
    if burn.kind == GAP:
        hours = (burn.span_tai_ns[1] - burn.span_tai_ns[0]) / 3.6e12
        return f"{hours:.3g} h without rows; the flight goes on, {jump:.3g} m off behind them"
    if burn.kind == JUMP:
        return f"no burn: the row behind is displaced by {jump:.3g} m at once"
    return f"{burn.size_m_s:.4g} m/s" + (
        " at one instant" if burn.kind == IMPULSE else f" over {rows + 1} steps"
    )


def _parameters_table(result: ReplayResult) -> Table:
    rows = [
        (number, name, value, sigma)
        for number, arc in enumerate(result.arcs, start=1)
        for name, value, sigma in zip(arc.fit.names, arc.fit.values, arc.fit.sigmas, strict=True)
    ]
    correlations = [
        "; ".join(f"{float(r):.3f}" for r in row) for arc in result.arcs for row in _correlation(arc)
    ]
    return table(
        "parameters",
        [
            column("arc", np.array([row[0] for row in rows], dtype=np.int64), "1", "number of the arc"),
            column("parameter", [row[1] for row in rows], "", "fitted number, unit in its name"),
            column(
                "value", np.array([row[2] for row in rows], dtype=float), "SI", "as fitted", tolerance=1e-4
            ),
            column(
                "sigma", np.array([row[3] for row in rows], dtype=float), "SI", "one sigma", tolerance=1e-4
            ),
            column("correlations", correlations, "", "with the parameters of the arc, in order"),
        ],
        "Fitted numbers",
    )


def _correlation(arc: ReplayedArc) -> np.ndarray:
    sigma = np.where(arc.fit.sigmas > 0.0, arc.fit.sigmas, 1.0)
    return np.asarray(arc.fit.covariance / np.outer(sigma, sigma))


def _forces_table(result: ReplayResult) -> Table:
    rows = [(n, share) for n, arc in enumerate(result.arcs, start=1) for share in arc.forces]
    return table(
        "forces",
        [
            column("arc", np.array([n for n, _ in rows], dtype=np.int64), "1", "number of the arc"),
            column("force", [share.force for _, share in rows], "", "force taken away"),
            column("effect_m", [s.effect_m for _, s in rows], "m", "largest effect", tolerance=_METRES),
            column(
                "rms_without_m", [s.rms_without_m for _, s in rows], "m", "RMS without", tolerance=_METRES
            ),
            column(
                "final_without_m", [s.final_without_m for _, s in rows], "m", "at the end", tolerance=_METRES
            ),
        ],
        "What each force does: the residuals without it, the rest as fitted",
    )


def _hypotheses_table(result: ReplayResult) -> Table:
    rows = [(n, h) for n, arc in enumerate(result.arcs, start=1) for h in arc.hypotheses]
    return table(
        "hypotheses",
        [
            column("arc", np.array([n for n, _ in rows], dtype=np.int64), "1", "number of the arc"),
            column("axes", [h.axes for _, h in rows], "", "axes of the numbers"),
            column("time_system", [h.time_system for _, h in rows], "", "time system of the epochs"),
            column("gm_set", [h.gm_set for _, h in rows], "", "GM of the centre, empty for DE440's"),
            column("labelled", np.array([h.labelled for _, h in rows], dtype=bool), "", "as on the label"),
            column("rms_m", [h.rms_m for _, h in rows], "m", "RMS of the arc", tolerance=_METRES),
            column(
                "log_likelihood",
                [h.log_likelihood for _, h in rows],
                "1",
                "natural logarithm, relative to the best",
                tolerance=0.1,
            ),
        ],
        "Other readings of the numbers",
    )


def _residuals_table(result: ReplayResult) -> Table:
    arcs = result.arcs
    counts = [len(arc.arc) for arc in arcs]
    number = np.repeat(np.arange(1, len(arcs) + 1), counts)
    empty = np.zeros(0, dtype=np.int64)
    instants = np.concatenate([empty, *(arc.reading.states.tai_ns for arc in arcs)])
    residual = np.concatenate([np.zeros((0, 3)), *(arc.fit.residual_rtn_m for arc in arcs)])
    fitted = np.concatenate(
        [
            np.zeros(0, dtype=bool),
            *(np.arange(n) < a.fit.fitted_rows for n, a in zip(counts, arcs, strict=True)),
        ]
    )
    return table(
        "residuals",
        [
            column("arc", number, "1", "number of the arc"),
            column("utc", format_utc_many(instants, result.leap_seconds, 3), "", "instant"),
            *(
                column(f"{name}_m", residual[:, k], "m", "ephemeris less flight", tolerance=_METRES)
                for k, name in enumerate(("radial", "in_track", "cross_track"))
            ),
            column("distance_m", np.linalg.norm(residual, axis=1), "m", "length", tolerance=_METRES),
            column("fitted", fitted, "", "whether the fit saw the row"),
        ],
        "Ephemeris less flight",
    )
