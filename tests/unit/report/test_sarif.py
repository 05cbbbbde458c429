from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from syrupy.assertion import SnapshotAssertion

from klplint.catalogue.load import load_catalogue
from klplint.facts.region import Region
from klplint.findings.finding import Finding, GoneFinding, NotAnalysed, Place, Result
from klplint.report.base import Appearance, Report
from klplint.report.formats import render
from klplint.report.sarif import limits_exceeded
from tests.support.report_samples import PAGE, RULES, SPACED, clean_report, findings, hunk, report


def test_sample(snapshot: SnapshotAssertion) -> None:
    assert render("sarif", report(), Appearance()) == snapshot


def test_the_version_comes_first() -> None:
    assert list(json.loads(render("sarif", report(), Appearance())))[:2] == ["version", "$schema"]


def test_every_enabled_rule_is_declared_even_if_nothing_was_found() -> None:
    run = _run(clean_report())
    assert run["results"] == []
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [rule.code for rule in RULES]
    assert rules[0]["name"] == "TaskNotCurrent"
    assert rules[0]["help"] == {"text": PAGE, "markdown": PAGE}
    assert rules[2]["defaultConfiguration"] == {"level": "warning"}
    assert rules[2]["properties"]["problem.severity"] == "warning"


def test_a_rule_leads_to_its_public_page_if_it_has_one() -> None:
    rules = _run(Report(clean_report().result, load_catalogue(), "0.1.0"))["tool"]["driver"][
        "rules"
    ]
    pages = {rule["id"]: rule.get("helpUri") for rule in rules}
    assert pages["KLP000"] is None
    assert pages["KLP003"] == "https://docs.kernel.org/core-api/wrappers/memory-barriers.html"
    assert all(page for code, page in pages.items() if code != "KLP000")


def test_each_result_states_its_level_and_rule() -> None:
    run = _run(report())
    for result, finding in zip(run["results"], findings(), strict=True):
        assert (result["ruleId"], result["level"]) == (finding.code, finding.level)
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == finding.code


def test_brackets_and_backslashes_mean_themselves_and_links_lead_to_related_places() -> None:
    result = _run(report())["results"][2]
    assert result["message"]["text"] == (
        r"klp_update_patch_state() is called with tasks\[cpu\]\[0\] (\\ in a message), not "
        "current. See [the call](1), [kernel/livepatch/transition.c:3](2)."
    )
    assert [location["id"] for location in result["relatedLocations"]] == [1, 2]


def test_paths_are_percent_encoded_and_relative() -> None:
    place = Place("a b/#[ü]\udcff.c", Region(1, 1, 1, 2))
    uri = _location(Finding("KLP003", "note", "m", place))["artifactLocation"]
    assert uri == {"uri": "a%20b/%23%5B%C3%BC%5D%FF.c", "uriBaseId": "%SRCROOT%"}


@pytest.mark.parametrize(
    ("region", "excerpt", "end"),
    [
        (Region(4, 2, 4, 9), "\tsmp_rmb();", 9),
        (Region(4, 2, 6, 1), "\tfoo(", 6),
        (Region(4, 2, 6, 9), "", 2),
    ],
)
def test_regions_stay_on_one_line(region: Region, excerpt: str, end: int) -> None:
    physical = _location(Finding("KLP003", "note", "m", Place("a.c", region, "", excerpt)))
    keys = ("startLine", "startColumn", "endLine", "endColumn")
    assert physical["region"] == dict(zip(keys, (4, 2, 4, end), strict=True))


def test_what_was_not_analysed_is_reported_and_the_run_still_succeeded() -> None:
    (invocation,) = _run(report())["invocations"]
    assert invocation["executionSuccessful"] is True
    whole, place = invocation["toolExecutionNotifications"]
    assert "region" not in whole["locations"][0]["physicalLocation"]
    assert place["locations"][0]["physicalLocation"]["region"] == {"startLine": 2}
    assert place["message"]["text"].endswith(r"around a\[0\].")


@pytest.mark.parametrize("shown", [False, True])
def test_suppressed_findings_are_left_out_or_marked(shown: bool) -> None:
    suppressed = msgspec.structs.replace(findings()[0], justification="a reason")
    result = Result((findings()[1],), (), 1, 1, suppressed=(suppressed,))
    results = _run(Report(result, RULES, "0.1.0", shown))["results"]
    printed = [(r["ruleId"], r.get("suppressions")) for r in results]
    if shown:
        mark = {"kind": "inSource", "status": "accepted", "justification": "a reason"}
        assert printed == [(suppressed.code, [mark]), (findings()[1].code, [])]
    else:
        assert printed == [(findings()[1].code, None)]


