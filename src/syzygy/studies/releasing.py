"""Writing one folder per partner with exactly the products that this partner may have."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence

from syzygy.exchange.keys import SigningKey
from syzygy.exchange.manifest import MANIFEST_NAME, seal_manifest
from syzygy.exchange.release import ReleaseDecision, decide_release
from syzygy.programme.records import Programme
from syzygy.studies.workspace import Workspace, read_directory, replace_directory


def release_products(
    programme: Programme, studies: Sequence[str], workspace: Workspace, keys: Mapping[str, SigningKey]
) -> tuple[ReleaseDecision, ...]:
    """Write ``partners/<partner>/from-<owner>`` for every pair and return every decision.

    Products that a partner may no longer have are removed from its folder.
    """
    decisions = [d for study in programme.study for d in decide_release(programme, study)]
    owners = {study.id: study.owner for study in programme.study}
    for partner in programme.partner_ids:
        allowed = [d.study for d in decisions if d.allowed and d.partner == partner and d.study in studies]
        folder = workspace.partner(partner)
        for owner in sorted(set(owners.values())):
            place = folder / f"from-{owner}"
            names = [name for name in allowed if owners[name] == owner]
            if names:
                files = _collect(workspace, names)
                about = {
                    "programme": programme.programme.id,
                    "owner": owner,
                    "recipient": partner,
                    "studies": names,
                    "reasons": {
                        d.study: d.reason for d in decisions if d.partner == partner and d.study in names
                    },
                }
                replace_directory(place, {**files, MANIFEST_NAME: seal_manifest(files, about, keys[owner])})
            elif place.exists():
                shutil.rmtree(place)
    return tuple(decisions)


def _collect(workspace: Workspace, names: Sequence[str]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for name in names:
        for path, content in read_directory(workspace.product(name)).items():
            if path != MANIFEST_NAME:
                files[f"{name}/{path}"] = content
    return files
