"""Progress that remembers the sentences a user would get."""

from __future__ import annotations

from klplint.progress import Silence


class Recorder(Silence):
    """Collects `sentences` in place of printing them."""

    def __init__(self) -> None:
        self.sentences: list[str] = []

    def note(self, sentence: str) -> None:
        """One more sentence."""
        self.sentences.append(sentence)
