"""The game master of referencegame: one expression, one answer.

The rules are clembench v2's. One departure: `Success` and `Lose` of an aborted episode
are what they are in every game, where clembench logs NaN in this one.
"""

import math
from functools import cache
from pathlib import Path

from games.contract import GameMaster, GameSpec, Instance, Outcome
from games.errors import InstanceError
from games.kit.grids import SIZE, parse_grid, render_grid
from games.referencegame import rules

GIVER, FOLLOWER = "giver", "follower"
GIVER_GRIDS = tuple(f"player_1_{name}_grid" for name in ("target", "second", "third"))
FOLLOWER_GRIDS = tuple(f"player_2_{name}_grid" for name in rules.ANSWERS)
SPEC = GameSpec(
    name="referencegame",
    version=2,
    roles=(GIVER, FOLLOWER),
    max_turns=2,
    variants=(
        "letter_grids",
        "number_grids",
        "line_grids_rows",
        "line_grids_columns",
        "random_grids",
    ),
    max_reply_tokens=128,
    fields={
        **dict.fromkeys(GIVER_GRIDS + FOLLOWER_GRIDS, str),
        "target_grid_name": list,
    },
)


@cache
def prompt(role: str) -> str:
    """Return our own prompt for a role, with places for the grids."""
    path = Path(__file__).with_name("prompts") / f"{role}.txt"
    return path.read_text(encoding="utf-8").rstrip("\n")


def header(instance: Instance, role: str) -> str:
    """Return the instance's own prompt for a role, or else ours with its grids."""
    data = instance.data
    key = "player_1_prompt_header" if role == GIVER else "player_2_prompt_header"
    if key in data:
        return data[key]
    text = prompt(role)
    for name in GIVER_GRIDS if role == GIVER else FOLLOWER_GRIDS:
        text = text.replace(f"${name[len('player_1_') :].upper()}$", data[name])
    return text


def target(instance: Instance) -> str:
    """Return the target grid followed by its distractors, in an order of their own."""
    first, *others = (_grid(instance, name) for name in GIVER_GRIDS)
    return "\n\n".join([first, *sorted(others)])


def _grid(instance: Instance, name: str) -> str:
    """Return one grid in our own spelling.

    Raises:
        InstanceError: it is no grid.
    """
    grid = parse_grid(instance.data[name])
    if grid is None:
        raise InstanceError(
            f"referencegame instance {instance.instance_id}: '{name}' is not a "
            f"{SIZE} by {SIZE} grid: regenerate the instances or mend the file"
        )
    return render_grid(grid)


class ReferenceGameMaster(GameMaster):
    """Referee of one episode of referencegame."""

    spec = SPEC

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        for name in GIVER_GRIDS + FOLLOWER_GRIDS:
            _grid(instance, name)
        self._expression = ""

    def observe(self) -> str:
        """Return the prompt with the grids, and the expression for the follower."""
        text = header(self.instance, self.role)
        if self.role == GIVER:
            return text
        return rules.insert_expression(text, self._expression)

    def step(self, reply: str) -> None:
        """Take the expression or the answer."""
        if self.role == GIVER:
            self._take_expression(reply)
        else:
            self._take_answer(reply)

    def _take_expression(self, reply: str) -> None:
        if rules.is_expression(reply):
            self.note("parse", reply)
            self._expression = reply
            self.role = FOLLOWER
        else:
            self._refuse()

    def _take_answer(self, reply: str) -> None:
        label = rules.answer_label(reply)
        if label is None:
            self._refuse()
        elif label in self.instance.data["target_grid_name"]:
            self.note("parse_correct", label)
            self.end(Outcome.SUCCESS, "found")
        else:
            self.note("parse_wrong", label)
            self.end(Outcome.LOSE, "wrong grid")

    def _refuse(self) -> None:
        self.note("invalid format", "Invalid generated expression")
        self.abort()

    @property
    def main_score(self) -> float:
        """100 if the target was found, else 0; NaN when aborted."""
        return self.score_or_nan(100 * (self.outcome is Outcome.SUCCESS))

    def episode_scores(self) -> dict[str, float]:
        """Return who aborted, how long the expression is, and what was parsed."""
        by = self.ended_by if self.is_aborted else None
        requests = self._requests()
        ratio = requests["Parsed Request Count"] / max(requests["Request Count"], 1)
        return {
            "Aborted at Player 1": float(by == GIVER),
            "Aborted at Player 2": float(by == FOLLOWER),
            **self._lengths(),
            **requests,
            "Request Success Ratio": round(ratio, 4),
        }

    def turn_scores(self) -> dict[str, dict[str, float]]:
        """Return the scores of the only round."""
        found = float(self.outcome is Outcome.SUCCESS)
        return {"0": {**self._lengths(), **self._requests(), "Success": found}}

    def _lengths(self) -> dict[str, float]:
        """Return the expression's characters and tokens, its tag included, or NaN."""
        expression = self._expression
        sizes = len(expression), len(expression.split(" "))
        names = "Generated Expression Length", "Generated Expression Number of Tokens"
        return {
            name: float(size) if expression else math.nan
            for name, size in zip(names, sizes, strict=True)
        }

    def _requests(self) -> dict[str, float]:
        """Return how many replies there were, and whether they were well-formed."""
        violated = float(self.is_aborted)
        return {
            "Request Count": float(len(self.notes)),
            "Parsed Request Count": len(self.notes) - violated,
            "Violated Request Count": violated,
        }
