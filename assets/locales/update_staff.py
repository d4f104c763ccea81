#!/usr/bin/env python
"""The texts of the server's pages: from code and templates into one catalogue per language.

python assets/locales/update_staff.py            add new texts, keep translations
python assets/locales/update_staff.py --check    fail where a text is missing or not translated
"""

import re
import sys
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

LOCALES = Path(__file__).resolve().parent
SERVER = LOCALES.parents[1] / "server_stub"
DOMAIN = "staff"

KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
METHODS = [("templates/*.html", "jinja2"), ("*.py", "python")]
OPTIONS = {"templates/*.html": {"trim_blocks": "true", "lstrip_blocks": "true"}}

# Headers that say nothing about the texts, or change at every run.
NOISE = ("Report-Msgid", "POT-Creation", "PO-Revision", "Last-Trans", "Language-Team", "Generated")


def texts() -> Catalog:
    """Return every text of the pages, untranslated."""
    catalog = Catalog(project="Ankunft", version="1", charset="utf-8")
    found = extract_from_dir(SERVER, METHODS, options_map=OPTIONS, keywords=KEYWORDS)
    for file, _line, message, _comments, _context in sorted(found, key=lambda each: each[:2]):
        catalog.add(message, locations=[(f"server_stub/{file}", 0)])
    return catalog


def languages() -> list[str]:
    """Return the languages that have a catalogue; English needs none."""
    return sorted(path.parents[1].name for path in LOCALES.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def read(language: str) -> Catalog:
    """Return the catalogue of a language as it is kept."""
    with _file(language).open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN)


def update(language: str, template: Catalog) -> None:
    """Add the new texts to a catalogue, and take out those that are no more."""
    catalog = read(language)
    catalog.update(template, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.header_comment = "# Ankunft: what staff and call displays read."
    written = BytesIO()
    write_po(written, catalog, width=100, sort_by_file=True, include_lineno=False)
    lines = written.getvalue().decode().splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(tuple(f'"{name}' for name in NOISE))]
    _replace(_file(language), "".join(kept).encode())


def _replace(path: Path, content: bytes) -> None:
    """Write a file anew, whole or not at all: whoever reads meanwhile finds the old one."""
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as file:
        beside = Path(file.name)
        file.write(content)
    beside.chmod(0o644)
    beside.replace(path)


def faults(catalog: Catalog, template: Catalog) -> list[str]:
    """Return what a catalogue lacks, a sentence each."""
    found = []
    for message in template:
        if not message.id:
            continue
        translated = catalog.get(message.id)
        if translated is None:
            found.append(f"not in the catalogue: {message.id!r}")
        elif translated.fuzzy or not all(_forms(translated.string)):
            found.append(f"not translated: {message.id!r}")
        elif any(
            _places(form) != _places(_forms(message.id)[-1]) for form in _forms(translated.string)
        ):
            found.append(f"other placeholders than in English: {message.id!r}")
    known = {message.id for message in template}
    return found + [
        f"nowhere used: {message.id!r}" for message in catalog if message.id not in known
    ]


def _file(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def _forms(string: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return tuple(string) if isinstance(string, tuple | list) else (string or "",)


def _places(text: str) -> list[str]:
    return sorted(re.findall(r"%(?:\(\w+\))?.", text))


def main(arguments: list[str]) -> int:
    """Do what was asked, and return the exit code."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write(f"{__doc__}\n")
        return 2
    template = texts()
    if not arguments:
        for language in languages():
            update(language, template)
    found = [
        f"{language}: {fault}"
        for language in languages()
        for fault in faults(read(language), template)
    ]
    complete = f"{len(template)} texts, complete in {', '.join(languages())}"
    sys.stdout.write("\n".join(found) + "\n" if found else f"{complete}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
