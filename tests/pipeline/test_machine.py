"""What this machine lacks is said before any work starts, in one sentence."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
import torch
from huggingface_hub import errors
from safetensors.torch import save_file

from games.errors import ParamsError
from pipeline.params import hub, machine
from pipeline.params.files import read_yaml
from pipeline.params.machine import check_compute, check_machine
from pipeline.params.pins import fingerprint
from pipeline.params.read import make_params
from pipeline.params.sections.whole import Params
from pipeline.params.tasks import check_tasks
from tests.broken import is_one_sentence
from tests.recipe import choose_variants

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, where nothing is made yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "none"))
    monkeypatch.setattr(hub.constants, "HF_HUB_CACHE", str(tmp_path / "none"))
    monkeypatch.setattr(hub.constants, "HF_HUB_OFFLINE", False)
    return tmp_path


def make(**values: Any) -> Params:
    """Make the live parameters with some changed; two underscores stand for a dot."""
    raw = read_yaml(ROOT / "params.yaml")
    choose_variants(raw)
    for key, value in values.items():
        *above, last = key.split("__")
        section = raw
        for name in above:
            section = section[name]
        section[last] = value
    return make_params(raw, Path("params.yaml"))


def refuse(params: Params, *stages: str) -> str:
    """Return the sentence with which parameters are refused."""
    with pytest.raises(ParamsError) as caught:
        check_machine(params, *([stages] if stages else []))
    assert is_one_sentence(str(caught.value))
    return str(caught.value)


def test_the_committed_file_can_be_run_here() -> None:
    """The laptop's study wants nothing but what `make setup` installs."""
    check_machine(make())


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let PyTorch find no GPU, and be imported at once."""
    cuda = SimpleNamespace(is_available=lambda: False)
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))


@pytest.mark.usefixtures("no_gpu")
def test_a_gpu_is_looked_for_where_jobs_run() -> None:
    """Not where other machines run them, nor for jobs that compute nothing."""
    params = make(compute__device="cuda")
    assert refuse(params).startswith("compute.device: cuda, but PyTorch finds no GPU")
    check_machine(params, elsewhere=True)
    check_compute(params, {"report", "demonstrations", "leakage", "base"})
    with pytest.raises(ParamsError, match="no GPU"):
        check_compute(params, {"sft"})


def test_vllm_is_looked_for_before_old_episodes_are_removed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever samples with vLLM has to have it; a training need not."""
    monkeypatch.setattr(machine, "find_spec", lambda name: None)
    params = make(compute__engine="vllm")
    assert "vllm is not installed: `pip install vllm`" in refuse(params, "play")
    check_compute(params, {"sft", "dpo", "benchmarks"})


PLACE = {"id": "a/model", "revision": "main", "file": None}
HUB = {"base__source": "hub", "base__hub": PLACE}


def fail_with(error: Exception) -> object:
    """Make a hub that answers with an error."""

    def model_info(*_: object, **__: object) -> None:
        raise error

    return SimpleNamespace(model_info=model_info, dataset_info=model_info)


RESPONSE = httpx2.Response(500, request=httpx2.Request("GET", "https://hub/api"))
HUBS = [
    (httpx2.ConnectError("no"), "the hub does not answer (ConnectError): connect"),
    (errors.GatedRepoError("no", response=RESPONSE), "is gated: accept its terms"),
    (errors.RepositoryNotFoundError("no", response=RESPONSE), "is not on the hub"),
    (errors.HfHubHTTPError("no", response=RESPONSE), "answers with HTTP 500"),
]


