"""GRPO's rollouts: what is trained on, what is rewarded, who the partner is."""

import copy
import dataclasses
import math
import random
import shutil
from pathlib import Path

import pytest
import torch
from datasets import Dataset
from trl import GRPOConfig, GRPOTrainer

from games.contract import Instance, Player
from games.errors import ArtifactError
from games.registry import GAMES
from games.session import Episode, Turn
from pipeline.params.read import load_params
from pipeline.params.sections.grpo import GrpoSettings
from pipeline.params.sections.players import ExpertPlayer, PolicyPlayer
from pipeline.params.sections.training import Adapter
from stages.base.tiny import make_tiny_policy
from stages.common.chat import ChatTemplate
from stages.common.policy import load_policy
from stages.engines.local.engine import Engine
from stages.grpo.__main__ import seat_partners
from stages.grpo.fields import check_logprobs, collect_fields
from stages.grpo.rewards import load_reward
from stages.grpo.rewards.score import reward
from stages.grpo.rollout import Rollout, Task
from stages.grpo.rollouts import Rollouts
from stages.grpo.train import draw_tasks
from stages.grpo.trainer import GroupedGRPOTrainer
from stages.playing.seats import ExpertSeat, MakeSeat, PolicySeat, Seat, seat_for
from stages.playing.table import make_table, play
from stages.tools.selfplay_speed.relay import GAME as RELAY
from stages.tools.selfplay_speed.relay import make_relay_instances
from stages.training.prefix import share_prefixes
from stages.training.recipe import configure_adapter
from tests.stages.material import COMPUTE, GRPO, adapted

ROOT = Path(__file__).parents[2]
SETTINGS = GrpoSettings(
    **GRPO,
    roles={"taboo": ["guesser"], "referencegame": ["follower"]},
    level="episode",
    steps=3,
    groups=2,
    group_size=2,
    beta=0.04,
    learning_rate=1e-3,
    warmup_steps=0,
    temperature=1.0,
    abort_reward=-0.5,
    adapter=Adapter(enabled=True, rank=2, alpha=4),
    save_steps=1,
)


def instances(game: str, num: int) -> list[Instance]:
    """Return some instances of a game."""
    variant = GAMES[game].spec.variants[0]
    data = GAMES[game].generate(variant, "train", num, random.Random(0))
    return [Instance(game, variant, f"{game}-{n}", d) for n, d in enumerate(data)]


def partner(skill: float) -> MakeSeat:
    """Return what seats an expert of this skill."""
    player = ExpertPlayer(kind="expert", skill=skill)
    return seat_for(player, "base", COMPUTE, {}, temperature=0.0)


@pytest.fixture(scope="module")
def model() -> torch.nn.Module:
    """Return a tiny untrained model."""
    return make_tiny_policy(hidden_size=32, layers=2)[0].eval()


@pytest.fixture(scope="module")
def chat() -> ChatTemplate:
    """Return the tiny model's chat template."""
    return ChatTemplate(make_tiny_policy(hidden_size=32, layers=2)[1])


def episode(outcome: str, score: float) -> Episode:
    """Return an episode of which only outcome and score matter."""
    return Episode("taboo", "", "", {}, 0, 0, outcome, "", "", score, [])


@pytest.mark.parametrize(
    ("outcome", "score", "expected"),
    [
        ("success", 100.0, 1.0),
        ("success", 50.0, 0.5),
        ("lose", 0.0, 0.0),
        ("lose", 72.0, 0.72),
        ("aborted", float("nan"), -0.5),
    ],
)
def test_the_reward_is_the_score_or_the_abort_reward(
    outcome: str, score: float, expected: float
) -> None:
    """A reward is main score / 100; an abort has its own, never NaN."""
    assert reward(episode(outcome, score), abort_reward=-0.5) == expected


REWARDS = {
    "score": [1.0, 0.5, 0.72, -0.5],
    "success": [1.0, 1.0, 0.0, -0.5],
    "paper": [1.0, 0.5, 0.72, -0.5],
}


