"""What players of matchit_ascii can say who look at no grid."""

from collections.abc import Sequence

from games.contract import Instance, Message
from games.kit.grids import CELLS
from games.kit.regions import NAMED
from games.matchit_ascii.rules import DIFFERENT, SAME, SCRIPT, Act

_TEXTS = {
    Act.DESCRIBE: tuple(f"{name} are filled" for name in NAMED),
    Act.ASK: tuple(f"Is row {r + 1}, column {c + 1} filled?" for r, c in CELLS),
    Act.ANSWER: ("yes", "no"),
    Act.DECIDE: (SAME, DIFFERENT),
}


def list_replies(
    instance: Instance, role: str, messages: Sequence[Message]
) -> Sequence[str]:
    """List descriptions, questions, answers or decisions that suit any grid."""
    acts = [act for mover, act in SCRIPT if mover == role]
    act = acts[len(messages) // 2]
    return [f"{act} {text}" for text in _TEXTS[act]]
