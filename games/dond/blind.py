"""What players of dond can say who listen to nobody: any claim, right away."""

from collections.abc import Sequence

from games.contract import Instance, Message
from games.dond.master import read_items
from games.dond.reading import name_taken
from games.dond.rules import list_divisions


def list_replies(
    instance: Instance, role: str, messages: Sequence[Message]
) -> Sequence[str]:
    """List a claim of each part of the items, all of them first."""
    items = read_items(instance)
    parts = [name_taken(items, own) for own, _ in list_divisions(items)][::-1]
    return [
        "[Proposal:]" if part == "nothing" else f"[Proposal: {part}]" for part in parts
    ]
