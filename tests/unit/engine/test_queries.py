"""Answers about a tree: small trees, and each kind of question."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from klplint.engine.plan import Execution
from klplint.engine.queries import answer, answer_queries
from klplint.engine.session import Session
from klplint.facts.file_facts import FileFacts
from klplint.facts.kernel_version import Version
from klplint.facts.queries import (
    DefinedIn,
    Definition,
    DefinitionsOf,
    HandedIn,
    NamedLike,
    Query,
    SourceFile,
    TreeFacts,
)
from klplint.kernel.signatures import signature_of
from klplint.kernel.sources import Sources, find_sources
from klplint.kernel.tree import Kernel
from klplint.progress import Silence
from tests.support.paths import MINIKERNEL

PUSH = "void push(void)\n{\n\tsmp_wmb();\n}\n"


class Tree:
    """A small tree of files, to ask questions of."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files: list[str] = []

    def add(self, path: str, content: str | bytes) -> None:
        """Write a file."""
        file = self._root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        self._files.append(path)

    def answers(self, *questions: Query) -> list[list[tuple[str, str, str]]]:
        """For each question, what was found: kind, name, place."""
        return [list(map(_short, got)) for got in self.definitions(*questions)]

    def definitions(self, *questions: Query) -> list[tuple[Definition, ...]]:
        """For each question, the definitions found."""
        listing = {file: signature_of(self._root / file) for file in sorted(self._files)}
        kernel = Kernel(self._root, Version(6, 12))
        sources = Sources(kernel, self._root, tuple(listing), listing)
        with Session(sources, Execution(jobs=2), Silence()) as session:
            answers = answer(questions, session)
        return [answers[question] for question in questions]


def _short(definition: Definition) -> tuple[str, str, str]:
    return definition.kind, definition.name, f"{definition.path}:{definition.region.line}"


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """An empty tree."""
    return Tree(tmp_path)


def name(name: str, near: str = "") -> Query:
    return DefinitionsOf(name, near)


def test_a_function_a_macro_and_nothing(tree: Tree) -> None:
    tree.add("a.c", PUSH)
    tree.add("d/b.h", "#define pull(x) push(x)\n")
    assert tree.answers(name("push"), name("pull"), name("gone")) == [
        [("function", "push", "a.c:1")],
        [("macro", "pull", "d/b.h:1")],
        [],
    ]


def test_all_definitions_are_found_in_the_order_of_files(tree: Tree) -> None:
    for path in ("b.c", "a.c", "c/a.c"):
        tree.add(path, "\n" + PUSH)
    tree.add("d.c", "void f(void)\n{\n\tpush();\n}\n")
    (got,) = tree.answers(name("push"))
    assert [place for _, _, place in got] == ["a.c:2", "b.c:2", "c/a.c:2"]


def test_near_leaves_out_what_is_static_in_other_c_files(tree: Tree) -> None:
    tree.add("a.c", f"static {PUSH}")
    tree.add("b.c", f"static {PUSH}")
    tree.add("c.h", f"static inline {PUSH}")
    everywhere, from_a, from_d = tree.answers(
        name("push"), name("push", "a.c"), name("push", "d.c")
    )
    assert [place for _, _, place in everywhere] == ["a.c:1", "b.c:1", "c.h:1"]
    assert [place for _, _, place in from_a] == ["a.c:1", "c.h:1"]
    assert [place for _, _, place in from_d] == ["c.h:1"]


def test_wildcards_and_system_calls(tree: Tree) -> None:
    tree.add("a.c", "SYSCALL_DEFINE1(read, int, fd)\n{\n}\nvoid push_a(void)\n{\n}\n" + PUSH)
    assert tree.answers(name("push_*"), name("p<ush|ull>"), name("sys_read")) == [
        [("function", "push_a", "a.c:4")],
        [("function", "push", "a.c:7")],
        [("function", "read", "a.c:1")],
    ]


def test_a_name_that_only_pasting_makes_is_there_by_its_use(tree: Tree) -> None:
    tree.add("a.c", "/* made_up() */\nWRITER(made)\n")
    tree.add("b.c", 'void f(void)\n{\n\t/* made_up() */\n\tp("made_up()");\n\tmade_up();\n}\n')
    assert tree.answers(name("made_up")) == [[("use", "made_up", "b.c:5")]]


def test_comments_strings_and_declarations_alone_are_no_use(tree: Tree) -> None:
    tree.add("a.c", '/* made_up() */\nchar *f = "made_up()";\n// made_up()\n')
    assert tree.answers(name("made_up")) == [[]]


