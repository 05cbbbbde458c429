"""TOML files read strictly: every complaint names file, line and key, and what was expected."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from klplint.errors import ConfigError, nearest

T = TypeVar("T")

Step = str | int

_NAME = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")
_TABLE = re.compile(r"\s*(\[\[?)([^\[\]]+)\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*((?:[\w.\s-]|"[^"]*"|'[^']*')+)=""")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_PATH_AT_END = re.compile(r"(?s)(.*?)(?: - at `\$(.*)`)?")
_UNKNOWN_FIELD = re.compile(r"Object contains unknown field `(.+)`")
_WRONG_WORD = re.compile(r"Invalid enum value (.+)")


class TomlFile(msgspec.Struct, frozen=True):
    """The content of a TOML file together with its text, for telling where a key stands."""

    path: Path
    text: str
    content: dict[str, object]

    @classmethod
    def read(cls, path: Path) -> TomlFile:
        """Read a file; ConfigError where it is unreadable or no TOML."""
        try:
            text = path.read_text(encoding="utf-8")
            return cls(path, text, tomllib.loads(text))
        except OSError as error:
            raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise ConfigError(
                f"{path}: not UTF-8 text, which TOML files have to be; convert it"
            ) from None
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{path}: is not valid TOML: {error}") from None

    def decode(self, kind: type[T], content: object, below: str = "") -> T:
        """`content` as a `kind`; ConfigError with file, line and key where it does not fit.

        `below` is the path of keys ("tool.klplint") at which `content` stands in the file.
        """
        try:
            return msgspec.convert(content, kind)
        except msgspec.ValidationError as error:
            match = _PATH_AT_END.fullmatch(str(error))
            assert match is not None  # the pattern fits any text
            message, inner = match[1], match[2] or ""
            place = _steps(inner)
            unknown = _UNKNOWN_FIELD.fullmatch(message)
            if wrong := _WRONG_WORD.fullmatch(message):
                words = ", ".join(map(str, _words(kind, place)))
                message = f"expected one of {words}, not {wrong[1]}"
            elif unknown:
                message = "unknown key" + nearest(unknown[1], _known_keys(kind, place))
                place.append(unknown[1])
            above = _steps(f".{below}") if below else []
            raise self._complaint(above + place, _readable(message)) from None

    def error(self, key: str, message: str) -> ConfigError:
        """A complaint about a top-level key, or one behind a path with dots."""
        return self._complaint(list(key.split(".")), message)

    def _complaint(self, steps: list[Step], message: str) -> ConfigError:
        name = ""
        for step in steps:
            name += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if name else step
        where = f"{self.path}:{self._line_of(steps)}"
        return ConfigError(f"{where}: {name}: {message}" if name else f"{where}: {message}")

    def line_of(self, key: str) -> int:
        """The line where a key, or one behind a path with dots, stands."""
        return self._line_of(list(key.split(".")))

    def _line_of(self, steps: list[Step]) -> int:
        """The line where the key stands, or the table that comes nearest to it."""
        found, best = 0, 0
        for number, path in self._paths():
            common = 0
            while common < min(len(path), len(steps)) and path[common] == steps[common]:
                common += 1
            if common > best:
                found, best = number, common
        return found + 1

    def _paths(self) -> Iterator[tuple[int, tuple[Step, ...]]]:
        """The lines that name tables and keys, with the whole path of what they name."""
        counts: dict[tuple[Step, ...], int] = {}
        table: tuple[Step, ...] = ()
        for number, line in enumerate(self.text.split("\n")):
            header, key = _TABLE.match(line), _KEY.match(line)
            names = _names(header[2]) if header else []
            if header and names and names[0] in self.content:
                table = ()
                for place, name in enumerate(names, 1):
                    table += (name,)
                    if header[1] == "[[" and place == len(names):
                        counts[table] = counts.get(table, -1) + 1
                    if table in counts:
                        table += (counts[table],)
                yield number, table
            elif key:
                yield number, (*table, *_names(key[1]))


def _steps(path: str) -> list[Step]:
    """The keys and indices of a path as msgspec writes it: `.locks[1].name`."""
    return [name or int(index) for name, index in _STEP.findall(path)]


def _names(keys: str) -> list[str]:
    """The parts of a dotted key."""
    return [name.strip("\"'") for name in _NAME.findall(keys)]


def _known_keys(kind: type, path: list[Step]) -> list[str]:
    """The keys that a table at `path` below a `kind` may have."""
    known = _kind_at(kind, path)
    fields = known.fields if isinstance(known, msgspec.inspect.StructType) else ()
    return [field.encode_name for field in fields]


def _words(kind: type, path: list[Step]) -> Sequence[object]:
    """The words of which a value at `path` below a `kind` has to be one."""
    known = _kind_at(kind, path)
    arms = known.types if isinstance(known, msgspec.inspect.UnionType) else (known,)
    return [
        word for arm in arms if isinstance(arm, msgspec.inspect.LiteralType) for word in arm.values
    ]


def _kind_at(kind: type, path: list[Step]) -> msgspec.inspect.Type | None:
    """What has to stand at `path` below a `kind`."""
    known: msgspec.inspect.Type | None = msgspec.inspect.type_info(kind)
    for step in path:
        if isinstance(known, msgspec.inspect.StructType):
            known = next((f.type for f in known.fields if f.encode_name == step), None)
        elif isinstance(known, msgspec.inspect.ListType | msgspec.inspect.VarTupleType):
            known = known.item_type
    return known


def _readable(message: str) -> str:
    """msgspec's wording in TOML's terms."""
    for internal, plain in (
        (" | null", ""),
        ("`object`", "a table"),
        ("Object", "table"),
        ("object", "table"),
        ("`str`", "text"),
        ("`array`", "a list"),
        ("`int`", "a whole number"),
        ("`bool`", "true or false"),
        ("`float`", "a decimal number"),
        ("required field", "the key"),
    ):
        message = message.replace(internal, plain)
    return message[:1].lower() + message[1:]
