"""TOML files read strictly: every error names the file, the line, the key and what is expected."""

from __future__ import annotations

import re
import stat
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from klplint.errors import ConfigError, nearest

T = TypeVar("T")

# A key, or the index of an entry in an array.
_Step = str | int

_NAME = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")
_TABLE = re.compile(r"\s*(\[\[?)([^\[\]]+)\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*((?:[\w.\s-]|"[^"]*"|'[^']*')+)=""")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_PATH_AT_END = re.compile(r"(?s)(.*?)(?: - at `\$(.*)`)?")
_UNKNOWN_FIELD = re.compile(r"Object contains unknown field `(.+)`")
_WRONG_WORD = re.compile(r"Invalid enum value (.+)")
_TOO_DEEP = (
    "its brackets or tables are nested too deeply; nothing in it needs more than a few levels"
)


class TomlFile(msgspec.Struct, frozen=True):
    """A TOML file: its content, and its text to find the lines of keys in."""

    path: Path
    """The path that errors name."""
    text: str
    """The text of the file."""
    content: dict[str, object]
    """The tables and keys in it."""

    @classmethod
    def read(cls, path: Path) -> TomlFile:
        """Read a file. Raises ConfigError if it cannot be read or is not TOML."""
        try:
            if stat.S_ISFIFO(path.stat().st_mode):  # to read one may take for ever
                raise ConfigError(f"{path}: is a pipe; klplint reads TOML only from files")
            text = path.read_text(encoding="utf-8")
            return cls(path, text, tomllib.loads(text))
        except RecursionError:
            raise ConfigError(f"{path}: {_TOO_DEEP}") from None
        except OSError as error:
            raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise ConfigError(
                f"{path}: not UTF-8 text, which TOML files have to be; convert it"
            ) from None
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{path}: is not valid TOML: {error}") from None

    def decode(self, kind: type[T], content: object, below: str = "") -> T:
        """`content` as a value of type `kind`.

        `below` is the path of keys ("tool.klplint") at which `content` stands in the file. Raises
        ConfigError with file, line and key if the content does not fit the type.
        """
        try:
            return msgspec.convert(content, kind)
        except RecursionError:
            raise self.error(below, _TOO_DEEP) from None
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
            raise self._error(above + place, _readable(message)) from None

    def error(self, key: str, message: str) -> ConfigError:
        """An error about a key, or about one at the end of a path with dots; to be raised."""
        return self._error(list(key.split(".")), message)

    def error_at(self, steps: Sequence[_Step], message: str) -> ConfigError:
        """An error about the key, or the entry of a list, at the end of a path; to be raised."""
        return self._error([*steps], message)

    def _error(self, steps: list[_Step], message: str) -> ConfigError:
        """An error about the key at the end of a path."""
        name = ""
        for step in steps:
            name += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if name else step
        where = f"{self.path}:{self._line_of(steps)}"
        return ConfigError(f"{where}: {name}: {message}" if name else f"{where}: {message}")

    def line_of(self, key: str) -> int:
        """The line of a key, or of one at the end of a path with dots."""
        return self._line_of(list(key.split(".")))

    def line_at(self, steps: Sequence[_Step]) -> int:
        """The line of the key at the end of a path, whose keys may contain dots."""
        return self._line_of([*steps])

    def _line_of(self, steps: list[_Step]) -> int:
        """The line of the key at the end of a path, or of the innermost table around it."""
        line, longest = 0, 0
        for number, path in self._paths():
            common = 0
            while common < min(len(path), len(steps)) and path[common] == steps[common]:
                common += 1
            if common > longest:
                line, longest = number, common
        return line + 1

    def _paths(self) -> Iterator[tuple[int, tuple[_Step, ...]]]:
        """The lines that begin tables or set keys, and the full path of each table or key."""
        counts: dict[tuple[_Step, ...], int] = {}
        table: tuple[_Step, ...] = ()
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


def _steps(path: str) -> list[_Step]:
    """The keys and indices of a path as msgspec writes it: `.locks[1].name`."""
    return [name or int(index) for name, index in _STEP.findall(path)]


def _names(keys: str) -> list[str]:
    """The parts of a dotted key."""
    return [name.strip("\"'") for name in _NAME.findall(keys)]


def _known_keys(kind: type, path: list[_Step]) -> list[str]:
    """The keys that a table at `path` below a `kind` may have."""
    table = _kind_at(kind, path)
    fields = table.fields if isinstance(table, msgspec.inspect.StructType) else ()
    return [field.encode_name for field in fields]


def _words(kind: type, path: list[_Step]) -> Sequence[object]:
    """The words that a value at `path` below a `kind` may be."""
    value = _kind_at(kind, path)
    arms = value.types if isinstance(value, msgspec.inspect.UnionType) else (value,)
    return [
        word for arm in arms if isinstance(arm, msgspec.inspect.LiteralType) for word in arm.values
    ]


def _kind_at(kind: type, path: list[_Step]) -> msgspec.inspect.Type | None:
    """The type of the value at `path` below a `kind`; None if there is no such key."""
    inner: msgspec.inspect.Type | None = msgspec.inspect.type_info(kind)
    for step in path:
        if isinstance(inner, msgspec.inspect.StructType):
            inner = next((f.type for f in inner.fields if f.encode_name == step), None)
        elif isinstance(inner, msgspec.inspect.ListType | msgspec.inspect.VarTupleType):
            inner = inner.item_type
    return inner


def _readable(message: str) -> str:
    """An error message of msgspec in the terms of TOML."""
    for internal, plain in (
        (" | null", ""),
        ("`int | object`", "a whole number or a table"),
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
