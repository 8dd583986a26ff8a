"""The key of half-done work changes with all that DVC would see."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from games.errors import ParamsError
from pipeline.params.pins import confirm_pin, fingerprint
from stages.common import keys
from stages.common.keys import derive_scratch_key

ROOT = Path(__file__).parents[3]
SFT = {"start": "warmup/formats", "variant": "sft", "seed": "0"}


@pytest.fixture
def house(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the real graph, parameters and code, and some data."""
    skip = shutil.ignore_patterns("__pycache__")
    for name in ("games", "pipeline", "stages"):
        shutil.copytree(ROOT / name, project / name, ignore=skip)
    for name in ("dvc.yaml", "params.yaml", "requirements.lock"):
        shutil.copy2(ROOT / name, project / name)
    for name in ("demonstrations/rows.parquet", "warmup/formats/model.safetensors"):
        path = project / "data" / name
        path.parent.mkdir(parents=True)
        path.write_text("data")
    versions = project / "data/packages/versions.json"
    versions.parent.mkdir(parents=True)
    shared = ("trl", "torch", "transformers", "peft", "datasets", "accelerate")
    more = ("jinja2", "pandas", "pyarrow", "safetensors", "tokenizers", "nltk", "numpy")
    texts = [f'"{name}": "1"' for name in (*shared, *more, "vllm", "bitsandbytes")]
    versions.write_text("{" + ", ".join(texts) + "}")
    monkeypatch.setattr(keys, "ROOT", project)
    return project


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text that is in a file."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("stages/sft/__main__.py", "import argparse", "import  argparse"),
        ("stages/training/recipe.py", "_POOL = 8", "_POOL = 9"),
        ("stages/training/supervised.py", "IGNORED", "IGNORED "),
        ("pipeline/params/schema.py", "def _merge", "def  _merge"),
        ("data/demonstrations/rows.parquet", "data", "rows"),
        ("data/warmup/formats/model.safetensors", "data", "weights"),
        ("data/packages/versions.json", '"trl": "1"', '"trl": "2"'),
        ("params.yaml", "epochs: 2 ", "epochs: 3 "),
        ("params.yaml", "sft: {}", "sft: {epochs: 3}"),
        ("params.yaml", "device: cpu", "device: cuda"),
        ("dvc.yaml", "python -m stages.sft", "python  -m stages.sft"),
    ],
)
def test_what_dvc_sees_changes_the_key(
    house: Path, file: str, old: str, new: str
) -> None:
    """Code, data, packages, parameters and the command: half-done work is void."""
    before = derive_scratch_key("sft", SFT)
    edit(house / file, old, new)
    assert derive_scratch_key("sft", SFT) != before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("stages/grpo/rewards/score.py", "import", "import "),
        ("stages/common/cli.py", "import os", "import  os"),
        ("params.yaml", "threads: 1", "threads: 2"),
        ("params.yaml", "steps: 16 ", "steps: 17 "),
        ("data/packages/versions.json", '"nltk": "1"', '"nltk": "2"'),
    ],
)
def test_what_decides_nothing_keeps_it(
    house: Path, file: str, old: str, new: str
) -> None:
    """Half-done work goes on after edits of other stages, and at another speed."""
    before = derive_scratch_key("sft", SFT)
    edit(house / file, old, new)
    assert derive_scratch_key("sft", SFT) == before


def test_a_warm_up_depends_on_its_trainer(house: Path) -> None:
    """The trainer lies in another room than the stage."""
    before = derive_scratch_key("warmup", {"variant": "formats"})
    edit(house / "stages/training/recipe.py", "_POOL = 8", "_POOL = 9")
    assert derive_scratch_key("warmup", {"variant": "formats"}) != before


def test_every_item_and_layout_has_its_own(house: Path) -> None:
    """Seeds, variants and the size of shards lead to other folders."""
    found = {derive_scratch_key("sft", SFT | {"seed": seed}) for seed in range(3)}
    found |= {derive_scratch_key("sft", SFT, also=size) for size in (1, 2)}
    assert len(found) == 5


def test_a_folder_that_dvc_ignores_does_not_count(tmp_path: Path) -> None:
    """Caches of Python and the time stamps of Snakemake are no data."""
    (tmp_path / "a.txt").write_text("a")
    before = fingerprint(tmp_path)
    (tmp_path / ".snakemake_timestamp").touch()
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__/a.pyc").touch()
    assert fingerprint(tmp_path) == before
    (tmp_path / "a.txt").rename(tmp_path / "b.txt")
    assert fingerprint(tmp_path) != before


def test_a_missing_key_is_one_sentence(house: Path) -> None:
    """A parameter that dvc.yaml names and params.yaml lacks."""
    edit(house / "params.yaml", "device: cpu", "devise: cpu")
    with pytest.raises(ParamsError, match=r"no key compute\.device"):
        derive_scratch_key("sft", SFT)


def test_a_pin_is_told_and_kept() -> None:
    """The first time the hash is printed; other files are refused."""
    with pytest.raises(ParamsError, match=r"base\.folder\.sha256: abc into params"):
        confirm_pin("abc", None, "a/model", "base.folder.sha256")
    with pytest.raises(ParamsError, match=r"a/model holds other files"):
        confirm_pin("abc", "def", "a/model", "base.folder.sha256")
    confirm_pin("abc", "abc", "a/model", "base.folder.sha256")


def test_places_are_filled_as_dvc_fills_them(house: Path) -> None:
    """What DVC resolves of every stage with a key is what the key is made of."""
    subprocess.run(["git", "init", "-q"], cwd=house, check=True)
    subprocess.run(["dvc", "init", "-q"], cwd=house, check=True)
    from dvc.dependency.param import ParamsDependency
    from dvc.repo import Repo

    graph = YAML(typ="safe").load(house / "dvc.yaml")["stages"]
    params = YAML(typ="safe").load(house / "params.yaml")
    items = {
        "warmup@formats": {"variant": "formats"},
        "selfplay": {},
        "sft@sft-0": SFT,
        "dpo@dpo-dialogue-0": {
            "start": "sft/sft/0",
            "variant": "dpo-dialogue",
            "seed": 0,
        },
        "grpo@sft-grpo-0": {
            "start": "sft/sft/0",
            "partner": "base",
            "variant": "sft-grpo",
            "seed": 0,
        },
        "play@self-base": {"lineup": "self", "policy": "base"},
    }
    with Repo(str(house)) as repo:
        for name, item in items.items():
            stage = repo.stage.load_one("dvc.yaml", name)
            entry = graph[name.partition("@")[0]]
            entry = entry.get("do", entry)
            filled = {f"item.{key}": value for key, value in item.items()}
            assert stage.cmd == keys._fill(entry["cmd"], filled, params)
            ours = {keys._fill(dep, filled, params) for dep in entry["deps"]}
            theirs = {
                str(Path(dep.fs_path).relative_to(house.resolve()))
                for dep in stage.deps
                if not isinstance(dep, ParamsDependency)
            }
            assert ours == theirs
            read = {
                keys._fill(key, filled, params) for _, key in keys._list_params(entry)
            }
            named = [d.params for d in stage.deps if isinstance(d, ParamsDependency)]
            assert read == {key for group in named for key in group}
            assert not any(re.search(r"\$\{", text) for text in ours | read)
