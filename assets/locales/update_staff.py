#!/usr/bin/env python
"""The texts of the server's pages: from code and templates into one catalogue per language.

python assets/locales/update_staff.py                  add new texts, keep translations
python assets/locales/update_staff.py --check          fail where one is missing or not translated
python assets/locales/update_staff.py --german FILE    the same as the first, then take German
                                                       from lines "English = Deutsch"; a plural is
                                                       "%(num)d child | %(num)d children = ..."
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from babel.messages.catalog import Catalog  # noqa: E402

from assets.locales.catalogues import Catalogues, marked_texts  # noqa: E402

METHODS = {"templates/*.html": "jinja2", "*.py": "python"}
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}


def texts() -> Catalog:
    """Return every text of the pages, untranslated."""
    return marked_texts(ROOT / "server_stub", methods=METHODS, keywords=KEYWORDS)


HEADER = "Ankunft: what staff and call displays read."

CATALOGUES = Catalogues("staff", header=HEADER, texts=texts)


def wordings_of(lines: list[str]) -> dict[str, str]:
    """Return English to German, of lines of both with " = " between; raise ValueError."""
    found = {}
    for line in lines:
        if not line.strip():
            continue
        english, equals, german = line.rstrip("\n").partition(" = ")
        if not equals:
            raise ValueError(f'no " = " in the line: {line.strip()}')
        found[english.strip()] = german.strip()
    return found


def main(arguments: list[str]) -> int:
    """Do what was asked, and return the exit code."""
    match arguments:
        case []:
            wordings = {}
        case ["--check"]:
            complete, said = CATALOGUES.report(texts())
            sys.stdout.write(said)
            return 0 if complete else 1
        case ["--german", file]:
            wordings = wordings_of(Path(file).read_text(encoding="utf-8").splitlines())
        case _:
            sys.stderr.write(f"{__doc__}\n")
            return 2
    with CATALOGUES.locked():
        template = CATALOGUES.update_all()
        unknown = CATALOGUES.translate("de", wordings) if wordings else []
        complete, said = CATALOGUES.report(template)
    sys.stdout.write("".join(f"nowhere used, not taken: {text!r}\n" for text in unknown) + said)
    return 0 if complete and not unknown else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
