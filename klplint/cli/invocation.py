"""What a command line asks for: the configuration file that counts, the settings, the PATHs."""

from __future__ import annotations

import contextlib
import gc
import signal
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from klplint.cli.plan import default_paths
from klplint.config.load import config_start, find_config, merged, read_config
from klplint.config.origins import settings_in_force
from klplint.config.settings import Settings
from klplint.errors import ConfigError, KlplintError, UsageError, nearest

# A run makes many values that live to its end: to look through them for garbage time and again
# costs a twentieth of a run that finds nothing changed.
_GARBAGE = 200_000


class Invocation(msgspec.Struct, frozen=True):
    """A command line: its PATHs, its options, and the configuration file that counts for it."""

    paths: tuple[Path, ...]
    options: Mapping[str, object]
    """The options by their settings' names; None and () where they are not given."""
    config: Path | None
    """The configuration file; None where none counts."""

    @classmethod
    def of(
        cls,
        paths: tuple[Path, ...],
        config: Path | None,
        isolated: bool,
        options: Mapping[str, object],
    ) -> Invocation:
        """The invocation with `config`, else with the nearest configuration file."""
        counting = config if config or isolated else find_config(config_start(paths))
        return cls(paths, _split(options), counting)

    def settings(self) -> Settings:
        """The settings in force: defaults, then the configuration file, then the command line."""
        return merged(read_config(self.config) if self.config else Settings(), dict(self.options))

    @contextlib.contextmanager
    def blaming_config(self) -> Iterator[None]:
        """Name file, line and key in an error about a setting that the configuration file sets."""
        try:
            yield
        except KlplintError as error:
            for setting in settings_in_force(self.config, self.options):
                if setting.key == error.setting and setting.origin == "file":
                    raise ConfigError(f"{setting.place}: {setting.key}: {error}") from None
            raise


def run_command(
    command: Callable[[Sequence[Path], Settings], int],
    invocation: Invocation,
    commands: Collection[str],
) -> int:
    """Run a command on the PATHs of an invocation, or on the default ones; its exit status.

    `commands` are the names of all commands, for a PATH that looks like one of them.
    """
    gc.set_threshold(_GARBAGE)
    settings = invocation.settings()
    expect_signals()
    expect_paths(invocation.paths, settings, commands)
    with invocation.blaming_config():
        return command(invocation.paths or default_paths(settings), settings)


def expect_paths(paths: Sequence[Path], settings: Settings, commands: Collection[str]) -> None:
    """UsageError for a PATH that does not exist, the current folder included.

    With a patch, a PATH may be one that the patch creates: that is checked later.
    """
    expect_current_folder()
    for path in paths:
        try:
            path.lstat()
        except FileNotFoundError:
            word = str(path)
            if word in commands:
                said = f"the command comes before its options: klplint {word} ..."
            else:
                hint = nearest(word, commands)
                if settings.patch is not None and not hint:
                    continue
                said = "no such file or folder" + (f", and no command{hint}" if hint else "")
            raise UsageError(f"{word}: {said}") from None
        except OSError:
            continue  # a later stage says why


def expect_current_folder() -> None:
    """UsageError where the current folder does not exist."""
    try:
        Path.cwd()
    except FileNotFoundError:
        raise UsageError("the current folder was removed; go to another one") from None


def expect_signals() -> None:
    """Turn a signal to end into an exception, so that no half-written file stays behind."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _: sys.exit(128 + received))


def _split(options: Mapping[str, object]) -> dict[str, object]:
    """Options with the words of lists split: each may hold several codes, separated by commas."""
    split = dict(options)
    for key in ("select", "ignore"):
        words = options.get(key)
        if isinstance(words, tuple):
            split[key] = tuple(w.strip() for word in words for w in word.split(",") if w.strip())
    return split
