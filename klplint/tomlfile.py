"""TOML files read strictly: every complaint names the file, the line, the key and what was expected."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TypeVar

import msgspec

from klplint.errors import UsageError, nearest

T = TypeVar("T", bound=msgspec.Struct)

_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_PATH_AT_END = re.compile(r"(?s)(.*?)(?: - at `\$(.*)`)?")
_UNKNOWN_FIELD = re.compile(r"Object contains unknown field `(.+)`")


class TomlFile(msgspec.Struct, frozen=True):
    """The content of a TOML file together with its text, for telling where a key stands."""

    path: Path
    text: str
    content: dict[str, object]

    @classmethod
    def read(cls, path: Path) -> TomlFile:
        """Read a file; UsageError where it is unreadable or no TOML."""
        try:
            text = path.read_text(encoding="utf-8")
            return cls(path, text, tomllib.loads(text))
        except OSError as error:
            raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise UsageError(f"{path}: is not UTF-8 text; TOML files have to be") from None
        except tomllib.TOMLDecodeError as error:
            raise UsageError(f"{path}: is not valid TOML: {error}") from None

    def decode(self, kind: type[T], content: dict[str, object], below: str = "") -> T:
        """`content` as a struct; UsageError with file, line and key where it does not fit.

        `below` is the path of keys ("tool.klplint") at which `content` stands in the file.
        """
        try:
            return msgspec.convert(content, kind)
        except msgspec.ValidationError as error:
            match = _PATH_AT_END.fullmatch(str(error))
            assert match is not None  # the pattern fits any text
            message, inner = match[1], match[2] or ""
            steps = [
                name or int(index) for name, index in _STEP.findall(f".{below}" if below else "")
            ]
            steps += [name or int(index) for name, index in _STEP.findall(inner)]
            unknown = _UNKNOWN_FIELD.fullmatch(message)
            if unknown:
                steps.append(unknown[1])
                fields = msgspec.structs.fields(kind) if not inner else ()
                message = "unknown key" + nearest(unknown[1], [f.encode_name for f in fields])
            raise self._complaint(steps, _readable(message)) from None

    def error(self, key: str, message: str) -> UsageError:
        """A complaint about a top-level key, or one behind a path with dots."""
        return self._complaint(list(key.split(".")), message)

    def _complaint(self, steps: list[str | int], message: str) -> UsageError:
        name = ""
        for step in steps:
            name += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if name else step
        where = f"{self.path}:{self._line_of(steps)}"
        return UsageError(f"{where}: {name}: {message}" if name else f"{where}: {message}")

    def _line_of(self, steps: list[str | int]) -> int:
        """The line where the key stands, as nearly as the text tells: the last step found."""
        line = 0
        lines = self.text.splitlines()
        for place, step in enumerate(steps):
            if isinstance(step, int):
                continue
            following = steps[place + 1] if place + 1 < len(steps) else None
            repeat = following if isinstance(following, int) else 0
            key = re.compile(
                rf"\s*(\[+\s*([\w.\"-]+\.)?)?[\"']?{re.escape(step)}[\"']?\s*(=|\]|\.)"
            )
            hits = [i for i in range(line, len(lines)) if key.match(lines[i])]
            if hits:
                is_table = lines[hits[0]].lstrip().startswith("[[")
                line = hits[min(repeat if is_table else 0, len(hits) - 1)]
        return line + 1


def _readable(message: str) -> str:
    """msgspec's wording in TOML's terms."""
    for internal, plain in (
        ("Object", "table"),
        ("object", "table"),
        ("`str`", "text"),
        ("`array`", "a list"),
        ("`int`", "a whole number"),
        ("`bool`", "true or false"),
        ("required field", "the key"),
    ):
        message = message.replace(internal, plain)
    return message[:1].lower() + message[1:]
