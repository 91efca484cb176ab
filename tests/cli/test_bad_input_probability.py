"""Plausible mistakes with conjunction messages: five-part message, exit code, and nothing else lost."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from syzygy.cli.app import run_arguments

INPUTS = Path(__file__).resolve().parents[2] / "examples" / "joint-programme" / "inputs" / "debris"
GOOD = sorted((INPUTS / "conjunctions").glob("*.cdm"))[0]
TEXT = GOOD.read_bytes()
USAGE, REFUSED, DATA, STORAGE = 2, 3, 4, 6


def edit(*changes: tuple[bytes, bytes], count: int = 1) -> bytes:
    content = TEXT
    for old, new in changes:
        assert old in content, old
        content = content.replace(old, new, count)
    return content


def lines(pattern: bytes, new: bytes, content: bytes = TEXT) -> bytes:
    assert re.search(pattern, content, re.MULTILINE)
    return re.sub(pattern, new, content, flags=re.MULTILINE)


COVARIANCE = rb"^(C[RTN]\w*_[RTN](?:DOT)?\s*=).*$"
OEM = b"""CCSDS_OEM_VERS = 2.0
CREATION_DATE = 2022-01-01T00:00:00
ORIGINATOR = X
META_START
OBJECT_NAME = A
OBJECT_ID = 1998-067A
CENTER_NAME = EARTH
REF_FRAME = EME2000
TIME_SYSTEM = UTC
START_TIME = 2022-01-01T00:00:00
STOP_TIME = 2022-01-01T00:01:00
META_STOP
2022-01-01T00:00:00 7000 0 0 0 7.5 0
2022-01-01T00:01:00 6990 450 0 -0.5 7.4 0
"""


@dataclass(frozen=True)
class Mistake:
    """One mistake: the command, what must happen, and what must be said."""

    name: str
    command: str
    code: int
    says: str
    files: dict[str, bytes] = field(default_factory=dict)


MISTAKES = [
    Mistake("no message at all", "debris pc", USAGE, "EVENTS"),
    Mistake("message missing", "debris pc nowhere.cdm", STORAGE, "does not exist"),
    Mistake("empty file", "debris pc m.cdm", REFUSED, "m.cdm", {"m.cdm": b""}),
    Mistake("directory without files", "debris pc d/sub", REFUSED, "without files", {"d/sub/.hidden": b"x"}),
    Mistake("wrong type of message", "debris pc m.oem", REFUSED, "screen them first", {"m.oem": OEM}),
    Mistake(
        "states in kilometres given as metres",
        "debris pc m.cdm",
        REFUSED,
        "kilometres",
        {"m.cdm": edit((b"[km]\n", b"\n"), (b"= -5.893879969848612745e+03", b"= -5.893879969848612745e+06"))},
    ),
    Mistake(
        "speed in metres per second",
        "debris pc m.cdm",
        REFUSED,
        "a speed that no object",
        {"m.cdm": edit((b"= -2.940895299819427322e+00", b"= -2.940895299819427322e+03"))},
    ),
    Mistake(
        "unit of metres", "debris pc m.cdm", REFUSED, "X", {"m.cdm": lines(rb"^(X\s*=.*)\[km\]", rb"\1[m]")}
    ),
    Mistake(
        "mixed frames", "debris pc m.cdm", REFUSED, "two frames", {"m.cdm": edit((b"= EME2000", b"= GCRF"))}
    ),
    Mistake(
        "unknown frame",
        "debris pc m.cdm",
        REFUSED,
        "frame",
        {"m.cdm": edit((b"= EME2000", b"= MOD"), count=9)},
    ),
    Mistake(
        "covariance term missing",
        "debris pc m.cdm",
        REFUSED,
        "CT_R",
        {"m.cdm": lines(rb"^CT_R\s*=.*\n", b"")},
    ),
    Mistake(
        "covariance not a number",
        "debris pc m.cdm",
        REFUSED,
        "CT_R",
        {"m.cdm": lines(rb"^(CT_R\s*=).*$", rb"\1 1,5")},
    ),
    Mistake(
        "radius in kilometres", f"debris pc {GOOD} --hard-body-radius-m 0.0087", REFUSED, "unit here is m"
    ),
    Mistake(
        "radius of a planet", f"debris pc {GOOD} --hard-body-radius-m 6378137", REFUSED, "unit here is m"
    ),
    Mistake("threshold in per cent", f"debris pc {GOOD} --threshold 5", REFUSED, "out of range"),
    Mistake(
        "thresholds exchanged",
        f"debris pc {GOOD} --threshold 1e-7 --watch-above 1e-4",
        REFUSED,
        "not in order",
    ),
    Mistake(
        "sizes without columns",
        f"debris pc {GOOD} --sizes s.csv",
        REFUSED,
        "lacks a column",
        {"s.csv": b"a,b\n1,2\n"},
    ),
    Mistake(
        "size in centimetres",
        f"debris pc {GOOD} --sizes s.csv",
        REFUSED,
        "a radius that no object has",
        {"s.csv": b"ObjectID,HBR,HBRSigma\n28485,870,1\n"},
    ),
    Mistake("sizes broken", f"debris pc {GOOD} --sizes s.csv", REFUSED, "s.csv", {"s.csv": b"\x1f\x8bxx"}),
    Mistake("unknown word", f"debris pc {GOOD} --monte-carlo maybe", USAGE, "maybe"),
    Mistake("events without catalogue", "debris pc e.csv", DATA, "--catalogue", {"e.csv": b"x"}),
    Mistake(
        "table that is none",
        f"debris pc e.csv --catalogue {INPUTS}/iridium33_cosmos2251_2009.3le",
        REFUSED,
        "e.csv",
        {"e.csv": b"a,b\n1,2\n"},
    ),
    Mistake("error model of two axes", f"debris pc {GOOD} --model-sigma-km 1,2", REFUSED, "three axes"),
    Mistake("trend of nothing", "debris trend m.cdm", REFUSED, "m.cdm", {"m.cdm": b"\n"}),
    Mistake("lead in seconds", f"debris trend {GOOD} --lead-h 43200", REFUSED, "unit here is h"),
]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda m: m.name)
def test_a_mistake_is_explained(mistake: Mistake, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, content in mistake.files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)
    code = run_arguments(shlex.split(mistake.command))
    said = capsys.readouterr().err
    assert code == mistake.code, said
    assert "Traceback" not in said
    assert mistake.says.lower() in " ".join(said.split()).lower()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "verdict", "says"),
    [
        (lines(COVARIANCE, rb"\1 0.0"), "no probability", "neither object has a covariance"),
        (
            b"= OBJECT2".join(
                [TEXT.split(b"= OBJECT2")[0], lines(COVARIANCE, rb"\1 0.0", TEXT.split(b"= OBJECT2")[1])]
            ),
            "bound only",
            "secondary: no covariance",
        ),
        (lines(rb"^(CT_R\s*=).*$", rb"\1 9.0e+05"), "covariance in doubt", "not positive definite"),
        (lines(rb"^(C[RTN]_[RTN]\s*=) ([-+0-9.]+)e.*$", rb"\1 \g<2>e-06"), "", "better than any tracking"),
        (edit((b"= 193 [m]", b"= 0.193 [m]")), "input in doubt", "kilometres for metres?"),
        (lines(rb"^COMMENT HBR.*\n", b""), "valid", "DEFAULT 20 m"),
    ],
    ids=[
        "no covariance",
        "one covariance",
        "not positive definite",
        "km^2 for m^2",
        "miss in km",
        "no radius",
    ],
)
def test_what_can_be_used_is_used_and_said(
    content: bytes, verdict: str, says: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "m.cdm").write_bytes(content)
    assert run_arguments(["debris", "pc", "m.cdm", "--monte-carlo", "never", "--json"]) == 0
    row = json.loads(capsys.readouterr().out)["table"]["rows"][0]
    assert verdict in row["verdict"]
    assert says in row["reasons"]


@pytest.mark.slow
def test_a_bad_message_among_good_ones_is_listed(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "bad.cdm").write_bytes(TEXT[:2000])
    command = f"debris pc bad.cdm {GOOD} --monte-carlo never --json --rejected left.json"
    assert run_arguments(shlex.split(command)) == 0
    assert len(json.loads(capsys.readouterr().out)["table"]["rows"]) == 1
    assert "bad.cdm" in (place / "left.json").read_text()
