"""Results: our episodes as clembench's folders, and its folders as our episodes."""

import json
import math
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from games.bridge import Bridge, Wording
from games.checks.conformance import make_instances
from games.clembench.layouts import Layout
from games.clembench.read import read_results
from games.clembench.recordings import list_instances, read
from games.clembench.replay import replay
from games.clembench.write import write_results
from games.contract import GameMaster, GameSpec, Instance, Kind, Outcome
from games.errors import ArtifactError
from games.events import Accepted, Event
from games.registry import GAMES
from games.scoring import score_episodes
from games.session import Episode, Session, expert_pair
from tests.games.oracle import ORACLE, RECORDED

DATA = {"target_word": "horse", "related_word": ["ride", "pony", "race track"]}
TABOO = Instance("taboo", "high_en", "high_en-7", DATA)


@dataclass(frozen=True, slots=True)
class Opened(Event):
    """The diary was opened."""

    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Written(Accepted):
    """Something was written."""

    text: str


class Diary(GameMaster):
    """Says "Ok." before the game, is asked something aside, and then answers twice."""

    spec = GameSpec(
        name="diary",
        version=1,
        roles=("writer",),
        max_turns=4,
        variants=("plain",),
        max_reply_tokens=8,
        fields={"day": str},
    )

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self._said = 0
        self.emit(Opened(self.instance.data))

    @property
    def kind(self) -> Kind:
        """The first question of a round is an aside."""
        return Kind.SAID if self._said % 2 else Kind.ASIDE

    def list_opening(self, role: str) -> list[tuple[str, str]]:
        """Return the rules, as if agreed to."""
        return [("Write.", "Ok.")]

    def observe(self) -> str:
        """Return the number of the question."""
        return f"question {self._said}"

    def step(self, reply: str) -> None:
        """Note each reply; the game is over after two rounds."""
        self.emit(Written(reply))
        self._said += 1
        if self._said == 4:
            self.end(Outcome.SUCCESS, "written")
        else:
            self.round = self._said // 2

    @property
    def main_score(self) -> float:
        """Always 50."""
        return 50.0


def word(master: Diary, event: Event) -> Iterator[Wording]:
    """Say what the day is, and what is written of it."""
    match event:
        case Opened(data):
            yield "metadata", data
        case Written(text):
            yield "parse", text


BRIDGE = Bridge(
    word=word,
    score_episode=lambda _: {"Elegance": math.nan},
    score_turns=lambda _: {"0": {"Length": 3}},
    list_keys=lambda _: {"Pages": [1, 2], "Request Count": 4},
)
DIARY = Instance("diary", "plain", "plain-1", {"day": "Monday", "game_id": 12})


@pytest.fixture
def diary(monkeypatch: pytest.MonkeyPatch) -> Episode:
    """Add the game for one test; return an episode of it."""
    game = GAMES["hellogame"]
    game = replace(game, spec=Diary.spec, master=Diary, bridge=BRIDGE)
    monkeypatch.setitem(GAMES, "diary", game)
    session = Session(game, DIARY, {"writer": "some/one"}, sample=2, seed=5)
    for number in range(4):
        session.reply(f"reply {number}")
    return session.episode()


def played(instance: Instance, skill: float, names: Iterable[str] = ()) -> Episode:
    """Return an episode of experts."""
    game = GAMES[instance.game]
    players = expert_pair(game, instance, skill, seed=3)
    called = dict(zip(players, names, strict=True)) if names else {}
    session = Session(game, instance, dict.fromkeys(players, "expert") | called)
    while session.role is not None:
        session.reply(players[session.role](session.messages()))
    return session.episode()


def written(
    folder: Path, episodes: list[Episode], instances: list[Instance], layout: Layout
) -> Path:
    """Write results; return their folder."""
    known = {(one.game, one.instance_id): one for one in instances}
    write_results(folder, episodes, known, layout)
    return folder


def files(folder: Path) -> list[str]:
    """Return the paths of all files below a folder."""
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def load(folder: Path, name: str) -> Any:
    """Return the only file of a name."""
    (path,) = folder.rglob(name)
    return json.loads(path.read_text())


