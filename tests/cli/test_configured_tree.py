"""A tree that was configured: its own configuration and generated headers are used."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import klplint
from tests.support.paths import MINIKERNEL

SAMPLE = (
    "#include <linux/sched.h>\n#include <asm/sample_odd.h>\n"
    "void sample(void);\nvoid sample(void)\n{\n"
    "#ifdef CONFIG_SAMPLE_ODD\n\tsmp_rmb();\n#endif\n"
    "#if CONFIG_SAMPLE_NUMBER == 7\n\tsmp_rmb();\n#endif\n"
    "#ifdef SAMPLE_WRAPPED\n\tsmp_rmb();\n#endif\n}\n"
)


@pytest.fixture
def tree(minikernel: Path) -> Path:
    """A copy of the minikernel that was configured for x86, and compiled as far as headers go."""
    (minikernel / ".config").write_text(
        "CONFIG_X86=y\nCONFIG_64BIT=y\nCONFIG_SMP=y\nCONFIG_LIVEPATCH=y\nCONFIG_SAMPLE_ODD=y\n"
        'CONFIG_SAMPLE_NUMBER=7\nCONFIG_SAMPLE_TEXT="odd"\n# CONFIG_SAMPLE_OFF is not set\n'
    )
    _write(
        minikernel / "include/generated/autoconf.h",
        "#define CONFIG_X86 1\n#define CONFIG_64BIT 1\n#define CONFIG_SMP 1\n"
        "#define CONFIG_LIVEPATCH 1\n#define CONFIG_SAMPLE_ODD 1\n#define CONFIG_SAMPLE_NUMBER 7\n"
        '#define CONFIG_SAMPLE_TEXT "odd"\n',
    )
    wrapped = minikernel / "arch/x86/include/generated/asm/sample_odd.h"
    _write(wrapped, "#define SAMPLE_WRAPPED\n")
    for directory in ("lib", "arch/powerpc/kernel"):
        (minikernel / directory / "sample.c").write_text(SAMPLE)
    return minikernel


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def coverage(*paths: Path) -> dict[str, Any]:
    done = klplint("coverage", "-f", "json", *paths)
    assert done.returncode == 0, done
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_what_only_this_configuration_sets_takes_one_parse(tree: Path) -> None:
    document = coverage(tree / "lib/sample.c")
    assert document["parses"] == 1
    assert [(o["how"], o["variant"]) for o in document["occurrences"]] == [("ast", "x86")] * 3


def test_what_this_configuration_leaves_out_takes_another_parse(tree: Path) -> None:
    text = SAMPLE.replace("CONFIG_SAMPLE_ODD", "CONFIG_SAMPLE_OFF")
    (tree / "lib/sample.c").write_text(text)
    document = coverage(tree / "lib/sample.c")
    assert document["parses"] == 2
    variants = [o["variant"] for o in document["occurrences"]]
    assert variants == ["x86 CONFIG_SAMPLE_OFF", "x86", "x86"]


def test_other_architectures_still_get_stand_ins(tree: Path) -> None:
    document = coverage(tree / "arch/powerpc/kernel")
    ours = [o for o in document["occurrences"] if o["file"].endswith("paca.c")]
    assert {(o["how"], o["variant"]) for o in ours if o["class"] == "call"} == {("ast", "powerpc")}
    odd = [o for o in document["occurrences"] if o["file"].endswith("sample.c")]
    assert [o["how"] for o in odd] == ["ast"] * 3
    assert odd[0]["variant"] == "powerpc CONFIG_SAMPLE_NUMBER=7 CONFIG_SAMPLE_ODD SAMPLE_WRAPPED"


def test_the_rest_of_the_tree_is_as_before(tree: Path) -> None:
    (tree / "lib/sample.c").unlink()
    (tree / "arch/powerpc/kernel/sample.c").unlink()
    configured, plain = coverage(tree), coverage(MINIKERNEL)
    places = ("file", "line", "column", "name", "class", "how", "function")
    assert [[o[key] for key in places] for o in configured["occurrences"]] == [
        [o[key] for key in places] for o in plain["occurrences"]
    ]


def test_a_config_without_generated_headers_counts_too(tree: Path) -> None:
    shutil.rmtree(tree / "include/generated")
    shutil.rmtree(tree / "arch/x86/include/generated")
    occurrences = coverage(tree / "lib/sample.c")["occurrences"]
    assert [o["variant"] for o in occurrences] == ["x86", "x86", "x86 SAMPLE_WRAPPED"]


def test_an_odd_config_does_no_harm(tree: Path) -> None:
    (tree / ".config").write_bytes(b"CONFIG_X86=y\r\nCONFIG_\xff=y\n=\nCONFIG_A\n\0CONFIG_B=y\n")
    occurrences = coverage(tree / "lib/sample.c")["occurrences"]
    assert [o["how"] for o in occurrences] == ["ast"] * 3


def test_nothing_is_written_into_the_tree(tree: Path) -> None:
    before = sorted((p.relative_to(tree), p.stat().st_mtime_ns) for p in tree.rglob("*"))
    coverage(tree)
    assert before == sorted((p.relative_to(tree), p.stat().st_mtime_ns) for p in tree.rglob("*"))
