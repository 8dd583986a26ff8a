"""The benchmark tasks are sound by themselves, and lm-eval scores them as meant."""

import json
import re
import shutil
from collections import Counter, defaultdict
from pathlib import Path
from types import ModuleType

import lm_eval
import pytest
import torch
from lm_eval.api.instance import Instance
from lm_eval.api.model import LM
from lm_eval.api.task import Task
from ruamel.yaml import YAML

from games.errors import ArtifactError, ParamsError
from pipeline.params.read import load_params
from stages.base.tiny import make_tiny_policy
from stages.benchmarks import evaluate as evaluation
from stages.benchmarks.__main__ import decode_as_told, evaluate, write_results
from stages.benchmarks.evaluate import OWN, TaskResult, load_benchmarks, run_task
from stages.benchmarks.items import make_choice
from stages.benchmarks.tasks import facts, grammar, instructions, kinds, numbers
from stages.benchmarks.tasks.instructions import judge
from stages.common.chat import ChatTemplate, note_ends
from stages.common.policy import Policy, save_policy
from stages.warmup import templates

ROOT = Path(__file__).parents[2]
CHOICES = OWN[:-1]
Tasks = dict[str, Task]


class Oracle(LM):
    """A model that prefers (or writes) the right answer, or on demand a wrong one."""

    def __init__(self, own: Tasks, *, right: bool = True) -> None:
        """Remember the answers of all choices."""
        super().__init__()
        self.right, self.is_chat = right, False
        self.answers: dict[str, set[str]] = defaultdict(set)
        for name in CHOICES:
            for doc in own[name].test_docs():
                self.answers[doc["text"]].add(doc["choices"][doc["answer"]])

    def loglikelihood(self, requests: list[Instance]) -> list[tuple[float, bool]]:
        """Prefer the continuation that is right."""
        judged = [
            end.strip() in self.answers[text] for text, end in map(_args, requests)
        ]
        return [(0.0 if right == self.right else -9.0, right) for right in judged]

    def generate_until(self, requests: list[Instance]) -> list[str]:
        """Say the last word of the order: what all orders but "opposite" ask for."""
        texts = [_args(request)[0] for request in requests]
        words = [re.findall(r"\w+", text.split("<|im_end|>")[0])[-1] for text in texts]
        return [f" The {word}" if self.right else "no" for word in words]

    def loglikelihood_rolling(self, requests: list[Instance]) -> list[float]:
        """Not asked by any task."""
        raise AssertionError

    def apply_chat_template(
        self, chat_history: list[dict[str, str]], add_generation_prompt: bool = True
    ) -> str:
        """Mark that the template was applied."""
        self.is_chat = True
        return "".join(f"{turn['content']}<|im_end|>" for turn in chat_history)

    @property
    def tokenizer_name(self) -> str:
        """Any name will do: nothing is cached by it."""
        return "oracle"


def load_tasks(names: list[str], **settings: int) -> Tasks:
    """Load the tasks of some benchmarks."""
    loaded = load_benchmarks(names, **settings)
    return {name: task for tasks in loaded.values() for name, task in tasks.items()}


def _args(request: Instance) -> tuple[str, str]:
    return request.args[0], request.args[1]


@pytest.fixture(scope="module")
def own() -> Tasks:
    """Return our own tasks at 60 items each."""
    return load_tasks(["own"], items=60, seed=7)


def docs(own: Tasks, name: str) -> list[dict]:
    """Return a task's items."""
    return [dict(doc) for doc in own[name].test_docs()]


def test_items_depend_on_the_seed_only(own: Tasks) -> None:
    """The same seed makes the same items, another seed makes others."""
    again, other = (load_tasks(["own"], items=60, seed=seed) for seed in (7, 8))
    for name in OWN:
        assert docs(own, name) == docs(again, name)
        assert docs(own, name) != docs(other, name)


@pytest.mark.parametrize("name", OWN)
def test_a_task_has_its_number_of_distinct_items(own: Tasks, name: str) -> None:
    """No two items of a task are alike."""
    items = {(doc["text"], str(doc.get("choices"))) for doc in docs(own, name)}
    assert len(docs(own, name)) == 60 == len(items)


