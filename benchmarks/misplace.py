"""Misplaced barriers: how many of them KLP007 finds, on a kernel tree.

    python benchmarks/misplace.py TREE [TREE...]

For each `smp_rmb()` that is in order with the partner that its comment names, or that is certain,
the barrier of either side is moved across its nearest shared access: up across the first object,
or down across the second one. Only what the functions access themselves is used (depth 0). The
mutants are read in memory; the tree is not changed. A mutant is found if the check reports the
reader, with the counterparts that the comments of the unmodified tree name. The survivors are
listed, each with the reason that `klplint pairs` would give.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from barrier_edits import moved_down, moved_up

from klplint.barriers.counterparts import Counterpart
from klplint.barriers.ordering import PairOrder, order_of
from klplint.barriers.pairing import Pair
from klplint.catalogue.load import load_accesses, load_catalogue
from klplint.catalogue.select import select_rules
from klplint.engine.pair_listing import pair_up
from klplint.engine.plan import Execution, Plan
from klplint.facts.barrier_contexts import Context, FileContexts
from klplint.facts.partners import ObjectUse, SharedObject
from klplint.kernel.excludes import DEFAULT_EXCLUDES
from klplint.kernel.sources import find_sources
from klplint.partners.directories import contexts_in, directory_of
from klplint.partners.header_functions import HeaderFunctions, definitions_in
from klplint.partners.object_index import Sited
from klplint.partners.pair_order import PairOrders
from klplint.partners.ranking import Ranking
from klplint.partners.scoring import partners
from klplint.partners.shared_objects import Mutual, mutual_objects, uses_by_key
from klplint.progress import Silence

_RULES = load_accesses()
Pairs = dict[tuple[str, str], Pair]


class Mutant(NamedTuple):
    """A barrier that is moved."""

    reader: Sited
    file: str
    text: str
    what: str
    """Whose barrier it is, and which way it is moved."""
    comment: bool
    """Whether the comment names the partner."""


class Tree:
    """The barriers of a tree, and what its comments name."""

    def __init__(self, root: Path) -> None:
        self.root = root
        sources = find_sources([root], None, DEFAULT_EXCLUDES)
        plan = Plan(sources, select_rules(load_catalogue(), ["KLP007"], []), Execution(jobs=1))
        listed = pair_up(plan, Silence())
        self.pairs: Pairs = {}
        for entry in listed.pairs:
            self.pairs.setdefault((entry.file, entry.pair.barrier.function or ""), entry.pair)
        names = [name.encode() for name in _RULES.barrier_names]
        files = [f for f in sources.files if f.endswith((".c", ".h"))]
        self.files = [f for f in files if any(n in (root / f).read_bytes() for n in names)]
        self.groups: dict[str, list[str]] = defaultdict(list)
        for file in self.files:
            self.groups[directory_of(file)].append(file)
        headers = [
            str(path.relative_to(root))
            for directory in self.groups
            for path in (root / directory).glob("*.h")
        ]
        headers += [str(path.relative_to(root)) for path in (root / "include").rglob("*.h")]
        defined = {h: definitions_in((root / h).read_bytes()) for h in sorted(set(headers))}
        self.headers = HeaderFunctions(defined, lambda header: (root / header).read_bytes(), _RULES)
        self.contexts = {d: self.read(files, {}) for d, files in self.groups.items()}
        self.functions = {
            (file.path, context.line): context.function
            for files in self.contexts.values()
            for file in files
            for context in file.contexts
        }

    def read(self, files: Iterable[str], changed: dict[str, str]) -> tuple[FileContexts, ...]:
        """The contexts of the files of a directory, some with another text."""
        return contexts_in({file: changed.get(file) or self.text(file) for file in files}, _RULES)

    def text(self, file: str) -> str:
        """The text of a file."""
        return (self.root / file).read_text(encoding="utf-8", errors="replace")

    def with_texts(self, changed: dict[str, str]) -> list[FileContexts]:
        """The contexts of the tree with some files changed."""
        directories = {directory_of(file) for file in changed}
        return [
            file
            for directory, files in self.groups.items()
            for file in (
                self.read(files, changed) if directory in directories else self.contexts[directory]
            )
        ]


class Checked:
    """The order of pairs in a tree, with some texts changed."""

    def __init__(self, tree: Tree, changed: dict[str, str]) -> None:
        self._tree = tree
        self._ranking = Ranking(tree.with_texts(changed), _RULES)
        self._orders = PairOrders(self._ranking.contexts, _RULES, tree.headers)

    def readers(self) -> Iterator[Sited]:
        """All uses of `smp_rmb()`."""
        for path in self._ranking.contexts:
            yield from self.readers_in(path)

    def readers_in(self, path: str) -> Iterator[Sited]:
        """The uses of `smp_rmb()` in a file."""
        for context in self._ranking.contexts_in(path):
            if context.barrier == "smp_rmb":
                yield Sited(path, context)

    def order(self, reader: Sited) -> PairOrder:
        """The result for a reader."""
        pair = self._tree.pairs.get((reader.path, reader.context.function))
        ranked = self._ranking.candidates(reader)
        if pair is None or not ranked:
            return PairOrder("not-checked", "no-partner")
        listed = partners(ranked, _RULES, partial(self._orders.orders, reader))
        return order_of(self._by_name(pair), listed)

    def writer(self, path: str, line: int) -> Context:
        """The context of the barrier at a line."""
        return next(c for c in self._ranking.contexts_in(path) if c.line == line)

    def _by_name(self, pair: Pair) -> Pair:
        """A pair whose counterparts are known by their names: lines are others in a mutant."""
        functions = [c for c in pair.counterparts if c.kind == "function" and c.status == "ok"]
        places = [(b.path, b.region.line) for c in functions for b in c.barriers]
        names = {c.name for c in functions}
        names |= {name for place in places if (name := self._tree.functions.get(place))}
        counterparts = [
            Counterpart(name=name, kind="function", status="ok") for name in sorted(names)
        ]
        return Pair(pair.barrier, pair.reading, tuple(counterparts))


def mutants(tree: Tree) -> Iterator[Mutant]:
    """All mutants of the pairs that are ordered, each once."""
    checked, seen = Checked(tree, {}), set[tuple[str, int, str]]()
    for reader in checked.readers():
        result = checked.order(reader)
        partner, order = result.partner, result.order
        if result.status != "ordered" or partner is None or order is None:
            continue
        flag, data = order.objects
        if any(_RULES.wakes(each.writer.via) for each in order.objects):
            continue
        writer = checked.writer(partner.path, partner.line)
        once = _once(reader.context, writer, flag, data)
        pair = tree.pairs[reader.path, reader.context.function]
        comment = pair.reading.pairing == "explicit" and bool(pair.counterparts)
        for is_once, side, path, context, first, second in (
            (once[0], "reader", reader.path, reader.context, flag.reader, data.reader),
            (once[1], "writer", partner.path, writer, data.writer, flag.writer),
        ):
            if not (is_once and _is_direct(context, first) and _is_direct(context, second)):
                continue
            lines = tree.text(path).split("\n")
            for way, text in (
                ("up", moved_up(lines, context, first)),
                ("down", moved_down(lines, context, second)),
            ):
                if text and (path, context.line, way) not in seen:
                    seen.add((path, context.line, way))
                    yield Mutant(reader, path, text, f"{side} {way}", comment)


def _once(
    reader: Context, writer: Context, flag: SharedObject, data: SharedObject
) -> tuple[bool, bool]:
    """Whether the barrier of the reader, and of the writer, can be misplaced by a move.

    The reader loads each object on one side of its barrier, and the writer stores it on one side.
    If the writer's barrier is moved, the reader may load the flag again. Where data are loaded on
    both sides, as in a sequence count, a pair may stay in order if a barrier moves.
    """
    mutual = mutual_objects(
        uses_by_key(reader, {}), uses_by_key(writer, {}), reader.function, writer.function
    )

    def meant(shared: SharedObject) -> list[Mutual]:
        uses = ((m, u) for m in mutual for u in (*m.readers, *m.writers))
        return [m for m, use in uses if use.access.text == shared.name]

    is_once = all(m.is_one_sided for each in (flag, data) for m in meant(each))
    is_stored_once = all(m.is_stored_once for m in meant(flag))
    return is_once, is_stored_once and all(m.is_one_sided for m in meant(data))


def _is_direct(context: Context, use: ObjectUse) -> bool:
    by_helper = not use.via or _RULES.effects(use.via) is not None
    return by_helper and context.holds(use.line)


def rounds(every: Sequence[Mutant]) -> Iterator[list[Mutant]]:
    """The mutants in groups that have only one in each file."""
    left = list(every)
    while left:
        used, now, later = set[str](), list[Mutant](), list[Mutant]()
        for mutant in left:
            files = {mutant.file, mutant.reader.path}
            (later if files & used else now).append(mutant)
            used |= files if not files & used else set()
        yield now
        left = later


class Score:
    """How many mutants were made, and how many the check found."""

    def __init__(self) -> None:
        self.total, self.killed = Counter[str](), Counter[str]()
        self.pairs = set[tuple[str, str]]()
        self.survivors: list[str] = []

    def add(self, mutant: Mutant, results: Sequence[PairOrder]) -> None:
        """Count a mutant with the results for the barriers of its reader's function."""
        function = mutant.reader.context.function
        self.pairs.add((mutant.reader.path, function))
        is_found = any(result.status == "misordered" for result in results)
        for key in (mutant.what, "comment" if mutant.comment else "code", "all"):
            self.total[key] += 1
            self.killed[key] += is_found
        if not is_found:
            why = ", ".join(sorted({each.reason or each.status for each in results}))
            place = f"{mutant.reader.path} {function}()"
            self.survivors.append(f"- {place}, {mutant.what}: {why}")

    def show(self, what: str) -> None:
        """Print the figures."""
        print(f"{what}: {len(self.pairs)} functions with a reader, {self.total['all']} mutants")
        for key, count in sorted(self.total.items()):
            print(f"{key}: {self.killed[key]} of {count} ({self.killed[key] / count:.2f})")


def measure(tree: Tree, scores: Sequence[Score]) -> None:
    """Make the mutants of a tree, and add to scores what the check finds."""
    for group in rounds([*mutants(tree)]):
        checked = Checked(tree, {mutant.file: mutant.text for mutant in group})
        for mutant in group:
            results = [
                checked.order(reader)
                for reader in checked.readers_in(mutant.reader.path)
                if reader.context.function == mutant.reader.context.function
            ]
            for score in scores:
                score.add(mutant, results)


def main() -> None:
    """Print the figures and the survivors of each tree, and the figures of all together."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("tree", type=Path, nargs="+")
    options = parser.parse_args()
    together = Score()
    for root in options.tree:
        score = Score()
        measure(Tree(root), [score, together])
        score.show(root.name)
        print("\n".join(sorted(score.survivors)), flush=True)
    if len(options.tree) > 1:
        together.show("together")


if __name__ == "__main__":
    main()
