"""The frame of an HTML page: one file that loads nothing else, and runs no other code than its own.

The style and the script are in `html_files`. The policy of the page names their digests, so a
browser applies nothing else, whatever the texts of a kernel contain.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from klplint.errors import UsageError

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_FILES = Path(__file__).with_name("html_files")
_TEMPLATE = "page.html.jinja"
_STYLE = ("page.css",)
_SCRIPT = ("dom.js", "source.js", "findings.js", "pairs.js", "graph.js", "page.js")
# In a script element, a browser looks for the end tag, whatever the type of the data; the last two
# are line ends in JavaScript, but not in JSON.
_ESCAPES = str.maketrans({each: f"\\u{ord(each):04x}" for each in "<>&\u2028\u2029"})


def expect_jinja() -> None:
    """UsageError, with what to do, where Jinja is not installed."""
    try:
        import jinja2  # noqa: F401 - whether it is there
    except ImportError:
        raise UsageError(
            "the format html needs the Python package Jinja2; install it with: pip install Jinja2"
        ) from None


def fill(context: Mapping[str, object], data: bytes) -> str:
    """The page with the values that its template names, and the JSON for its script."""
    from markupsafe import Markup

    style, script = _joined(_STYLE), _joined(_SCRIPT)
    return (
        _environment()
        .get_template(_TEMPLATE)
        .render(
            {
                **context,
                "style": Markup(style),  # noqa: S704 - klplint's own files
                "script": Markup(script),  # noqa: S704
                "data": Markup(escaped_json(data)),  # noqa: S704 - has no markup any more
                "policy": _policy(style, script),
            }
        )
    )


def escaped_json(data: bytes) -> str:
    """JSON that may stand in a script element: the same values, without markup."""
    return data.decode().translate(_ESCAPES)


def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_FILES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(prose=_prose, path=_path)
    return environment


def _prose(text: str) -> Markup:
    """A text in which what `backticks` quote is code."""
    from markupsafe import Markup

    parts = (
        Markup("<code>{}</code>").format(part) if number % 2 and part else part
        for number, part in enumerate(text.split("`"))
    )
    return Markup().join(parts)


def _path(text: str) -> Markup:
    """A path that a browser may break at its slashes."""
    from markupsafe import Markup, escape

    return Markup("/<wbr>").join(map(escape, text.split("/")))


def _joined(names: Iterable[str]) -> str:
    return "\n" + "\n".join((_FILES / name).read_text(encoding="utf-8") for name in names)


def _policy(style: str, script: str) -> str:
    """What a browser may load and run for the page: these two texts alone."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_digest(style)}'",
            f"script-src '{_digest(script)}'",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
