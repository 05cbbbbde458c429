"""The keys of facts: which edits of headers change the key of which file."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from klplint.engine.compile_targets import CompileTargets
from klplint.engine.dependencies import Dependencies
from klplint.engine.plan import Execution
from klplint.engine.session import Session
from klplint.facts.watch import Watch
from klplint.kernel.excludes import DEFAULT_EXCLUDES
from klplint.kernel.sources import find_sources
from klplint.progress import Silence

FILE = "drivers/d/a.c"
OTHER = "drivers/d/other.c"

FILES = {
    "Makefile": "VERSION = 6\nPATCHLEVEL = 12\n",
    "include/linux/kconfig.h": "#include <generated/autoconf.h>\n",
    "include/linux/compiler_types.h": "#ifdef A\n#include <linux/forced.h>\n#endif\n",
    "include/linux/forced.h": "",
    "include/linux/kernel.h": "#include <linux/common.h>\n",
    "include/linux/common.h": "",
    "include/linux/a.h": "#if 0\n#include <linux/b.h>\n#endif\n",
    "include/linux/b.h": '#include "beside.h"\n#include <asm/odd.h>\n#include <missing.h>\n',
    "include/linux/beside.h": "#include <linux/b.h>\n",
    "include/linux/macro.h": "#define H <linux/meant.h>\n#include H\n",
    "include/linux/meant.h": "",
    "include/linux/leading.h": '#include "../../kernel/inner.h"\n',
    "include/linux/unrelated.h": "",
    "include/linux/next.h": "#include <linux/unrelated.h>\n",
    "include/uapi/linux/next.h": "",
    "include/trace/define_trace.h": "#include TRACE_INCLUDE(x)\n",
    "include/trace/t.h": "#include <trace/define_trace.h>\n",
    "include/asm-generic/odd.h": "",
    "include/asm-generic/barrier.h": "",
    "arch/x86/include/asm/own.h": "",
    "arch/arm64/include/asm/own.h": "",
    "kernel/inner.h": "",
    "drivers/d/Makefile": "ccflags-y += -I $(srctree)/drivers/extra\n",
    "drivers/d/local.h": "#include <linux/next.h>\n",
    "drivers/d/x.h": "",
    "drivers/extra/from-flag.h": "",
    FILE: "#include <linux/a.h>\n",
    OTHER: "#include <linux/types.h>\n",
}


@pytest.fixture(autouse=True)
def no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files count as settled at once: these tests do not wait."""
    monkeypatch.setattr("klplint.kernel.signatures.SETTLED", 0)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small kernel tree."""
    root = tmp_path / "linux"
    for name, text in FILES.items():
        write(root / name, text)
    return root


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def keys(tree: Path, *files: str) -> list[bytes | None]:
    """The keys of some files, with what the cache holds from earlier calls."""
    time.sleep(0.01)  # what was just written is older
    sources = find_sources([tree], None, DEFAULT_EXCLUDES)
    execution = Execution(jobs=1, cache=tree.parent / "cache")
    with Session(sources, execution, Silence()) as session:
        targets = CompileTargets(session)
        made = [targets.key(file, Watch()) for file in files or (FILE,)]
        targets.remember()
        return made


def edit(name: str, text: str = "/* edited */\n") -> Callable[[Path], None]:
    return lambda tree: write(tree / name, text)


def edit_unnoticeably(tree: Path) -> None:
    """Other text of the same size under the same time."""
    file = tree / "include/linux/beside.h"
    status = file.stat()
    file.write_text("#include <linux/c.h>\n")
    assert file.stat().st_size == status.st_size
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


def make_directory(tree: Path) -> None:
    (tree / "include/linux/b.h").unlink()
    (tree / "include/linux/b.h").mkdir()


def link(tree: Path) -> None:
    (tree / "include/linux/b.h").unlink()
    (tree / "include/linux/b.h").symlink_to("unrelated.h")


REACHING: dict[str, tuple[str, Callable[[Path], None]]] = {
    "the file itself": ("#include <linux/a.h>", edit(FILE)),
    "by its name": ("#include <linux/a.h>", edit("include/linux/a.h")),
    "in an arm that is off": ("#include <linux/a.h>", edit("include/linux/b.h")),
    "beside a header, in a circle": ("#include <linux/a.h>", edit("include/linux/beside.h")),
    "same size and time": ("#include <linux/a.h>", edit_unnoticeably),
    "removed": ("#include <linux/a.h>", lambda tree: (tree / "include/linux/b.h").unlink()),
    "now a directory": ("#include <linux/a.h>", make_directory),
    "now a link": ("#include <linux/a.h>", link),
    "shadowed": ("#include <linux/a.h>", edit("arch/x86/include/linux/b.h")),
    "shadowed in uapi": ("#include <linux/a.h>", edit("include/uapi/linux/b.h")),
    "generic": ("#include <linux/a.h>", edit("include/asm-generic/odd.h")),
    "no longer generic": ("#include <linux/a.h>", edit("arch/x86/include/asm/odd.h")),
    "missing so far": ("#include <linux/a.h>", edit("include/missing.h")),
    "missing so far, in the file's directory": (
        "#include <linux/a.h>",
        edit("drivers/d/missing.h"),
    ),
    "missing so far, by a flag": ("#include <linux/a.h>", edit("drivers/extra/missing.h")),
    "asked for": ("#if __has_include(<linux/new.h>)\n#endif", edit("include/linux/new.h")),
    "the next one": ("#include_next <linux/next.h>", edit("include/uapi/linux/next.h")),
    "the next one, by a flag": (
        "#include_next <linux/next.h>",
        edit("drivers/extra/linux/next.h"),
    ),
    "by a macro": ("#include <linux/macro.h>", edit("include/linux/meant.h")),
    "outside of include/": ("#include <linux/leading.h>", edit("kernel/inner.h")),
    "by way of a local header": ('#include "local.h"', edit("include/linux/unrelated.h")),
    "local": ('#include "local.h"', edit("drivers/d/local.h")),
    "local, in angle brackets": ("#include <x.h>", edit("drivers/d/x.h")),
    "by a flag": ("#include <from-flag.h>", edit("drivers/extra/from-flag.h")),
    "by its path": (
        '#include "./../../include/linux/../linux/meant.h"',
        edit("include/linux/meant.h"),
    ),
    "of the architecture": ("#include <asm/own.h>", edit("arch/x86/include/asm/own.h")),
    "forced": ("#include <linux/a.h>", edit("include/linux/forced.h")),
    "barriers": ("#include <asm/barrier.h>", edit("include/asm-generic/barrier.h")),
    "before what is not a unit": ("/* #include <linux/a.h> */", edit("include/linux/common.h")),
    "generated": ("#include <linux/a.h>", edit("include/generated/rare.h")),
    "a configuration": ("#include <linux/a.h>", edit("include/config/RARE", "")),
}


@pytest.mark.parametrize("way", REACHING)
def test_an_edit_of_what_a_file_reaches_changes_its_key(way: str, tree: Path) -> None:
    include, make = REACHING[way]
    write(tree / FILE, f"{include}\n")
    before = keys(tree)
    assert before == keys(tree)
    make(tree)
    after = keys(tree)
    assert None not in after
    assert before != after
    assert after == keys(tree)


UNRELATED: dict[str, tuple[str, Callable[[Path], None]]] = {
    "edited": ("#include <linux/a.h>", edit("include/linux/unrelated.h")),
    "removed": ("#include <linux/a.h>", lambda tree: (tree / "include/linux/meant.h").unlink()),
    "added": ("#include <linux/a.h>", edit("include/linux/new.h")),
    "added, in asm-generic": ("#include <linux/a.h>", edit("include/asm-generic/new.h")),
    "of another architecture": ("#include <asm/own.h>", edit("arch/arm64/include/asm/own.h")),
    "shadowing another one": ("#include <linux/a.h>", edit("arch/x86/include/linux/meant.h")),
    "without the wrapper": ("#include <linux/a.h>", edit("include/linux/common.h")),
    "behind define_trace.h": ("#include <trace/t.h>", edit("include/linux/meant.h")),
    "in the file's directory": ("#include <linux/a.h>", edit("drivers/d/a.h")),
    "by a flag, where another one is meant": (
        "#include <linux/a.h>",
        edit("drivers/extra/linux/a.h"),
    ),
}


@pytest.mark.parametrize("way", UNRELATED)
def test_an_edit_of_another_header_keeps_the_key(way: str, tree: Path) -> None:
    include, make = UNRELATED[way]
    write(tree / FILE, f"{include}\n")
    before = keys(tree)
    make(tree)
    assert before == keys(tree) != [None]


def test_only_the_files_that_reach_a_header_get_another_key(tree: Path) -> None:
    before = keys(tree, FILE, OTHER)
    edit("include/linux/beside.h")(tree)
    after = keys(tree, FILE, OTHER)
    assert before[0] != after[0]
    assert before[1] == after[1]


def test_a_macro_that_names_a_header_outside_of_include_is_not_cached(tree: Path) -> None:
    write(tree / FILE, '#include "local.h"\n')
    assert keys(tree) != [None]
    edit("drivers/d/local.h", "#include H\n")(tree)
    assert keys(tree) == [None]


def test_keys_are_the_same_in_a_copy_of_the_tree(tree: Path, tmp_path: Path) -> None:
    before = keys(tree, FILE, OTHER, "include/linux/a.h")
    tree.rename(tmp_path / "elsewhere")
    assert keys(tmp_path / "elsewhere", FILE, OTHER, "include/linux/a.h") == before


def worked_out(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files whose dependencies are worked out from now on."""
    files: list[str] = []
    of_file = Dependencies.of_file

    def noted(self: Dependencies, file: Path, *rest: Any) -> list[bytes] | None:
        files.append(file.name)
        return of_file(self, file, *rest)

    monkeypatch.setattr(Dependencies, "of_file", noted)
    return files


