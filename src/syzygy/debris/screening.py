"""The door of the screening: every approach below a distance, and everything that was not looked at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import syzygy
from syzygy.astro.almanac import Almanac
from syzygy.base.errors import CoverageError
from syzygy.base.execution import SERIAL, Executor
from syzygy.base.progress import SILENT, Progress
from syzygy.base.provenance import Provenance
from syzygy.base.requests import describe_request, input_files
from syzygy.base.results import KeyFigure, Narrative
from syzygy.base.tables import Table
from syzygy.debris.audit import audit_screening
from syzygy.debris.certificate import certificate_table
from syzygy.debris.certificate_statement import Statement
from syzygy.debris.element_sets import LeftOut, hash_sets, left_out_table
from syzygy.debris.engine import screen_paths
from syzygy.debris.episodes import Findings
from syzygy.debris.event_risk import EventRisk, find_event_risk, with_risk
from syzygy.debris.object_radii import ObjectRadii, read_object_radii, with_radii
from syzygy.debris.objects import LoadedObjects, ScreenedObjects, load_objects
from syzygy.debris.primaries import choose_primaries
from syzygy.debris.probability.cases import INVENTED
from syzygy.debris.refinement import states_at
from syzygy.debris.requests import ScreeningRequest
from syzygy.debris.result_tables import (
    events_table,
    find_stale,
    intervals_table,
    stale_table,
    unscreened_table,
    with_stale_label,
)
from syzygy.debris.selection import Selection, read_rules, select_findings

_DAY_S = 86400.0


@dataclass(frozen=True)
class ScreeningResult:
    """What a screening found.

    Attributes
    ----------
    provenance : Provenance
        The recipe.
    events, intervals, unscreened, left_out, stale, suppressed, exclusions, ephemerides, certificate : Table
        Approaches; slow episodes; objects without usable states and from when; element sets not used;
        sets older than the limit (screened all the same); what the exclusion list hides, and each of its
        lines; how each ephemeris is read; bounds of each chunk.
    audit : Table or None
        What brute force found in random pairs and stretches of time, where it was asked for.
    objects : int
        Objects screened from the begin of the window.
    window_s, threshold_m : float
        As asked.
    cut : int
        Fast episodes that begin or end at the border of the window and have no minimum inside.
    findings : Findings
        Events and intervals as states, in the order of the tables.
    designators : tuple
        International designators of both objects of each event, empty where unknown.
    risk : EventRisk or None
        Probabilities, where messages were asked for.
    almanac : Almanac
        For the times of the messages.
    """

    provenance: Provenance
    events: Table
    intervals: Table
    unscreened: Table
    left_out: Table
    stale: Table
    suppressed: Table
    exclusions: Table
    ephemerides: Table
    certificate: Table
    audit: Table | None
    objects: int
    window_s: float
    threshold_m: float
    cut: int
    findings: Findings
    designators: tuple[tuple[str, str], ...]
    risk: EventRisk | None
    almanac: Almanac

    def tables(self) -> tuple[Table, ...]:
        """Return all tables, the events first."""
        return (
            self.events,
            self.intervals,
            self.unscreened,
            self.left_out,
            self.stale,
            self.suppressed,
            self.exclusions,
            self.ephemerides,
            self.certificate,
            *(() if self.audit is None else (self.audit,)),
        )

    def key_figures(self) -> tuple[KeyFigure, ...]:
        """Return counts and the closest approach."""
        miss = np.asarray(self.events["miss_distance_m"], dtype=np.float64)
        closest = f"{miss.min():.0f}" if miss.size else "none"
        return (
            KeyFigure("objects screened", f"{self.objects:,}"),
            KeyFigure(f"approaches {volume_text(self)}", f"{len(self.events):,}"),
            KeyFigure("approaches under 1 km", f"{int((miss < 1000.0).sum()):,}"),
            KeyFigure("closest approach", closest, "m" if miss.size else ""),
            KeyFigure("pairs that stay close", f"{len(self.intervals):,}"),
            KeyFigure("objects not screened", f"{len(self.unscreened):,}"),
            KeyFigure("element sets left out", f"{len(self.left_out):,}"),
            KeyFigure("stale element sets", f"{len(self.stale):,}"),
            *self._audit_figures(),
            *self._risk_figures(),
            *((KeyFigure("hidden by exclusions", f"{len(self.suppressed):,}"),) * (len(self.exclusions) > 0)),
        )

    def _audit_figures(self) -> tuple[KeyFigure, ...]:
        if self.audit is None:
            return ()
        lost = int((~np.asarray(self.audit["reported"], dtype=bool)).sum())
        return (
            KeyFigure("minima found by the audit", f"{len(self.audit):,}"),
            KeyFigure("of them not reported", f"{lost:,}"),
        )

    def _risk_text(self) -> str:
        if self.risk is None:
            return "No covariance and no probability."
        return f"{INVENTED}: probabilities rest on a stated error of element sets; they rank, not decide."

    def _risk_figures(self) -> tuple[KeyFigure, ...]:
        if self.risk is None:
            return ()
        words = f"messages, probability from {self.risk.above:g} ({INVENTED})"
        return (KeyFigure(words, f"{len(self.risk.warned):,}"),)

    def narrative(self) -> Narrative:
        """Return inputs, models, validity and limits in words."""
        names = ", ".join(item.name for item in self.provenance.inputs)
        own = len(set(self.ephemerides["object"].tolist()))
        some = f"Ephemerides of {own} objects count before their element sets."
        return Narrative(
            inputs=f"Inputs: {names}; the newest set of each object counts, and every set left "
            f"out is listed with its line. {some if len(self.ephemerides) else ''}".rstrip(),
            models="SGP4 (WGS-72, improved mode, TEME). Between knots 240 s apart each object is compared "
            "with its free fall from the nearest knot; the search keeps every pair that bounds on free fall "
            "cannot exclude, isolates the minima of the distance on SGP4's states and refines them there.",
            validity="No filter by mean apogee or perigee, no loss at borders. The geometry of free fall is "
            "proven, and how far SGP4 can stray from it too, by bounds of its derivatives, but for at most "
            f"{int(self.certificate['measured'].max(initial=0))} objects at once: for these it is measured, "
            "at twice the distance at which it is used, and audited in every chunk. For all others no SGP4 "
            "error but a dip below the Earth's radius can come and go between knots. "
            f"The certificate lists the bounds. {len(self.unscreened)} objects have no usable state for part "
            f"or all of the window; {len(self.stale)} sets are older than the stated limit.",
            limits="SGP4 orbits are right to about 1 km at epoch and lose 1 to 3 km a day: a miss distance "
            f"here is a reason to look closer, not a measure of risk. {self._risk_text()} "
            f"{self.cut} fast encounters are cut by the border of the window and not counted.",
        )


def volume_text(result: ScreeningResult) -> str:
    """Return in words what an approach had to enter."""
    box = result.provenance.request.get("box_m")
    if isinstance(box, list) and box:
        return f"within {' x '.join(f'{side / 1000.0:g}' for side in box)} km (R, T, N)"
    return f"under {result.threshold_m / 1000.0:g} km"


def screen_catalogue(
    request: ScreeningRequest, almanac: Almanac, *, executor: Executor = SERIAL, progress: Progress = SILENT
) -> ScreeningResult:
    """Find every approach below the threshold between the objects of the catalogues.

    Parameters
    ----------
    request : ScreeningRequest
        Catalogues, window, threshold, primaries.
    almanac : Almanac
        Leap seconds.
    executor, progress : optional
        Where chunks run and who is told.

    Raises
    ------
    FormatError
        A catalogue without any usable element set.
    UnknownNameError
        A primary that no catalogue holds.
    CoverageError
        No object is usable at any time of the window.

    Notes
    -----
    Definitions (event, episode, slow episode): see ``docs/tutorials/debris.md``. RTN components are those
    of object b seen from object a, in the axes of a (inertial position and velocity of a at that instant).

    **Accuracy** all 422 events, 27 slow intervals and 133 unscreened objects of an independent screening of
    24,132 objects over 30 minutes, none more; times within 1 ms, distances within 1 m
    (``test_debris_screening_oracles``).

    **Source** the idea of motion bounds: Alarcon-Rodriguez, Martinez-Fadrique & Klinkrad, Adv. Space Res. 34
    (2004) 1156; the bounds here: ``docs/explanation/completeness-of-screening.md``; root isolation by
    Descartes' rule on Bernstein coefficients (Collins & Akritas 1976).
    """
    loaded = load_objects(request.catalogues, request.start_tai_ns, request.duration_s, almanac)
    objects, paths = loaded.objects, loaded.objects.paths
    chosen, absent = choose_primaries(request.primaries, loaded.names, objects.object_id)
    rules = read_rules(request.exclusions, loaded.names)
    radii = read_object_radii(request.radii, loaded.names, objects.object_id)
    findings, bounds = screen_paths(
        paths,
        window_s=request.duration_s,
        threshold_m=request.threshold_m,
        chosen=chosen,
        slow_speed_m_s=request.slow_speed_m_s,
        chunk_s=request.chunk_s,
        executor=executor,
        progress=progress,
    )
    if not (findings.exits.seconds > 0.0).any():
        raise _nobody(findings, objects)
    audit = None
    if request.audit:
        audit = audit_screening(
            paths,
            findings,
            window_s=request.duration_s,
            threshold_m=request.threshold_m,
            chosen=chosen,
            object_id=objects.object_id,
            cells=request.audit,
        )
    selection = select_findings(
        findings,
        objects,
        rules,
        box_m=request.box_m,
        chosen=chosen,
        states_at=lambda pairs, seconds: states_at(paths, pairs, seconds),
        start_tai_ns=request.start_tai_ns,
        leap_seconds=almanac.leap_seconds,
    )
    left_out = (*loaded.left_out, *absent, *radii.left_out)
    certificate = certificate_table(bounds, _statement(request, objects, chosen), almanac.leap_seconds)
    return _result(request, almanac, loaded, left_out, selection, radii, certificate, audit)


def _result(
    request: ScreeningRequest,
    almanac: Almanac,
    loaded: LoadedObjects,
    left_out: tuple[LeftOut, ...],
    selection: Selection,
    radii: ObjectRadii,
    certificate: Table,
    audit: Table | None,
) -> ScreeningResult:
    findings, objects = selection.findings, loaded.objects
    start, leap_seconds = request.start_tai_ns, almanac.leap_seconds
    risk = find_event_risk(request, findings, objects, radii, almanac)
    stale = find_stale(objects, start, request.duration_s, request.max_age_s)
    events = with_stale_label(events_table(objects, findings, start, leap_seconds), findings.pairs, stale)
    return ScreeningResult(
        provenance=Provenance(
            study="debris.screening",
            request=describe_request(request),
            inputs=input_files(request),
            almanac_sha256=almanac.sha256,
            code_version=syzygy.__version__,
            models={
                "propagation": "SGP4, WGS-72, improved mode (AIAA 2006-6753)",
                "search": "two-body paths between knots, cubes of directions, Bernstein root isolation, "
                "refinement on the paths' own positions",
            },
        ),
        events=with_risk(with_radii(events, findings.pairs, radii), risk),
        intervals=intervals_table(objects, findings, start, leap_seconds),
        unscreened=unscreened_table(objects, findings, start, request.duration_s, leap_seconds),
        left_out=left_out_table(left_out),
        stale=stale_table(objects, start, request.duration_s, request.max_age_s),
        suppressed=selection.suppressed,
        exclusions=selection.exclusions,
        ephemerides=loaded.ephemerides,
        certificate=certificate,
        audit=audit,
        objects=int((findings.exits.seconds > 0.0).sum()),
        window_s=request.duration_s,
        threshold_m=request.threshold_m,
        cut=findings.cut,
        findings=findings,
        designators=_designators(objects, findings.pairs),
        risk=risk,
        almanac=almanac,
    )


def _statement(request: ScreeningRequest, objects: ScreenedObjects, chosen: NDArray[np.bool_]) -> Statement:
    return Statement(
        request.start_tai_ns,
        request.duration_s,
        request.threshold_m,
        primaries=int(chosen.sum()),
        ephemerides=len(objects) - len(objects.elements),
        element_sets=len(objects.elements),
        sets_sha256=hash_sets(objects.elements),
    )


def _designators(objects: ScreenedObjects, pairs: NDArray[np.int64]) -> tuple[tuple[str, str], ...]:
    known = objects.international_designator
    return tuple((str(known[a]), str(known[b])) for a, b in pairs.tolist())


def _nobody(findings: Findings, objects: ScreenedObjects) -> CoverageError:
    codes = np.unique(findings.exits.code)
    age = np.abs(objects.epoch_tai_ns - objects.epoch_tai_ns.max()).max() / 1e9 / _DAY_S
    return CoverageError(
        "no object has a usable state in the window",
        value=f"{len(objects)} objects, SGP4 codes {', '.join(str(code) for code in codes)}, "
        f"epochs spread over {age:.1f} d",
        allowed="element sets whose epochs lie near the window",
        where="catalogues",
        hint="is the begin of the window right? element sets serve for days, not for years",
    )
