"""The stages of a lint: collect facts, answer queries, check.

Each stage is a function of the one before. The result is the same for any number of processes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from functools import partial

import msgspec

from klplint.checks.base import Check
from klplint.engine.alias_search import barriers_with_aliases, with_alias_uses
from klplint.engine.barrier_moves import with_proved_moves
from klplint.engine.checking import check, reviewed
from klplint.engine.compile_targets import CompileTargets
from klplint.engine.completing import completed
from klplint.engine.dependencies import Dependencies
from klplint.engine.fact_collection import FactCollector
from klplint.engine.kept_variables import with_kept_variables
from klplint.engine.look_ahead import LookAhead
from klplint.engine.partner_search import barrier_words, with_partners
from klplint.engine.plan import Plan, watch_of
from klplint.engine.queries import Asker, answer_queries
from klplint.engine.replay import Replay
from klplint.engine.saved_result import SavedResult
from klplint.engine.session import Session
from klplint.facts.file_facts import FileFacts, Unreadable
from klplint.facts.queries import IndexQuery, TreeFacts
from klplint.facts.watch import Callee
from klplint.findings.finding import Result


class Collected(msgspec.Struct, frozen=True):
    """The facts of a run, by file in the order of paths, and the files that cannot be read."""

    facts: dict[str, FileFacts]
    unreadable: tuple[Unreadable, ...]


def run_stages(session: Session, plan: Plan, saved: SavedResult) -> Result:
    """The result of a plan, which is cached in its place."""
    result, _ = lint_in(session, plan)
    files = session.memo.once(Dependencies, session).files
    saved.remember(result, files, session.memo.once(CompileTargets, session).asm_headers())
    return result


def lint_in(session: Session, plan: Plan) -> tuple[Result, TreeFacts]:
    """The result of a plan, and what it was made of."""
    checks = [rule.check for rule in plan.rules]
    session.index.expect(partial(barrier_words, checks, session))
    session.index.expect(partial(barriers_with_aliases, checks))
    collected = collect_facts(plan, session)
    facts = with_alias_uses(collected.facts, checks, session)
    linted = frozenset(plan.sources.files)
    replay = Replay(plan.rules, {f: each for f, each in facts.items() if f in linted}, session)
    asking: list[Asker] = [*(each for each in checks if not each.is_per_file), replay]
    expecting = partial(_expected_queries, asking, session)
    tree = answer_queries(facts, asking, session, expecting, replay.answers())
    tree = with_partners(tree, checks, session)
    earlier = replay.findings(tree)
    alone = replay.alone(tree, earlier)
    findings = check(plan.rules, tree, alone, earlier, session.statistics)
    replay.remember(tree, findings, earlier)
    result = completed(reviewed(plan, collected.unreadable, tree, findings), plan, session)
    result = with_proved_moves(result, checks, session)
    return with_kept_variables(result, session), tree


def collect_facts(plan: Plan, session: Session) -> Collected:
    """The facts of the linted files that name what the rules watch, and of what they call.

    Calls lead from file to file. So the files of the whole tree are collected that name a
    watched function, or that call a function which a rule follows (a wrapper of a watched one, a
    caller), until no rule follows another one. A linted file has the same findings then, whether
    it is linted alone or with the whole tree.
    """
    checks = [rule.check for rule in plan.rules]
    version, linted = plan.sources.kernel.version, frozenset(plan.sources.files)
    nothing = TreeFacts(version, memo=session.memo, linted=linted)
    survey = FactCollector(session, partial(_prepare, checks, nothing))
    watch = watch_of(plan.catalogue or plan.rules)
    collected = gather(survey.facts(watch, plan.watch.searched, plan.watch.functions))
    followed: set[Callee] = set()
    while True:
        tree = msgspec.structs.replace(nothing, files=collected.facts)
        wanted = {callee for check in checks for callee in check.callees(tree)}
        if wanted <= followed:
            survey.remember()
            return _needed(collected, plan, frozenset(callee.name for callee in followed))
        session.index.expect(partial(_expected_queries, checks, session, tree))
        collected = _joined(collected, gather(survey.following(sorted(wanted - followed))))
        followed |= wanted


def _prepare(checks: Iterable[Check], tree: TreeFacts, facts: FileFacts) -> None:
    """Have checks read what is in one file, which they remember: later this process alone is busy.

    What they ask about other files is asked when all facts are there.
    """
    alone = msgspec.structs.replace(tree, files={facts.path: facts})
    for each in checks:
        deque(each.queries(alone), maxlen=0)


def _expected_queries(
    checks: Iterable[Asker], session: Session, tree: TreeFacts
) -> list[IndexQuery]:
    """What checks will ask the index, as far as the facts so far show it."""
    return session.memo.once(LookAhead, session).queries(tree, checks)


def gather(surveyed: Iterable[FileFacts | Unreadable]) -> Collected:
    """Facts as they come, put in order; the latest of each file count."""
    facts: dict[str, FileFacts] = {}
    unreadable: list[Unreadable] = []
    for file in surveyed:
        if isinstance(file, Unreadable):
            unreadable.append(file)
        else:
            facts[file.path] = file
    return Collected(dict(sorted(facts.items())), tuple(unreadable))


def _needed(collected: Collected, plan: Plan, followed: frozenset[str]) -> Collected:
    """The facts that may lead to findings in the linted files.

    Nobody asks about the barriers of other files, and about nothing of them if no linted file
    calls, also through a macro, or names a function that is watched or `followed`.
    """
    linted, functions = frozenset(plan.sources.files), plan.watch.functions | followed
    needs_others = any(
        file.further or file.about(functions).is_concerned
        for path, file in collected.facts.items()
        if path in linted
    )
    facts = {
        path: file if path in linted else file.about(functions)
        for path, file in collected.facts.items()
        if path in linted or needs_others
    }
    return msgspec.structs.replace(collected, facts=facts)


def _joined(before: Collected, later: Collected) -> Collected:
    """Facts with those of a later round, which replace earlier ones of the same file."""
    facts = dict(sorted({**before.facts, **later.facts}.items()))
    return Collected(facts, tuple(dict.fromkeys([*before.unreadable, *later.unreadable])))
