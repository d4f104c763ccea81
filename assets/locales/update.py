#!/usr/bin/env python
"""The kiosk's texts: from code, markup and site files into one catalogue per language.

python assets/locales/update.py            add new texts, keep translations, build
python assets/locales/update.py --check    fail where a text is missing or not translated
python assets/locales/update.py compile    build only: the .mo files that the kiosk reads
"""

import sys
import tomllib
from collections.abc import Iterator
from copy import deepcopy
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

USAGE = """\
python assets/locales/update.py            add new texts, keep translations, build
python assets/locales/update.py --check    fail where a text is missing or not translated
python assets/locales/update.py compile    build only: the .mo files that the kiosk reads
"""

LOCALES = Path(__file__).resolve().parent
ROOT = LOCALES.parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from kiosk.language import LANGUAGES  # noqa: E402

DOMAIN = "kiosk"

# Where texts are marked: `_` for later, `tr` in markup, and the catalogue's own methods.
KEYWORDS = {"_": None, "tr": None, "text": None, "both": None, "plural": (1, 2)}
METHODS = [("**.py", "python"), ("**.kv", "python")]

HEADER = """\
Ankunft: what parties read on screens and slips.
This translation needs review by a native speaker.
"""

WIDTH = 100


def texts() -> Catalog:
    """Return every text of the program and of the shipped site files, untranslated."""
    catalog = Catalog(project="Ankunft", version="1", charset="utf-8")
    found = extract_from_dir(ROOT / "kiosk", METHODS, keywords=KEYWORDS)
    for file, _line, message, comments, _context in found:
        catalog.add(message, locations=[(f"kiosk/{file}", 0)], auto_comments=comments)
    for path in sorted((ROOT / "assets" / "sites").glob("*.toml")):
        for text in _texts_of_site(tomllib.loads(path.read_text(encoding="utf-8"))):
            catalog.add(text, locations=[(f"assets/sites/{path.name}", 0)])
    return catalog


def languages() -> list[str]:
    """Return the languages that have a catalogue."""
    return sorted(path.parents[1].name for path in LOCALES.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def read(language: str) -> Catalog:
    """Return the catalogue of a language as it is kept."""
    with _file(language, "po").open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN)


def update(language: str, template: Catalog) -> None:
    """Add the new texts to a catalogue, and take out those that are no more.

    A language without a catalogue gets one. Its header has Babel's rule of plurals; where that
    is not CLDR's, a test says so.
    """
    _file(language, "po").parent.mkdir(parents=True, exist_ok=True)
    is_new = not _file(language, "po").exists()
    catalog = (
        Catalog(locale=language, project="Ankunft", version="1", fuzzy=False)
        if is_new
        else read(language)
    )
    made = catalog.creation_date  # or every run would change the file
    catalog.update(deepcopy(template), no_fuzzy_matching=True)  # Babel would share new messages
    catalog.creation_date = made
    catalog.obsolete.clear()
    if language == "en":  # English texts are their own translation
        for message in catalog:
            if not all(_forms(message.string)):
                message.string = message.id
    catalog.last_translator = catalog.language_team = catalog.msgid_bugs_address = ""
    catalog.header_comment = "\n".join(f"# {line}" for line in HEADER.splitlines())
    written = BytesIO()
    write_po(written, catalog, width=WIDTH, sort_by_file=True, include_lineno=False)
    _replace(_file(language, "po"), written.getvalue())


def faults(language: str, template: Catalog) -> list[str]:
    """Return what a catalogue lacks, a sentence each."""
    catalog = read(language)
    found = []
    for message in template:
        if not message.id:
            continue
        translated = catalog.get(message.id)
        if translated is None:
            found.append(f"{language}: not in the catalogue: {message.id!r}")
        elif translated.fuzzy or not all(_forms(translated.string)):
            found.append(f"{language}: not translated: {message.id!r}")
    known = {message.id for message in template}
    found += [f"{language}: nowhere used: {m.id!r}" for m in catalog if m.id not in known]
    return found


def compile_all() -> None:
    """Build the .mo file of every language."""
    for language in languages():
        built = BytesIO()
        write_mo(built, read(language))
        _replace(_file(language, "mo"), built.getvalue())


def _replace(path: Path, content: bytes) -> None:
    """Write a file anew, whole or not at all: whoever reads meanwhile finds the old one."""
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as file:
        beside = Path(file.name)
        file.write(content)
    beside.chmod(0o644)
    beside.replace(path)


def _file(language: str, suffix: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.{suffix}"


def _forms(string: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return tuple(string) if isinstance(string, tuple | list) else (string or "",)


def _texts_of_site(site: dict) -> Iterator[str]:
    """Yield the plain texts; tables bring their own translations."""
    found = list(site.get("privacy_notice", ()))
    for question in site.get("questions", ()):
        found += [question["text"], question.get("hint")]
        found += [option["text"] for option in question.get("options", ())]
    found += [line["text"] for line in site.get("when_closed", ())]
    yield from (text for text in found if isinstance(text, str))


def main(arguments: list[str]) -> int:
    """Do what was asked, and return the exit code."""
    if arguments not in ([], ["--check"], ["compile"]):
        sys.stderr.write(USAGE)
        return 2
    if arguments == ["compile"]:
        compile_all()
        return 0
    template = texts()
    if not arguments:
        for language in sorted({*languages(), *LANGUAGES}):
            update(language, template)
        compile_all()
    found = [fault for language in languages() for fault in faults(language, template)]
    said = found or [f"{len(template)} texts, complete in {', '.join(languages())}"]
    sys.stdout.write("\n".join(said) + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
