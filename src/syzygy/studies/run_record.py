"""``run.json``: what a run was of, what it left and released, so that a gap or a stranger is seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from syzygy.base.errors import FormatError
from syzygy.base.hashing import canonical_json
from syzygy.base.storage import read_bytes, write_bytes
from syzygy.exchange.strict_json import MAX_JSON_BYTES, read_object

RUN_NAME = "run.json"
_FORMAT = "syzygy-run/1"
_STUDY_KEYS = ("kind", "owner", "status", "recipe_sha256")


@dataclass(frozen=True)
class StudyRecord:
    """One study of a run.

    Attributes
    ----------
    kind, owner : str
        From the programme file.
    status : str
        ``done`` or ``failed``.
    recipe_sha256 : str
        The recipe of its product; empty when failed.
    """

    kind: str
    owner: str
    status: str
    recipe_sha256: str


@dataclass(frozen=True)
class RunRecord:
    """What a run was of and what it left.

    Attributes
    ----------
    programme : str
        Identifier of the programme.
    file, file_sha256 : str
        Name and hash of the programme file.
    studies : mapping
        Study to its record.
    released : mapping
        ``<partner>/from-<owner>`` to the studies that lie there.
    """

    programme: str
    file: str
    file_sha256: str
    studies: Mapping[str, StudyRecord] = field(default_factory=dict)
    released: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def write_run_record(root: Path, record: RunRecord) -> None:
    """Write ``run.json`` into the directory of a run."""
    described = {
        "format": _FORMAT,
        "programme": {"id": record.programme, "file": record.file, "sha256": record.file_sha256},
        "studies": [
            {"id": name, **{key: getattr(study, key) for key in _STUDY_KEYS}}
            for name, study in record.studies.items()
        ],
        "released": {place: list(studies) for place, studies in record.released.items()},
    }
    write_bytes(root / RUN_NAME, canonical_json(described).encode() + b"\n")


def read_run_record(root: Path) -> RunRecord | None:
    """Read the record of a run directory; None when there is none.

    Raises
    ------
    FormatError
        The file is not a record of a run.
    """
    path = root / RUN_NAME
    if not path.is_file():
        return None
    content = read_object(read_bytes(path, limit=MAX_JSON_BYTES), where=str(path))
    programme, studies, released = (content.get(key) for key in ("programme", "studies", "released"))
    if (
        content.get("format") != _FORMAT
        or not isinstance(programme, dict)
        or not isinstance(studies, list)
        or not isinstance(released, dict)
        or not all(isinstance(study, dict) for study in studies)
        or not all(isinstance(names, list) for names in released.values())
    ):
        raise FormatError(
            "not the record of a run",
            value=content.get("format"),
            allowed=_FORMAT,
            where=str(path),
            hint="run the programme again, it writes a new one",
        )
    identifier, file, sha256 = (str(programme.get(key, "")) for key in ("id", "file", "sha256"))
    return RunRecord(
        identifier,
        file,
        sha256,
        {str(s.get("id")): StudyRecord(*(str(s.get(k, "")) for k in _STUDY_KEYS)) for s in studies},
        {str(place): tuple(map(str, names)) for place, names in released.items()},
    )
