import ast
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def root() -> Path:
    return Path(__file__).parents[2]


@pytest.fixture(scope="session")
def shipped(root) -> dict[str, Path]:
    """Every shipped module by its dotted name."""
    modules = {}
    for package in ("kiosk", "printer", "server_stub"):
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            modules[".".join(parts).removesuffix(".__init__")] = path
    return modules


@pytest.fixture(scope="session")
def parsed(shipped) -> dict[str, ast.Module]:
    """Every shipped module's syntax tree by its dotted name."""
    return {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in shipped.items()}


@pytest.fixture(scope="session")
def imports(parsed) -> dict[str, set[str]]:
    """What every shipped module imports, by full name; no module of ours is imported relatively."""
    named: dict[str, set[str]] = {}
    for name, tree in parsed.items():
        named[name] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                named[name] |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                named[name].add(node.module or "")
    return named
