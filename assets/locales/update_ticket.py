#!/usr/bin/env python
"""The texts of the ticket page: from its templates into one catalogue per language.

python assets/locales/update_ticket.py            add new texts, keep translations
python assets/locales/update_ticket.py --check    fail where a text is missing or not translated
"""

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

LOCALES = Path(__file__).resolve().parent
SERVER = LOCALES.parents[1] / "server_stub"
DOMAIN = "ticket"

KEYWORDS = {"text": None, "plural": (1, 2)}
FILES = ("templates/ticket.html", "templates/ticket_*.html")
METHODS = [(files, "jinja2") for files in FILES]
OPTIONS = {files: {"trim_blocks": "true", "lstrip_blocks": "true"} for files in FILES}

HEADER = """\
# Ankunft: what parties read of their ticket on a phone.
# This translation needs review by a native speaker."""

# Headers that say nothing about the texts, or change at every run.
NOISE = ("Report-Msgid", "POT-Creation", "PO-Revision", "Last-Trans", "Language-Team", "Generated")


def texts() -> Catalog:
    """Return every text of the page, untranslated."""
    catalog = Catalog(project="Ankunft", version="1", charset="utf-8")
    found = extract_from_dir(SERVER, METHODS, options_map=OPTIONS, keywords=KEYWORDS)
    for file, _line, message, _comments, _context in sorted(found, key=lambda each: each[:2]):
        catalog.add(message, locations=[(f"server_stub/{file}", 0)])
    return catalog


def languages() -> list[str]:
    """Return the languages that have a catalogue."""
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
    if language == "en":  # English texts are their own translation
        for message in catalog:
            if not all(forms(message.string)):
                message.string = message.id
    write(language, catalog)


def write(language: str, catalog: Catalog) -> None:
    """Keep a catalogue."""
    catalog.header_comment = HEADER
    path = _file(language)
    new = path.with_suffix(".new")
    with new.open("wb") as file:
        write_po(file, catalog, width=100, sort_by_file=True, include_lineno=False)
    lines = new.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(tuple(f'"{name}' for name in NOISE))]
    new.write_text("".join(kept), encoding="utf-8")
    new.replace(path)


def faults(catalog: Catalog, template: Catalog) -> list[str]:
    """Return what a catalogue lacks, a sentence each."""
    found = []
    for message in template:
        if not message.id:
            continue
        translated = catalog.get(message.id)
        if translated is None:
            found.append(f"not in the catalogue: {message.id!r}")
        elif translated.fuzzy or not all(forms(translated.string)):
            found.append(f"not translated: {message.id!r}")
    known = {message.id for message in template}
    return found + [
        f"nowhere used: {message.id!r}" for message in catalog if message.id not in known
    ]


def forms(string: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    """Return a text, or each of its plural forms."""
    return tuple(string) if isinstance(string, tuple | list) else (string or "",)


def _file(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.po"


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
