"""The message commands: answers, exit codes, JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from syzygy.cli.app import run_arguments

DATA = Path(__file__).resolve().parents[1] / "data" / "ccsds"


def _json(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, object]]:
    code = run_arguments(["message", *arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_show_gives_values_with_their_digits_and_units(capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = _json(capsys, "show", str(DATA / "OPMExample3.txt"))
    assert code == 0
    assert {
        "block": "segment/data/stateVector",
        "keyword": "X",
        "value": "6503.514000",
        "unit": "km",
    } in answer["values"]  # type: ignore[operator]


def test_check_accepts_and_refuses_with_the_clause(capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = str(DATA / "OPMExample3.txt"), str(DATA / "TDM-issue963.txt")
    assert run_arguments(["message", "check", "--strict", good]) == 0
    capsys.readouterr()
    code, answer = _json(capsys, "check", good, bad)
    assert code == 3
    verdicts = [item["accepted"] for item in answer["messages"]]  # type: ignore[attr-defined]
    assert verdicts == [True, False]
    finding = answer["messages"][1]["findings"][0]  # type: ignore[index]
    assert (finding["line"], finding["keyword"]) == (13, "PATH")
    assert "503.0-B-2" in finding["clause"]


def test_strict_refuses_what_tolerant_lists(capsys: pytest.CaptureFixture[str]) -> None:
    file = str(DATA / "OPM-dummy-earth-moon-barycenter.txt")
    assert run_arguments(["message", "check", file]) == 0
    assert "all upper or all lower case" in capsys.readouterr().out
    assert run_arguments(["message", "check", "--strict", file]) == 3
    assert run_arguments(["message", "show", "--strict", file]) == 3


def test_convert_and_diff_go_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(DATA / "OPMExample4.txt")
    xml, back = str(tmp_path / "a.xml"), str(tmp_path / "b.txt")
    assert run_arguments(["message", "convert", file, "--to", "xml", "--out", xml]) == 0
    assert run_arguments(["message", "convert", xml, "--to", "kvn", "--out", back]) == 0
    capsys.readouterr()
    code, answer = _json(capsys, "diff", file, back)
    assert (code, answer["same"], answer["differences"]) == (0, True, [])
    text = Path(back).read_text()
    Path(back).write_text(text.replace("6655.9942", "6655.99421").replace("EUTELSAT W4", "EUTELSAT_W4"))
    code, answer = _json(capsys, "diff", file, back)
    assert (code, answer["same"]) == (1, False)
    found = {item["place"].rpartition("/")[2]: item for item in answer["differences"]}  # type: ignore[attr-defined]
    assert found["OBJECT_NAME"]["kind"] == "spelling"
    assert (found["X"]["difference"], found["X"]["unit"]) == ("0.00001", "km")
    assert found["X"]["last_digits"] == pytest.approx(0.1)


def test_a_missing_file_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = _json(capsys, "show", "no/such/file")
    assert code == 6
    assert answer["ok"] is False