def test_fingerprints() -> None:
    first = findings()[0]
    assert first.place.file == SPACED
    assert _run(report())["results"][0]["partialFingerprints"] == {
        "primaryLocationLineHash": first.line_hash,
        "klplint/v1": first.fingerprint,
    }


def test_bytes_of_no_encoding_do_not_stop_it() -> None:
    place = Place("a.c", Region(1, 1, 1, 2), "\udcff", "\udcff")
    finding = Finding("KLP003", "note", "\udcff", place, "\udcff", (place,))
    missed = NotAnalysed("\udcff", 0, "\udcff")
    rendered = render(
        "sarif", Report(Result((finding,), (missed,), 1, 1), RULES, "0"), Appearance()
    )
    assert "\ufffd" in rendered


@pytest.mark.parametrize(
    ("count", "sentence"),
    [(5_000, None), (5_001, "keeps only the 5,000 most severe"), (25_001, "accepts at most")],
)
def test_limits(count: int, sentence: str | None) -> None:
    suppressed = msgspec.structs.replace(findings()[1], justification="why")
    result = Result((findings()[0],) * count, (), 1, 1, suppressed=(suppressed,))
    printed = limits_exceeded(Report(result, RULES, "0.1.0"))
    assert printed is None if sentence is None else printed is not None and sentence in printed


def _of(*got: Finding) -> Report:
    return Report(Result(got, (), 1, 1), RULES, "0.1.0")


def _run(what: Report) -> dict[str, Any]:
    (run,) = json.loads(render("sarif", what, Appearance()))["runs"]
    assert isinstance(run, dict)
    return run


def _location(finding: Finding) -> dict[str, Any]:
    physical = _run(_of(finding))["results"][0]["locations"][0]["physicalLocation"]
    assert isinstance(physical, dict)
    return physical


def compared_with_a_baseline() -> Report:
    """A report of which a baseline has the last finding; another finding is gone."""
    made = report()
    *new, last = made.result.findings
    gone = (
        GoneFinding("KLP003", "lib/gone.c", "f", "0123456789abcdef", 2),
        GoneFinding("KLP004", "lib/gone [1].c", "", "0123456789abcdef", 1),
    )
    result = msgspec.structs.replace(
        made.result,
        findings=tuple(new),
        baselined=1,
        in_baseline=(last,),
        gone=gone,
        has_baseline=True,
    )
    return msgspec.structs.replace(made, result=result)


def test_findings_of_a_baseline_stay_as_suppressed(snapshot: SnapshotAssertion) -> None:
    results = _results_of(compared_with_a_baseline())
    new = len(report().findings) - 1
    assert [r["baselineState"] for r in results].count("new") == new
    for result in results:
        kinds = [each["kind"] for each in result["suppressions"]]
        assert kinds == ([] if result["baselineState"] == "new" else ["external"])
    assert [r for r in results if r["baselineState"] == "absent"] == snapshot


def test_known_findings_keep_their_fingerprints() -> None:
    old = compared_with_a_baseline().result.in_baseline[0]
    (result,) = (
        r for r in _results_of(compared_with_a_baseline()) if r["baselineState"] == "unchanged"
    )
    assert result["partialFingerprints"]["klplint/v1"] == old.fingerprint


def test_findings_of_a_baseline_can_be_left_out() -> None:
    made = msgspec.structs.replace(compared_with_a_baseline(), show_baselined=False)
    results = _results_of(made)
    assert len(results) == len(made.findings)
    assert not any("baselineState" in r or "suppressions" in r for r in results)


def test_the_limits_count_what_is_written() -> None:
    many = compared_with_a_baseline().result.in_baseline * 5_000
    made = compared_with_a_baseline()
    made = msgspec.structs.replace(
        made, result=msgspec.structs.replace(made.result, in_baseline=many)
    )
    assert limits_exceeded(made) is not None


def test_the_category() -> None:
    made = msgspec.structs.replace(report(), sarif_category="klplint-6.1")
    (run,) = json.loads(render("sarif", made))["runs"]
    assert run["automationDetails"] == {"id": "klplint-6.1/"}


def test_a_caused_finding_says_so() -> None:
    part = hunk(is_cause=True)
    assert part.place is not None
    first = report().findings[0]
    finding = msgspec.structs.replace(first, hunk=part, related=(*first.related, part.place))
    (result,) = _results_of(Report(Result((finding,), (), 1, 1), report().rules, "0.1.0"))
    assert result["properties"] == {"caused": True}
    properties = result["relatedLocations"][-1]["properties"]
    assert properties["hunk"].startswith("@@ -8,6 +8,6 @@ struct box {\n void publish")


def _results_of(made: Report) -> list[Any]:
    results: list[Any] = json.loads(render("sarif", made))["runs"][0]["results"]
    return results
