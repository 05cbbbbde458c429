"""`klplint pairs`: the two forms, the exit status, bad input, and the same bytes for any jobs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypedDict

import msgspec
import pytest
from syrupy.assertion import SnapshotAssertion

from klplint.catalogue.load import load_catalogue
from klplint.catalogue.select import select_rules
from klplint.config.choices import LISTING_FORMATS
from klplint.engine.pair_listing import PairList, pair_up
from klplint.engine.plan import Execution, Plan
from klplint.errors import KlplintError
from klplint.kernel.excludes import DEFAULT_EXCLUDES
from klplint.kernel.sources import find_sources
from klplint.progress import Silence
from klplint.report.base import Appearance
from klplint.report.pairs import render
from tests.support.barrier_samples import RING
from tests.support.command import klplint
from tests.support.expectations import blanked_copy
from tests.support.paths import FIXTURES, MINIKERNEL

SAMPLE = """\
void f(int *a)
{
	*a = 1;
	smp_wmb();
	*a = 2;
}
int g(int *a)
{
	/* Pairs with smp_wmb() in %s(). */
	smp_rmb();
	return *a;
}
"""


class Counterpart(TypedDict):
    name: str
    kind: str
    status: str
    resolved: str
    definitions: list[dict[str, object]]
    barriers: list[dict[str, object]]


class Partner(TypedDict):
    function: str
    file: str
    line: int
    barrier: str
    score: float
    confident: bool
    objects: list[dict[str, object]]


class Order(TypedDict):
    status: str
    reason: str
    writer: dict[str, object] | None
    objects: list[dict[str, object]]


class Pair(TypedDict):
    file: str
    line: int
    function: str | None
    barrier: str
    comment: str
    pairing: str
    reason: str
    sentence: dict[str, object] | None
    counterparts: list[Counterpart]
    write_barriers: list[str]
    partners: list[Partner]
    order: Order | None
    side: str
    other_ends: list[dict[str, object]]
    alias: str


class Document(TypedDict):
    barriers: list[Pair]


def read(text: str) -> list[Pair]:
    """The JSON form, its fields and their types checked; none is lost or new."""
    pairs = msgspec.json.decode(text, type=Document)["barriers"]
    assert [dict(pair) for pair in pairs] == json.loads(text)["barriers"]
    return pairs


def test_partners_come_from_the_code_and_are_the_same_for_any_jobs(tmp_path: Path) -> None:
    sample = RING.replace("/* pairs with gauge_write() */", "/* Pairs with smp_wmb() in f(). */")
    (tmp_path / "ring.c").write_text(sample)
    (tmp_path / "sample.c").write_text(SAMPLE % "f")
    run = ("pairs", "--kernel", MINIKERNEL, tmp_path, "--cache-dir", tmp_path / "cache")
    cold = klplint(*run, "-f", "json", "--jobs", "1")
    warm = klplint(*run, "-f", "json", "--jobs", "2")
    uncached = klplint(*run, "-f", "json", "--no-cache", "--jobs", "2")
    assert cold.stdout == warm.stdout == uncached.stdout
    pair = next(p for p in read(cold.stdout) if p["function"] == "ring_pop")
    first = pair["partners"][0]
    assert (first["function"], first["barrier"], first["confident"]) == (
        "ring_push",
        "smp_wmb",
        True,
    )
    assert 0.7 < first["score"] <= 1
    assert {
        "name": "ring.head",
        "reader": {"side": "before", "access": "load", "line": 14, "via": "READ_ONCE"},
        "writer": {"side": "after", "access": "store", "line": 9, "via": "WRITE_ONCE"},
    } in first["objects"]
    text = klplint(*run, "--color", "never").stdout
    assert "by the code: ring_push(): smp_wmb() at ring.c:8, NOT WHAT THE COMMENT NAMES" in (
        " ".join(text.split())
    )
    without = klplint(*run, "-f", "json", "--no-partners")
    assert all(not p["partners"] and p["order"] is None for p in read(without.stdout))


def test_the_order_of_each_pair_is_said(tmp_path: Path) -> None:
    late = RING.replace("ring_pop", "ring_late").split("int ring_late")[1]
    late = late.replace("\tsmp_rmb(); /* pairs with gauge_write() */\n", "")
    late = late.replace("{\n", "{\n\t/* Pairs with smp_wmb() in ring_push(). */\n\tsmp_rmb();\n", 1)
    alone = "int ring_alone(int *a)\n{\n\tsmp_rmb();\n\treturn *a;\n}\n"
    (tmp_path / "ring.c").write_text(f"{RING}int ring_late{late}{alone}")
    run = ("pairs", "--kernel", MINIKERNEL, tmp_path)
    orders = {p["function"]: p["order"] for p in read(klplint(*run, "-f", "json").stdout)}
    right, wrong, none = (orders[name] for name in ("ring_pop", "ring_late", "ring_alone"))
    assert right is not None
    assert wrong is not None
    assert none is not None
    assert (right["status"], right["reason"]) == ("ordered", "")
    assert [each["name"] for each in right["objects"]] == ["ring.head", "ring.slot"]
    assert right["writer"] == wrong["writer"]
    assert right["writer"] == {
        "function": "ring_push",
        "file": "ring.c",
        "line": 8,
        "barrier": "smp_wmb",
    }
    assert (wrong["status"], wrong["reason"]) == ("misordered", "same-side")
    assert none == {"status": "not-checked", "reason": "no-partner", "writer": None, "objects": []}
    text = " ".join(klplint(*run, "--color", "never").stdout.split())
    assert "ordered with ring_push(): `ring.head`, then `ring.slot`" in text
    assert "MISORDERED with ring_push(): `ring.head` is after both barriers" in text


def test_a_changed_file_changes_the_partners(tmp_path: Path) -> None:
    (tmp_path / "ring.c").write_text(RING)
    run = ("pairs", "--kernel", MINIKERNEL, tmp_path, "-f", "json")
    cached = (*run, "--cache-dir", tmp_path / "cache")
    klplint(*cached)
    (tmp_path / "ring.c").write_text(RING.replace("ring_push", "ring_put"))
    (pair,) = read(klplint(*cached).stdout)
    assert [p["function"] for p in pair["partners"]] == ["ring_put"]
    assert klplint(*cached).stdout == klplint(*run, "--no-cache").stdout


@pytest.fixture(scope="module")
def got() -> PairList:
    """The pairs of the minikernel."""
    sources = find_sources([MINIKERNEL], None, DEFAULT_EXCLUDES)
    return pair_up(Plan(sources, load_catalogue(), Execution(jobs=2)), Silence())


@pytest.fixture(scope="module")
def stale(tmp_path_factory: pytest.TempPathFactory) -> PairList:
    """The pairs of KLP004's fixtures."""
    directory = blanked_copy(FIXTURES / "KLP004", tmp_path_factory.mktemp("pairs") / "KLP004")
    sources = find_sources([directory / "missing.c", directory / "writers.c"], MINIKERNEL, ())
    return pair_up(Plan(sources, load_catalogue(), Execution(jobs=2)), Silence())


