"""The documents are built without a warning, open offline, and tell what the oracle tests recorded."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_LOADED = re.compile(
    r"<(?:script|link|img|iframe|source)\b[^>]*?\b(?:src|href)=[\"'](?:https?:)?//[^\"']*", re.I
)
_IMPORTED = re.compile(r"(?:url\(|@import\s)\s*[\"']?(?:https?:)?//[^\s\"')]*", re.I)


@pytest.fixture(scope="module")
def generate() -> object:
    sys.path.insert(0, str(ROOT / "docs"))
    try:
        import generate
    finally:
        sys.path.pop(0)
    return generate


@pytest.mark.slow
def test_the_documents_are_built_without_a_warning_and_load_nothing_from_the_network(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sphinx", "-W", "-q", "-E", "-b", "html", "-d", str(tmp_path / "trees")]
    done = subprocess.run(
        [*command, "docs", str(tmp_path / "html")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    pages = sorted((tmp_path / "html").rglob("*.html"))
    assert len(pages) > 40
    fetched = {found for page in pages for found in _LOADED.findall(page.read_text(encoding="utf-8"))}
    sheets = (tmp_path / "html").rglob("*.css")
    fetched |= {found for sheet in sheets for found in _IMPORTED.findall(sheet.read_text(encoding="utf-8"))}
    assert not fetched


def test_without_records_the_validation_page_says_how_to_get_them(generate, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert "run `make test`" in generate.validation_page(tmp_path / "out" / "validation")


def test_records_become_rows_and_those_of_lost_tests_do_not(generate, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").write_text("def test_there(): ...\n")
    place = tmp_path / "out" / "validation"
    place.mkdir(parents=True)
    row = {
        "room": "astro.time",
        "measured": 2.5e-10,
        "allowed": 1e-9,
        "unit": "s",
        "oracle": "ERFA",
        "cases": 4000,
    }
    for quantity, name in (("TDB", "test_there[1]"), ("old", "test_gone")):
        record = {**row, "quantity": quantity, "test": f"tests/test_a.py::{name}"}
        (place / f"{quantity}.json").write_text(json.dumps(record))
    page = generate.validation_page(place)
    assert "## Time" in page
    assert "| TDB | 2.5e-10 | 1e-09 | s | 4,000 | ERFA |" in page
    assert "| old |" not in page


def test_the_command_reference_has_every_command(generate) -> None:  # type: ignore[no-untyped-def]
    page = generate.command_reference()
    for command in (
        "run",
        "check",
        "verify",
        "data fetch",
        "node init",
        "debris screen",
        "materials exposure",
    ):
        assert f"## syzygy {command}\n" in page


def test_decisions_are_numbered_without_gap() -> None:
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs" / "adr").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


def test_every_link_inside_the_project_leads_somewhere() -> None:
    lost = []
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            if not (page.parent / target).exists():
                lost.append(f"{page.name}: {target}")
    assert not lost


def test_every_message_type_has_its_page_of_keywords(generate: object, tmp_path: Path) -> None:
    from syzygy.formats.ccsds import VERSIONS, message_table

    generate.write_message_pages(tmp_path)  # type: ignore[attr-defined]
    for kind, versions in VERSIONS.items():
        page = (tmp_path / "messages" / f"{kind.lower()}.md").read_text(encoding="utf-8")
        rows = [line for line in page.splitlines() if line.startswith("| `")]
        assert all(line.count("|") == 8 for line in rows)
        for version in versions:
            for row in message_table(kind, version).rows:
                assert f"| `{row.keyword.strip('<>')}` |" in page, row.keyword
            assert ("was not at hand" in page) == any(message_table(kind, v).derived for v in versions)
