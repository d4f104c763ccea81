"""The voice: espeak-ng, a program of its own that turns the sentences of calls into sound."""

import io
import shutil
import subprocess
import wave

PROGRAM = "espeak-ng"

WORDS_PER_MINUTE = 140
"""Slower than espeak-ng's own 175: it is heard in a hall, by whoever waits for it."""

LIMIT_SECONDS = 10.0
"""For one sentence; a common machine takes some hundredths of a second."""


class VoiceError(Exception):
    """A sentence cannot be said; the message says why, and never what."""


class Voice:
    """Says sentences.

    Args:
        program: Name or path of an espeak-ng.

    """

    def __init__(self, program: str = PROGRAM) -> None:
        self._program = program

    def fault(self) -> str | None:
        """Return why nothing can be said, with the next step; None where all is well."""
        if shutil.which(self._program):
            return None
        return f"there is no {self._program}: apt-get install espeak-ng"

    def wav(self, text: str, *, language: str) -> bytes:
        """Return a sentence as a WAV file. Raises VoiceError.

        The text goes in and the sound comes out through pipes: nothing stands on a command line
        or on a disk.
        """
        found = shutil.which(self._program)
        if found is None:
            raise VoiceError(str(self.fault()))
        options = ["--stdin", "--stdout", "-b", "1", "-v", language, "-s", str(WORDS_PER_MINUTE)]
        try:
            said = subprocess.run(  # noqa: S603  # our own arguments, no shell
                [found, *options],
                input=text.encode(),
                capture_output=True,
                timeout=LIMIT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise VoiceError(f"espeak-ng took over {LIMIT_SECONDS:.0f} s") from None
        except OSError as error:
            raise VoiceError(f"espeak-ng does not start ({error.strerror})") from None
        if said.returncode:
            raise VoiceError(f"espeak-ng ended with code {said.returncode} in {language}")
        return _whole(said.stdout)


def _whole(piped: bytes) -> bytes:
    """Return a WAV file with its true length: what goes into a pipe says a huge one."""
    file = io.BytesIO()
    try:
        with wave.open(io.BytesIO(piped), "rb") as told, wave.open(file, "wb") as whole:
            whole.setnchannels(told.getnchannels())
            whole.setsampwidth(told.getsampwidth())
            whole.setframerate(told.getframerate())
            whole.writeframes(told.readframes(len(piped)))
    except (EOFError, wave.Error):
        raise VoiceError("espeak-ng made no sound") from None
    return file.getvalue()
