#!/usr/bin/env python
"""The review sheets: every text of a language beside the English and German, to print and mark.

python assets/locales/review_sheet.py          every language
python assets/locales/review_sheet.py uk ar    these

A page each in build/review, for any browser, with what is shown, what is only spoken, and an empty
column for the better wording.
"""

import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path

LOCALES = Path(__file__).resolve().parent
ROOT = LOCALES.parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from assets.locales import update, update_ticket  # noqa: E402
from assets.locales.catalogues import Catalogues  # noqa: E402
from kiosk.language import LANGUAGES, Language  # noqa: E402
from kiosk.speech.wording import wording  # noqa: E402

FOLDER = ROOT / "build" / "review"

PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Ankunft: {name}</title>
<style>
  body {{ font: 12pt/1.4 system-ui, sans-serif; margin: 1cm }}
  table {{ border-collapse: collapse; width: 100% }}
  th, td {{ border: 1px solid #888; padding: 1mm 2mm; text-align: start; vertical-align: top }}
  td:nth-child(4) {{ font-size: 115% }}
  td:nth-child(5) {{ width: 30% }}
  small {{ color: #555 }}
  table {{ counter-reset: row }}
  td:first-child::before {{ counter-increment: row; content: counter(row) " " }}
  tr {{ break-inside: avoid }}
</style>
<h1><bdi>{name}</bdi></h1>
<p>Is it right, polite and easy? Would somebody know what to do who is tired and new here?
{{…}} is filled in.</p>
<table>
<tr><th>Where</th><th>English</th><th>Deutsch</th><th><bdi>{name}</bdi></th><th>Better</th></tr>
{rows}
</table>
</html>
"""

ROW = """\
<tr><td><small>{where}</small></td><td>{english}</td><td>{german}</td>\
<td lang="{code}" dir="{direction}">{own}</td><td></td></tr>"""

Row = tuple[str, str, str, str]


def rows(language: str) -> Iterator[Row]:
    """Yield where a text stands, and its English, its German and its own wording."""
    for catalogues in (update.CATALOGUES, update_ticket.CATALOGUES):
        yield from _written(language, catalogues)
    yield from _spoken(language)


def _written(language: str, catalogues: Catalogues) -> Iterator[Row]:
    german = catalogues.read("de")
    for message in catalogues.read(language):
        if message.id:
            english = message.id if isinstance(message.id, tuple) else (message.id,)
            yield (
                ", ".join(sorted({Path(file).stem for file, _ in message.locations})),
                " / ".join(english),
                _forms(german.get(english[0]).string),
                _forms(message.string),
            )


def _spoken(language: str) -> Iterator[Row]:
    own, english, german = wording(language), wording("en"), wording("de")
    for name, sentence in own.sentences.items():
        yield "spoken", english.sentences[name], german.sentences[name], sentence
    for name, word in own.landmarks.items():
        yield "picture", english.landmarks[name], german.landmarks[name], word
    for letter, name in own.letters.items():
        yield f"letter {letter}", english.letters[letter], german.letters[letter], name
    for text, vowelled in own.vowelled.items():
        yield "spoken", text, german.text(text), vowelled


def sheet(language: Language) -> str:
    """Return the page of one language."""
    lines = [
        ROW.format(
            where=escape(where),
            english=escape(english),
            german=escape(german),
            own=escape(own),
            code=language.code,
            direction="rtl" if language.right_to_left else "ltr",
        )
        for where, english, german, own in rows(language.code)
    ]
    return PAGE.format(name=escape(language.name), rows="\n".join(lines))


def _forms(string: str | tuple[str, ...] | list[str]) -> str:
    return string if isinstance(string, str) else " / ".join(dict.fromkeys(string))


def main(arguments: list[str]) -> int:
    """Write the pages of the languages that were named, or of all; return the exit code."""
    unknown = [code for code in arguments if code not in LANGUAGES]
    if unknown:
        sys.stderr.write(f"no language {', '.join(unknown)}; there are: {' '.join(LANGUAGES)}\n")
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    for code in arguments or LANGUAGES:
        page = FOLDER / f"{code}.html"
        page.write_text(sheet(LANGUAGES[code]), encoding="utf-8")
        sys.stdout.write(f"{page.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
