"""The catalogues of one kind of text: a .po file per language, kept in step with what is marked."""

import fcntl
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

LOCALES = Path(__file__).resolve().parent
ROOT = LOCALES.parents[1]

# Headers that say nothing about the texts, or change at every run.
NOISE = ("Report-Msgid", "POT-Creation", "PO-Revision", "Last-Trans", "Language-Team", "Generated")


@dataclass(frozen=True, slots=True)
class Catalogues:
    """The texts of one domain in all its languages.

    Attributes:
        domain: Names the files: ``de/LC_MESSAGES/staff.po``.
        header: Stands at the top of each file.
        texts: Returns every text that is marked somewhere, untranslated.
        locales: The folder of the languages' folders.

    """

    domain: str
    header: str
    texts: Callable[[], Catalog]
    locales: Path = LOCALES

    def languages(self) -> list[str]:
        """Return the languages that have a catalogue."""
        files = self.locales.glob(f"*/LC_MESSAGES/{self.domain}.po")
        return sorted(path.parents[1].name for path in files)

    def file(self, language: str, suffix: str = "po") -> Path:
        """Return where the catalogue of a language is."""
        return self.locales / language / "LC_MESSAGES" / f"{self.domain}.{suffix}"

    def read(self, language: str) -> Catalog:
        """Return the catalogue of a language as it is kept; an empty one where there is none.

        A new one has Babel's rule of plurals; where that is not CLDR's, a test says so.
        """
        path = self.file(language)
        if not path.exists():
            return Catalog(locale=language, project="Ankunft", version="1", fuzzy=False)
        with path.open("rb") as file:
            return read_po(file, locale=language, domain=self.domain)

    def update(self, language: str, template: Catalog) -> None:
        """Add the new texts to a catalogue, and take out those that are no more."""
        catalog = self.read(language)
        # Babel would share new messages between the languages.
        catalog.update(deepcopy(template), no_fuzzy_matching=True)
        catalog.obsolete.clear()
        if language == "en":
            for message in catalog:
                if not all(forms(message.string)):
                    message.string = message.id
        self.write(language, catalog)

    def write(self, language: str, catalog: Catalog) -> None:
        """Keep a catalogue."""
        catalog.header_comment = "\n".join(f"# {line}" for line in self.header.splitlines())
        written = BytesIO()
        write_po(written, catalog, width=100, sort_by_file=True, include_lineno=False)
        lines = written.getvalue().decode().splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith(tuple(f'"{n}' for n in NOISE))]
        replace(self.file(language), "".join(kept).encode())

    def update_all(self, *more: str) -> Catalog:
        """Update every language, and those named; return the texts, untranslated."""
        template = self.texts()
        for language in sorted({*self.languages(), *more}):
            self.update(language, template)
        return template

    def faults(self, language: str, template: Catalog) -> list[str]:
        """Return what the catalogue of a language lacks, a sentence each."""
        return [f"{language}: {fault}" for fault in faults(self.read(language), template)]

    def report(self, template: Catalog) -> tuple[bool, str]:
        """Return whether every language has all texts, and what to tell of it."""
        found = [fault for each in self.languages() for fault in self.faults(each, template)]
        complete = f"{len(template)} texts, complete in {', '.join(self.languages())}"
        return not found, "\n".join(found or [complete]) + "\n"

    def translate(self, language: str, wordings: Mapping[str, str]) -> list[str]:
        """Put translations into a catalogue; return the English texts that are nowhere used.

        Args:
            language: Whose.
            wordings: English to translated; plurals as ``"one | many"`` on both sides.

        """
        catalog, unknown = self.read(language), []
        by_text = {" | ".join(forms(m.id)): m for m in catalog if m.id}
        for english, wording in wordings.items():
            message = by_text.get(english)
            if message is None:
                unknown.append(english)
                continue
            parts = tuple(wording.split(" | "))
            message.string = parts if isinstance(message.id, tuple) else wording
            message.flags.discard("fuzzy")
        self.write(language, catalog)
        return unknown

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let nobody else change these catalogues meanwhile."""
        folder = os.open(self.locales, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)


def marked_texts(
    folder: Path,
    *,
    methods: Mapping[str, str],
    keywords: Mapping[str, tuple[int, ...] | None],
) -> Catalog:
    """Return every text that is marked in a folder's files, untranslated.

    Args:
        folder: Of the project.
        methods: What the files are, by the form of their names.
        keywords: The names that mark texts, and which of their arguments are some.

    """
    catalog = Catalog(project="Ankunft", version="1", charset="utf-8")
    trimmed = {"trim_blocks": "true", "lstrip_blocks": "true"}
    options = {files: trimmed for files, method in methods.items() if method == "jinja2"}
    found = extract_from_dir(folder, list(methods.items()), options_map=options, keywords=keywords)
    name = folder.relative_to(ROOT)
    for file, _line, message, comments, _context in sorted(found, key=lambda each: each[:2]):
        catalog.add(message, locations=[(f"{name}/{file}", 0)], auto_comments=comments)
    return catalog


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
        elif any(_places(f) != _places(forms(message.id)[-1]) for f in forms(translated.string)):
            found.append(f"other placeholders than in English: {message.id!r}")
    known = {message.id for message in template}
    return found + [
        f"nowhere used: {message.id!r}" for message in catalog if message.id not in known
    ]


def forms(string: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    """Return a text, or each of its plural forms."""
    return tuple(string) if isinstance(string, tuple | list) else (string or "",)


def replace(path: Path, content: bytes) -> None:
    """Write a file anew, whole or not at all: whoever reads meanwhile finds the old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as file:
        beside = Path(file.name)
        file.write(content)
    beside.chmod(0o644)
    beside.replace(path)


def _places(text: str) -> list[str]:
    """Return the placeholders of a text: ``%(name)s``, and ``{name}``."""
    return sorted(re.findall(r"%(?:\(\w+\))?.|\{\w+\}", text))
