"""The whole report: who is better comes out better, and a format is called no skill."""

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from games.contract import Instance, Message
from games.registry import GAMES
from games.session import Episode, Session
from stages.benchmarks.__main__ import write_results
from stages.benchmarks.evaluate import TaskResult
from stages.common.episodes import write_episodes
from stages.instances.sources import generate
from stages.report.__main__ import main
from stages.report.claims import judge_balance, judge_cost, judge_gain, judge_no_gain
from stages.report.estimates import Change, Estimate
from stages.report.evidence import YARDSTICKS
from stages.yardsticks.__main__ import list_lineups, play
from tests.stages.small import set_params

HELD_IN, HELD_OUT = ["referencegame"], ["guesswhat"]
PLAYERS = ["blind/constant", "blind/uniform", "blind/frequent", "expert"]
POLICIES = ["base", "sft/sft/0", "dpo/dpo-turn/0"]
Reply = Callable[[Instance, str, list[Message]], str]


@pytest.fixture
def instances(project: Path) -> list[Instance]:
    """List instances of a held-in and a held-out game, with what yardsticks play."""
    made = [
        one
        for game in HELD_IN + HELD_OUT
        for one in generate(GAMES[game], "test", 48, 3)
    ]
    write_episodes(
        YARDSTICKS,
        [
            play(one, names, {}, seed)
            for seed, one in enumerate(made)
            for names in list_lineups(GAMES[one.game].spec.roles, PLAYERS)
            if len({*names.values()}) == 1
        ],
    )
    set_params(
        play__variants=["self"],
        games={"held_in": HELD_IN, "held_out": HELD_OUT, "max_reply_tokens": None},
        policies=POLICIES,
        report={"confidence": 0.95, "difference": 9.0, "readme": False},
        grpo__common__roles={"referencegame": ["follower"]},
        dpo__common__start="sft/sft",
    )
    return made


def answer(text: str) -> Reply:
    """Follow any expression with the same answer; obey the forms elsewhere."""

    def reply(instance: Instance, role: str, messages: list[Message]) -> str:
        if role == "follower":
            return f"Answer: {text}"
        return GAMES[instance.game].blind(instance, role, messages)[0]

    return reply


def break_forms(instance: Instance, role: str, messages: list[Message]) -> str:
    """Obey no form, as an untrained model does."""
    return "Hello, I am glad to help."


def played(policy: str, instances: list[Instance], reply: Reply | None) -> None:
    """Write what a scripted policy plays (None: the expert) and its benchmarks."""
    episodes: list[Episode] = []
    for seed, one in enumerate(instances):
        roles = GAMES[one.game].spec.roles
        if reply is None:
            episode = play(one, dict.fromkeys(roles, "expert"), {}, seed)
        else:
            session = Session(GAMES[one.game], one, dict.fromkeys(roles, policy))
            while session.role is not None:
                session.reply(reply(one, session.role, session.messages()))
            episode = session.episode()
        episodes.append(episode)
    write_episodes(Path("data/play/self") / policy / "episodes.parquet", episodes)
    correct = [1.0] * 90 + [0.0] * 10
    results = {"own_facts": [TaskResult("own_facts", 0.25, correct)]}
    write_results(Path("data/benchmarks") / policy, results)


def read_results() -> tuple[dict, str]:
    """Read what the report wrote."""
    return (
        json.loads(Path("data/report/details.json").read_text()),
        Path("data/report/table.md").read_text(),
    )


def test_a_learner_that_is_better_comes_out_better(instances: list[Instance]) -> None:
    """From breaking forms to playing like the expert: supported, 100 on the scale."""
    played("base", instances, break_forms)
    for policy in POLICIES[1:]:
        played(policy, instances, None)
    main()
    metrics, table = read_results()
    assert metrics["verdicts"]["sft_lifts"] == {"sft/sft": "supported"}
    assert metrics["verdicts"]["sft_costs"] == {"sft/sft": "not supported"}
    assert metrics["verdicts"]["dpo_adds_nothing"] == {"dpo/dpo-turn": "supported"}
    assert metrics["sft/sft"]["held_in"]["above_chance"]["point"] > 90
    assert "no such policy among the rows | not tested" in table
    assert "; constant in" not in table


