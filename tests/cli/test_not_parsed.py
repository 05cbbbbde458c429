"""A file that is not parsed is reported, whatever the format, and even with --quiet."""

from __future__ import annotations

from pathlib import Path

import pytest

from klplint.config.choices import FORMATS
from tests.support.command import klplint
from tests.support.paths import MINIKERNEL

LEVELS = 16
DOUBLING = "".join(f"#define A{n + 1}(t) A{n}(t) A{n}(t)\n" for n in range(LEVELS))
BOMB = (
    "#include <linux/livepatch.h>\n#define A0(t) klp_update_patch_state(t);\n"
    f"{DOUBLING}void f(struct task_struct *t)\n{{\n\tA{LEVELS}(t)\n}}\n"
)


# A mail replies to a patch; without one, there is no mail.
@pytest.mark.parametrize("name", [name for name in FORMATS if name != "mail"])
def test_a_file_whose_macros_expand_to_too_much(name: str, tmp_path: Path) -> None:
    (tmp_path / "bomb.c").write_text(BOMB)
    done = klplint("-q", "-f", name, "--kernel", MINIKERNEL, tmp_path)
    assert done.returncode == 1
    assert "bomb.c" in done.stdout
    assert done.stderr.startswith("klplint: bomb.c: the macro A")
    assert done.stderr.endswith("tokens; classified from tokens only\n")
