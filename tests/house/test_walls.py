"""The house as tests: who imports whom, how long files are, where floats and libraries may be."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "harvest_tui"
MODULES = sorted(SOURCE.rglob("*.py"))

DOORS = {
    "ccxt": ("exchanges/client.py", "exchanges/ccxt_import.py"),
    "aiosqlite": ("store/",),
    "sqlite3": ("store/",),
    "textual": ("ui/",),
    "plotext": ("ui/widgets/chart.py",),
    "textual_plotext": ("ui/widgets/chart.py",),
    "pandas": ("core/lot_frame.py",),
    "platformdirs": ("settings.py",),
    "keyring": ("keys.py",),
    "aiohttp": ("exchanges/transport.py", "exchanges/client.py", "exchanges/guard.py", "simulator/", "web/"),
    "cryptography": ("simulator/",),
    "textual_serve": ("web/",),
}


@cache
def imports_of(path: Path) -> frozenset[str]:
    """Top-level packages that a module imports anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return frozenset(found)


@pytest.mark.parametrize("library", sorted(DOORS))
def test_each_library_has_one_door(library: str) -> None:
    inside = [path for path in MODULES if library in imports_of(path)]
    assert [
        str(path.relative_to(SOURCE)) for path in inside if not str(path.relative_to(SOURCE)).startswith(DOORS[library])
    ] == []


def test_no_source_file_is_over_400_lines() -> None:
    long = {str(p.relative_to(ROOT)): n for p in MODULES if (n := len(p.read_text().splitlines())) > 400}
    assert long == {}


ORDERED_BY_FLOATS = {"portfolio.py": "unit costs in order: equal fractions are told apart by the exact figures"}
"""Binary floats may order rows; no figure that is read comes from these."""


def test_there_is_no_float_in_the_rules() -> None:
    found = []
    for path in sorted((SOURCE / "core").rglob("*.py")):
        if path.name in ORDERED_BY_FLOATS:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            is_literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
            is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float"
            if is_literal or is_call:
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []


def test_the_rules_have_no_clock_file_or_network() -> None:
    forbidden = {"os", "io", "time", "socket", "asyncio", "logging", "random", "subprocess", "urllib", "requests"}
    rules = sorted((SOURCE / "core").rglob("*.py"))
    assert {
        str(p.relative_to(ROOT)): sorted(imports_of(p) & forbidden) for p in rules if imports_of(p) & forbidden
    } == {}
    clocks = [str(p) for p in rules if ".now(" in p.read_text() or ".today(" in p.read_text()]
    assert clocks == []


def test_there_is_no_room_for_leftovers() -> None:
    names = {"utils", "common", "helpers", "models", "services", "managers"}
    assert [str(p.relative_to(ROOT)) for p in SOURCE.rglob("*") if p.stem in names] == []


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "--no-cache", "."],
        ["ruff", "format", "--check", "--no-cache", "."],
        ["mypy", "--no-error-summary"],
        ["lint-imports", "--no-cache"],
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_the_tools_find_nothing(command: list[str]) -> None:
    program = Path(sys.executable).parent / command[0]
    done = subprocess.run([str(program), *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


@pytest.fixture(scope="module")
def loaded_by_the_app() -> frozenset[str]:
    """Every module that is there once the monitor could begin."""
    code = "import sys, harvest_tui.ui.app, harvest_tui.cli.monitor; print(*sys.modules, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return frozenset(done.stdout.splitlines())


@pytest.mark.parametrize(
    "library",
    ["ccxt", "pandas", "numpy", "aiohttp", "keyring", "cryptography", "aiosqlite", "textual_plotext", "argparse"],
)
def test_importing_the_app_loads_no_heavy_library(library: str, loaded_by_the_app: frozenset[str]) -> None:
    assert "harvest_tui.ui.app" in loaded_by_the_app
    assert library not in loaded_by_the_app


def test_the_repository_names_no_registry_and_no_machine() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if tracked.returncode:
        pytest.skip("not a git checkout: there is no list of tracked files to read")
    hosts = ("py" + "pi.org", "python" + "hosted", "registry.npm" + "js", "deb.deb" + "ian")
    homes = ("/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/")
    found = []
    for name in tracked.stdout.split("\0"):
        path = ROOT / name
        if name and path.is_file() and path.suffix not in {".png", ".gz", ".sqlite3"}:
            text = path.read_text(errors="replace")
            found += [f"{name}: {word}" for word in hosts + homes if word in text]
    assert found == []
