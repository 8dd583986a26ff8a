"""The claims of the paper, each with a verdict from intervals of our own.

A claim is taken apart into legs: changes that it says there are, or are not. All legs
of all claims are one family, whose p-values Holm's method raises. A verdict is

- supported: every change that is claimed is there,
- not supported: one of them is not, or is the other way round; a change counts as none
  where its interval leaves out `report.difference` points,
- undecided at this size: neither can be told.

Each policy is compared with the one that its training started from. SFT lifts unseen
instances only if it is above chance there as well: a format alone is no skill.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from stages.report.cells import render_table, write_change
from stages.report.chance import estimate_skill
from stages.report.estimates import HIGHER, LOWER, Change, adjust_family
from stages.report.evidence import Evidence
from stages.report.results import Result
from stages.report.tables import HELD

SUPPORTED, REFUTED, UNDECIDED = "supported", "not supported", "undecided at this size"
UNTESTED = "not tested"
SKILL = "above chance"
Legs = dict[str, Change]
"""What changed -> by how much."""


@dataclass(frozen=True)
class Claim:
    """A claim of the paper, and how it is tested."""

    name: str
    """As in paper.yaml."""
    suits: Callable[[Result], bool]
    """Tells the rows that it is about."""
    suites: tuple[str, ...]
    skill: bool
    """Whether unseen instances have to be above chance."""
    judge: Callable[[Legs, float], str]


@dataclass(frozen=True)
class Verdict:
    """What became of a claim, for one row."""

    claim: str
    row: str
    reference: str
    legs: Legs
    verdict: str


def judge_gain(legs: Legs, least: float) -> str:
    """Judge the claim that everything rises."""
    if all(leg.label == HIGHER for leg in legs.values()):
        return SUPPORTED
    is_none = any(_is_below(leg, least) for leg in legs.values())
    return REFUTED if is_none else UNDECIDED


def judge_cost(legs: Legs, least: float) -> str:
    """Judge the claim that something falls."""
    if any(leg.label == LOWER for leg in legs.values()):
        return SUPPORTED
    is_none = all(_is_above(leg, least) for leg in legs.values())
    return REFUTED if is_none else UNDECIDED


def judge_no_gain(legs: Legs, least: float) -> str:
    """Judge the claim that nothing rises."""
    if any(leg.label == HIGHER for leg in legs.values()):
        return REFUTED
    is_none = all(_is_below(leg, least) for leg in legs.values())
    return SUPPORTED if is_none else UNDECIDED


def judge_balance(legs: Legs, least: float) -> str:
    """Judge the claim that games rise, and benchmarks do not fall."""
    games = {name: leg for name, leg in legs.items() if name != "benchmarks"}
    rest = {name: leg for name, leg in legs.items() if name == "benchmarks"}
    rises = judge_gain(games, least)
    if rises == REFUTED or any(leg.label == LOWER for leg in rest.values()):
        return REFUTED
    is_kept = all(_is_above(leg, least) for leg in rest.values())
    return SUPPORTED if rises == SUPPORTED and is_kept else UNDECIDED


def _is_below(leg: Change, least: float) -> bool:
    """Tell whether a rise of so many points is ruled out."""
    return leg.label == LOWER or 100 * leg.estimate.high < least


def _is_above(leg: Change, least: float) -> bool:
    """Tell whether a fall of so many points is ruled out."""
    return leg.label == HIGHER or 100 * leg.estimate.low > -least


def _is_sft(result: Result) -> bool:
    return result.row.stage == "sft"


def _is_dpo(result: Result) -> bool:
    return result.row.stage == "dpo"


def _is_grpo(result: Result) -> bool:
    return result.row.stage == "grpo" and not _repairs(result)


def _repairs(result: Result) -> bool:
    starts = result.row.starts
    return result.row.stage == "grpo" and any(one.startswith("sft/") for one in starts)


ALL = ("held_in", "held_out", "benchmarks")
CLAIMS = (
    Claim("sft_lifts", _is_sft, ("held_in",), True, judge_gain),
    Claim("sft_costs", _is_sft, ("held_out", "benchmarks"), False, judge_cost),
    Claim("dpo_adds_nothing", _is_dpo, ("held_in",), False, judge_no_gain),
    Claim("grpo_is_balanced", _is_grpo, ALL, True, judge_balance),
    Claim("grpo_repairs_sft", _repairs, ("held_out",), False, judge_gain),
)


def judge_claims(results: Sequence[Result], evidence: Evidence) -> list[Verdict]:
    """Judge every claim for each row that it is about, all legs as one family."""
    tests = [
        (claim, result, reference, _list_legs(claim, result, reference, evidence))
        for claim in CLAIMS
        for result in results
        if claim.suits(result)
        for reference in list(result.changes)[:1]
    ]
    places = [(legs, name) for *_, legs in tests for name in legs]
    adjusted = adjust_family([legs[name] for legs, name in places]) if places else []
    for (legs, name), change in zip(places, adjusted, strict=True):
        legs[name] = change
    least = evidence.params.report.difference
    return [
        Verdict(claim.name, result.row.name, reference, legs, claim.judge(legs, least))
        for claim, result, reference, legs in tests
        if legs
    ]


def _list_legs(
    claim: Claim, result: Result, reference: str, evidence: Evidence
) -> Legs:
    found: Legs = {}
    for suite in claim.suites:
        name = "accuracy" if suite == "benchmarks" else "product"
        if change := result.changes[reference][suite].get(name):
            found[HELD.get(suite, suite)] = change
    skill = estimate_skill(result.row.policies, "held_in", evidence)
    if claim.skill and skill:
        found[SKILL] = skill
    return found


def render_verdicts(verdicts: Sequence[Verdict], paper: dict[str, Any]) -> str:
    """Render a line for each claim and row, beside what the paper says."""
    lines = []
    for claim in CLAIMS:
        told = paper["claims"][claim.name]
        own = [one for one in verdicts if one.claim == claim.name]
        for one in own:
            found = "; ".join(f"{n} {write_change(leg)}" for n, leg in one.legs.items())
            row = f"`{one.row}` - `{one.reference}`: {found}"
            lines.append([told["claim"], told["paper"], row, f"**{one.verdict}**"])
        if not own:
            row = "no such policy among the rows"
            lines.append([told["claim"], told["paper"], row, UNTESTED])
    return render_table(["the paper's claim", "its numbers", "here", "verdict"], lines)


def nest_verdicts(verdicts: Sequence[Verdict]) -> dict[str, dict[str, str]]:
    """Nest the verdicts for JSON: claim, then row."""
    found: dict[str, dict[str, str]] = {}
    for one in verdicts:
        found.setdefault(one.claim, {})[one.row] = one.verdict
    return found
