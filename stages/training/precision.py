"""The start of a training, in the floats that it is trained in."""

from dataclasses import replace

from stages.common.adapters import identify_start
from stages.common.policy import Policy, load_policy, locate_policy
from stages.training.recipe import Recipe, Run


def load_start(run: Run[Recipe]) -> Policy:
    """Load the policy that a run starts from; its weights are float32.

    Raises:
        ArtifactError, ParamsError: as `load_policy`.
    """
    start = identify_start(run.start)  # before it is read: it may change meanwhile
    policy = load_policy(locate_policy(run.start), run.compute, dtype="float32")
    return replace(policy, start=start)
