"""Put into README.md and docs/ what the commands of their sessions print today.

Run it after a change of messages, then read the diff: it accepts whatever is printed. A block with
`...` that no longer fits is replaced as a whole, so shorten it again by hand.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
os.environ.setdefault("XDG_CACHE_HOME", tempfile.mkdtemp(prefix="klplint-docs-"))

from tests.support.doc_sessions import PAGES, is_shown, scratch_tree, sessions, shell, text_of


def refresh(page: Path) -> int:
    """Refresh one page; returns how many outputs changed."""
    changed = 0
    with tempfile.TemporaryDirectory() as directory:
        tree = scratch_tree(Path(directory))
        for command, output in sessions(page):
            written = re.fullmatch(r"cat (\S+)", command)
            if written and not (tree / written[1]).exists():
                (tree / written[1]).write_text(output)
            printed = shell(tree, command)
            if is_shown(output, printed):
                continue
            before, after = f"$ {command}\n{output}", f"$ {command}\n{printed}"
            page.write_text(text_of(page).replace(before, after, 1), encoding="utf-8")
            changed += 1
    return changed


def main() -> None:
    """Refresh all pages."""
    for page in PAGES:
        changed = refresh(page) if sessions(page) else 0
        if changed:
            print(f"{page.name}: {changed} changed")


if __name__ == "__main__":
    main()
