"""Chromium, driven by playwright: pages that were opened from a file, with what they report."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# Without a sandbox, as root needs it; nothing is looked up in the network.
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

_MILLISECONDS = 5_000


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, until the end of the block."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = shutil.which("chromium")
        assert path, "chromium is not installed; see make test-browser"
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


class Opened:
    """A page in a window of its own, with all that went wrong in it."""

    def __init__(self, browser: Browser, file: Path, fragment: str = "", **options: Any) -> None:
        self.problems: list[str] = []
        self.requests: list[str] = []
        self._context = browser.new_context(**options)
        self.page: Page = self._context.new_page()
        self.page.set_default_timeout(_MILLISECONDS)
        self.page.on("console", lambda message: self.problems.append(message.text))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("dialog", lambda dialog: self.problems.append(dialog.message))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(f"{file.as_uri()}{fragment}")

    def close(self) -> None:
        self._context.close()


@contextmanager
def opened(browser: Browser, file: Path, fragment: str = "", **options: Any) -> Iterator[Page]:
    """The page in a file; nothing may have gone wrong in it when the block ends."""
    window = Opened(browser, file, fragment, **options)
    try:
        yield window.page
        assert window.problems == []
        assert [url for url in window.requests if not url.startswith(file.as_uri())] == []
    finally:
        window.close()
