"""A file has the same findings whether it is linted alone, in a batch, or with the whole tree."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest

from tests.support.command import klplint
from tests.support.paths import MINIKERNEL, ROOT

Findings = dict[str, list[dict[str, object]]]


def findings(*paths: Path, options: tuple[object, ...] = ()) -> Findings:
    """The findings of some files, by file."""
    done = klplint("-q", "--isolated", "-f", "json", *options, *paths)
    assert done.returncode in (0, 1), done.stderr
    by_file: defaultdict[str, list[dict[str, object]]] = defaultdict(list)
    for finding in json.loads(done.stdout)["findings"]:
        by_file[finding["file"]].append(finding)
    return dict(by_file)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> tuple[object, ...]:
    return "--cache-dir", tmp_path_factory.mktemp("cache")


def test_files_of_a_tree_one_by_one(cache: tuple[object, ...]) -> None:
    whole = findings(MINIKERNEL, options=cache)
    assert len(whole) > 5
    for path in sorted({*MINIKERNEL.rglob("*.[ch]")} - {*(MINIKERNEL / "tools").rglob("*")}):
        name = path.relative_to(MINIKERNEL).as_posix()
        alone = findings(path, options=cache)
        assert alone.get(name, []) == whole.get(name, []), name


@pytest.mark.parametrize("rule", ["KLP001", "KLP002", "KLP006"])
def test_files_of_another_project_one_by_one(rule: str, cache: tuple[object, ...]) -> None:
    options = (*cache, "--kernel", MINIKERNEL, "--select", rule)
    directory = ROOT / "fixtures" / rule
    whole = findings(directory, options=options)
    assert len(whole) > 5
    for path in sorted(directory.glob("*.[ch]")):
        alone = findings(path, options=options)
        assert alone.get(path.name, []) == whole.get(path.name, []), path


# What a file has before its function `pull`, and what this is called. A header before all files
# renames it; one that is precompiled, and not included, does not.
HEADS = {
    "": "driver_pull",
    "#undef pull\n": "pull",
    "#undef pull\n#define pull(x) own_pull(x)\n": "own_pull",
    "#ifndef pull\n#define pull own_pull\n#endif\n": "driver_pull",
    "#ifdef GONE\n#ifndef pull\n#define pull own_pull\n#endif\n#endif\n": "driver_pull",
    "#ifndef SCHED\n#undef pull\n#define pull own_pull\n#endif\n": "own_pull",
    "#include <linux/sched.h>\n": "pull",
    "#include <linux/own.h>\n": "own_pull",
}


def test_functions_that_macros_rename(tmp_path: Path) -> None:
    """There are enough files for common headers to be precompiled."""
    tree = tmp_path / "linux"
    headers = {
        "kconfig.h": "#define pull driver_pull\n",
        "sched.h": "#define SCHED 1\n#undef pull\n",
        "own.h": "#undef pull\n#define pull own_pull\n",
        "types.h": "",
    }
    for directory in ("include/linux", "arch/x86/include/asm", "lib"):
        (tree / directory).mkdir(parents=True)
    (tree / "Makefile").write_text("VERSION = 6\nPATCHLEVEL = 12\n")
    for name, text in headers.items():
        (tree / "include/linux" / name).write_text(text)
    names = {}
    for number, head in enumerate([*HEADS] * 4):
        file = tree / "lib" / f"{number}.c"
        body = "void pull(int x)\n{\n\tsmp_rmb();\n}\n"
        file.write_text(f"#include <linux/types.h>\n{head}{body}")
        names[f"lib/{number}.c"] = HEADS[head]
    cache = "--cache-dir", tmp_path / "cache"
    whole = findings(tree, options=("--no-cache",))
    assert {file: each[0]["function"] for file, each in whole.items()} == names
    assert findings(tree, options=cache) == whole
    for name in list(names)[: len(HEADS)]:
        assert findings(tree / name, options=("--no-cache",)) == {name: whole[name]}
        assert findings(tree / name, options=cache) == {name: whole[name]}