def test_an_object_is_reported_from_a_use(tree: Tree) -> None:
    tree.add("a.c", "static int counter;\nvoid f(void)\n{\n\tcounter = 1;\n}\n")
    tree.add("b.h", "#define LIMIT 3\nstruct s {\n\tint member;\n};\n")
    (counter, limit, member) = tree.answers(name("counter"), name("LIMIT"), name("member"))
    assert [kind for kind, _, _ in (*counter, *limit, *member)] == ["object"] * 3


@pytest.mark.parametrize(
    ("files", "uncallable"),
    [
        (["int count;\n"], True),
        (["int count;\nvoid f(void)\n{\n\tcount = 1;\n}\n"], True),
        (["int count;\n", "void f(void)\n{\n\tcount = 1;\n}\n"], False),
        (["int count;\n", "DEFINE_IT(count)\n"], False),
        (["int count;\n", "\tmov count, %eax\n"], False),  # a.S
        # Not all of so many uses are read.
        (["int count;\n"] * 41, False),
    ],
)
def test_an_object_cannot_be_called_if_all_its_uses_say_so(
    tree: Tree, files: list[str], uncallable: bool
) -> None:
    for number, text in enumerate(files):
        tree.add(f"{number}.{'S' if 'mov' in text else 'c'}", text)
    ((definition,),) = tree.definitions(name("count"))
    assert (definition.kind, definition.uncallable) == ("object", uncallable)


def test_columns_count_characters_behind_any_text(tree: Tree) -> None:
    tree.add("utf.c", "/* äöü € */\nvoid f(void)\n{\n\t/* é */ pasted();\n}\n")
    tree.add("marked.c", b"\xef\xbb\xbf/* \xc3\xa9 */\nvoid f(void)\n{\n\tmarked();\n}\n")
    for_latin = "/* é */\nvoid f(void)\n{\n\tlatin();\n}\n".encode() + b"/* \xe9 */\n"
    tree.add("latin.c", for_latin)
    got = tree.definitions(name("pasted"), name("marked"), name("latin"))
    places = [(d.kind, d.region.line, d.region.column) for (d,) in got]
    assert places == [("use", 4, 10), ("use", 4, 2), ("use", 4, 2)]


def test_files_by_path_and_by_its_end(tree: Tree) -> None:
    for path in ("a/core.c", "b/core.c", "b/x.c", "c/d/core.c"):
        tree.add(path, f"/* {path} */\n")
    exact, end, beside, anywhere, none = tree.answers(
        SourceFile("a/core.c", "b/x.c"),
        SourceFile("d/core.c", "b/x.c"),
        SourceFile("core.c", "b/x.c"),
        SourceFile("core.c", "x.c"),
        SourceFile("ore.c", "b/x.c"),
    )
    assert [[place for _, _, place in got] for got in (exact, end, beside, anywhere)] == [
        ["a/core.c:1"],
        ["c/d/core.c:1"],
        ["b/core.c:1"],
        ["a/core.c:1", "b/core.c:1", "c/d/core.c:1"],
    ]
    assert none == []


def test_alike_is_what_the_same_directory_has(tree: Tree) -> None:
    tree.add("a/x.c", "static void ring_push(void)\n{\n}\n#define ring_pulls 1\n")
    tree.add("a/y.h", "#define ring_drain(x) (x)\n")
    tree.add("b/x.c", "void ring_pulled(void)\n{\n}\n")
    pushed, drained, pull, other = tree.answers(
        *(NamedLike(n, "a/z.c") for n in ("ring_pushed", "ring_drains", "ring_pull", "bell"))
    )
    assert pushed == [("function", "ring_push", "a/x.c:1")]
    assert drained == [("macro", "ring_drain", "a/y.h:1")]
    assert pull == []
    assert other == []


def test_alike_is_also_what_has_one_part_more(tree: Tree) -> None:
    tree.add(
        "a/x.c", "void dev_ring_push_all(void)\n{\n}\nvoid dev_request_ring_push(void)\n{\n}\n"
    )
    tree.add("a/y.c", "void ring_push_from_the_user(void)\n{\n}\nvoid spring_push(void)\n{\n}\n")
    pushed, ring = tree.answers(NamedLike("ring_push", "a/z.c"), NamedLike("ring", "a/z.c"))
    assert [name for _, name, _ in pushed] == ["dev_request_ring_push"]
    assert ring == []
    (drain,) = tree.answers(NamedLike("request_ring_push", "a/z.c"))
    assert [name for _, name, _ in drain] == ["dev_request_ring_push"]
    (behind,) = tree.answers(NamedLike("ring_push_from", "a/z.c"))
    assert [name for _, name, _ in behind] == ["ring_push_from_the_user"]


