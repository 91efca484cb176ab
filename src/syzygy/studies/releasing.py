"""Writing one folder per partner with exactly the products that this partner may have."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence

from syzygy.exchange.keys import SigningKey
from syzygy.exchange.manifest import MANIFEST_NAME, seal_manifest
from syzygy.exchange.release import decide_release
from syzygy.programme.reading import ProgrammeFile
from syzygy.studies.workspace import Workspace, read_directory, replace_directory


def release_products(
    file: ProgrammeFile, recipes: Mapping[str, str], workspace: Workspace, keys: Mapping[str, SigningKey]
) -> dict[str, tuple[str, ...]]:
    """Write ``partners/<partner>/from-<owner>`` for every pair; remove every such folder that is not due.

    Parameters
    ----------
    file : ProgrammeFile
        The programme.
    recipes : mapping
        Finished study to the hash of its recipe.
    workspace : Workspace
        Where the products lie.
    keys : mapping
        Signing key of every owner.

    Returns
    -------
    dict
        ``<partner>/from-<owner>`` to the studies that lie there now.
    """
    programme = file.programme
    decisions = [d for study in programme.study for d in decide_release(programme, study) if d.allowed]
    owners = {study.id: study.owner for study in programme.study}
    released: dict[str, tuple[str, ...]] = {}
    for partner in programme.partner_ids:
        reasons = {d.study: d.reason for d in decisions if d.partner == partner and d.study in recipes}
        for owner in sorted(set(owners.values())):
            names = [name for name in reasons if owners[name] == owner]
            if not names:
                continue
            files = _collect(workspace, names)
            about = {
                "programme": programme.programme.id,
                "programme_sha256": file.sha256,
                "owner": owner,
                "recipient": partner,
                "studies": names,
                "recipes": {name: recipes[name] for name in names},
                "reasons": {name: reasons[name] for name in names},
            }
            place = workspace.partner(partner) / f"from-{owner}"
            replace_directory(place, {**files, MANIFEST_NAME: seal_manifest(files, about, keys[owner])})
            released[f"{partner}/{place.name}"] = tuple(names)
    _withdraw(workspace, set(released))
    return released


def _withdraw(workspace: Workspace, due: set[str]) -> None:
    """Remove folders of partners that no release stands for any more: a withdrawn study, another owner."""
    for place in sorted(workspace.partners.glob("*/from-*")):
        if f"{place.parent.name}/{place.name}" not in due:
            shutil.rmtree(place)
            if not any(place.parent.iterdir()):
                place.parent.rmdir()


def _collect(workspace: Workspace, names: Sequence[str]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for name in names:
        for path, content in read_directory(workspace.product(name)).items():
            if path != MANIFEST_NAME:
                files[f"{name}/{path}"] = content
    return files
