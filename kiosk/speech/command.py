"""``python -m kiosk speak``: a technician hears or keeps what the kiosk says."""

import argparse
from collections.abc import Iterable
from pathlib import Path

from kiosk.contract.site_file import read_site_file
from kiosk.language import LANGUAGES
from kiosk.settings import SpeechTable, read_settings
from kiosk.speech.library import Library
from kiosk.speech.player import AplayPlayer
from kiosk.speech.recordings import Recordings, recording_name
from kiosk.speech.sentences import fixed, names, texts
from kiosk.speech.utterance import Utterance
from kiosk.speech.voice import Voice, VoiceError
from kiosk.speech.wording import messages

SCRIPT = "sentences.tsv"
"""What was rendered: file and text, to be read out by whoever records them."""


class SpeakError(Exception):
    """Nothing can be heard or written; the message says why and what to do."""


def add_speak(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the program's others."""
    speak = commands.add_parser("speak", help="hear what the kiosk says, or write it to files")
    speak.add_argument("text", nargs="?", help="what to say")
    speak.add_argument("--all", action="store_true", help="everything that is said of itself")
    speak.add_argument("--language", choices=LANGUAGES, help="default with --all: all of them")
    speak.add_argument("--out", type=Path, metavar="DIR", help="write WAV files, play nothing")
    speak.add_argument("--site", type=Path, help="with --all: a site file, for its own texts")
    speak.add_argument("--settings", type=Path, help="rate, recordings and device of a kiosk")
    speak.set_defaults(command=run_speak)


def run_speak(options: argparse.Namespace) -> int:
    """Say or write what was asked for. Raises SpeakError."""
    if options.all == (options.text is not None):
        raise SpeakError('say what to speak: "a text", or --all')
    if options.text is not None and not options.language:
        raise SpeakError(f"say in which language: --language {', '.join(LANGUAGES)}")
    if options.all and not options.out:
        raise SpeakError("that takes half an hour to hear: say where to write it, --out DIR")
    table = read_settings(options.settings).speech if options.settings else SpeechTable()
    recordings = Recordings(table.recorded) if table.recorded else None
    library = Library(Voice(rate=table.rate), recordings=recordings)
    wanted = _everything(options) if options.all else (Utterance(options.language, options.text),)
    try:
        if options.out:
            _write(wanted, library, folder=options.out)
        else:
            _play(wanted, library, player=AplayPlayer(device=table.device))
    except VoiceError as error:
        raise SpeakError(str(error)) from None
    except OSError as error:
        raise SpeakError(f"{options.out}: cannot be written ({error.strerror})") from None
    return 0


def _everything(options: argparse.Namespace) -> tuple[Utterance, ...]:
    if options.site:
        site = read_site_file(options.site)
        found = fixed(site)
    else:
        spoken = (texts(language, *messages(language)) for language in LANGUAGES)
        found = names(LANGUAGES) + tuple(one for language in spoken for one in language)
    languages = {options.language} if options.language else set(LANGUAGES)
    return tuple(one for one in dict.fromkeys(found) if one.language in languages)


def _write(wanted: Iterable[Utterance], library: Library, *, folder: Path) -> None:
    """Write each sentence under the name that its recording would have, and a list of them."""
    folder.mkdir(parents=True, exist_ok=True)
    lines, seconds = [], 0.0
    for utterance in wanted:
        sound = library.sound(utterance)
        name = recording_name(utterance)
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(sound.to_wav())
        lines.append(f"{name}\t{utterance.text}\n")
        seconds += sound.seconds
    (folder / SCRIPT).write_text("".join(lines), encoding="utf-8")
    print(f"{len(lines)} sentences, {seconds:.0f} s, in {folder}; their texts are in {SCRIPT}")


def _play(wanted: Iterable[Utterance], library: Library, *, player: AplayPlayer) -> None:
    for utterance in wanted:
        playing = player.start(library.sound(utterance))
        if playing is None or not playing.wait():
            raise SpeakError(
                "there is no sound: look at `aplay -l`, and name the device in the settings: "
                '[speech] device = "…"; or write files: --out DIR'
            )
