"""Instructions: short orders that a program can check, through the chat template.

An echo of the order does not count. Chance is nought: the reply is written freely.
"""

import re

from datasets import Dataset

from stages.benchmarks.items import Item, draw_evenly, make_rng, wrap_items
from stages.benchmarks.tasks.facts import OPPOSITES

_WORDS = """
river candle market silver button pillow thunder blanket saddle honey bridge garden
winter mirror needle bottle island summer castle forest window carpet pencil lantern
barrel orchard harbor valley tunnel feather
"""
WORDS = _WORDS.split()
ORDERS = {
    "use": 'Write one short sentence with the word "{}".',
    "begin": 'Write a very short sentence that begins with "The {}".',
    "opposite": "Give me a word that means the opposite of {}.",
    "only": 'Answer with the single word "{}".',
}
PATTERNS = {
    "use": r"\b{}\b",
    "begin": r"^\W*the {}\b",
    "opposite": r"\b{}\b",
    "only": r"^\W*{}\W*$",
}
"""What the reply to each order must match, case aside."""


def list_orders() -> list[list[Item]]:
    """List all orders of each kind."""
    return [
        [
            {"text": ORDERS[kind].format(word), "kind": kind, "answer": answer}
            for word, answer in (
                OPPOSITES.items()
                if kind == "opposite"
                else zip(WORDS, WORDS, strict=True)
            )
        ]
        for kind in ORDERS
    ]


def make_dataset(*, items: int, seed: int, **_: object) -> dict[str, Dataset]:
    """Make the task's items, as lm-eval takes them."""
    rng = make_rng("instructions", seed)
    return wrap_items(draw_evenly("instructions", list_orders(), items, rng))


def judge(item: Item, replies: list[str]) -> dict[str, float]:
    """Judge whether a reply does what the order says: an accuracy of 1.0 or 0.0."""
    reply = replies[0].strip()
    pattern = PATTERNS[item["kind"]].format(re.escape(item["answer"]))
    matches = re.search(pattern, reply, re.IGNORECASE) is not None
    return {"acc": float(matches and item["text"].lower() not in reply.lower())}
