"""The replay study: an ephemeris in, its arcs, events, forces and true labels out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import syzygy
from syzygy.astro.almanac import Almanac
from syzygy.astro.ephemerides import Ephemeris
from syzygy.astro.forces import ForceModel
from syzygy.astro.time import LeapSeconds, format_utc
from syzygy.base.execution import SERIAL, Executor
from syzygy.base.progress import SILENT, Progress
from syzygy.base.provenance import Provenance
from syzygy.base.requests import describe_request, input_files
from syzygy.base.results import KeyFigure, Narrative
from syzygy.base.tables import Table
from syzygy.exploration.replay.arcs import Arc, Cut, cut_block, join_segments
from syzygy.exploration.replay.budget import ForceShare, weigh_forces
from syzygy.exploration.replay.burns import GAP, Burn
from syzygy.exploration.replay.fitting import Fit, fit_arc
from syzygy.exploration.replay.flights import rows_of
from syzygy.exploration.replay.forces import make_forces, with_axes
from syzygy.exploration.replay.hypotheses import (
    Hypothesis,
    Reading,
    give_verdict,
    read_as,
    weigh_hypotheses,
)
from syzygy.exploration.replay.reading import FEWEST_ROWS, EphemerisBlock, find_anchors, read_blocks
from syzygy.exploration.replay.requests import ReplayRequest
from syzygy.exploration.replay.sanity import make_sane
from syzygy.exploration.replay.scatter import Scatter

_UNEXPLAINED_SHARE = 1e-4


@dataclass(frozen=True, eq=False)
class ReplayedArc:
    """One arc explained.

    Attributes
    ----------
    arc : Arc
    reading : Reading
        Axes, time system and constants under which it was fitted.
    fit : Fit
    forces : tuple of ForceShare
    hypotheses : tuple of Hypothesis
    verdict : str
    """

    arc: Arc
    reading: Reading
    fit: Fit
    forces: tuple[ForceShare, ...]
    hypotheses: tuple[Hypothesis, ...]
    verdict: str


@dataclass(frozen=True, eq=False)
class ReplayResult:
    """An ephemeris replayed.

    Attributes
    ----------
    provenance : Provenance
    request : ReplayRequest
    blocks : tuple of EphemerisBlock
        Segments of the message.
    arcs : tuple of ReplayedArc
    short : tuple of Arc
        Runs with too few rows to be fitted.
    burns : tuple of Burn
    scatters : tuple of Scatter
        Per segment.
    anchors : tuple of (int, int)
        Segment and row of states with rounder numbers than the others.
    leap_seconds : LeapSeconds
    ephemeris : Ephemeris
    """

    provenance: Provenance
    request: ReplayRequest
    blocks: tuple[EphemerisBlock, ...]
    arcs: tuple[ReplayedArc, ...]
    short: tuple[Arc, ...]
    burns: tuple[Burn, ...]
    scatters: tuple[Scatter, ...]
    anchors: tuple[tuple[int, int], ...]
    leap_seconds: LeapSeconds
    ephemeris: Ephemeris

    def tables(self) -> tuple[Table, ...]:
        """Return arcs, events, parameters, forces, hypotheses and residuals."""
        from syzygy.exploration.replay.tables import list_tables

        return list_tables(self)

    def key_figures(self) -> tuple[KeyFigure, ...]:
        """Return what was found in figures."""
        worst = max((float(a.fit.distance_m.max()) for a in self.arcs), default=0.0)
        rms = (
            np.sqrt(np.mean(np.concatenate([a.fit.distance_m for a in self.arcs]) ** 2)) if self.arcs else 0.0
        )
        return (
            KeyFigure("coasting arcs", str(len(self.arcs))),
            KeyFigure("events (burns, jumps, outliers)", str(sum(b.kind != GAP for b in self.burns))),
            KeyFigure("gaps that the flight bridges", str(sum(b.kind == GAP for b in self.burns))),
            KeyFigure("RMS of all arcs", f"{rms:.4g}", "m"),
            KeyFigure("largest residual", f"{worst:.4g}", "m"),
            KeyFigure("axes and time", self.arcs[0].verdict if self.arcs else "no arc"),
        )

    def narrative(self) -> Narrative:
        """Return inputs, models, validity and limits in words."""
        from syzygy.exploration.replay.narrative import describe_replay

        return describe_replay(self)

    def utc(self, tai_ns: int, digits: int = 3) -> str:
        """Write an instant as UTC."""
        return format_utc(tai_ns, self.leap_seconds, digits)


def replay_ephemeris(
    request: ReplayRequest, almanac: Almanac, *, executor: Executor = SERIAL, progress: Progress = SILENT
) -> ReplayResult:
    """Replay an ephemeris: cut it into coasting arcs, find its burns, fit its forces, test its labels.

    Parameters
    ----------
    request : ReplayRequest
    almanac : Almanac
        With leap seconds, Earth orientation and ephemeris (and lunar axes for a field of the Moon).
    executor : Executor
        Not used: the arcs of one file are few and quick.
    progress : Progress

    Raises
    ------
    FormatError, FrameError, TimeScaleError
        As `read_blocks`.
    FrameError, UnitError
        States that move about another centre, or not as their velocities say.
    InputError
        A fit of more numbers than the rows hold; numbers that do not move as gravity moves anything.
    CoverageError
        Instants outside the ephemeris or the Earth orientation.

    Accuracy
    --------
    Orion (Artemis II, NASA ephemeris) over 7.3 h of coast, one SRP number fitted on the first third, and
    planted burns and frames: tests/exploration/test_exploration_replay.py.
    """
    almanac = with_axes(almanac, request)
    labelled = read_blocks(request.ephemeris, almanac)
    force = make_forces(request, labelled[0].centre)
    blocks = tuple(
        make_sane(block, index, request, request.ephemeris.name, almanac)
        for index, block in enumerate(labelled)
    )
    arcs: list[ReplayedArc] = []
    short: list[Arc] = []
    burns: list[Burn] = []
    cuts: list[Cut] = []
    sigma, factor = request.detection_sigma, request.break_factor
    progress.start("cut into arcs and fit", len(blocks))
    for index, block in enumerate(blocks):
        own = force if block.centre == force.centre else make_forces(request, block.centre)
        cut = cut_block(index, block, own, almanac, detection_sigma=sigma, break_factor=factor)
        if cuts:
            burns += join_segments(index, cuts[-1], cut, own, almanac, sigma, factor)
        burns += cut.burns
        cuts.append(cut)
        short += [arc for arc in cut.arcs if len(arc) < FEWEST_ROWS]
        long = [arc for arc in cut.arcs if len(arc) >= FEWEST_ROWS]
        arcs += [_replay_arc(arc, block, own, almanac, request) for arc in long]
        progress.advance()
    provenance = Provenance(
        "exploration.replay",
        describe_request(request),
        input_files(request),
        almanac.sha256,
        syzygy.__version__,
        {
            "forces": force.sha256,
            "propagation": "Gauss-Radau, order 15",
            "ephemeris": _ephemeris_name(almanac),
        },
    )
    anchors = tuple((k, int(row)) for k, block in enumerate(blocks) for row in find_anchors(block.labelled))
    return ReplayResult(
        provenance, request, blocks, tuple(arcs), tuple(short), tuple(burns),
        tuple(cut.scatter for cut in cuts), anchors, almanac.leap_seconds, almanac.require_ephemeris(),
    )  # fmt: skip


def _replay_arc(
    arc: Arc, block: EphemerisBlock, force: ForceModel, almanac: Almanac, request: ReplayRequest
) -> ReplayedArc:
    fitted, share = request.fit, request.fit_share
    if request.hypotheses:
        hypotheses, reading = weigh_hypotheses(block, arc.rows, force, almanac, fitted, share)
        verdict = give_verdict(hypotheses)
    else:
        hypotheses = ()
        axes = block.read_as or block.frame
        reading = read_as(block, arc.rows, force, almanac, axes, block.time_system)
        label = "label, not tested" if axes == block.frame else f"labelled {block.frame}; time not tested"
        verdict = f"{axes}, {block.time_system} ({label})"
    rows = rows_of(reading.states, slice(None))
    fit = fit_arc(rows, reading.states.tai_ns, reading.force, almanac, fitted, share)
    way_m = float(np.sum(np.linalg.norm(np.diff(rows[:, :3], axis=0), axis=1)))
    if fit.rms_m > _UNEXPLAINED_SHARE * way_m:
        verdict = f"none explains the numbers ({fit.rms_m:.3g} m RMS): {verdict}"
    forces = weigh_forces(rows, reading.states.tai_ns, fit, almanac)
    return ReplayedArc(arc, reading, fit, forces, hypotheses, verdict)


def _ephemeris_name(almanac: Almanac) -> str:
    return almanac.require_ephemeris().name
