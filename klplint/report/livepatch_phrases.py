"""What the text format and Markdown say alike of an assessment."""

from __future__ import annotations

from collections.abc import Iterator

from klplint.livepatching.assessment import (
    Assessment,
    ChangedFunction,
    ChangedItem,
    Reason,
    Users,
    Verdict,
)
from klplint.report.counts import counted

HEADLINES: dict[Verdict, str] = {
    "patchable": "This fix can be livepatched.",
    "with care": "This fix can be livepatched with care.",
    "not patchable": "This fix cannot be livepatched by replacing functions alone.",
}


def summary(assessment: Assessment) -> str:
    """How many functions and other things a fix changes, in one sentence."""
    functions = [f for f in assessment.functions if f.change == "changed"]
    parts = [f"{counted(len(functions), 'function')} changed"]
    for change in ("added", "removed"):
        number = sum(f.change == change for f in assessment.functions)
        if number:
            parts.append(f"{number} {change}")
    if assessment.items:
        parts.append(f"{counted(len(assessment.items), 'other change')} to look at")
    return f"{', '.join(parts)}."


def title(part: ChangedFunction | ChangedItem) -> str:
    """What a part is called: "ext4_read()", "structure foo", "macro FOO"."""
    if isinstance(part, ChangedFunction):
        return f"{part.name}()" + ("" if part.change == "changed" else f" ({part.change})")
    name = part.name if part.kind != "file" else ""
    words = f"{part.kind} {name}".strip()
    return words if part.change == "changed" else f"{words} ({part.change})"


def objects(part: ChangedFunction) -> str:
    """Where a function is built into: "ext4 (or vmlinux, as CONFIG_EXT4_FS says)"."""
    if not part.objects:
        return "an object that Makefiles do not show plainly"
    first, *others = part.objects
    if part.condition and others == ["vmlinux"]:
        return f"{first}, or vmlinux if {part.condition}=y"
    return " and ".join(filter(None, [", ".join(part.objects[:-1]), part.objects[-1]]))


def reason_texts(reasons: tuple[Reason, ...]) -> Iterator[str]:
    """Reasons with their places."""
    for reason in reasons:
        yield f"{reason.text} ({reason.spot})"


def user_text(users: Users | None) -> str:
    """Who uses something: a count, and a few."""
    if users is None or not (users.functions or users.files):
        return ""
    files = counted(users.files, "file")
    if not users.functions:
        return f"named in {files}"
    names = ", ".join(f"{user.name}() ({user.spot})" for user in users.first)
    more = users.functions - len(users.first)
    built = f"; in {', '.join(users.objects)}" if users.objects else ""
    partly = "" if users.is_complete else "at least "
    return (
        f"used by {partly}{counted(users.functions, 'function')} in {files}: {names}"
        f"{f' and {more:,} more' if more > 0 else ''}{built}"
    )
