"""The run: each study computed, kept, signed and released; only what changed is computed again."""

from __future__ import annotations

import shutil
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from syzygy.base.errors import DefectError, StorageError, SyzygyError
from syzygy.base.execution import SERIAL, Executor
from syzygy.base.hashing import sha256_record
from syzygy.base.progress import SILENT, Progress
from syzygy.base.provenance import bind_input
from syzygy.base.requests import input_files
from syzygy.base.storage import explain_failure
from syzygy.exchange.keys import SigningKey
from syzygy.exchange.manifest import (
    MANIFEST_NAME,
    check_files,
    open_manifest,
    read_manifest_file,
    seal_manifest,
)
from syzygy.exchange.strict_json import read_object
from syzygy.studies.interruption import Interruption, watch_interruption
from syzygy.studies.planning import Plan, PlannedStudy
from syzygy.studies.products import PROVENANCE_NAME, RESULT_NAME, make_product, recipe_of
from syzygy.studies.releasing import release_products
from syzygy.studies.run_record import RunRecord, StudyRecord, read_run_record, write_run_record
from syzygy.studies.workspace import Workspace, replace_directory

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
    recipe_sha256 : str
        The recipe of the product; empty when failed.
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
    recipe_sha256: str = ""
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
    listener = listener or SilentListener()
    with workspace.occupied(), watch_interruption() as interruption:
        _require_same_programme(plan, out)
        if plan.shelf.space_weather:
            workspace.keep_input(bind_input(plan.shelf.space_weather))
        outcomes = []
        for number, planned in enumerate(plan.studies, 1):
            progress = listener.begin(planned, number, len(plan.studies))
            key = keys[planned.study.owner]
            outcome = _run_study(plan, planned, workspace, key, executor, progress, interruption)
            interruption.obey()
            listener.end(outcome)
            outcomes.append(outcome)
        _remove_stale_products(plan, workspace)
        recipes = {outcome.study: outcome.recipe_sha256 for outcome in outcomes if outcome.status != FAILED}
        released = release_products(plan.file, recipes, workspace, keys)
        write_run_record(out, _record(plan, outcomes, released))
    return tuple(outcomes)


def _require_same_programme(plan: Plan, out: Path) -> None:
    """Refuse the directory of another programme, whose products would be removed."""
    try:
        record = read_run_record(out)
    except SyzygyError:
        return
    mine = plan.file.programme.programme.id
    if record and record.programme != mine:
        raise StorageError(
            "the output directory belongs to another programme",
            value=record.programme,
            allowed=mine,
            where=str(out),
            hint="choose another --out",
        )


def _remove_stale_products(plan: Plan, workspace: Workspace) -> None:
    """Remove signed products of studies that the programme no longer has."""
    due = {planned.study.id for planned in plan.studies}
    for place in sorted(workspace.products.glob("*")):
        if place.name not in due and (place / MANIFEST_NAME).is_file():
            shutil.rmtree(place)


def _run_study(
    plan: Plan,
    planned: PlannedStudy,
    workspace: Workspace,
    key: SigningKey,
    executor: Executor,
    progress: Progress,
    interruption: Interruption,
) -> StudyOutcome:
    """Compute, or take from the cache, one study; whatever goes wrong is its outcome, not the run's end."""
    study, begun = planned.study, time.monotonic()
    result: Mapping[str, object] = {}
    recipe_sha256, problem = "", None
    try:
        status, recipe_sha256 = _keep_current(plan, planned, workspace, key, executor, progress)
        result = read_result(workspace.product(study.id))
    except SyzygyError as error:
        problem = error
    except OSError as error:
        problem = explain_failure(error, Path(str(error.filename or workspace.root)))
    except Exception as error:
        interruption.obey()
        traceback.print_exc()
        problem = DefectError(f"{type(error).__name__}: {error}", where=f"study {study.id}")
    if problem:
        status, recipe_sha256 = FAILED, ""
    seconds = time.monotonic() - begun
    return StudyOutcome(
        study.id, study.kind, study.title, study.owner, status, seconds, result, recipe_sha256, problem
    )


def _keep_current(
    plan: Plan,
    planned: PlannedStudy,
    workspace: Workspace,
    key: SigningKey,
    executor: Executor,
    progress: Progress,
) -> tuple[str, str]:
    """Make sure that the product of today's recipe is in place; returns (status, recipe hash)."""
    study, kind = planned.study, planned.kind.for_request(planned.request)
    almanac = plan.shelf.almanac(kind.needs)
    recipe = recipe_of(kind, planned.request, almanac)
    recipe_sha256 = sha256_record(recipe)
    for file in input_files(planned.request):
        workspace.keep_input(file)
    place = workspace.product(study.id)
    about = {
        "programme": plan.file.programme.programme.id,
        "study": study.id,
        "owner": study.owner,
        "recipe_sha256": recipe_sha256,
    }
    if _is_current(place, key, about):
        return UNCHANGED, recipe_sha256
    result = kind.compute_function()(planned.request, almanac, executor=executor, progress=progress)
    files = make_product(kind, result, recipe)
    replace_directory(place, {**files, MANIFEST_NAME: seal_manifest(files, about, key)})
    return COMPUTED, recipe_sha256


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


def _record(
    plan: Plan, outcomes: Sequence[StudyOutcome], released: Mapping[str, tuple[str, ...]]
) -> RunRecord:
    file = plan.file
    studies = {
        o.study: StudyRecord(o.kind, o.owner, "failed" if o.error else "done", o.recipe_sha256)
        for o in outcomes
    }
    return RunRecord(file.programme.programme.id, file.path.name, file.sha256, studies, released)
