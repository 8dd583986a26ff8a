"""Scripted players of matchit_ascii, which read nothing but their own chat.

A player describes its whole grid, asks for the cell where the grids seem to differ (or
for a cell it knows nothing of), answers truthfully and decides by all that it was
told: the grids differ if any of it is not true of its own. With probability 1 - skill
a reply goes wrong: a description says nothing or is of another grid, a question is
idle, an answer or a decision is a coin.
"""

import random
import re

from games.contract import Instance, Message, Player
from games.kit.grids import CELLS, Cell, Grid, find_filled, find_grids
from games.matchit_ascii.master import find_request
from games.matchit_ascii.reading import (
    LONGEST_TEXT,
    Claim,
    describe,
    fill_grid,
    list_known,
    read_claims,
)
from games.matchit_ascii.rules import DIFFERENT, SAME, SCRIPT, Act

ALL = "Which cells are filled?"
"""The question to ask who has described next to nothing."""
IDLE = ("Do you like your grid?", "Is it hard to describe?", "Is yours a nice drawing?")
VAGUE = ("a grid of filled and empty cells", "a drawing of many lines")
FEW = 13
"""Fewer cells known than these are next to nothing."""

_YES_OR_NO = re.compile(r"\W*(?:is|are|does|do|has|have|can)\b", re.IGNORECASE)
_ANSWER = re.compile(r"\W*(yes|no)\b", re.IGNORECASE)


def make_expert(
    instance: Instance, role: str, skill: float, rng: random.Random
) -> Player:
    """Return a scripted player of either role."""
    acts = [act for mover, act in SCRIPT if mover == role]
    replies = {
        Act.DESCRIBE: _describe,
        Act.ASK: _choose_question,
        Act.ANSWER: _write_answer,
        Act.DECIDE: _decide,
    }

    def play(messages: list[Message]) -> str:
        act = acts[len(messages) // 2]
        messages = _strip_requests(messages, instance)
        return f"{act} {replies[act](messages, rng.random() < skill, rng)}"

    return play


def _describe(messages: list[Message], well: bool, rng: random.Random) -> str:
    grid = _find_own_grid(messages)
    if well:
        return describe(grid)
    if rng.random() < 0.5:
        return rng.choice(VAGUE)
    return describe(fill_grid(find_filled(grid) ^ frozenset(rng.sample(CELLS, 2))))


def _choose_question(messages: list[Message], well: bool, rng: random.Random) -> str:
    if not well:
        return rng.choice(IDLE)
    grid, claims = _find_own_grid(messages), read_told(messages)
    asked = {m["content"] for m in messages if m["role"] == "assistant"}
    if len(list_known(claims)) < FEW and f"{Act.ASK} {ALL}" not in asked:
        return ALL
    wrong = [claim.cells for claim in claims if not claim.is_said_of(grid)]
    unknown = frozenset(CELLS) - list_known(claims)
    for cells in (*wrong, unknown, frozenset(CELLS)):
        open_cells = [c for c in sorted(cells) if f"{Act.ASK} {_ask(c)}" not in asked]
        if open_cells:
            break
    return _ask(rng.choice(open_cells))


def _ask(cell: Cell) -> str:
    return f"Is row {cell[0] + 1}, column {cell[1] + 1} filled?"


def _write_answer(messages: list[Message], well: bool, rng: random.Random) -> str:
    """Answer yes or no where that is an answer, and else tell the whole grid."""
    grid = _find_own_grid(messages)
    question = messages[-1]["content"].rpartition(Act.ASK)[2][:LONGEST_TEXT]
    claims = read_claims(question)
    if not well or (_YES_OR_NO.match(question) and not claims):
        return rng.choice(("yes", "no"))
    if _YES_OR_NO.match(question):
        return "yes" if all(claim.is_said_of(grid) for claim in claims) else "no"
    return describe(grid)


def _decide(messages: list[Message], well: bool, rng: random.Random) -> str:
    if not well:
        return rng.choice((SAME, DIFFERENT))
    grid = _find_own_grid(messages)
    return (
        SAME
        if all(claim.is_said_of(grid) for claim in read_told(messages))
        else DIFFERENT
    )


def _strip_requests(messages: list[Message], instance: Instance) -> list[Message]:
    """Take out of a chat what the master adds to the words of the players."""
    texts = [find_request(instance, act) for act in (Act.ASK, Act.ANSWER, Act.DECIDE)]
    chat = []
    for message in messages:
        content = message["content"]
        for text in texts:
            content = content.removesuffix(text)
        chat.append({**message, "content": content})
    return chat


def _find_own_grid(messages: list[Message]) -> Grid:
    return find_grids(messages[0]["content"])[-1]


def read_told(messages: list[Message]) -> list[Claim]:
    """Read all that the other player has said of its grid, answers in their sense."""
    claims, asked = [], ""
    for message in messages[1:]:
        text = message["content"]
        if message["role"] == "assistant":
            asked = text.partition(Act.ASK)[2] or asked
            continue
        said = text.partition(Act.ASK)[0]
        flag = next((f for f in (Act.DESCRIBE, Act.ANSWER) if f in said), None)
        if flag:
            claims += _read_claims(said.partition(flag)[2], asked)
    return claims


def _read_claims(said: str, asked: str) -> list[Claim]:
    """Read the claims of a text that may be an answer to a question."""
    claims = read_claims(said)
    match, meant = _ANSWER.match(said[:LONGEST_TEXT]), read_claims(asked)
    if match and match[1].lower() == "yes":
        claims += meant
    elif match and len(meant) == 1:
        claims.append(meant[0].deny())
    return claims