def change(folder: Path, name: str, change: dict[str, Any]) -> Path:
    """Change the only file of a name; return its path."""
    (path,) = folder.rglob(name)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    return path


def test_the_layout_of_3_2_0(tmp_path: Path) -> None:
    """Experiments are numbered as the game lists them, episodes as they come."""
    other = replace(TABOO, variant="low_en", instance_id="low_en-1")
    episodes = [played(TABOO, 1), played(other, 1), played(TABOO, 1)]
    episodes[2].sample = 1
    written(tmp_path, episodes, [TABOO, other], Layout.V2)
    parts = ("instance.json", "interactions.json", "scores.json")
    assert files(tmp_path) == sorted(
        [
            *(f"expert/taboo/0_high_en/episode_0/{part}" for part in parts),
            *(f"expert/taboo/0_high_en/episode_1/{part}" for part in parts),
            *(f"expert/taboo/2_low_en/episode_0/{part}" for part in parts),
            "expert/taboo/0_high_en/experiment.json",
            "expert/taboo/2_low_en/experiment.json",
        ]
    )


def test_the_layout_of_3_7_2(tmp_path: Path) -> None:
    """A run is called like its models; what is played again does not overwrite."""
    other = replace(TABOO, instance_id="high_en-9")
    names = "sft/a", "base"
    episodes = [played(one, 1, names) for one in (TABOO, other, TABOO)]
    episodes[2].sample = 1
    written(tmp_path, episodes, [TABOO, other], Layout.V3)
    here = "sft-a--base/taboo/high_en"
    parts = ("completed.json", "instance.json", "interactions.json", "scores.json")
    assert files(tmp_path) == sorted(
        [
            "sft-a--base/run.json",
            f"{here}/experiment.json",
            *(f"{here}/instance_00000/{part}" for part in parts),
            *(f"{here}/instance_00000_again_1/{part}" for part in parts),
            *(f"{here}/instance_00001/{part}" for part in parts),
        ]
    )
    run = json.loads((tmp_path / "sft-a--base" / "run.json").read_text())
    assert run["games"] == {"taboo": {"num_instances": 3}}
    assert run["player_models"]["1"]["model_spec"] == {"model_name": "base"}


def test_what_was_said_and_noticed_in_order(tmp_path: Path, diary: Episode) -> None:
    """Each round has questions, replies and notes in order, with clembench's labels."""
    written(tmp_path, [diary], [DIARY], Layout.V2)
    turns = load(tmp_path, "interactions.json")["turns"]
    assert [[brief(event) for event in events] for events in turns] == [
        [
            ("GM", "GM", "metadata", DIARY.data, None),
            ("GM", "Player 1", "send message", "Write.", "pseudo"),
            ("Player 1", "GM", "get message", "Ok.", "pseudo"),
            ("GM", "Player 1", "send message", "question 0", "forget"),
            ("Player 1", "GM", "get message", "reply 0", "forget"),
            ("GM", "GM", "parse", "reply 0", None),
            ("GM", "Player 1", "send message", "question 1", "context"),
            ("Player 1", "GM", "get message", "reply 1", "response"),
            ("GM", "GM", "parse", "reply 1", None),
        ],
        [
            ("GM", "Player 1", "send message", "question 2", "forget"),
            ("Player 1", "GM", "get message", "reply 2", "forget"),
            ("GM", "GM", "parse", "reply 2", None),
            ("GM", "Player 1", "send message", "question 3", "context"),
            ("Player 1", "GM", "get message", "reply 3", "response"),
            ("GM", "GM", "parse", "reply 3", None),
        ],
    ]
    assert {event["timestamp"] for events in turns for event in events} == {
        "1970-01-01T00:00:00"
    }


def brief(event: dict[str, Any]) -> tuple[Any, ...]:
    """Return an event as a tuple, without its time."""
    action = event["action"]
    sides = event["from"], event["to"]
    return (*sides, action["type"], action["content"], action.get("label"))


