"""The run and its verification: cache, release, interruption, tampering."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from syzygy.base.errors import ProblemList, StorageError
from syzygy.base.execution import ProcessExecutor
from syzygy.base.results import StudyResult
from syzygy.base.study import StudyKind
from syzygy.exchange.keys import create_key, load_signing_key, load_trusted_keys
from syzygy.studies import recomputing, runner
from syzygy.studies.planning import plan_programme
from syzygy.studies.report import write_report
from syzygy.studies.runner import COMPUTED, FAILED, UNCHANGED, StudyOutcome, run_programme
from syzygy.studies.verification import Verdict, open_verifier
from syzygy.studies.workspace import Workspace

WriteProgramme = Callable[..., Path]


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    place = tmp_path / "keys"
    for partner in ("alpha", "beta"):
        create_key(place, partner)
    return place


def _run(programme: Path, keys: Path, out: Path, **options: object) -> dict[str, StudyOutcome]:
    plan = plan_programme(programme)
    signing = {partner: load_signing_key(keys, partner) for partner in ("alpha", "beta")}
    outcomes = run_programme(plan, out, signing, **options)  # type: ignore[arg-type]
    write_report(plan, outcomes, out)
    return {outcome.study: outcome for outcome in outcomes}


def _verify(directory: Path, keys: Path) -> dict[str, Verdict]:
    verifier = open_verifier(directory, load_trusted_keys(keys))
    return {verdict.product: verdict for verdict in verifier.verify(directory)}


def _tree(place: Path) -> dict[str, bytes]:
    return {p.relative_to(place).as_posix(): p.read_bytes() for p in sorted(place.rglob("*")) if p.is_file()}


TWO = [("near", "alpha", "beta", 5.0), ("wide", "alpha", "", 50.0)]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, write_programme_in: Callable[..., Path]) -> Path:
    """A run of two studies with its keys, made once; tests work on copies."""
    place = tmp_path_factory.mktemp("finished")
    for partner in ("alpha", "beta"):
        create_key(place / "keys", partner)
    _run(write_programme_in(place, TWO), place / "keys", place / "out")
    return place


@pytest.fixture
def run_keys(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished run in the test's own place; returns the keys."""
    shutil.copytree(finished, tmp_path, dirs_exist_ok=True)
    return tmp_path / "keys"


@pytest.mark.slow
def test_a_run_computes_and_the_next_one_takes_everything_from_the_cache(
    write_programme: WriteProgramme, keys: Path, tmp_path: Path
) -> None:
    programme = write_programme(TWO)
    first = _run(programme, keys, tmp_path / "out")
    before = _tree(tmp_path / "out")
    second = _run(programme, keys, tmp_path / "out")
    assert {o.status for o in first.values()} == {COMPUTED}
    assert {o.status for o in second.values()} == {UNCHANGED}
    assert _tree(tmp_path / "out") == before


@pytest.mark.slow
def test_only_the_study_that_changed_is_computed_again(
    write_programme: WriteProgramme, run_keys: Path, tmp_path: Path
) -> None:
    changed = _run(write_programme([TWO[0], ("wide", "alpha", "", 60.0)]), run_keys, tmp_path / "out")
    assert changed["near"].status == UNCHANGED
    assert changed["wide"].status == COMPUTED


@pytest.mark.slow
def test_products_are_the_same_bytes_from_one_and_two_workers(
    write_programme: WriteProgramme, keys: Path, tmp_path: Path
) -> None:
    programme = write_programme(TWO)
    _run(programme, keys, tmp_path / "one")
    _run(programme, keys, tmp_path / "two", executor=ProcessExecutor(2))
    assert _tree(tmp_path / "one" / "products") == _tree(tmp_path / "two" / "products")


@pytest.mark.slow
def test_each_partner_gets_exactly_what_the_release_rules_allow(run_keys: Path, tmp_path: Path) -> None:
    partners = tmp_path / "out" / "partners"
    assert sorted(p.name for p in (partners / "alpha" / "from-alpha").iterdir() if p.is_dir()) == [
        "near",
        "wide",
    ]
    assert sorted(p.name for p in (partners / "beta" / "from-alpha").iterdir() if p.is_dir()) == ["near"]


