"""The rules of the house, held by reading the source: sizes, names, imports, documents."""

from __future__ import annotations

import ast
import gc
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "syzygy"
MODULES = sorted(SOURCE.rglob("*.py"))
MAX_FILE_LINES = 600
MAX_FUNCTION_LINES = 80
HEAVY = {
    "scipy",
    "numba",
    "pyarrow",
    "matplotlib",
    "sgp4",
    "pymsis",
    "lxml",
    "jinja2",
    "rich",
    "cryptography",
}
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "handler"}


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def _tree(path: Path) -> ast.Module:
    gc.disable()  # half a million nodes that all stay: collecting among them doubles the time
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    finally:
        gc.enable()


def _imports_at_module_level(tree: ast.Module) -> Iterator[str]:
    """Yield modules imported when the file is imported, TYPE_CHECKING blocks left out."""
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            kernels = [alias.name for alias in node.names if alias.name.endswith("_kernels")]
            if len(kernels) == len(node.names):
                yield from (f"{node.module}.{name}" for name in kernels)
            else:
                yield node.module or ""


def test_no_file_is_longer_than_600_lines() -> None:
    long = {_name(p): n for p in MODULES if (n := p.read_text().count("\n")) > MAX_FILE_LINES}
    assert not long


def test_no_function_is_longer_than_80_lines() -> None:
    long = {}
    for path in MODULES:
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > MAX_FUNCTION_LINES:
                    long[f"{_name(path)}:{node.name}"] = lines
    assert not long


def test_no_module_is_a_drawer_for_everything() -> None:
    assert not [_name(p) for p in MODULES if p.stem in FORBIDDEN_NAMES]


def test_every_module_says_what_it_is_for() -> None:
    assert not [_name(p) for p in MODULES if not ast.get_docstring(_tree(p))]


def test_heavy_libraries_are_never_imported_at_module_level() -> None:
    found = {}
    for path in MODULES:
        heavy = {name.split(".")[0] for name in _imports_at_module_level(_tree(path))} & HEAVY
        if path.stem.endswith("_kernels"):
            heavy -= {"numba"}
        if heavy:
            found[_name(path)] = sorted(heavy)
    assert not found


def test_only_the_data_room_can_reach_the_network() -> None:
    network = {"urllib", "http", "socket", "ssl", "ftplib", "requests", "httpx", "asyncio"}
    found = []
    for path in MODULES:
        if path.relative_to(SOURCE).parts[0] == "data":
            continue
        for node in ast.walk(_tree(path)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found += [f"{_name(path)}: {name}" for name in names if name.split(".")[0] in network]
    assert not found


def test_kernels_import_nothing_of_ours_but_kernels() -> None:
    found = {}
    for path in MODULES:
        if path.stem.endswith("_kernels"):
            ours = [n for n in _imports_at_module_level(_tree(path)) if n.startswith("syzygy")]
            odd = [n for n in ours if not n.rsplit(".", 1)[-1].endswith("_kernels")]
            if odd:
                found[_name(path)] = odd
    assert not found


def test_kernels_are_imported_only_where_they_are_called() -> None:
    found = {}
    for path in MODULES:
        if path.stem.endswith("_kernels"):
            continue
        eager = [n for n in _imports_at_module_level(_tree(path)) if n.endswith("_kernels")]
        if eager:
            found[_name(path)] = eager
    assert not found


_LINT_HERE = (
    "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports;"
    "raise SystemExit(lint_imports(no_cache=True))"
)
_UNITLESS_WORDS = ("altitude", "distance", "speed", "velocity", "position", "duration", "angle", "elevation")


def test_public_fields_of_quantities_carry_their_unit() -> None:
    """A field whose name ends in the bare word of a physical quantity has lost its unit."""
    found = []
    for path in MODULES:
        for node in ast.walk(_tree(path)):
            for item in node.body if isinstance(node, ast.ClassDef) else ():
                if not isinstance(item, ast.AnnAssign) or not isinstance(item.target, ast.Name):
                    continue
                name = item.target.id
                if not name.startswith("_") and name.endswith(_UNITLESS_WORDS) and not name.isupper():
                    found.append(f"{_name(path)}:{item.lineno} {name}")
    assert not found


def test_rooms_have_a_docstring_and_no_stranger_among_them() -> None:
    rooms = {p.name for p in SOURCE.iterdir() if p.is_dir() and p.name != "__pycache__"}
    assert rooms == {
        "astro",
        "base",
        "cli",
        "data",
        "debris",
        "exchange",
        "exploration",
        "formats",
        "materials",
        "numerics",
        "programme",
        "satellites",
        "sensing",
        "studies",
    }
    for room in rooms:
        assert ast.get_docstring(_tree(SOURCE / room / "__init__.py")), room


@pytest.mark.slow
def test_the_import_contracts_hold() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_the_import_contracts_turn_red_on_a_planted_violation(tmp_path: Path) -> None:
    """The canary: a copy of the package in which ``astro`` imports an application must fail."""
    import shutil

    shutil.copytree(SOURCE, tmp_path / "syzygy", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    canary = tmp_path / "syzygy" / "astro" / "constants.py"
    canary.write_text(canary.read_text() + "\nimport syzygy.debris  # noqa\n")
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            _LINT_HERE,
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0, done.stdout
    assert "syzygy.astro" in done.stdout


def test_the_repository_names_no_path_of_a_machine() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    suspicious = ("/" + "work/", "/" + "root/", "/" + "home/")
    found = []
    for name in listed.split():
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".cfg", ".yml", ".txt", ".sh", ""} and path.is_file():
            text = path.read_text(encoding="utf-8", errors="ignore")
            found += [name for word in suspicious if word in text]
    assert not found


@pytest.mark.slow
def test_every_module_imports_alone_and_says_nothing() -> None:
    names = [
        ".".join(p.relative_to(SOURCE.parent).with_suffix("").parts).removesuffix(".__init__")
        for p in MODULES
    ]
    script = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]:\n"
        "    for loaded in [m for m in sys.modules if m.split('.')[0] == 'syzygy']: del sys.modules[loaded]\n"
        "    importlib.import_module(name)\n"
    )
    names = [n for n in names if not n.endswith("__main__")]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script, *names], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "", "an import must not print"


def test_importing_the_package_loads_nothing_heavy() -> None:
    script = "import sys, syzygy; print(sorted(m.split('.')[0] for m in sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert not [name for name in (*HEAVY, "numpy", "pydantic") if f"'{name}'" in loaded]


def test_importing_the_package_costs_a_handful_of_modules() -> None:
    """Modules are counted instead of seconds: a count is the same on a busy machine."""
    script = "import sys; before = set(sys.modules); import syzygy; print(len(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert int(done.stdout) <= 5


@pytest.mark.slow
@pytest.mark.parametrize("words", [["--help"], ["debris", "screen", "--help"], ["data", "--help"]])
def test_help_comes_without_numpy(words: list[str]) -> None:
    """Whoever asks for help waits for click and a few records, not for arrays."""
    script = (
        "import sys\nfrom syzygy.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(len(sys.modules), sorted(m.split('.')[0] for m in sys.modules), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True, check=True)
    count, loaded = done.stderr.splitlines()[-1].split(" ", 1)
    assert "Usage" in done.stdout
    assert int(count) <= 250
    assert not [name for name in (*HEAVY, "numpy", "erfa", "pydantic", "asyncio") if f"'{name}'" in loaded]
