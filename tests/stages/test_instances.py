"""Instances that come from the files of a clembench checkout."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from games.code import hash_code
from games.contract import Instance
from games.errors import ArtifactError, InstanceError, ParamsError
from games.registry import GAMES
from pipeline.params.read import load_params
from pipeline.params.sections.instances import Instances
from stages.common.files import write_json
from stages.common.games import locate_code
from stages.common.instances import locate_instances, read_instances
from stages.common.keys import fingerprint
from stages.instances.sources import apply_rules, confirm_checkout, generate, take
from stages.leakage.audit import AUDITED, audit, refuse_overlap
from tests.stages.small import PLAYED, run_stage, set_params, write_inputs

WORDS = {"v1.0": [f"train{n}" for n in range(40)], "v2.0": ["testa", "testb", "testc"]}
FILES = {"v1.0": "instances_v1.0.json", "v2.0": "instances.json"}


def checkout(folder: Path, words: dict[str, list[str]] = WORDS) -> Path:
    """Write taboo's files with these target words, half of them in each variant."""
    (folder / "taboo" / "in").mkdir(parents=True)
    for version, targets in words.items():
        experiments = [
            {
                "name": name,
                "describer_initial_prompt": "Describe $TARGET_WORD$.",
                "game_instances": [
                    {"game_id": n, "target_word": word, "related_word": ["x"]}
                    for n, word in enumerate(targets[half::2])
                ],
            }
            for half, name in enumerate(("high_en", "low_en"))
        ]
        text = json.dumps({"experiments": experiments})
        (folder / "taboo" / "in" / FILES[version]).write_text(text)
    return folder


def settings(folder: Path, **sizes: int) -> Instances:
    """Return the section `instances` that takes a checkout's files."""
    section = {
        "source": "clembench",
        "rules": "v2",
        "train": 99,
        "validation": 9,
        "test": 9,
    }
    files = {"checkout": str(folder), "train": ["v1.0"], "test": ["v2.0"]}
    return Instances(**(section | sizes), clembench=files | {"sha256": None})


def take_all(folder: Path, **sizes: int) -> dict[str, list[Instance]]:
    """Take the instances of every split from a checkout."""
    section = settings(folder, **sizes)
    return {split: take(GAMES["taboo"], split, section) for split in AUDITED}


def test_versions_become_splits(tmp_path: Path) -> None:
    """Test files are the test split; validation is cut out of the training files."""
    words = {
        split: {one.data["target_word"] for one in instances}
        for split, instances in take_all(checkout(tmp_path)).items()
    }

    assert words["test"] == set(WORDS["v2.0"])
    assert words["train"] | words["validation"] == set(WORDS["v1.0"])
    assert not words["train"] & words["validation"]
    assert words["validation"]


def test_the_game_is_played_with_their_prompts(tmp_path: Path) -> None:
    """What a role sees first is the checkout's own text."""
    instances = take(GAMES["taboo"], "test", settings(checkout(tmp_path)))

    seen = {GAMES["taboo"].master(one).observe() for one in instances}

    assert seen == {f"Describe {word}." for word in WORDS["v2.0"]}


def test_at_most_so_many_are_taken_from_all_variants(tmp_path: Path) -> None:
    """A limit takes from each variant in turn."""
    train = take_all(checkout(tmp_path), train=4)["train"]

    assert [one.variant for one in train] == ["high_en", "low_en", "high_en", "low_en"]


def test_a_game_that_is_held_out_needs_no_training_files(tmp_path: Path) -> None:
    """It has test instances only."""
    folder = checkout(tmp_path, {"v2.0": WORDS["v2.0"]})

    assert take(GAMES["taboo"], "test", settings(folder))
    with pytest.raises(InstanceError, match=r"instances_v1\.0\.json"):
        take(GAMES["taboo"], "train", settings(folder))


def test_a_checkout_is_pinned(tmp_path: Path) -> None:
    """Its hash is told, kept, and refused once a file has changed."""
    files = settings(checkout(tmp_path)).clembench
    with pytest.raises(ParamsError, match="must be pinned") as told:
        confirm_checkout(files)
    (pinned,) = re.findall(r"sha256: (\w+)", str(told.value))
    files = files.model_copy(update={"sha256": pinned})
    confirm_checkout(files)

    (tmp_path / "README.md").write_text("no instance")
    confirm_checkout(files)
    (tmp_path / "taboo/in" / FILES["v2.0"]).write_text("{}")

    with pytest.raises(ParamsError, match="holds other files"):
        confirm_checkout(files)


@pytest.mark.parametrize(
    ("game", "rules", "played"),
    [
        *(("wordle", "v2", "v2"), ("wordle", "v3", "v3")),
        *(("taboo", "v3", "v2"), ("dond", "v2", "v3")),
    ],
)
def test_the_rules_are_those_of_the_params(game: str, rules: str, played: str) -> None:
    """A game that has the version is played by it, all others by the one they have."""
    (own,) = generate(GAMES[game], "test", 1, seed=0)

    assert GAMES[game].master(apply_rules(GAMES[game], own, rules)).rules == played


