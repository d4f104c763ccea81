"""Who may import whom, where import-linter's contracts do not reach."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

KIOSK_ONLY = ("kivy", "escpos", "serial", "requests", "PIL")
SERVER_ONLY = (
    "fastapi",
    "uvicorn",
    "sqlalchemy",
    "alembic",
    "jinja2",
    "argon2",
    "pysqlite3",
    "tomlkit",
)


def users(imports, package: str) -> set[str]:
    return {name for name, used in imports.items() if package in {u.split(".")[0] for u in used}}


@pytest.mark.parametrize("package", ["kivy", "escpos", "serial", "requests", "qrcode"])
def test_the_shipped_code_imports_each_package_that_was_agreed(imports, package):
    assert users(imports, package), f"nothing imports {package}"


def test_only_the_screens_import_kivy(imports):
    assert {n for n in users(imports, "kivy") if not n.startswith("kiosk.screens")} == set()


def test_only_the_codec_imports_python_escpos(imports):
    assert users(imports, "escpos") == {"printer.escpos_codec"}


def test_the_server_knows_nothing_of_the_kiosk_but_the_contract(imports):
    known = {u for name, used in imports.items() if name.startswith("server_stub") for u in used}

    of_the_kiosk = {u for u in known if u == "kiosk" or u.startswith("kiosk.")}
    assert {u for u in of_the_kiosk if not u.startswith("kiosk.contract")} == set()


def imported_by(path: Path) -> set[str]:
    """Return what one file imports, by module."""
    used = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            used |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            used.add(node.module or "")
    return used


def test_the_demo_uses_no_package_that_only_tests_have(root):
    used, to_read = set(), {"tests.stand.demo"}
    while to_read:
        found = imported_by(root.joinpath(*to_read.pop().split(".")).with_suffix(".py"))
        to_read |= {name for name in found - used if name.startswith("tests.stand.")}
        used |= found
    foreign = {name for name in used if name.split(".")[0] not in sys.stdlib_module_names}

    # kivy.tests is not among them: it imports pytest.
    allowed = ("kiosk", "printer", "server_stub", "tests.stand", "requests", "kivy.")
    assert {n for n in foreign if not n.startswith(allowed) or n.startswith("kivy.tests")} == set()
    assert "tests.stand.server" in used


def import_without(blocked: tuple[str, ...], statement: str) -> str:
    """Run an import in a Python where some packages are not installed; return what went wrong."""
    code = f"""
import sys
from pathlib import Path
class NotInstalled:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, NotInstalled())
{statement}
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stderr


@pytest.mark.slow
def test_the_server_starts_where_no_kiosk_package_is_installed():
    assert import_without(KIOSK_ONLY, "import server_stub.app, server_stub.__main__") == ""


@pytest.mark.slow
def test_the_kiosk_starts_where_no_server_package_is_installed():
    assert import_without(SERVER_ONLY, "import kiosk.assembly, kiosk.__main__") == ""
