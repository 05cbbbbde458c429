"""What a command line asks for: the configuration file in force, the settings, the PATHs."""

from __future__ import annotations

import contextlib
import gc
import signal
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from klplint.config.load import config_start, find_config, merged, read_config
from klplint.config.origins import Setting, settings_in_force
from klplint.config.settings import Settings
from klplint.errors import ConfigError, KlplintError, TreeError, UsageError, nearest
from klplint.kernel.tree import Kernel

_NO_SETTINGS = ("paths", "config_file", "isolated")
_LISTS = ("select", "ignore")
"""Options whose words may hold several codes, separated by commas."""
_GARBAGE_THRESHOLD = 1_000_000
"""Objects between two collections of garbage.

A run makes many objects that live to its end, and hardly any garbage. With Python's threshold,
looking through them again and again takes a twentieth of a run that finds nothing changed.
"""


class Invocation(msgspec.Struct, frozen=True):
    """A command line: its PATHs, its options, and the configuration file in force for it."""

    paths: tuple[Path, ...]
    options: Mapping[str, object]
    """The options by their settings' names; None and () where they are not given."""
    config_file: Path | None
    """The configuration file; None where none is in force."""

    @classmethod
    def of(cls, options: Mapping[str, object]) -> Invocation:
        """The invocation with some options, as click passes them to a command.

        Those named "paths", "config_file" and "isolated" are not settings. Without a file given,
        the nearest configuration file is in force.
        """
        paths, file = options.get("paths", ()), options.get("config_file")
        assert isinstance(paths, tuple)
        assert file is None or isinstance(file, Path)
        if file is None and not options.get("isolated"):
            file = find_config(config_start(paths))
        settings = {key: value for key, value in options.items() if key not in _NO_SETTINGS}
        return cls(paths, _split_lists(settings), file)

    def settings(self) -> Settings:
        """The settings in force: defaults, then the configuration file, then the command line."""
        settings = read_config(self.config_file) if self.config_file else Settings()
        return merged(settings, self.options)

    def settings_with_origins(self) -> tuple[Setting, ...]:
        """Each setting in force, with where it comes from."""
        return settings_in_force(self.config_file, self.options)

    @contextlib.contextmanager
    def blaming_config(self) -> Iterator[None]:
        """Name file, line and key in an error about a setting that the configuration file sets."""
        try:
            yield
        except KlplintError as error:
            for setting in self.settings_with_origins():
                if setting.key == error.setting and setting.origin == "file":
                    raise ConfigError(f"{setting.place}: {setting.key}: {error}") from None
            raise

    def run(
        self, command: Callable[[Sequence[Path], Settings], int], command_names: Collection[str]
    ) -> int:
        """Run a command on the PATHs, or on the default ones; the exit status.

        `command_names` are the names of all commands, for a PATH that looks like one of them.
        """
        gc.set_threshold(_GARBAGE_THRESHOLD)
        settings = self.settings()
        handle_signals()
        expect_paths(self.paths, settings, command_names)
        with self.blaming_config():
            return command(self.paths or default_paths(settings), settings)


def default_paths(settings: Settings) -> tuple[Path, ...]:
    """What to lint if no PATH is given: the current directory; with a patch, the tree around it."""
    kernel = Kernel.around(Path.cwd()) if settings.patch is not None else None
    return (kernel.root if kernel and settings.kernel is None else Path(),)


def expect_paths(paths: Sequence[Path], settings: Settings, command_names: Collection[str]) -> None:
    """UsageError or TreeError for a PATH that does not exist, the current directory included.

    With a patch, a PATH may be a file that the patch creates: that is checked later.
    """
    expect_current_directory()
    for path in paths:
        try:
            path.lstat()
        except FileNotFoundError:
            _explain_missing(str(path), settings, command_names)
        except OSError:
            continue  # a later stage says why


def _explain_missing(word: str, settings: Settings, command_names: Collection[str]) -> None:
    """Raise the error for a PATH that does not exist, unless a patch may create it."""
    if word in command_names:
        raise UsageError(
            f"{word}: a command has to come before its options; run klplint {word} ..."
        )
    if hint := nearest(word, command_names):
        raise UsageError(f"{word}: not a file, a directory or a command{hint}")
    if settings.patch is None:
        raise TreeError(f"{word}: no such file or directory")


def expect_current_directory() -> None:
    """UsageError where the current directory does not exist."""
    try:
        Path.cwd()
    except FileNotFoundError:
        raise UsageError("the current directory was removed; change to another one") from None


def handle_signals() -> None:
    """Turn a signal to end into an exception, so that no partly written file stays behind."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _: sys.exit(128 + received))


def _split_lists(options: Mapping[str, object]) -> dict[str, object]:
    """Options with the words of lists split at commas."""
    split = dict(options)
    for key in _LISTS:
        words = options.get(key)
        if isinstance(words, tuple):
            split[key] = tuple(w.strip() for word in words for w in word.split(",") if w.strip())
    return split