def test_who_obeys_a_format_is_not_called_skilled(instances: list[Instance]) -> None:
    """Always "third" has a third of the targets, a gain of 33, and no skill."""
    played("base", instances, break_forms)
    for policy in POLICIES[1:]:
        played(policy, instances, answer("third"))
    main()
    metrics, table = read_results()
    gain = metrics["sft/sft"]["delta"]["base"]["held_in"]["product"]
    assert gain["label"] == "higher" and gain["delta"] == pytest.approx(33.33, abs=0.1)
    assert metrics["verdicts"]["sft_lifts"]["sft/sft"] != "supported"
    above = metrics["sft/sft"]["held_in"]["above_chance"]
    assert above["low"] < 0 < above["high"] and abs(above["point"]) < 0.1
    assert "constant in referencegame" in table
    assert "| referencegame, follower | `Answer: third` | 100 % of 48 | 3" in table


def test_chance_is_the_best_blind_player(instances: list[Instance]) -> None:
    """Other blind players are at 0 or below, the expert is at 100."""
    for policy in POLICIES:
        played(policy, instances, break_forms)
    main()
    metrics, _ = read_results()
    for suite in ("held_in", "held_out"):
        points = [metrics[name][suite]["above_chance"]["point"] for name in PLAYERS]
        assert max(points[:3]) == 0 and points[3] == 100


def test_a_loss_is_a_cost(instances: list[Instance]) -> None:
    """Who could play unseen games and cannot any more has lost something."""
    played("base", instances, None)
    for policy in POLICIES[1:]:
        played(policy, instances, break_forms)
    main()
    metrics, _ = read_results()
    assert metrics["verdicts"]["sft_costs"]["sft/sft"] == "supported"
    assert metrics["verdicts"]["sft_lifts"]["sft/sft"] == "not supported"


def test_yardsticks_that_lack_an_instance_are_refused(
    instances: list[Instance],
) -> None:
    """Chance is measured on the very instances."""
    for policy in POLICIES:
        played(policy, instances, break_forms)
    pq.write_table(pq.read_table(YARDSTICKS).slice(4), YARDSTICKS)
    with pytest.raises(Exception, match="lacks instances that policies have played"):
        main()


def change(low: float, high: float, adjusted: float) -> Change:
    """Make a change of so many points."""
    estimate = Estimate((low + high) / 200, low / 100, high / 100)
    return Change(estimate, adjusted, adjusted, 0.1, 0.05)


@pytest.mark.parametrize(
    ("leg", "gain", "cost", "none"),
    [
        ((10, 20, 0.01), "supported", "not supported", "not supported"),
        ((-20, -10, 0.01), "not supported", "supported", "supported"),
        ((-2, 3, 1.0), "not supported", "not supported", "supported"),
        ((-15, 15, 1.0), "undecided", "undecided", "undecided"),
        ((1, 15, 0.2), "undecided", "not supported", "undecided"),
    ],
)
def test_a_verdict_follows_from_label_and_interval(
    leg: tuple[float, float, float], gain: str, cost: str, none: str
) -> None:
    """What is undecided could still be as large as counts, and is not for sure."""
    legs = {"unseen games": change(*leg)}
    assert judge_gain(legs, 9).startswith(gain)
    assert judge_cost(legs, 9).startswith(cost)
    assert judge_no_gain(legs, 9).startswith(none)


def test_balance_needs_gains_without_a_loss() -> None:
    """A loss on the benchmarks refutes it, and one that may be leaves it open."""
    up, level = change(10, 20, 0.01), change(-2, 2, 1)
    assert judge_balance({"games": up, "benchmarks": level}, 9) == "supported"
    open_loss = judge_balance({"games": up, "benchmarks": change(-20, 2, 0.1)}, 9)
    assert open_loss.startswith("undecided")
    loss = judge_balance({"games": up, "benchmarks": change(-20, -5, 0.01)}, 9)
    assert loss == "not supported"
