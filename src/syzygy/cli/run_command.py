"""``syzygy run``: a whole programme."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from syzygy.cli import exit_codes
from syzygy.cli.console import emit_json, show_error, show_table, talk
from syzygy.cli.executing import execution_options
from syzygy.cli.progress import StudyProgress

if TYPE_CHECKING:
    from syzygy.exchange.keys import SigningKey
    from syzygy.studies.planning import Plan
    from syzygy.studies.runner import StudyOutcome


@click.command("run")
@click.argument("programme", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Directory of the run.")
@click.option(
    "--keys", type=click.Path(path_type=Path), help="Directory of the keys [default: $SYZYGY_KEYS]."
)
@execution_options
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
def run_programme_command(
    programme: Path, out: Path, keys: Path | None, workers: int, cluster: str, as_json: bool
) -> int:
    """Run a programme: check it, compute its studies, sign and release the products, write the report.

    Only what changed since the last run is computed again. An owner without a key gets one, and is told so.
    Ctrl-C is safe at any time: finished products are kept and the next run goes on.

    Example: syzygy run examples/joint-programme/programme.toml --out out/joint-programme
    """
    from syzygy.base.execution import choose_executor
    from syzygy.studies.planning import plan_programme
    from syzygy.studies.report import write_report
    from syzygy.studies.runner import run_programme

    plan = plan_programme(programme)
    signing = _signing_keys(plan, keys)
    with StudyProgress() as listener:
        outcomes = run_programme(
            plan, out, signing, executor=choose_executor(workers, cluster), listener=listener
        )
    report = write_report(plan, outcomes, out)
    failed = [outcome for outcome in outcomes if outcome.error]
    if as_json:
        emit_json(_describe(outcomes, str(report)))
    else:
        _show_summary(outcomes)
        talk(f"partners: {out / 'partners'}")
        talk(f"report:   {report}")
    for outcome in failed:
        talk(f"study {outcome.study} failed; the others are not affected")
        if outcome.error:
            show_error(outcome.error)
    if any(outcome.error and outcome.error.exit_code == exit_codes.INTERNAL for outcome in failed):
        return exit_codes.INTERNAL
    return exit_codes.ANSWER_NO if failed else exit_codes.DONE


def _signing_keys(plan: Plan, directory: Path | None) -> dict[str, SigningKey]:
    from syzygy.exchange.keys import create_key, default_key_directory, load_signing_key

    directory = directory or default_key_directory()
    keys: dict[str, SigningKey] = {}
    for owner in sorted({planned.study.owner for planned in plan.studies}):
        if not (directory / f"{owner}.key").exists():
            create_key(directory, owner)
            talk(f"note: {owner} had no key here; made {directory / owner}.key (see `syzygy node --help`)")
        keys[owner] = load_signing_key(directory, owner)
    return keys


def _show_summary(outcomes: tuple[StudyOutcome, ...]) -> None:
    rows = []
    for outcome in outcomes:
        figures = outcome.result.get("key_figures")
        found = figures if isinstance(figures, list) else []
        text = "; ".join(f"{f['label']}: {f['value']} {f['unit']}".rstrip() for f in found[:3])
        rows.append([outcome.study, outcome.kind, outcome.status, f"{outcome.seconds:.1f}", text])
    show_table("", ["study", "kind", "status", "seconds", "key figures"], rows)


def _describe(outcomes: tuple[StudyOutcome, ...], report: str) -> dict[str, object]:
    return {
        "ok": not any(outcome.error for outcome in outcomes),
        "report": report,
        "studies": [
            {
                "id": outcome.study,
                "kind": outcome.kind,
                "status": outcome.status,
                "seconds": round(outcome.seconds, 3),
                "key_figures": outcome.result.get("key_figures", []),
                "error": outcome.error.as_mapping() if outcome.error else None,
            }
            for outcome in outcomes
        ],
    }
