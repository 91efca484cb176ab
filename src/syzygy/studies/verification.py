"""Verification: every product computed again from its recorded inputs, and a verdict on each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from syzygy.base.errors import FormatError, IntegrityError, StorageError, SyzygyError
from syzygy.base.execution import SERIAL, Executor
from syzygy.base.hashing import sha256_record
from syzygy.base.study import StudyKind
from syzygy.exchange.comparison import DIFFERENT, IDENTICAL, WITHIN
from syzygy.exchange.keys import PublicKey
from syzygy.exchange.manifest import (
    MANIFEST_NAME,
    FileFault,
    Manifest,
    check_files,
    open_manifest,
    read_manifest_file,
    walk_tree,
)
from syzygy.studies.almanacs import AlmanacShelf
from syzygy.studies.products import PROVENANCE_NAME
from syzygy.studies.recomputing import NOT_VERIFIABLE, Answer, read_provenance, recompute_product
from syzygy.studies.run_record import RUN_NAME, RunRecord, read_run_record
from syzygy.studies.workspace import LOCK_NAME, Workspace

if TYPE_CHECKING:
    from syzygy.astro.almanac import Almanac

_STUDY_ID = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")


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
    recipient : str
        To whom the signed statement gives it; empty for the owner's own product.
    """

    product: str
    verdict: str
    signer: str
    details: tuple[str, ...]
    recipient: str = ""

    @property
    def good(self) -> bool:
        """Whether the product stands: computed again and signed by its owner's known key."""
        return self.verdict in (IDENTICAL, WITHIN) and bool(self.signer)


