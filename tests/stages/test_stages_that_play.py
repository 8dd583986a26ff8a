"""Self-play and evaluation: what they leave on disk, and when scratch is deleted."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from games.code import hash_code
from games.contract import Instance
from games.registry import GAMES
from pipeline.params.packages import list_versions
from stages.common.cost import locate_cost, read_cost
from stages.common.episodes import read_episodes
from stages.common.files import SCRATCH, read_json, write_json
from stages.common.games import locate_code
from stages.common.instances import locate_instances, write_instances
from stages.common.packages import VERSIONS
from stages.play import __main__ as play
from stages.selfplay import __main__ as selfplay

ROOT = Path(__file__).parents[2]
NUM = 3
MAINS: dict[str, Callable[[], None]] = {
    "selfplay": selfplay.main,
    "play/self/base": play.main,
}
SUMMARIES = {"selfplay": "metrics.json", "play/self/base": "scores.json"}


def make_instances(name: str, split: str) -> list[Instance]:
    """Make some instances of a game."""
    game, rng = GAMES[name], random.Random(0)
    variant = game.spec.variants[0]
    data = game.generate(variant, split, NUM, rng)
    return [Instance(name, variant, f"{n}", one) for n, one in enumerate(data)]


@pytest.fixture
def study(tiny_policy: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a study of two games on a tiny policy, which plays with an expert."""
    write_json(VERSIONS, list_versions())
    write_json(locate_code("held_in"), hash_code(["taboo"]))
    write_json(locate_code("held_out"), hash_code(["referencegame"]))
    for split in ("train", "test"):
        write_instances(locate_instances(split), make_instances("taboo", split))
    held_out = make_instances("referencegame", "test")
    write_instances(locate_instances("held_out"), held_out)
    yaml = YAML(typ="safe")
    params = yaml.load(ROOT / "params.yaml")
    params["games"] |= {"held_in": ["taboo"], "held_out": ["referencegame"]}
    params["grpo"]["common"]["roles"] = {"taboo": ["guesser"]}
    params["selfplay"] |= {"learner": "warmup/formats", "shard_size": 2}
    shutil.copytree(tiny_policy, tiny_policy.parent / "warmup/formats")
    params["selfplay"]["pairings"] = [
        {"players": ["skilled", "skilled"], "samples": 1},
        {"players": ["skilled", "learner"], "samples": 1},
    ]
    params["play"]["common"] |= {"shard_size": 2}
    yaml.dump(params, project / "params.yaml")
    monkeypatch.setattr(
        "sys.argv", ["stages.play", "--lineup", "self", "--policy", "base"]
    )


def find_shards(stage: str) -> list[Path]:
    """Return the files that a stage has in scratch."""
    return [path for path in (SCRATCH / stage).rglob("*") if path.is_file()]


def read_all(stage: str) -> dict[str, bytes]:
    """Return what a stage has made, file by file; its costs differ in seconds."""
    folder = Path("data") / stage
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("stage", MAINS)
def test_a_stage_that_is_done_leaves_nothing_in_scratch(
    stage: str, study: None
) -> None:
    """Played anew from nothing, it makes the same bytes."""
    MAINS[stage]()

    made = read_all(stage)
    assert set(made) == {"episodes.parquet", SUMMARIES[stage]}
    assert read_cost(locate_cost(stage)).sampled_tokens > 0
    assert not find_shards(stage)
    shutil.rmtree(Path("data") / stage)
    MAINS[stage]()
    assert read_all(stage) == made


@pytest.mark.parametrize("stage", MAINS)
def test_scratch_is_kept_until_all_is_on_disk(
    stage: str,
    study: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    """Stopped before its last file is written, a stage plays nothing again."""
    module = selfplay if stage == "selfplay" else play

    def stop(path: Path) -> Path:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module, "locate_cost", stop)
        with pytest.raises(KeyboardInterrupt):
            MAINS[stage]()
    made, kept = read_all(stage), find_shards(stage)
    assert kept
    capsys.readouterr()

    MAINS[stage]()

    num = len(kept) // 2  # each shard has a file of episodes and one of its cost
    assert (
        f"resuming {stage}: {num} of {num} shards are done" in capsys.readouterr().out
    )
    assert read_all(stage) == made
    assert read_cost(locate_cost(stage)).sampled_tokens > 0
    assert not find_shards(stage)


def test_self_play_seats_the_players_that_are_named(study: None) -> None:
    """The learner's replies have ids, an expert's have none; only its turns branch.

    It samples: continuations of a turn differ. No other policy is needed.
    """
    shutil.rmtree("data/base")
    selfplay.main()

    episodes = read_episodes(selfplay.EPISODES)
    for episode in episodes:
        for turn in episode.turns:
            is_learner = episode.players[turn.role] == "learner"
            assert bool(turn.token_ids) == is_learner
        if episode.branch >= 0:
            branched = episode.turns[episode.branch].role
            assert episode.players[branched] == "learner"
    branches = [e for e in episodes if e.branch >= 0]
    assert branches
    assert len({e.turns[e.branch].reply for e in branches}) == len(branches)
    whole = [e for e in episodes if e.branch < 0]
    assert len(whole) == 2 * NUM
    metrics = read_json(selfplay.FOLDER / "metrics.json")["taboo"]
    assert metrics["skilled-skilled"]["won"] == 100.0
    assert metrics["skilled-learner"]["branches"] == len(episodes) - len(whole)


def test_a_policy_is_evaluated_in_every_role_on_the_test_split(study: None) -> None:
    """One episode an instance, of the games trained on and of the others."""
    play.main()

    episodes = read_episodes(Path("data/play/self/base/episodes.parquet"))
    assert [e.game for e in episodes] == ["taboo"] * NUM + ["referencegame"] * NUM
    for episode in episodes:
        assert set(episode.players.values()) == {"base"}
        assert all(turn.token_ids for turn in episode.turns if turn.kind != "given")
    scores = read_json(Path("data/play/self/base/scores.json"))
    assert set(scores["held_in"]["games"]) == {"taboo"}
    assert set(scores["held_out"]["games"]) == {"referencegame"}
