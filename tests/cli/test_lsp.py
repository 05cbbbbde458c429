"""`klplint lsp`: its start; tests/integrations/test_lsp.py has sessions."""

from __future__ import annotations

import subprocess
import sys
from unittest import mock

from tests.support.command import complaint


def test_without_its_extra_one_sentence_says_what_to_install() -> None:
    with mock.patch("klplint.cli.lsp_command.find_spec", return_value=None):
        assert complaint("lsp") == (
            'klplint: the language server needs pygls; run pip install "klplint[lsp]"\n'
        )


def test_other_commands_do_not_load_the_server() -> None:
    script = (
        "import sys\n"
        "from klplint.cli.commands import main\n"
        "import klplint.cli.check\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('pygls', 'lsprotocol')"
        " or name.startswith('klplint.lsp')])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")
