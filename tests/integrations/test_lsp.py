"""`klplint lsp`, with a client that starts it as an editor does."""

from __future__ import annotations

import asyncio
import json
import os
import time
from pathlib import Path

import pytest
from lsprotocol import types

from tests.support.command import klplint
from tests.support.lsp_session import Session, applied, in_session

PACA = "arch/powerpc/kernel/paca.c"
RING = "drivers/net/ringdev.c"
ALIAS = """#include <linux/livepatch.h>

void new_alias(void)
{
	struct task_struct *task = current;

	klp_update_patch_state(task);
}
"""

Found = list[tuple[int, str, str]]


def as_shown(diagnostics: list[types.Diagnostic]) -> Found:
    """The lines, codes and messages of diagnostics."""
    return sorted((d.range.start.line + 1, str(d.code), d.message) for d in diagnostics)


def as_checked(file: Path) -> Found:
    """The same of what `klplint check` reports."""
    report = json.loads(klplint("check", "-f", "json", file).stdout)
    return sorted((f["line"], f["code"], f["message"]) for f in report["findings"])


def test_what_is_shown_is_what_check_reports_for_the_same_text(minikernel: Path) -> None:
    text = (minikernel / PACA).read_text()
    texts = [
        text.replace("smp_rmb(); /* Pairs", "\n\n\tsmp_rmb(); /* Is paired"),
        text.replace("smp_wmb();", ""),
        text.replace("*/", ""),
        text + ALIAS,
        "",
    ]

    async def conversation(session: Session) -> None:
        session.open(PACA)
        shown = [as_shown(await session.diagnostics(PACA))]
        for each in texts:
            session.edit(PACA, each)
            shown.append(as_shown(await session.diagnostics(PACA)))
        for each, diagnostics in zip([text, *texts], shown, strict=True):
            (minikernel / PACA).write_text(each)
            assert diagnostics == as_checked(minikernel / PACA)
        assert shown[0]

    in_session(minikernel, conversation)


def test_texts_of_several_files_count_together(minikernel: Path) -> None:
    header = "include/linux/livepatch.h"

    async def conversation(session: Session) -> None:
        for name, text in texts.items():
            session.open(name, text)
        shown.update({name: as_shown(await session.diagnostics(name)) for name in texts})

    shown: dict[str, Found] = {}
    texts = {name: f"\n{(minikernel / name).read_text()}" for name in (header, PACA, RING)}
    texts[header] += "#define renamed_state(t) klp_update_patch_state(t)\n"
    texts[RING] += ALIAS.replace("klp_update_patch", "renamed")
    texts[PACA] += "void ring_helper(int *a)\n{\n\tsmp_rmb();\n}\n"
    in_session(minikernel, conversation)
    for name, text in texts.items():
        (minikernel / name).write_text(text)
    assert shown == {name: as_checked(minikernel / name) for name in texts}
    assert "KLP001" in {code for _, code, _ in shown[RING]}


def test_a_diagnostic_has_its_rule_and_the_other_places(minikernel: Path) -> None:
    pages: list[str] = []

    async def conversation(session: Session) -> None:
        session.open(PACA)
        (shown,) = await session.diagnostics(PACA)
        assert (shown.code, shown.source) == ("KLP003", "klplint")
        assert shown.severity == types.DiagnosticSeverity.Warning
        assert shown.code_description is not None
        pages.append(shown.code_description.href)
        assert shown.range == types.Range(types.Position(38, 1), types.Position(38, 8))
        related = shown.related_information or []
        assert {each.location.uri for each in related} == {session.uri(PACA)}
        assert 23 in {each.location.range.start.line for each in related}

    in_session(minikernel, conversation)
    assert "KLP003" in Path(pages[0].removeprefix("file://")).read_text()


def test_code_actions_fix_and_suppress(minikernel: Path) -> None:
    async def conversation(session: Session) -> None:
        session.open(RING, ALIAS)
        assert "KLP001" in {d.code for d in await session.diagnostics(RING)}
        actions = await session.actions(RING, 7)
        (fix,) = [each for each in actions if each.title.endswith("(KLP001)")]
        assert fix.is_preferred
        fixed = "\tklp_update_patch_state(current);\n"
        assert fixed in applied(ALIAS, edits_of(fix))
        (every,) = await session.actions(RING, 1, "source.fixAll")
        assert every.kind == "source.fixAll.klplint"
        assert fixed in applied(ALIAS, edits_of(every))
        suppress = [e for e in actions if e.title == "Suppress KLP001 here: it is always current"]
        assert len(suppress) == 1
        text = applied(ALIAS, edits_of(suppress[0]))
        session.edit(RING, text)
        assert "KLP001" not in {d.code for d in await session.diagnostics(RING)}
        assert "\t/* klplint: ignore[KLP001] it is always current */\n\tklp_update" in text

    in_session(minikernel, conversation, initialization={"reasons": ["it is always current"]})