def test_what_scorers_read_beside_the_turns(tmp_path: Path, diary: Episode) -> None:
    """The game's own keys stand on top, before the counts that clemcore makes."""
    written(tmp_path, [diary], [DIARY], Layout.V3)
    found = load(tmp_path, "interactions.json")
    assert found["meta"] == {
        "game_name": "diary",
        "experiment_name": "plain",
        "game_id": 0,
        "results_folder": "some-one",
        "clem_version": "3.7.2",
        "round_count": 2,
        "completed": True,
    }
    assert found["players"] == {
        "GM": {"game_role": "Game Master", "model_name": "programmatic"},
        "Player 1": {"game_role": "writer", "model_name": "some/one"},
    }
    assert (found["Pages"], found["Request Count"]) == ([1, 2], 4)
    assert found["Violated Request Count"] == [0, 0]
    assert (found["Aborted"], found["Success"], found["Lose"]) == (0, 1, 0)


def test_scores_have_bare_nan(tmp_path: Path, diary: Episode) -> None:
    """Undefined scores are NaN without quotes, as clembench writes them."""
    written(tmp_path, [diary], [DIARY], Layout.V2)
    (path,) = tmp_path.rglob("scores.json")
    assert '"Elegance": NaN' in path.read_text()
    found = json.loads(path.read_text())
    assert found["turn scores"] == {"0": {"Length": 3}}
    assert found["episode scores"] | {"Elegance": 0} == {
        "Elegance": 0,
        "Aborted": 0,
        "Success": 1,
        "Lose": 0,
        "Main Score": 50.0,
    }


@pytest.mark.parametrize("layout", Layout)
def test_asides_and_given_turns_come_back(
    tmp_path: Path, diary: Episode, layout: Layout
) -> None:
    """Kinds of turns, sample, seed and instance survive the way there and back."""
    found = read_results(written(tmp_path, [diary], [DIARY], layout))
    assert found.episodes == [diary]
    assert found.instances == {("diary", "plain-1"): DIARY}


@pytest.mark.parametrize("game", sorted(GAMES))
@pytest.mark.parametrize("layout", Layout)
def test_every_game_comes_back_equal(tmp_path: Path, game: str, layout: Layout) -> None:
    """Episodes of every game are the same after export and import."""
    instances = make_instances(GAMES[game], "test", seed=1)[::4]
    episodes = [played(one, skill) for one in instances for skill in (1.0, 0.0)]
    found = read_results(written(tmp_path, episodes, instances, layout))
    ours, back = (sorted(map(repr, side)) for side in (episodes, found.episodes))
    assert ours == back
    assert found.instances == {(i.game, i.instance_id): i for i in instances}


@pytest.mark.parametrize("game", sorted(GAMES))
def test_rounds_begin_anew_with_the_first_role(tmp_path: Path, game: str) -> None:
    """An episode of many replies is not written as a single round."""
    instance = make_instances(GAMES[game], "test", seed=1)[0]
    episode = played(instance, 1.0)
    written(tmp_path, [episode], [instance], Layout.V3)
    most = 2 * len(GAMES[game].spec.roles)
    for events in load(tmp_path, "interactions.json")["turns"]:
        labels = [event["action"].get("label") for event in events]
        assert labels.count("response") <= most


def test_another_end_is_not_written(tmp_path: Path) -> None:
    """An episode that today's rules end otherwise is refused in a sentence."""
    for wrong in (
        replace(played(TABOO, 1), outcome="lose"),
        replace(played(TABOO, 1), main_score=12.0),
        replace(played(TABOO, 1), turns=played(TABOO, 1).turns[:1]),
        replace(played(TABOO, 1), turns=played(TABOO, 1).turns[1:]),
    ):
        with pytest.raises(ArtifactError, match="high_en-7: today's rules do not end"):
            written(tmp_path, [wrong], [TABOO], Layout.V2)


def as_clembench(folder: Path) -> Path:
    """Turn our export of one episode of taboo into what clemcore 3.2.0 leaves."""
    episode = played(TABOO, 1)
    written(folder, [episode], [TABOO], Layout.V2)
    (path,) = folder.rglob("interactions.json")
    raw = json.loads(path.read_text())
    del raw["study"]
    asked = raw["turns"][0][2 if raw["turns"][0][2]["to"] == "Player 2" else -2]
    prompt, _, clue = asked["action"]["content"].rpartition("\n\n")
    first = asked | {"action": asked["action"] | {"content": prompt}}
    first["action"]["label"] = "initial prompt"
    asked["action"]["content"] = clue
    raw["turns"][0].insert(0, first)
    raw["turns"][-1].append(asked)
    path.write_text(json.dumps(raw))
    change(folder, "experiment.json", {"max_turns": 3, "duration": "0:01"})
    change(folder, "instance.json", {"game_id": 41})
    return folder


