"""The referee of clean_up: commands in turn, penalties, and how alike the grids get."""

import math

from games.clean_up.events import BadCommand, FailedMove, Moved, Spoken
from games.clean_up.rules import (
    EMPTY,
    MOVE_PATTERN,
    SAY_PATTERN,
    SIZE,
    Board,
    Cell,
    Move,
    Say,
    expect_distance,
    name_flaw,
    read_command,
    score_distance,
    score_penalties,
)
from games.clean_up.texts import P1, P2, SECTIONS, TEXTS, Texts
from games.contract import GameMaster, GameSpec, Instance
from games.errors import InstanceError
from games.events import Outcome

OBJECTS = {P1: "objects_1", P2: "objects_2"}
"""The field that holds each role's objects."""
LEVELS, NUMBERS = ("easy", "medium", "hard"), (3, 5, 7)
ROUNDS_AN_OBJECT, PENALTIES_AN_OBJECT, MORE_PENALTIES = 4, 2, 2

SPEC = GameSpec(
    name="clean_up",
    version=2,
    roles=(P1, P2),
    # two good replies a round, and every penalty is one more reply
    max_turns=max(NUMBERS) * (2 * ROUNDS_AN_OBJECT + PENALTIES_AN_OBJECT)
    + MORE_PENALTIES,
    variants=tuple(
        f"{rank}_{level}_{num}obj_en"
        for rank, level in enumerate(LEVELS)
        for num in NUMBERS
    ),
    max_reply_tokens=128,
    fields={
        "background": str,
        **dict.fromkeys(OBJECTS.values(), list),
        "max_penalties": int,
        "max_rounds": int,
    },
    options={
        **dict.fromkeys((*TEXTS, "say_pattern", "move_pattern", "modality"), str),
        **dict.fromkeys(SECTIONS, dict),
        "restricted_patterns": object,
    },
    rules=("v3",),
)


Objects = dict[str, Cell]
"""The objects of a grid, and where they are."""


class CleanUp(GameMaster):
    """One episode of clean_up."""

    spec = SPEC

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self._boards = read_boards(instance)
        _check_rules(instance)
        self._objects_at_first = {
            role: dict(board.objects) for role, board in self._boards.items()
        }
        self.distance_at_first = self.distance
        """How far the grids were apart."""
        if not self.distance_at_first:
            raise InstanceError(
                f"clean_up instance {instance.instance_id}: its grids are equal from "
                "the start, mend the file"
            )
        self._texts = Texts(instance)
        self.penalties = 0
        """Of both roles together."""
        self._asked: set[str] = set()
        """The roles that have asked whether the other is finished."""
        self._receipts = dict.fromkeys(SPEC.roles, "")
        """What a role is still to be told about its last command."""
        self._context = self._texts.write_first(P1, self._boards[P1])

    def observe(self) -> str:
        """Tell what became of the role's last command, and what the other did."""
        return self._receipts[self.mover] + self._context

    def step(self, reply: str) -> None:
        """Obey a command, or count a penalty."""
        self._receipts[self.mover] = ""
        command = read_command(reply, must_say=self.role == P1 and self.round == 0)
        if isinstance(command, Say):
            self.emit(Spoken(command.message))
            self._say(command.message)
        elif isinstance(command, Move):
            self._move(command)
        else:
            self.emit(BadCommand(name_flaw(reply, command), command))
            reason = self._texts.get("parse_errors", command)
            texts = "intermittent_prompts", "invalid_response"
            self._penalise(self._texts.get(*texts, reason=reason))

    def _say(self, message: str) -> None:
        """Pass a message on, unless it ends the episode."""
        other = P2 if self.role == P1 else P1
        if self._texts.get_word("terminate_question") in message:
            self._asked.add(self.mover)
        if self._texts.get_word("terminate_answer") in message and other in self._asked:
            self._finish("finished")
            return
        receipt = self._texts.get("intermittent_prompts", "message_relay")
        if self.role == P1 and self.round == 0:
            self._pass_turn(
                receipt, self._texts.write_first(P2, self._boards[P2], message)
            )
        else:
            self._pass_turn(receipt, self._tell("new_turn", turn_message=message))

    def _move(self, move: Move) -> None:
        """Move an object, or count a penalty."""
        board = self._boards[self.mover]
        values: dict[str, object] = dict(zip("xy", move.cell, strict=True))
        fault = board.find_fault(move)
        if fault is None:
            self.emit(Moved(self.mover, move))
            board.objects[move.name] = move.cell
            values |= {"object": move.name, "grid": board}
            receipt = self._texts.get("move_messages", "successful", **values)
            self._pass_turn(receipt, self._tell("new_turn_move"))
        else:
            self.emit(FailedMove(fault))
            values["object"] = move.name
            if fault == "not_empty":
                values["object"] = board.look_at(move.cell)
            self._penalise(self._texts.get("move_messages", fault, **values))

    def _penalise(self, told: str) -> None:
        """Let the role try again, as long as there are not too many penalties."""
        self.penalties += 1
        if self.penalties > self.instance.data["max_penalties"]:
            self.abort("penalties")
            return
        again = self._texts.get("intermittent_prompts", "penalty_reprompt")
        self._context = f"{told}\n{self._count('penalty')}{again}"

    def _pass_turn(self, receipt: str, context: str) -> None:
        """Let the other role move; the last round ends the episode."""
        self._receipts[self.mover] = receipt
        self._context = context
        if self.role == P1:
            self.role = P2
        elif self.round + 1 == self.instance.data["max_rounds"]:
            self._finish("round limit")
        else:
            self.role, self.round = P1, self.round + 1

    def _finish(self, reason: str) -> None:
        """End the episode; grids that are no better than chance have lost."""
        if self.distance > expect_distance(len(self._boards[P1].objects)):
            self.end(Outcome.LOSE, "too far apart")
        else:
            self.end(Outcome.SUCCESS, reason)

    def _tell(self, name: str, **values: object) -> str:
        """Tell the other role something, between counters and a request."""
        said = self._texts.get("intermittent_prompts", name, **values)
        request = self._texts.get("intermittent_prompts", "command_prompt")
        return f"{self._count('round')}{self._count('penalty')}{said}{request}"

    def _count(self, what: str) -> str:
        values = {"round": self.round + 1, "penalty": self.penalties}
        return self._texts.get("intermittent_prompts", f"{what}_counter", **values)

    def list_states(self) -> tuple[dict[str, Objects], dict[str, Objects]]:
        """List where each role's objects were at first, and where they are."""
        now = {role: dict(board.objects) for role, board in self._boards.items()}
        return self._objects_at_first, now

    @property
    def distance(self) -> float:
        """How far the grids are apart."""
        return self._boards[P1].measure_distance(self._boards[P2])

    @property
    def nearness(self) -> float:
        """How near the grids are to each other, up to 1."""
        num_objects = len(self._boards[P1].objects)
        return score_distance(self.distance_at_first, self.distance, num_objects)

    @property
    def penalty_score(self) -> float:
        """How few penalties there were, 1 without any; NaN of twice the most."""
        most = self.instance.data["max_penalties"]
        return (
            score_penalties(self.penalties, most)
            if self.penalties < 2 * most
            else math.nan
        )

    @property
    def main_score(self) -> float:
        """100 for equal grids without a penalty; NaN when aborted."""
        if self.is_aborted:
            return math.nan
        return 100 * self.nearness * self.penalty_score


