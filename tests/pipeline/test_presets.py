"""Presets change values only, and the laptop's are the committed ones."""

from pathlib import Path

import pytest

from games.errors import ParamsError
from games.registry import GAMES
from pipeline.params.files import read_yaml
from pipeline.params.read import load_params
from pipeline.params.sections.instances import Instances
from pipeline.presets import FOLDER, PRESETS, apply_preset, find_values, write_preset
from stages.instances.sources import take
from stages.leakage.audit import AUDITED, audit
from tests.games.oracle import CHECKOUT, original

ROOT = Path(__file__).parents[2]


PAPER = FOLDER / "paper.yaml"


@pytest.fixture
def committed() -> str:
    """The text of params.yaml with the laptop's values."""
    return (ROOT / "params.yaml").read_text()


def test_laptop_is_what_is_committed(committed: str) -> None:
    """The preset and the committed params.yaml agree to the byte."""
    laptop = (FOLDER / "laptop.yaml").read_text()
    hint = "take it over by `python -m pipeline.presets --save laptop`"
    assert apply_preset(committed, laptop) == committed, hint


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_can_be_run(preset: str, tmp_path: Path) -> None:
    """What a preset leaves in params.yaml passes every check, under its own name."""
    path = tmp_path / "params.yaml"
    path.write_bytes((ROOT / "params.yaml").read_bytes())
    write_preset(preset, path)
    assert load_params(path).preset == preset


def test_presets_follow_each_other_in_any_order(tmp_path: Path) -> None:
    """Nothing of an earlier preset stays, and the laptop's restores every byte."""
    path = tmp_path / "params.yaml"
    texts: dict[str, set[bytes]] = {preset: set() for preset in PRESETS}
    path.write_bytes((ROOT / "params.yaml").read_bytes())
    for preset in (*PRESETS, "smoke", "paper", "gpu", "smoke", *reversed(PRESETS)):
        write_preset(preset, path)
        texts[preset].add(path.read_bytes())
    assert [len(versions) for versions in texts.values()] == [1] * len(PRESETS)
    assert texts["laptop"] == {(ROOT / "params.yaml").read_bytes()}


def test_comments_and_own_changes_stay(tmp_path: Path, committed: str) -> None:
    """Only values change; a key that no preset names keeps what you set it to."""
    path = tmp_path / "params.yaml"
    path.write_text(committed.replace("seed: 7331", "seed: 7"))
    write_preset("smoke", path)
    text = path.read_text()
    assert load_params(path).seed == 7
    for line in committed.splitlines():
        assert line.partition("#")[2] in text


def test_every_changed_key_is_in_laptop() -> None:
    """Otherwise no preset could put it back."""
    laptop = set(find_values((FOLDER / "laptop.yaml").read_text()))
    for preset in PRESETS:
        assert set(find_values((FOLDER / f"{preset}.yaml").read_text())) <= laptop


def test_the_paper_s_games_are_played_from_its_files(tmp_path: Path) -> None:
    """Trained on v0.9 and v1.0, tested on v2.0; GRPO learns a role of every game."""
    path = tmp_path / "params.yaml"
    path.write_bytes((ROOT / "params.yaml").read_bytes())
    write_preset("paper", path)
    params = load_params(path)

    assert params.instances.source == "clembench"
    assert params.instances.clembench.train == ["v0.9", "v1.0"]
    assert params.instances.clembench.test == ["v2.0"]
    assert set(params.grpo.common.roles) == set(params.games.held_in)
    assert len(params.games.held_out) == 7


@pytest.mark.parametrize("game", read_yaml(PAPER)["games"]["held_in"])
def test_the_paper_s_overlaps_are_named(game: str) -> None:
    """A game may overlap if and only if its files do, and no instance is left out."""
    section = read_yaml(PAPER)["instances"]
    theirs = section["clembench"]["train"] + section["clembench"]["test"]
    found = sum(len(original(game, version)) for version in theirs)
    files = section["clembench"] | {"checkout": str(CHECKOUT)}
    settings = Instances(**(section | {"rules": "v2", "clembench": files}))
    splits = {split: take(GAMES[game], split, settings) for split in AUDITED}

    assert sum(map(len, splits.values())) == found
    overlap = audit(GAMES[game], splits)
    shares = any(any(counts.values()) for counts in overlap.values())
    assert shares == (game in read_yaml(PAPER)["leakage"]["may_overlap"])


def test_an_unknown_preset_or_key_is_a_sentence(committed: str) -> None:
    """A typo is answered with the closest name."""
    with pytest.raises(ParamsError, match="did you mean 'smoke'"):
        write_preset("smoke1")
    with pytest.raises(ParamsError, match=r"did you mean 'compute\.threads'"):
        apply_preset(committed, "compute: {thread: 2}")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", r"params\.yaml holds no keys: restore it"),
        ("- 1\n", r"params\.yaml holds no keys: restore it"),
        ("seed: [1\n", r"params\.yaml is not valid YAML: .* in line"),
        ("seed: 1\nseed: 2\n", r"params\.yaml is not valid YAML"),
    ],
)
def test_a_broken_file_is_a_sentence_and_stays(
    text: str, sentence: str, tmp_path: Path
) -> None:
    """There is nothing to put the values into, so nothing is written."""
    path = tmp_path / "params.yaml"
    path.write_text(text)
    with pytest.raises(ParamsError, match=sentence) as caught:
        write_preset("smoke", path)
    assert "\n" not in str(caught.value)
    assert path.read_text() == text


def test_values_that_cannot_be_run_are_not_written(
    tmp_path: Path, committed: str
) -> None:
    """A preset that would leave a broken file leaves the old one, and nothing else."""
    path = tmp_path / "params.yaml"
    path.write_text(committed.replace("seed: 7331", "seed: -1"))
    old = path.read_bytes()
    with pytest.raises(ParamsError, match=r"^params\.yaml: seed: must be"):
        write_preset("smoke", path)
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]
