"""What can go wrong while episodes are played: nothing is lost, nothing comes twice."""

import errno
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Hashable, Sequence
from contextlib import chdir
from pathlib import Path

import pytest
import torch
from transformers import PreTrainedTokenizerBase

from games.contract import Instance
from games.errors import ArtifactError
from games.registry import GAMES
from games.session import Episode
from stages.base.tiny import make_tiny_policy
from stages.common.chat import ChatTemplate
from stages.common.seeds import derive_seed
from stages.engines.backend import Reply
from stages.engines.local.engine import Engine
from stages.playing.seats import PolicySeat
from stages.playing.shards import Meter, Shards, play_in_shards
from stages.playing.table import Table, make_table, play

NUM_SHARDS, SHARD_SIZE, KILLS = 6, 3, 20
GAME = GAMES["taboo"]
DATA = GAME.generate("high_en", "train", NUM_SHARDS * SHARD_SIZE, random.Random(0))
JOBS = [Instance("taboo", "high_en", str(n), data) for n, data in enumerate(DATA)]
SCRATCH, ARTIFACT = Path("scratch/faults/key"), Path("data/episodes.parquet")


def seat(*, positions: int = 4096, end: int | None = None) -> PolicySeat:
    """Return a seat for a tiny untrained policy; `end` is an end of turn of one's own.

    It has room for so many positions.
    """
    model, tokenizer = make_tiny_policy(hidden_size=32, layers=2)
    model.config.max_position_embeddings = positions
    chat = ChatTemplate(tokenizer)
    end = chat.end_of_turn if end is None else end
    return PolicySeat(Engine(model.eval(), end, temperature=1.0), chat)


def make_tables(policy: PolicySeat, jobs: Sequence[Instance]) -> list[Table]:
    """Return a table for each job: the policy in both roles."""
    names = dict.fromkeys(GAME.spec.roles, "policy")
    seats = dict.fromkeys(GAME.spec.roles, policy)
    return [
        make_table(GAME, job, seats, names, sample=0, seed=derive_seed(job.instance_id))
        for job in jobs
    ]


def play_jobs(policy: PolicySeat, jobs: Sequence[Instance]) -> list[Episode]:
    """Play some jobs at once; return their episodes, in order."""
    tables = make_tables(policy, jobs)
    assert len(list(play(tables, len(tables)))) == len(tables)
    return [table.session.episode() for table in tables]


def play_all(project: Path, *, discard: bool = False) -> bytes:
    """Play every shard that is not there yet; return the bytes of the artifact."""
    torch.set_num_threads(1)
    policy = seat()

    def play_shard(jobs: Sequence[Instance], meter: Meter) -> list[Episode]:
        tables = make_tables(policy, jobs)
        meter.play(tables)
        return [table.session.episode() for table in tables]

    project.mkdir(exist_ok=True)
    with chdir(project):
        shards = play_in_shards(
            "faults", "key", JOBS, play_shard, shard_size=SHARD_SIZE, batch_size=2
        )
        shards.join(ARTIFACT)
        if discard:
            shards.discard()
        return ARTIFACT.read_bytes()


def in_a_process(work: Callable[[], None], kill_after: float | None = None) -> bool:
    """Do some work in a forked process; return whether it was done before the kill."""
    child = os.fork()
    if not child:
        try:
            work()
            os._exit(0)
        except BaseException:
            os._exit(1)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return not os.WIFSIGNALED(status)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
def test_any_number_of_kills_gives_the_same_bytes(tmp_path: Path) -> None:
    """Killed at 20 random moments, self-play ends as if nothing had happened."""
    quiet, killed = tmp_path / "quiet", tmp_path / "killed"
    start = time.monotonic()
    assert in_a_process(lambda: play_all(quiet))
    seconds = time.monotonic() - start
    moments = random.Random(0)

    for _ in range(KILLS):
        # resumed runs are shorter: begin again with some of the shards now and then
        for path in list((killed / SCRATCH).glob("*.parquet")):
            if moments.random() < 0.5:
                path.unlink()
        in_a_process(lambda: play_all(killed), moments.uniform(0, seconds))
    assert in_a_process(lambda: play_all(killed, discard=True))

    assert (killed / ARTIFACT).read_bytes() == (quiet / ARTIFACT).read_bytes()
    assert not (killed / SCRATCH).exists()


