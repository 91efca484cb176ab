"""One product computed again from its recorded inputs, and compared file by file."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from syzygy.base.errors import MissingDataError, StorageError, SyzygyError
from syzygy.base.execution import Executor
from syzygy.base.hashing import canonical_json, sha256_record
from syzygy.base.progress import SILENT
from syzygy.base.requests import restore_request
from syzygy.base.results import StudyResult
from syzygy.base.storage import read_bytes
from syzygy.base.study import StudyKind
from syzygy.exchange.comparison import DIFFERENT, IDENTICAL, WITHIN, compare_tables
from syzygy.exchange.strict_json import MAX_JSON_BYTES, read_object
from syzygy.studies.kinds import find_kind
from syzygy.studies.products import (
    PROVENANCE_NAME,
    RESULT_NAME,
    code_sha256,
    describe_provenance,
    describe_result,
    draw_pictures,
    drawing_version,
    make_messages,
    recipe_of,
)
from syzygy.studies.workspace import Workspace

if TYPE_CHECKING:
    from syzygy.astro.almanac import Almanac

NOT_VERIFIABLE = "not verifiable"
_RECIPE_KEYS = ("study", "request", "inputs", "almanac", "code")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Answer:
    """What recomputing says of one product: the verdict and where, by how much, or why."""

    verdict: str
    details: tuple[str, ...] = ()


def recompute_product(
    place: Path,
    names: Collection[str],
    workspace: Workspace,
    find_almanac: Callable[[StudyKind, Mapping[str, object]], Almanac],
    executor: Executor,
) -> Answer:
    """Compute a product again and compare it with what was recorded.

    Parameters
    ----------
    place : Path
        The product.
    names : collection of str
        The files that its manifest names, relative to it.
    workspace : Workspace
        Where inputs are kept by hash.
    find_almanac : callable
        ``(kind, recorded Almanac) -> Almanac``.
    executor : Executor
        How it is computed.
    """
    try:
        recorded = read_provenance(place)
        recipe = {key: recorded.get(key) for key in _RECIPE_KEYS}
        if recorded.get("recipe_sha256") != sha256_record(recipe):
            return Answer(DIFFERENT, ("the recorded recipe hash does not belong to the recorded request",))
        kind = find_kind(str(recorded.get("study")))
        described = _mapping(recorded.get("request"))
        request: object = restore_request(kind.request_class(), described, workspace.find_input)
        kind = kind.for_request(request)
        almanac = find_almanac(kind, _mapping(recorded.get("almanac")))
        _require_same_almanac(_mapping(recorded.get("almanac")), almanac)
        result = kind.compute_function()(request, almanac, executor=executor, progress=SILENT)
        fresh = describe_provenance(result, recipe_of(kind, request, almanac))
        answer = _compare_product(place, names, kind, result, recorded, fresh)
        return Answer(answer.verdict, (*answer.details, *_compare_code(recorded)))
    except SyzygyError as error:
        return Answer(NOT_VERIFIABLE, (str(error),))
    except Exception as error:  # a strange record must not hide the verdicts on the other products
        return Answer(NOT_VERIFIABLE, (f"the computation broke on it: {type(error).__name__}: {error}",))


def read_provenance(place: Path) -> dict[str, object]:
    """Return the recorded recipe of a product.

    Raises
    ------
    StorageError
        It is missing or no plain file.
    FormatError
        It is not JSON.
    """
    path = place / PROVENANCE_NAME
    if path.is_symlink() or not path.is_file():
        raise StorageError("the product has no record of its recipe", value=path, allowed="a plain file")
    return read_object(read_bytes(path, limit=MAX_JSON_BYTES), where=str(path))


def _compare_product(
    place: Path,
    names: Collection[str],
    kind: StudyKind,
    result: StudyResult,
    recorded: Mapping[str, object],
    fresh: Mapping[str, object],
) -> Answer:
    tables = {f"{table.name}.parquet": table for table in result.tables()}
    messages = make_messages(kind, result)
    pictures = draw_pictures(kind, result)
    due = {*tables, *pictures, *messages, RESULT_NAME, PROVENANCE_NAME}
    faults = [f"{name} is missing" for name in sorted(due - set(names))]
    faults += [f"{name} is no part of this kind of product" for name in sorted(set(names) - due)]
    words = {**recorded, "code": None, "drawn_with": None, "recipe_sha256": None}
    faults += [
        f"{PROVENANCE_NAME}: {path} differs: recorded {old}, computed {new}"
        for path, old, new in _differences(words, {**fresh, **dict.fromkeys(("code", "drawn_with"))})
        if path != "recipe_sha256"
    ]
    if faults:
        return Answer(DIFFERENT, tuple(faults))
    answer = _compare_tables(place, result)
    if answer.verdict == DIFFERENT:
        return answer
    notes = [*answer.details]
    faults = _compare_words(place, result, exact=answer.verdict == IDENTICAL)
    if answer.verdict == WITHIN:
        kept = "pictures and messages" if messages else "pictures"
        notes.append(f"{kept} not compared: the numbers differ within their tolerance")
    else:
        faults += [
            f"{name} is not the message of these numbers"
            for name, content in messages.items()
            if read_bytes(place / name) != content
        ]
        odd = [name for name, content in pictures.items() if read_bytes(place / name) != content]
        if odd and recorded.get("drawn_with") == drawing_version():
            faults += [f"{name} is not the picture of these numbers" for name in odd]
        elif odd:
            then = str(recorded.get("drawn_with"))[:40]
            notes.append(f"pictures not compared: drawn with {then}, {drawing_version()} here")
    return Answer(DIFFERENT, tuple(faults)) if faults else Answer(answer.verdict, tuple(notes))


def _compare_tables(place: Path, result: StudyResult) -> Answer:
    from syzygy.formats.tabular import decode_table, encode_table

    verdict = IDENTICAL
    details: list[str] = []
    for table in result.tables():
        content = read_bytes(place / f"{table.name}.parquet")
        if content == encode_table(table, "parquet"):
            continue
        comparison = compare_tables(decode_table(content, "parquet"), table)
        if comparison.verdict == DIFFERENT:
            return Answer(DIFFERENT, (f"table {table.name}: {comparison.detail}",))
        if comparison.verdict == WITHIN:
            verdict = WITHIN
            details.append(f"table {table.name}: {comparison.detail}")
    return Answer(verdict, tuple(details))


def _compare_words(place: Path, result: StudyResult, *, exact: bool) -> list[str]:
    """Compare key figures and narrative; within tolerance, numbers in them may differ in the last digit."""
    kept = read_object(read_bytes(place / RESULT_NAME, limit=MAX_JSON_BYTES), where=RESULT_NAME)
    return [
        f"{RESULT_NAME}: {path} differs: recorded {old}, computed {new}"
        for path, old, new in _differences(kept, describe_result(result))
        if exact or not _alike(old, new)
    ]


def _differences(old: object, new: object, path: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield (path, old, new) of every leaf in which two plain values differ."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted({*old, *new}):
            yield from _differences(old.get(key), new.get(key), f"{path}.{key}" if path else str(key))
    elif isinstance(old, list | tuple) and isinstance(new, list | tuple) and len(old) == len(new):
        for index, (first, second) in enumerate(zip(old, new, strict=True)):
            yield from _differences(first, second, f"{path}[{index + 1}]")
    elif (shown := canonical_json(old)) != (computed := canonical_json(new)):
        yield path, shown[:300], computed[:300]


def _alike(old: str, new: str) -> bool:
    """Return whether two texts agree but for one unit in the last digit of each number."""
    if _NUMBER.sub("#", old) != _NUMBER.sub("#", new):
        return False
    pairs = zip(_NUMBER.findall(old), _NUMBER.findall(new), strict=True)
    return all(abs(float(a) - float(b)) <= 1.001 * 10.0 ** -len(b.partition(".")[2]) for a, b in pairs)


def _require_same_almanac(then: Mapping[str, object], almanac: Almanac) -> None:
    if then.get("sha256") == almanac.sha256:
        return
    now = {source.name: source.sha256 for source in almanac.sources}
    sources = then.get("sources")
    old = {}
    for source in sources if isinstance(sources, list) else ():
        entry = _mapping(source)
        old[str(entry.get("name"))] = str(entry.get("sha256"))
    odd = sorted(name for name in {*now, *old} if now.get(name) != old.get(name))
    raise MissingDataError(
        "the Almanac here is another one",
        value=", ".join(odd) or "other policies",
        allowed="the Almanac of the recorded run",
        hint="install the same data sets (`syzygy data list`), or name the run's inputs with --inputs",
    )


def _compare_code(recorded: Mapping[str, object]) -> list[str]:
    code = _mapping(recorded.get("code"))
    then = str(code.get("sha256"))
    return (
        []
        if then == code_sha256()
        else [f"computed with other code: {then[:12]} then, {code_sha256()[:12]} here"]
    )


def _mapping(value: object) -> Mapping[str, object]:
    return cast(Mapping[str, object], value) if isinstance(value, Mapping) else {}