def test_text_form(got: PairList, stale: PairList, snapshot: SnapshotAssertion) -> None:
    assert render("text", got, Appearance()) == snapshot
    assert render("text", stale, Appearance()) == snapshot


def test_json_form(got: PairList, snapshot: SnapshotAssertion) -> None:
    assert render("json", got, Appearance()) == snapshot


def test_the_json_form_is_as_promised(got: PairList, stale: PairList) -> None:
    pairs = read(render("json", got, Appearance())) + read(render("json", stale, Appearance()))
    assert {p["comment"] for p in pairs} == {"attached", "remote", "none"}
    assert {p["pairing"] for p in pairs} == {"explicit", "implicit", "none"}
    counterparts = [c for p in pairs for c in p["counterparts"]]
    assert {c["kind"] for c in counterparts} == {"function", "file", "macro"}
    statuses = {"ok", "missing", "no-write-barrier", "other-barrier"}
    assert {c["status"] for c in counterparts} == statuses
    undefined = {c["name"] for c in counterparts if not c["definitions"]}
    declared = {"sample_gate_only_declared", "sample_gate_by_another_name"}
    assert undefined == declared | {c["name"] for c in counterparts if c["status"] == "missing"}
    for counterpart in counterparts:
        assert all(set(d) == {"file", "line"} for d in counterpart["definitions"])
        assert all(set(b) == {"name", "file", "line"} for b in counterpart["barriers"])


def test_every_barrier_in_code_is_listed_once(got: PairList) -> None:
    places = [(entry.file, entry.pair.barrier.region.line) for entry in got.pairs]
    assert places == sorted(set(places))
    ring = (MINIKERNEL / "drivers/net/ringdev.c").read_text().split("\n")
    uses = {number for number, line in enumerate(ring, 1) if line.strip().startswith("smp_rmb()")}
    assert {line for file, line in places if file == "drivers/net/ringdev.c"} == uses


def test_forms_of_nothing() -> None:
    assert render("text", PairList((), ()), Appearance()) == "No read barriers.\n"
    assert json.loads(render("json", PairList((), ()), Appearance()))["barriers"] == []


