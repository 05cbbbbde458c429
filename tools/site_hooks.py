"""Hooks of mkdocs for the site of the documentation, which mkdocs.yml describes.

A page of the repository that is outside docs/ becomes a page of the site here, without a copy in
git, and links between pages are the same in the repository and on the site. Pages in reference/
are made from the code.
"""

from __future__ import annotations

import fnmatch
import posixpath
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))

from mkdocs.structure.files import File

from tools import site_reference
from tools.repository import ROOT, stated

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

_SOURCE = f"https://github.com/{stated()}"
_DOCS = "docs/"
_HOME = "README.md"
# Code, which is skipped, or the target of a link.
_LINK = re.compile(
    r"^(?P<indent> *)```.*?^(?P=indent)```$"
    r"|`+[^`\n]+`+"
    r"|(?<=\]\()(?P<target>[^)#\s]+)(?P<anchor>#[^)\s]*)?(?=\))",
    re.MULTILINE | re.DOTALL,
)


def _outside() -> dict[str, str]:
    """Pages outside docs/, by their paths in the repository: their paths on the site."""
    pages = [_HOME, "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"]
    rules = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("rules/*/README.md"))
    return {path: "index.md" if path == _HOME else path for path in [*pages, *rules]}


def _in_repository(page: str) -> str:
    """The path in the repository of a page of the site."""
    return {site: path for path, site in _outside().items()}.get(page, _DOCS + page)


def _on_site(path: str) -> str:
    """The path on the site that a file of the repository has if it is there."""
    return _outside().get(path, path.removeprefix(_DOCS) if path.startswith(_DOCS) else "")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Set the addresses, and expand `*` in the navigation."""
    owner, name = stated().split("/")
    config.site_url = f"https://{owner.lower()}.github.io/{name}/"
    config.extra["social"] = [
        {"icon": "material/git", "link": _SOURCE, "name": "Source code of klplint"}
    ]
    docs = Path(config.docs_dir)
    pages = [path.relative_to(docs).as_posix() for path in docs.rglob("*.md")]
    config.nav = _expanded(config.nav, sorted([*pages, *_outside().values(), *_generated()]))
    return config


def _expanded(entry: object, pages: list[str]) -> list[object]:
    """An entry of the navigation, in which each pattern is replaced by the pages that it fits."""
    if isinstance(entry, list):
        return [new for inner in entry for new in _expanded(inner, pages)]
    if isinstance(entry, dict):
        return [
            {name: _expanded(inner, pages) if isinstance(inner, list) else inner}
            for name, inner in entry.items()
        ]
    if isinstance(entry, str) and "*" in entry:
        return [*fnmatch.filter(pages, entry)]
    return [entry]


def _generated() -> dict[str, str]:
    return {f"reference/{name}": text for name, text in site_reference.pages().items()}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages outside docs/, and those that are made from the code."""
    texts = {site: (ROOT / path).read_text(encoding="utf-8") for path, site in _outside().items()}
    for site, text in {**texts, **_generated()}.items():
        files.append(File.generated(config, site, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, files: Files, **_: object) -> str:
    """Make the links of a page fit the site."""
    here = page.file.src_uri

    def link(match: re.Match[str]) -> str:
        target = match["target"]
        if target is None or ":" in target:
            return match[0]
        path = posixpath.normpath(posixpath.join(posixpath.dirname(_in_repository(here)), target))
        site = _on_site(path)
        anchor = match["anchor"] or ""
        if site and files.get_file_from_path(site):
            return posixpath.relpath(site, posixpath.dirname(here)) + anchor
        # What is in the repository only; a link to nothing stays, for mkdocs to report.
        return f"{_SOURCE}/blob/main/{path}{anchor}" if (ROOT / path).exists() else match[0]

    return _LINK.sub(link, markdown)
