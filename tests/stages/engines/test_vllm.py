"""The vLLM backend asks vLLM for what was requested, and reads its answers.

The real engine is compared with ours by `stages.tools.selfplay_speed`, where it is
installed; here its interface is acted by a double that says what it is told to.
"""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from games.errors import ParamsError, StudyError
from stages.common.adapters import identify_start
from stages.common.policy import load_policy, save_policy
from stages.engines.backend import Ends, Reply, Request
from stages.engines.vllm import VllmBackend
from stages.playing.seats import load_seat
from tests.stages.material import COMPUTE, adapted

END, CONTEXT = 9, 20
Make = Callable[..., VllmBackend]


@dataclass
class Engine:
    """Answers each request with the ids 1, 2, ... up to its limit, one a step."""

    arguments: dict[str, Any]
    model_config: Any = field(
        default_factory=lambda: SimpleNamespace(max_model_len=CONTEXT)
    )
    asked: list[SimpleNamespace] = field(default_factory=list)
    resets: int = 0

    def add_request(
        self, name: str, prompt: dict, params: SimpleNamespace, *, lora_request: Any
    ) -> str:
        """Take a request."""
        ids = prompt["prompt_token_ids"]
        asked = SimpleNamespace(name=name, ids=ids, params=params, lora=lora_request)
        self.asked.append(asked)
        return name

    def step(self) -> list[SimpleNamespace]:
        """Finish the oldest request."""
        asked = self.asked.pop(0)
        self.last = asked
        said = list(range(1, asked.params.max_tokens + 1))
        logprobs = [{token: SimpleNamespace(logprob=-token / 10)} for token in said]
        return [
            SimpleNamespace(
                finished=True,
                request_id=f"{asked.name}-4f2a",
                prompt_token_ids=asked.ids,
                num_cached_tokens=2,
                outputs=[SimpleNamespace(token_ids=said, logprobs=logprobs)],
            )
        ]

    def reset_prefix_cache(self) -> None:
        """Count."""
        self.resets += 1


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Engine]]:
    """Put a double in vLLM's place; return the engines that were started."""
    engines: list[Engine] = []

    def start(arguments: dict[str, Any]) -> Engine:
        if arguments["model"].endswith("broken"):
            raise RuntimeError("no such weights\nand more")
        engines.append(Engine(arguments))
        return engines[-1]

    for name, content in {
        "vllm": {"EngineArgs": dict, "SamplingParams": SimpleNamespace},
        "vllm.lora": {},
        "vllm.lora.request": {"LoRARequest": lambda *parts: parts},
        "vllm.v1": {},
        "vllm.v1.engine": {},
        "vllm.v1.engine.llm_engine": {
            "LLMEngine": SimpleNamespace(from_engine_args=start)
        },
    }.items():
        module = ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, name, module)
    yield engines


@pytest.fixture
def backend(tmp_path: Path) -> Callable[..., VllmBackend]:
    """Return what makes a backend on a CPU."""

    def make(name: str = "policy", ends: Ends = END, **options: Any) -> VllmBackend:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "config.json").write_text('{"max_position_embeddings": 99999}')
        settings = {"temperature": 0.7, "dtype": "float32", "device": "cpu"} | options
        return VllmBackend(folder, ends, **settings)

    return make


@pytest.mark.usefixtures("started")
def test_replies_come_with_their_log_probabilities_and_counts(backend: Make) -> None:
    """Ids and log-probabilities are those of the sampled ids, in order."""
    vllm = backend()
    vllm.submit(Request("a", [5, 6, 7], 1, 2))
    vllm.submit(Request("b", [5, 6], 2, 1))

    first, second = vllm.collect(), vllm.collect()

    assert first == [("a", Reply([1, 2], [-0.1, -0.2]))]
    assert second == [("b", Reply([1], [-0.1]))]
    assert not vllm.ready
    counts = vllm.tokens.prompt, vllm.tokens.cached, vllm.tokens.sampled
    assert counts == (5, 4, 3)