def read_boards(instance: Instance) -> dict[str, Board]:
    """Read each role's grid.

    Raises:
        InstanceError: it is no grid, or its objects are not on it.
    """
    background = instance.data["background"]
    where = f"clean_up instance {instance.instance_id}"
    rows = background.split("\n")
    if len(rows) != SIZE + 2 or any(len(row) != SIZE + 2 for row in rows):
        raise InstanceError(f"{where}: its background is not a {SIZE} by {SIZE} grid")
    boards = {}
    for role, field in OBJECTS.items():
        try:
            pairs = [
                (_read_name(o["id"]), _read_cell(o["coord"]))
                for o in instance.data[field]
            ]
        except (KeyError, TypeError, ValueError) as error:
            raise InstanceError(f"{where}: '{field}' is malformed: {error}") from error
        board = boards[role] = Board(background, dict(pairs))
        cells = [
            cell for _, cell in pairs if Board(background, {}).look_at(cell) == EMPTY
        ]
        if not len(set(cells)) == len(board.objects) == len(pairs) > 0:
            raise InstanceError(f"{where}: '{field}' are not in cells of their own")
    if set(boards[P1].objects) != set(boards[P2].objects):
        raise InstanceError(f"{where}: the players have different objects")
    return boards


def _read_name(name: str) -> str:
    if not (isinstance(name, str) and len(name) == 1 and name.isalnum()):
        raise ValueError(f"{name!r} is not a letter")
    return name


def _read_cell(coord: list[int]) -> Cell:
    x, y = coord
    if x not in range(1, SIZE + 1) or y not in range(1, SIZE + 1):
        raise ValueError(f"({x}, {y}) is outside the grid")
    return int(x), int(y)


def _check_rules(instance: Instance) -> None:
    """Assert that the instance is played by the rules that are written here.

    Raises:
        InstanceError: other limits, commands or restrictions than these.
    """
    data = instance.data
    rounds, penalties = data["max_rounds"], data["max_penalties"]
    faults = {
        "max_rounds": rounds < 1 or 2 * rounds + penalties > SPEC.max_turns,
        "max_penalties": penalties < 1,
        "say_pattern": data.get("say_pattern", SAY_PATTERN) != SAY_PATTERN,
        "move_pattern": data.get("move_pattern", MOVE_PATTERN) != MOVE_PATTERN,
        "restricted_patterns": bool(data.get("restricted_patterns")),
        "modality": data.get("modality", "text") != "text",
    }
    for field, is_wrong in faults.items():
        if is_wrong:
            raise InstanceError(
                f"clean_up instance {instance.instance_id}: this game is not played "
                f"with {field} = {data.get(field)!r}"
            )