@dataclass
class Verifier:
    """Verifies products with one set of trusted keys and one store of inputs.

    Attributes
    ----------
    trusted : sequence of PublicKey
        The keys of known partners.
    workspace : Workspace
        The run that the products belong to, and where inputs are kept by hash.
    run : RunRecord or None
        What the run says it left; None for a folder on its own.
    executor : Executor
        How studies are computed.
    """

    trusted: Sequence[PublicKey]
    workspace: Workspace
    run: RunRecord | None = None
    executor: Executor = SERIAL
    _known: dict[str, Answer] = field(default_factory=dict)
    _shelves: dict[tuple[bool, Path | None], AlmanacShelf] = field(default_factory=dict)

    def verify(self, directory: Path) -> Iterator[Verdict]:
        """Verify every product below a directory (a run, a partner's folder or one product).

        Raises
        ------
        FormatError
            There is nothing to verify.
        """
        tree = list(walk_tree(directory))
        places = sorted({(directory / name).parent for name, _ in tree if Path(name).name == MANIFEST_NAME})
        absent = list(self._missing(directory))
        if not places and not absent:
            raise FormatError(
                "there is nothing to verify here",
                value="no manifest",
                allowed="a directory of `syzygy run`, or a partner's folder",
                where=str(directory),
                hint="run a programme first",
            )
        for place in places:
            name = place.relative_to(directory).as_posix() if place != directory else place.resolve().name
            yield from self._verify_bundle(place, name)
        yield from absent

    def _missing(self, directory: Path) -> Iterator[Verdict]:
        """Yield a verdict on everything below the directory that the run left and that is gone."""
        below, root = directory.resolve(), self.workspace.root.resolve()
        due = (
            [f"products/{name}" for name, s in self.run.studies.items() if s.status == "done"]
            if self.run
            else []
        )
        due += [f"partners/{place}" for place in self.run.released] if self.run else []
        for name in due:
            place = root / name
            if place.is_relative_to(below) and not (place / MANIFEST_NAME).exists():
                text = f"is missing: {RUN_NAME} lists it"
                yield Verdict(place.relative_to(below).as_posix(), NOT_VERIFIABLE, "", (text,))

    def _verify_bundle(self, place: Path, name: str) -> Iterator[Verdict]:
        try:
            manifest = open_manifest(read_manifest_file(place), self.trusted, where=f"{name}/{MANIFEST_NAME}")
            parts = _parts(manifest, name)
        except IntegrityError as error:
            yield Verdict(name, DIFFERENT, "", (str(error),))
            return
        except SyzygyError as error:
            yield Verdict(name, NOT_VERIFIABLE, "", (str(error),))
            return
        faults = check_files(place, manifest)
        claims = self._false_claims(place, manifest)
        for part in parts:
            mine = [f for f in faults if not part or f.path.startswith(f"{part}/")]
            if part == parts[0]:
                mine += [f for f in faults if part and f.path.split("/")[0] not in parts]
            folder = f"{name}/{part}".rstrip("/")
            yield self._verify_product(place / part, folder, manifest, mine, claims)

    def _verify_product(
        self, place: Path, name: str, manifest: Manifest, faults: Sequence[FileFault], claims: Sequence[str]
    ) -> Verdict:
        claims = [*claims, *_false_recipe(place, manifest)]
        notes = [*claims, *(_explain_fault(fault) for fault in faults)]
        if not manifest.signer:
            notes.insert(0, f"signed by a key that is not trusted here: {manifest.key_id[:12]}")
        files = _files_of(manifest, place.name)
        identity = sha256_record(files)
        answer = self._known.get(identity) if not faults else None
        if answer is None:
            answer = recompute_product(place, files, self.workspace, self._almanac, self.executor)
            if not faults:
                self._known[identity] = answer
        verdict = DIFFERENT if faults or claims else answer.verdict
        recipient = str(manifest.about.get("recipient", ""))
        return Verdict(name, verdict, manifest.signer or "", (*notes, *answer.details), recipient)

    def _false_claims(self, place: Path, manifest: Manifest) -> list[str]:
        """Return where the signed statement does not fit its signer, its folder or its run."""
        about, place = manifest.about, place.resolve()
        said = {key: str(about.get(key, "")) for key in ("owner", "recipient", "programme", "study")}
        claims = []
        if manifest.signer and said["owner"] != manifest.signer:
            claims.append(f"signed by {manifest.signer}, but says it belongs to {said['owner'] or 'nobody'}")
        due = {}
        if "study" in about and place.parent.name == "products":
            due["study"] = place.name
        if "studies" in about and place.name.startswith("from-"):
            due["owner"] = place.name.removeprefix("from-")
        if "studies" in about and place.parent.parent.name == "partners":
            due["recipient"] = place.parent.name
        if self.run and place.is_relative_to(self.workspace.root.resolve()):
            due["programme"] = self.run.programme
            claims += self._strange_to_the_run(place, manifest, self.run)
        claims += [f"lies as {key} {due[key]}, signed as {said[key]}" for key in due if due[key] != said[key]]
        return claims

    def _strange_to_the_run(self, place: Path, manifest: Manifest, run: RunRecord) -> list[str]:
        """Return what does not fit the record of the run: a stranger, another owner, an older recipe."""
        about = manifest.about
        found = []
        given = about.get("programme_sha256", run.file_sha256)
        if given != run.file_sha256:
            found.append("released under another version of the programme file")
        for study, recipe in sorted(_recipes(manifest).items()):
            record = run.studies.get(study)
            if record is None:
                found.append(f"{study} is no study of this run")
            elif record.status != "done":
                found.append(f"{study} failed in this run: the product is of an earlier one")
            elif record.recipe_sha256 != recipe:
                found.append(f"{study} has another recipe in this run: the product is of an earlier one")
            elif record.owner != about.get("owner"):
                found.append(f"{study} belongs to {record.owner} in this run")
        listed = run.released.get(f"{place.parent.name}/{place.name}")
        if "studies" in about and list(listed or ()) != about["studies"]:
            found.append("the run released other studies here")
        return found

    def _almanac(self, kind: StudyKind, recorded: Mapping[str, object]) -> Almanac:
        """Return an Almanac by the recorded policy, with the recorded space weather if its file is kept."""
        policies, sources = recorded.get("policies"), recorded.get("sources")
        predictions = isinstance(policies, dict) and policies.get("predictions") == "allowed"
        hashes = [
            str(source.get("sha256"))
            for source in (sources if isinstance(sources, list) else ())
            if isinstance(source, dict) and source.get("part") == "space_weather"
        ]
        weather = self.workspace.find_by_hash(hashes[0]) if hashes else None
        shelf = self._shelves.setdefault((predictions, weather), AlmanacShelf(weather, predictions))
        return shelf.almanac(kind.needs)


