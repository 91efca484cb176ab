"""The message commands on real messages: answers, exit codes, JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from syzygy.cli import message_files
from syzygy.cli.app import run_arguments

DATA = Path(__file__).resolve().parents[1] / "data" / "ccsds"
Capture = pytest.CaptureFixture[str]


def _json(capsys: Capture, *arguments: str) -> tuple[int, dict[str, Any]]:
    code = run_arguments(["message", *arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def _plain(capsys: Capture, *arguments: str) -> tuple[int, str, str]:
    code = run_arguments(["message", *arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


# --- show ---


def test_show_gives_values_with_their_digits_and_units(capsys: Capture) -> None:
    code, answer = _json(capsys, "show", str(DATA / "OPMExample3.txt"))
    assert code == 0
    values = answer["messages"][0]["values"]
    place = {"block": "segment/data/stateVector", "keyword": "X", "value": "6503.514000", "unit": "km"}
    assert place in values


def test_show_sums_up_each_segment_of_an_ephemeris(capsys: Capture) -> None:
    code, answer = _json(capsys, "show", str(DATA / "OEMExample8.txt"))
    message = answer["messages"][0]
    assert (code, message["type"], message["version"], message["form"]) == (0, "OEM", "2.0", "kvn")
    second = message["segments"][1]
    assert second["object"] == "MARS GLOBAL SURVEYOR"
    assert (second["centre"], second["frame"], second["time_system"]) == ("MARS BARYCENTER", "EME2000", "UTC")
    assert (second["start"], second["stop"]) == ("1996-12-28T21:29:07.267", "1996-12-30T01:28:02.267")
    assert second["useable_start"] == "1996-12-28T22:08:02.5"
    assert second["data_lines"] == 4
    assert (second["first_epoch"], second["last_epoch"]) == (
        "1996-12-28T21:29:07.267",
        "1996-12-30T01:28:02.267",
    )


def test_show_gives_the_encounter_of_a_conjunction_message_and_the_participants_of_tracking(
    capsys: Capture,
) -> None:
    _, answer = _json(capsys, "show", str(DATA / "AlfanoTestCase02.cdm"))
    assert answer["messages"][0]["encounter"]["MISS_DISTANCE"] == "5.049715 m"
    code, text, _ = _plain(capsys, "show", str(DATA / "TDMExample2.xml"))
    assert code == 0
    assert "DSS-25 / yyyy-nnnA" in text


@pytest.mark.slow
def test_show_lists_a_folder_and_says_what_it_left_out(capsys: Capture) -> None:
    code, answer = _json(capsys, "show", str(DATA))
    assert code == 3
    by_name = {Path(item["file"]).name: item for item in answer["messages"]}
    assert by_name["OMMExample2.xml"]["type"] == "OMM"
    assert by_name["OPM-incompatible-units.txt"]["problem"]["where"].endswith("line 20 column 20")
    assert any(path.endswith("SOURCES.md") for path in answer["left_out"])
    code, text, said = _plain(capsys, "show", str(DATA))
    assert code == 3
    assert "AEMExample15.txt" in text
    assert "are no messages" in said


def test_show_reads_a_very_large_ephemeris_piece_by_piece(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = _json(capsys, "show", str(DATA / "OEMExample8.txt"))[1]["messages"][0]
    monkeypatch.setattr(message_files, "STREAMED_BYTES", 100)
    code, answer = _json(capsys, "show", str(DATA / "OEMExample8.txt"))
    message = answer["messages"][0]
    assert (code, message["streamed"], message["values"]) == (0, True, [])
    assert message["segments"] == whole["segments"]


# --- check ---


def test_check_accepts_and_refuses_with_the_clause(capsys: Capture) -> None:
    good, bad = str(DATA / "OPMExample3.txt"), str(DATA / "TDM-issue963.txt")
    assert run_arguments(["message", "check", "--strict", good]) == 0
    capsys.readouterr()
    code, answer = _json(capsys, "check", good, bad)
    assert (code, answer["accepted"], answer["refused"]) == (3, 1, 1)
    assert [item["accepted"] for item in answer["messages"]] == [True, False]
    finding = answer["messages"][1]["findings"][0]
    assert (finding["line"], finding["keyword"]) == (13, "PATH")
    assert "503.0-B-2" in finding["clause"]


def test_check_prints_file_line_and_column_for_editors(capsys: Capture) -> None:
    file = DATA / "OPM-incompatible-units.txt"
    code, text, said = _plain(capsys, "check", str(file))
    assert code == 3
    assert f"{file}:20:20: error: SOLAR_RAD_AREA: the unit is s, not m**2" in text
    assert "[502.0-B-3 table 3-3]" in text
    assert "0 accepted, 1 refused; 1 error" in said


def test_strict_refuses_what_tolerant_lists(capsys: Capture) -> None:
    file = str(DATA / "OPM-dummy-earth-moon-barycenter.txt")
    code, text, _ = _plain(capsys, "check", file)
    assert code == 0
    assert "all upper or all lower case" in text
    assert run_arguments(["message", "check", "--strict", file]) == 3
    assert run_arguments(["message", "show", "--strict", file]) == 3


def test_check_goes_on_after_a_file_that_cannot_be_read(capsys: Capture, tmp_path: Path) -> None:
    (tmp_path / "noise.bin").write_bytes(b"\x00\xff\x17 no message")
    files = [str(DATA / "OPMExample3.txt"), str(tmp_path / "no"), str(tmp_path / "noise.bin")]
    code, answer = _json(capsys, "check", *files)
    assert code == 6
    assert [item["accepted"] for item in answer["messages"]] == [True, False, False]
    assert "does not exist" in answer["messages"][1]["error"]


# --- convert ---


def test_convert_and_diff_go_together(tmp_path: Path, capsys: Capture) -> None:
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
    found = {item["place"].rpartition("/")[2]: item for item in answer["differences"]}
    assert found["OBJECT_NAME"]["kind"] == "spelling"
    assert (found["X"]["difference"], found["X"]["unit"]) == ("0.00001", "km")
    assert found["X"]["last_digits"] == pytest.approx(0.1)
    assert answer["largest"]["position_m"] == pytest.approx(0.01)
    assert run_arguments(["message", "diff", file, back, "--ignore-rounding"]) == 0


def test_convert_takes_several_into_a_folder(tmp_path: Path, capsys: Capture) -> None:
    files = [str(DATA / name) for name in ("OPMExample3.txt", "OEMExample8.txt", "TDMExample15.txt")]
    code, answer = _json(capsys, "convert", *files, "--to", "json", "--out", str(tmp_path / "all"))
    assert code == 0
    written = sorted(path.name for path in (tmp_path / "all").iterdir())
    assert written == ["OEMExample8.json", "OPMExample3.json", "TDMExample15.json"]
    assert {item["type"] for item in answer["messages"]} == {"OPM 3.0", "OEM 2.0", "TDM 1.0"}
    for file in files:
        other = tmp_path / "all" / (Path(file).stem + ".json")
        assert run_arguments(["message", "diff", file, str(other)]) == 0


def test_convert_lists_what_is_refused_and_converts_the_rest(tmp_path: Path, capsys: Capture) -> None:
    good = [str(DATA / name) for name in ("OPMExample3.txt", "OEMExample8.txt")]
    bad = tmp_path / "bad.opm"
    bad.write_bytes((DATA / "OPMExample3.txt").read_bytes().replace(b"X_DOT", b"X_DOTT"))
    absent = str(tmp_path / "absent.opm")
    arguments = ["message", "convert", good[0], str(bad), absent, good[1], "--to", "xml", "--out"]
    assert run_arguments([*arguments, str(tmp_path / "a")]) == 6
    shown = capsys.readouterr().err
    for part in ("error[", "got:", "allowed:", "where:", "hint:", "X_DOTT", "2 converted, 2 refused"):
        assert part in shown
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == ["OEMExample8.xml", "OPMExample3.xml"]
    code, answer = _json(
        capsys, *arguments[1:3], str(bad), good[1], "--to", "xml", "--out", str(tmp_path / "b")
    )
    assert (code, answer["ok"], answer["refused"]) == (3, False, [str(bad)])
    assert [item["type"] for item in answer["messages"]] == ["OPM 3.0", "OEM 2.0"]
    assert {"code", "what", "value", "allowed", "where", "hint"} <= set(answer["problems"][0])


def test_convert_refuses_two_messages_of_one_name(tmp_path: Path, capsys: Capture) -> None:
    files = [str(DATA / "OMMExample2.txt"), str(DATA / "OMMExample2.xml")]
    code, answer = _json(capsys, "convert", *files, "--to", "json", "--out", str(tmp_path))
    assert code == 3
    assert answer["problems"][0]["what"] == "two messages would get the same name"
    assert not list(tmp_path.iterdir())


def test_convert_names_what_it_cannot_carry_and_writes_it_only_when_told(
    tmp_path: Path, capsys: Capture
) -> None:
    source = tmp_path / "with-comment.xml"
    content = (DATA / "OMMExample2.xml").read_bytes()
    source.write_bytes(content.replace(b"<header>", b"<!-- reviewed by J. --><header>", 1))
    arguments = ["convert", str(source), "--to", "kvn", "--out", str(tmp_path / "out.kvn")]
    code, answer = _json(capsys, *arguments)
    assert code == 3
    assert "comment" in answer["problems"][0]["value"]
    assert not (tmp_path / "out.kvn").exists()
    code, answer = _json(capsys, *arguments, "--allow-loss")
    assert code == 0
    assert len(answer["messages"][0]["not_carried_over"]) == 1
    assert (tmp_path / "out.kvn").exists()


def test_convert_does_not_replace_another_file(tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "opm.xml"
    out.write_text("a letter")
    arguments = ["convert", str(DATA / "OPMExample3.txt"), "--to", "xml", "--out", str(out)]
    code, _ = _json(capsys, *arguments)
    assert (code, out.read_text()) == (6, "a letter")
    assert _json(capsys, *arguments, "--overwrite")[0] == 0
    assert _json(capsys, *arguments)[0] == 0  # the same bytes again


def test_convert_refuses_a_combined_message_as_kvn(tmp_path: Path, capsys: Capture) -> None:
    opm = (DATA / "OPMExample3.xml").read_text().partition("?>")[2]
    (tmp_path / "ndm.xml").write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n<ndm>{opm}</ndm>')
    code, answer = _json(
        capsys,
        "convert",
        str(tmp_path / "ndm.xml"),
        "--to",
        "kvn",
        "--out",
        str(tmp_path / "x"),
        "--allow-loss",
    )
    assert code == 3
    assert "combined message" in answer["problems"][0]["what"]


# --- diff ---


def _altered(tmp_path: Path, name: str, *changes: tuple[str, str]) -> tuple[str, str]:
    text = (DATA / name).read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (tmp_path / name).write_text(text)
    return str(DATA / name), str(tmp_path / name)


def test_diff_finds_one_altered_digit_and_says_how_far_it_moves_the_state(
    tmp_path: Path, capsys: Capture
) -> None:
    pair = _altered(tmp_path, "OEMExample8.txt", ("-308.143", "-308.144"))
    code, answer = _json(capsys, "diff", *pair)
    (item,) = answer["differences"]
    assert code == 1
    assert item["place"] == "segment[1]/data/line 2 (1996-12-18T12:01:00.331) Y"
    assert (item["difference"], item["unit"], item["last_digits"]) == ("-0.001", "km", 1.0)
    assert (item["plain"], item["plain_unit"]) == (-1.0, "m")
    assert answer["largest"]["position_m"] == 1.0
    code, text, said = _plain(capsys, "diff", *pair)
    assert code == 1
    assert "largest difference in position: 1 m" in text
    assert "1 difference of meaning" in said


def test_diff_pairs_data_lines_by_their_epoch(tmp_path: Path, capsys: Capture) -> None:
    line = "1996-12-18T12:01:00.331 2783.419 -308.143 -1877.071 5.18604 -2.42124 -1.99608\n"
    pair = _altered(tmp_path, "OEMExample8.txt", (line, ""))
    code, answer = _json(capsys, "diff", *pair)
    assert code == 1
    assert [item["kind"] for item in answer["differences"]] == ["missing"]


def test_diff_takes_the_same_instant_in_another_time_system_as_the_same(
    tmp_path: Path, capsys: Capture
) -> None:
    # TAI - UTC was 30 s in December 1996 (IERS Bulletin C 11)
    text = (DATA / "OEMExample8.txt").read_text()
    first = text.split("META_START")[1]
    second = first.replace("TIME_SYSTEM = UTC", "TIME_SYSTEM = TAI")
    for minute in ("12:00:00", "12:01:00", "12:02:00", "12:10:00", "21:23:00", "21:28:00"):
        second = second.replace(f"T{minute}.331", f"T{minute[:6]}30.331")
    head = text.split("META_START")[0]
    utc, tai = tmp_path / "utc.oem", tmp_path / "tai.oem"
    utc.write_text(f"{head}META_START{first}")
    tai.write_text(f"{head}META_START{second}")
    code, answer = _json(capsys, "diff", str(utc), str(tai))
    meaning = [item for item in answer["differences"] if item["matters"]]
    assert code == 1
    assert [item["place"] for item in meaning] == ["segment/metadata/TIME_SYSTEM"]
    tai.write_text(f"{head}META_START{second.replace('12:01:30.331', '12:01:30.332')}")
    _, answer = _json(capsys, "diff", str(utc), str(tai))
    moved = [item for item in answer["differences"] if item["matters"]][1]
    assert (moved["difference"], moved["plain_unit"]) == ("0.001", "s")


def test_diff_of_identical_bytes_and_of_blanks_only(tmp_path: Path, capsys: Capture) -> None:
    pair = _altered(tmp_path, "OPMExample3.txt", ("\n", "\n\n"))
    code, _, said = _plain(capsys, "diff", *pair)
    assert code == 0
    assert "only blanks, blank lines or line ends differ" in said
    code, _, said = _plain(capsys, "diff", pair[0], pair[0])
    assert (code, "byte for byte" in said) == (0, True)


def test_a_missing_file_is_named(capsys: Capture) -> None:
    code, answer = _json(capsys, "show", "no/such/file")
    assert code == 6
    assert answer["ok"] is False
    code, answer = _json(capsys, "diff", "no/such/file", str(DATA / "OPMExample3.txt"))
    assert (code, answer["ok"]) == (6, False)
