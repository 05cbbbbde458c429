"""Make the pictures in docs/html-report.md: pages of fixtures/minikernel in Chromium.

`make screenshots` runs it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.support.browser import chromium, opened
from tests.support.paths import MINIKERNEL, ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

DOCS = ROOT / "docs"
# What each picture shows: the address, the element or "" for the window, and whether it is dark.
PICTURES = (
    ("html-overview.png", "#findings", "", False),
    ("html-pair.png", "#pairs?open=kernel%2Flivepatch%2Fpatch.c%3A36", ".item[open]", False),
    ("html-graph.png", "#pairs?show=graph&path=kernel/", "main", True),
)
WINDOW = {"width": 1200, "height": 860}


def page_of(tree: Path, directory: Path) -> Path:
    """The page that klplint writes for a tree."""
    file = directory / "report.html"
    command = (Path(sys.executable).parent / "klplint", "check", "-q", "--exit-zero", "--isolated")
    subprocess.run([*command, "-f", "html", "-o", file, tree], check=True)
    return file


def take(browser: Browser, file: Path) -> None:
    """Take all pictures of a page."""
    for name, fragment, element, is_dark in PICTURES:
        scheme = "dark" if is_dark else "light"
        with opened(browser, file, fragment, viewport=WINDOW, color_scheme=scheme) as page:
            page.evaluate("document.activeElement.blur()")
            page.wait_for_timeout(100)
            if element:
                page.locator(element).screenshot(path=DOCS / name)
            else:
                page.screenshot(path=DOCS / name)


def main() -> None:
    """Take the pictures."""
    with tempfile.TemporaryDirectory() as directory, chromium() as browser:
        take(browser, page_of(MINIKERNEL, Path(directory)))


if __name__ == "__main__":
    main()
