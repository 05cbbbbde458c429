"""The uses of barriers by other names: macros and short functions that are nothing but a barrier.

They are found by tokens. A name whose definition has a comment that identifies the partner is left
alone: that comment speaks for all uses, and is checked where it stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import cached_property
from pathlib import PurePosixPath

import msgspec

from klplint.barriers.pairing import PairReader, Readers
from klplint.checks.base import Check
from klplint.checks.read_barrier_base import ReadBarrierCheck, barrier_checks
from klplint.csource.barrier_aliases import Alias, AliasPattern
from klplint.csource.lexer import Source
from klplint.csource.outline import Outline, Use
from klplint.csource.suppressions import find_suppressions
from klplint.engine.file_notes import FileNotes
from klplint.engine.session import Session
from klplint.facts.file_facts import Barrier, FileFacts
from klplint.facts.queries import FilesNaming, IndexQuery
from klplint.frontend.barrier_comments import CommentSearch
from klplint.index.included_files import IncludedFiles
from klplint.index.tree_index import files_naming
from klplint.kernel.signatures import signature_of
from klplint.source_text import source_or_nothing

# An alias of an alias of an alias: nobody makes longer chains.
_MOST_ROUNDS = 3


def with_alias_uses(
    facts: Mapping[str, FileFacts], checks: Iterable[Check], session: Session
) -> dict[str, FileFacts]:
    """Facts in which the uses of aliases are barriers, and their definitions are not."""
    about = barrier_checks(checks)
    if not about:
        return dict(facts)
    return _Search(about, session).applied(facts)


def barriers_with_aliases(checks: Iterable[Check]) -> list[IndexQuery]:
    """What the index will be asked for the aliases that stand for a barrier directly."""
    return [FilesNaming(name) for check in barrier_checks(checks) for name in check.checked]


class _Search:
    """Finds aliases, and then their uses."""

    def __init__(self, checks: list[ReadBarrierCheck], session: Session) -> None:
        self._session = session
        self._families = checks[0].families
        self._checked = frozenset(name for check in checks for name in check.checked)
        self._linted = frozenset(session.sources.files)
        self._reachable: dict[str, AbstractSet[str]] = {}
        reader = session.memo.the(Readers)
        self._reader = PairReader(self._checked, self._families, reader)

    def applied(self, facts: Mapping[str, FileFacts]) -> dict[str, FileFacts]:
        """Facts with the uses of all aliases."""
        aliases = self._aliases()
        changed = dict(facts)
        defined: defaultdict[str, list[Alias]] = defaultdict(list)
        for each in aliases:
            defined[each.path].append(each)
        for path in defined.keys() & changed.keys():
            changed[path] = self._without(changed[path], defined[path])
        # The uses of a name that is checked itself are barriers already.
        new = [alias for alias in aliases if alias.name not in self._checked]
        for path, of_file in sorted(self._usable(new).items()):
            source = self._source(path)
            uses = tuple(self._uses(path, source, of_file))
            if uses:
                file = changed.get(path) or FileFacts(
                    path=path, occurrences=(), suppressions=find_suppressions(source)
                )
                barriers = sorted((*file.barriers, *uses), key=lambda barrier: barrier.region)
                changed[path] = msgspec.structs.replace(file, barriers=tuple(barriers))
        return dict(sorted(changed.items()))

    def _aliases(self) -> list[Alias]:
        """The aliases in headers of the tree, and in the linted files."""
        aliases: list[Alias] = []
        meant = {name: name for name in self._checked}
        for _ in range(_MOST_ROUNDS):
            layer = list(self._layer(meant))
            aliases += layer
            meant = {a.name: a.barrier for a in layer if a.name not in self._checked}
            if not meant:
                break
        return aliases

    def _layer(self, meant: Mapping[str, str]) -> Iterator[Alias]:
        """The aliases of some names, each with the barrier that it means in the end."""
        for side in ("read", "write", "either"):
            names = [n for n, barrier in meant.items() if self._reader.standing(barrier) == side]
            if not names:
                continue
            families = self._families
            beside = families.writing if side == "write" else families.readers
            others = {*beside, *families.compiler}
            pattern = AliasPattern(names, others)
            for path in self._likely(pattern, self._files_naming(names), names, others):
                source = self._source(path)
                outline = Outline(source)
                accepted = {line for each in find_suppressions(source) for line in each.lines}
                for alias in pattern.aliases_in(path, source):
                    # Whoever suppressed findings in a definition has looked at it.
                    is_accepted = source.position(alias.use.start)[0] in accepted
                    barrier = meant[alias.barrier]
                    if not is_accepted and self._is_followed(alias, barrier, outline):
                        yield msgspec.structs.replace(alias, barrier=barrier)

    def _likely(
        self, pattern: AliasPattern, paths: Iterable[str], *about: Iterable[str]
    ) -> list[str]:
        """The files that may define an alias: few do, and few change from run to run."""
        notes = FileNotes(self._session, bool, "likely aliases", *map(sorted, about))
        signatures = {path: signature_of(self._session.sources.root / path) for path in paths}
        before = notes.about(signatures)
        new = {p: pattern.is_likely(self._text(p)) for p in signatures if p not in before}
        notes.remember(signatures, new)
        return [path for path in signatures if before.get(path) or new.get(path)]

    def _files_naming(self, names: Iterable[str]) -> list[str]:
        words = [FilesNaming(name) for name in names]
        hits = self._session.index.find(words, self._session.progress)
        files = {file for word in words for file in hits[word]}
        return sorted(file for file in files if file in self._linted or file.endswith(".h"))

    def _is_followed(self, alias: Alias, barrier: str, outline: Outline) -> bool:
        """Whether an alias is a name of its own, and says nothing of the partner itself."""
        bare = alias.name.strip("_")
        families = self._families
        is_known = families.is_known(bare) or bare in families.writing
        if is_known and barrier not in families.foreign:
            return False  # an architecture's way to build a primitive
        made = _barrier(alias.use, barrier, alias.name, CommentSearch(outline.source, outline))
        return self._reader.reader_of(barrier).read_barrier(made).pairing == "none"

    def _usable(self, aliases: Iterable[Alias]) -> dict[str, dict[str, Alias]]:
        """The linted files that may use aliases, each with these by their names."""
        by_name: defaultdict[str, list[Alias]] = defaultdict(list)
        for alias in aliases:
            by_name[alias.name].append(alias)
        words = [FilesNaming(name) for name in by_name]
        if not words:
            return {}
        files = self._session.sources.files
        hits, _ = self._session.index.find_in(files, words, self._session.progress)
        usable: dict[str, dict[str, Alias]] = {}
        for path, names in files_naming(hits).items():
            for name in sorted(names):
                near = [a for a in by_name[name] if self._is_visible(a, path)]
                if near:
                    usable.setdefault(path, {})[name] = near[0]
        return usable

    def _is_visible(self, alias: Alias, path: str) -> bool:
        """Whether a file may mean an alias by its name."""
        if alias.path == path:
            return True
        header, kernel = PurePosixPath(alias.path), self._session.sources.kernel.root
        if header.suffix != ".h":
            return False
        if PurePosixPath(path).is_relative_to(header.parent):
            return True
        is_shared = header.is_relative_to(kernel / "include") or header.parts[0] == "include"
        # The name is enough: the include path may lead to the header by another directory.
        is_named = header.name in self._text(path)
        return is_shared or is_named or alias.path in self._included_by(path)

    def _included_by(self, path: str) -> AbstractSet[str]:
        """All that a file may include, or that a file beside it may that includes this one.

        Few files name what may be an alias of another directory.
        """
        if path not in self._reachable:
            starts = self._included.with_includers(path) if path.endswith(".h") else [path]
            self._reachable[path] = self._included.reachable(starts)
        return self._reachable[path]

    @cached_property
    def _included(self) -> IncludedFiles:
        return IncludedFiles(self._session.sources.root, self._session.index.files)

    def _uses(self, path: str, source: Source, aliases: Mapping[str, Alias]) -> Iterator[Barrier]:
        """The calls of aliases in the functions of a file."""
        outline = Outline(source)
        search = CommentSearch(source, outline)
        for use in outline.uses(frozenset(aliases)):
            alias, body = aliases[use.name], outline.body_at(use.start)
            is_other = alias.path != path and use.name in outline.by_name
            is_call = use.arguments is not None and source.directive_at(use.start) is None
            if body is not None and is_call and not is_other and body.name not in aliases:
                made = _barrier(use, alias.barrier, body.called, search)
                yield msgspec.structs.replace(made, alias=use.name)

    def _without(self, file: FileFacts, aliases: Iterable[Alias]) -> FileFacts:
        """The facts of a file without the barriers in the definitions of its aliases."""
        source = self._source(file.path)
        regions = {source.region(alias.use.start, alias.use.end) for alias in aliases}
        kept = tuple(barrier for barrier in file.barriers if barrier.region not in regions)
        return msgspec.structs.replace(file, barriers=kept)

    def _source(self, path: str) -> Source:
        return Source(self._text(path))

    def _text(self, path: str) -> str:
        return source_or_nothing(self._session.sources.root / path)


def _barrier(use: Use, name: str, function: str, search: CommentSearch) -> Barrier:
    return Barrier(
        name=name,
        region=search.source.region(use.start, use.end),
        function=function,
        comments=search.near(use),
        how="tokens",
    )
