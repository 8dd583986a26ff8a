"""What players of air_balloon_survival can say who weigh nothing up."""

from collections.abc import Sequence

from games.air_balloon_survival.rules import Tag, find_sets, render_set
from games.contract import Instance, Message


def list_replies(
    instance: Instance, role: str, messages: Sequence[Message]
) -> Sequence[str]:
    """List proposals of any items that are light enough, and agreements to the last."""
    data = instance.data
    weights: dict[str, int] = data["item_weights"]
    lead = f"{Tag.REASONING}: {{'none'}}\n" if data["strategic_reasoning"] else ""
    lead += f"{Tag.ARGUMENT}: {{'It is as good as any'}}\n"
    names, limit = list(weights), data["max_weight"]
    orders = (names[n:] + names[:n] for n in range(len(names)))
    sets = [_fill(order, weights, limit) for order in orders]
    replies = [f"{lead}{Tag.PROPOSAL}: {render_set(items)}" for items in sets]
    offered = find_sets(Tag.PROPOSAL, messages[-1]["content"])
    known = [items for items in offered if items and items <= weights.keys()]
    if known:
        replies.insert(0, f"{lead}{Tag.AGREE}: {render_set(sorted(known[-1]))}")
    return replies


def _fill(names: Sequence[str], weights: dict[str, int], limit: int) -> list[str]:
    """Take items in order as long as they are light enough together."""
    taken: list[str] = []
    for name in names:
        if sum(weights[one] for one in [*taken, name]) <= limit:
            taken.append(name)
    return taken