def edits_of(action: types.CodeAction) -> list[types.TextEdit]:
    """The edits of an action that changes one document."""
    assert action.edit is not None
    changes = action.edit.document_changes or ()
    (edit,) = [each for each in changes if isinstance(each, types.TextDocumentEdit)]
    return [each for each in edit.edits if isinstance(each, types.TextEdit)]


def test_a_barrier_shows_its_pair_and_leads_to_its_partner(minikernel: Path) -> None:
    async def conversation(session: Session) -> None:
        session.open(PACA)
        there = session.at(PACA, 35, 5)
        hover = await session.client.text_document_hover_async(types.HoverParams(**there))
        assert hover is not None
        assert isinstance(hover.contents, types.MarkupContent)
        text = hover.contents.value
        assert "`smp_rmb()`" in text
        assert "paca\\_register()" in text
        assert "| `paca_count`" in text.replace("\\_", "_").replace(
            "| paca_count", "| `paca_count`"
        )
        assert "Pairs with smp_wmb() in paca_register()." in text
        wanted = types.Location(
            session.uri(PACA), types.Range(types.Position(23, 1), types.Position(23, 8))
        )
        client = session.client
        for there in (session.at(PACA, 35, 2), session.at(PACA, 39, 3)):
            assert await client.text_document_definition_async(types.DefinitionParams(**there)) == [
                wanted
            ]
            places = await client.text_document_implementation_async(
                types.ImplementationParams(**there)
            )
            assert isinstance(places, list)
            assert places[0] == wanted
            references = await client.text_document_references_async(
                types.ReferenceParams(types.ReferenceContext(include_declaration=True), **there)
            )
            assert references is not None
            assert wanted in references[1:]
        nothing = session.at(PACA, 1, 1)
        assert await client.text_document_hover_async(types.HoverParams(**nothing)) is None
        assert (
            await client.text_document_definition_async(types.DefinitionParams(**nothing)) is None
        )

    in_session(minikernel, conversation)


OTHER_BARRIERS = """#include <asm/barrier.h>

struct shop {
	int stock;
	int open;
};

void shop_open(struct shop *shop)
{
	shop->stock = 1;
	/* Pairs with smp_load_acquire() in shop_visit(). */
	smp_store_release(&shop->open, 1);
}

int shop_visit(struct shop *shop)
{
	/* Pairs with smp_store_release() in shop_open(). */
	if (!smp_load_acquire(&shop->open))
		return 0;
	return shop->stock;
}

void shop_fill(struct shop *shop)
{
	/* Pairs with rmb() in shop_gone(). */
	wmb();
	smp_mb();
	shop->stock = 2;
}
"""
SHOWN = [  # lines, and what a hover there says
    (12, "shop_visit(): smp_load_acquire() at drivers/net/ringdev.c:18"),
    (18, "shop_open(): smp_store_release() at drivers/net/ringdev.c:12"),
    (18, "shop.open"),
    (26, "shop_gone(): MISSING"),
]


async def hovered(session: Session, name: str, line: int, column: int) -> str:
    """What a hover says, without the marks of Markdown; empty if there is none."""
    params = types.HoverParams(**session.at(name, line, column))
    hover = await session.client.text_document_hover_async(params)
    if hover is None:
        return ""
    assert isinstance(hover.contents, types.MarkupContent)
    return hover.contents.value.replace("\\", "")


@pytest.mark.parametrize("options", [(), ("--select", "KLP001")])
def test_barriers_that_no_rule_checks(minikernel: Path, options: tuple[str, ...]) -> None:
    async def conversation(session: Session) -> None:
        session.open(RING, OTHER_BARRIERS)
        texts = OTHER_BARRIERS.splitlines()
        for line, text in SHOWN:
            line_text = texts[line - 1]
            column = max(line_text.find("smp_"), line_text.find("wmb")) + 2
            assert text in await hovered(session, RING, line, column)
        assert await hovered(session, RING, 27, 3) == ""
        assert await hovered(session, RING, 28, 3) == ""
        session.edit(RING, OTHER_BARRIERS.replace("rmb() in shop_gone", "rmb() in shop_visit"))
        assert "shop_visit(): " in await hovered(session, RING, 26, 3)
        session.open(PACA)
        shown = await hovered(session, PACA, 24, 3)
        assert f"by the code: paca_last(): smp_rmb() at {PACA}:35" in shown

    in_session(minikernel, conversation, *options)