@pytest.mark.parametrize("name", REWARDS)
def test_a_reward_is_a_file_of_its_name(name: str) -> None:
    """Each has a price of aborting; taboo's score is the paper's 1 / guesses."""
    ended = [("success", 100.0), ("success", 50.0), ("lose", 72.0), ("aborted", 0.0)]
    given = [load_reward(name)(episode(*one), -0.5) for one in ended]
    assert given == REWARDS[name]


@pytest.mark.parametrize(("f1", "expected"), [(100.0, 1.0), (99.0, 1.0), (98.0, 0.0)])
def test_the_paper_s_reward_in_imagegame_is_all_or_nothing(
    f1: float, expected: float
) -> None:
    """A drawing counts from F1 99 on."""
    drawn = dataclasses.replace(episode("success", f1), game="imagegame")
    assert load_reward("paper")(drawn, -0.5) == expected


def test_a_shaped_reward_pays_for_keeping_the_format() -> None:
    """A later abort costs less; who ends otherwise has the score."""
    turns = [Turn("guesser", "", "") for _ in range(4)]
    aborted = [
        dataclasses.replace(episode("aborted", math.nan), turns=turns[:num])
        for num in (1, 2, 4)
    ]
    shaped = load_reward("shaped")
    given = [shaped(one, -1.0) for one in aborted]
    most = GAMES["taboo"].spec.max_turns
    assert given == [-1.0, -1 + 1 / most, -1 + 3 / most]
    assert shaped(episode("lose", 72.0), -1.0) == 0.72


def test_every_step_has_the_same_mix_of_seats() -> None:
    """Games and roles take turns, so that steps can be compared."""
    both = instances("taboo", 4) + instances("referencegame", 4)

    tasks = draw_tasks(both, SETTINGS, seed=0)

    assert [t.role for t in tasks] == ["guesser", "follower"] * 3
    assert len({t.name for t in tasks}) == 6


def test_every_seed_draws_its_own_tasks() -> None:
    """And every instance comes before any comes again."""
    taboo = instances("taboo", 6)
    settings = SETTINGS.model_copy(update={"roles": {"taboo": ["guesser"]}})

    drawn = [draw_tasks(taboo, settings, seed) for seed in (0, 0, 1)]

    assert drawn[0] == drawn[1] != drawn[2]
    assert len({task.name for task in drawn[0]}) == 6


def test_only_sampled_ids_are_trained_on(
    model: torch.nn.Module, chat: ChatTemplate
) -> None:
    """The mask covers what the learner sampled, in the order of its turns."""
    tasks = [Task(i, "guesser") for i in instances("taboo", 2)]
    rollouts = Rollouts(tasks, chat, SETTINGS, partner(1.0), seed=0)
    played = rollouts.play(tasks, model, step=0)
    tables = [one.table for one in played]

    fields = collect_fields(played, chat.end_of_turn)

    for place, table in enumerate(tables):
        turns = table.session.turns
        sampled = [i for t in turns if t.role == "guesser" for i in t.token_ids]
        ids, mask = fields["completion_ids"][place], fields["env_mask"][place]
        assert [i for i, m in zip(ids, mask, strict=True) if m] == sampled
        assert len(fields["logprobs"][place]) == len(ids)


def test_rollouts_repeat_with_the_step_and_differ_between_steps(
    model: torch.nn.Module, chat: ChatTemplate
) -> None:
    """A resumed step draws what it would have drawn; another step draws anew."""
    tasks = [Task(i, "follower") for i in instances("referencegame", 2)] * 2

    def replies(step: int) -> list[list[int]]:
        rollouts = Rollouts(tasks, chat, SETTINGS, partner(1.0), seed=0)
        played = rollouts.play(tasks, model, step)
        return [one.table.session.turns[-1].token_ids for one in played]

    assert replies(1) == replies(1)
    assert replies(1) != replies(2)
    assert replies(1)[0] != replies(1)[2], "members of a group differ"


