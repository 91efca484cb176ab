"""``syzygy debris check``: hold a certificate of completeness against the objects it speaks of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from syzygy.base.errors import InputError, SyzygyError
from syzygy.cli import exit_codes
from syzygy.cli.console import emit_json, show_table, talk

if TYPE_CHECKING:
    from syzygy.astro.time import LeapSeconds
    from syzygy.debris.certificate_review import ReviewedCertificate

_FILE = click.Path(path_type=Path)
_SHOWN = 20


@click.command("check")
@click.argument("certificate", type=_FILE)
@click.argument("catalogues", type=_FILE, nargs=-1, required=True)
@click.option("--start", "--start-utc", metavar="UTC", help="Begin of the window that was asked for.")
@click.option("--hours", "--duration-h", type=float, help="Length of the window that was asked for, h.")
@click.option("--threshold-km", type=float, help="Distance that was asked for, km.")
@click.option(
    "--samples", type=click.IntRange(1, 1_000_000), default=200, show_default=True,
    help="Objects whose motion is held against the bounds.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def check_certificate_command(
    certificate: Path,
    catalogues: tuple[Path, ...],
    start: str | None,
    hours: float | None,
    threshold_km: float | None,
    samples: int,
    as_json: bool,
) -> int:
    """Check the CERTIFICATE of a screening (`debris screen --certificate FILE`) against its CATALOGUES.

    A small program of its own: nothing of the search is used, SGP4 is the package sgp4. The certificate must
    speak of these element sets and ephemerides, count them, cover its window without a gap, agree with
    itself, and its bounds must hold for the motion of the objects at instants drawn anew. What was asked for
    (--start, --hours, --threshold-km) is compared where given: else read what it speaks of. Exit code 0 when
    all holds, 1 when something does not, 3 when a file is refused.

    Example: syzygy debris check out/docs/debris/certificate.csv
    examples/joint-programme/inputs/debris/catalogue_2022-07-15_sample.3le.gz
    """
    from syzygy.astro.time import parse_utc
    from syzygy.base.provenance import bind_input
    from syzygy.debris.certificate_review import review_certificate
    from syzygy.studies.almanacs import AlmanacShelf

    shelf = AlmanacShelf()
    inputs = tuple(bind_input(path) for path in catalogues)
    try:
        start_tai_ns = None if start is None else parse_utc(start, shelf.leap_seconds)
    except SyzygyError as error:
        error.where = "--start"
        raise
    found = review_certificate(
        certificate,
        inputs,
        shelf.almanac,
        start_tai_ns=start_tai_ns,
        window_s=None if hours is None else _positive("--hours", hours, "h") * 3600.0,
        threshold_m=None if threshold_km is None else _positive("--threshold-km", threshold_km, "km") * 1e3,
        samples=samples,
    )
    if as_json:
        emit_json(_as_mapping(found, shelf.leap_seconds))
    else:
        _show(found, certificate, shelf.leap_seconds)
    return exit_codes.ANSWER_NO if found.problems else exit_codes.DONE


def _positive(name: str, value: float, unit: str) -> float:
    if not 0.0 < value < float("inf"):
        raise InputError(
            "not a positive number", value=f"{value} {unit}", allowed=f"more than 0 {unit}", where=name
        )
    return value


def _as_mapping(found: ReviewedCertificate, leap_seconds: LeapSeconds) -> dict[str, object]:
    from syzygy.astro.time import format_utc

    said = found.statement
    return {
        "ok": not found.problems,
        "start_utc": format_utc(said.start_tai_ns, leap_seconds),
        "window_s": said.window_s,
        "threshold_m": said.threshold_m,
        "chunks": found.chunks,
        "element_sets": said.element_sets,
        "ephemerides": said.ephemerides,
        "primaries": said.primaries,
        "sets_sha256": said.sets_sha256,
        "measured": found.measured,
        "max_slack_m": found.max_slack_m,
        "problems": list(found.problems),
    }


def _show(found: ReviewedCertificate, certificate: Path, leap_seconds: LeapSeconds) -> None:
    from syzygy.astro.time import format_utc

    said = found.statement
    everyone = said.primaries == said.element_sets + said.ephemerides
    rows = [
        ["begin of the window", format_utc(said.start_tai_ns, leap_seconds), "UTC"],
        ["length", f"{said.window_s / 3600.0:g}", "h"],
        ["distance", f"{said.threshold_m / 1000.0:g}", "km"],
        ["element sets", f"{said.element_sets:,}", ""],
        ["stretches of ephemerides", f"{said.ephemerides:,}", ""],
        ["screened against all others", "all" if everyone else f"{said.primaries:,}", ""],
        ["chunks", f"{found.chunks:,}", ""],
        ["slacks measured, not proven, at most", f"{found.measured:,}", ""],
        ["largest slack", f"{found.max_slack_m:.0f}", "m"],
    ]
    show_table("", ["the certificate speaks of", "value", "unit"], rows)
    for text in found.problems[:_SHOWN]:
        print(f"{certificate}: {text}")
    if len(found.problems) > _SHOWN:
        print(f"{certificate}: and {len(found.problems) - _SHOWN} more (--json lists all)")
    count = len(found.problems)
    talk(f"{count} claims do not hold" if count > 1 else "1 claim does not hold" if count else "all holds")
