"""``syzygy verify`` says no by its exit code, with one JSON document, and names for whom a product is."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path

import pytest

from syzygy.cli import exit_codes
from syzygy.cli.app import run_arguments

INPUTS = Path(__file__).resolve().parents[2] / "examples" / "joint-programme" / "inputs"
PROGRAMME = """
format = "syzygy-programme/1"
partner = [{ id = "a", name = "A", country = "AA" }, { id = "b", name = "B", country = "BB" }]
section = [{ id = "s", title = "S", field = "debris" }]
[programme]
id = "p"
title = "P"
start = 2009-01-01
end = 2009-12-31
barter_unit = "unit"
[[project]]
id = "x"
title = "T"
section = "s"
lead = "a"
partners = ["a", "b"]
start = 2009-01-01
end = 2009-12-31
purpose = "P"
deliverables = ["d"]
protection = "open"
release_to = ["b"]
[[study]]
id = "near"
kind = "debris.screening"
title = "T"
project = "x"
owner = "a"
release_to = ["b"]
request = { catalogues = ["e.3le"], start_utc = "2009-02-10T16:30:00", duration_h = 1 }
"""


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    monkeypatch.setenv("SYZYGY_KEYS", str(tmp_path / "keys"))
    shutil.copy(INPUTS / "debris" / "iridium33_cosmos2251_2009.3le", tmp_path / "e.3le")
    (tmp_path / "p.toml").write_text(PROGRAMME)
    assert run_arguments(["run", str(tmp_path / "p.toml"), "--out", str(tmp_path / "out")]) == 0
    capsys.readouterr()
    return tmp_path / "out"


def _verify(place: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[dict[str, str]]]:
    code = run_arguments(shlex.split(f"verify {place} --json"))
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] == (code == exit_codes.DONE)
    return code, answer["products"]


@pytest.mark.slow
def test_a_good_run_is_zero_and_names_the_recipient(ran: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, products = _verify(ran, capsys)
    assert code == exit_codes.DONE
    recipients = {product["product"]: product["recipient"] for product in products}
    assert recipients == {
        "products/near": "",
        "partners/a/from-a/near": "a",
        "partners/b/from-a/near": "b",
    }


@pytest.mark.slow
@pytest.mark.parametrize("gone", ["products/near", "partners/b/from-a", "products"])
def test_what_is_missing_is_a_no(gone: str, ran: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(ran / gone)
    assert _verify(ran, capsys)[0] == exit_codes.ANSWER_NO


@pytest.mark.slow
def test_an_altered_file_is_a_no(ran: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (ran / "products" / "near" / "picture-dark.svg").open("ab") as stream:
        stream.write(b" ")
    code, products = _verify(ran, capsys)
    assert code == exit_codes.ANSWER_NO
    assert [p["verdict"] for p in products if p["product"] == "products/near"] == ["different"]
