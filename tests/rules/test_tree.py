"""What must hold for the files as a whole."""

import ast
import re
import subprocess

import pytest

# Written in pieces, so that this file does not find itself.
FORBIDDEN = [
    r"/(work|farm|root|tmp)/[a-z]",
    "python" + "hosted",
    r"registry\." + "npm" + "js",
    r"deb\." + r"debian\.org",
]


def committed(root) -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True
    )
    return [name for name in listed.stdout.split("\0") if name and (root / name).is_file()]


def test_every_module_says_what_it_is(parsed):
    silent = [
        name for name, tree in parsed.items() if name != "kiosk" and not ast.get_docstring(tree)
    ]

    assert silent == []


def test_no_file_holds_a_machine_path_or_a_download_address(root):
    pattern = re.compile("|".join(FORBIDDEN))
    found = []
    for name in committed(root):
        if name.startswith(("assets/fonts/", "server_stub/static/vendor/")):
            continue
        try:
            text = (root / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{name}: {hit[0]}" for hit in pattern.finditer(text)]

    assert found == []


def test_no_committed_file_is_over_a_megabyte(root):
    large = [name for name in committed(root) if (root / name).stat().st_size > 1_000_000]

    assert large == []


def locked(root, name: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9-]+)==", (root / name).read_text(), flags=re.MULTILINE))


def test_the_kiosk_installs_no_server_package_and_the_reverse(root):
    kiosk, server = locked(root, "kiosk.lock"), locked(root, "server.lock")

    assert kiosk.isdisjoint({"fastapi", "uvicorn", "sqlalchemy", "alembic", "jinja2"})
    assert server.isdisjoint({"kivy", "python-escpos", "pyserial", "requests", "pillow"})


@pytest.mark.parametrize("name", ["kiosk.lock", "server.lock"])
def test_what_is_shipped_is_what_was_tested(root, name):
    pins = re.compile(r"^([a-z0-9-]+==[^ ;\\]+)", flags=re.MULTILINE)
    shipped_pins = set(pins.findall((root / name).read_text()))
    tested_pins = set(pins.findall((root / "dev.lock").read_text()))

    assert shipped_pins <= tested_pins


def test_every_locked_package_has_a_hash(root):
    for name in ("kiosk.lock", "server.lock", "dev.lock"):
        entries = re.split(r"^(?=[a-z0-9-]+==)", (root / name).read_text(), flags=re.MULTILINE)
        assert [e.split("==")[0] for e in entries[1:] if "--hash=sha256:" not in e] == []
