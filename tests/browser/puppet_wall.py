"""A call display whose calls the test makes: a real page, its stream pulled by strings."""

import base64
import io
import wave
from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from playwright.sync_api import BrowserContext, Page, expect

from kiosk.contract.site import Site
from kiosk.contract.site_file import read_site_file
from server_stub.display_pages import _calls
from server_stub.live import message
from server_stub.wall_calls import Call
from tests.stand.server import SITE_FILE

SITE: Site = read_site_file(SITE_FILE)

NUMBERS = "DFGJLNRSU"
FIRST_CALL = 1_795_000_000_000  # ms since 1970
SECOND = 1_000  # ms

# In place of the server's stream and sounds. What is pushed before the page has connected waits.
STRINGS = """
(() => {
  const real = window.fetch;
  const encoder = new TextEncoder();
  const waiting = [];
  const ALIVE = "event: alive\\ndata: 0\\n\\n";
  let stream = null;
  window.push = (text) => {
    if (stream) stream.enqueue(encoder.encode(text)); else waiting.push(text);
  };
  window.fetch = (address, options) => {
    if (String(address).startsWith("/display/live")) {
      const body = new ReadableStream({ start(controller) {
        stream = controller;
        for (const text of [ALIVE, ...waiting.splice(0)]) window.push(text);
      }});
      return Promise.resolve(new Response(body));
    }
    if (String(address).startsWith("/display/sounds/")) {
      const bytes = Uint8Array.from(atob(SOUND), (sign) => sign.charCodeAt(0));
      return Promise.resolve(new Response(bytes));
    }
    return real(address, options);
  };
})();
"""


# Returns when the page has read it: streams take a turn of the real event loop or two.
PUSH = """async (text) => {
  push(text);
  const channel = new MessageChannel();
  for (let turn = 0; turn < 4; turn += 1) {
    await new Promise((done) => { channel.port1.onmessage = done; channel.port2.postMessage(0); });
  }
  channel.port1.close();
}"""


# Each of many messages in turn: what is shown large then, and so much time. All of it within the
# page, for the way to the browser and back takes several times as long as the page does.
ONE_AFTER_THE_OTHER = f"""async ([texts, ms]) => {{
  const read = {PUSH};
  const shown = [];
  for (const text of texts) {{
    await read(text);
    shown.push([...document.querySelectorAll("#now .number")].map((number) => number.textContent));
    await __pwClock.controller.runFor(ms);
  }}
  return shown;
}}"""


def a_call(index: int, *, language: str | None = "uk", counter: str = "5", **other: object) -> Call:
    """Return the call of party `index`, made that many seconds after the first."""
    call = Call(
        visit=UUID(int=index + 1),
        called_at_ms=FIRST_CALL + index * SECOND,
        number=f"{NUMBERS[index // 800 % 9]}{101 + index % 800}",
        counter=counter,
        stage=SITE.stage(next(c.stage for c in SITE.counters if c.id == counter)),
        language=language,
        arrived=False,
    )
    return replace(call, **other)


class PuppetWall:
    """A display's page whose time and calls the test moves.

    Args:
        context: Where the page is opened; its clock is taken.
        address: That lets a display in.

    """

    def __init__(self, context: BrowserContext, address: str) -> None:
        context.clock.install()
        context.add_init_script(f"const SOUND = '{_short_sound()}';" + STRINGS)
        self.page: Page = context.new_page()
        self.page.goto(address)
        expect(self.page.locator("#stale")).to_be_hidden()
        self._number = 10_000

    def stands(self, *calls: Call) -> None:
        """Let these calls stand, and no others."""
        self.page.evaluate(PUSH, self._message(calls))

    def stand_in_turn(self, turns: Iterable[Sequence[Call]], *, seconds: float) -> list[list[str]]:
        """Let these calls stand for so long, then those; return what is shown large each time."""
        texts = [self._message(calls) for calls in turns]
        shown: list[list[str]] = self.page.evaluate(ONE_AFTER_THE_OTHER, [texts, seconds * SECOND])
        return shown

    def pass_seconds(self, seconds: float) -> None:
        """Let time pass."""
        self.page.clock.run_for(round(seconds * SECOND))

    def _message(self, calls: Sequence[Call]) -> str:
        """Return what the server sends where these calls stand."""
        self._number += 1
        newest_first = sorted(calls, key=lambda call: -call.called_at_ms)
        return message(self._number, _calls(newest_first)).decode()

    @property
    def large(self) -> list[str]:
        """The number that is shown large, if any."""
        return self.page.locator("#now .number").all_inner_texts()

    @property
    def small(self) -> list[str]:
        """The numbers below it."""
        return self.page.locator("#last .number").all_inner_texts()


def _short_sound() -> str:
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(8_000)
        wav.writeframes(bytes(160))
    return base64.b64encode(file.getvalue()).decode()
