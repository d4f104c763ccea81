"""The player: sound to the sound device through `aplay`, one at a time, and silent at once."""

import logging
import os
import shutil
import subprocess
from typing import Protocol

from kiosk.speech.sound import Sound

log = logging.getLogger(__name__)

DEVICE = "default"

SPARE_SECONDS = 5.0
"""A device that has not taken a sound so long after its end is stuck."""


class Playing(Protocol):
    """A sound that is being played."""

    def wait(self) -> bool:
        """Wait until it has ended; return whether it was played to its end."""

    def stop(self) -> None:
        """End it now, from any thread; also when it has ended."""


class Player(Protocol):
    """Plays one sound after the other."""

    @property
    def sound(self) -> str:
        """What may be told of the device: "ready" or "none"."""

    def probe(self) -> str:
        """Find out, with nothing to be heard, and return `sound`."""

    def start(self, sound: Sound) -> Playing | None:
        """Begin to play, and return at once; None where there is no sound device."""


class SilentPlayer:
    """Plays nothing: where speech is turned off or nothing can be heard."""

    sound = "none"

    def probe(self) -> str:
        """Return "none"."""
        return self.sound

    def start(self, sound: Sound) -> Playing | None:  # noqa: ARG002  # as a Player has it
        """Play nothing."""
        return None


class AplayPlayer:
    """Plays through ALSA's aplay.

    A device that is not there is no fault of the kiosk's: it is told once, and each sound tries
    again, because a plug may be put in at any time.

    Args:
        device: ALSA's name, as in ``aplay -D``.
        program: Another aplay than the first on the path.

    """

    def __init__(self, *, device: str = DEVICE, program: str = "aplay") -> None:
        self._device = device
        self._program = program
        self._sound = "ready"

    @property
    def sound(self) -> str:
        """What the last sound showed."""
        return self._sound

    def probe(self) -> str:
        """Play a hundredth of a second of silence, and return whether that went well."""
        playing = self.start(Sound(bytes(2 * 220), 22_050))
        if playing is not None:
            playing.wait()
        return self._sound

    def start(self, sound: Sound) -> Playing | None:
        """Begin to play."""
        program = shutil.which(self._program)
        if program is None:
            self.note(f"there is no {self._program}: apt-get install alsa-utils")
            return None
        # Anonymous memory: the whole sound is handed over at once, and no disk ever sees it.
        memory = os.memfd_create("speech")
        try:
            with os.fdopen(memory, "wb", closefd=False) as file:
                file.write(sound.to_wav())
            os.lseek(memory, 0, os.SEEK_SET)
            process = subprocess.Popen(  # noqa: S603  # our own arguments, no shell
                [program, "-q", "-D", self._device, "-"],
                stdin=memory,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        except OSError as error:
            self.note(f"{self._program} does not start: {error.strerror}")
            return None
        finally:
            os.close(memory)
        return _Aplay(process, limit=sound.seconds + SPARE_SECONDS, player=self)

    def note(self, trouble: str) -> None:
        """Take in what became of a sound; "" where it was played."""
        before, self._sound = self._sound, "none" if trouble else "ready"
        if before == self._sound:
            return
        if trouble:
            log.warning("sound device away reason=%r", trouble)
        else:
            log.info("sound device back")


class _Aplay:
    """One run of aplay."""

    def __init__(
        self, process: subprocess.Popen[bytes], *, limit: float, player: AplayPlayer
    ) -> None:
        self._process = process
        self._limit = limit
        self._player = player
        self._stopped = False

    def wait(self) -> bool:
        trouble = self._end()
        if self._stopped:
            return False
        self._player.note(trouble)
        return not trouble

    def stop(self) -> None:
        # Not asked to end but ended: nothing is lost with it, and the kernel closes the device.
        self._stopped = True
        self._process.kill()

    def _end(self) -> str:
        """Wait until the process is gone, whatever it takes; return what went wrong."""
        with self._process as process:
            try:
                _, said = process.communicate(timeout=self._limit)
            except subprocess.TimeoutExpired:
                process.kill()
                return "the device takes no sound"
        if process.returncode == 0:
            return ""
        lines = said.decode("utf-8", "replace").strip().splitlines() or ["no reason given"]
        return lines[-1]
