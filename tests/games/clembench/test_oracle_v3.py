"""Real result folders of clemcore 3.7.2: what we read, judge and write of them.

The folders lie beside the repository and are read where they are; without them the
tests are skipped.
"""

import math
import tarfile
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from games.clembench import read
from games.clembench.layouts import Layout
from games.clembench.read import read_results
from games.clembench.rescore import has_same_end, rescore
from games.clembench.write import replay_episode, write_results
from games.contract import GameMaster, Instance, Kind
from games.registry import GAMES
from games.session import Episode, Session

ARCHIVE = Path(__file__).parents[4] / "shared/oracle_v3/results.tar.gz"
NUM = 42
"""Episodes of each game."""
GAMES_THERE = sorted(GAMES.keys() - {"hellogame", "air_balloon_survival"})
UNDECIDED = {"clean_up": 4}
"""Episodes that no public rule ends: their master took the word "finished!" itself for
being finished (see the README beside the archive)."""
DIFFERING = {"clean_up": 2, "matchit_ascii": 2}
"""Episodes that were scored otherwise than the public rules do: Success and Lose both
set, an aborted decision scored as a loss."""
SEED_DECIDES = "adventuregame"
"""Its descriptions name what a closed container holds in an order, and to an extent,
that Python's hash seed decides."""


class Read(NamedTuple):
    """An episode, and how our rules judge it."""

    record: dict[str, Any]
    instance: Instance
    episode: Episode
    again: Episode | None

    @property
    def agrees(self) -> bool:
        """Whether it ends as clembench's scorer says."""
        said = read._make_episode(self.record)
        return self.again is not None and has_same_end(said, self.again)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive, unpacked."""
    if not ARCHIVE.exists():
        pytest.skip(f"no results of clemcore 3.7.2 beside the repository ({ARCHIVE})")
    path = tmp_path_factory.mktemp("oracle_v3")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(path, filter="data")
    return path


@pytest.fixture(scope="module")
def episodes(folder: Path) -> dict[str, list[Read]]:
    """Every episode by its game."""
    found: dict[str, list[Read]] = {}
    for path in sorted(folder.rglob("interactions.json")):
        record = read._read_record(path)
        instance, episode, _ = read._read_episode(path, record)
        assert episode is not None
        again = rescore(episode, instance)
        one = Read(record, instance, episode, again)
        found.setdefault(episode.game, []).append(one)
    return found


@pytest.mark.parametrize("game", GAMES_THERE)
def test_outcomes_and_main_scores_are_those_recorded(
    game: str, episodes: dict[str, list[Read]]
) -> None:
    """By the rules of v3; what the public rules do not decide is known and counted."""
    own = episodes[game]
    judged = Counter(
        "undecided" if one.again is None else "agrees" if one.agrees else "differs"
        for one in own
    )
    assert len(own) == NUM
    assert judged["undecided"] == UNDECIDED.get(game, 0)
    assert judged["differs"] == DIFFERING.get(game, 0)
    assert all(one.instance.data["rules"] == "v3" for one in own if one.agrees)


@pytest.mark.parametrize("game", sorted(set(GAMES_THERE) - {SEED_DECIDES}))
def test_contexts_are_those_recorded(
    game: str, episodes: dict[str, list[Read]]
) -> None:
    """To the letter, white space that players wrote included."""
    for one in episodes[game]:
        session = Session(GAMES[game], one.instance, one.episode.players)
        for turn in one.episode.turns:
            if session.role is None or turn.kind == Kind.GIVEN:
                continue
            assert session.messages()[-1]["content"] == turn.context
            session.reply(turn.reply)


def list_known(game: str, master: GameMaster) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the keys and the episode scores that we write of an episode."""
    bridge = GAMES[game].bridge
    return bridge.list_keys(master), bridge.score_episode(master)


def is_same(ours: object, theirs: object) -> bool:
    """Compare numbers to six digits, what is nested piece by piece; null is NaN."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        same = [is_same(ours[key], theirs.get(key)) for key in ours]
        return ours.keys() == theirs.keys() and all(same)
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(is_same, ours, theirs))
    if isinstance(ours, float) and math.isnan(ours):
        return theirs is None or (isinstance(theirs, float) and math.isnan(theirs))
    if isinstance(ours, int | float) and isinstance(theirs, int | float):
        return math.isclose(ours, theirs, abs_tol=1e-6)
    return ours == theirs


BOUND = {"graph_similarity"}
"""Scores that both sides search for, and give up the search of at another point."""
WORDS = {"Guesser Explanations"}
"""Keys that no scorer reads, which hold text cut at another place."""
CLEMBENCH_S = {"Aborted", "Success", "Lose", "Main Score", "Coverage Score"}
"""What `write` adds for every game, or clembench's scorer computes from the keys."""


@pytest.mark.parametrize("game", GAMES_THERE)
def test_keys_and_scores_are_those_recorded(
    game: str, episodes: dict[str, list[Read]]
) -> None:
    """Whatever clembench's scorer reads or wrote, we have too."""
    for one in episodes[game]:
        if not one.agrees:
            continue
        _, master = replay_episode(one.episode, one.instance)
        keys, scores = list_known(game, master)
        for ours, theirs in (
            (keys, one.record["extra_keys"]),
            (scores, one.record["scores"]),
        ):
            lacking = theirs.keys() - ours.keys() - CLEMBENCH_S - {"Consistency Score"}
            assert not lacking
            for name in ours.keys() & theirs.keys() - BOUND - WORDS:
                assert is_same(ours[name], theirs[name]), name


@pytest.mark.parametrize("layout", Layout)
def test_what_is_read_can_be_written_and_read_again(
    layout: Layout, episodes: dict[str, list[Read]], tmp_path: Path
) -> None:
    """In each layout, to the byte: replies, contexts, instances."""
    own = [one for game in GAMES_THERE for one in episodes[game][::6] if one.agrees]
    instances = {(r.episode.game, r.episode.instance_id): r.instance for r in own}
    written = [one.episode for one in own]

    write_results(tmp_path, written, instances, layout)
    found = read_results(tmp_path)

    def key(episode: Episode) -> str:
        return repr((episode.game, episode.instance_id, episode.players, episode.turns))

    assert sorted(map(key, found.episodes)) == sorted(map(key, written))
    assert found.instances == instances
