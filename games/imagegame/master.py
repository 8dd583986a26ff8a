"""The game master of imagegame.

The rules are clembench v2's. One departure: DONE as the very first command scores 0
and loses, where the scorer of July 2025 divides by zero.
"""

import math
from functools import cache
from pathlib import Path

from games.contract import GameMaster, GameSpec, Instance, Outcome
from games.errors import InstanceError
from games.imagegame import rules, scores
from games.kit.grids import EMPTY, SIZE, filled, parse_grid, shape_of

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
)


@cache
def prompt(role: str) -> str:
    """Return our own prompt for a role."""
    path = Path(__file__).with_name("prompts") / f"{role}.txt"
    return path.read_text(encoding="utf-8").rstrip("\n")


def target(instance: Instance) -> str:
    """Return the drawing without its letter: the same shape must not be met twice."""
    return shape_of(instance.data["target_grid"])


def secrets(instance: Instance, role: str) -> list[str]:
    """Return what a role must not be shown: the target, to the follower."""
    return [instance.data["target_grid"]] if role == FOLLOWER else []


class ImageGameMaster(GameMaster):
    """Referee of one episode of imagegame."""

    spec = SPEC

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        grid = parse_grid(instance.data["target_grid"])
        if not grid or not filled(grid):
            raise InstanceError(
                f"imagegame instance {instance.instance_id}: 'target_grid' is not a "
                f"{SIZE} by {SIZE} grid of letters and {EMPTY}: regenerate it"
            )
        self._rounds: list[scores.Round] = []
        """Every round that ended in a drawing."""
        self._command = ""

    def observe(self) -> str:
        """Return the giver's question or the follower's next command."""
        data = self.instance.data
        if self.role == FOLLOWER:
            header = data.get("player_2_prompt_header", prompt(FOLLOWER))
            command = rules.command_line(self._command)
            return command if self._rounds else f"{header}\n\n{command}"
        question = data.get("player_1_question", QUESTION)
        header = data.get("player_1_prompt_header", prompt(GIVER))
        first = f"{header}\n{data['target_grid']}\n{question}"
        return question if self._rounds else first

    def step(self, reply: str) -> None:
        """Take a command or a grid."""
        if self.role == GIVER:
            self._take_command(reply)
        else:
            self._take_grid(reply)

    def _take_command(self, reply: str) -> None:
        if rules.is_done(reply):
            self.note("found terminate pattern", reply)
            self._finish(DONE)
        elif rules.is_command(reply):
            self.note("found instruction", reply)
            self._command = reply
            self.role = FOLLOWER
        else:
            self.note("invalid format", "Invalid instruction format")
            self.abort()

    def _take_grid(self, reply: str) -> None:
        if not rules.is_grid(reply):
            self.note("invalid format", "Invalid grid format")
            self.abort()
            return
        self.note("found grid", reply)
        drawn = rules.similarity(self.instance.data["target_grid"], reply)
        # an empty drawing has no precision, and the score before it stays
        similarity = drawn or self._similarity
        self._rounds.append(scores.Round(self._command, reply, similarity))
        if len(self._rounds) == rules.ROUNDS:
            self.note("game end", "turn limit reached")
            self._finish(TURN_LIMIT)
        else:
            self.round += 1
            self.role = GIVER

    @property
    def _similarity(self) -> rules.Similarity:
        """How near the last drawing is to the target."""
        return self._rounds[-1].similarity if self._rounds else rules.Similarity()

    def _finish(self, reason: str) -> None:
        solved = self._similarity.f1 >= rules.SUCCESS_F1
        self.end(Outcome.SUCCESS if solved else Outcome.LOSE, reason)

    @property
    def main_score(self) -> float:
        """F1 of the last drawing; NaN when aborted."""
        return self.score_or_nan(self._similarity.f1)

    def episode_scores(self) -> dict[str, float]:
        """Return how near the last drawing is, averages over rounds, and requests.

        Clembench's requests are events here: what was asked, replied and noted.
        """
        nan = rules.Similarity(*[math.nan] * 3)
        aborted, limit = self.is_aborted, self.reason == TURN_LIMIT
        return {
            **scores.similarity_scores(nan if aborted else self._similarity),
            **scores.average_scores([] if aborted else self._rounds),
            **scores.request_scores(
                len(self.notes) - limit,
                done=self.reason == DONE,
                limit=limit,
                aborted=aborted,
            ),
        }

    def turn_scores(self) -> dict[str, dict[str, float]]:
        """Return the scores of every round that ended in a drawing."""
        return scores.round_scores(self._rounds)
