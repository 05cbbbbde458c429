"""The contexts of the barriers in a directory, whose files call each other's functions."""

from __future__ import annotations

from collections.abc import Mapping

from klplint.facts.barrier_contexts import FileContexts
from klplint.partners.access_rules import AccessRules
from klplint.partners.collect import ContextReader


def contexts_in(texts: Mapping[str, str], rules: AccessRules) -> tuple[FileContexts, ...]:
    """The contexts of the barriers in the files of a directory, given their texts by path."""
    readers = {path: ContextReader(text, path, rules) for path, text in texts.items()}
    shared: dict[str, ContextReader] = {}
    for reader in readers.values():
        for name in reader.shared_names:
            shared.setdefault(name, reader)
    for reader in readers.values():
        reader.beside(shared)
    return tuple(reader.contexts() for reader in readers.values())


def directory_of(path: str) -> str:
    """The directory of a file; "" at the top."""
    return path.rpartition("/")[0]
