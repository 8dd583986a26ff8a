"""Numbers, changes and tables as Markdown."""

import math
from collections.abc import Iterable

from stages.report.estimates import UNCLEAR, Change, Estimate

UNDEFINED = "–"  # noqa: RUF001


def write_cell(estimate: Estimate | None) -> str:
    """Write a number from 0 to 1 in percent, with its interval."""
    if estimate is None or math.isnan(estimate.point):
        return UNDEFINED
    shown = estimate.scale(100, 1)
    low, high = write_number(shown.low), write_number(shown.high)
    return f"{write_number(shown.point)} [{low}, {high}]"


def write_change(change: Change | None, *, labelled: bool = True) -> str:
    """Write a change in points, with its interval and what it is."""
    if change is None:
        return UNDEFINED
    shown = change.estimate.scale(100, 1)
    text = f"{shown.point:+.1f} [{shown.low:+.1f}, {shown.high:+.1f}]"
    return f"{text} {write_label(change)}" if labelled else text


def write_label(change: Change) -> str:
    """Write what a change is; of an unclear one, what could have been seen."""
    if change.label != UNCLEAR:
        return change.label
    return f"{UNCLEAR} (could see ±{100 * change.visible:.0f})"


def write_number(value: float) -> str:
    """Write a number with one decimal, or the sign for undefined."""
    return UNDEFINED if math.isnan(value) else f"{value:.1f}"


def render_table(header: list[str], lines: Iterable[list[str]]) -> str:
    """Render a Markdown table: the first column left, all others right aligned."""
    rule = [":--", *["--:"] * (len(header) - 1)]
    return "\n".join(f"| {' | '.join(line)} |" for line in [header, rule, *lines])
