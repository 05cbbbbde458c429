"""The CONFIG options of a kernel: its own .config, or what a usual one would set."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from klplint.csource.if_expressions import Value
from klplint.kernel.architecture import load_architecture
from klplint.kernel.existence import is_file
from klplint.kernel.tree import Kernel
from klplint.strict_toml import TomlFile

_COMMON_OPTIONS = Path(__file__).parent / "common-config.toml"
_OPTION_LINE = re.compile(r'^CONFIG_(\w+)=(y|m|n|-?\w+|".*")\s*$', re.MULTILINE)
# The option that a .config sets for its architecture, if that is not the directory's name.
_ARCHITECTURE_OPTION = {"powerpc": "PPC", "sh": "SUPERH", "um": "UML"}


def configuration(architecture: str, kernel: Kernel) -> dict[str, str]:
    """CONFIG options, without "CONFIG_", for an architecture of a tree; none that is "n".

    The tree's own .config, if it is for this architecture. Else, from the weakest to the strongest:
    what klplint sets for all architectures, the tree's defconfig for this one, and the options
    that this one cannot do without.
    """
    options = _options_in(kernel.output / ".config")
    if _ARCHITECTURE_OPTION.get(architecture, architecture.upper()) not in options:
        data = load_architecture(architecture)
        configs = kernel.root / "arch" / architecture / "configs"
        defconfig = next((configs / n for n in data.defconfig if is_file(configs / n)), None)
        defaults = _options_in(defconfig) if defconfig else {}
        options = _common_options() | defaults | data.config
    return {name: value for name, value in options.items() if value != "n"}


def configured_options(kernel: Kernel) -> dict[str, str]:
    """The options that a tree's own .config sets, without "CONFIG_"; none without a .config."""
    options = _options_in(kernel.output / ".config")
    return {name: value for name, value in options.items() if value != "n"}


def config_macros(architecture: str, kernel: Kernel) -> dict[str, Value]:
    """The CONFIG_ macros that autoconf.h defines for an architecture of a tree."""
    return dict(map(_macro, configuration(architecture, kernel).items()))


def _macro(option: tuple[str, str]) -> tuple[str, Value]:
    """A CONFIG option as the macro that it becomes. For a text, only that it is defined counts."""
    name, value = option
    if value == "m":
        return f"CONFIG_{name}_MODULE", 1
    try:
        return f"CONFIG_{name}", 1 if value == "y" else int(value, 0)
    except ValueError:
        return f"CONFIG_{name}", 1


@cache
def _common_options() -> dict[str, str]:
    """What klplint sets for all architectures."""
    return {name: str(value) for name, value in TomlFile.read(_COMMON_OPTIONS).content.items()}


def _options_in(path: Path) -> dict[str, str]:
    """The options that a .config or a defconfig sets; none where it cannot be read."""
    try:
        return dict(_OPTION_LINE.findall(path.read_text(encoding="utf-8", errors="replace")))
    except OSError:
        return {}