@pytest.mark.parametrize("name", CHOICES)
def test_the_right_answer_stands_at_every_position_equally_often(
    own: Tasks, name: str
) -> None:
    """A model that always takes the first choice is at chance."""
    items = docs(own, name)
    num = len(items[0]["choices"])
    assert Counter(doc["answer"] for doc in items) == dict.fromkeys(
        range(num), 60 // num
    )


@pytest.mark.parametrize("name", CHOICES)
def test_no_item_gives_its_answer_away(own: Tasks, name: str) -> None:
    """The answer is not in the text, and is only once among the choices."""
    for doc in docs(own, name):
        right = doc["choices"][doc["answer"]]
        assert right.lower() not in re.findall(r"\w+", doc["text"].lower())
        assert len(set(doc["choices"])) == len(doc["choices"])


@pytest.mark.parametrize("make", [facts, grammar, instructions, kinds, numbers])
def test_no_item_is_taught_by_the_warm_up(make: ModuleType) -> None:
    """No word of an item is one of the words that the warm-up's mini-tasks teach."""
    taught = {word for pair in templates.OPPOSITES for word in pair}
    taught |= {word for word, _, _ in templates.THINGS}
    taught |= {kind for _, kind, _ in templates.THINGS}
    taught |= {name.split()[-1] for name, _ in templates.OBJECTS}
    taught |= {city.lower() for city in templates.CITIES}
    assert len(taught) > 70
    for seed in range(20):
        for doc in make.make_dataset(items=60, seed=seed)["test"]:
            said = " ".join([doc["text"], *map(str, doc.get("choices", []))])
            words = set(re.findall(r"\w+", f"{said} {doc['answer']}".lower()))
            assert not words & taught


def test_no_sum_is_one_of_the_warm_up(own: Tasks) -> None:
    """The warm-up adds a number up to five to one from six: no item does."""
    texts = [re.findall(r"\d+", doc["text"]) for doc in docs(own, "own_numbers")]
    sums = [sorted(map(int, text)) for text in texts if len(text) == 2]
    assert len(sums) == 12
    assert all(b < 6 or a > 5 for a, b in sums)


def test_a_preference_for_one_form_gains_nothing_in_grammar(own: Tasks) -> None:
    """Every pair of forms is right one way exactly as often as the other way."""
    balance: Counter = Counter()
    for doc in docs(own, "own_grammar"):
        pair = tuple(sorted(doc["choices"]))
        balance[pair] += 1 if doc["choices"][doc["answer"]] == pair[0] else -1
    assert set(balance.values()) == {0}


def test_choice_puts_the_right_answer_where_it_is_told() -> None:
    """Positions wrap around the number of choices."""
    assert make_choice("t", "r", ["a", "b"], 5) == {
        "text": "t",
        "choices": ["a", "b", "r"],
        "answer": 2,
    }


@pytest.mark.parametrize("name", CHOICES)
def test_a_model_that_prefers_the_right_answer_gets_all(own: Tasks, name: str) -> None:
    """Accuracy is 1 for an oracle, 0 for its opposite, and chance is 1 / choices."""
    oracle = Oracle(own)
    best = run_task(oracle, name, own[name], seed=1)
    worst = run_task(Oracle(own, right=False), name, own[name], seed=1)
    assert (set(best.correct), set(worst.correct)) == ({1.0}, {0.0})
    assert not oracle.is_chat, "a continuation is not asked as a chat"
    assert best.chance == pytest.approx(0.5 if name == "own_grammar" else 0.25)


def test_instructions_go_through_the_chat_template(own: Tasks) -> None:
    """A writer that obeys "use" and "begin" orders is right in these, half of all."""
    name = "own_instructions"
    orders = docs(own, name)
    oracle = Oracle(own)
    result = run_task(oracle, name, own[name], seed=1)
    obeyed = [doc["kind"] in ("use", "begin") for doc in orders]
    assert [bool(correct) for correct in result.correct] == obeyed
    assert result.chance == 0
    assert oracle.is_chat