@pytest.mark.slow
def test_a_withdrawn_release_removes_the_product_from_the_partners_folder(
    write_programme: WriteProgramme, run_keys: Path, tmp_path: Path
) -> None:
    _run(write_programme([("near", "alpha", "", 5.0), TWO[1]]), run_keys, tmp_path / "out")
    assert not (tmp_path / "out" / "partners" / "beta" / "from-alpha").exists()


@pytest.mark.slow
def test_an_untouched_run_verifies_identical_and_signed(run_keys: Path, tmp_path: Path) -> None:
    verdicts = _verify(tmp_path / "out", run_keys)
    assert {v.verdict for v in verdicts.values()} == {"identical"}
    assert {v.signer for v in verdicts.values()} == {"alpha"}
    assert set(verdicts) == {
        "products/near",
        "products/wide",
        "partners/alpha/from-alpha/near",
        "partners/alpha/from-alpha/wide",
        "partners/beta/from-alpha/near",
    }


@pytest.mark.slow
def test_a_partner_verifies_its_folder_with_the_inputs_it_has(run_keys: Path, tmp_path: Path) -> None:
    away = tmp_path / "away"
    (tmp_path / "out" / "partners" / "beta").rename(away)
    without = _verify(away, run_keys)["from-alpha/near"]
    assert without.verdict == "not verifiable"
    assert "elements.3le" in without.details[0]
    verifier = open_verifier(away, load_trusted_keys(run_keys), inputs=tmp_path / "out" / "inputs")
    assert [v.verdict for v in verifier.verify(away)] == ["identical"]


