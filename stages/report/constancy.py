"""Who says the same whatever is asked: formats without skill, named by the report."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import stats

from pipeline.params.sections.yardsticks import EXPERT
from stages.report.cells import render_table
from stages.report.evidence import Evidence
from stages.report.rows import ResultRow

FEWEST = 8
"""Replies in a seat, below which nothing is said about them."""
HALF = 0.5
"""Of its replies at least are alike, if a policy is to be called constant."""
_LONGEST = 40


@dataclass(frozen=True)
class Constant:
    """One reply that a policy gives in a seat more often than one who can play."""

    game: str
    role: str
    reply: str
    share: float
    num: int
    """How many replies there are in all."""
    usual: float
    """The share of the expert's own most frequent reply."""


def find_constants(policies: Sequence[str], evidence: Evidence) -> list[Constant]:
    """Find the seats in which policies that differ in seed say nearly always the same.

    That is where the share of the most frequent reply is above a half and above the
    expert's, and chance would not explain it (Wilson intervals that do not meet).
    Replies of aborted episodes do not count.
    """
    found = []
    for game, roles in evidence.replies[EXPERT].items():
        for role, of_expert in roles.items():
            said: Counter[str] = Counter()
            for policy_id in policies:
                said += evidence.replies[policy_id].get(game, {}).get(role, Counter())
            if said.total() < FEWEST:
                continue
            ((reply, often),) = said.most_common(1)
            ((_, usual),) = of_expert.most_common(1)
            low, _ = _find_interval(often, said.total())
            _, high = _find_interval(usual, of_expert.total())
            if low > max(HALF, high):
                share = often / said.total()
                usually = usual / of_expert.total()
                found.append(Constant(game, role, reply, share, said.total(), usually))
    return found


def _find_interval(often: int, num: int) -> tuple[float, float]:
    found = stats.binomtest(often, num).proportion_ci(0.95, method="wilson")
    return found.low, found.high


def name_games(constants: Sequence[Constant]) -> str:
    """Name the games in which a policy answers constantly."""
    return ", ".join(dict.fromkeys(one.game for one in constants))


def render_constants(rows: Sequence[ResultRow], evidence: Evidence) -> str:
    """Render what policies say whatever is asked; or that none does."""
    lines = [
        [
            f"`{row.name}`",
            f"{one.game}, {one.role}",
            f"`{_shorten(one.reply)}`",
            f"{100 * one.share:.0f} % of {one.num}",
            f"{100 * one.usual:.0f} %",
        ]
        for row in rows
        if not row.is_yardstick
        for one in find_constants(row.policies, evidence)
    ]
    if not lines:
        return "No policy gives the same reply far more often than the expert does."
    header = [
        "policy",
        "game, seat",
        "says",
        "so often",
        "the expert its most frequent",
    ]
    return render_table(header, lines)


def _shorten(reply: str) -> str:
    """Write a reply so that it fits into a cell."""
    text = " / ".join(reply.split("\n")).replace("`", "'").replace("|", "/")
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
