"""Products: the files that a study leaves, and the recipe that says when they are still good."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from syzygy import __version__
from syzygy.base.errors import DefectError
from syzygy.base.hashing import canonical_json, sha256_bytes, sha256_record
from syzygy.base.requests import describe_request, input_files
from syzygy.base.results import StudyResult
from syzygy.base.study import StudyKind
from syzygy.base.tables import Table

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from syzygy.astro.almanac import Almanac

PROVENANCE_NAME = "provenance.json"
RESULT_NAME = "result.json"
MESSAGES_FOLDER, PICTURES_FOLDER = "messages", "pictures"
THEMES = ("light", "dark")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}")


@lru_cache(maxsize=1)
def code_sha256() -> str:
    """Return a hash over all source files of the package: the exact code version."""
    parts = sorted(_sources(resources.files("syzygy"), ""))
    return sha256_bytes("\n".join(f"{name} {digest}" for name, digest in parts).encode())


def recipe_of(kind: StudyKind, request: object, almanac: Almanac) -> dict[str, object]:
    """Return everything a product depends on: kind, request, inputs, Almanac, code."""
    return {
        "study": kind.name,
        "request": describe_request(request),
        "inputs": [
            {"name": file.name, "sha256": file.sha256, "size": file.size} for file in input_files(request)
        ],
        "almanac": {
            "sha256": almanac.sha256,
            "sources": [
                {"part": s.part, "name": s.name, "version": s.version, "sha256": s.sha256}
                for s in almanac.sources
            ],
            "policies": dict(almanac.policies),
        },
        "code": {"version": __version__, "sha256": code_sha256()},
    }


def make_product(kind: StudyKind, result: StudyResult, recipe: Mapping[str, object]) -> dict[str, bytes]:
    """Return the files of a product by name: tables, pictures, messages, key figures and provenance."""
    from syzygy.formats.tabular import encode_table

    files = {f"{table.name}.parquet": encode_table(table, "parquet") for table in result.tables()}
    files.update(draw_pictures(kind, result))
    files.update(make_messages(kind, result))
    files[RESULT_NAME] = _json(describe_result(result))
    files[PROVENANCE_NAME] = _json(describe_provenance(result, recipe))
    return files


def draw_pictures(kind: StudyKind, result: StudyResult) -> dict[str, bytes]:
    """Return the pictures of a result by file name, each in every theme; the further ones in their folder."""
    draw = kind.draw_function()
    drawn = {f"picture-{theme}.svg": draw(result, theme) for theme in THEMES}
    for theme in THEMES:
        for number, (name, content) in enumerate(kind.draw_further(result, theme).items(), 1):
            drawn[f"{PICTURES_FOLDER}/{number:02d}-{_plain(name, kind)}-{theme}.svg"] = content
    return drawn


def make_messages(kind: StudyKind, result: StudyResult) -> dict[str, bytes]:
    """Return the messages of a result by their place in the product."""
    made = kind.make_messages(result)
    return {f"{MESSAGES_FOLDER}/{_plain(name, kind)}": content for name, content in sorted(made.items())}


def drawing_version() -> str:
    """Return what pictures are drawn with here; another version may give other bytes."""
    from importlib.metadata import version

    return f"matplotlib {version('matplotlib')}"


def describe_provenance(result: StudyResult, recipe: Mapping[str, object]) -> dict[str, object]:
    """Return the recipe with its hash, the models of the result and what drew the pictures."""
    return {
        **recipe,
        "models": dict(result.provenance.models),
        "recipe_sha256": sha256_record(recipe),
        "drawn_with": drawing_version(),
    }


def describe_result(result: StudyResult) -> dict[str, object]:
    """Return key figures, narrative and the columns of the tables as plain values."""
    narrative = result.narrative()
    return {
        "key_figures": [
            {"label": figure.label, "value": figure.value, "unit": figure.unit}
            for figure in result.key_figures()
        ],
        "narrative": {
            "inputs": narrative.inputs,
            "models": narrative.models,
            "validity": narrative.validity,
            "limits": narrative.limits,
        },
        "tables": [_describe_table(table) for table in result.tables()],
    }


def _plain(name: str, kind: StudyKind) -> str:
    if not _PLAIN_NAME.fullmatch(name):
        raise DefectError("a file of a product has no plain name", value=name, where=kind.name)
    return name


def _describe_table(table: Table) -> dict[str, object]:
    return {
        "name": table.name,
        "description": table.description,
        "rows": len(table),
        "columns": [
            {
                "name": col.name,
                "unit": col.unit,
                "description": col.description,
                "tolerance": col.tolerance,
            }
            for col in table.columns
        ],
    }


def _json(value: Mapping[str, object]) -> bytes:
    return canonical_json(value).encode() + b"\n"


def _sources(directory: Traversable, prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for entry in directory.iterdir():
        name = f"{prefix}{entry.name}"
        if entry.is_dir() and entry.name != "__pycache__":
            found.extend(_sources(entry, f"{name}/"))
        elif entry.is_file() and not entry.name.endswith((".pyc", ".nbi", ".nbc")):
            found.append((name, sha256_bytes(entry.read_bytes())))
    return found