@pytest.mark.slow
def test_a_product_altered_by_one_byte_is_found_and_named(
    run_keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw, drawn = recomputing.draw_pictures, dict[str, bytes]()

    def draw_once(kind: StudyKind, result: StudyResult) -> dict[str, bytes]:
        """Draw in the first turn only: every turn computes the same numbers."""
        if not drawn:
            drawn.update(draw(kind, result))
        return dict(drawn)

    monkeypatch.setattr(recomputing, "draw_pictures", draw_once)
    place = tmp_path / "out" / "products" / "wide"
    for path in sorted(item for item in place.rglob("*") if item.is_file()):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        original = path.read_bytes()
        path.write_bytes(bytes(content))
        verdict = _verify(place, run_keys)["wide"]
        assert verdict.verdict in ("different", "not verifiable")
        assert not verdict.good
        assert path.name in " ".join(verdict.details) or path.name == "provenance.json"
        path.write_bytes(original)


@pytest.mark.slow
def test_an_altered_input_is_found_and_named(run_keys: Path, tmp_path: Path) -> None:
    kept = next((tmp_path / "out" / "inputs").rglob("elements.3le"))
    kept.write_bytes(kept.read_bytes().replace(b"IRIDIUM", b"IRIDIUN"))
    verdict = _verify(tmp_path / "out" / "products" / "near", run_keys)["near"]
    assert verdict.verdict == "not verifiable"
    assert "elements.3le was altered" in verdict.details[0]


@pytest.mark.slow
def test_an_altered_request_is_found_and_named(run_keys: Path, tmp_path: Path) -> None:
    path = tmp_path / "out" / "products" / "wide" / "provenance.json"
    recorded = json.loads(path.read_text())
    recorded["request"]["threshold_m"] = 1000.0
    path.write_text(json.dumps(recorded))
    verdict = _verify(tmp_path / "out" / "products" / "wide", run_keys)["wide"]
    assert verdict.verdict == "different"
    assert "the recorded request or recipe (provenance.json) was altered" in verdict.details[0]


@pytest.mark.slow
def test_a_number_forged_and_signed_again_is_found_by_recomputing(run_keys: Path, tmp_path: Path) -> None:
    """The owner itself cheats: hashes and signature are right, only the recomputation tells."""
    from syzygy.exchange.manifest import MANIFEST_NAME, open_manifest, seal_manifest
    from syzygy.formats.tabular import decode_table, encode_table

    place = tmp_path / "out" / "products" / "wide"
    manifest = open_manifest((place / MANIFEST_NAME).read_bytes(), [], where="test")
    for path in sorted(place.glob("*.parquet")):
        table = decode_table(path.read_bytes(), "parquet")
        if "miss_distance_m" in table.names:
            forged = [
                replace(c, values=c.values + 50.0) if c.name == "miss_distance_m" else c  # type: ignore[operator]
                for c in table.columns
            ]
            table = replace(table, columns=tuple(forged))
            path.write_bytes(encode_table(table, "parquet"))
    files = {
        p.relative_to(place).as_posix(): p.read_bytes()
        for p in place.rglob("*")
        if p.is_file() and p.name != MANIFEST_NAME
    }
    (place / MANIFEST_NAME).write_bytes(
        seal_manifest(files, manifest.about, load_signing_key(run_keys, "alpha"))
    )
    verdict = _verify(place, run_keys)["wide"]
    assert verdict.verdict == "different"
    assert "column miss_distance_m, row 1" in verdict.details[0]


@pytest.mark.slow
def test_a_stranger_key_is_not_trusted(run_keys: Path, tmp_path: Path) -> None:
    (run_keys / "alpha.pub").unlink()
    verdict = _verify(tmp_path / "out" / "products" / "near", run_keys)["near"]
    assert verdict.signer == ""
    assert not verdict.good


@pytest.mark.slow
def test_an_interrupted_run_leaves_nothing_half_written_and_the_next_goes_on(
    write_programme: WriteProgramme, keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programme = write_programme(TWO)
    whole = runner.make_product
    calls = []

    def interrupt(*arguments: object) -> object:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return whole(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(runner, "make_product", interrupt)
    with pytest.raises(KeyboardInterrupt):
        _run(programme, keys, tmp_path / "out")
    monkeypatch.undo()
    assert not list((tmp_path / "out").rglob(".partial-*"))
    outcomes = _run(programme, keys, tmp_path / "out")
    assert (outcomes["near"].status, outcomes["wide"].status) == (UNCHANGED, COMPUTED)


def test_a_failed_study_does_not_stop_the_others(
    write_programme: WriteProgramme, keys: Path, tmp_path: Path
) -> None:
    programme = write_programme(TWO)
    (tmp_path / "elements.3le").write_text("not element sets\n")
    broken = _run(programme, keys, tmp_path / "out")
    assert {o.status for o in broken.values()} == {FAILED}
    assert "failed" in (tmp_path / "out" / "report.html").read_text()


def test_a_file_where_the_output_directory_is_due_is_explained(
    write_programme: WriteProgramme, keys: Path, tmp_path: Path
) -> None:
    (tmp_path / "out").write_text("in the way")
    with pytest.raises(StorageError, match="cannot be made"):
        _run(write_programme(TWO), keys, tmp_path / "out")


def test_every_mistake_of_the_studies_is_found_at_once_with_its_line(
    write_programme: WriteProgramme, tmp_path: Path
) -> None:
    path = write_programme(TWO)
    text = path.read_text().replace('kind = "debris.screening"', 'kind = "debris.screning"', 1)
    path.write_text(
        text.replace("duration_h = 3\nthreshold_km = 50.0", "duration_hours = 3\nthreshold_km = 50000")
    )
    with pytest.raises(ProblemList) as caught:
        plan_programme(path)
    found = {(p.what, p.where.split(" ")[0]) for p in caught.value.problems}
    lines = path.read_text().split("\n")
    number = {
        needle: next(i for i, line in enumerate(lines, 1) if needle in line)
        for needle in ("screning", "duration_hours", "50000")
    }
    assert ("unknown study kind", f"programme.toml:{number['screning']}") in found
    assert ("unknown option", f"programme.toml:{number['duration_hours']}") in found
    assert ("value out of range", f"programme.toml:{number['50000']}") in found


def test_what_an_interrupted_write_left_is_swept_away(tmp_path: Path) -> None:
    rest = tmp_path / "products" / ".partial-abc"
    rest.mkdir(parents=True)
    (rest / "half").write_text("x")
    with Workspace(tmp_path).occupied():
        assert not rest.exists()
