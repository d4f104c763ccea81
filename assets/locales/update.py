#!/usr/bin/env python
"""The kiosk's texts: from code, markup and site files into one catalogue per language.

python assets/locales/update.py            add new texts, keep translations, build
python assets/locales/update.py --check    fail where a text is missing or not translated
python assets/locales/update.py compile    build only: the .mo files that the kiosk reads
"""

import sys
import tomllib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from babel.messages.catalog import Catalog  # noqa: E402
from babel.messages.mofile import write_mo  # noqa: E402

from assets.locales.catalogues import Catalogues, marked_texts, replace  # noqa: E402
from kiosk.language import LANGUAGES  # noqa: E402

# Where texts are marked: `_` for later, `tr` in markup, and the catalogue's own methods.
KEYWORDS = {"_": None, "tr": None, "text": None, "both": None, "plural": (1, 2)}
METHODS = {"**.py": "python", "**.kv": "python"}

HEADER = """\
Ankunft: what parties read on screens and slips.
This translation needs review by a native speaker.
"""


def texts() -> Catalog:
    """Return every text of the program and of the shipped site files, untranslated."""
    catalog = marked_texts(ROOT / "kiosk", methods=METHODS, keywords=KEYWORDS)
    for path in sorted((ROOT / "assets" / "sites").glob("*.toml")):
        for text in _texts_of_site(tomllib.loads(path.read_text(encoding="utf-8"))):
            catalog.add(text, locations=[(f"assets/sites/{path.name}", 0)])
    return catalog


CATALOGUES = Catalogues("kiosk", header=HEADER, texts=texts)


def compile_all() -> None:
    """Build the .mo file of every language."""
    for language in CATALOGUES.languages():
        built = BytesIO()
        write_mo(built, CATALOGUES.read(language))
        replace(CATALOGUES.file(language, "mo"), built.getvalue())


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
        sys.stderr.write(f"{__doc__}\n")
        return 2
    if arguments == ["compile"]:
        compile_all()
        return 0
    with CATALOGUES.locked():
        template = texts() if arguments else CATALOGUES.update_all(*LANGUAGES)
        if not arguments:
            compile_all()
        complete, said = CATALOGUES.report(template)
    sys.stdout.write(said)
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
