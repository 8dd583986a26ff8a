"""Evaluation: which instances are played, by whom, how, and what is scored."""

import json
from pathlib import Path

import pytest

from games.contract import Instance
from games.errors import ArtifactError
from games.registry import GAMES
from games.session import Episode, Turn
from pipeline.params.sections.players import ExpertPlayer
from stages.common.episodes import read_episodes
from stages.common.files import write_json
from stages.common.games import locate_code
from stages.common.instances import locate_instances, read_unseen
from stages.play.__main__ import score
from stages.play.tasks import Task, make_tables, take_first
from stages.playing.seats import Seat, seat_for
from stages.playing.side import Side
from stages.playing.table import play as play_tables
from tests.stages.material import COMPUTE
from tests.stages.small import (
    NUM,
    PLAYED,
    list_ids,
    run_stage,
    set_params,
    write_inputs,
)

EPISODES = Path("data/play/self/base/episodes.parquet")


@pytest.fixture(autouse=True)
def study(tiny_policy: Path) -> None:
    """Work in a small study whose base policy is there."""
    set_params()
    write_inputs()


def play(lineup: str = "self") -> list[Episode]:
    """Run the stage for the base policy; return its episodes."""
    run_stage("play", "--lineup", lineup, "--policy", "base")
    return read_episodes(Path("data/play") / lineup / "base/episodes.parquet")


def replies(episodes: list[Episode]) -> list[list[str]]:
    """Return what was said in each episode."""
    return [[turn.reply for turn in episode.turns] for episode in episodes]


def test_the_test_instances_and_the_unseen_games_are_played() -> None:
    """Each test instance of the trained games once, each of the held-out games once."""
    expected = list_ids(locate_instances("test"), PLAYED["held_in"])
    expected += list_ids(locate_instances("held_out"), PLAYED["held_out"])

    played = [(episode.game, episode.instance_id) for episode in play()]

    assert played == expected
    assert len(played) == len(set(played)) == 3 * NUM


def test_the_policy_fills_every_role() -> None:
    """It plays with itself, and every reply is one that it sampled."""
    for episode in play():
        assert set(episode.players.values()) == {"base"}
        assert all(turn.token_ids for turn in episode.turns)


def test_a_policy_decodes_as_play_says() -> None:
    """Greedy replies depend on no seed, sampled ones do; self-play decides nothing."""
    greedy = replies(play())
    set_params(seed=1, selfplay__temperature=2.0)
    assert replies(play()) == greedy

    set_params(seed=1, play__common__temperature=1.0)
    sampled = replies(play())
    set_params(seed=2, play__common__temperature=1.0)
    assert greedy != sampled != replies(play())


def test_beside_a_partner_a_policy_fills_each_role_in_turn() -> None:
    """It samples its own replies alone; each seat of a game of two is scored apart."""
    lineup = {"partner": {"kind": "expert", "skill": 1.0}}
    set_params(play__overrides={"self": {}, "sampled": {}, "beside": lineup})

    episodes = play("beside")

    seats = []
    for episode in episodes:
        (own,) = [r for r, name in episode.players.items() if name == "base"]
        seats.append((episode.game, own))
        for turn in episode.turns:
            assert bool(turn.token_ids) == (turn.role == own)
    games = [name for part in PLAYED.values() for name in part]
    roles = [[(name, role) for role in GAMES[name].spec.roles] for name in games]
    assert seats == [seat for of_game in roles for seat in of_game * NUM]
    path = Path("data/play/beside/base/scores.json")
    scores = json.loads(path.read_text())["seats"]
    assert {(game, role) for game in scores for role in scores[game]} == set(seats)
    own = [e for e in episodes if e.players.get("guesser") == "base"]
    assert scores["taboo"]["guesser"] == score(own, ["taboo"])["games"]["taboo"]


def test_samples_of_an_instance_differ() -> None:
    """They are as many as the lineup says; the first is that of one sample alone."""
    warm = {"temperature": 2.0, "samples": 3}
    set_params(play__overrides={"self": {}, "sampled": warm, "beside": {}})

    episodes = play("sampled")

    assert [e.sample for e in episodes] == [0, 1, 2] * (3 * NUM)
    said = replies(episodes)
    for a, b, c in zip(said[::3], said[1::3], said[2::3], strict=True):
        assert a != b != c != a
    alone = warm | {"samples": 1}
    set_params(play__overrides={"self": {}, "sampled": alone, "beside": {}})
    assert replies(play("sampled")) == said[::3]