def test_the_last_of_many_edits_counts(minikernel: Path) -> None:
    text = (minikernel / PACA).read_text()

    async def conversation(session: Session) -> None:
        session.open(PACA)
        for number in range(200):
            session.edit(PACA, "\n" * number + text[: -number or None])
            if not number % 20:
                await asyncio.sleep(0.05)
        last = session.edit(PACA, f"\n\n{text}")
        assert as_shown(await session.diagnostics(PACA, last))[0][:2] == (41, "KLP003")

    in_session(minikernel, conversation)


def test_columns_count_the_units_that_were_negotiated(minikernel: Path) -> None:
    text = ALIAS.replace("\tklp_update", "\t/* 😋é */ klp_update")

    async def conversation(session: Session) -> None:
        session.open(RING, text)
        (start,) = [d.range.start for d in await session.diagnostics(RING) if d.code == "KLP001"]
        line = text.splitlines()[6].encode()
        assert (start.line, line[start.character :]) == (6, b"task);")

    in_session(minikernel, conversation, encodings=[types.PositionEncodingKind.Utf8])


def test_files_that_are_not_utf8_and_have_other_line_ends(minikernel: Path) -> None:
    text = ALIAS.replace("\tklp_update", "\t/* \xe9 */ klp_update").replace("\n", "\r\n")
    (minikernel / RING).write_bytes(text.encode("latin-1"))

    async def conversation(session: Session) -> None:
        session.open(RING, text)
        assert as_shown(await session.diagnostics(RING)) == as_checked(minikernel / RING)
        action = next(e for e in await session.actions(RING, 7) if e.title.startswith("Suppress"))
        (edit,) = edits_of(action)
        assert edit.new_text.endswith(" */\r\n")

    in_session(minikernel, conversation)


def test_nothing_bad_that_a_client_sends_ends_the_server(minikernel: Path, tmp_path: Path) -> None:
    (tmp_path / "alone.c").write_text("int x;\n")

    async def conversation(session: Session) -> None:
        stream = session.process.stdin
        assert stream is not None
        for body in (b"{", b"[]", b'{"jsonrpc": "2.0", "method": 3}', b"\xff\xfe", b"null"):
            stream.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        stream.write(b"Nonsense: yes\r\n\r\n")
        client = session.client
        for uri in ("untitled:Untitled-1", "http://example.org/a.c", "file:///no/such/dir/a.c"):
            item = types.TextDocumentItem(uri, types.LanguageKind.C, 1, "smp_rmb();")
            client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        alone = types.TextDocumentItem((tmp_path / "alone.c").as_uri(), "c", 1, "void (((\0")
        client.text_document_did_open(types.DidOpenTextDocumentParams(alone))
        for _ in range(20):
            session.open(PACA)
            session.close(PACA)
        session.open(RING, "/* \ud800 unfinished \0 \x0c" + "{" * 3000)
        await session.diagnostics(RING)
        session.open("fs/large.c", "int x;\n" * 3_000_000)
        session.open(PACA)
        assert as_shown(await session.diagnostics(PACA)) == as_checked(minikernel / PACA)

    in_session(minikernel, conversation)


INVALID_PARAMS, METHOD_NOT_FOUND, INVALID_REQUEST = -32602, -32601, -32600
NOWHERE = {"uri": "file:///no/such/a.c"}
START = {"line": 0, "character": 0}


