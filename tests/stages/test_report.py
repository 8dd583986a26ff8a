"""The report's numbers are those of hand-made episodes, and its labels are earned."""

import dataclasses
import json
import math
import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ruamel.yaml import YAML

from games.errors import ArtifactError
from games.scoring import score_episodes
from games.session import Episode
from pipeline.params.read import load_params
from stages.benchmarks.__main__ import write_results as write_benchmarks
from stages.benchmarks.evaluate import TaskResult
from stages.common.episodes import read_episodes, write_episodes
from stages.report.__main__ import main as write_report
from stages.report.curves import write_curves
from stages.report.evidence import YARDSTICKS
from stages.report.measures import measure_suite
from stages.report.readme import END, START, replace_block
from stages.report.rows import ResultRow
from tests.recipe import choose_variants

ROOT = Path(__file__).parents[2]
GAMES = ("taboo", "imagegame", "referencegame", "guesswhat")
Scores = dict[str, list[float]]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a copy of the project that has only params.yaml and a README."""
    set_params(tmp_path, policies=["base", "warmup/formats"], seeds=[0])
    (tmp_path / "README.md").write_text(
        f"# Study\n\n{START}\nold results\n{END}\n\nmore\n"
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def set_params(folder: Path, *, policies: list[str], seeds: list[int]) -> None:
    """Write the project's own params.yaml with other policies and seeds."""
    yaml = YAML()
    params = yaml.load(ROOT / "params.yaml")
    choose_variants(params)
    params |= {"policies": policies, "seeds": seeds}
    params["games"] |= {"held_in": list(GAMES[:3]), "held_out": ["guesswhat"]}
    params["play"]["variants"] = ["self"]
    params["report"] = {"confidence": 0.95, "difference": 9.0, "readme": True}
    yaml.dump(params, folder / "params.yaml")


def played(policy: str, scores: Scores, right: float = 1.0) -> None:
    """Write a policy's episodes and benchmark items; NaN is an aborted episode."""
    episodes = [
        Episode(
            game=game,
            variant="v",
            instance_id=f"v-{i:04d}",
            players={},
            sample=0,
            seed=0,
            outcome=outcome_of(score),
            reason="",
            ended_by="",
            main_score=score,
            turns=[],
        )
        for game in scores
        for i, score in enumerate(scores[game])
    ]
    write_episodes(Path("data/play/self") / policy / "episodes.parquet", episodes)
    correct = [float(i < 20 * right) for i in range(20)]
    results = {"own_grammar": [TaskResult("own_grammar", 0.5, correct)]}
    write_benchmarks(Path("data/benchmarks") / policy, results)


def main(chance: float = 0.0, expert: float = 100.0) -> None:
    """Write the report, beside yardsticks that have the same score everywhere."""
    if not YARDSTICKS.exists():
        (first, *_) = load_params().policies
        path = Path("data/play/self") / first / "episodes.parquet"
        episodes = [
            dataclasses.replace(
                one,
                players={"player": name},
                outcome="lose",
                main_score=expert if name == "expert" else chance,
            )
            for name in load_params().yardsticks.players
            for one in (read_episodes(path) if path.exists() else [])
        ]
        write_episodes(YARDSTICKS, episodes)
    write_report()


def outcome_of(score: float) -> str:
    """Return the outcome that goes with a main score."""
    if math.isnan(score):
        return "aborted"
    return "success" if score == 100 else "lose"


def every_game(scores: list[float]) -> Scores:
    """Give every game the same scores."""
    return dict.fromkeys(GAMES, scores)


def nest_results() -> dict:
    """Return what the report wrote."""
    return json.loads(Path("data/report/details.json").read_text())


def test_few_numbers_are_metrics(project: Path) -> None:
    """What `dvc metrics diff` and `dvc exp show` print: four a policy, in percent."""
    played("base", every_game([100.0, 0.0]), right=0.5)
    played("warmup/formats", every_game([math.nan, math.nan]))
    main(expert=100.0)
    metrics = json.loads(Path("data/report/metrics.json").read_text())
    base = {"held_in": 50.0, "held_out": 50.0, "above_chance": 50.0, "benchmarks": 50.0}
    other = {"held_in": 0.0, "held_out": 0.0, "above_chance": 0.0, "benchmarks": 100.0}
    assert metrics == {"base": base, "warmup/formats": other}


