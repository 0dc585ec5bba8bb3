"""Problems as text for people, each with its line and a caret."""

from __future__ import annotations

from collections.abc import Iterable

from cnncalc.problems import ERROR, SEVERITIES, WARNING, Problem
from cnncalc.render.stream import Style, unstyled
from cnncalc.wording import count, defuse, visible

_COLORS = {ERROR: "red", WARNING: "yellow"}
_WINDOW = 120  # characters of a source line that are shown


def render_problems(problems: Iterable[Problem], style: Style = unstyled) -> str:
    """All problems, one after the other with a line between."""
    return "\n".join(render_problem(problem, style) for problem in problems)


def render_problem(problem: Problem, style: Style = unstyled) -> str:
    """One problem: what, where, the line with a caret, what else there is to say."""
    span = problem.span
    color = _COLORS.get(problem.severity, "cyan")
    number = str(span.line)
    edge = style(" " * len(number) + " |", dim=True)
    head = style(f"{problem.severity}[{problem.code.code}]", fg=color, bold=True)
    place = f"{visible(span.source.name)}:{span.line}:{span.column}"
    lines = [f"{head}: {style(visible(problem.message), bold=True)}"]
    lines.append(style(" " * len(number) + "--> ", dim=True) + place)
    if span.source.text:
        shown, indent, width = _excerpt(problem)
        caret = style(
            "^" * width + (f" {visible(problem.detail)}" if problem.detail else ""), fg=color
        )
        lines += [
            edge,
            f"{style(f'{number} |', dim=True)} {shown}",
            f"{edge} {' ' * indent}{caret}",
        ]
    tail = [*problem.facts]
    tail += [f"{related.message} is on line {related.span.line}" for related in problem.related]
    if problem.help:
        tail.append(f"help: {problem.help}")
    if tail:
        lines.append(edge)
        mark = style(" " * len(number) + " =", dim=True)
        lines += [f"{mark} {visible(line)}" for line in tail]
    # Once more as a whole: a caret may part what is a command only together.
    return defuse("\n".join(lines)) + "\n"


def _excerpt(problem: Problem) -> tuple[str, int, int]:
    """The source line, cut to a window round the caret, the caret's indent and its width."""
    span = problem.span
    line = span.source.line(span.line)
    start = min(span.column - 1, len(line))
    end = span.end_column - 1 if span.end_line == span.line else len(line)
    end = max(start + 1, min(end, len(line)))
    first = max(0, start - _WINDOW // 2) if len(line) > _WINDOW else 0
    last = first + _WINDOW
    before = _visible_line(line[first:start])
    marked = _visible_line(line[start : min(end, last)])
    after = _visible_line(line[min(end, last) : last])
    cut = "…" if first else ""
    text = cut + before + marked + after + ("…" if last < len(line) else "")
    return text, len(cut + before), max(1, len(marked.rstrip()))


def _visible_line(text: str) -> str:
    return visible(text.replace("\t", " "))


def summary(problems: Iterable[Problem]) -> str:
    """`2 errors, 1 warning`."""
    found = [problem.severity for problem in problems]
    return ", ".join(
        count(found.count(severity), severity) for severity in SEVERITIES if severity in found
    )