def test_of_names_equally_near_none_is_meant_but_one_of_the_file_that_asks(tree: Tree) -> None:
    for file, function in (("a/x.c", "dev_ring_push"), ("a/y.c", "bus_ring_push")):
        tree.add(file, f"void {function}(void)\n{{\n}}\n")
    tree.add("a/z.c", "void ring_fast_pull(void)\n{\n}\nvoid ring_pull_slow(void)\n{\n}\n")
    here, there, apart = tree.answers(
        *(NamedLike("ring_push", asker) for asker in ("a/x.c", "a/z.c")),
        NamedLike("ring_pull", "a/z.c"),
    )
    assert [name for _, name, _ in here] == ["dev_ring_push"]
    assert there == apart == []


def test_files_that_cannot_be_read_are_passed_over(tree: Tree, tmp_path: Path) -> None:
    tree.add("a.c", PUSH)
    tree.add("gone.c", PUSH)
    (tmp_path / "gone.c").unlink()
    assert tree.answers(name("push"), SourceFile("gone.c"))[0] == [("function", "push", "a.c:1")]


def test_an_empty_tree_and_no_question(tree: Tree) -> None:
    assert tree.answers(name("push"), NamedLike("push", "a.c")) == [[], []]
    assert tree.answers() == []


class Curious:
    """Asks for a name, then for all that its definition calls, and so on."""

    def __init__(self) -> None:
        self.rounds = 0

    def queries(self, tree: TreeFacts) -> Iterable[Query]:
        """The first name and what is called in any answer so far."""
        self.rounds += 1
        yield name("klp_start_transition")
        for definitions in tree.answers.values():
            yield from (name(call.name, d.path) for d in definitions for call in d.calls)


def test_questions_are_asked_until_nothing_new_is_asked() -> None:
    sources = find_sources([MINIKERNEL / "kernel/livepatch"], None, ())
    facts = {"a.c": FileFacts(path="a.c", occurrences=())}
    curious = Curious()
    with Session(sources, Execution(jobs=2), Silence()) as session:
        tree = answer_queries(facts, [curious], session)
    assert tree.definitions(name("klp_start_transition"))[0].path == "kernel/livepatch/transition.c"
    beyond = {d.path for got in tree.answers.values() for d in got}
    assert any(not path.startswith("kernel/livepatch/") for path in beyond)
    assert curious.rounds > 2
    assert tree.definitions(name("never_asked")) == ()


class Silent:
    """Asks nothing."""

    def queries(self, tree: TreeFacts) -> Iterable[Query]:
        """Nothing."""
        return ()


def test_nothing_is_searched_where_nothing_is_asked() -> None:
    sources = find_sources([MINIKERNEL / "lib"], None, ())
    with Session(sources, Execution(jobs=2), Silence()) as session:
        tree = answer_queries({"a.c": FileFacts(path="a.c", occurrences=())}, [Silent()], session)
    assert tree.answers == {}
    assert tree.version == sources.kernel.version


def test_own_questions_read_one_file_and_list_none(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_text(PUSH + "int given = start(push);\n")
    sources = Sources(Kernel(tmp_path, Version(6, 12)), tmp_path, ("a.c",))
    asked = [DefinedIn("push", "a.c"), DefinedIn("pull", "a.c"), HandedIn("push", "a.c")]
    with Session(sources, Execution(jobs=2), Silence()) as session:
        answers = answer(asked, session)
        assert "files" not in vars(session.index)
    assert [len(answers[question]) for question in asked] == [1, 0, 1]


def test_compat_system_calls_and_other_names(tree: Tree) -> None:
    tree.add("a.c", "COMPAT_SYSCALL_DEFINE1(ring, int, fd)\n{\n\treturn 0;\n}\n")
    tree.add("a.h", "#define also_push push\n")
    compat, other = tree.definitions(name("compat_sys_ring"), name("also_push"))
    assert [definition.name for definition in compat] == ["ring"]
    assert [call.name for definition in other for call in definition.calls] == ["push"]


def test_a_likeness_is_found_however_its_definition_is_laid_out(tree: Tree) -> None:
    tree.add("d/asker.c", "")
    tree.add("d/a.c", "static int\nring_start_pull(void)\n{\n\treturn 0;\n}\n")
    tree.add("e/asker.c", "")
    tree.add("e/a.c", "static __printf(1, 2) int ring_start_push(void)\n{\n\treturn 0;\n}\n")
    tree.add("e/b.h", "struct ring_start_pusH;\nint ring_start_pus(struct x *y);\n")
    asked = [NamedLike("ring_start_pul", "d/asker.c")]
    asked.append(NamedLike("ring_start_puss", "e/asker.c"))
    got = [[definition.name for definition in got] for got in tree.definitions(*asked)]
    assert got == [["ring_start_pull"], ["ring_start_push"]]
