"""The messages of msgspec that strict_toml reads, each pinned: CI runs this with both its bounds.

msgspec says in a sentence what does not fit and where. strict_toml takes the sentence apart; if a
version of msgspec phrases one differently, a test here fails, and no user gets half a sentence.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
import pytest

from klplint.errors import ConfigError
from klplint.strict_toml import TomlFile


class Part(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, rename="kebab"):
    long_name: str
    sizes: tuple[int, ...] = ()


class Content(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, rename="kebab"):
    text: str = ""
    flag: bool = False
    count: Annotated[int, msgspec.Meta(ge=0, le=256)] = 0
    word: Literal["good", "bad"] = "good"
    address: Annotated[str, msgspec.Meta(pattern="^(https://.+)?$")] = ""
    few: Annotated[tuple[str, ...], msgspec.Meta(max_length=2)] = ()
    names: dict[str, str] = {}
    limits: dict[str, int | dict[str, int]] = {}
    part: Part | None = None
    parts: tuple[Part, ...] = ()


CASES = {
    "text = 1": "a.toml:1: text: expected text, got a whole number",
    "text = 1.5": "a.toml:1: text: expected text, got a decimal number",
    "text = true": "a.toml:1: text: expected text, got true or false",
    "text = []": "a.toml:1: text: expected text, got a list",
    "text = {}": "a.toml:1: text: expected text, got a table",
    "flag = 'yes'": "a.toml:1: flag: expected true or false, got text",
    "count = '1'": "a.toml:1: count: expected a whole number, got text",
    "count = -1": "a.toml:1: count: expected a whole number >= 0",
    "count = 257": "a.toml:1: count: expected a whole number <= 256",
    "part = 1": "a.toml:1: part: expected a table, got a whole number",
    "parts = 1": "a.toml:1: parts: expected a list, got a whole number",
    "word = 'odd'": "a.toml:1: word: expected one of bad, good, not 'odd'",
    "word = 1": "a.toml:1: word: expected text, got a whole number",
    "address = 'ftp://x'": "a.toml:1: address: expected text matching regex '^(https://.+)?$'",
    "few = ['a', 'b', 'c']": "a.toml:1: few: expected a list of length <= 2",
    "names = {a = 1}": "a.toml:1: names: expected text, got a whole number",
    "limits = {a = '1'}": "a.toml:1: limits: expected a whole number or a table, got text",
    "wrod = 'good'": "a.toml:1: wrod: unknown key (did you mean word?)",
    "[[parts]]\nlong-nam = ''": "a.toml:2: parts[1].long-nam: unknown key "
    "(did you mean long-name?)",
    "\n[part]\nsizes = []": "a.toml:2: part: table missing the key `long-name`",
    "[part]\nlong-name = ''\nsizes = [1, '2']": "a.toml:3: part.sizes[2]: expected a whole number, "
    "got text",
    "[[parts]]\nlong-name = ''\n[[parts]]\nlong-name = 1": "a.toml:4: parts[2].long-name: expected "
    "text, got a whole number",
}


@pytest.mark.parametrize(("text", "message"), CASES.items())
def test_each_message_is_in_the_terms_of_toml(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "a.toml"
    path.write_text(text, encoding="utf-8")
    source = TomlFile.read(path)
    with pytest.raises(ConfigError) as error:
        source.decode(Content, source.content)
    assert str(error.value).replace(str(path), "a.toml") == message
