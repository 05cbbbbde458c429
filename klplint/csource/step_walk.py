"""Reads the statements of a function in the order of the text, with the branches around each.

A linear reading is enough to say what surrounds a place: branches are numbered, so that what
stands in another arm can be omitted. No input makes it fail; of a body that nests too deep, or
that has too many statements, nothing is read.
"""

from __future__ import annotations

import re

from klplint.csource.steps import Arm, Step, Steps

_TOKEN = re.compile(
    r"[(){};]|\b(?:if|else|for|while|do|switch|case|default|return|goto|break|continue)\b"
)
_LABEL = re.compile(r"\s*([A-Za-z_]\w*)\s*:(?!:)")
_WORD = re.compile(r"\s*([A-Za-z_]\w*)")
_CASE_END = re.compile(r":(?!:)")
_PARENTHESES = {"(": 1, ")": -1}
_BRACKETS = {**_PARENTHESES, "{": 1, "}": -1}
_DEEPEST = 60
_MOST_STEPS = 20_000


class _GiveUp(Exception):
    """The body nests too deep or is too long."""


def steps_of(text: str, start: int, end: int) -> Steps:
    """The steps of the body between two offsets; `text` is without comments and literals."""
    walk = _Walk(text, start, end)
    try:
        walk.block(Arm(0, 0, None))
    except _GiveUp:
        return Steps()
    return walk.result


