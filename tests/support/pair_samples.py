"""A writer and a reader in two files, and edits of them."""

from __future__ import annotations

from typing import NamedTuple

from klplint.compare.patches.diff import split_text
from tests.support.patch_samples import unified

WRITER, READER = "lib/writer.c", "lib/reader.c"
BOX = "struct box {\n\tint data;\n\tint ready;\n};\n\n"
BARRIER = "\tsmp_wmb(); /* pairs with consume() */\n"
STORE = "\tbox->data = 1;\n"
COMMENT = "\t/* pairs with publish() */\n"
TREE = {
    WRITER: (
        "#include <linux/kernel.h>\n\n"
        f"{BOX}int unrelated(void)\n{{\n\treturn 0;\n}}\n\n"
        f"void publish(struct box *box)\n{{\n{STORE}{BARRIER}\tWRITE_ONCE(box->ready, 1);\n}}\n"
    ),
    READER: (
        "#include <linux/kernel.h>\n\n"
        f"{BOX}int consume(struct box *box)\n{{\n"
        f"\tif (!READ_ONCE(box->ready))\n\t\treturn 0;\n{COMMENT}\tsmp_rmb();\n"
        "\treturn box->data;\n}\n"
    ),
}


class Edit(NamedTuple):
    """A text of a file that becomes another one."""

    file: str
    old: str
    new: str


def changed(*edits: Edit) -> dict[str, str]:
    texts = dict(TREE)
    for file, old, new in edits:
        assert texts[file].count(old) == 1, old
        texts[file] = texts[file].replace(old, new)
    return texts


def as_patch(texts: dict[str, str]) -> str:
    return "".join(unified(split_text(TREE[f]), split_text(texts[f]), f) for f in TREE)
