"""Scripted players of clean_up: agree on places, move there, ask to finish.

A skilled player takes the last place that either has named for an object as its goal.
It names its own places while an object has no goal, moves its objects to their goals,
and then asks or answers whether all is finished. With probability 1 - skill a reply
goes wrong: a move into a wall, a move to anywhere, or idle talk.
"""

import random
import re
from dataclasses import dataclass

from games.clean_up.rules import EMPTY, MOVE, SAY, SIZE, Cell
from games.clean_up.texts import P1, Texts
from games.contract import Instance, Message, Player

LONGEST_TEXT = 1000
"""What is said beyond it is not read."""
BLINDNESS = 0.6
"""Share of the unskilled replies that are moves to a cell that is not empty."""
IDLE = ("Let us put them close together.", "What do you see?", "I will move some.")

_GRID = re.compile(r"╔.{7}╗[^\n]*\n(?:[^\n]{9}[^\n]*\n){7}╚.{7}╝")
_LINK = r"(?:[:=,'\"-]|is|at|to|on|in|goes|go|should|be|cell|position)"
_PLACE = re.compile(rf"(?<!\w)(\w)(?!\w)(?:\s*{_LINK})*\s*\((\d), ?(\d)\)")
_CELLS = [(x, y) for y in range(1, SIZE + 1) for x in range(1, SIZE + 1)]


def make_expert(
    instance: Instance, role: str, skill: float, rng: random.Random
) -> Player:
    """Return a scripted player of either role."""
    texts = Texts(instance)
    question, answer = (
        texts.get_word(f"terminate_{name}") for name in ("question", "answer")
    )

    def play(messages: list[Message]) -> str:
        view = View.read(messages, texts.get_lead())
        if rng.random() >= skill:
            must_say = role == P1 and len(messages) == 1
            return _blunder(view, must_say, rng)
        if len(view.goals) < len(view.objects):
            return f"{SAY}{view.propose_layout()}"
        if any(view.goals[name] != cell for name, cell in view.objects.items()):
            name, (x, y) = view.choose_move()
            return f"{MOVE}{name}, ({x}, {y})"
        if any(question in said for said in view.heard):
            return f"{SAY}{answer}"
        return f"{SAY}{question}"

    return play


def _blunder(view: "View", must_say: bool, rng: random.Random) -> str:
    """Return an unskilled reply, in the game's form."""
    is_blind = rng.random() < BLINDNESS
    if must_say or (not is_blind and rng.random() < 0.5):
        return f"{SAY}{rng.choice(IDLE)}"
    cells = [cell for cell in _CELLS if (view.cells[cell] == EMPTY) != is_blind]
    x, y = rng.choice(cells)
    return f"{MOVE}{rng.choice(list(view.objects))}, ({x}, {y})"


@dataclass
class View:
    """What a player gathers from its chat."""

    cells: dict[Cell, str]
    """Its own grid."""
    goals: dict[str, Cell]
    """Where its objects are to go, as far as somebody has said it."""
    heard: list[str]
    """The messages of the other."""

    @classmethod
    def read(cls, messages: list[Message], before_message: str) -> "View":
        """Read a chat: the last grid, and what was said in order."""
        told = [message["content"] for message in messages if _is_told(message)]
        grids = (_GRID.search(text) for text in reversed(told))
        rows = next(grid[0] for grid in grids if grid).split("\n")
        view = cls({(x, y): rows[y][x] for x, y in _CELLS}, {}, [])
        for number, message in enumerate(messages):
            text = message["content"]
            if number == 0:
                # all prompt, up to the message at its end
                view.note_places(text[-LONGEST_TEXT:])
            elif _is_told(message):
                said = text.partition(before_message)[2][:LONGEST_TEXT]
                view.heard.append(said)
                view.note_places(said)
            elif text.startswith(SAY):
                view.note_places(text[:LONGEST_TEXT])
        return view

    @property
    def objects(self) -> dict[str, Cell]:
        """Where the player's objects are."""
        return {name: cell for cell, name in self.cells.items() if name.isalnum()}

    def note_places(self, text: str) -> None:
        """Take the places that a message names for goals, the last one for a cell."""
        for name, x, y in _PLACE.findall(text):
            cell = int(x), int(y)
            seen = self.cells.get(cell, "")
            if name in self.objects and (seen == EMPTY or seen.isalnum()):
                self.goals = {n: c for n, c in self.goals.items() if c != cell}
                self.goals[name] = cell

    def propose_layout(self) -> str:
        """Write a message that names a place for every object."""
        places = dict(self.goals)
        for name, cell in self.objects.items():
            if name not in places:
                taken = set(places.values())
                places[name] = self._find_free(taken) if cell in taken else cell
        named = (f"{name} at ({x}, {y})" for name, (x, y) in places.items())
        return f"Let us put {', '.join(named)}."

    def choose_move(self) -> tuple[str, Cell]:
        """Choose a move to a goal that is free, or one that makes a goal free."""
        wanted = [n for n, cell in self.objects.items() if self.goals[n] != cell]
        for name in wanted:
            if self.cells[self.goals[name]] == EMPTY:
                return name, self.goals[name]
        return wanted[0], self._find_free(set(self.goals.values()))

    def _find_free(self, taken: set[Cell]) -> Cell:
        """Find an empty cell that is not taken."""
        return next(
            cell
            for cell, seen in self.cells.items()
            if seen == EMPTY and cell not in taken
        )


def _is_told(message: Message) -> bool:
    return message["role"] == "user"
