"""The tests: unit/ mirrors klplint/; the other directories are about klplint as a whole."""

import pytest

# Before any of them is imported: their asserts, too, are to show what was compared.
pytest.register_assert_rewrite("tests.support", "tests.kernel")