@pytest.mark.parametrize(
    ("kind", "reply", "is_right"),
    [
        ("use", "A deep river flows.", True),
        ("use", "Rivers flow.", False),
        ("use", 'Write one short sentence with the word "river".', False),
        ("begin", '"The river is wide."', True),
        ("begin", "Here the river is wide.", False),
        ("only", "River.", True),
        ("only", "The river", False),
    ],
)
def test_orders_are_judged_by_what_they_say(
    kind: str, reply: str, is_right: bool
) -> None:
    """Whole words count, an echo of the order does not."""
    order = {
        "text": 'Write one short sentence with the word "river".',
        "kind": kind,
        "answer": "river",
    }
    assert judge(order, [reply]) == {"acc": float(is_right)}


def test_a_score_that_is_no_accuracy_is_refused(
    own: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A task that gives 85 of 100 for an item stops with one sentence."""
    sample = {"filter": "none", "doc_id": 0, "metrics": ["score"], "score": 85.0}
    results = {"samples": {"own_facts": [sample]}}
    monkeypatch.setattr(lm_eval, "evaluate", lambda **_: results)
    with pytest.raises(ArtifactError, match=r"outside 0..1 \(score\)"):
        run_task(Oracle(own), "own_facts", own["own_facts"], seed=1)


def test_too_many_items_are_refused() -> None:
    """One sentence says how many the task has."""
    with pytest.raises(ParamsError, match=r"benchmarks.items is too large: task"):
        load_tasks(["own"], items=5000, seed=1)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a project with a tiny untrained policy and two items a task."""
    folder = tmp_path_factory.mktemp("project")
    yaml = YAML()
    params = yaml.load(ROOT / "params.yaml")
    params["benchmarks"]["items"] = 2
    yaml.dump(params, folder / "params.yaml")
    save_policy(*make_tiny_policy(hidden_size=32, layers=2), folder / "data/base")
    return folder


def test_a_tiny_policy_runs_through_calmly_and_repeats_itself(
    project: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture
) -> None:
    """One line a task is printed, and two runs write the same bytes."""
    monkeypatch.chdir(project)
    written = []
    for _ in range(2):
        write_results(Path("data/benchmarks/base"), evaluate("base", load_params()))
        files = sorted(Path("data/benchmarks/base").iterdir())
        written.append([path.read_bytes() for path in files])
    assert written[0] == written[1]
    scores = json.loads(Path("data/benchmarks/base/scores.json").read_text())
    assert set(scores["tasks"]) == set(OWN) and 0 <= scores["mean_accuracy"] <= 1
    assert all(task["items"] == 2 for task in scores["tasks"].values())
    printed = capfd.readouterr()
    assert len(printed.out.splitlines()) == 2 * len(OWN)
    assert "lm_eval" not in printed.err and "requests" not in printed.err


def test_each_policy_is_evaluated_by_its_own_weights(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is not there is not taken for another one."""
    monkeypatch.chdir(project)
    with pytest.raises(ArtifactError, match="data/sft/sft/0 is missing"):
        evaluate("sft/sft/0", load_params())


def test_a_models_own_habits_of_generating_are_left_out(tmp_path: Path) -> None:
    """Penalties and sampling of its generation_config.json; its ends stay."""
    model, tokenizer = make_tiny_policy(hidden_size=32, layers=2)
    note_ends(tokenizer, [97])
    policy = Policy(model.eval(), tokenizer, ChatTemplate(tokenizer))
    ids = torch.tensor([[5, 6, 7]])
    greedy = model.generate(ids, max_new_tokens=30, do_sample=False)
    habits = {"repetition_penalty": 9.0, "do_sample": True, "top_k": 3}
    model.generation_config.update(**habits)
    other = model.generate(ids, max_new_tokens=30, do_sample=False)

    decode_as_told(policy)

    plain = model.generate(ids, max_new_tokens=30, do_sample=False)
    assert plain.tolist() == greedy.tolist() != other.tolist()
    assert model.generation_config.eos_token_id == [97, tokenizer.eos_token_id]
    model.lm_head = torch.nn.Linear(32, 259)
    with torch.no_grad():
        model.lm_head.bias[97] = 99.0
    assert model.generate(ids, max_new_tokens=9).tolist() == [[5, 6, 7, 97]]


@pytest.mark.parametrize(("own_number", "shown"), [(None, 0), (3, 3)])
def test_examples_are_shown_only_where_a_task_asks_for_them(
    own: Tasks, own_number: int | None, shown: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A task that does not say how many is asked without any."""
    task = load_tasks(["own"], items=4, seed=7)["own_facts"]
    task.set_config(key="num_fewshot", value=own_number)
    sample = {"filter": "none", "doc_id": 0, "metrics": ["acc"], "acc": 1.0}
    results = {"samples": {"own_facts": [sample | {"resps": [0.0] * 4}]}}
    monkeypatch.setattr(lm_eval, "evaluate", lambda **_: results)

    run_task(Oracle(own), "own_facts", task, seed=1)

    assert task.get_config("num_fewshot") == shown


class NoNetwork:
    """A task manager that knows a task and cannot get its data."""

    all_tasks = all_subtasks = all_tags = ("hellaswag",)

    def __init__(self, **_: object) -> None:
        """Take what a task manager takes."""

    def load(self, names: list[str]) -> dict:
        """Fail as `datasets` fails offline."""
        raise ConnectionError("Couldn't reach the Hub")


@pytest.mark.parametrize(
    ("name", "error", "sentence"),
    [
        ("no_such_task", ParamsError, "lm-eval has no task 'no_such_task'"),
        ("hellaswag", ArtifactError, "'hellaswag' cannot be had from the hub"),
    ],
)
def test_a_hub_task_that_cannot_be_had_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, error: type, sentence: str
) -> None:
    """An unknown name and an unreachable hub are told apart."""
    monkeypatch.setattr(evaluation, "TaskManager", NoNetwork)
    with pytest.raises(error, match=sentence):
        load_tasks([name], items=2, seed=1)


LOCAL = """
custom_dataset: !function mine.make_dataset
include: _choice.yaml
tag: my_tag
"""
MAKE = """
from datasets import Dataset

def make_dataset(**_):
    rows = [{"text": "a", "choices": ["b", "c"], "answer": 0}]
    return {"test": Dataset.from_list(rows)}
"""


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's own folder of two tasks, which a tag makes one benchmark."""
    folder = tmp_path_factory.mktemp("mine")
    shutil.copy(evaluation.TASKS / "_choice.yaml", folder)
    (folder / "mine.py").write_text(MAKE)
    for name in ("one", "two"):
        (folder / f"{name}.yaml").write_text(f"task: my_{name}\n{LOCAL}")
    return folder


def test_own_tasks_and_those_of_a_folder_are_mixed(mine: Path) -> None:
    """Ours are told how many items to make, a user's tasks are not."""
    found = load_benchmarks(["own_grammar", "my_tag"], items=4, seed=7, folders=[mine])
    assert [list(tasks) for tasks in found.values()] == [
        ["own_grammar"],
        ["my_one", "my_two"],
    ]
    assert len(found["own_grammar"]["own_grammar"].test_docs()) == 4
    with pytest.raises(ParamsError, match="a task counts twice, by itself and in a gr"):
        load_benchmarks(["my_tag", "my_two"], items=4, seed=7, folders=[mine])


def test_a_group_is_one_benchmark(tmp_path: Path) -> None:
    """Its items count alike, and the average is over benchmarks, not over tasks."""
    group = [TaskResult("a", 0.5, [1.0] * 3), TaskResult("b", 0.25, [0.0])]
    write_results(tmp_path, {"g": group, "c": [TaskResult("c", 0.0, [0.0])]})
    scores = json.loads((tmp_path / "scores.json").read_text())
    assert scores["benchmarks"]["g"] == {"accuracy": 0.75, "chance": 0.4375, "items": 4}
    assert scores["mean_accuracy"] == 0.375
    assert set(scores["tasks"]) == {"a", "b", "c"}


def test_a_task_says_how_many_items_it_has() -> None:
    """What stands in its YAML, and is checked before anything is trained, is true."""
    for module in (facts, grammar, instructions, kinds, numbers):
        name = module.__name__.rpartition(".")[2]
        text = (evaluation.TASKS / f"{name}.yaml").read_text()
        most = int(re.search(r"most_items: (\d+)", text)[1])
        assert len(module.make_dataset(items=most, seed=3)["test"]) == most
        with pytest.raises(ParamsError, match=r"benchmarks\.items is too large"):
            module.make_dataset(items=most + 1, seed=3)
