"""A real run, stopped by real signals at many moments, beside another run, and in the wrong place."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from syzygy.base.errors import InputError, StorageError
from syzygy.base.storage import write_bytes
from syzygy.cli import app, exit_codes
from syzygy.exchange.keys import create_key, load_signing_key, load_trusted_keys
from syzygy.studies import runner
from syzygy.studies.interruption import watch_interruption
from syzygy.studies.planning import plan_programme
from syzygy.studies.report import write_report
from syzygy.studies.runner import COMPUTED, FAILED, StudyOutcome, run_programme
from syzygy.studies.verification import open_verifier
from syzygy.studies.workspace import Workspace, replace_directory

WriteProgramme = Callable[..., Path]
TWO = [("near", "alpha", "beta", 5.0), ("wide", "alpha", "", 50.0)]
MOMENTS = (0.05, 0.2, 0.35, 0.5, 0.65, 0.75, 0.85, 0.95)
"""When a run is stopped, in shares of an undisturbed run on the same machine."""
_COMMAND_LINE = """
import os, signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in the background
os.write(1, b".")
from syzygy.cli import main
main()
"""


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    for partner in ("alpha", "beta"):
        create_key(tmp_path / "keys", partner)
    return tmp_path / "keys"


def _start(programme: Path, out: Path, keys: Path) -> subprocess.Popen[bytes]:
    """Start a run and wait until the interpreter is up: how that takes a signal is not ours to say."""
    command = ["-c", _COMMAND_LINE, "run", str(programme), "--out", str(out), "--keys", str(keys)]
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout
    assert os.read(process.stdout.fileno(), 1) == b"."
    return process


def _run(programme: Path, keys: Path, out: Path) -> dict[str, StudyOutcome]:
    plan = plan_programme(programme)
    outcomes = run_programme(plan, out, {p: load_signing_key(keys, p) for p in ("alpha", "beta")})
    write_report(plan, outcomes, out)
    return {outcome.study: outcome for outcome in outcomes}


def _leftovers(out: Path) -> list[str]:
    return [p.name for p in out.rglob(".*") if p.name.startswith((".partial", ".old"))]


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_run_stopped_at_any_moment_is_completed_by_the_next(
    how: signal.Signals, write_programme: WriteProgramme, keys: Path, tmp_path: Path
) -> None:
    programme, out, stopped = write_programme(TWO), tmp_path / "out", 0
    for undisturbed in ("cold", "warm"):
        begun = time.monotonic()
        process = _start(programme, tmp_path / undisturbed, keys)
        _, said = process.communicate()
        assert process.returncode == 0, said.decode()
        whole_s = time.monotonic() - begun
    for moment in MOMENTS:
        process = _start(programme, out, keys)
        time.sleep(moment * whole_s)
        process.send_signal(how)
        _, said = process.communicate()
        stopped += process.returncode != 0
        if how == signal.SIGINT:
            assert process.returncode in (0, 130, -signal.SIGINT), said.decode()
            assert not _leftovers(out), (moment, said.decode())
        for product in out.glob("products/[!.]*"):
            verifier = open_verifier(product, load_trusted_keys(keys))
            verdicts = list(verifier.verify(product))
            assert [v.verdict for v in verdicts] == ["identical"], (moment, [v.details for v in verdicts])
        if moment == MOMENTS[3]:
            shutil.rmtree(out, ignore_errors=True)
    assert stopped, "every run was over before its signal came"
    process = _start(programme, out, keys)
    _, said = process.communicate()
    assert process.returncode == 0, said.decode()
    assert not _leftovers(out)
    assert (out / "report.html").is_file()
    verdicts = list(open_verifier(out, load_trusted_keys(keys)).verify(out))
    assert [v.verdict for v in verdicts] == ["identical"] * 5


def test_what_a_library_makes_of_an_interrupt_is_an_interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pydantic's core loses Ctrl-C while it builds a pattern, and refuses what the pattern allows."""

    def lose(*args: object, **options: object) -> None:
        with contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        raise InputError("the text has the wrong form")

    monkeypatch.setattr(app.app, "main", lose)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert app.run_arguments(["check", "programme.toml"]) == exit_codes.INTERRUPTED
        with watch_interruption() as outer, watch_interruption() as inner:
            assert inner is outer
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.slow
def test_a_second_run_into_one_directory_is_refused(
    write_programme: WriteProgramme, keys: Path, tmp_path: Path
) -> None:
    programme = write_programme(TWO)
    with (
        Workspace(tmp_path / "out").occupied(),
        pytest.raises(StorageError, match="another run is using this directory"),
    ):
        _run(programme, keys, tmp_path / "out")
    assert {o.status for o in _run(programme, keys, tmp_path / "out").values()} == {COMPUTED}


