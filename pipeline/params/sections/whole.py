"""The whole of params.yaml, in its order."""

from typing import Annotated

from pydantic import AfterValidator, Field

from pipeline.params.schema import Name, Patterns, Section, Seed, refuse_twice
from pipeline.params.sections.base import Base
from pipeline.params.sections.benchmarks import Benchmarks
from pipeline.params.sections.demonstrations import Demonstrations
from pipeline.params.sections.dpo import Dpo
from pipeline.params.sections.grpo import Grpo
from pipeline.params.sections.instances import Instances
from pipeline.params.sections.leakage import Leakage
from pipeline.params.sections.play import Play
from pipeline.params.sections.players import Endpoint
from pipeline.params.sections.preferences import Preferences
from pipeline.params.sections.report import Report
from pipeline.params.sections.selfplay import Selfplay
from pipeline.params.sections.sft import Sft
from pipeline.params.sections.study import Compute, Games
from pipeline.params.sections.warmup import Warmup
from pipeline.params.sections.yardsticks import Yardsticks


class Params(Section):
    """The whole of params.yaml."""

    preset: Name
    seed: Seed
    seeds: Annotated[list[Seed], Field(min_length=1), AfterValidator(refuse_twice)]
    compute: Compute
    games: Games
    policies: Annotated[Patterns, Field(min_length=1)]
    endpoints: dict[Name, Endpoint]
    base: Base
    instances: Instances
    leakage: Leakage
    warmup: Warmup
    selfplay: Selfplay
    demonstrations: Demonstrations
    preferences: Preferences
    sft: Sft
    dpo: Dpo
    grpo: Grpo
    yardsticks: Yardsticks
    play: Play
    benchmarks: Benchmarks
    report: Report
