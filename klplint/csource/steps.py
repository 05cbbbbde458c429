"""The statements of a function in the order of the text, with the branches around each."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec


class Arm(msgspec.Struct, eq=False, gc=False):
    """A block that is executed or not, depending on a condition; the outermost always is."""

    branch: int
    """Arms of the same branch exclude each other."""
    number: int
    parent: Arm | None
    is_loop: bool = False
    jump: str = ""
    """The jump that ends it: `return`, `goto`, `break`, `continue`; "" if control goes on."""
    label: str = ""
    """The target of a `goto` that ends it."""
    first: int = 0
    """The number of its first step."""
    last: int = 0
    """The number of the step behind its last one."""

    def chain(self) -> list[Arm]:
        """This arm and those around it, inner before outer."""
        arms, arm = list[Arm](), self
        while arm.parent is not None:
            arms.append(arm)
            arm = arm.parent
        return [*arms, arm]


class Step(msgspec.Struct, eq=False, gc=False):
    """A statement without others in it, or the condition of one that has some."""

    start: int
    end: int
    arm: Arm
    is_return: bool = False


@dataclass(slots=True)
class Steps:
    """The steps of a function."""

    steps: list[Step] = field(default_factory=list)
    labels: dict[str, int] = field(default_factory=dict)
    """By label: the number of the step behind it."""
    loops_back: list[tuple[int, int]] = field(default_factory=list)
    """For each `goto` to a label above: the first step that is run again, and that behind the
    last one."""