def test_a_product_moved_aside_and_not_replaced_is_put_back(tmp_path: Path) -> None:
    old = tmp_path / "products" / ".old-near-123"
    old.mkdir(parents=True)
    (old / "result.json").write_text("{}")
    with Workspace(tmp_path).occupied():
        assert (tmp_path / "products" / "near" / "result.json").is_file()
    assert not old.exists()


def test_an_interrupt_between_the_two_renames_keeps_the_old_product(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "near"
    replace_directory(place, {"a": b"old"})
    whole, calls = Path.rename, []

    def rename(self: Path, target: Path) -> Path:
        calls.append(self)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return whole(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(KeyboardInterrupt):
        replace_directory(place, {"a": b"new"})
    assert (place / "a").read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["near"]


def test_an_interrupt_while_the_old_product_is_removed_leaves_the_new_one_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "near"
    replace_directory(place, {"a": b"old", "b": b"old"})
    whole, calls = shutil.rmtree, []

    def remove(path: Path, **options: bool) -> None:
        calls.append(path)
        if len(calls) == 1:
            (path / "a").unlink()
            raise KeyboardInterrupt
        whole(path, **options)

    monkeypatch.setattr(shutil, "rmtree", remove)
    with pytest.raises(KeyboardInterrupt):
        replace_directory(place, {"a": b"new"})
    assert {p.name: p.read_bytes() for p in place.iterdir()} == {"a": b"new"}
    assert [p.name for p in tmp_path.iterdir()] == ["near"]


@pytest.mark.parametrize("moment", ["open", "chmod", "replace"])
def test_an_interrupt_just_after_a_step_of_writing_leaves_no_partial_file(
    moment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The signal comes when the step is done and before its result is known to whoever called it."""
    whole = getattr(Path, moment)

    def interrupted(self: Path, *arguments: object) -> None:
        done = whole(self, *arguments)
        if isinstance(done, io.IOBase):
            done.close()
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, moment, interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_bytes(tmp_path / "a", b"new")
    assert [p.name for p in tmp_path.iterdir()] == (["a"] if moment == "replace" else [])


@pytest.mark.parametrize("where", [".", "inputs"])
def test_a_run_never_moves_into_a_directory_that_holds_other_things(
    where: str, write_programme: WriteProgramme, keys: Path, tmp_path: Path
) -> None:
    programme = write_programme(TWO)
    (tmp_path / "inputs" / ".partial-notes").mkdir(parents=True)
    (tmp_path / "inputs" / "mine.txt").write_text("mine")
    before = sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*"))
    with pytest.raises(StorageError, match="holds other things"):
        _run(programme, keys, tmp_path / where)
    assert sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*")) == before


@pytest.mark.slow
def test_the_directory_of_another_programme_is_refused(
    write_programme: WriteProgramme, keys: Path, tmp_path: Path
) -> None:
    programme = write_programme(TWO[:1])
    _run(programme, keys, tmp_path / "out")
    programme.write_text(programme.read_text().replace('id = "small"', 'id = "other"'))
    with pytest.raises(StorageError, match="belongs to another programme"):
        _run(programme, keys, tmp_path / "out")


@pytest.mark.slow
def test_studies_and_partners_that_left_leave_nothing_behind(
    write_programme: WriteProgramme, keys: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    _run(write_programme(TWO), keys, out)
    programme = write_programme(TWO[1:])
    _run(programme, keys, out)
    assert [p.name for p in (out / "products").iterdir()] == ["wide"]
    assert [p.name for p in (out / "partners").iterdir()] == ["alpha"]
    programme.write_text(programme.read_text().replace('"alpha"', '"gamma"'))
    create_key(keys, "gamma")
    plan = plan_programme(programme)
    run_programme(plan, out, {"gamma": load_signing_key(keys, "gamma")})
    assert [p.name for p in (out / "partners").iterdir()] == ["gamma"]
    assert all(v.good for v in open_verifier(out, load_trusted_keys(keys)).verify(out))


@pytest.mark.slow
def test_a_new_key_signs_everything_again(
    write_programme: WriteProgramme, keys: Path, tmp_path: Path
) -> None:
    _run(write_programme(TWO), keys, tmp_path / "out")
    for path in keys.glob("alpha.*"):
        path.unlink()
    create_key(keys, "alpha")
    assert {o.status for o in _run(write_programme(TWO), keys, tmp_path / "out").values()} == {COMPUTED}
    verdicts = list(open_verifier(tmp_path / "out", load_trusted_keys(keys)).verify(tmp_path / "out"))
    assert all(verdict.good for verdict in verdicts)


@pytest.mark.slow
def test_a_defect_in_one_study_does_not_stop_the_others(
    write_programme: WriteProgramme, keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, calls = runner.make_product, []

    def fail(*arguments: object) -> object:
        calls.append(1)
        if len(calls) == 1:
            raise ZeroDivisionError("boom")
        return whole(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(runner, "make_product", fail)
    outcomes = _run(write_programme(TWO), keys, tmp_path / "out")
    assert [outcomes[name].status for name in ("near", "wide")] == [FAILED, COMPUTED]
    assert outcomes["near"].error
    assert outcomes["near"].error.code == "internal"
    assert "boom" in (tmp_path / "out" / "report.html").read_text()


@pytest.mark.slow
def test_a_kept_input_that_was_altered_is_healed_by_the_next_run(
    write_programme: WriteProgramme, keys: Path, tmp_path: Path
) -> None:
    _run(write_programme(TWO), keys, tmp_path / "out")
    kept = next((tmp_path / "out" / "inputs").rglob("elements.3le"))
    kept.write_bytes(kept.read_bytes().replace(b"IRIDIUM", b"IRIDIUN"))
    _run(write_programme(TWO), keys, tmp_path / "out")
    assert b"IRIDIUN" not in kept.read_bytes()


def test_a_programme_without_studies_runs(
    write_programme: WriteProgramme, keys: Path, tmp_path: Path
) -> None:
    assert _run(write_programme([]), keys, tmp_path / "out") == {}
    assert (tmp_path / "out" / "report.html").is_file()


@pytest.mark.slow
def test_five_hundred_studies_are_planned_in_a_moment(write_programme: WriteProgramme) -> None:
    programme = write_programme([(f"s{i}", "alpha", "beta", 5.0) for i in range(500)])
    begun = time.process_time()
    assert len(plan_programme(programme).studies) == 500
    assert time.process_time() - begun < 20.0


@pytest.mark.slow
def test_text_of_the_programme_is_text_in_the_report(
    write_programme: WriteProgramme, keys: Path, tmp_path: Path
) -> None:
    programme = write_programme(TWO[:1])
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)> 月球"
    text = programme.read_text()
    for title in ("A small programme", "Watch", "Alpha", "Close approaches of two satellites"):
        text = text.replace(f'"{title}"', f'"{evil}"')
    programme.write_text(text, encoding="utf-8")
    _run(programme, keys, tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.skipif(os.geteuid() == 0, reason="the administrator may write everywhere")
def test_a_read_only_place_is_told_before_anything_is_computed(
    write_programme: WriteProgramme, keys: Path, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir(mode=0o555)
    with pytest.raises(StorageError, match="not writable"):
        _run(write_programme(TWO), keys, tmp_path / "out")
