"""Which policies make a row of the table, and what each of them was started from."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.params.policies import list_sources
from pipeline.params.sections.whole import Params
from pipeline.params.sections.yardsticks import EXPERT


@dataclass(frozen=True)
class ResultRow:
    """One policy, or several that differ only in their training seed."""

    name: str
    """The policy's id without its seed, e.g. "sft/sft"."""
    policies: tuple[str, ...]
    """Their ids under data/."""
    starts: tuple[str, ...]
    """The policy that each of them was trained from; none for the base."""
    is_yardstick: bool = False
    """Whether it is a scripted player, by which policies are measured."""

    @property
    def stage(self) -> str:
        """The stage that made it: base, warmup, sft, dpo or grpo."""
        return self.name.partition("/")[0]

    @property
    def how(self) -> str:
        """How the policy was made, in a few words."""
        if self.is_yardstick:
            return "scripted" if self.name == EXPERT else "scripted, knows nothing"
        if not self.starts:
            return "not trained here"
        seeds = len(self.policies)
        pooled = f", {seeds} seeds" if seeds > 1 else ""
        return f"{self.stage} from {name_together(self.starts)}{pooled}"

    def list_references(self, evaluated: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Name the policies to compare with: its start, seed by seed, and the base.

        One that is the same for all seeds stands alone.
        """
        wanted = [self.starts, ("base",) * len(self.policies)]
        found: dict[str, tuple[str, ...]] = {}
        if self.is_yardstick:
            return found
        for policies in wanted:
            if policies and set(policies) <= {*evaluated} - {*self.policies}:
                one_for_all = tuple(dict.fromkeys(policies))
                alone = len(one_for_all) == 1
                found[name_together(policies)] = one_for_all if alone else policies
        return found


def name_together(policies: Sequence[str]) -> str:
    """Name some policies by what they share: without seeds if these differ."""
    return policies[0] if len({*policies}) == 1 else cut_seed(policies[0])


def list_yardsticks(names: Sequence[str]) -> list[ResultRow]:
    """List the rows of the scripted players."""
    return [ResultRow(name, (name,), (), is_yardstick=True) for name in names]


def list_rows(params: Params, evaluated: Sequence[str]) -> list[ResultRow]:
    """List the rows of results, in the order of the evaluated policies."""
    made = list_sources(params)
    pooled: dict[str, list[str]] = {}
    for policy_id in evaluated:
        pooled.setdefault(cut_seed(policy_id), []).append(policy_id)
    return [
        ResultRow(
            name, tuple(policies), tuple(made[one][0] for one in policies if made[one])
        )
        for name, policies in pooled.items()
    ]


def cut_seed(policy_id: str) -> str:
    """Cut the seed off a policy's id, if there is one."""
    stem, _, last = policy_id.rpartition("/")
    return stem if last.isdecimal() else policy_id