def test_only_the_key_of_the_changed_file_is_worked_out_again(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = keys(tree, FILE, OTHER)
    files = worked_out(monkeypatch)
    assert keys(tree, FILE, OTHER) == before
    assert files == []
    edit(FILE)(tree)
    after = keys(tree, FILE, OTHER)
    assert files == ["a.c"]
    assert before[0] != after[0]
    assert before[1] == after[1]


INCLUDING: dict[str, tuple[str, str]] = {
    "beside it": (OTHER, '#include "a.c"\n'),
    "by a path": (OTHER, '#include "../d/./a.c"\n'),
    "by a header": ("drivers/d/local.h", '#include "a.c"\n'),
    "by a link": (OTHER, '#include "link.c"\n'),
    "by a link to a directory": (OTHER, '#include "linked/../d/a.c"\n'),
    "by a flag": ("drivers/d/Makefile", "ccflags-y += -include $(src)/a.c\n"),
}


@pytest.mark.parametrize("way", INCLUDING)
def test_a_linted_file_that_another_one_includes(way: str, tree: Path) -> None:
    including, text = INCLUDING[way]
    write(tree / OTHER, '#include "local.h"\n')
    write(tree / including, text)
    (tree / "drivers/d/link.c").symlink_to("a.c")
    (tree / "drivers/d/linked").symlink_to("../extra")
    for order in ((FILE, OTHER), (OTHER, FILE)):
        before = keys(tree, *order)
        assert keys(tree, *order) == before
        write(tree / FILE, f"/* {order} */\n")
        after = keys(tree, *order)
        assert not {*before} & {*after}


def test_a_file_that_an_earlier_run_included(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has no digest until then, and each run writes what it worked out."""
    monkeypatch.setattr("klplint.engine.kept_digests._FEW", 0)
    write(tree / OTHER, '#include "a.c"\n')
    (before,) = keys(tree, OTHER)
    keys(tree, FILE)
    edit(FILE)(tree)
    assert keys(tree, OTHER) != [before]


def test_digests_of_files_that_change_right_now_are_not_kept(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("klplint.kernel.signatures.SETTLED", 10**12)
    files = worked_out(monkeypatch)
    keys(tree)
    keys(tree)
    assert files == ["a.c", "a.c"]


def test_an_architecture_that_gets_the_header_of_a_file(tree: Path) -> None:
    write(tree / FILE, "#include <asm/rare.h>\n")
    before = keys(tree, FILE, OTHER)
    edit("arch/arm64/include/asm/rare.h")(tree)
    after = keys(tree, FILE, OTHER)
    assert before[0] != after[0]
    assert before[1] == after[1]


def test_many_headers_that_include_each_other(tree: Path) -> None:
    count = 3000
    for number in range(count):
        text = f"#include <linux/n{number + 1}.h>\n#include <linux/n{number // 2}.h>\n"
        write(tree / f"include/linux/n{number}.h", text)
    write(tree / FILE, "#include <linux/n7.h>\n")
    before = keys(tree, FILE, OTHER)
    edit(f"include/linux/n{count - 1}.h")(tree)
    after = keys(tree, FILE, OTHER)
    assert before[0] != after[0]
    assert before[1] == after[1]
