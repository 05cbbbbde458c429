"""HTML pages in Chromium: what people see and do, and what a hostile text must not do."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.barrier_samples import RING
from tests.support.browser import chromium, opened
from tests.support.command import klplint
from tests.support.html_pages import HOSTILE, data_of
from tests.support.paths import MINIKERNEL

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

_PAIR = "#pairs?open=kernel%2Flivepatch%2Fpatch.c%3A36"
_ADDRESSES = ("#findings?q=once_table_size", _PAIR, "#pairs?show=graph", "#findings")
_SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the minikernel, compared with a baseline that has one of its findings."""
    directory = tmp_path_factory.mktemp("report")
    baseline, file = directory / "baseline", directory / "report.html"
    klplint("baseline", "-o", baseline, MINIKERNEL)
    title, *lines = baseline.read_text().splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("KLP")]
    gone = "KLP004 kernel/fork.c f 0123456789abcdef 1\n"
    baseline.write_text("".join([title, *kept[:-1], lines[len(kept)], gone, kept[-1]]))
    done = klplint(
        "check", "-f", "html", "-o", file, "--baseline", baseline, "--exit-zero", MINIKERNEL
    )
    assert done.returncode == 0, done.stderr
    return file


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a tree whose names and comments try to be more than text."""
    directory = tmp_path_factory.mktemp("hostile")
    tree = shutil.copytree(MINIKERNEL, directory / "linux")
    for number, text in enumerate(HOSTILE):
        name = text.replace("/", "\u2044").replace("\x00", "")
        said = text.replace("*/", "").replace("\x00", "")
        comment = f"/* {said} pairs with smp_wmb() in nowhere_{number}() {said} */"
        code = RING.replace("/* pairs with gauge_write() */", comment).replace("ring", f"r{number}")
        (tree / "drivers" / f"{name}.c").write_text(code)
    file = directory / "report.html"
    klplint("check", "-f", "html", "-o", file, "--exit-zero", tree)
    return file


def entries(page: Page) -> list[str]:
    """The texts of the entries that are shown."""
    return [text.strip() for text in page.locator(".item > summary").all_inner_texts()]


def result(page: Page) -> str:
    return str(page.locator("#result").inner_text())


def go_to(page: Page, fragment: str) -> None:
    """Show another view, with its first entry open."""
    page.evaluate("fragment => { location.hash = fragment }", fragment)
    page.wait_for_timeout(50)
    entry = page.locator(".item:not([open]) > summary")
    if entry.count():
        entry.first.click()
        page.wait_for_timeout(50)


def overflow(page: Page) -> int:
    """By how much the page is wider than its window."""
    wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert isinstance(wider, int)
    return wider


def test_all_findings_are_listed_by_directory(browser: Browser, report: Path) -> None:
    findings = data_of(report.read_text())["findings"]
    with opened(browser, report) as page:
        assert result(page) == f"{len(findings)} findings."
        assert len(entries(page)) == len(findings)
        groups = [text.split("\n")[0] for text in page.locator(".group h3").all_inner_texts()]
        assert groups == sorted({each["group"] for each in findings})


def test_a_search_needs_all_words_and_looks_at_messages_and_paths(
    browser: Browser, report: Path
) -> None:
    with opened(browser, report) as page:
        page.fill("#filter-q", "KLP002 idle.c")
        page.wait_for_url("**q=KLP002*")
        assert entries(page)
        assert all("KLP002" in text and "idle.c" in text for text in entries(page))
        page.fill("#filter-q", "no such words anywhere")
        page.get_by_text("Nothing matches these filters.").wait_for()
        page.keyboard.press("Escape")
        page.locator(".item").first.wait_for()
        assert " of " not in result(page)


def test_filters_by_level_rule_and_path_combine(browser: Browser, report: Path) -> None:
    findings = data_of(report.read_text())["findings"]
    wanted = [
        each
        for each in findings
        if each["level"] == "error" and each["file"].startswith("drivers/")
    ]
    assert 0 < len(wanted) < len(findings)
    with opened(browser, report) as page:
        page.get_by_role("button", name="error").click()
        page.fill("#filter-path", "drivers/")
        page.wait_for_url("**path=drivers*")
        assert result(page) == f"{len(wanted)} findings of {len(findings)}."
        assert page.get_by_role("button", name="error").get_attribute("aria-pressed") == "true"
        address = page.url
    with opened(browser, report, "#" + address.partition("#")[2]) as page:
        assert result(page) == f"{len(wanted)} findings of {len(findings)}."
        assert page.input_value("#filter-path") == "drivers/"


def test_a_rule_of_the_overview_links_to_its_findings(browser: Browser, report: Path) -> None:
    with opened(browser, report) as page:
        page.locator(".overview tbody a", has_text="KLP003").click()
        assert entries(page)
        assert all("KLP003" in text for text in entries(page))


def test_an_entry_opens_to_its_lines_and_its_fix(browser: Browser, report: Path) -> None:
    with opened(browser, report, "#findings?q=once_table_size") as page:
        page.locator(".item > summary").first.click()
        body = page.locator(".item .body").first
        body.wait_for()
        assert "which write barrier does it pair with?" in body.inner_text()
        assert body.locator("mark.primary").inner_text() == "smp_rmb"
        assert body.locator(".line.added").count() > 0


def test_a_finding_leads_to_both_sides_of_its_pair_and_back(browser: Browser, report: Path) -> None:
    with opened(browser, report, "#findings?q=once_table_size") as page:
        page.locator(".item > summary").first.click()
        page.get_by_text("Both sides of the pair").click()
        page.locator(".item[open] .pane").first.wait_for()
        assert page.locator(".item[open] .pane").count() == 2
        assert page.locator("[data-view=pairs]").get_attribute("aria-current") == "page"
        page.locator(".item[open] .findings-here a").first.click()
        page.locator(".item.findings[open] .body").first.wait_for()


def test_both_sides_have_their_barriers_and_the_same_marks(browser: Browser, report: Path) -> None:
    with opened(browser, report, _PAIR) as page:
        page.locator(".item[open] .panes").wait_for()
        panes = page.locator(".item[open] .pane").all()
        assert [pane.locator(".line.barrier mark.name").inner_text() for pane in panes] == [
            "smp_rmb",
            "smp_wmb",
        ]
        marks = [
            {
                mark.get_attribute("data-object"): mark.inner_text()
                for mark in pane.locator("mark.object").all()
            }
            for pane in panes
        ]
        assert marks[0] == marks[1]
        assert len(marks[0]) > 1
        assert panes[0].locator(".line.read").count() > 0
        order = page.locator(".item[open] .notes section").nth(2).inner_text()
        assert "ordered with klp_patch_func()" in order


def test_buttons_choose_the_other_side(browser: Browser, report: Path) -> None:
    place = "#pairs?open=kernel%2Flivepatch%2Ftransition.c%3A39"
    with opened(browser, report, place) as page:
        writer = page.locator(".item[open] .pane").nth(1).locator("figcaption")
        assert "klp_reverse_transition()" in writer.inner_text()
        page.locator(".choice", has_text="klp_init_transition").click()
        assert "klp_init_transition()" in writer.inner_text()


@pytest.mark.parametrize("width", [1280, 320])
def test_a_graph_joins_the_barriers_of_a_directory(
    browser: Browser, report: Path, width: int
) -> None:
    window = {"width": width, "height": 800}
    with opened(browser, report, "#pairs?show=graph", viewport=window) as page:
        drawn = page.locator("a[href*='patch.c%3A36']").first
        assert "klp_pick_func" in (drawn.text_content() or "")
        assert (page.locator(".edge.ordered").count() > 3) == (width > 600)
        assert page.get_by_text("Without a partner in the tree").count() > 0
        drawn.click()
        page.locator(".item[open] .panes").wait_for()


def test_states_filter_the_map(browser: Browser, report: Path) -> None:
    pairs = data_of(report.read_text())["pairs"]
    unpaired = [each for each in pairs if each["state"] == "unpaired"]
    assert 0 < len(unpaired) < len(pairs)
    with opened(browser, report) as page:
        page.locator(".states a", has_text="Unpaired").click()
        assert result(page) == f"{len(unpaired)} barriers of {len(pairs)}."


def test_the_keyboard_reaches_everything(browser: Browser, report: Path) -> None:
    focused = "document.activeElement.closest('.item').id"
    with opened(browser, report) as page:
        page.keyboard.press("j")
        first = page.evaluate(focused)
        page.keyboard.press("j")
        assert page.evaluate(focused) != first
        page.keyboard.press("k")
        assert page.evaluate(focused) == first
        page.keyboard.press("Enter")
        page.locator(".item[open] .body").wait_for()
        page.keyboard.press("/")
        page.keyboard.type("jk?2")
        assert page.input_value("#filter-q") == "jk?2"
        page.keyboard.press("Escape")
        page.keyboard.press("2")
        page.locator(".item.pairs").first.wait_for()
        page.keyboard.press("?")
        assert page.locator("#help").is_visible()
        page.keyboard.press("Escape")
        assert page.locator("#help").is_hidden()
        page.keyboard.press("1")
        page.locator(".item.findings").first.wait_for()


def test_the_colours_follow_the_system_and_the_switch(browser: Browser, report: Path) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    with opened(browser, report, color_scheme="light") as page:
        light = page.evaluate(background)
    with opened(browser, report, color_scheme="dark") as page:
        dark = page.evaluate(background)
        page.click("#theme")
        assert page.evaluate(background) == light
        page.click("#theme")
        assert page.evaluate(background) == dark
        page.reload()
        assert page.locator("#theme").inner_text() == "Colours: dark"
    assert light != dark


@pytest.mark.parametrize("name", ["report", "hostile"])
def test_nothing_is_wider_than_the_window(
    browser: Browser, request: pytest.FixtureRequest, name: str
) -> None:
    with opened(browser, request.getfixturevalue(name)) as page:
        for fragment in _ADDRESSES:
            go_to(page, fragment)
            page.evaluate("document.querySelectorAll('.item').forEach(each => each.open = true)")
            for width in (320, 1600):
                page.set_viewport_size({"width": width, "height": 900})
                page.wait_for_timeout(100)
                assert overflow(page) <= 0, (fragment, width)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_has_no_serious_complaint(browser: Browser, report: Path, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    # The policy of the page forbids axe to run in it, and reports that it is asked to.
    with opened(browser, report, color_scheme=scheme, bypass_csp=True) as page:
        for fragment in _ADDRESSES:
            go_to(page, fragment)
            violations = Axe().run(page).response["violations"]
            assert [
                (fragment, each["id"], each["nodes"][0]["html"])
                for each in violations
                if each["impact"] in _SERIOUS
            ] == []


def test_what_is_printed_has_all_entries(browser: Browser, report: Path) -> None:
    with opened(browser, report) as page:
        everything = len(entries(page))
        page.get_by_role("button", name="Close all").click()
        page.emulate_media(media="print")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.locator(".item:visible").count() == everything
        assert page.locator(".filters").is_hidden()
        assert len(page.pdf()) > 10_000


def test_without_a_script_everything_is_a_table(browser: Browser, report: Path) -> None:
    data = data_of(report.read_text())
    with opened(browser, report, java_script_enabled=False) as page:
        assert page.locator(".everything").count() == 2
        rows = page.locator(".everything tbody tr").count()
        assert rows == len(data["findings"]) + len(data["pairs"])
        assert page.locator("#main").is_hidden()


def test_hostile_names_and_comments_are_text(browser: Browser, hostile: Path) -> None:
    with opened(browser, hostile) as page:
        for fragment in ("#findings", "#pairs", "#pairs?show=graph"):
            go_to(page, fragment)
            page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
            page.wait_for_timeout(100)
            assert page.title() == "klplint report, Linux 6.12"
            assert page.locator("main :is(script, img, style, iframe, object)").count() == 0
            assert page.locator("[onerror], [onfocus]").count() == 0
            text = page.locator("#list").text_content() or ""
            assert "<U+202E>" in text
            assert "\u202e" not in text
            assert ("</script><script>" in text) == ("graph" not in fragment)


def test_any_address_shows_a_list(browser: Browser, report: Path) -> None:
    with opened(browser, report) as page:
        for fragment in (
            "#",
            "#nowhere",
            "#findings?open=x&code=%00",
            "#pairs?state=,,&open=%F0",
            "#pairs?show=x&group=x",
            "#?%",
        ):
            go_to(page, fragment)
            assert result(page)
