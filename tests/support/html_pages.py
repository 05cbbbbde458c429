"""HTML pages as a browser reads them: elements, attributes, and the data of the script."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any, NamedTuple


class Element(NamedTuple):
    tag: str
    attributes: dict[str, str]
    text: str


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.elements: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}, ""))

    def handle_data(self, data: str) -> None:
        if self.elements:
            last = self.elements[-1]
            self.elements[-1] = last._replace(text=last.text + data)


def elements(page: str) -> list[Element]:
    """The elements in order, each with the text up to the next one."""
    parser = _Parser()
    parser.feed(page)
    parser.close()
    return parser.elements


def data_of(page: str) -> dict[str, Any]:
    """What the script of a page reads."""
    (data,) = (each for each in elements(page) if each.attributes.get("id") == "data")
    decoded = json.loads(data.text)
    assert isinstance(decoded, dict)
    return decoded


HOSTILE = (
    "</script><script>document.title='hacked'</script>",
    '"><img src=x onerror="document.title=`hacked`">',
    "' onfocus='document.title=1' autofocus='",
    "<!--<script>",
    "]]></style><style>body{display:none}",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:document.title='hacked'",
    "\u202eevil\u2066\u2028\u2029\u200b",
    "\x1b[31m\x00&amp;&#60;b&#62;",
)
"""Texts that would do something if a page took them for more than text."""