def test_clemscore_is_that_of_hand_made_episodes(project: Path) -> None:
    """Half played at quality 100 in three games: 50; one game only: see both forms."""
    half = [100.0, 100.0, math.nan, math.nan]
    played("base", every_game(half))
    rarely = every_game([math.nan] * 4) | {"taboo": half}
    played("warmup/formats", rarely)
    main()
    base, other = (
        nest_results()["base"]["held_in"],
        nest_results()["warmup/formats"]["held_in"],
    )
    assert (base["clemscore"], base["product"]) == (50.0, 50.0)
    assert (base["played"], base["quality"]) == (50.0, 100.0)
    assert (other["played"], other["quality"]) == (16.67, 100.0)
    assert (other["clemscore"], other["product"]) == (16.67, 16.67)


def test_the_product_form_does_not_let_one_lucky_episode_lift_a_game(
    project: Path,
) -> None:
    """One solved episode in a game otherwise aborted lifts the standard form more."""
    dull = [0.0] * 10
    played("base", every_game(dull))
    played("warmup/formats", every_game(dull) | {"taboo": [100.0] + [math.nan] * 9})
    main()
    lucky = nest_results()["warmup/formats"]["held_in"]
    assert lucky["clemscore"] > 20 > 5 > lucky["product"] > 0


def test_a_clear_gain_is_higher_and_equal_policies_are_not_told_apart(
    project: Path,
) -> None:
    """Equality is never certain: it has an interval, and what could have been seen."""
    rng = random.Random(0)
    weak = {game: [rng.choice([0.0, 50.0]) for _ in range(24)] for game in GAMES}
    strong = {game: [score + 50 for score in weak[game]] for game in GAMES}
    played("base", weak, right=0.5)
    played("warmup/formats", strong | {"guesswhat": weak["guesswhat"]}, right=0.5)
    main()
    delta = nest_results()["warmup/formats"]["delta"]["base"]
    gain = delta["held_in"]["product"]
    assert gain["low"] > 40 and gain["label"] == "higher" and gain["p"] < 0.001
    same = delta["held_out"]["product"]
    assert same["label"] == "not distinguishable" and same["p"] == 1
    assert -20 < same["low"] < 0 < same["high"] < 20
    assert delta["benchmarks"]["accuracy"]["label"] == "not distinguishable"
    table = Path("data/report/table.md").read_text()
    assert "] higher |" in table
    assert "] not distinguishable (could see ±" in table
    assert "noise" not in table


def test_a_clear_loss_is_lower(project: Path) -> None:
    """The sign is that of the policy, less what it is compared with."""
    played("base", every_game([100.0] * 12), right=1.0)
    played("warmup/formats", every_game([0.0] * 12), right=0.0)
    main()
    delta = nest_results()["warmup/formats"]["delta"]["base"]
    for suite, measure in (("held_in", "product"), ("benchmarks", "accuracy")):
        assert delta[suite][measure]["label"] == "lower"
        assert delta[suite][measure]["high"] < 0


def test_nothing_won_is_no_certainty_of_nothing(project: Path) -> None:
    """0 of 24 is an interval that reaches above zero, like 24 of 24 below 100."""
    played("base", every_game([0.0] * 24))
    played("warmup/formats", every_game([100.0] * 24))
    main()
    none, all_won = (nest_results()[p]["held_out"] for p in ("base", "warmup/formats"))
    assert none["low"] == 0 and 10 < none["high"] < 18
    assert all_won["high"] == 100 and 82 < all_won["low"] < 90


def test_pairing_narrows_the_interval_of_a_difference(project: Path) -> None:
    """A constant gain over varied instances has a narrower interval than a score."""
    weak = [0.0, 90.0] * 12
    played("base", every_game(weak))
    played("warmup/formats", every_game([score + 10 for score in weak]))
    main()
    score = nest_results()["warmup/formats"]["held_in"]
    delta = nest_results()["warmup/formats"]["delta"]["base"]["held_in"]["clemscore"]
    assert score["high"] - score["low"] > 10 > delta["high"] - delta["low"]


