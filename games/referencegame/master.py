"""The game master of referencegame: one expression, one answer.

The rules are clembench v2's.
"""

from games.contract import GameMaster, GameSpec, Instance
from games.errors import InstanceError
from games.events import Malformed, Outcome
from games.kit.grids import SIZE, parse_grid, render_grid
from games.kit.prompts import read_prompt
from games.referencegame import rules
from games.referencegame.events import Answer, Expression

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
    options={"player_1_prompt_header": str, "player_2_prompt_header": str},
)


def write_prompt(instance: Instance, role: str) -> str:
    """Write the instance's own prompt for a role, or else ours with its grids."""
    data = instance.data
    key = "player_1_prompt_header" if role == GIVER else "player_2_prompt_header"
    if key in data:
        return data[key]
    text = read_prompt("referencegame", f"{role}.txt")
    for name in GIVER_GRIDS if role == GIVER else FOLLOWER_GRIDS:
        text = text.replace(f"${name[len('player_1_') :].upper()}$", data[name])
    return text


def name_target(instance: Instance) -> str:
    """Return the target grid followed by its distractors, in an order of their own."""
    first, *others = (_read_grid(instance, name) for name in GIVER_GRIDS)
    return "\n\n".join([first, *sorted(others)])


def _read_grid(instance: Instance, name: str) -> str:
    """Read one grid in our own spelling.

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
            _read_grid(instance, name)
        self._expression = ""

    def observe(self) -> str:
        """Show the prompt with the grids, and the expression to the follower."""
        text = write_prompt(self.instance, self.mover)
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
            self.emit(Expression(reply))
            self._expression = reply
            self.role = FOLLOWER
        else:
            self.emit(Malformed(rules.name_flaw(reply, rules.EXPRESSION)))
            self.abort()

    def _take_answer(self, reply: str) -> None:
        label = rules.read_answer(reply)
        if label is None:
            self.emit(Malformed(rules.name_flaw(reply, rules.ANSWER)))
            self.abort()
            return
        is_right = label in self.instance.data["target_grid_name"]
        self.emit(Answer(label, is_right))
        if is_right:
            self.end(Outcome.SUCCESS, "found")
        else:
            self.end(Outcome.LOSE, "wrong grid")

    @property
    def main_score(self) -> float:
        """100 if the target was found, else 0; NaN when aborted."""
        return self.score_or_nan(100 * (self.outcome is Outcome.SUCCESS))
