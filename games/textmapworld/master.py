"""The referees of the three games: a walk through a house that is told room by room.

The describer is part of the referee: it says which room was entered and which doors
lead on. Departures from clembench are listed in the README.
"""

import math

from games.contract import FieldType, GameMaster, GameSpec, Instance
from games.errors import InstanceError
from games.events import Event, Outcome
from games.textmapworld import rules
from games.textmapworld.events import (
    BadDrawing,
    BadReply,
    Blocked,
    Drawn,
    Moved,
    Stopped,
)
from games.textmapworld.house import read_house
from games.textmapworld.templates import BLOCKED, ENTERED, PROMPT, fill, find_template

GUESSER = "guesser"
MAX_ROUNDS = 20
TURN_LIMIT = "turn limit"
HOUSE_FIELDS: dict[str, FieldType] = {"Moves": (str, list), "Current_Position": str}
OPTIONS: dict[str, FieldType] = dict.fromkeys(
    (PROMPT, ENTERED, BLOCKED, "Specific_Room"), str
)
SIZES = ("small", "medium", "large")

SPEC = GameSpec(
    name="textmapworld",
    version=2,
    roles=(GUESSER,),
    max_turns=MAX_ROUNDS,
    variants=(*SIZES, "medium_cycle", "large_cycle"),
    max_reply_tokens=16,
    fields=HOUSE_FIELDS,
    options=OPTIONS,
)
GRAPHREASONING_SPEC = GameSpec(
    name="textmapworld_graphreasoning",
    version=2,
    roles=(GUESSER,),
    max_turns=MAX_ROUNDS,
    variants=SIZES,
    max_reply_tokens=320,
    fields=HOUSE_FIELDS,
    options=OPTIONS,
)
SPECIFICROOM_SPEC = GameSpec(
    name="textmapworld_specificroom",
    version=2,
    roles=(GUESSER,),
    max_turns=MAX_ROUNDS,
    variants=("on", "close", "far"),
    max_reply_tokens=16,
    fields=HOUSE_FIELDS | {"Specific_Room": str},
    options=OPTIONS,
)


class TextMapWorld(GameMaster):
    """One episode of textmapworld: visit all rooms, then stop."""

    spec = SPEC

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self.house = read_house(instance)
        self.path: list[str] = [instance.data["Current_Position"]]
        """Rooms in the order in which they were entered."""
        self._told = self._tell(PROMPT)

    def observe(self) -> str:
        """Show the prompt, or what the last move led to."""
        return self._told

    def step(self, reply: str) -> None:
        """Move, stop, or abort where the reply says neither."""
        command = rules.read_command(reply)
        if command is None:
            self.emit(BadReply(rules.name_flaw(reply)))
            self.abort()
        elif command == rules.DONE:
            self.emit(Stopped(reply))
            self._stop()
        else:
            self._go(command.lower(), reply)

    def _go(self, direction: str, reply: str, *events: Event) -> None:
        """Move if there is such a door; the 20th move or attempt ends the game.

        Args:
            direction: as doors are called.
            reply: that says so.
            events: what else is noticed of a move through a door.
        """
        behind = self.house[self._here].get(direction)
        if behind is None:
            self.emit(Blocked(reply))
            self._told = self._tell(BLOCKED)
        else:
            self.emit(Moved(reply, self._here, behind))
            self.path.append(behind)
            self._told = self._tell(ENTERED)
            for event in events:
                self.emit(event)
        if self.round + 1 >= MAX_ROUNDS:
            self.abort(TURN_LIMIT)
        else:
            self.round += 1

    def _stop(self) -> None:
        """Judge a DONE."""
        if len(set(self.path)) == len(self.house):
            self.end(Outcome.SUCCESS, "all visited")
        else:
            self.end(Outcome.LOSE, "stopped early")

    @property
    def _here(self) -> str:
        return self.path[-1]

    def _tell(self, key: str) -> str:
        """Fill one of the describer's texts in for where the player is."""
        goal = self.instance.data.get("Specific_Room", "")
        text = find_template(self.instance, key)
        return fill(text, self._here, list(self.house[self._here]), goal)

    @property
    def main_score(self) -> float:
        """The harmonic mean of efficiency and exploration, even where lost."""
        return math.nan if self.is_aborted else rules.score_walk(self.house, self.path)


class GraphReasoning(TextMapWorld):
    """One episode of textmapworld_graphreasoning: every move comes with a drawing."""

    spec = GRAPHREASONING_SPEC

    def step(self, reply: str) -> None:
        """Move, to the letter, and look at the drawing; or stop; or abort."""
        command, graph = rules.read_command_and_graph(reply, self.rules) or (None, None)
        if command is None:
            is_drawing = rules.read_command_with_graph(reply) is not None
            flaw = rules.name_flaw_of_drawing(reply)
            self.emit(BadDrawing(flaw, reply) if is_drawing else BadReply(flaw))
            self.abort()
        elif command == rules.DONE:
            self.emit(Stopped(reply))
            self._stop()
        else:
            self._go(command, reply, Drawn(graph))


class SpecificRoom(TextMapWorld):
    """One episode of textmapworld_specificroom: stop in the room that was named."""

    spec = SPECIFICROOM_SPEC

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self._goal: str = instance.data["Specific_Room"]
        if self._goal.lower() not in map(str.lower, self.house):
            raise InstanceError(
                f"{self.spec.name} instance {instance.instance_id}: the house has no "
                f"room '{self._goal}', mend the file"
            )

    def _stop(self) -> None:
        """Judge a DONE."""
        if self._here.lower() == self._goal.lower():
            self.end(Outcome.SUCCESS, "found")
        else:
            self.end(Outcome.LOSE, "wrong room")

    @property
    def main_score(self) -> float:
        """100 in the right room, 0 in another one; NaN if aborted."""
        return self.score_or_nan(100 * (self.outcome is Outcome.SUCCESS))
