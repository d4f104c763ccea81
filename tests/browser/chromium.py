"""Debian's Chromium, and what its pages did that nobody asked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, sync_playwright

CHROMIUM = "/usr/bin/chromium-headless-shell"
"""Debian's Chromium without what draws a window: a page costs six tenths of what it does there."""

SPARED = (
    "SpareRendererForSitePerProcess",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxPopup",
)
"""What every window of a browser would load for its own address bar, which nobody sees here.

Each costs a process as soon as a page is opened: together more than most pages of ours do.
"""

OF_PLAYWRIGHT = (
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
"""What Playwright switches off itself; said again, because of two lists Chromium heeds the last."""

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    f"--disable-features={','.join((*OF_PLAYWRIGHT, *SPARED))}",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",  # as docs/server.md has a wall started
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Lend a browser without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Watched:
    """A browser context whose requests and complaints are kept.

    Attributes:
        context: Make pages of it.
        hosts: Which hosts were asked for anything.
        complaints: Errors in the console and in scripts.
        may_complain: Where something fails on purpose, the browser says so.

    """

    context: BrowserContext
    hosts: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)
    may_complain: bool = False

    def __post_init__(self) -> None:
        """Begin to watch."""
        self.context.on("request", lambda r: self.hosts.add(urlsplit(r.url).hostname or r.url))
        self.context.on("console", self._hear)
        self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)