def test_a_truncated_shard_is_played_again(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    """What a power cut tore is said, deleted and made anew, to the same bytes."""
    whole = play_all(tmp_path)
    torn = sorted((tmp_path / SCRATCH).glob("*.parquet"))[2]
    torn.write_bytes(torn.read_bytes()[:-40])

    again = play_all(tmp_path)

    assert f"{torn.relative_to(tmp_path)} is damaged" in capsys.readouterr().out
    assert again == whole


def test_a_full_disk_keeps_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shard that cannot be written is one sentence; the earlier ones are resumed."""
    whole = play_all(tmp_path / "quiet")
    fsync, written = os.fsync, []

    def full(file: int) -> None:
        written.append(file)
        if len(written) > 4:  # each shard has a file of episodes and one of its cost
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        fsync(file)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(ArtifactError, match=r"No space left.*free some disk space"):
            play_all(tmp_path / "full")

    scratch = tmp_path / "full" / SCRATCH
    assert Shards(scratch, NUM_SHARDS).missing == [2, 3, 4, 5]
    assert play_all(tmp_path / "full") == whole


def test_a_turn_that_never_ends_is_cut_off() -> None:
    """A policy that never says it is done has said what fits, and is judged by it."""
    policy = seat(end=1000)

    episodes = play_jobs(policy, JOBS[:SHARD_SIZE])

    for episode in episodes:
        assert len(episode.turns[0].token_ids) == GAME.spec.max_reply_tokens
        assert episode.outcome == "aborted"


def test_a_context_that_overflows_has_a_defined_outcome() -> None:
    """When a chat outgrows the model its replies are empty, and the game judges."""
    policy = seat(positions=8)

    episodes = play_jobs(policy, JOBS[:SHARD_SIZE])

    assert [e.turns[-1].reply for e in episodes] == [""] * SHARD_SIZE
    assert {e.outcome for e in episodes} == {"aborted"}


class Wordy(Engine):
    """An engine that says something well-formed wherever it has room to reply."""

    def collect(self) -> list[tuple[Hashable, Reply]]:
        """Replace each reply that is not empty by a clue or a guess."""
        said = {"describer": b"CLUE: it is a thing", "guesser": b"GUESS: perhaps"}
        tokenizer = make_tiny_policy(hidden_size=32, layers=2)[1]
        return [
            (session, self._saying(tokenizer, said[session[1]]) if reply.ids else reply)
            for session, reply in super().collect()
        ]

    def _saying(self, tokenizer: PreTrainedTokenizerBase, text: bytes) -> Reply:
        ids = [*tokenizer(text.decode())["input_ids"], *self._ends]
        return Reply(ids, [0.0] * len(ids))


def test_a_context_may_overflow_in_the_middle() -> None:
    """The first turns are played as ever; the one without room left ends it."""
    model, tokenizer = make_tiny_policy(hidden_size=32, layers=2)
    chat = ChatTemplate(tokenizer)
    roomy = PolicySeat(Wordy(model.eval(), chat.end_of_turn, temperature=1.0), chat)
    (whole,) = play_jobs(roomy, JOBS[:1])
    assert (whole.outcome, len(whole.turns)) == ("lose", 6)

    first = [{"role": "user", "content": whole.turns[0].context}]
    model.config.max_position_embeddings = len(chat.encode_prompt(first)) + 60
    tight = PolicySeat(Wordy(model, chat.end_of_turn, temperature=1.0), chat)
    (cut,) = play_jobs(tight, JOBS[:1])

    assert cut.outcome == "aborted"
    assert cut.turns[-1].reply == ""
    assert 1 < len(cut.turns) < 6
