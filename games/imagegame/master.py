"""The game master of imagegame.

The rules are clembench v2's. One departure: DONE as the very first command scores 0
and loses, where the scorer of July 2025 divides by zero.
"""

from games.contract import GameMaster, GameSpec, Instance
from games.errors import InstanceError
from games.events import Outcome
from games.imagegame import rules
from games.imagegame.events import BadCommand, BadGrid, Command, Done, Drawing
from games.kit.grids import EMPTY, SIZE, find_filled, hide_letters, parse_grid
from games.kit.prompts import read_prompt

GIVER, FOLLOWER = "giver", "follower"
QUESTION = "What is your next command?"
DONE, TURN_LIMIT = "done", "turn limit"
SPEC = GameSpec(
    name="imagegame",
    version=2,
    roles=(GIVER, FOLLOWER),
    max_turns=2 * rules.ROUNDS,
    variants=("compact_grids", "random_grids"),
    max_reply_tokens=128,
    fields={"target_grid": str},
    options={
        "player_1_question": str,
        "player_1_prompt_header": str,
        "player_2_prompt_header": str,
    },
)


def name_target(instance: Instance) -> str:
    """Return the drawing without its letter: the same shape must not be met twice."""
    return hide_letters(instance.data["target_grid"])


def list_secrets(instance: Instance, role: str) -> list[str]:
    """List what a role must not be shown: the target, to the follower."""
    return [instance.data["target_grid"]] if role == FOLLOWER else []


class ImageGameMaster(GameMaster):
    """Referee of one episode of imagegame."""

    spec = SPEC

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        grid = parse_grid(instance.data["target_grid"])
        if not grid or not find_filled(grid):
            raise InstanceError(
                f"imagegame instance {instance.instance_id}: 'target_grid' is not a "
                f"{SIZE} by {SIZE} grid of letters and {EMPTY}: regenerate it"
            )
        self.similarity = rules.Similarity()
        """How near the last drawing is to the target."""
        self._command = ""

    def observe(self) -> str:
        """Show the giver's question or the follower's next command."""
        data, is_first = self.instance.data, self.round == 0
        if self.role == FOLLOWER:
            command = rules.read_first_line(self._command)
            return f"{self._find_header(2)}\n\n{command}" if is_first else command
        question = data.get("player_1_question", QUESTION)
        first = f"{self._find_header(1)}\n{data['target_grid']}\n{question}"
        return first if is_first else question

    def _find_header(self, number: int) -> str:
        """Find the prompt of player 1 or 2: the instance's own, or else ours."""
        own = read_prompt("imagegame", f"{SPEC.roles[number - 1]}.txt")
        return self.instance.data.get(f"player_{number}_prompt_header", own)

    def step(self, reply: str) -> None:
        """Take a command or a grid."""
        if self.role == GIVER:
            self._take_command(reply)
        else:
            self._take_grid(reply)

    def _take_command(self, reply: str) -> None:
        if rules.is_done(reply):
            self.emit(Done(reply))
            self._finish(DONE)
        elif rules.is_command(reply):
            self.emit(Command(reply))
            self._command = reply
            self.role = FOLLOWER
        else:
            self.emit(BadCommand(rules.name_flaw_of_command(reply)))
            self.abort()

    def _take_grid(self, reply: str) -> None:
        if not rules.is_grid(reply):
            self.emit(BadGrid(rules.name_flaw_of_grid(reply)))
            self.abort()
            return
        drawn = rules.compare(self.instance.data["target_grid"], reply)
        # an empty drawing has no precision, and the score before it stays
        self.similarity = drawn or self.similarity
        self.emit(Drawing(reply, self.similarity))
        if self.round + 1 == rules.ROUNDS:
            self._finish(TURN_LIMIT)
        else:
            self.round += 1
            self.role = GIVER

    def _finish(self, reason: str) -> None:
        solved = self.similarity.f1 >= rules.SUCCESS_F1
        self.end(Outcome.SUCCESS if solved else Outcome.LOSE, reason)

    @property
    def main_score(self) -> float:
        """F1 of the last drawing; NaN when aborted."""
        return self.score_or_nan(self.similarity.f1)