def test_the_start_policy_is_a_partner_without_a_second_model(
    chat: ChatTemplate,
) -> None:
    """It answers as a copy of the start policy does, whatever the adapter learned."""
    model, _ = make_tiny_policy(hidden_size=32, layers=2)
    start = copy.deepcopy(model).eval()
    learner = adapted(model, "default")
    tasks = [Task(i, "first") for i in make_relay_instances(3)]
    seat = PolicySeat(Engine(start, chat.end_of_turn, temperature=0.0), chat)

    def replies(partner: MakeSeat | None) -> list[list[int]]:
        rollouts = Rollouts(tasks, chat, SETTINGS, partner, seed=0)
        played = rollouts.play(tasks, learner, step=0)
        return [t.token_ids for one in played for t in one.table.session.turns]

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(GAMES, "relay", RELAY)
        assert replies(None) == replies(lambda instance, role, seed: seat)


@pytest.mark.parametrize(
    ("kind", "policy_id", "has_adapter", "is_at_hand"),
    [
        ("policy", "base", True, True),
        ("policy", "base", False, False),
        ("policy", "other", True, False),
        ("expert", "base", True, False),
    ],
)
def test_only_a_start_policy_under_an_adapter_is_not_loaded_again(
    tiny_policy: Path, kind: str, policy_id: str, has_adapter: bool, is_at_hand: bool
) -> None:
    """Full weights are the start's only until they are trained: then it is loaded."""
    shutil.copytree(tiny_policy, tiny_policy.parent / "other")
    players = {"policy": PolicyPlayer(kind="policy")}
    players["expert"] = ExpertPlayer(kind="expert", skill=0.5)
    params = load_params(ROOT / "params.yaml")
    adapter = Adapter(enabled=has_adapter, rank=2, alpha=4)
    changes = {"adapter": adapter, "partners": [players[kind]]}
    settings = SETTINGS.model_copy(update=changes)

    partner = seat_partners(params, settings, "base", policy_id)

    assert (partner is None) == is_at_hand


def test_a_partner_that_is_a_policy_is_greedy(tiny_policy: Path) -> None:
    """It says the same whatever the seed."""
    params = load_params(ROOT / "params.yaml")
    settings = SETTINGS.model_copy(update={"partners": [PolicyPlayer(kind="policy")]})
    make_seat = seat_partners(params, settings, "sft/sft/0", "base")
    assert make_seat is not None
    instance = make_relay_instances(1)[0]
    said = []
    for seed in range(3):
        seats = {role: make_seat(instance, role, seed) for role in RELAY.spec.roles}
        names = dict.fromkeys(seats, "partner")
        table = make_table(RELAY, instance, seats, names, sample=0, seed=seed)
        list(play([table], 1))
        said.append([turn.token_ids for turn in table.session.turns])

    assert said[0] == said[1] == said[2]


def test_an_episode_that_an_aside_ends_is_the_learners() -> None:
    """Who broke the form in its first reply has moved, though its chat is empty."""
    data = GAMES["privateshared"].generate("restaurant", "train", 1, random.Random(0))
    instance = Instance("privateshared", "restaurant", "x", data[0])
    names = {"answerer": "learner"}
    table = make_table(GAMES["privateshared"], instance, {}, names, sample=0, seed=0)
    while table.session.role:
        table.session.reply("no form at all")

    assert not Rollout(table, Task(instance, "answerer")).is_partners_fault


@pytest.mark.parametrize(("num_said", "breaker"), [(2, "describer"), (1, "guesser")])
def test_whose_fault_an_abort_is(num_said: int, breaker: str) -> None:
    """The partner's even after the learner has moved; never what the learner broke."""
    names = {"describer": "partner", "guesser": "learner"}
    (instance,) = instances("taboo", 1)
    table = make_table(GAMES["taboo"], instance, {}, names, sample=0, seed=0)
    for text in ["CLUE: it is", "GUESS: no"][:num_said]:
        table.session.reply(text)
    table.session.reply("no form at all")

    assert table.session.episode().ended_by == breaker
    assert Rollout(table, Task(instance, "guesser")).is_partners_fault == (
        breaker == "describer"
    )