@pytest.mark.parametrize(("error", "sentence"), HUBS, ids=str)
def test_a_hub_that_cannot_be_used_is_named(
    error: Exception, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No network, no permission and no such model are found at the start."""
    monkeypatch.setattr(hub, "HfApi", lambda: fail_with(error))
    assert sentence in refuse(make(**HUB))
    assert sentence in refuse(make(benchmarks__tasks=["copa"]))


def test_the_hub_is_not_asked_for_what_is_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A base that was made needs no hub any more."""
    monkeypatch.setattr(hub, "HfApi", lambda: pytest.fail("asked"))
    (folder / "data/base").mkdir(parents=True)
    check_machine(make(**HUB))


def test_a_folder_that_is_not_there_is_named() -> None:
    """Of a base model, of a checkout and of tasks."""
    missing = {"path": "no/where", "sha256": None}
    base = make(base__source="folder", base__folder=missing)
    assert "base.folder.path: there is no folder no/where" in refuse(base)
    checkout = make(
        instances__source="clembench", instances__clembench__checkout="no/where"
    )
    assert "instances.clembench.checkout: there is no folder" in refuse(checkout)
    tasks = make(benchmarks__folders=[missing])
    assert "benchmarks.folders.0.path: there is no folder" in refuse(tasks)


@pytest.mark.parametrize("is_adapted", [False, True])
def test_a_disk_that_is_too_small_is_named(
    is_adapted: bool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each policy that is still to be made takes its size twice: all, or adapters."""
    (folder / "data/base").mkdir(parents=True)
    weights = {"embed": torch.zeros(100, 8), "layers.0.q": torch.zeros(8, 6)}
    save_file(weights, folder / "data/base/model.safetensors")
    (folder / "data/base/tokenizer.json").write_bytes(b"x" * 1000)
    (folder / "data/sft/sft/0").mkdir(parents=True)
    whole = (folder / "data/base/model.safetensors").stat().st_size
    rank = 3  # a matrix of rank 3 is two, of 8 x 3 and 3 x 6
    size = 1000 + (4 * rank * (8 + 6) if is_adapted else whole)
    adapter = {"enabled": is_adapted, "rank": rank, "alpha": 8}
    names = ("warmup__adapter", "dpo__common__adapter", "grpo__common__adapter")
    params = make(**dict.fromkeys(names, adapter))

    def leave(free: int) -> None:
        disk = SimpleNamespace(free=free)
        monkeypatch.setattr(shutil, "disk_usage", lambda path: disk)

    leave(2 * 4 * size)  # warm-up, two of DPO, one of GRPO
    check_machine(params)
    leave(2 * 4 * size - 1)
    said = refuse(params)
    assert said.startswith("policies: 4 are still to be made and take about")


def test_a_damaged_base_is_not_for_the_disk_to_tell(folder: Path) -> None:
    """Whoever loads it says what is wrong; its size is that of what can be read."""
    (folder / "data/base").mkdir(parents=True)
    (folder / "data/base/model.safetensors").write_bytes(b"no weights at all" * 9)
    check_machine(make())


# --- benchmarks ------------------------------------------------------------------
@pytest.fixture
def mine(folder: Path) -> Iterator[Path]:
    """A folder of a user's own tasks."""
    mine = folder / "mine"
    mine.mkdir()
    (mine / "one.yaml").write_text(
        "task: my_one\ntag: my_tag\ninclude: base\nprocess_results: !function its.judge"
    )
    (mine / "base").write_text("doc_to_text: !function its.ask\n")
    (mine / "its.py").write_text("import json\nfrom helper import x\n")
    (mine / "helper.py").write_text("x = 1\n")
    (mine / "all.yaml").write_text("group: my_all\ntask: [my_one, {task: copa}]\n")
    return mine


def check(folder: Path, tasks: list[str], *, items: int = 60) -> list[str]:
    """Check tasks of a folder that is pinned as it is now; return their data sets."""
    pinned = {"path": str(folder), "sha256": fingerprint(folder)}
    params = make(
        benchmarks__tasks=tasks,
        benchmarks__folders=[pinned],
        benchmarks__items=items,
    )
    return check_tasks(params.benchmarks)


def test_own_and_other_tasks_are_found(mine: Path) -> None:
    """Ours, a user's, lm-eval's, by their own name, a group's or a tag's."""
    assert check(mine, ["own_grammar", "my_one", "mmlu_pro", "ifeval"]) == [
        *("TIGER-Lab/MMLU-Pro", "google/IFEval"),
    ]
    assert check(mine, ["my_tag"]) == []
    check(mine, ["my_all", "own_kinds"])


def test_a_folder_of_tasks_is_pinned(mine: Path) -> None:
    """Other files there are noticed, as they decide scores."""
    params = make(benchmarks__folders=[{"path": "mine", "sha256": None}])
    with pytest.raises(ParamsError, match=r"write benchmarks\.folders\.0\.sha256: "):
        check_tasks(params.benchmarks)


def test_what_counts_twice_is_refused(mine: Path) -> None:
    """A task may not be in a group and beside it."""
    with pytest.raises(
        ParamsError, match="'my_one' is both in 'my_all' and in 'my_one'"
    ):
        check(mine, ["my_all", "my_one"])
    with pytest.raises(ParamsError, match="'own_facts' is both in 'own'"):
        check(mine, ["own", "own_facts"])
    with pytest.raises(ParamsError, match="'copa' is both in 'copa' and in 'my_all'"):
        check(mine, ["copa", "my_all"])


def test_a_package_that_a_task_needs_is_named(mine: Path) -> None:
    """Also one that only a module beside it imports; no Python of it is run."""
    (mine / "helper.py").write_text("raise SystemExit\nimport no_such_package.x\n")
    with pytest.raises(ParamsError, match="'my_one' needs the package no_such_package"):
        check(mine, ["my_one"])


def test_a_task_that_nobody_knows_is_named(
    mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slip of the finger is found before hours of training."""
    monkeypatch.setattr(
        "pipeline.params.tasks.is_known_to_lm_eval", lambda name: name == "odd_tag"
    )
    with pytest.raises(ParamsError, match="task 'own_gramar': did you mean 'own_gramm"):
        check(mine, ["own_gramar"])
    check(mine, ["odd_tag"])


def test_more_items_than_a_task_has_are_refused(mine: Path) -> None:
    """Our own tasks say how many they can make."""
    with pytest.raises(ParamsError, match="own_facts has 64 different items, not 65"):
        check(mine, ["own_facts"], items=65)
    check(mine, ["own_grammar"], items=244)


def test_a_group_of_what_is_nowhere_is_refused(mine: Path) -> None:
    """A user's group whose task has another name now is found before training."""
    (mine / "all.yaml").write_text("group: my_all\ntask: [my_one, my_two]\n")
    with pytest.raises(ParamsError, match="group 'my_all' has a task 'my_two', which"):
        check(mine, ["my_all"])


def test_data_that_were_loaded_before_need_no_hub(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who filled the cache can work without a network."""
    monkeypatch.setattr(hub, "HfApi", lambda: pytest.fail("asked"))
    (folder / "none/datasets--aps--super_glue").mkdir(parents=True)
    check_machine(make(benchmarks__tasks=["copa"]))
    (folder / "none/datasets--aps--super_glue").rmdir()
    monkeypatch.setattr(hub.constants, "HF_HUB_OFFLINE", True)
    assert "is in no cache, and HF_HUB_OFFLINE is set" in refuse(
        make(benchmarks__tasks=["copa"])
    )