def test_a_request_is_asked_as_it_is(backend: Make, started: list[Engine]) -> None:
    """Its ids, limit and seed reach vLLM, which stops at our ends only.

    Neither settings nor code of the policy's folder are used.
    """
    vllm = backend(ends={END, 7})
    vllm.submit(Request("a", [5, 6, 7], 2**63 + 4, 6))

    (asked,) = started[0].asked
    assert asked.ids == [5, 6, 7]
    assert (asked.params.max_tokens, asked.params.seed) == (6, 4)
    assert asked.params.stop_token_ids == sorted([END, 7])
    assert asked.params.ignore_eos
    assert asked.params.temperature == 0.7
    assert started[0].arguments["generation_config"] == "vllm"
    assert started[0].arguments["trust_remote_code"] is False


def test_a_full_context_gives_an_empty_reply(
    backend: Make, started: list[Engine]
) -> None:
    """What does not fit is never asked, what nearly does not is cut."""
    vllm = backend()
    vllm.submit(Request("full", [5] * CONTEXT, 0, 4))
    vllm.submit(Request("nearly", [5] * (CONTEXT - 1), 0, 4))

    assert vllm.collect() == [("full", Reply([], []))]
    assert [a.params.max_tokens for a in started[0].asked] == [1]


def test_adapters_are_swapped_under_new_names(
    backend: Make, started: list[Engine]
) -> None:
    """Each is a new one to vLLM, so that no cached prefix is of older weights."""
    vllm = backend(max_adapter_rank=8)
    used = []
    for folder in (Path("one"), Path("two"), None):
        vllm.use_adapter(folder)
        vllm.submit(Request("a", [5], 0, 1))
        vllm.collect()
        used.append(started[0].last.lora)

    assert used == [("adapter-1", 1, "one"), ("adapter-2", 2, "two"), None]
    assert started[0].arguments["max_lora_rank"] == 8


def test_prefixes_are_cached_until_a_reset(
    backend: Make, started: list[Engine]
) -> None:
    """Shards do not depend on what was played before."""
    vllm = backend()
    vllm.reset()

    assert started[0].arguments["enable_prefix_caching"]
    assert started[0].arguments["max_model_len"] == 16384, "a prompt goes in whole"
    assert started[0].resets == 1


@pytest.mark.usefixtures("started")
def test_a_policy_that_vllm_cannot_load_is_a_sentence(backend: Make) -> None:
    """Its own words say why, in one line."""
    with pytest.raises(StudyError, match=r"broken \(no such weights and more\)"):
        backend("broken")


def test_without_vllm_a_sentence_says_what_to_do(
    tiny_policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A study that names it where it is not installed ends at once."""
    monkeypatch.setitem(sys.modules, "vllm", None)
    compute = COMPUTE.model_copy(update={"engine": "vllm"})

    with pytest.raises(ParamsError, match="install vllm"):
        load_seat(tiny_policy, compute, temperature=1.0)


@pytest.mark.usefixtures("started")
def test_a_study_chooses_it_by_name(tiny_policy: Path) -> None:
    """`compute.engine` decides who samples; the chat template is the policy's own."""
    compute = COMPUTE.model_copy(update={"engine": "vllm"})

    seat = load_seat(tiny_policy, compute, temperature=1.0)

    assert isinstance(seat.backend, VllmBackend)
    assert seat.chat.encode_prompt([{"role": "user", "content": "hello"}])


def test_a_policy_of_adapters_plays_as_one_adapter_over_full_weights(
    tiny_policy: Path, started: list[Engine]
) -> None:
    """Of a chain vLLM gets the bottom, and the sum of all that stands on it."""
    compute = COMPUTE.model_copy(update={"engine": "vllm"})
    policy = load_policy(tiny_policy, COMPUTE)
    for start, folder in (("base", "data/sft"), ("sft", "data/dpo")):
        model = adapted(load_policy(Path("data", start), COMPUTE).model, "default")
        save_policy(model, policy.tokenizer, Path(folder), identify_start(start))

    for folder, rank in (("data/sft", 4), ("data/dpo", 8)):
        seat = load_seat(Path(folder), compute, temperature=1.0)
        seat.backend.submit(Request("a", [5], 1, 1))

        assert started[-1].arguments["model"] == "data/base"
        assert started[-1].arguments["max_lora_rank"] == 8, "no rank below is known"
        where = Path(started[-1].asked[-1].lora[2])
        assert json.loads((where / "adapter_config.json").read_text())["r"] == rank