def test_a_word_of_both_versions_is_found(tmp_path: Path) -> None:
    """The audit sees a target that training and test files share."""
    words = WORDS | {"v2.0": ["train1", "train2", "train3"]}
    splits = take_all(checkout(tmp_path, words))

    with pytest.raises(InstanceError, match=r"name taboo in leakage\.may_overlap"):
        refuse_overlap("taboo", audit(GAMES["taboo"], splits))


def test_a_malformed_instance_stops_the_stage(tmp_path: Path) -> None:
    """The instance and its field are named, and where to name other files."""
    path = checkout(tmp_path) / "taboo" / "in" / FILES["v2.0"]
    path.write_text(path.read_text().replace("related_word", "related"))

    with pytest.raises(InstanceError, match=r"related_word.*instances\.clembench"):
        take(GAMES["taboo"], "test", settings(tmp_path))


def test_a_source_without_files_is_refused(tmp_path: Path) -> None:
    """Choosing clembench needs the checkout and the versions."""
    text = Path("params.yaml").read_text()
    path = tmp_path / "params.yaml"
    path.write_text(text.replace("source: generators", "source: clembench"))

    with pytest.raises(Exception, match=r"needs clembench\.checkout"):
        load_params(path)


SIZES = {"train": 5, "validation": 2, "test": 3}


def write_code(game: str) -> None:
    """Write what the stage `games` writes for a study of one game."""
    code = hash_code([game], bridges=True)
    write_json(locate_code("held_in", bridges=True), code)


def make(split: str, **changes: object) -> list[Instance]:
    """Run the stage for a split of the small study; return what it wrote."""
    sized = {f"instances__{name}": size for name, size in SIZES.items()}
    set_params(**(sized | changes))
    run_stage("instances", "--split", split)
    return read_instances(locate_instances(split), games=[])


@pytest.mark.parametrize("split", SIZES)
def test_a_split_has_its_own_instances(project: Path, split: str) -> None:
    """So many of each trained game as the split's size says, made for that split."""
    write_inputs()

    instances = make(split)

    assert Counter(one.game for one in instances) == {
        game: SIZES[split] for game in PLAYED["held_in"]
    }
    for game in PLAYED["held_in"]:
        made = generate(GAMES[game], split, SIZES[split], load_params().seed)
        assert [one for one in instances if one.game == game] == made


def test_held_out_games_have_test_instances_alone(project: Path) -> None:
    """As many as a trained game has, made as test instances are."""
    write_inputs()

    instances = make("held_out")

    seed = load_params().seed
    assert instances == generate(GAMES["guesswhat"], "test", SIZES["test"], seed)


def test_splits_and_seeds_give_other_instances(project: Path) -> None:
    """No two of them are alike, and variants have a fair share each."""
    taboo = GAMES["taboo"]
    found = {
        (split, seed): generate(taboo, split, 7, seed)
        for split in SIZES
        for seed in (1, 2)
    }
    texts = {str([one.data for one in instances]) for instances in found.values()}
    assert len(texts) == len(found)
    shares = Counter(one.variant for one in found["train", 1])
    assert sum(shares.values()) == 7
    assert max(shares.values()) - min(shares.values()) <= 1


def test_the_stage_plays_by_the_rules_of_the_params(project: Path) -> None:
    """They stand in the instances of games that have them."""
    games = {"held_in": ["wordle"], "held_out": []}
    write_code("wordle")
    roles = {"wordle": [GAMES["wordle"].spec.roles[0]]}

    for rules in ("v2", "v3"):
        changes = {"games": games, "grpo__common__roles": roles}
        instances = make("test", instances__rules=rules, **changes)
        played = {GAMES["wordle"].master(one).rules for one in instances}
        assert played == {rules}


def test_the_stage_confirms_code_and_checkout(project: Path) -> None:
    """Games that were edited, and files that are not pinned, are refused."""
    write_inputs()
    files = settings(checkout(project / "files")).clembench.model_dump()
    with pytest.raises(ParamsError, match="must be pinned"):
        make("test", instances__source="clembench", instances__clembench=files)

    write_json(locate_code("held_in", bridges=True), {})
    with pytest.raises(ArtifactError, match="edited"):
        make("test")


def test_the_stage_takes_what_a_checkout_has(project: Path) -> None:
    """A split comes from its own versions."""
    files = settings(checkout(project / "files")).clembench
    found = fingerprint(Path(files.checkout), "*.json")
    files = files.model_copy(update={"sha256": found})
    games = {"held_in": ["taboo"], "held_out": []}
    write_code("taboo")

    instances = make(
        "test",
        games=games,
        instances__source="clembench",
        instances__clembench=files.model_dump(),
    )

    assert {one.data["target_word"] for one in instances} == set(WORDS["v2.0"])


@pytest.mark.parametrize("game", ["referencegame", "guesswhat", "matchit_ascii"])
@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_no_answer_is_right_more_often_than_another(game: str, split: str) -> None:
    """Whoever always says the same wins no more than its share, in every split."""
    made = generate(GAMES[game], split, 24, seed=7331)
    counts = Counter(map(GAMES[game].answer, made))
    assert set(counts.values()) == {24 // len(counts)}
