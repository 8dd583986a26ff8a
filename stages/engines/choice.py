"""Which engine runs a transformers model: by the device that the model is on.

`KeptEngines` are those of a model that is trained between playing and playing.
"""

from peft import PeftModel
from transformers import PreTrainedModel

from games.errors import ArtifactError
from stages.engines.backend import Ends
from stages.engines.local.engine import Engine
from stages.engines.paged.engine import PagedEngine, count_positions

LocalEngine = Engine | PagedEngine

_SHARE = 0.4
_BESIDE_TRAINING = 0.15
"""The share of a GPU's memory; gradients and activations want the rest."""


def choose_engine(
    model: PreTrainedModel | PeftModel,
    ends: Ends,
    *,
    temperature: float,
    adapter: str | None = None,
    share: float = _SHARE,
) -> LocalEngine:
    """Make the engine for a model where it is; temperature 0 is greedy.

    Both engines sample the same from the same seeds, up to rounding.

    Args:
        model: a causal model; its weights may be trained in place between two replies,
            if `reset` is called then.
        ends: the ids that end a reply.
        temperature: at which ids are drawn.
        adapter: of a model with adapters, the policy that plays (see
            `stages.engines.local.adapters`): engines with different ones may share it.
        share: of a GPU's free memory, for keys and values at most.

    Raises:
        ArtifactError: the model's attention has what no engine here computes.
        ParamsError: the model is on a GPU, and Triton is not installed.
    """
    if model.config.to_dict().get("attn_logit_softcapping"):
        raise ArtifactError(
            "the model caps its attention scores, which the engines here do not: set "
            "compute.engine to vllm for it"
        )
    if model.device.type == "cpu":
        return Engine(model, ends, temperature=temperature, adapter=adapter)
    return PagedEngine(
        model,
        ends,
        temperature=temperature,
        adapter=adapter,
        positions=count_positions(model, share),
    )


class KeptEngines:
    """The engines of a model that is trained in place: each is made once.

    On a GPU one takes seconds to set up, and holds its memory from step to step; on a
    CPU nothing is held while the model is trained.
    """

    def __init__(self, ends: Ends) -> None:
        """Begin with none; replies end in one of `ends`."""
        self._ends = ends
        self._engines: dict[tuple[int, float, str | None], LocalEngine] = {}

    def get(
        self,
        model: PreTrainedModel | PeftModel,
        temperature: float,
        adapter: str | None = None,
    ) -> LocalEngine:
        """Choose an engine as `choose_engine` does, ready for the weights as they are.

        Raises:
            ArtifactError, ParamsError: as `choose_engine`.
        """
        key = id(model), temperature, adapter  # an engine keeps its model alive
        if key not in self._engines:
            self._engines[key] = choose_engine(
                model,
                self._ends,
                temperature=temperature,
                adapter=adapter,
                share=_BESIDE_TRAINING,
            )
        self._engines[key].reset()
        return self._engines[key]

    def reset(self) -> None:
        """Drop what is cached, before the weights change."""
        for engine in self._engines.values():
            engine.reset()