def open_verifier(
    directory: Path,
    trusted: Sequence[PublicKey],
    *,
    inputs: Path | None = None,
    executor: Executor = SERIAL,
) -> Verifier:
    """Return a verifier for a directory; the run it belongs to gives the inputs, unless they are named.

    Raises
    ------
    StorageError
        A directory does not exist.
    """
    for place, allowed in ((directory, "the --out of a run"), (inputs, "the `inputs` of a run")):
        if place is not None and not place.is_dir():
            raise StorageError("there is no such directory", value=place, allowed=allowed)
    place = directory.resolve()
    root = next((d for d in (place, *place.parents) if _is_run_of(d, place)), place)
    return Verifier(trusted, Workspace(root, inputs), read_run_record(root), executor)


def _is_run_of(directory: Path, place: Path) -> bool:
    """Return whether a directory is the run that a place belongs to; a stray ``run.json`` above is none.

    A run that was stopped before it could write its record is known by its lock.
    """
    below = place.relative_to(directory).parts
    marked = any((directory / name).is_file() for name in (RUN_NAME, LOCK_NAME))
    return marked and (not below or below[0] in ("products", "partners"))


def _parts(manifest: Manifest, where: str) -> list[str]:
    """Return the studies of a partner's folder, or one empty name for a single product."""
    studies = manifest.about.get("studies")
    if studies is None and "study" in manifest.about:
        return [""]
    named = [str(study) for study in studies] if isinstance(studies, list) else []
    strays = sorted(name for name in manifest.files if name.split("/")[0] not in named or "/" not in name)
    if not named or len(set(named)) != len(named) or not all(map(_STUDY_ID.fullmatch, named)) or strays:
        raise FormatError(
            "the manifest does not say to which study each file belongs",
            value=", ".join(strays[:3]) or repr(studies)[:80],
            allowed="one product, or every file in the folder of a study that is listed once",
            where=where,
            hint="do not use this bundle",
        )
    return named


def _recipes(manifest: Manifest) -> dict[str, object]:
    """Return the signed recipe hash of each study."""
    about = manifest.about
    recipes = about.get("recipes")
    return (
        dict(recipes) if isinstance(recipes, dict) else {str(about.get("study")): about.get("recipe_sha256")}
    )


def _false_recipe(place: Path, manifest: Manifest) -> list[str]:
    """Return a complaint when the product's record is not of the recipe that the statement signs."""
    study = str(manifest.about.get("study", place.name))
    try:
        recorded = read_provenance(place).get("recipe_sha256")
    except SyzygyError:
        return []
    return (
        []
        if recorded == _recipes(manifest).get(study)
        else [f"{PROVENANCE_NAME} is not of the signed recipe"]
    )


def _explain_fault(fault: FileFault) -> str:
    if fault.path.endswith(PROVENANCE_NAME):
        return f"the recorded request or recipe ({fault.path}) {fault.what}"
    return f"{fault.path} {fault.what}"


def _files_of(manifest: Manifest, folder: str) -> dict[str, str]:
    """Return hashes by file name within the product, for the run's copy and the partner's alike."""
    single = "study" in manifest.about
    return {
        path if single else path.removeprefix(f"{folder}/"): digest
        for path, digest in manifest.files.items()
        if single or path.startswith(f"{folder}/")
    }