def test_training_seeds_are_pooled_into_one_row(project: Path) -> None:
    """The row's score is the mean over seeds, its interval as wide as they differ."""
    policies = ["base", "warmup/formats", "sft/sft/0", "sft/sft/1"]
    set_params(project, policies=policies, seeds=[0, 1])
    for policy, score in zip(policies, (0.0, 0.0, 20.0, 60.0), strict=True):
        played(policy, every_game([score] * 24))
    main()
    row = nest_results()["sft/sft"]["held_in"]
    assert row["clemscore"] == 40.0 and row["low"] < 20 and row["high"] > 60
    rows = {"base", "warmup/formats", "sft/sft"}
    others = {*load_params().yardsticks.players, "verdicts", "seats"}
    assert set(nest_results()) == rows | others
    assert list(nest_results()["sft/sft"]["delta"]) == ["base", "warmup/formats"]
    assert (
        "sft from warmup/formats, 2 seeds" in Path("data/report/table.md").read_text()
    )


def test_a_policy_is_compared_with_the_start_of_its_own_seed(project: Path) -> None:
    """What seeds have in common with their starts takes no width."""
    row = ResultRow(
        "dpo/turn", ("dpo/turn/0", "dpo/turn/1"), ("sft/sft/0", "sft/sft/1")
    )
    evaluated = ["base", "sft/sft/0", "sft/sft/1", *row.policies]
    assert row.list_references(evaluated) == {
        "sft/sft": ("sft/sft/0", "sft/sft/1"),
        "base": ("base",),
    }
    one_start = ResultRow("dpo/turn", row.policies, ("sft/sft/0", "sft/sft/0"))
    assert list(one_start.list_references(evaluated)) == ["sft/sft/0", "base"]


def test_aborted_everywhere_is_undefined_quality_and_clemscore_nought(
    project: Path,
) -> None:
    """Nothing played: quality is null, a dash in the table, and clemscore is 0."""
    played("base", every_game([math.nan] * 5))
    played("warmup/formats", every_game([100.0] * 5))
    main()
    score = nest_results()["base"]["held_in"]
    assert score["quality"] is None
    assert (score["clemscore"], score["low"]) == (0.0, 0.0) and score["high"] > 0
    table = Path("data/report/table.md").read_text().splitlines()
    row = next(line for line in table if line.startswith("| `base` | not trained"))
    high = f"{score['high']:.1f}"
    assert f"| 0.0 [0.0, {high}] | 0.0 [0.0, {high}] | \N{EN DASH} |" in row


def test_the_vectorised_measures_agree_with_games_scoring() -> None:
    """They equal the rounded scores, to rounding."""
    rng = random.Random(1)
    scores = {
        game: [rng.choice([math.nan, 0.0, 33.33, 100.0]) for _ in range(17)]
        for game in GAMES
    }
    expected = score_episodes(
        (game, outcome_of(score), score) for game in GAMES for score in scores[game]
    )
    ours = measure_suite([np.array([scores[game]]) / 100 for game in GAMES])
    for name in ("played", "quality", "clemscore", "product"):
        point = 100 * ours[name].points.item()
        assert point == pytest.approx(getattr(expected, name), abs=0.02)


def test_running_twice_changes_no_byte(project: Path) -> None:
    """The README's block is replaced once, and all artifacts are byte-identical."""
    for policy in ("base", "warmup/formats"):
        played(policy, every_game([0.0, 50.0, 100.0, math.nan]))
    main()
    made = [Path("README.md"), *sorted(Path("data/report").iterdir())]
    first = [path.read_bytes() for path in made]
    main()
    assert [path.read_bytes() for path in made] == first
    text = Path("README.md").read_text()
    assert text.startswith("# Study\n") and text.endswith(f"{END}\n\nmore\n")
    assert "old results" not in text.split(START)[1] and "| `base` |" in text


def test_a_readme_without_markers_is_refused(tmp_path: Path) -> None:
    """One sentence names both markers, and the file stays as it was."""
    readme = tmp_path / "README.md"
    for text in ("# Study\n", f"{END}\n{START}\n", f"{START}{END}{START}{END}"):
        readme.write_text(text)
        with pytest.raises(ArtifactError, match="once each and in this order"):
            replace_block(readme, "table")
        assert readme.read_text() == text


