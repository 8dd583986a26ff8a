"""The seat of a policy that only plays, by the engine that `compute.engine` names."""

from pathlib import Path

from pipeline.params.sections import Compute
from stages.common.policy import load_chat, load_policy
from stages.engines.choice import choose_engine
from stages.engines.local.soundness import check_engine
from stages.engines.vllm import VllmBackend
from stages.playing.table import PolicySeat


def policy_seat(folder: Path, compute: Compute, *, temperature: float) -> PolicySeat:
    """Load a policy, and return a seat for it.

    Raises:
        ArtifactError: the folder is missing or damaged, or its model has what the
            engine does not compute.
        ParamsError: `compute` asks for what is not here, a GPU or vLLM.
    """
    if compute.engine == "vllm":
        chat = load_chat(folder)
        backend = VllmBackend(
            folder,
            chat.end_of_turn,
            temperature=temperature,
            dtype=compute.dtype,
            device=compute.device,
        )
        return PolicySeat(backend, chat)
    policy = load_policy(folder, compute)
    check_engine(policy, str(folder))
    end = policy.chat.end_of_turn
    engine = choose_engine(policy.model, end, temperature=temperature)
    return PolicySeat(engine, policy.chat)
