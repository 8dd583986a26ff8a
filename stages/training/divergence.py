"""A training whose numbers are none any more is stopped at that step.

Whatever would come after it is lost: its weights are no numbers either.
"""

import math
from typing import Any

from transformers import (
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)

from games.errors import StudyError

_WATCHED = ("loss", "grad_norm")


class StopAtDivergence(TrainerCallback):
    """Stops a training at the first step whose loss or gradient is no finite number.

    Args:
        policy: the id of the policy in training, for the error.

    Raises:
        StudyError: such a step was taken.
    """

    def __init__(self, policy: str) -> None:
        self._policy = policy

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Look at what a step has logged."""
        for name in _WATCHED:
            value = (logs or {}).get(name)
            if isinstance(value, float) and not math.isfinite(value):
                raise StudyError(
                    f"the training of {self._policy} has diverged: at step "
                    f"{state.global_step} its {name} is {value}; lower learning_rate "
                    "or adapter.alpha in its section of params.yaml"
                )
