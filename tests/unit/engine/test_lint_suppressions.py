"""Suppressions in whole runs: what is found, kept apart, and counted."""

from __future__ import annotations

from pathlib import Path

from klplint.catalogue.load import load_catalogue
from klplint.catalogue.select import select_rules
from klplint.engine.coverage import account
from klplint.engine.lint import lint
from klplint.engine.plan import Execution, Plan
from klplint.findings.finding import Finding, Result
from klplint.kernel.sources import find_sources
from klplint.progress import Silence
from tests.support.paths import MINIKERNEL
from tests.support.single_file import facts_of
from tests.support.suppression_samples import BARRIERS, SUPPRESS


def linted(directory: Path, text: str, *select: str, ignore: tuple[str, ...] = ()) -> Result:
    (directory / "sample.c").write_text(text)
    catalogue = load_catalogue()
    rules = select_rules(catalogue, select, ignore)
    return lint(
        Plan(find_sources([directory], MINIKERNEL, ()), rules, Execution(jobs=1), catalogue),
        Silence(),
    )


def lines_of(findings: tuple[Finding, ...]) -> list[tuple[int, str]]:
    return [(f.place.region.line, f.code) for f in findings]


def test_suppressed_findings_are_kept_apart(tmp_path: Path) -> None:
    result = linted(tmp_path, BARRIERS % SUPPRESS)
    assert lines_of(result.findings) == [(8, "KLP003")]
    assert lines_of(result.suppressed) == [(6, "KLP003")]
    assert result.suppressed[0].justification == "the device orders its own writes"


def test_fingerprints_and_their_counting_stay_the_same(tmp_path: Path) -> None:
    without = linted(tmp_path, BARRIERS % "/* ... */")
    result = linted(tmp_path, BARRIERS % SUPPRESS)
    both = [*result.suppressed, *result.findings]
    assert [f.fingerprint for f in both] == [f.fingerprint for f in without.findings]
    assert len({f.fingerprint for f in both}) == 2


def test_only_rules_in_force_make_a_suppression_useless(tmp_path: Path) -> None:
    text = f"{SUPPRESS}\nint a;\n/* klplint: ignore[KLP099] reason */\nint b;\n"
    assert lines_of(linted(tmp_path, text).findings) == [(1, "KLP000"), (3, "KLP000")]
    for select, ignore in ((("KLP000",), ()), (("KLP000", "KLP001"), ()), ((), ("KLP003",))):
        assert lines_of(linted(tmp_path, text, *select, ignore=ignore).findings) == [(3, "KLP000")]
    assert linted(tmp_path, text, ignore=("KLP000",)).findings == ()


def test_suppressions_work_where_klp000_is_not_in_force(tmp_path: Path) -> None:
    result = linted(tmp_path, BARRIERS % SUPPRESS, "KLP003")
    assert lines_of(result.findings) == [(8, "KLP003")]
    assert lines_of(result.suppressed) == [(6, "KLP003")]


def test_klp000_is_not_suppressed_by_a_comment(tmp_path: Path) -> None:
    text = f"/* klplint: ignore[KLP000] I know */\n{SUPPRESS}\nint a;\n"
    result = linted(tmp_path, text)
    assert lines_of(result.findings) == [(1, "KLP000"), (2, "KLP000")]
    assert result.findings[0].message.startswith("KLP000 cannot be suppressed by a comment")
    assert result.suppressed == ()


def test_two_codes_of_which_one_is_of_use(tmp_path: Path) -> None:
    text = BARRIERS % "/* klplint: ignore[KLP001, KLP003, KLP002] reason */"
    assert [f.message for f in linted(tmp_path, text).findings if f.code == "KLP000"] == [
        "KLP001 and KLP002 report nothing on line 6: remove KLP001 and KLP002 from the brackets"
    ]


def test_a_file_that_only_names_klplint_is_read_and_not_counted(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, f"{SUPPRESS}\nint a;\n", "only.c")
    assert (facts.parses, facts.occurrences, len(facts.suppressions)) == (0, (), 1)
    assert not facts.is_concerned
    assert account([facts]).files == 0
    (tmp_path / "prose.c").write_text("/* klplint was here, klplint_too */\n")
    result = linted(tmp_path, BARRIERS % SUPPRESS)
    assert (result.files, result.occurrences) == (1, 2)
    assert [f.place.file for f in result.findings] == ["only.c", "sample.c"]


def test_in_a_file_that_was_not_parsed_nothing_is_called_useless(tmp_path: Path) -> None:
    """What libclang fails on is classified from its tokens: a finding may be missing."""
    text = f"/* {'x' * 1020} */\n" * (8 * 1024) + BARRIERS % (
        "/* klplint: ignore[KLP001] reason */\n\t/* klplint: ignore[] reason */"
    )
    result = linted(tmp_path, text)
    (note,) = (f for f in result.findings if f.code == "KLP000")
    assert "brackets are empty" in note.message
    assert any("larger than 8 MiB" in missed.reason for missed in result.not_analysed)