def test_what_the_partner_broke_is_drawn_again(
    model: torch.nn.Module, chat: ChatTemplate
) -> None:
    """An episode that the partner aborts is no evidence: another takes its place."""
    tasks = [Task(i, "guesser") for i in instances("taboo", 2)]
    made: list[int] = []

    def sometimes_mute(instance: Instance, role: str, seed: int) -> Seat:
        made.append(seed)
        expert = partner(1.0)(instance, role, seed)
        mute = ExpertSeat(lambda messages: "I would rather not")
        return expert if len(made) > 2 else mute

    rollouts = Rollouts(tasks, chat, SETTINGS, sometimes_mute, seed=0)
    played = rollouts.play(tasks, model, step=0)

    assert len(made) == len(set(made)) == 4
    assert all("guesser" in one.table.streams for one in played)


def test_what_the_partner_breaks_always_is_kept(
    model: torch.nn.Module, chat: ChatTemplate
) -> None:
    """After a few draws an episode is taken as it is, and trains on nothing."""
    tasks = [Task(i, "guesser") for i in instances("taboo", 1)]
    mute = ExpertSeat(lambda messages: "")
    rollouts = Rollouts(tasks, chat, SETTINGS, lambda *_: mute, seed=0)

    played = rollouts.play(tasks, model, step=0)

    assert played[0].table.session.episode().ended_by == "describer"
    assert not any(collect_fields(played, chat.end_of_turn)["env_mask"][0])


def test_what_the_partner_breaks_always_has_its_group_s_mean(
    model: torch.nn.Module, chat: ChatTemplate
) -> None:
    """So that its advantage is nothing, and the others' baseline is their own."""
    task = Task(instances("taboo", 1)[0], "guesser")
    rollouts = Rollouts([task], chat, SETTINGS, partner(1.0), seed=0)
    tables = []
    for replies in (["no form"], ["CLUE: it", "no form"]):
        names = {"describer": "partner", "guesser": "learner"}
        table = make_table(GAMES["taboo"], task.instance, {}, names, sample=0, seed=0)
        for reply in replies:
            table.session.reply(reply)
        tables.append(table)
    broken, own = (Rollout(table, task) for table in tables)

    assert rollouts._reward_all([broken, own]) == [-0.5, -0.5]
    assert rollouts._reward_all([broken, broken]) == [0.0, 0.0]


def test_without_partners_the_learner_plays_all_roles(
    model: torch.nn.Module, chat: ChatTemplate
) -> None:
    """The groups of an instance's roles share episodes; each trains on its own ids."""
    settings = SETTINGS.model_copy(
        update={"partners": [], "roles": {"taboo": ["describer", "guesser"]}}
    )
    tasks = draw_tasks(instances("taboo", 3), settings, seed=0)
    assert [t.role for t in tasks] == ["describer", "guesser"] * 3
    pairs = list(zip(tasks[::2], tasks[1::2], strict=True))
    assert all(a.instance == b.instance for a, b in pairs)
    assert len({a.instance.instance_id for a, _ in pairs}) == 3

    asked = [task for task in tasks[:2] for _ in range(2)]
    played = Rollouts(tasks, chat, settings, None, seed=0).play(asked, model, step=0)

    first, second, third, fourth = (one.table for one in played)
    assert first is third and second is fourth and first is not second
    fields = collect_fields(played, chat.end_of_turn)
    for place, one in enumerate(played):
        ids, mask = fields["completion_ids"][place], fields["env_mask"][place]
        said = [t for t in one.table.session.turns if t.role == one.role]
        sampled = [i for t in said for i in t.token_ids]
        assert [i for i, m in zip(ids, mask, strict=True) if m] == sampled
    assert check_logprobs(model, fields, [0, 1]) < 1e-4