def test_clembench_s_own_results_are_read(tmp_path: Path) -> None:
    """Prompts sent before are joined, parameters become data, ends get our reason."""
    ours = played(TABOO, 1)
    found = read_results(as_clembench(tmp_path))
    (episode,), (instance,) = found.episodes, found.instances.values()
    assert [t.context for t in episode.turns] == [t.context for t in ours.turns]
    assert (episode.outcome, episode.reason) == ("success", "solved")
    assert episode.main_score == ours.main_score
    assert instance.instance_id.startswith("high_en-")
    told = {"game_id": 41, "max_turns": 3, "name": "high_en", "rules": "v2"}
    assert instance.data == DATA | told


def test_clembench_s_word_on_the_end_is_taken(tmp_path: Path) -> None:
    """What its scorer says stands, though our rules would end it otherwise."""
    as_clembench(tmp_path)
    scores = {"Aborted": 0, "Success": 0, "Lose": 1, "Main Score": 0}
    change(tmp_path, "scores.json", {"episode scores": scores})
    (episode,) = read_results(tmp_path).episodes
    assert (episode.outcome, episode.main_score) == ("lose", 0)
    assert episode.reason == "as clembench says"


def test_what_clembench_did_not_score_our_rules_judge(tmp_path: Path) -> None:
    """Without scores.json the outcome is ours; what nothing decides is left out."""
    as_clembench(tmp_path)
    next(tmp_path.rglob("scores.json")).unlink()
    (episode,) = read_results(tmp_path).episodes
    assert (episode.outcome, episode.reason) == ("success", "solved")
    (path,) = tmp_path.rglob("interactions.json")
    turns = json.loads(path.read_text())["turns"]
    change(tmp_path, "interactions.json", {"turns": [turns[0][:3]]})
    found = read_results(tmp_path)
    assert (found.episodes, found.undecided) == ([], [path])


def test_a_game_that_is_not_ours_is_counted(tmp_path: Path) -> None:
    """Episodes of an unknown game are left out, and said to be."""
    as_clembench(tmp_path)
    change(tmp_path, "interactions.json", {"meta": {"game_name": "chess"}})
    (path,) = tmp_path.rglob("interactions.json")
    raw = json.loads(path.read_text())
    meta = raw["meta"] | {"experiment_name": "x", "game_id": 1}
    change(tmp_path, "interactions.json", {"meta": meta})
    assert read_results(tmp_path).unknown == {"chess": 1}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("interactions.json", "{"),
        ("interactions.json", "[]"),
        ("interactions.json", "{}"),
        ("interactions.json", '{"meta": 1, "turns": []}'),
        ("interactions.json", '{"meta": {"game_name": "taboo"}, "turns": []}'),
        ("instance.json", None),
        ("instance.json", "[1]"),
        ("instance.json", "{}"),
        ("experiment.json", None),
        ("experiment.json", "nonsense"),
        ("scores.json", "{"),
        ("scores.json", "[]"),
    ],
)
def test_a_malformed_file_is_named(tmp_path: Path, name: str, text: str | None) -> None:
    """What is missing, damaged or of another form is one sentence with its path."""
    (path,) = as_clembench(tmp_path).rglob(name)
    path.unlink() if text is None else path.write_text(text)
    with pytest.raises(ArtifactError) as error:
        read_results(tmp_path)
    assert name in str(error.value)
    assert "\n" not in str(error.value)


def test_scores_of_another_form_are_named(tmp_path: Path) -> None:
    """A transcript whose scores or turns are of another form is named."""
    as_clembench(tmp_path)
    for name, wrong in (
        ("scores.json", {"episode scores": {"Aborted": 0}}),
        ("interactions.json", {"turns": []}),
        ("interactions.json", {"turns": [[{"from": "GM"}]]}),
    ):
        change(tmp_path, name, wrong)
        with pytest.raises(ArtifactError, match=r"interactions\.json is not laid out"):
            read_results(tmp_path)


