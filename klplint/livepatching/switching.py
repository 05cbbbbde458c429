"""Functions that their task never leaves, with the data of KLP024: it never gets to the new one."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from klplint.csource.outline import Body
from klplint.csource.words import words_in
from klplint.facts.function_details import FunctionDetails
from klplint.livepatching.assessment import Reason, Spot, with_care
from klplint.livepatching.file_items import FileItems


class Switching(msgspec.Struct, frozen=True):
    """What shows that a task stays in a function."""

    thread_starters: tuple[str, ...] = ()
    """What starts a kthread: its main function is the first argument."""
    stop_tests: tuple[str, ...] = ()
    """What the main loop of a kthread asks to see whether it has to end."""
    never_return: tuple[str, ...] = ()
    """Functions that never return, and do not end their task."""
    ending: tuple[str, ...] = ()
    """Functions that end the task that calls them: a loop with one is left."""

    def reasons(self, items: FileItems, body: Body, details: FunctionDetails) -> Iterator[Reason]:
        """Why a task may never leave a function of a file; at most one reason."""
        started = self._start(items, body)
        calls = {call.name for call in details.calls}
        if started and details.has_loop and calls.intersection(self.stop_tests):
            yield with_care(f"is the main loop of a kthread: {_STAYS}", started)
            return
        for loop in details.loops:
            if not {*self.ending}.intersection(loop.calls):
                spot = Spot(items.path, loop.region.line)
                yield with_care(f"has a loop that nothing leaves: {_STAYS}", spot)
                return
        for call in details.calls:
            if call.name in self.never_return and not call.is_conditional:
                spot = Spot(items.path, call.region.line)
                yield with_care(f"calls {call.name}(), which never returns: {_STAYS}", spot)
                return

    def _start(self, items: FileItems, body: Body) -> Spot | None:
        """Where the file starts a kthread with a function."""
        for starter in self.thread_starters:
            for offset in words_in(items.source.skeleton, starter):
                use = items.outline.use_at(offset)
                arguments = items.outline.argument_texts(use) if use else ()
                if arguments and arguments[0].strip() == body.name:
                    return Spot(items.path, items.line(offset))
        return None


_STAYS = "a task in it never gets to the new function, and the transition does not end"
