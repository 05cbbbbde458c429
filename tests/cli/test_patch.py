"""--patch on whole runs: what is reported, what is refused, and that the tree stays as it is."""

from __future__ import annotations

import json
import subprocess
import sys
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple

import pytest

from klplint.compare.patches.diff import split_text
from tests.support.command import complaint, klplint
from tests.support.patch_samples import unified
from tests.support.paths import MINIKERNEL

PICK = "kernel/livepatch/patch.c"
KPOLL = "drivers/misc/kpoll.c"
COMMENT = (
    "\t/*\n"
    "\t * This barrier and the next one pair with the smp_wmb() in\n"
    "\t * klp_patch_func(): a function that is on the stack is complete.\n"
    "\t */\n"
)
POINT = "\t\t\tklp_update_patch_state(current);\n"


class Found(NamedTuple):
    """A finding of a run, with its related places in patches as LINE:TEXT is there."""

    code: str
    file: str
    line: int
    in_patch: tuple[str, ...]


def edited(file: str, old: str, new: str) -> str:
    """The diff of a file of the minikernel in which one text is another."""
    text = (MINIKERNEL / file).read_text()
    assert text.count(old) == 1, file
    return unified(split_text(text), split_text(text.replace(old, new)), file)


def got(output: str, patch: str = "") -> list[Found]:
    rows = patch.split("\n")
    return [
        Found(
            finding["code"],
            finding["file"],
            finding["line"],
            tuple(
                rows[place["line"] - 1]
                for place in finding["related"]
                if place["file"] == "x.patch"
            ),
        )
        for finding in json.loads(output)["findings"]
    ]


def patched(directory: Path, patch: str, *paths: Path, status: int = 1) -> list[Found]:
    """What a patch to the minikernel brings; without paths, in the whole tree."""
    (directory / "x.patch").write_text(patch)
    done = klplint(
        "-q", "-f", "json", "--patch", directory / "x.patch", *paths, directory=MINIKERNEL / "lib"
    )
    assert done.returncode == status, done
    assert done.stderr == ""
    return got(done.stdout, patch)


def test_a_patch_that_deletes_a_pairing_comment(tmp_path: Path) -> None:
    patch = edited(PICK, COMMENT, "")
    assert patched(tmp_path, patch) == [
        Found("KLP003", PICK, 27, ("-\t/*",)),
        Found(
            "KLP003", PICK, 32, ("-\t * This barrier and the next one pair with the smp_wmb() in",)
        ),
    ]


def test_a_patch_that_renames_a_writer_of_another_file(minikernel: Path, tmp_path: Path) -> None:
    writer = ["#include <linux/kernel.h>\n", "void publish(void)\n", "{\n", "\tsmp_wmb();\n", "}\n"]
    (minikernel / "lib/writer.c").write_text("".join(writer))
    reader = "/* Pairs with publish(). */ smp_rmb();"
    (minikernel / "lib/reader.c").write_text(
        f"#include <linux/kernel.h>\nvoid r(void)\n{{\n{reader}\n}}\n"
    )
    renamed = [line.replace("publish", "announce") for line in writer]
    patch = unified(writer, renamed, "lib/writer.c")
    assert patched(tmp_path, patch, minikernel / "lib") == [
        Found("KLP004", "lib/reader.c", 4, ("-void publish(void)",))
    ]


def test_a_patch_that_moves_a_switching_call_under_a_lock(tmp_path: Path) -> None:
    text = (MINIKERNEL / KPOLL).read_text()
    lock = "\t\tspin_lock(&kp->lock);\n"
    pending = "\t\tif (klp_patch_pending(current))\n"
    locked = f"{lock}{pending}{POINT}\t\tspin_unlock(&kp->lock);\n"
    assert patched(tmp_path, edited(KPOLL, pending + POINT, locked), MINIKERNEL / "drivers") == [
        Found("KLP002", KPOLL, text[: text.index(POINT)].count("\n") + 2, (f"+{lock}".rstrip(),))
    ]


HARMLESS = edited(PICK, "static bool klp_task_wants", "/* One. */\n\nstatic bool klp_task_wants")


@pytest.mark.parametrize(
    "patch",
    [
        HARMLESS,
        edited(
            "include/linux/livepatch.h", "#include <linux/sched.h>", "#include <linux/sched.h>\n"
        ),
        edited("drivers/misc/kflush.c", "static int kflush_fn(", "\n\nstatic int kflush_fn("),
    ],
)
def test_a_harmless_patch_brings_nothing(tmp_path: Path, patch: str) -> None:
    assert patched(tmp_path, patch, status=0) == []


