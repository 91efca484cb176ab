"""The run: each study computed, kept, signed and released; only what changed is computed again."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from syzygy.base.errors import SyzygyError
from syzygy.base.execution import SERIAL, Executor
from syzygy.base.hashing import canonical_json, sha256_record
from syzygy.base.progress import SILENT, Progress
from syzygy.base.provenance import bind_input
from syzygy.base.requests import input_files
from syzygy.base.storage import write_bytes
from syzygy.exchange.keys import SigningKey
from syzygy.exchange.manifest import (
    MANIFEST_NAME,
    check_files,
    open_manifest,
    read_manifest_file,
    seal_manifest,
)
from syzygy.exchange.strict_json import read_object
from syzygy.studies.planning import Plan, PlannedStudy
from syzygy.studies.products import PROVENANCE_NAME, RESULT_NAME, make_product, recipe_of
from syzygy.studies.releasing import release_products
from syzygy.studies.workspace import RUN_NAME, Workspace, replace_directory

COMPUTED, UNCHANGED, FAILED = "computed", "unchanged", "failed"


@dataclass(frozen=True)
class StudyOutcome:
    """How one study ended.

    Attributes
    ----------
    study, kind, title, owner : str
        From the programme file.
    status : str
        ``computed``, ``unchanged`` (taken from the cache) or ``failed``.
    seconds : float
        Wall time, for the summary only; never part of a product.
    result : mapping
        Key figures, narrative, tables; empty when failed.
    error : SyzygyError or None
        Why it failed.
    """

    study: str
    kind: str
    title: str
    owner: str
    status: str
    seconds: float
    result: Mapping[str, object]
    error: SyzygyError | None = None


class RunListener(Protocol):
    """Who shows a run: told when a study begins and ends, and gives its progress."""

    def begin(self, study: PlannedStudy, number: int, total: int) -> Progress:
        """A study begins; returns where it reports its progress."""
        ...

    def end(self, outcome: StudyOutcome) -> None:
        """A study has ended."""
        ...


class SilentListener:
    """A listener that shows nothing."""

    def begin(self, study: PlannedStudy, number: int, total: int) -> Progress:
        """Show nothing."""
        return SILENT

    def end(self, outcome: StudyOutcome) -> None:
        """Show nothing."""


def run_programme(
    plan: Plan,
    out: Path,
    keys: Mapping[str, SigningKey],
    *,
    executor: Executor = SERIAL,
    listener: RunListener | None = None,
) -> tuple[StudyOutcome, ...]:
    """Run every study of a plan and release the products; a failed study does not stop the others.

    Parameters
    ----------
    plan : Plan
        The checked programme.
    out : Path
        The directory of the run.
    keys : mapping
        Signing key of every owner.

    Raises
    ------
    StorageError
        The output directory is not usable.
    """
    workspace = Workspace(out)
    workspace.prepare()
    if plan.shelf.space_weather:
        workspace.keep_input(bind_input(plan.shelf.space_weather))
    listener = listener or SilentListener()
    outcomes = []
    for number, planned in enumerate(plan.studies, 1):
        progress = listener.begin(planned, number, len(plan.studies))
        outcome = _run_study(plan, planned, workspace, keys[planned.study.owner], executor, progress)
        listener.end(outcome)
        outcomes.append(outcome)
    good = [outcome.study for outcome in outcomes if outcome.status != FAILED]
    release_products(plan.file.programme, good, workspace, keys)
    write_bytes(out / RUN_NAME, canonical_json(_describe_run(plan, outcomes)).encode() + b"\n")
    return tuple(outcomes)


def _run_study(
    plan: Plan,
    planned: PlannedStudy,
    workspace: Workspace,
    key: SigningKey,
    executor: Executor,
    progress: Progress,
) -> StudyOutcome:
    study, kind = planned.study, planned.kind
    begun = time.monotonic()

    def outcome(status: str, result: Mapping[str, object], error: SyzygyError | None = None) -> StudyOutcome:
        seconds = time.monotonic() - begun
        return StudyOutcome(study.id, study.kind, study.title, study.owner, status, seconds, result, error)

    try:
        almanac = plan.shelf.almanac(kind.needs)
        recipe = recipe_of(kind, planned.request, almanac)
        for file in input_files(planned.request):
            workspace.keep_input(file)
        place = workspace.product(study.id)
        about = {
            "programme": plan.file.programme.programme.id,
            "study": study.id,
            "owner": study.owner,
            "recipe_sha256": sha256_record(recipe),
        }
        if _is_current(place, key, about):
            return outcome(UNCHANGED, read_result(place))
        result = kind.compute_function()(planned.request, almanac, executor=executor, progress=progress)
        files = make_product(kind, result, recipe)
        replace_directory(place, {**files, MANIFEST_NAME: seal_manifest(files, about, key)})
        return outcome(COMPUTED, read_result(place))
    except SyzygyError as error:
        return outcome(FAILED, {}, error)


def _describe_input(path: Path | None) -> dict[str, str]:
    file = bind_input(path) if path else None
    return {"name": file.name, "sha256": file.sha256} if file else {}


def read_result(place: Path) -> dict[str, object]:
    """Return key figures, narrative and tables of a product directory."""
    path = place / RESULT_NAME
    return read_object(path.read_bytes(), where=str(path))


def _is_current(place: Path, key: SigningKey, about: Mapping[str, object]) -> bool:
    """Return whether the product is of this very recipe, signed by this key, and whole."""
    if not (place / PROVENANCE_NAME).is_file():
        return False
    try:
        manifest = open_manifest(read_manifest_file(place), [key.public], where=str(place))
        return (
            manifest.signer == key.public.partner
            and manifest.about == about
            and not check_files(place, manifest)
        )
    except SyzygyError:
        return False


def _describe_run(plan: Plan, outcomes: list[StudyOutcome]) -> dict[str, object]:
    return {
        "format": "syzygy-run/1",
        "programme": {
            "id": plan.file.programme.programme.id,
            "file": plan.file.path.name,
            "sha256": plan.file.sha256,
        },
        "partners": list(plan.file.programme.partner_ids),
        "almanac": {
            "predictions": plan.shelf.predictions,
            "space_weather": _describe_input(plan.shelf.space_weather),
        },
        "studies": [
            {"id": o.study, "kind": o.kind, "owner": o.owner, "status": "failed" if o.error else "done"}
            for o in outcomes
        ],
    }
