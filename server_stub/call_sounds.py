"""The sounds of calls: recorded by people, else made by a voice; made once and kept a while."""

import asyncio
import logging
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from server_stub.call_texts import call_texts
from server_stub.recorded_calls import RecordedCalls
from server_stub.voice import Voice, VoiceError

log = logging.getLogger(__name__)

MOST_KEPT = 48
"""Sounds in memory, some 200 kB each: what all displays of a busy minute ask for."""


class CallSounds:
    """Gives the sound of a call, in one language at a time. Any thread may ask.

    Args:
        recordings: The folder of what people have recorded; it need not be there.
        voice: Says what was not recorded.

    """

    def __init__(self, recordings: Path, *, voice: Voice | None = None) -> None:
        self._recorded = RecordedCalls(recordings)
        self._voice = voice or Voice()
        self._kept: OrderedDict[tuple[str, str, str], bytes] = OrderedDict()
        # One voice at a time: a burst of calls leaves a core free.
        self._speaker = ThreadPoolExecutor(1, thread_name_prefix="voice")
        self._told: str | None = None

    def fault(self) -> str | None:
        """Return why calls are not spoken, with the next step; None where they are."""
        return self._voice.fault()

    def tell_fault(self) -> None:
        """Say in the log, once, what keeps calls from being spoken, if anything does."""
        self._tell(self.fault())

    async def said(self, number: str, counter: str, *, language: str) -> bytes | None:
        """Return the same as `wav`, from a thread of its own: a slow voice holds nobody else up."""
        wav = partial(self.wav, number, counter, language=language)
        return await asyncio.get_running_loop().run_in_executor(self._speaker, wav)

    def wav(self, number: str, counter: str, *, language: str) -> bytes | None:
        """Return what is said of a call as a WAV file; None where it cannot be said. Waits."""
        key = (language, number, counter)
        if key not in self._kept:
            made = self._made(number, counter, language=language)
            if made is None:
                return None
            self._kept[key] = made
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    def _made(self, number: str, counter: str, *, language: str) -> bytes | None:
        recorded = self._recorded.wav(number, counter, language=language)
        if recorded is not None:
            return recorded
        try:
            said = self._voice.wav(call_texts()[language].said(number, counter), language=language)
        except VoiceError as error:
            self._tell(str(error))
            return None
        self._tell(None)
        return said

    def _tell(self, fault: str | None) -> None:
        """Log what is wrong when it begins to be, and not at every call."""
        if fault and fault != self._told:
            log.warning("calls are not spoken reason=%r", fault)
        if self._told and not fault:
            log.info("calls are spoken again")
        self._told = fault