def test_a_mail_on_standard_input_is_linted_with_the_lines_of_the_patched_file(
    tmp_path: Path,
) -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "a@example.org", "[PATCH] ä"
    mail.set_content(f"Ä.\n---\n{HARMLESS}{edited(KPOLL, POINT, '')}{edited(PICK, COMMENT, '')}")
    path = tmp_path / "mail"
    path.write_bytes(bytes(mail))
    with path.open() as stream:
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "klplint",
                "-q",
                "-f",
                "concise",
                "--patch",
                "-",
                MINIKERNEL / "kernel/livepatch",
            ],
            stdin=stream,
            capture_output=True,
            text=True,
        )
    rows = path.read_text().split("\n")
    removed = next(n for n, row in enumerate(rows, 1) if row.startswith("-\t/*"))
    assert f"{PICK}:29:2: warning: smp_rmb()" in done.stdout
    assert f"<stdin>:{removed}:1: note: this line of the patch may be the cause" in done.stdout


def test_a_new_file_is_linted_and_the_tree_left_alone(tmp_path: Path) -> None:
    before = sorted(MINIKERNEL.rglob("*"))
    lines = split_text((MINIKERNEL / "drivers/net/ringdev.c").read_text())
    new = unified([], lines, "drivers/net/other.c").replace("a/drivers/net/other.c", "/dev/null")
    files = {f.file for f in patched(tmp_path, new, MINIKERNEL / "drivers")}
    assert files == {"drivers/net/other.c"}
    assert patched(tmp_path, new, MINIKERNEL / "kernel", status=0) == []
    assert sorted(MINIKERNEL.rglob("*")) == before


def created(name: str) -> str:
    """A patch that creates a file in which a wrong task is switched."""
    rows = ["void f(struct task_struct *t)\n", "{\n", "\tklp_update_patch_state(t);\n", "}\n"]
    return unified([], rows, name).replace(f"--- a/{name}", "--- /dev/null")


@pytest.mark.parametrize("path", ["drivers/new", "drivers/new/x.c", "drivers/new/y"])
def test_a_path_that_the_patch_creates(tmp_path: Path, path: str) -> None:
    patch = created("drivers/new/x.c") + created("drivers/new/y/z.c") + created("drivers/x.c")
    files = {f.file for f in patched(tmp_path, patch, MINIKERNEL / path)}
    expected = {"drivers/new/x.c", "drivers/new/y/z.c"}
    assert files == {file for file in expected if f"{file}/".startswith(f"{path}/")}


@pytest.mark.parametrize("path", ["tools", "tools/new", "tools/new/x.c"])
def test_an_excluded_path_that_is_named_counts(tmp_path: Path, path: str) -> None:
    patch = created("tools/new/x.c") + created("Documentation/x.c")
    files = {f.file for f in patched(tmp_path, patch, MINIKERNEL / "lib", MINIKERNEL / path)}
    assert files == {"tools/new/x.c"}


def test_a_path_that_the_patch_does_not_create(tmp_path: Path) -> None:
    (tmp_path / "x.patch").write_text(created("drivers/new/x.c"))
    for path in (MINIKERNEL / "drivers/ne", MINIKERNEL / "drivers/new/x.c/y", "/no/such/place"):
        said = complaint("--patch", tmp_path / "x.patch", MINIKERNEL / "lib", path)
        assert f"{path}: no such file or directory" in said
    assert "no such file" in complaint("--baseline", tmp_path / "x.txt", MINIKERNEL / "drivers/new")


def test_a_new_path_of_another_project(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "x.patch").write_text(created("x.c"))
    done = klplint(
        *("-f", "concise", "--patch", tmp_path / "x.patch", "--kernel", MINIKERNEL),
        tmp_path / "own/x.c",
    )
    assert done.returncode == 1, done
    assert "\nx.c:3:" in done.stdout


@pytest.mark.parametrize("name", ["drivers/x.c", "tools/x.c", "lib/x.rst"])
def test_a_patch_that_reaches_nothing_is_reported(tmp_path: Path, name: str) -> None:
    (tmp_path / "x.patch").write_text(created(name))
    done = klplint("--patch", tmp_path / "x.patch", MINIKERNEL / "lib")
    assert done.returncode == 0
    assert done.stderr.startswith("klplint: the patch changes none of the linted files\n")
    assert patched(tmp_path, created(name), MINIKERNEL / "lib", status=0) == []


