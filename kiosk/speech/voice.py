"""The default voice: espeak-ng, a program of its own that turns text into sound.

The text goes in and the sound comes out through pipes: nothing stands on a command line, where
every user of the machine could read it, and nothing is written to any disk.
"""

import os
import shutil
import subprocess
from contextlib import suppress
from functools import cached_property

from kiosk.language import LANGUAGES
from kiosk.speech.sound import Sound, SoundError, from_wav
from kiosk.speech.utterance import Utterance, plain

WORDS_PER_MINUTE = 130
"""Slower than espeak-ng's own 175: tired people listen, in a hall."""

LIMIT_SECONDS = 10.0
"""For one sentence; a common machine takes some hundredths of a second."""

VOICES = {language: language for language in LANGUAGES}
"""Language to espeak-ng's name for its voice: here they are the same."""


class VoiceError(Exception):
    """A sentence cannot be said; the message says why, and never what."""


class Voice:
    """Says sentences in every language of the program.

    Args:
        rate: Words per minute.
        program: Another espeak-ng than the first on the path.

    """

    def __init__(self, *, rate: int = WORDS_PER_MINUTE, program: str = "espeak-ng") -> None:
        self._rate = rate
        self._program = program

    @cached_property
    def id(self) -> str:
        """Program, version and rate: another voice makes other sound. Raises VoiceError."""
        try:
            told = subprocess.run(  # noqa: S603  # our own arguments
                [self._found(), "--version"], capture_output=True, timeout=LIMIT_SECONDS, check=True
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise VoiceError(f"espeak-ng does not start ({type(error).__name__})") from None
        version = told.stdout.decode("utf-8", "replace").split("  ")[0].strip()
        return f"{version} at {self._rate}"

    def render(self, utterance: Utterance, *, idle: bool = False) -> Sound:
        """Return the sound of an utterance. Raises VoiceError.

        Args:
            utterance: What to say.
            idle: True where it may take as long as others need the processor.

        """
        text = plain(utterance.text)
        if utterance.language not in VOICES:
            raise VoiceError(f"there is no voice for language {utterance.language}")
        if not text:
            raise VoiceError("there is nothing to say")
        wav = self._run(["-v", VOICES[utterance.language], "-s", str(self._rate)], text, idle=idle)
        try:
            return from_wav(wav)
        except SoundError as error:
            raise VoiceError(f"espeak-ng made no sound in {utterance.language}: {error}") from None

    def _run(self, options: list[str], text: str, *, idle: bool) -> bytes:
        command = [self._found(), "--stdin", "--stdout", "-b", "1", *options]
        try:
            with subprocess.Popen(  # noqa: S603  # our own arguments, no shell
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            ) as process:
                if idle:
                    _give_way(process.pid)  # it waits for its text, so nothing was computed yet
                try:
                    wav, _ = process.communicate(text.encode("utf-8"), timeout=LIMIT_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    raise VoiceError(f"espeak-ng took over {LIMIT_SECONDS:.0f} s") from None
        except OSError as error:
            raise VoiceError(f"espeak-ng does not start ({error.strerror})") from None
        if process.returncode:
            raise VoiceError(f"espeak-ng ended with code {process.returncode}")
        return wav

    def _found(self) -> str:
        path = shutil.which(self._program)
        if path is None:
            raise VoiceError(f"there is no {self._program}: apt-get install espeak-ng")
        return path


def _give_way(process: int) -> None:
    """Let a process run only while nobody else wants the processor, where the system allows it.

    The process and never our own thread: an idle thread that holds the interpreter's lock would
    stop the screen.
    """
    with suppress(OSError):  # it is over already, or the system forbids it
        os.sched_setscheduler(process, os.SCHED_IDLE, os.sched_param(0))