@pytest.mark.parametrize("kind", ["play/self", "benchmarks"])
def test_a_missing_policy_is_one_sentence(project: Path, kind: str) -> None:
    """The sentence names the missing file and what to run."""
    played("base", every_game([1.0]))
    played("warmup/formats", every_game([1.0]))
    folder = Path("data") / kind / "warmup/formats"
    next(folder.glob("*.parquet")).unlink()
    with pytest.raises(ArtifactError, match=f"{folder}.* is missing: run `dvc repro`"):
        main()


def test_policies_that_faced_different_tests_are_refused(project: Path) -> None:
    """A paired difference needs the same instances and the same items."""
    played("base", every_game([1.0, 2.0]))
    played("warmup/formats", every_game([1.0]))
    with pytest.raises(ArtifactError, match="hold different tests"):
        main()


def test_rows_csv_has_a_line_for_each_policy_and_suite(project: Path) -> None:
    """Benchmarks are no clemscore, so two lines a policy."""
    for policy in ("base", "warmup/formats"):
        played(policy, every_game([50.0] * 4))
    main()
    lines = Path("data/report/rows.csv").read_text().splitlines()
    assert lines[0] == "policy,suite,clemscore,low,high"
    assert [line.split(",")[:3] for line in lines if line.startswith("base")] == [
        ["base", "held_in", "50.0"],
        ["base", "held_out", "50.0"],
    ]
    assert len(lines) == 5 + 2 * len(load_params().yardsticks.players)


def curve(policy: str, text: str) -> Path:
    """Write a learning curve."""
    path = Path("data/curves") / f"{policy}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_curves_csv_holds_every_learning_curve(project: Path) -> None:
    """One line a policy and step, digits as they were, empty where nothing is."""
    curve("warmup/v1.2", "step,loss,entropy\n1,2.50,1e-07\n2,2.25,\n")
    curve("grpo/grpo/0", "step,loss,reward\n1,0.0,55.5\n")
    write_curves(Path("curves.csv"))
    assert Path("curves.csv").read_text().splitlines() == [
        "policy,step,loss,reward,entropy",
        "grpo/grpo/0,1,0.0,55.5,",
        "warmup/v1.2,1,2.50,,1e-07",
        "warmup/v1.2,2,2.25,,",
    ]


@pytest.mark.parametrize("text", ["", "loss\n1\n", "step,loss\n1\n", "step\n1,2\n"])
def test_a_damaged_curve_is_one_sentence(project: Path, text: str) -> None:
    """The file is named."""
    path = curve("sft/sft/0", text)
    with pytest.raises(ArtifactError, match=f"{path} is damaged: delete it"):
        write_curves(Path("curves.csv"))


def test_one_training_seed_is_said_to_be_one(project: Path) -> None:
    """The caption warns that training varies, unless several seeds are pooled."""
    for policy in ("base", "warmup/formats"):
        played(policy, every_game([50.0] * 4))
    warning = "There is one training seed"
    main()
    assert warning in Path("data/report/table.md").read_text()
    set_params(project, policies=["base", "warmup/formats"], seeds=[0, 1])
    main()
    assert warning not in Path("data/report/table.md").read_text()


def test_the_papers_numbers_keep_their_source_and_gaps_stay_empty() -> None:
    """Every number has a known tag; what is missing is null, never a number."""
    paper = YAML(typ="safe").load(ROOT / "stages/report/paper.yaml")
    cells = [
        value
        for row in paper["rows"]
        for column, value in row.items()
        if column != "policy"
    ]
    assert any(value is None for value in cells)
    assert all(tag in paper["sources"] for value in cells if value for tag in value[1:])


def test_an_unreadable_file_is_one_sentence(project: Path) -> None:
    """A damaged samples.parquet is named."""
    played("base", every_game([1.0]))
    played("warmup/formats", every_game([1.0]))
    path = Path("data/benchmarks/base/samples.parquet")
    path.write_bytes(b"not parquet")
    with pytest.raises(ArtifactError, match=r"samples\.parquet is damaged"):
        main()
    pq.write_table(pa.table({"task": ["t"], "item": [0], "correct": [1.0]}), path)
    with pytest.raises(ArtifactError, match="different tests"):
        main()
