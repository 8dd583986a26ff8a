"""Well-known architectures are trained as they are, by whatever way is sound."""

import pytest
import torch

from stages.training.prefix import share_prefixes
from tests.stages.architectures import KINDS, OTHERS, make_model
from tests.stages.training.test_prefix import batch, gradients, plain


@pytest.mark.parametrize("name", [*KINDS, *OTHERS])
def test_scores_are_those_of_the_models_own_forward(name: str) -> None:
    """The way that is chosen gives the plain scores and gradients, row by row."""
    model, rows = make_model(name), batch()
    expected = plain(model, rows)
    slopes = gradients(model, expected)
    share_prefixes(model)

    scores = model(**rows, fused_lm_head=True).log_probs

    assert torch.allclose(scores, expected, atol=1e-3)
    found = gradients(model, scores)
    assert (found - slopes).norm() < 1e-3 * slopes.norm()
