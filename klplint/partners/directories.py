"""The contexts of the barriers in a directory, whose files call each other's functions."""

from __future__ import annotations

from collections.abc import Mapping

from klplint.facts.barrier_contexts import FileContexts
from klplint.partners.access_rules import AccessRules
from klplint.partners.collect import ContextReader


def contexts_in(texts: Mapping[str, str], rules: AccessRules) -> tuple[FileContexts, ...]:
    """The contexts of the barriers in the files of a directory, given their texts by path."""
    reader = DirectoryReader(rules)
    contexts = reader.contexts(texts)
    reader.clear()
    return contexts


class DirectoryReader:
    """Reads the contexts of a directory, and after a change only those that it concerns."""

    def __init__(self, rules: AccessRules) -> None:
        self._rules = rules
        self._texts: dict[str, str] = {}
        self._readers: dict[str, ContextReader] = {}
        self._contexts: dict[str, FileContexts] = {}

    def contexts(self, texts: Mapping[str, str]) -> tuple[FileContexts, ...]:
        """The contexts in all files of the directory, given their texts by path."""
        same = {path for path, text in texts.items() if self._texts.get(path) == text}
        self._texts = dict(texts)
        self._readers = {
            path: self._readers[path] if path in same else ContextReader(text, path, self._rules)
            for path, text in texts.items()
        }
        shared: dict[str, ContextReader] = {}
        for reader in self._readers.values():
            for name in reader.shared_names:
                shared.setdefault(name, reader)
        for reader in self._readers.values():
            reader.beside(shared)
        self._contexts = {
            path: self._contexts[path]
            if path in same and reader.is_current()
            else reader.contexts()
            for path, reader in self._readers.items()
        }
        return tuple(self._contexts.values())

    def clear(self) -> None:
        """Forget all texts. Readers know each other, so they would wait for the next collection."""
        for reader in self._readers.values():
            reader.beside({})
        self._texts, self._readers, self._contexts = {}, {}, {}


def directory_of(path: str) -> str:
    """The directory of a file; "" at the top."""
    return path.rpartition("/")[0]
