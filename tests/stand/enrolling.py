"""Enrolling for real: an administrator at the pages, and a machine that asks with its own key."""

import re
from contextlib import closing
from pathlib import Path
from uuid import UUID

from kiosk.contract.enrolling import EnrolmentState
from kiosk.enrolment import Enrolment
from kiosk.enrolment_folder import EnrolmentFolder
from kiosk.hardware import Hardware
from tests.stand.staff import StaffMember

KIOSKS, ONE = "/staff/admin/kiosks", "/staff/admin/kiosk"
CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b")


class Administrator(StaffMember):
    """Someone who is logged in at the pages of administration; see `StaffMember`."""

    def make_code(self, name: str) -> str:
        """Make a code for a new kiosk; return it as the page shows it."""
        return _code(self.submit(KIOSKS, KIOSKS, name=name))

    def make_code_for_new_series(self, enrolment: UUID) -> str:
        """Make a code for another machine or disk of a kiosk in use."""
        return _code(self.submit(f"{ONE}?enrolment={enrolment}", f"{ONE}/series"))

    def approve(self, fingerprint: str) -> None:
        """Approve the one machine that asks, where the page shows this fingerprint."""
        assert fingerprint in " ".join(self.words(KIOSKS)), "the page shows another fingerprint"
        self.submit(KIOSKS, f"{KIOSKS}/approve")

    def revoke(self, enrolment: UUID) -> None:
        """Take nothing of a kiosk any more."""
        self.submit(f"{ONE}?enrolment={enrolment}", f"{ONE}/revoke")


def enrol(
    administrator: Administrator,
    folder: Path,
    name: str = "",
    *,
    replaces: UUID | None = None,
    hardware: Hardware | None = None,
) -> Path:
    """Make a folder a kiosk's, from the code to its settings; return these.

    Args:
        administrator: Who makes the code and approves.
        folder: The kiosk's.
        name: What a new kiosk will be called.
        replaces: The enrolment of the kiosk whose new series it will be instead.
        hardware: What it runs on; nothing that can be read, by default.

    """
    code = (
        administrator.make_code_for_new_series(replaces)
        if replaces
        else administrator.make_code(name)
    )
    asking = Enrolment(
        EnrolmentFolder(folder), server=administrator.address, hardware=hardware or Hardware()
    )
    with closing(asking):
        asking.take_code(code)
        assert asking.ask() is EnrolmentState.WAITING
        administrator.approve(asking.fingerprint)
        assert asking.ask() is EnrolmentState.APPROVED
    return folder / "kiosk.toml"


def equip(settings: Path, *, printer: str, screen: str = "") -> None:
    """Say in the settings that enrolling wrote which printer and screen the kiosk has."""
    told = settings.read_text(encoding="utf-8")
    for line in (f'address = "{printer}"', *screen.splitlines()):
        name = line.split(" = ")[0]
        told, count = re.subn(rf"^{name} = .*$", lambda _: line, told, flags=re.MULTILINE)  # noqa: B023  # called at once
        assert count == 1, f"enrolling wrote no {name}"
    settings.write_text(told, encoding="utf-8")


def _code(page: str) -> str:
    found = CODE.search(page)
    assert found, "the page shows no code"
    return found[0]
