"""Verification: every product computed again from its recorded inputs, and a verdict on each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

from syzygy.base.errors import FormatError, IntegrityError, MissingDataError, StorageError, SyzygyError
from syzygy.base.execution import SERIAL, Executor
from syzygy.base.hashing import canonical_json, sha256_record
from syzygy.base.progress import SILENT
from syzygy.base.requests import restore_request
from syzygy.base.results import StudyResult
from syzygy.base.storage import read_bytes
from syzygy.exchange.comparison import DIFFERENT, IDENTICAL, WITHIN, compare_tables
from syzygy.exchange.keys import PublicKey
from syzygy.exchange.manifest import (
    MANIFEST_NAME,
    FileFault,
    Manifest,
    check_files,
    open_manifest,
    read_manifest_file,
)
from syzygy.exchange.strict_json import MAX_JSON_BYTES, read_object
from syzygy.studies.almanacs import AlmanacShelf
from syzygy.studies.kinds import find_kind
from syzygy.studies.products import PROVENANCE_NAME, RESULT_NAME, describe_result
from syzygy.studies.workspace import RUN_NAME, Workspace

if TYPE_CHECKING:
    from syzygy.astro.almanac import Almanac

NOT_VERIFIABLE = "not verifiable"
_RECIPE_KEYS = ("study", "request", "inputs", "almanac", "code")


@dataclass(frozen=True)
class Verdict:
    """What verification says of one product.

    Attributes
    ----------
    product : str
        Folder relative to the verified directory.
    verdict : str
        ``identical``, ``within tolerance``, ``different`` or ``not verifiable``.
    signer : str
        Whose trusted key signed it; empty when the key is not trusted here.
    details : tuple of str
        Where it differs and by how much, or why it cannot be verified.
    """

    product: str
    verdict: str
    signer: str
    details: tuple[str, ...]

    @property
    def good(self) -> bool:
        """Whether the product stands: computed again and signed by a known key."""
        return self.verdict in (IDENTICAL, WITHIN) and bool(self.signer)


@dataclass
class Verifier:
    """Verifies products with one set of trusted keys, one Almanac shelf and one store of inputs.

    Attributes
    ----------
    trusted : sequence of PublicKey
        The keys of known partners.
    shelf : AlmanacShelf
        Where the Almanac of each study comes from.
    workspace : Workspace
        Where inputs are kept by hash.
    executor : Executor
        How studies are computed.
    """

    trusted: Sequence[PublicKey]
    shelf: AlmanacShelf
    workspace: Workspace
    executor: Executor = SERIAL
    _known: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)

    def verify(self, directory: Path) -> Iterator[Verdict]:
        """Verify every product below a directory (a run, a partner's folder or one product).

        Raises
        ------
        FormatError
            There is nothing to verify.
        """
        places = sorted({path.parent for path in directory.rglob(MANIFEST_NAME)})
        if not places:
            raise FormatError(
                "there is nothing to verify here",
                value="no manifest",
                allowed="a directory of `syzygy run`, or a partner's folder",
                where=str(directory),
                hint="run a programme first",
            )
        for place in places:
            name = place.relative_to(directory).as_posix() if place != directory else place.name
            yield from self._verify_bundle(place, name)

    def _verify_bundle(self, place: Path, name: str) -> Iterator[Verdict]:
        try:
            manifest = open_manifest(read_manifest_file(place), self.trusted, where=f"{name}/{MANIFEST_NAME}")
        except IntegrityError as error:
            yield Verdict(name, DIFFERENT, "", (str(error),))
            return
        except SyzygyError as error:
            yield Verdict(name, NOT_VERIFIABLE, "", (str(error),))
            return
        faults = check_files(place, manifest)
        studies = manifest.about.get("studies")
        parts = [str(part) for part in studies] if isinstance(studies, list) else [""]
        for part in parts:
            mine = [f for f in faults if not part or f.path.startswith(f"{part}/")]
            if part == parts[0]:
                mine += [f for f in faults if part and f.path.split("/")[0] not in parts]
            yield self._verify_product(place / part, f"{name}/{part}".rstrip("/"), manifest, mine)

    def _verify_product(
        self, place: Path, name: str, manifest: Manifest, faults: Sequence[FileFault]
    ) -> Verdict:
        notes = [_explain_fault(fault) for fault in faults]
        if not manifest.signer:
            notes.insert(0, f"signed by a key that is not trusted here: {manifest.key_id[:12]}")
        identity = sha256_record(_digests(manifest, place.name))
        if faults or identity not in self._known:
            answer = self._recompute(place)
            if not faults:
                self._known[identity] = answer
        else:
            answer = self._known[identity]
        verdict = DIFFERENT if faults else answer[0]
        return Verdict(name, verdict, manifest.signer or "", (*notes, *answer[1]))

    def _recompute(self, place: Path) -> tuple[str, tuple[str, ...]]:
        """Compute a product again and compare; returns (verdict, details)."""
        try:
            path = place / PROVENANCE_NAME
            recorded = read_object(read_bytes(path, limit=MAX_JSON_BYTES), where=str(path))
            if not _recipe_fits(recorded):
                return DIFFERENT, ("the recorded recipe hash does not belong to the recorded request",)
            kind = find_kind(str(recorded.get("study")))
            described = cast(dict[str, object], recorded["request"])
            request: object = restore_request(kind.request_class(), described, self.workspace.find_input)
            almanac = self.shelf.almanac(kind.needs)
            _require_same_almanac(recorded, almanac)
            result = kind.compute_function()(request, almanac, executor=self.executor, progress=SILENT)
            verdict, details = _compare_products(place, result)
            return verdict, (*details, *_compare_code(recorded))
        except SyzygyError as error:
            return NOT_VERIFIABLE, (str(error),)


def open_verifier(
    directory: Path,
    trusted: Sequence[PublicKey],
    *,
    inputs: Path | None = None,
    executor: Executor = SERIAL,
) -> Verifier:
    """Return a verifier for a directory; the run it belongs to gives inputs, space weather and policy.

    Raises
    ------
    StorageError
        The directory does not exist.
    """
    if not directory.is_dir():
        raise StorageError("there is no such directory", value=directory, allowed="the --out of a run")
    place = directory.resolve()
    root = next((d for d in (place, *place.parents) if (d / RUN_NAME).is_file()), place)
    workspace = Workspace(inputs.parent if inputs else root)
    shelf = AlmanacShelf()
    if (root / RUN_NAME).is_file():
        run = read_object(read_bytes(root / RUN_NAME, limit=MAX_JSON_BYTES), where=RUN_NAME)
        choice = run.get("almanac")
        if isinstance(choice, dict):
            weather = choice.get("space_weather")
            shelf.predictions = choice.get("predictions") is True
            if isinstance(weather, dict) and weather:
                shelf.space_weather = workspace.find_input(str(weather["name"]), str(weather["sha256"])).path
    return Verifier(trusted, shelf, workspace, executor)


def _compare_products(place: Path, result: StudyResult) -> tuple[str, tuple[str, ...]]:
    from syzygy.formats.tabular import decode_table, encode_table

    verdict = IDENTICAL
    details: list[str] = []
    for table in result.tables():
        content = read_bytes(place / f"{table.name}.parquet")
        if content == encode_table(table, "parquet"):
            continue
        comparison = compare_tables(decode_table(content, "parquet"), table)
        if comparison.verdict == DIFFERENT:
            return DIFFERENT, (f"table {table.name}: {comparison.detail}",)
        if comparison.verdict == WITHIN:
            verdict = WITHIN
            details.append(f"table {table.name}: {comparison.detail}")
    kept = read_object(read_bytes(place / RESULT_NAME, limit=MAX_JSON_BYTES), where=RESULT_NAME)
    if verdict == IDENTICAL and canonical_json(kept) != canonical_json(describe_result(result)):
        return DIFFERENT, (f"{RESULT_NAME} does not say what the tables say",)
    return verdict, tuple(details)


def _explain_fault(fault: FileFault) -> str:
    if fault.path.endswith(PROVENANCE_NAME):
        return f"the recorded request or recipe ({fault.path}) {fault.what}"
    return f"{fault.path} {fault.what}"


def _digests(manifest: Manifest, folder: str) -> dict[str, str]:
    """Return hashes by file name within the product, for the run's copy and the partner's alike."""
    return {
        path.removeprefix(f"{folder}/"): digest
        for path, digest in manifest.files.items()
        if "/" not in path or path.startswith(f"{folder}/")
    }


def _require_same_almanac(recorded: Mapping[str, object], almanac: Almanac) -> None:
    then = cast(dict[str, object], recorded.get("almanac") or {})
    if then.get("sha256") == almanac.sha256:
        return
    now = {source.name: source.sha256 for source in almanac.sources}
    sources = then.get("sources")
    old = {str(s.get("name")): str(s.get("sha256")) for s in sources} if isinstance(sources, list) else {}
    odd = sorted(name for name in {*now, *old} if now.get(name) != old.get(name))
    raise MissingDataError(
        "the Almanac here is another one",
        value=", ".join(odd) or "other policies",
        allowed="the Almanac of the recorded run",
        hint="install the same data sets: `syzygy data list` shows what is here",
    )


def _compare_code(recorded: Mapping[str, object]) -> list[str]:
    from syzygy.studies.products import code_sha256

    code = recorded.get("code")
    then = str(code.get("sha256")) if isinstance(code, dict) else ""
    if then == code_sha256():
        return []
    return [f"computed with other code: {then[:12]} then, {code_sha256()[:12]} here"]


def _recipe_fits(recorded: Mapping[str, object]) -> bool:
    """Return whether the recorded recipe hash belongs to the recorded recipe."""
    recipe = {key: recorded.get(key) for key in _RECIPE_KEYS}
    return recorded.get("recipe_sha256") == sha256_record(recipe)
