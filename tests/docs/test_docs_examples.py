"""The documents: every Python example is a doctest and every shell example is run."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
PAGES = [page for page in PAGES if "_generated" not in page.parts and "_build" not in page.parts]
SKIPPED = (
    "make ",
    "git ",
    "syzygy data fetch",
    "syzygy run examples/joint-programme",
    "syzygy verify out/joint",
)
"""What the tests of other rooms run, or what needs the network; kept fresh by `make run`."""

_BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
_CALL = re.compile(r"^\$ ((?:.*\\\n)*.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
_EXIT = re.compile(r"# exit code (\d+)\s*$")


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def _calls(page: Path) -> list[tuple[str, str]]:
    """Return each command of a page with the output that the page shows for it."""
    blocks = _BLOCK.findall(page.read_text(encoding="utf-8"))
    return [call for block in blocks for call in _CALL.findall(block)]


def _words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.slow
@pytest.mark.parametrize("page", [p for p in PAGES if ">>>" in p.read_text(encoding="utf-8")], ids=_name)
def test_python_examples_of_a_page_hold(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    text = re.sub(r"^```.*$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    case = doctest.DocTestParser().get_doctest(text, {}, _name(page), str(page), 0)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    runner.run(case)
    assert runner.summarize(verbose=False).failed == 0


@pytest.mark.slow
@pytest.mark.parametrize("page", [p for p in PAGES if _calls(p)], ids=_name)
def test_shell_examples_of_a_page_run(page: Path, tmp_path: Path) -> None:
    """Each command ends with its code (0, or the one in a comment behind it) and says what the page shows."""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "SYZYGY_KEYS": str(tmp_path / "keys"),
        "COLUMNS": "140",
    }
    for command, shown in _calls(page):
        if command.startswith(SKIPPED):
            continue
        expected = _EXIT.search(command)
        done = subprocess.run(
            command, shell=True, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        said = _words(f"{done.stdout} {done.stderr}")
        assert done.returncode == int(expected.group(1) if expected else 0), f"{command}\n{said}"
        for line in filter(None, (_words(line) for line in shown.splitlines())):
            missing = [part for part in line.split("...") if part.strip() not in said]
            assert not missing, f"{command}\nthe page shows: {line}\nnot said: {missing}\n{said}"


def test_the_examples_that_pages_show_are_found() -> None:
    """A page format that the expressions above no longer fit would pass unseen."""
    tutorials = [page for page in PAGES if "tutorials" in page.parts]
    assert len(tutorials) >= 6
    assert all(_calls(page) for page in tutorials)