def test_a_group_without_variance_is_replaced(
    model: torch.nn.Module, chat: ChatTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By another task of its game and role, as often as is said; others stay."""
    settings = SETTINGS.model_copy(update={"redraws": 3})
    tasks = [Task(i, "guesser") for i in instances("taboo", 6)]
    asked = [task for task in tasks[:2] for _ in range(2)]
    rollouts = Rollouts(tasks, chat, settings, partner(1.0), seed=0)
    played = rollouts.play(asked, model, step=0)
    kept = played[:2]
    is_kept = {id(one.table.session.episode().turns): n for n, one in enumerate(kept)}
    monkeypatch.setattr(
        rollouts, "_reward", lambda one, price: is_kept.get(id(one.turns), 7.0)
    )

    rollouts._replace_uniform_groups(played, model, 0, 1)

    assert played[:2] == kept
    assert played[2].task == played[3].task
    assert {one.task.name for one in played} <= {task.name for task in tasks}
    assert played[2].table is not played[3].table
    said = set()
    for number in (0, 1, 2):
        drawn = rollouts.play(asked, model, 0, again=number)
        said.add(repr([one.table.session.turns for one in drawn]))
    assert len(said) == 3, "each redraw of the same tasks has its own seed"


def test_an_instance_meets_one_partner_of_several(tiny_policy: Path) -> None:
    """Its group compares replies to the same partner; all partners play."""
    params = load_params(ROOT / "params.yaml")
    partners = [ExpertPlayer(kind="expert", skill=s) for s in (0.0, 1.0)]
    settings = SETTINGS.model_copy(update={"partners": partners})
    seat = seat_partners(params, settings, "sft/sft/0", "base")
    assert seat is not None
    met: dict[str, set[float]] = {}
    asked: list[float] = []

    def expert(instance: Instance, role: str, skill: float, rng: object) -> Player:
        asked.append(skill)
        return lambda messages: ""

    with pytest.MonkeyPatch.context() as patch:
        taboo = dataclasses.replace(GAMES["taboo"], expert=expert)
        patch.setitem(GAMES, "taboo", taboo)
        for instance in instances("taboo", 12):
            for seed in range(3):
                seat(instance, "describer", seed)
                met.setdefault(instance.instance_id, set()).add(asked[-1])
    assert all(len(skills) == 1 for skills in met.values())
    assert set.union(*met.values()) == {0.0, 1.0}


def test_a_reply_is_cut_off_where_params_say(
    model: torch.nn.Module, chat: ChatTemplate
) -> None:
    """An untrained policy does not end by itself."""
    tasks = [Task(i, "guesser") for i in instances("taboo", 2)]
    lengths = []
    for most in (None, 5):
        rollouts = Rollouts(
            tasks, chat, SETTINGS, partner(1.0), seed=0, max_reply_tokens=most
        )
        played = rollouts.play(tasks, model, step=0)
        turns = [t for one in played for t in one.table.session.turns if t.token_ids]
        lengths.append(max(len(turn.token_ids) for turn in turns))
    assert lengths == [GAMES["taboo"].spec.max_reply_tokens, 5]


def test_at_turn_level_a_group_differs_in_one_reply(
    model: torch.nn.Module, chat: ChatTemplate
) -> None:
    """Rollouts of a task share all up to one of the learner's turns, their prompt."""
    tasks = [Task(instances("codenames", 1)[0], "cluegiver")] * 4
    settings = SETTINGS.model_copy(update={"level": "turn"})
    rollouts = Rollouts(tasks, chat, settings, partner(1.0), seed=0)

    played = rollouts.play(tasks, model, step=0)
    fields = collect_fields(played, chat.end_of_turn)

    assert len({one.only for one in played}) == 1
    assert all(ids == fields["prompt_ids"][0] for ids in fields["prompt_ids"])
    replies = [one.table.session.turns[one.only].token_ids for one in played]
    assert fields["completion_ids"] == replies
    assert len(set(map(tuple, replies))) > 1
    assert all(map(all, fields["env_mask"]))
    assert check_logprobs(model, fields, range(4)) < 1e-4


def test_other_log_probabilities_are_refused(
    model: torch.nn.Module, chat: ChatTemplate
) -> None:
    """Training does not start when the trained model disagrees with the sampler."""
    tasks = [Task(i, "guesser") for i in instances("taboo", 2)]
    rollouts = Rollouts(tasks, chat, SETTINGS, partner(1.0), seed=0)
    fields = collect_fields(rollouts.play(tasks, model, 0), chat.end_of_turn)
    assert check_logprobs(model, fields, range(2)) < 1e-4
    other = make_tiny_policy(hidden_size=32, layers=2, seed=1)[0].eval()

    with pytest.raises(ArtifactError, match="log-probabilities"):
        check_logprobs(other, fields, range(2))
    check_logprobs(other, fields, [])

    fields["logprobs"][1][0] = float("nan")
    assert check_logprobs(model, fields, [0]) < 1e-4
    with pytest.raises(ArtifactError, match="differ by nan"):
        check_logprobs(model, fields, range(2))


TRAINS = pytest.mark.filterwarnings(
    "ignore:`is_gradient_check:FutureWarning", "ignore:You are using 'rollout_func'"
)


def trainer_of(
    kind: type[GRPOTrainer], folder: Path, fields: dict[str, list], steps: int = 4
) -> GRPOTrainer:
    """Return a trainer that plays the same two groups at every step."""
    policy = load_policy(folder, COMPUTE)
    config = GRPOConfig(
        output_dir="scratch", use_cpu=True, report_to="none", temperature=0.7, seed=0,
        per_device_train_batch_size=3, gradient_accumulation_steps=2, beta=0.1,
        num_generations=3, bf16=False, activation_checkpointing=False,
        max_steps=steps,
        learning_rate=1e-2, logging_steps=1, save_strategy="no", shuffle_dataset=False,
        remove_unused_columns=False, loss_type="grpo", max_completion_length=64,
    )  # fmt: skip
    torch.manual_seed(0)
    return kind(
        policy.model,
        reward_funcs=lambda prompts, completions, **given: given["episode_reward"],
        args=config,
        train_dataset=Dataset.from_list([{"prompt": str(n)} for n in range(8)]),
        processing_class=policy.tokenizer,
        peft_config=configure_adapter(SETTINGS.adapter),
        rollout_func=lambda prompts, trainer: dict(fields),
    )


def two_groups() -> dict[str, list]:
    """Return rollouts of different lengths, with ids that were not sampled between."""
    rng = random.Random(0)

    def ids(num: int) -> list[int]:
        return [rng.randrange(250) for _ in range(num)]

    prompts, sizes = [ids(20), ids(9)], [5, 9, 12, 4, 7, 7]
    masks = [[1] * 3 + [0] * (size - 4) + [1] for size in sizes]
    return {
        "prompt_ids": [prompts[place // 3] for place in range(6)],
        "completion_ids": [ids(size) for size in sizes],
        "logprobs": [[0.0] * size for size in sizes],
        "env_mask": masks,
        "episode_reward": [0.0, 1.0, 0.5, 1.0, 1.0, 0.0],
    }


@TRAINS
def test_groups_in_one_pass_train_as_trls_own_way(tiny_policy: Path) -> None:
    """Loss, KL, entropy and gradient norm of a whole training, step by step."""
    curves = []
    for kind in (GRPOTrainer, GroupedGRPOTrainer):
        trainer = trainer_of(kind, tiny_policy, two_groups())
        if kind is GroupedGRPOTrainer:
            share_prefixes(trainer.model.get_base_model(), temperature=0.7)
        trainer.train()
        curves.append([log for log in trainer.state.log_history if "loss" in log])

    assert len(curves[0]) == len(curves[1]) == 4
    assert curves[0][-1]["kl"] > 1e-3, "something is learned"
    for theirs, ours in zip(*curves, strict=True):
        for name in ("loss", "kl", "entropy", "grad_norm"):
            assert float(ours[name]) == pytest.approx(float(theirs[name]), 1e-4, 1e-4)


@TRAINS
def test_a_group_is_one_pass(tiny_policy: Path) -> None:
    """The learner and its reference see a group's prompt once, not once a rollout."""
    trainer = trainer_of(GroupedGRPOTrainer, tiny_policy, two_groups(), steps=1)
    base = trainer.model.get_base_model()
    share_prefixes(base)
    seen: list[int] = []
    base.get_input_embeddings().register_forward_pre_hook(
        lambda _, given: seen.append(given[0].numel())
    )

    trainer.train()

    expected = [20 + sum((5, 9, 12)) - 3, 9 + sum((4, 7, 7)) - 3]
    assert seen == expected * 2