MALFORMED: list[tuple[dict[str, object], int]] = [
    ({"method": "textDocument/hover"}, INVALID_PARAMS),
    ({"method": "textDocument/hover", "params": None}, INVALID_PARAMS),
    ({"method": "textDocument/hover", "params": 5}, INVALID_PARAMS),
    ({"method": "textDocument/definition", "params": []}, INVALID_PARAMS),
    (
        {"method": "textDocument/references", "params": {"textDocument": NOWHERE}},
        INVALID_PARAMS,
    ),
    (
        {
            "method": "textDocument/implementation",
            "params": {"textDocument": NOWHERE, "position": {"line": "x", "character": 0}},
        },
        INVALID_PARAMS,
    ),
    (
        {
            "method": "textDocument/codeAction",
            "params": {"textDocument": NOWHERE, "range": START, "context": []},
        },
        INVALID_PARAMS,
    ),
    ({"method": "initialize", "params": {"capabilities": 3}}, INVALID_PARAMS),
    ({"method": "workspace/executeCommand", "params": {}}, INVALID_PARAMS),
    (
        {"method": "workspace/executeCommand", "params": {"command": "klplint.suppress"}},
        INVALID_PARAMS,
    ),
    (
        {
            "method": "workspace/executeCommand",
            "params": {"command": "klplint.suppress", "arguments": ["a", "x", "b", "c"]},
        },
        INVALID_PARAMS,
    ),
    ({"method": "workspace/executeCommand", "params": {"command": "other"}}, INVALID_PARAMS),
    ({"method": "klplint/other"}, METHOD_NOT_FOUND),
    ({"method": ["a"], "params": {}}, INVALID_REQUEST),
]


def test_each_malformed_request_has_an_answer(minikernel: Path) -> None:
    async def conversation(session: Session) -> None:
        for request, code in MALFORMED:
            error = await session.error_of(request)
            assert (request, error.code) == (request, code)
            assert error.message
        session.open(PACA)
        assert await session.diagnostics(PACA)

    in_session(minikernel, conversation)


def test_a_changed_configuration_is_read_again(minikernel: Path) -> None:
    async def conversation(session: Session) -> None:
        session.open(PACA)
        assert await session.diagnostics(PACA)
        config = minikernel / "klplint.toml"
        config.write_text('ignore = ["KLP003"]\n')
        change = types.FileEvent(config.as_uri(), types.FileChangeType.Created)
        session.published.clear()
        params = types.DidChangeWatchedFilesParams([change])
        session.client.workspace_did_change_watched_files(params)
        await session.published_for(session.uri(PACA), lambda each: not each.diagnostics)
        config.write_text("")
        session.client.text_document_did_save(
            types.DidSaveTextDocumentParams(session.document(PACA))
        )
        session.published.clear()
        await session.published_for(session.uri(PACA), lambda each: bool(each.diagnostics))

    in_session(minikernel, conversation)


def test_a_change_on_disk_is_seen_when_a_document_is_saved(minikernel: Path) -> None:
    text = (minikernel / PACA).read_text()
    reader = text.replace("in paca_register()", "in paca_elsewhere()")

    async def conversation(session: Session) -> None:
        session.open(PACA)
        session.edit(PACA, reader)
        assert "KLP004" in {d.code for d in await session.diagnostics(PACA)}
        (minikernel / "kernel/elsewhere.c").write_text(
            "void paca_elsewhere(void)\n{\n\tsmp_wmb();\n}\n"
        )
        session.client.text_document_did_save(
            types.DidSaveTextDocumentParams(session.document(PACA))
        )
        await session.published_for(
            session.uri(PACA), lambda each: "KLP004" not in {d.code for d in each.diagnostics}
        )

    in_session(minikernel, conversation)


def test_the_workspace_is_checked_on_request(minikernel: Path) -> None:
    async def conversation(session: Session) -> None:
        session.open(PACA)
        await session.diagnostics(PACA)
        params = types.ExecuteCommandParams("klplint.checkWorkspace")
        number = await session.client.workspace_execute_command_async(params)
        report = json.loads(klplint("check", "-f", "json", minikernel).stdout)
        assert number == len(report["findings"])
        shown = {p.uri: len(p.diagnostics) for p in session.published}
        files = {f["file"] for f in report["findings"]}
        assert {session.uri(file) for file in files} == {u for u, count in shown.items() if count}

    in_session(minikernel, conversation)


def test_the_server_ends_with_its_client(minikernel: Path) -> None:
    async def conversation(session: Session) -> None:
        session.open(PACA)
        await session.diagnostics(PACA)
        process = session.process
        children.extend(children_of(process.pid))
        assert process.stdin is not None
        process.stdin.close()
        async with asyncio.timeout(20):
            await process.wait()

    children: list[int] = []
    in_session(minikernel, conversation)
    assert children
    deadline = time.monotonic() + 20
    while any(map(is_alive, children)):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def children_of(number: int) -> list[int]:
    return [*map(int, Path(f"/proc/{number}/task/{number}/children").read_text().split())]


def is_alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{number}/stat").read_text().split()[2]
