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
