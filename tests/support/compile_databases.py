"""Compilation databases, and a file that compiles only with one."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.paths import MINIKERNEL

SAMPLE = (
    "#include <linux/sched.h>\n#include <sample_option.h>\n"
    "void sample(void);\nvoid sample(void)\n{\n"
    "#ifdef SAMPLE_ODD\n\tsmp_rmb();\n#endif\n}\n"
)


def database(directory: Path, *entries: object) -> Path:
    path = directory / "compile_commands.json"
    path.write_text(json.dumps(entries))
    return path


def sample(directory: Path, *words: str) -> Path:
    """A directory with the sample and a header that only its -I finds; the database beside them."""
    (directory / "sample.c").write_text(SAMPLE)
    (directory / "inc").mkdir()
    (directory / "inc" / "sample_option.h").write_text(
        "#ifdef SAMPLE\n#define SAMPLE_ODD\n#endif\n"
    )
    kernel = MINIKERNEL
    usual = [
        "-nostdinc",
        "-D__KERNEL__",
        f"-I{kernel}/arch/x86/include",
        f"-I{kernel}/include",
        f"-I{kernel}/include/uapi",
        f"-include{kernel}/include/linux/kconfig.h",
        f"-include{kernel}/include/linux/compiler_types.h",
    ]
    command = ["gcc", *usual, "-Iinc", *words, "-c", "sample.c"]
    return database(
        directory, {"directory": str(directory), "file": "sample.c", "arguments": command}
    )
