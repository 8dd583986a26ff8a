"""Drawing ids at given points: the same point, the same id, whatever the batch."""

import torch

_BLOCK = 256


def draw(probs: torch.Tensor, points: torch.Tensor) -> torch.Tensor:
    """Invert distributions (R, V) at one point in 0..1 each; return tokens (R,).

    In two levels, blocks and the ids of one block: only the blocks and the ids of one
    block are added up one by one, in float64.
    """
    num, size = probs.shape
    padded = torch.nn.functional.pad(probs, (0, -size % _BLOCK))
    blocks = padded.view(num, -1, _BLOCK)
    sums = blocks.sum(-1).double()  # (R, V / block)
    ends = sums.cumsum(-1)
    wanted = points.to(ends)[:, None] * ends[:, -1:]
    block = torch.searchsorted(ends, wanted, right=True).clamp(max=ends.shape[1] - 1)
    inside = wanted - (ends - sums).gather(1, block)
    rows = torch.arange(num, device=probs.device)
    steps = blocks[rows, block[:, 0]].double().cumsum(-1)
    whole = steps[:, -1:]  # the block's sum again, in another precision
    inside = torch.minimum(inside, torch.nextafter(whole, torch.zeros_like(whole)))
    place = torch.searchsorted(steps, inside, right=True).clamp(max=_BLOCK - 1)
    return (block * _BLOCK + place)[:, 0].clamp(max=size - 1)


def draw_next(
    logits: torch.Tensor, points: torch.Tensor, temperature: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw an id for each row of logits (R, V), and its log-probability at 1.

    Temperature 0 is greedy, whatever the points are.
    """
    probs = logits.softmax(-1)
    if temperature == 0:
        said = logits.argmax(-1)
    elif temperature == 1:
        said = draw(probs, points)
    else:
        said = draw((logits / temperature).softmax(-1), points)
    return said, probs.gather(1, said[:, None])[:, 0].log()