def test_replies_are_cut_off_where_params_say() -> None:
    """An untrained policy does not end by itself."""
    set_params(games__max_reply_tokens=3)
    lengths = {len(turn.token_ids) for e in play() for turn in e.turns}
    assert max(lengths) == 3


class Guesses(Seat):
    """Guesses a wrong word in five tokens, whatever it is told."""

    def move(self, side: Side) -> None:
        """Reply at once."""
        side.stream.see([0] * 5)
        side.session.reply("GUESS: nothing")

    def repeat(self, side: Side, turn: Turn) -> None:
        """Nothing of it is repeated."""
        raise AssertionError("this episode is no branch of another")


@pytest.mark.parametrize(("most", "said"), [(None, 3), (11, 3), (10, 2), (5, 1)])
def test_a_chat_ends_where_params_say(most: int | None, said: int) -> None:
    """From there on the policy says nothing, which ends the game as aborted."""
    (instance, *_) = (one for one in read_unseen(**PLAYED) if one.game == "taboo")
    expert = seat_for(
        ExpertPlayer(kind="expert", skill=0.0), "", COMPUTE, {}, temperature=0
    )
    (table,) = make_tables(
        1,
        [Task(instance, "guesser", 0)],
        ("policy", lambda *_: Guesses()),
        ("expert", expert),
        max_chat_tokens=most,
    )
    list(play_tables([table], 1))
    episode = table.session.episode()
    replies = [turn.reply for turn in episode.turns if turn.role == "guesser"]
    assert replies == ["GUESS: nothing"] * said + [""] * (said < 3)
    assert episode.outcome == ("lose" if said == 3 else "aborted")


def test_scores_are_those_of_each_part() -> None:
    """Trained and unseen games are scored apart, each from its own episodes."""
    episodes = play()
    scores = json.loads(EPISODES.with_name("scores.json").read_text())

    assert set(scores) == set(PLAYED)
    for part, games in PLAYED.items():
        assert set(scores[part]["games"]) == set(games)
        assert scores[part] == score(episodes, games)


def test_an_unplayed_game_has_no_quality() -> None:
    """What is undefined is null, for JSON knows no NaN."""
    lost = Episode("taboo", "v", "1", {}, 0, 0, "aborted", "", "", float("nan"), [])

    scores = score([lost], ["taboo"])

    assert (scores["played"], scores["quality"]) == (0.0, None)


def test_edited_code_of_a_game_is_not_played() -> None:
    """Trained or unseen: the code at hand has to be what the stage `games` saw."""
    for part in PLAYED:
        write_inputs()
        write_json(locate_code(part), {})
        with pytest.raises(ArtifactError, match="edited"):
            play()


def test_a_limit_takes_instances_of_every_variant() -> None:
    """So many a game, spread over the file, which goes variant by variant."""
    instances = [
        Instance(game, variant, f"{game}-{variant}-{number}", {})
        for game in ("taboo", "guesswhat")
        for variant in ("high", "low")
        for number in range(4)
    ]

    chosen = take_first(instances, 4)

    assert [(i.game, i.variant) for i in chosen] == [
        (game, variant)
        for game in ("taboo", "guesswhat")
        for variant in ("high", "high", "low", "low")
    ]
    assert take_first(instances, None) == instances
    assert take_first(instances, 99) == instances


def test_play_instances_limits_what_is_played() -> None:
    """The parameter reaches the stage."""
    set_params(play__common__instances=1)

    assert [episode.game for episode in play()] == PLAYED["held_in"] + ["guesswhat"]


def test_what_it_cost_is_written() -> None:
    """Sampled tokens are those of the episodes."""
    episodes = play()
    cost = json.loads(Path("data/costs/play/self/base.json").read_text())

    said = sum(len(turn.token_ids) for e in episodes for turn in e.turns)
    assert cost["sampled_tokens"] == said > 0
    assert cost["prompt_tokens"] > cost["sampled_tokens"] > cost["trained_tokens"] == 0
