"""What the pages for technicians say is all there is to say."""

import re

from kiosk.settings import (
    KioskTable,
    PrinterTable,
    ScreenTable,
    ServerTable,
    SiteTable,
    SpeechTable,
)


def test_every_setting_of_a_kiosk_is_explained(root):
    page = (root / "docs" / "kiosk.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"`([a-z_]+)`", page.split("## Settings")[1].split("\n## ")[0]))
    tables = (KioskTable, ServerTable, SiteTable, PrinterTable, ScreenTable, SpeechTable)

    assert {name for table in tables for name in table.model_fields} <= explained


def test_every_link_between_the_pages_leads_somewhere(root):
    pages = [*root.glob("*.md"), *(root / "docs").glob("*.md")]
    broken = [
        f"{page.name}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]

    assert broken == []


def test_every_picture_of_the_readme_is_there(root):
    page = (root / "README.md").read_text(encoding="utf-8")
    pictures = re.findall(r'src="([^"]+)"', page)

    assert pictures
    assert [name for name in pictures if not (root / name).is_file()] == []
