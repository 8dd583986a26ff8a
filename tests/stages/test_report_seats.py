"""The report's table of seats: each role beside an expert, judged by itself."""

import json
import math
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from games.errors import ArtifactError
from games.session import Episode
from pipeline.params.read import load_params
from stages.common.episodes import read_episodes, write_episodes
from stages.report.evidence import YARDSTICKS
from tests.stages.test_report import every_game, main, outcome_of, played, project

assert project, "a fixture of other tests of the report"
NUM = 40


def sit(name: str, scores: list[float], role: str = "guesser") -> list[Episode]:
    """Return taboo's episodes of a player in one role, an expert in the other."""
    players = {"describer": "expert 1.0", "guesser": "expert 1.0"} | {role: name}
    return [
        Episode(
            game="taboo",
            variant="v",
            instance_id=f"v-{number:04d}",
            players=players,
            sample=0,
            seed=0,
            outcome=outcome_of(score),
            reason="",
            ended_by="",
            main_score=score,
            turns=[],
        )
        for number, score in enumerate(scores)
    ]


def write_seats(base: list[float], warm: list[float], blind: list[float]) -> None:
    """Write the seat of taboo's guesser; the describer's is never won."""
    for policy, scores in (("base", base), ("warmup/formats", warm)):
        episodes = sit(policy, scores)
        episodes += sit(policy, [0.0] * len(scores), "describer")
        path = Path("data/play/beside") / policy / "episodes.parquet"
        write_episodes(path, episodes)
    own = read_episodes(YARDSTICKS) if YARDSTICKS.exists() else []
    names = [one for one in load_params().yardsticks.players if one != "expert"]
    seated = [one for name in names for one in sit(name, blind)]
    write_episodes(YARDSTICKS, [*own, *seated])


def find_lines(start: str) -> list[str]:
    """Return the lines of the table that follows a caption."""
    text = Path("data/report/table.md").read_text()
    return text.split(f"**{start}")[1].split("\n\n")[1].splitlines()


@pytest.fixture
def beside(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A study with two lineups; self-play is the same for both policies."""
    yaml = YAML()
    params = yaml.load(project / "params.yaml")
    params["play"]["variants"] = ["self", "beside"]
    yaml.dump(params, project / "params.yaml")
    for policy in ("base", "warmup/formats"):
        played(policy, every_game([0.0] * 4))


def prepare(base: list[float], warm: list[float], blind: list[float]) -> None:
    """Write all that the report reads."""
    for policy in ("base", "warmup/formats"):
        write_episodes(Path("data/play/beside") / policy / "episodes.parquet", [])
    main()
    write_seats(base, warm, blind)


def test_a_gain_in_a_seat_is_seen_where_self_play_hides_it(beside: None) -> None:
    """The guesser wins beside an expert; with its own clues it wins nothing."""
    prepare([0.0] * NUM, [100.0] * 30 + [0.0] * 10, [math.nan] * NUM)
    main()

    nested = json.loads(Path("data/report/details.json").read_text())["seats"]
    seats = nested["beside"]
    assert seats["warmup/formats"]["taboo"]["guesser"]["product"] == 75.0
    assert seats["warmup/formats"]["taboo"]["describer"]["product"] == 0.0
    assert seats["base"]["taboo"]["guesser"]["product"] == 0.0
    assert seats["blind/uniform"]["taboo"]["guesser"]["played"] == 0.0
    (change,) = (one for one in find_lines("Changes in each seat") if "warmup" in one)
    guesser, describer = change.split(" | ")[-2:]
    assert "+75.0" in guesser and "higher" in guesser
    assert "+0.0" in describer and "not distinguishable" in describer


def test_aborted_episodes_count_nothing_in_a_seat(beside: None) -> None:
    """% played x quality: who wins all of a quarter has 25."""
    prepare([math.nan] * 30 + [100.0] * 10, [0.0] * NUM, [0.0] * NUM)
    main()

    (line,) = (one for one in find_lines("Seats") if one.startswith("| `base`"))
    assert line.split(" | ")[1].startswith("25.0 [")


def test_policies_that_faced_other_tests_in_a_seat_are_refused(beside: None) -> None:
    """A paired difference needs the same instances."""
    prepare([0.0] * NUM, [0.0] * (NUM - 1), [0.0] * NUM)
    with pytest.raises(ArtifactError, match="hold different tests"):
        main()