class _Walk:
    """Reads the statements of one body."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self._text = text
        self._end = end
        matches = list(_TOKEN.finditer(text, start, end))
        self._tokens = [*(match[0] for match in matches), ""]
        self._offsets = [*(match.start() for match in matches), end]
        self._next = 0
        self._place = start
        self._branches = 0
        self._depth = 0
        self.result = Steps()

    def block(self, arm: Arm) -> None:
        """All statements up to the end."""
        while self._tokens[self._next]:
            self._statement(arm)

    def _peek(self) -> str:
        return self._tokens[self._next]

    def _take(self) -> None:
        self._go_behind(self._next)

    def _go_behind(self, number: int) -> None:
        """Go on behind a token; the one at the end is never passed."""
        token = self._tokens[number]
        self._place = self._offsets[number] + len(token)
        self._next = number + 1 if token else number

    def _take_up_to(self, number: int) -> None:
        """Go on behind the token before another one, unless that is the next one."""
        if number > self._next:
            self._go_behind(number - 1)

    def _at_token(self) -> bool:
        """Whether the next token begins right here, after white space."""
        offset = self._offsets[self._next]
        return offset <= self._place or self._text[self._place : offset].isspace()

    def _arm(self, parent: Arm, branch: int, number: int, *, is_loop: bool = False) -> Arm:
        first = len(self.result.steps)
        return Arm(branch, number, parent, is_loop, first=first, last=first)

    def _branch(self) -> int:
        self._branches += 1
        return self._branches

    def _step(self, start: int, end: int, arm: Arm) -> Step | None:
        if start >= end or self._text[start:end].isspace():
            return None
        if len(self.result.steps) >= _MOST_STEPS:
            raise _GiveUp
        step = Step(start, end, arm)
        self.result.steps.append(step)
        arm.jump = ""
        return step

    def _close(self, arm: Arm) -> None:
        arm.last = len(self.result.steps)

    def _statement(self, arm: Arm) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _GiveUp
        is_at_token = self._at_token()
        while not is_at_token and (label := _LABEL.match(self._text, self._place, self._end)):
            self._place = label.end()
            self.result.labels[label[1]] = len(self.result.steps)
            arm.jump = ""
            is_at_token = self._at_token()
        if is_at_token:
            self._begins_with(self._peek(), arm)
        else:
            self._simple(arm)
        self._depth -= 1

    def _begins_with(self, token: str, arm: Arm) -> None:
        match token:
            case "{":
                self._braces(arm)
            case "if":
                self._if(arm)
            case "for" | "while":
                self._take()
                self._loop(arm)
            case "do":
                self._do(arm)
            case "switch":
                self._switch(arm)
            case "return" | "goto" | "break" | "continue":
                self._jump(token, arm)
            case "(":
                self._simple(arm)
            case "case" | "default":
                self._case_label()
            case _:  # `;`, or what stands nowhere in a sound body
                self._take()

    def _braces(self, arm: Arm) -> None:
        self._take()
        while self._peek() not in ("}", ""):
            self._statement(arm)
        self._take()

    def _header(self, arm: Arm) -> None:
        """The parentheses behind a keyword, as a step."""
        if not (self._at_token() and self._peek() == "("):
            word = _WORD.match(self._text, self._place, self._end)
            if not (word and self._peek() == "("):
                return
        start = self._place
        self._parentheses()
        self._step(start, self._place, arm)

    def _parentheses(self) -> None:
        depth, number = 0, self._next
        while token := self._tokens[number]:
            depth += _PARENTHESES.get(token, 0)
            number += 1
            if depth == 0:
                break
        self._take_up_to(number)

    def _if(self, arm: Arm) -> None:
        above = 0
        while True:
            self._take()
            self._header(arm)
            branch = self._branch()
            then = self._arm(arm, branch, 0)
            self._statement(then)
            self._close(then)
            if not (self._at_token() and self._peek() == "else"):
                break
            self._take()
            arm = self._arm(arm, branch, 1)
            above += 1
            if above > _DEEPEST:
                raise _GiveUp
            if not (self._at_token() and self._peek() == "if"):
                self._statement(arm)
                self._close(arm)
                above -= 1
                arm = arm.parent or arm
                break
        for _ in range(above):
            self._close(arm)
            arm = arm.parent or arm

    def _loop(self, arm: Arm) -> None:
        body = self._arm(arm, self._branch(), 0, is_loop=True)
        self._header(body)
        self._statement(body)
        self._close(body)

    def _do(self, arm: Arm) -> None:
        self._take()
        body = self._arm(arm, self._branch(), 0, is_loop=True)
        self._statement(body)
        if self._at_token() and self._peek() == "while":
            self._take()
            self._header(body)
        body.jump = ""
        self._close(body)

    def _switch(self, arm: Arm) -> None:
        self._take()
        self._header(arm)
        if not (self._at_token() and self._peek() == "{"):
            return
        self._take()
        branch, number = self._branch(), 0
        case = self._arm(arm, branch, number)
        while self._peek() not in ("}", ""):
            if self._at_token() and self._peek() in ("case", "default") and case.jump:
                self._close(case)
                number += 1
                case = self._arm(arm, branch, number)
            self._statement(case)
        self._close(case)
        self._take()

    def _case_label(self) -> None:
        self._take()
        colon = _CASE_END.search(self._text, self._place, self._end)
        if colon:
            self._place = colon.end()
            while self._offsets[self._next] < self._place and self._peek():
                self._next += 1

    def _jump(self, kind: str, arm: Arm) -> None:
        self._take()
        start = self._place
        self._to_semicolon()
        text = self._text[start : self._place]
        if kind == "return":
            step = self._step(start, max(start, self._place - 1), arm)
            if step:
                step.is_return = True
        arm.jump = kind
        word = _WORD.match(text)
        arm.label = word[1] if kind == "goto" and word else ""
        if arm.label in self.result.labels:
            self.result.loops_back.append((self.result.labels[arm.label], len(self.result.steps)))

    def _to_semicolon(self) -> None:
        depth, number = 0, self._next
        while token := self._tokens[number]:
            if token == "}" and depth == 0:
                break
            depth += _BRACKETS.get(token, 0)
            number += 1
            if token == ";" and depth <= 0:
                break
        self._take_up_to(number)

    def _simple(self, arm: Arm) -> None:
        """A statement up to its semicolon; a macro with a block or statement behind is a loop."""
        start, depth, number = self._place, 0, self._next
        while token := self._tokens[number]:
            if depth == 0:
                if token == ";":
                    self._step(start, self._offsets[number], arm)
                    self._go_behind(number)
                    return
                if token == "}":
                    break
                if token not in "(){" or (token == "{" and self._is_call(start, number)):
                    self._macro_loop(start, number, arm)
                    return
            depth = max(depth + _BRACKETS.get(token, 0), 0)
            number += 1
        self._next, self._place = number, self._offsets[number]
        self._step(start, self._place, arm)

    def _is_call(self, start: int, number: int) -> bool:
        """Whether a closed parenthesis comes before a token of a statement."""
        return self._text[start : self._offsets[number]].rstrip().endswith(")")

    def _macro_loop(self, start: int, number: int, arm: Arm) -> None:
        """`for_each_thing(...)` and the like, with the statement that follows."""
        self._next, self._place = number, self._offsets[number]
        is_loop = "each" in self._text[start : self._place]
        body = self._arm(arm, self._branch(), 0, is_loop=is_loop)
        self._step(start, self._place, body)
        self._statement(body)
        self._close(body)
