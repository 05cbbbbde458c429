"""Words that klplint's texts no longer use: where they still are, and what to write instead.

    python tools/retired_words.py [--count] [FILE...]

Without FILEs, all files that git tracks are read. The words are in retired-words.toml.
"""

from __future__ import annotations

import argparse
import ast
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
_WORDS = Path(__file__).with_name("retired-words.toml")
# A gap between words: it may hold the end of a line, and the comment mark of the next one.
_GAP = r"(?:\s|[#*]|//)+"


class Hit(NamedTuple):
    """A retired word in a text."""

    line: int
    word: str
    write: str


class Word(NamedTuple):
    """A word, or several, and the uses that are right all the same."""

    pattern: re.Pattern[str]
    write: str
    unless: re.Pattern[str] | None

    def uses(self, text: str) -> Iterator[Hit]:
        """Where the text has the word."""
        right = [match.span() for match in self.unless.finditer(text)] if self.unless else []
        for match in self.pattern.finditer(text):
            start, end = match.span()
            if not any(first <= start and end <= last for first, last in right):
                line = text.count("\n", 0, start) + 1
                yield Hit(line, " ".join(match[0].split()), self.write)


class Vocabulary(NamedTuple):
    """All that is not to be used: words in texts, and names of variables."""

    words: tuple[Word, ...]
    variables: dict[str, str]

    def uses(self, path: Path) -> list[Hit]:
        """What a file has of them, by lines; nothing if it is not a text."""
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            return []
        hits = [hit for word in self.words for hit in word.uses(text)]
        if path.suffix == ".py":
            hits += self._variables_in(ast.parse(text, path))
        return sorted(hits)

    def _variables_in(self, tree: ast.AST) -> Iterator[Hit]:
        for node in ast.walk(tree):
            match node:
                case (
                    ast.Name(id=name, ctx=ast.Store(), lineno=line) | ast.arg(arg=name, lineno=line)
                ) if name in self.variables:
                    yield Hit(line, name, self.variables[name])


def load(path: Path = _WORDS) -> Vocabulary:
    """The words of a file."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    words = [
        Word(
            _compiled(rf"(?<![A-Za-z])(?:{word['pattern']})(?![A-Za-z])"),
            word["write"],
            _compiled("|".join(word["unless"])) if word.get("unless") else None,
        )
        for word in content["word"]
    ]
    return Vocabulary(tuple(words), content["variables"])


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace(" ", _GAP), re.IGNORECASE)


def tracked() -> list[Path]:
    """The files that git tracks, without the list of words."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    files = [ROOT / name for name in listed.split("\0") if name]
    return [path for path in files if path.is_file() and path != _WORDS]


def _sums(hits: Iterable[tuple[Path, Hit]]) -> Iterator[str]:
    """How many hits each directory at the root has, and the words that are most often there."""
    words: dict[str, Counter[str]] = {}
    for path, hit in hits:
        top = path.relative_to(ROOT).parts[0]
        words.setdefault(top, Counter())[hit.word.lower()] += 1
    for top, counts in sorted(words.items(), key=lambda item: (-item[1].total(), item[0])):
        most = ", ".join(f"{word} {count}" for word, count in counts.most_common(8))
        yield f"{counts.total():5} {top}: {most}"


def main() -> int:
    """Print the uses; the exit status is 1 if there are any."""
    parser = argparse.ArgumentParser(description="Find words that klplint's texts no longer use.")
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    parser.add_argument("--count", action="store_true", help="print sums by directory")
    options = parser.parse_args()
    vocabulary = load()
    files = [path.resolve() for path in options.files] or tracked()
    hits = [(path, hit) for path in files for hit in vocabulary.uses(path)]
    if options.count:
        print(*_sums(hits), sep="\n")
    else:
        for path, hit in hits:
            print(f'{path.relative_to(ROOT)}:{hit.line}: "{hit.word}": write: {hit.write}')
    print(f"{len(hits)} retired words in {len({path for path, _ in hits})} files", file=sys.stderr)
    return int(bool(hits))


if __name__ == "__main__":
    sys.exit(main())
