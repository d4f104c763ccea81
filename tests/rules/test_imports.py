"""Who may import whom, where import-linter's contracts do not reach."""

import ast
import subprocess
import sys

import pytest

KIOSK_ONLY = ("kivy", "escpos", "serial", "requests", "qrcode", "PIL")
SERVER_ONLY = ("fastapi", "uvicorn", "sqlalchemy", "alembic", "jinja2", "argon2", "pysqlite3")


def imported_packages(path) -> set[str]:
    packages = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            packages |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            packages.add(node.module.split(".")[0])
    return packages


@pytest.mark.parametrize("package", ["kivy", "escpos", "serial", "requests", "qrcode"])
def test_the_shipped_code_imports_each_package_that_was_agreed(shipped, package):
    users = [name for name, path in shipped.items() if package in imported_packages(path)]

    assert users, f"nothing imports {package}"


def test_only_the_screens_import_kivy(shipped):
    users = {name for name, path in shipped.items() if "kivy" in imported_packages(path)}

    assert {name for name in users if not name.startswith("kiosk.screens")} == set()


def test_only_the_codec_imports_python_escpos(shipped):
    users = {name for name, path in shipped.items() if "escpos" in imported_packages(path)}

    assert users == {"printer.escpos_codec"}


def test_the_server_knows_nothing_of_the_kiosk_but_the_contract(shipped):
    known = {
        node.module
        for name, path in shipped.items()
        if name.startswith("server_stub")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "kiosk"
    }

    assert {module for module in known if not module.startswith("kiosk.contract")} == set()


def import_without(blocked: tuple[str, ...], statement: str) -> str:
    """Run an import in a Python where some packages are not installed; return what went wrong."""
    code = f"""
import sys
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
