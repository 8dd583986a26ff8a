"""The speed of self-play: what it plays, and what it says of peers."""

import json
from pathlib import Path

import pytest

from games.session import play_episode
from stages.base.tiny import make_tiny_policy
from stages.common.chat import ChatTemplate
from stages.common.policy import Policy
from stages.engines.local.engine import Engine
from stages.tools.selfplay_speed import here
from stages.tools.selfplay_speed.__main__ import list_lines, run_peer
from stages.tools.selfplay_speed.limit import measure_limit
from stages.tools.selfplay_speed.relay import GAME, ROLES, make_relay_instances, shorten
from stages.tools.selfplay_speed.workload import Workload, play_relay

SPEED = {"tokens": 300, "seconds": 3.0, "tokens_per_second": 100.0}


def test_an_episode_of_relay_has_four_turns_whatever_is_said() -> None:
    """Each role sees its game's prompt once, and then what the other said."""
    (instance,) = make_relay_instances(1)
    first, second = instance.data["prompts"]

    episode = play_episode(GAME, instance, dict.fromkeys(ROLES, lambda chat: "so"))

    contexts = [turn.context for turn in episode.turns]
    assert contexts == [first, f"{second}\n\nso", "so", "so"]
    assert episode.outcome == "success"


def test_instances_take_turns_between_the_games() -> None:
    """Every game's prompts are there, and the same seed gives the same ones."""
    instances = make_relay_instances(6)

    assert [i.variant for i in instances[:3]] == [i.variant for i in instances[3:]]
    assert len({i.variant for i in instances}) == 3
    assert instances == make_relay_instances(6)


def test_peers_read_all_that_is_played(tmp_path: Path) -> None:
    """The workload's file has a pair of prompts for each episode."""
    path = tmp_path / "workload.json"
    workload = Workload("folder", "float32", 2, "<end>", 4, 1)
    workload.write(path)

    written = json.loads(path.read_text())
    assert written["prompts"] == [i.data["prompts"] for i in make_relay_instances(4)]
    assert Workload(**{k: v for k, v in written.items() if k != "prompts"}) == workload


def test_an_absent_peer_is_said_to_be_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is measured in its place."""
    monkeypatch.chdir(tmp_path)
    measured = dict.fromkeys(["ours", "one_at_a_time", "bare_decoding"], SPEED)
    measured |= {"clemcore": run_peer("clemcore", tmp_path), "vllm": None}
    measured |= {"clemcore_single": None, "grpo_step": None}

    lines = list_lines(
        measured | {"scheduler_share": 0.01, "finished_episodes_mb": 20.0}
    )

    absent = [what for what, value, *_ in lines if value == "not measured"]
    assert len(absent) == 3
    assert ("bare decoding of the model", "100 tokens/s", "1.00", "0.7") in lines
    assert ("scheduler, of wall time", "1.00 %", "", "under 2 %") in lines


def test_what_is_measured_here_is_counted_as_played() -> None:
    """Tokens are those of the replies, and finished episodes take memory."""
    model, tokenizer = make_tiny_policy(hidden_size=32, layers=2)
    policy = Policy(model.eval(), tokenizer, ChatTemplate(tokenizer))
    engine = Engine(policy.model, policy.chat.end_of_turn, temperature=1.0)

    speed, tables = play_relay(
        engine, policy.chat, make_relay_instances(3), 2, shorten(5)
    )

    said = [turn.token_ids for table in tables for turn in table.session.turns]
    assert len(said) == 12
    assert speed.tokens == sum(map(len, said))
    assert here.measure_memory(policy, tables) > 1


def test_the_limit_of_linear_layers_is_measured() -> None:
    """All ids that went through the model are counted, in shares of the whole time."""
    model, tokenizer = make_tiny_policy(hidden_size=32, layers=2)
    policy = Policy(model.eval(), tokenizer, ChatTemplate(tokenizer))

    found = measure_limit(policy, 3)

    assert 0 < found.linear_share < 1
    assert 0 < found.attention_share < 1 - found.linear_share
    assert found.ids > 3 * 4
    assert found.gflop_per_second > 0
    assert found.most_gflop_per_second > 0
