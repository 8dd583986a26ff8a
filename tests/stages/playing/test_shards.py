"""Shards: made once, joined to the same bytes, gone once their artifact is there."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from games.errors import ArtifactError
from games.session import Episode
from stages.common import episodes as stored
from stages.common.episodes import read_episodes
from stages.common.policy import load_policy
from stages.engines.local.engine import Engine
from stages.playing.seats import PolicySeat
from stages.playing.shards import Meter, Shards, play_in_shards
from stages.playing.table import Table, make_table
from stages.tools.selfplay_speed.relay import GAME, ROLES, make_relay_instances
from tests.stages.material import COMPUTE, episode

NUM_JOBS, SHARD_SIZE = 7, 3
ARTIFACT, SCRATCH = Path("data/episodes.parquet"), Path("scratch/here/key")


def make_episode(job: int) -> Episode:
    """Return the episode of a job."""
    return episode(("describer", f"prompt {job}", f"CLUE: {job}"), instance_id=str(job))


def play_all(
    *, stop_at: int | None = None, key: str = "key"
) -> tuple[Shards, list[int]]:
    """Play some jobs in shards; return the shards, and the jobs that were played."""
    played: list[int] = []

    def play_jobs(jobs: Sequence[int], meter: Meter) -> list[Episode]:
        if stop_at in jobs:
            raise KeyboardInterrupt
        played.extend(jobs)
        return [make_episode(job) for job in jobs]

    shards = play_in_shards(
        "here", key, range(NUM_JOBS), play_jobs, shard_size=SHARD_SIZE, batch_size=2
    )
    return shards, played


def test_all_jobs_come_out_in_order(project: Path) -> None:
    """Every job is in the artifact once, the last shard a short one."""
    shards, played = play_all()
    shards.join(ARTIFACT)

    assert played == list(range(NUM_JOBS))
    assert read_episodes(ARTIFACT) == [make_episode(job) for job in played]


def test_shards_are_made_once(project: Path, capsys: pytest.CaptureFixture) -> None:
    """After a stop only what is missing is made, to the bytes of a quiet run."""
    quiet, _ = play_all(key="quiet")
    quiet.join(Path("quiet.parquet"))
    with pytest.raises(KeyboardInterrupt):
        play_all(stop_at=4)
    assert "resuming" not in capsys.readouterr().out

    shards, played = play_all()
    shards.join(ARTIFACT)

    assert "resuming here: 1 of 3 shards are done" in capsys.readouterr().out
    assert played == [3, 4, 5, 6]
    assert ARTIFACT.read_bytes() == Path("quiet.parquet").read_bytes()


def test_shards_of_another_key_are_not_taken(project: Path) -> None:
    """What decides the episodes names the folder: all is played anew."""
    play_all(key="one")

    assert play_all(key="other")[1] == list(range(NUM_JOBS))
    assert play_all(key="one")[1] == []


def test_no_episode_is_converted_twice(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Joining copies columns: nothing of a shard becomes a Python object again."""
    shards, _ = play_all()
    monkeypatch.setattr(stored, "Episode", None)
    monkeypatch.setattr(stored, "Turn", None)
    monkeypatch.setattr(stored.dataclasses, "asdict", None)

    shards.join(ARTIFACT)

    file = pq.ParquetFile(ARTIFACT).metadata
    sizes = [file.row_group(n).num_rows for n in range(file.num_row_groups)]
    assert sizes == [3, 3, 1]


def test_what_is_done_is_gone_from_scratch(project: Path) -> None:
    """Discarded shards are no result of a later run; kept ones are."""
    shards, _ = play_all()
    shards.join(ARTIFACT)
    assert play_all()[1] == []

    shards.discard()

    assert not [path for path in Path("scratch").rglob("*") if path.is_file()]
    assert ARTIFACT.exists()
    assert play_all()[1] == list(range(NUM_JOBS))


def test_a_shard_never_counts_without_its_cost(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed while shards are deleted, a run finds no shard whose cost is gone."""
    shards, _ = play_all()
    monkeypatch.setattr("shutil.rmtree", lambda *_, **__: None)

    shards.discard()

    assert sorted(path.suffix for path in SCRATCH.iterdir()) == [".json"] * 3
    assert Shards(SCRATCH, 3).missing == [0, 1, 2]


def test_a_missing_shard_leaves_no_artifact(project: Path) -> None:
    """The artifact is there whole or not at all."""
    shards, _ = play_all()
    next(SCRATCH.glob("00002-*.parquet")).unlink()

    with pytest.raises(ArtifactError, match=r"00002-of-00003.parquet is missing"):
        shards.join(ARTIFACT)

    assert list(ARTIFACT.parent.iterdir()) == []


def test_a_damaged_shard_is_made_again(
    project: Path, capsys: pytest.CaptureFixture
) -> None:
    """Bytes that are no episodes are said, deleted, and played again."""
    play_all()
    path = next(SCRATCH.glob("00001-*.parquet"))
    path.write_bytes(b"not a file of episodes")

    assert play_all()[1] == [3, 4, 5]
    assert f"{path} is damaged" in capsys.readouterr().out


def make_seat(folder: Path) -> PolicySeat:
    """Return a seat for a policy."""
    policy = load_policy(folder, COMPUTE)
    engine = Engine(policy.model, policy.chat.end_of_turn, temperature=1.0)
    return PolicySeat(engine, policy.chat)


def make_relay(seat: PolicySeat, job: int) -> Table:
    """Return a table at which a policy passes on what it says itself."""
    seats, names = dict.fromkeys(ROLES, seat), dict.fromkeys(ROLES, "policy")
    return make_table(
        GAME, make_relay_instances(4)[job], seats, names, sample=0, seed=job
    )


def test_every_shard_starts_with_empty_caches(
    project: Path, tiny_policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backend is reset once a shard, and each shard tells its own tokens."""
    seat, resets, tokens = make_seat(tiny_policy), [], []
    engine, reset = seat.backend, seat.backend.reset

    def count() -> None:
        resets.append(engine.tokens.sampled)
        reset()

    def play_jobs(jobs: Sequence[int], meter: Meter) -> list[Episode]:
        tables = [make_relay(seat, job) for job in jobs]
        meter.play(tables[:1])
        meter.play(tables[1:], shown=False)
        tokens.append(meter.cost.sampled_tokens)
        return [table.session.episode() for table in tables]

    monkeypatch.setattr(engine, "reset", count)
    shards = play_in_shards(
        "here", "key", range(4), play_jobs, shard_size=2, batch_size=2
    )

    assert resets == [0, tokens[0]]
    assert min(tokens) > 0
    assert shards.cost.sampled_tokens == sum(tokens) == engine.tokens.sampled
    shards.join(ARTIFACT)
    turns = [turn for one in read_episodes(ARTIFACT) for turn in one.turns]
    assert sum(len(turn.token_ids) for turn in turns) == sum(tokens)