def test_a_folder_without_results_is_named(tmp_path: Path) -> None:
    """A folder that holds no transcript is one sentence."""
    with pytest.raises(ArtifactError, match=r"holds no interactions\.json"):
        read_results(tmp_path)


def recorded_as_ours(game: str) -> list[tuple[Any, Instance, Episode]]:
    """Return recordings, what they were played on, and them as our episodes."""
    path = ORACLE / f"{game}.jsonl.gz"
    if not path.exists():
        pytest.skip(f"no recorded episodes of {game} beside the repository ({path})")
    records = read(path)
    found = []
    for record, possible in zip(records, list_instances(records), strict=True):
        tried = [one for one in possible if not replay(record, one).wrong]
        instance = [*tried, *possible][0]
        roles = GAMES[game].spec.roles
        session = Session(GAMES[game], instance, dict.fromkeys(roles, "recorded"))
        for response in record["responses"]:
            if response["kind"] == "model":
                session.reply(response["text"])
        found.append((record, instance, session.episode()))
    return found


@pytest.mark.parametrize("game", sorted(RECORDED))
def test_recorded_episodes_are_exported_as_they_were(tmp_path: Path, game: str) -> None:
    """Contexts, replies and what the referee noticed stand in the recorded rounds.

    In adventuregame, whose listings came in any order, words may stand in any order.
    """
    for record, instance, episode in recorded_as_ours(game)[:20]:
        folder = tmp_path / record["id"]
        written(folder, [episode], [instance], Layout.V2)
        turns = load(folder, "interactions.json")["turns"]
        events = [
            (number, *brief(event))
            for number, events in enumerate(turns)
            for event in events
        ]
        loosen = GAMES[game].bridge.loosen
        noticed = [
            (number, a, b, kind, loosen(content))
            for number, a, b, kind, content, _ in events
            if a == b == "GM"
        ]
        said = [
            (number, who, text)
            for number, who, _, kind, text, _ in events
            if kind == "get message"
        ]
        asked = [
            (who, loosen(text))
            for _, _, who, kind, text, _ in events
            if kind[:4] == "send"
        ]
        kinds = "model", "pseudo"
        responses = [one for one in record["responses"] if one["kind"] in kinds]
        assert asked == [(one["player"], loosen(one["context"])) for one in responses]
        assert said == [(one["round"], one["player"], one["text"]) for one in responses]
        assert noticed == [
            (number, *event[:3], loosen(event[3]))
            for number, events in enumerate(record["gm_events"])
            for event in events
        ]


def clem() -> str:
    """Return clemcore's command; skip the test where there is none."""
    found = shutil.which(os.environ.get("CLEM", "clem"))
    if found is None:
        pytest.skip("no clemcore: name its command `clem` in the variable CLEM")
    return found


@pytest.mark.parametrize("layout", Layout)
def test_clemcore_reads_what_we_write(tmp_path: Path, layout: Layout) -> None:
    """Clemcore's own evaluation has our scores, and its viewer shows each episode."""
    command, episodes, instances = clem(), [], []
    for game in ("taboo", "wordle_withcritic", "referencegame", "clean_up"):
        own = make_instances(GAMES[game], "test", seed=2)[::2]
        episodes += [played(one, skill) for one in own for skill in (1.0, 0.3, 0.0)]
        instances += own
    written(tmp_path, episodes, instances, layout)
    for verb in ("eval", "transcribe"):
        subprocess.run([command, verb, "-r", "."], cwd=tmp_path, check=True)

    theirs = pd.read_csv(tmp_path / "results.csv", index_col=0).loc["expert"]
    ours = score_episodes((e.game, e.outcome, e.main_score) for e in episodes)
    assert theirs["-, clemscore"] == ours.clemscore
    for game, scores in ours.per_game.items():
        assert theirs[f"{game}, % Played"] == scores.played
        assert theirs[f"{game}, Quality Score"] == pytest.approx(
            scores.quality, nan_ok=True
        )
    assert len(list(tmp_path.rglob("transcript.html"))) == len(episodes)