def test_a_patch_that_deletes_what_is_linted_is_no_such(tmp_path: Path) -> None:
    name = "lib/once_table.c"
    gone = unified(split_text((MINIKERNEL / name).read_text()), [], name)
    (tmp_path / "x.patch").write_text(gone.replace(f"+++ b/{name}", "+++ /dev/null"))
    done = klplint("--patch", tmp_path / "x.patch", MINIKERNEL / "lib")
    assert "changes no file" not in done.stderr


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("lib/once_table.c/x.c", "lib/once_table.c is a file, not a directory"),
        ("lib", "creates lib, which is a directory"),
        (".git/x.c", "in the directory of git itself"),
    ],
)
def test_files_where_none_can_be(tmp_path: Path, name: str, printed: str) -> None:
    (tmp_path / "x.patch").write_text(created(name))
    said = complaint("--patch", tmp_path / "x.patch", MINIKERNEL)
    assert said.startswith(f"klplint: {tmp_path}/x.patch:2: ")
    assert printed in said


@pytest.mark.parametrize(
    ("patch", "printed"),
    [
        ("", "contains no diff"),
        (HARMLESS.replace(" static bool", " static boolean"), f"hunk 1 of {PICK} does not apply"),
        (
            HARMLESS.replace("kernel/livepatch/", "kernel/none/"),
            "kernel/none/patch.c, which is not",
        ),
        (HARMLESS[:-9], "corrupt or truncated"),
        ("Binary files a/x.png and b/x.png differ\n", "changes only binary files"),
    ],
)
def test_patches_that_cannot_be_linted(tmp_path: Path, patch: str, printed: str) -> None:
    (tmp_path / "x.patch").write_text(patch)
    said = complaint("--patch", tmp_path / "x.patch", MINIKERNEL / "lib")
    assert printed in said
    assert said.startswith(f"klplint: {tmp_path}/x.patch:")


def test_a_patch_without_an_end() -> None:
    said = complaint("--patch", "/dev/zero", MINIKERNEL)
    assert said == "klplint: /dev/zero: is larger than 512 MiB; split the patch\n"


def test_options_that_do_not_go_together(tmp_path: Path) -> None:
    assert "x.patch: cannot read the patch: No such" in complaint(
        "--patch", "x.patch", MINIKERNEL, directory=tmp_path
    )
    (tmp_path / "x.patch").write_text(HARMLESS)
    both = complaint("--patch", tmp_path / "x.patch", "--diff-from", "HEAD", MINIKERNEL)
    assert "cannot be combined" in both
    onto = complaint("--patch", tmp_path / "x.patch", "-o", tmp_path / "x.patch", MINIKERNEL)
    assert "is read by this run" in onto
    assert (tmp_path / "x.patch").read_text() == HARMLESS


def test_a_patch_in_the_configuration_lies_beside_it(tmp_path: Path) -> None:
    (tmp_path / "x.patch").write_text(edited(PICK, COMMENT, ""))
    (tmp_path / "own.toml").write_text('patch = "x.patch"\nselect = ["KLP003"]\n')
    done = klplint(
        "-q", "-f", "concise", "--config", tmp_path / "own.toml", MINIKERNEL / "kernel/livepatch"
    )
    assert done.stdout.count("x.patch:") == 2


def test_standard_input_that_is_closed() -> None:
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m klplint --patch - {MINIKERNEL}/lib <&-"],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "klplint: --patch -: standard input is closed; pipe the patch in, or give a file\n"
    )


def test_a_patch_that_the_tree_has_already(minikernel: Path, tmp_path: Path) -> None:
    patch = edited(PICK, COMMENT, "") + created("lib/new.c")
    (tmp_path / "x.patch").write_text(patch)
    command = ("-f", "json", "--patch", tmp_path / "x.patch", minikernel)
    before = klplint(*command, "-q")
    subprocess.run(["patch", "-p1", "-s", "-i", tmp_path / "x.patch"], cwd=minikernel, check=True)
    applied = klplint(*command)
    assert "klplint: the tree has this patch already" in applied.stderr
    assert got(applied.stdout, patch) == got(before.stdout, patch) != []


def test_a_reply_needs_a_patch(tmp_path: Path) -> None:
    printed = complaint("-f", "mail", MINIKERNEL / "lib")
    assert printed == (
        "klplint: the format mail is a reply to a patch; give one with --patch or --diff-from\n"
    )
    (tmp_path / "own.toml").write_text('format = "mail"\n')
    printed = complaint("--config", tmp_path / "own.toml", MINIKERNEL / "lib")
    assert printed.startswith(f"klplint: {tmp_path}/own.toml:1: format: ")


def test_a_reply_to_a_patch(tmp_path: Path) -> None:
    (tmp_path / "x.patch").write_text(edited(PICK, COMMENT, ""))
    done = klplint("-q", "-f", "mail", "--patch", tmp_path / "x.patch", MINIKERNEL / "kernel")
    assert done.returncode == 1
    assert done.stdout.startswith("klplint reports 2 warnings for this patch.\n\n> --- a/kernel/")
    assert "\n> -\t/*\n\nWarning KLP003 (unpaired-read-barrier), kernel/" in done.stdout
