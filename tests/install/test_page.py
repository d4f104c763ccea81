"""What can be said of ``docs/install.md`` and its units without a machine to try them on."""

import re
import subprocess
from configparser import RawConfigParser

import pytest

from tests.install.drill import drill_of
from tests.install.install_drill import CODE_ON_PAGE
from tests.install.page import PageError, steps
from tests.install.scaling_drill import CERTIFICATES, WATCHDOG
from tests.stand.server import ROOT

UNITS = sorted((ROOT / "assets" / "systemd").glob("*.service"))


@pytest.mark.parametrize("page", ["install", "scaling"])
def test_every_command_of_a_page_is_run_by_its_drill(tmp_path, page):
    drill = drill_of(page)(tmp_path)
    found, people = drill.steps(), drill.people()

    assert {machine for step in found for machine in step.machines} == drill.addresses.keys()
    assert {step.words for step in found if not step.machines} == people.keys()
    known = {"", "net", *drill.ways}
    assert all(step.words in known for step in found if step.machines)


def test_the_pages_have_what_a_drill_puts_something_else_for(tmp_path):
    texts = {
        page: "".join(s.text for s in drill_of(page)(tmp_path).steps())
        for page in ("install", "scaling")
    }

    assert CODE_ON_PAGE in texts["install"]
    assert WATCHDOG[0] in texts["scaling"]
    assert f"--out /{CERTIFICATES} " in texts["scaling"]


def test_commands_that_nobody_runs_are_found():
    with pytest.raises(PageError, match="line 3: commands without a mark"):
        list(steps("# Page\n\n```sh\nrm -r x\n```\n", machines=["server"]))
    with pytest.raises(PageError, match="line 1: a mark without commands"):
        list(steps("<!-- drill: server -->\nText.\n", machines=["server"]))


def test_every_unit_that_the_page_names_is_there():
    page = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\b(ankunft[a-z-]*@?\.(?:service|timer))\b", page))

    assert named <= {path.name for path in (ROOT / "assets" / "systemd").iterdir()}
    assert len(named) > 4


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_runs_without_rights_that_it_does_not_need(unit):
    told = RawConfigParser(strict=False, interpolation=None)
    told.optionxform = str  # type: ignore[assignment]
    told.read(unit)
    service = told["Service"]

    assert service.get("User", "") not in {"", "root"} or service.get("DynamicUser") == "yes"
    if "python -m" in service["ExecStart"]:
        assert service["NoNewPrivileges"] == "yes"
        assert service["ProtectSystem"] == "strict"
        assert service["MemorySwapMax"] == "0"
        assert service["LimitCORE"] == "0"


def test_systemd_understands_every_line_of_the_units():
    files = [str(path) for path in (*UNITS, ROOT / "assets/systemd/ankunft-backup.timer")]
    done = subprocess.run(
        ["systemd-analyze", "verify", *files], capture_output=True, text=True, check=False
    )
    # Programs of a machine that is set up are not here; whatever else it says is a mistake.
    said = [line for line in done.stderr.splitlines() if "is not executable" not in line]

    assert said == []
