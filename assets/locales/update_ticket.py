#!/usr/bin/env python
"""The texts of the ticket page: from its templates into one catalogue per language.

python assets/locales/update_ticket.py            add new texts, keep translations
python assets/locales/update_ticket.py --check    fail where a text is missing or not translated
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from babel.messages.catalog import Catalog  # noqa: E402

from assets.locales.catalogues import Catalogues, marked_texts  # noqa: E402

METHODS = {"templates/ticket.html": "jinja2", "templates/ticket_*.html": "jinja2"}
KEYWORDS = {"text": None, "plural": (1, 2)}

HEADER = """\
Ankunft: what parties read of their ticket on a phone.
This translation needs review by a native speaker.
"""


def texts() -> Catalog:
    """Return every text of the page, untranslated."""
    return marked_texts(ROOT / "server_stub", methods=METHODS, keywords=KEYWORDS)


CATALOGUES = Catalogues("ticket", header=HEADER, texts=texts)


def main(arguments: list[str]) -> int:
    """Do what was asked, and return the exit code."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write(f"{__doc__}\n")
        return 2
    with CATALOGUES.locked():
        template = texts() if arguments else CATALOGUES.update_all()
        complete, said = CATALOGUES.report(template)
    sys.stdout.write(said)
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
