"""Which policies make a row of the table, and what each of them was started from."""

from dataclasses import dataclass

from pipeline.params.policies import list_evaluated, list_sources
from pipeline.params.sections.whole import Params


@dataclass(frozen=True)
class ResultRow:
    """One policy, or several that differ only in their training seed."""

    name: str
    """The policy's id without its seed, e.g. "sft/sft"."""
    policies: tuple[str, ...]
    """Their ids under data/."""
    start: str | None
    """The policy that they were trained from; None for the base."""

    @property
    def how(self) -> str:
        """How the policy was made, in a few words."""
        if self.start is None:
            return "not trained here"
        seeds = len(self.policies)
        pooled = f", {seeds} seeds" if seeds > 1 else ""
        return f"{self.name.split('/')[0]} from {self.start}{pooled}"

    def list_references(self, evaluated: list[str]) -> list[str]:
        """List the policies to compare with: its start, and the base."""
        wanted = dict.fromkeys([self.start, "base"])
        return [p for p in wanted if p in evaluated and p not in self.policies]


def list_rows(params: Params) -> list[ResultRow]:
    """List the rows of results, in the order of params.policies."""
    made = list_sources(params)
    pooled: dict[str, list[str]] = {}
    for policy_id in list_evaluated(params):
        pooled.setdefault(_cut_seed(policy_id), []).append(policy_id)
    return [
        ResultRow(name, tuple(policies), next(iter(made[policies[0]]), None))
        for name, policies in pooled.items()
    ]


def _cut_seed(policy_id: str) -> str:
    stem, _, last = policy_id.rpartition("/")
    return stem if last.isdecimal() else policy_id