def test_the_command_prints_the_same_for_any_number_of_jobs(got: PairList) -> None:
    for form in LISTING_FORMATS:
        done = [klplint("pairs", "-f", form, "-j", jobs, MINIKERNEL) for jobs in (1, 2)]
        assert {d.stdout for d in done} == {render(form, got, Appearance())}
        assert {(d.returncode, d.stderr) for d in done} == {(0, "")}


OTHERS = """#include <linux/sched.h>
void put(void) { spin_lock(0); spin_unlock(0); }
void get(void)
{
	/* pairs with the smp_wmb() in put() */
	smp_rmb();
	/* pairs with spin_unlock() in put() in kernel/livepatch/patch.c */
	smp_rmb();
	/* pairs with smp_rmb() in put() */
	smp_rmb();
}
"""


def test_what_is_not_as_the_comment_says(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_text(OTHERS)
    listed = klplint("pairs", "--kernel", MINIKERNEL, tmp_path).stdout
    assert "put(): OTHER BARRIER, not smp_wmb():\n" in listed
    assert "put(): spin_unlock() at a.c:2\n" in listed
    assert "put(): ELSEWHERE at a.c:2, not in kernel/livepatch/patch.c\n" in listed
    assert "the comment names smp_rmb() in put(), which orders no writes\n" in listed
    assert "1 with another barrier, 1 in another file" in " ".join(listed.split())


def test_what_is_stale_does_not_change_the_exit_status(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_text(SAMPLE % "gone")
    done = klplint("pairs", "--kernel", MINIKERNEL, tmp_path)
    assert done.returncode == 0
    assert "gone(): MISSING" in done.stdout
    assert done.stdout.endswith(
        "1 read barrier: 1 explicit, 0 implicit, 0 none\n"
        "counterparts: 0 found, 1 missing, 0 without a write barrier\n"
    )


def test_files_out_of_the_tree_find_their_own_and_the_kernels(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_text(SAMPLE % "f")
    (tmp_path / "b.c").write_text(SAMPLE.replace("f(int", "h(int") % "klp_init_transition")
    done = klplint("pairs", "-f", "json", "--kernel", MINIKERNEL, tmp_path)
    ours, kernels = (pair["counterparts"][0] for pair in read(done.stdout))
    assert (ours["status"], ours["definitions"]) == ("ok", [{"file": "a.c", "line": 1}])
    assert kernels["status"] == "ok"
    transition = (MINIKERNEL / "kernel/livepatch/transition.c").as_posix()
    assert [d["file"] for d in kernels["definitions"]] == [transition]


def test_what_lies_beside_a_single_file_out_of_the_tree_is_searched_too(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_text(SAMPLE % "h")
    (tmp_path / "b.c").write_text(SAMPLE.replace("f(int", "h(int") % "h")
    done = klplint("pairs", "-f", "json", "--kernel", MINIKERNEL, tmp_path / "a.c")
    (pair,) = read(done.stdout)
    assert [d["file"] for d in pair["counterparts"][0]["definitions"]] == ["b.c"]


def test_a_single_file_finds_what_lies_elsewhere_in_the_tree(minikernel: Path) -> None:
    reader = minikernel / "lib/reader.c"
    reader.write_text(SAMPLE % "klp_init_transition")
    (pair,) = read(klplint("pairs", "-f", "json", reader).stdout)
    assert [c["status"] for c in pair["counterparts"]] == ["ok"]


def test_no_compiler_is_needed(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_text("#error this is not C\n#include <none.h>\n}}}\n" + SAMPLE % "f")
    (pair,) = read(klplint("pairs", "-f", "json", "--kernel", MINIKERNEL, tmp_path).stdout)
    assert (pair["line"], pair["pairing"]) == (13, "explicit")


def test_other_barriers_are_listed_as_the_configuration_says(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_text("int f(int *a)\n{\n\trmb();\n\treturn smp_load_acquire(a);\n}\n")
    settings = tmp_path / "klplint.toml"
    settings.write_text('[rule.KLP004]\nbarriers = ["rmb", "smp_load_acquire"]\n')
    done = klplint("pairs", "-f", "json", "--kernel", MINIKERNEL, tmp_path)
    assert [pair["barrier"] for pair in read(done.stdout)] == ["rmb", "smp_load_acquire"]
    isolated = klplint("pairs", "-f", "json", "--isolated", "--kernel", MINIKERNEL, tmp_path)
    assert read(isolated.stdout) == []


def test_a_selection_without_read_barriers_is_wrong_use() -> None:
    done = klplint("pairs", "--select", "KLP001", MINIKERNEL)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "klplint: none of the selected rules is about read barriers; select KLP003, for example\n"
    )
    sources = find_sources([MINIKERNEL], None, ())
    with pytest.raises(KlplintError, match="none of the selected rules"):
        pair_up(
            Plan(sources, select_rules(load_catalogue(), ["KLP002"], []), Execution(jobs=1)),
            Silence(),
        )


def test_one_of_the_two_rules_is_enough() -> None:
    both = klplint("pairs", MINIKERNEL).stdout
    assert klplint("pairs", "--select", "KLP004", MINIKERNEL).stdout == both
    assert klplint("pairs", "--ignore", "KLP004", MINIKERNEL).stdout == both


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("/no/such/place",), "no such file or directory"),
        (("-f", "sarif", MINIKERNEL), "'sarif' is not one of"),
        (("-o", "/no/such/directory/o.txt", MINIKERNEL), "cannot be written"),
        (("--kernel", MINIKERNEL / "lib", MINIKERNEL), "is not the root of a kernel tree"),
    ],
)
def test_wrong_use(arguments: tuple[object, ...], expected: str) -> None:
    done = klplint("pairs", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert expected in done.stderr
    assert "Traceback" not in done.stderr


def test_an_output_file_appears_whole_or_not_at_all(got: PairList, tmp_path: Path) -> None:
    output = tmp_path / "o.json"
    done = klplint("pairs", "-f", "json", "-o", output, MINIKERNEL)
    assert done.stdout == ""
    assert output.read_text() == render("json", got, Appearance())
    output.write_text("before")
    assert klplint("pairs", "-o", output, "--select", "KLP001", MINIKERNEL).returncode == 2
    assert output.read_text() == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["o.json"]


def test_odd_files_are_read_or_reported(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_bytes(b"\xff\xfe /* \n" + (SAMPLE % "f").encode() + b"\0")
    (tmp_path / "b.c").write_text(SAMPLE % "f")
    (tmp_path / "c.c").write_text("")
    done = klplint("pairs", "-f", "json", "--kernel", MINIKERNEL, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert {pair["file"] for pair in read(done.stdout)} >= {"b.c"}


@pytest.mark.parametrize("columns", [40, 60, 100])
def test_the_last_lines_are_wrapped(got: PairList, columns: int) -> None:
    listed = render("text", got, Appearance(width=columns))
    summary = listed.split("\n\n")[-1].splitlines()
    assert max(map(len, summary)) <= columns
    assert len(summary) == 2 or columns < 100
    assert " ".join(" ".join(summary).split()).endswith("without a write barrier")


# --explain


def explained(tmp_path: Path, line: int, writer: str = "f") -> tuple[int, str, str]:
    """Exit status and output of an explanation of the barrier on a line of the sample."""
    file = tmp_path / "sample.c"
    file.write_text(SAMPLE % writer)
    run = klplint("pairs", "--kernel", str(MINIKERNEL), "--explain", f"{file}:{line}")
    return run.returncode, run.stdout, run.stderr


def test_an_explanation_has_each_step(tmp_path: Path) -> None:
    status, out, _ = explained(tmp_path, 10)
    assert status == 0
    assert out.splitlines() == [
        "sample.c:10: smp_rmb() in g()",
        "reading: explicit",
        "because: Pairs with + smp_wmb() + f()",
        "sample.c:9: comment: belongs to the barrier",
        '  9: "Pairs with smp_wmb() in f()."',
        "    says: explicit, because of: Pairs with + smp_wmb() + f()",
        "    f(): partner",
        "counterpart f(): ok, in this file",
        "  sample.c:1: defined here",
        "  sample.c:4: smp_wmb()",
    ]


def test_an_explanation_says_what_is_nowhere(tmp_path: Path) -> None:
    _, out, _ = explained(tmp_path, 10, "quite_another")
    assert "counterpart quite_another(): missing, nowhere" in out


def test_a_line_without_a_barrier_is_wrong_usage(tmp_path: Path) -> None:
    status, out, err = explained(tmp_path, 4)
    assert (status, out) == (2, "")
    assert "no barrier that the rules watch is on this line; the barriers of this file" in err
    assert "are on lines 10" in err


@pytest.mark.parametrize("place", ["sample.c", "sample.c:", ":3", "sample.c:x"])
def test_a_place_that_is_not_one_is_wrong_usage(place: str) -> None:
    run = klplint("pairs", "--kernel", str(MINIKERNEL), "--explain", place)
    assert run.returncode == 2
    assert "--explain takes FILE:LINE" in run.stderr
