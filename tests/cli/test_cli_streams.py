"""What leaves a command: one JSON document whatever happens, readers that go away, narrow encodings."""

from __future__ import annotations

import json
import math
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from syzygy.cli import exit_codes
from syzygy.cli.app import run_arguments
from syzygy.cli.console import emit_json

ROOT = Path(__file__).resolve().parents[2]
INPUTS = ROOT / "examples" / "joint-programme" / "inputs"
CATALOGUE = INPUTS / "debris" / "iridium33_cosmos2251_2009.3le"
SCREEN = f"debris screen {CATALOGUE} --start-utc 2009-02-10T16:00:00 --duration-h 1"


def _command(arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "syzygy", *shlex.split(arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **environment},
    )


@pytest.mark.parametrize(
    ("command", "code", "kind"),
    [
        ("check --json", 2, "usage"),
        ("nope --json", 2, "usage"),
        ("verify --json --nope x", 2, "usage"),
        ("debris screen --json", 2, "usage"),
        ("check nowhere.toml --json", 6, "storage"),
        ("check empty.toml --json", 3, "format"),
        ("run empty.toml --out out --json", 3, "format"),
        ("verify nowhere --json", 6, "storage"),
        ("data fetch gold --json", 3, "unknown-name"),
        ("node init alpha --keys empty.toml --json", 6, "storage"),
        (f"{SCREEN} --picture p.png --json", 3, "input"),
    ],
)
def test_every_failure_with_json_is_one_document(
    command: str,
    code: int,
    kind: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.toml").write_text("")
    assert run_arguments(shlex.split(command)) == code
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] is False
    assert answer["problems"][0]["code"] == kind
    assert set(answer["problems"][0]) == {"code", "what", "value", "allowed", "where", "hint"}


@pytest.mark.parametrize(
    ("raised", "code", "kind"),
    [
        (KeyboardInterrupt(), exit_codes.INTERRUPTED, "interrupted"),
        (RuntimeError("boom"), exit_codes.INTERNAL, "internal"),
        (PermissionError(13, "no", "x"), 6, "storage"),
    ],
)
def test_interrupts_and_defects_with_json_are_one_document(
    raised: BaseException,
    code: int,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise raised

    monkeypatch.setattr("syzygy.debris.screening.screen_catalogue", fail)
    assert run_arguments(shlex.split(f"{SCREEN} --json")) == code
    assert json.loads(capsys.readouterr().out)["problems"][0]["code"] == kind


@pytest.mark.slow
def test_results_go_to_standard_output_and_talk_to_standard_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        run_arguments([*shlex.split(SCREEN), "--json", "--out", str(tmp_path / "e.csv")]) == exit_codes.DONE
    )
    shown = capsys.readouterr()
    answer = json.loads(shown.out)
    assert answer["table"]["rows"][0]["tca_utc"].startswith("2009-02-10T16:55:59.796")
    assert "e.csv" in shown.err


def test_a_value_that_is_no_number_is_null_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    emit_json({"rows": [{"a": math.nan, "b": (math.inf, 1.5)}]})
    assert json.loads(capsys.readouterr().out) == {"rows": [{"a": None, "b": [None, 1.5]}]}


@pytest.mark.slow
@pytest.mark.parametrize("command", ["--help", "data list", "data list --json"])
def test_a_reader_that_goes_away_is_no_defect(command: str) -> None:
    with _command(command) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        said = process.stderr.read().decode()
    assert process.returncode == exit_codes.READER_GONE, said
    assert "Traceback" not in said
    assert "Exception ignored" not in said


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", ["data list", "materials exposure --help", "satellites availability --help"]
)
def test_a_terminal_without_unicode_gets_text(command: str) -> None:
    process = _command(command, PYTHONIOENCODING="ascii")
    out, said = process.communicate()
    assert process.returncode == exit_codes.DONE, said
    assert out.decode("ascii")


def test_json_is_valid_in_any_encoding(tmp_path: Path) -> None:
    (tmp_path / "Орбита.toml").write_text("")
    process = _command(f"check {tmp_path}/Орбита.toml --json", PYTHONIOENCODING="latin-1", PYTHONUTF8="1")
    out, _ = process.communicate()
    assert "Орбита" in json.loads(out.decode("ascii"))["problems"][0]["where"]


def test_a_picture_that_is_no_svg_is_refused_before_anything_is_computed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("syzygy.debris.screening.screen_catalogue", None)
    assert run_arguments([*shlex.split(SCREEN), "--picture", str(tmp_path / "p.png")]) == 3
    assert ".svg" in capsys.readouterr().err
    assert run_arguments([*shlex.split(SCREEN), "--picture", str(tmp_path)]) in (3, 6)


def test_the_package_runs_as_a_module() -> None:
    out, _ = _command("--version").communicate()
    assert out.startswith(b"syzygy, version ")
