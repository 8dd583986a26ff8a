"""The referees of the three games: a walk through a house that is told room by room.

The describer is part of the referee: it says which room was entered and which doors
lead on. Departures from clembench are listed in the README.
"""

import json
import math
from typing import Any

from games.contract import GameMaster, GameSpec, Instance, Outcome
from games.errors import InstanceError
from games.textmapworld import rules
from games.textmapworld.house import edges_of, house_of
from games.textmapworld.similarity import Graph, drawn_graph, similarity
from games.textmapworld.templates import BLOCKED, ENTERED, PROMPT, fill, template

GUESSER = "guesser"
MAX_ROUNDS = 20
HOUSE_FIELDS = {"Moves": (str, list), "Current_Position": str}
SIZES = ("small", "medium", "large")

SPEC = GameSpec(
    name="textmapworld",
    version=2,
    roles=(GUESSER,),
    max_turns=MAX_ROUNDS,
    variants=(*SIZES, "medium_cycle", "large_cycle"),
    max_reply_tokens=16,
    fields=HOUSE_FIELDS,
)
GRAPHREASONING_SPEC = GameSpec(
    name="textmapworld_graphreasoning",
    version=2,
    roles=(GUESSER,),
    max_turns=MAX_ROUNDS,
    variants=SIZES,
    max_reply_tokens=320,
    fields=HOUSE_FIELDS,
)
SPECIFICROOM_SPEC = GameSpec(
    name="textmapworld_specificroom",
    version=2,
    roles=(GUESSER,),
    max_turns=MAX_ROUNDS,
    variants=("on", "close", "far"),
    max_reply_tokens=16,
    fields=HOUSE_FIELDS | {"Specific_Room": str},
)


class TextMapWorld(GameMaster):
    """One episode of textmapworld: visit all rooms, then stop."""

    spec = SPEC

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self._house = house_of(instance)
        self._path: list[str] = [instance.data["Current_Position"]]
        """Rooms in the order in which they were entered."""
        self._blocked = 0
        """Moves towards no door."""
        self._told = self._tell(PROMPT)

    def observe(self) -> str:
        """Return the prompt, or what the last move led to."""
        return self._told

    def step(self, reply: str) -> None:
        """Move, stop, or abort where the reply says neither."""
        command = self._read(reply)
        if command is None:
            self.note("aborted", "abort game")
            self.abort()
        elif command == rules.DONE:
            self.note("stop", "The guesser decided to stop the game")
            self._stop()
        else:
            self.note("Valid format", "Continue")
            self._go(command)

    def _read(self, reply: str) -> str | None:
        """Return what a reply commands, directions in small letters."""
        command = rules.command_of(reply)
        if command is not None:
            self.note("parse", rules.in_one_line(reply))
        return command if command in (None, rules.DONE) else command.lower()

    def _go(self, direction: str) -> None:
        """Move if there is such a door; the 20th move or attempt ends the game."""
        behind = self._house[self._here].get(direction)
        if behind is None:
            self._blocked += 1
            self._told = self._tell(BLOCKED)
        else:
            self.note("move", json.dumps({"old": self._here, "new": behind}))
            self._path.append(behind)
            self._told = self._tell(ENTERED)
            self._note_drawing()
        if len(self._path) - 1 + self._blocked >= MAX_ROUNDS:
            self.note("turns_limit", str(MAX_ROUNDS))
            self.abort("turn limit")
        else:
            self.round += 1

    def _note_drawing(self) -> None:
        """Note what came with a move, in the game that asks for it."""

    def _stop(self) -> None:
        """Judge a DONE."""
        if len(set(self._path)) == len(self._house):
            self.end(Outcome.SUCCESS, "all visited")
        else:
            self.end(Outcome.LOSE, "stopped early")

    @property
    def _here(self) -> str:
        return self._path[-1]

    def _tell(self, key: str) -> str:
        """Return one of the describer's texts, filled in for where the player is."""
        goal = self.instance.data.get("Specific_Room", "")
        text = template(self.instance, key)
        return fill(text, self._here, list(self._house[self._here]), goal)

    def _walk_score(self) -> float:
        """Return the harmonic mean of efficiency and exploration."""
        return rules.harmonic_mean(
            rules.efficiency(self._house, self._path),
            rules.exploration(self._house, self._path),
        )

    @property
    def main_score(self) -> float:
        """The harmonic mean of efficiency and exploration, even where lost."""
        return math.nan if self.is_aborted else self._walk_score()

    def _walk_scores(self) -> dict[str, float]:
        """Return the scores of a walk that was not aborted."""
        house, path = self._house, self._path
        return {
            "moves": len(path) - 1,
            "valid_moves": len(path) - 1,
            "invalid_moves": 0,  # clembench's scorer never sees one
            "blocked_moves": self._blocked,
            "stopped": self.outcome is not None,
            "turns_limit": 0,
            "loops": rules.loops(path),
            "number_visited": len(set(path)),
            "seen": len(rules.seen_rooms(house, path)),
            "efficiency": rules.efficiency(house, path),
            "exploration": rules.exploration(house, path),
        }

    def turn_scores(self) -> dict[str, dict[str, float]]:
        """Return of each move whether it was efficient, by clembench's spelling."""
        good = rules.efficient_moves(self._house, self._path)
        return {str(n): {"effiencient_move": one} for n, one in enumerate(good)}

    def episode_scores(self) -> dict[str, float]:
        """Return clembench's scores of the walk; all NaN if aborted."""
        return {
            name: self.score_or_nan(score)
            for name, score in self._walk_scores().items()
        }


class GraphReasoning(TextMapWorld):
    """One episode of textmapworld_graphreasoning: every move comes with a drawing."""

    spec = GRAPHREASONING_SPEC

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self._sent: Any = None
        """The graph of the last command."""
        self._drawn: Any = None
        """The graph of the last move through a door."""

    def _read(self, reply: str) -> str | None:
        """Return what a reply commands, to the letter, and keep its graph."""
        if rules.command_with_graph_of(reply) is not None:
            self.note("parse", rules.in_one_line(reply))
        command, graph = rules.command_and_graph_of(reply) or (None, None)
        if command not in (None, rules.DONE):
            self._sent = graph
        return command

    def _note_drawing(self) -> None:
        """Keep the graph, and note it as Python writes it."""
        self._drawn = self._sent
        self.note("graph", rules.written(self._drawn))

    def _walk_scores(self) -> dict[str, float]:
        """Return the scores of the walk, and of the last drawing: the slow part."""
        drawn = drawn_graph(self._drawn)
        house = Graph(frozenset(self._house), frozenset(edges_of(self._house)))
        alike = 0.0 if drawn is None else similarity(house, drawn)
        return super()._walk_scores() | {"graph_similarity": alike}

    def episode_scores(self) -> dict[str, float]:
        """Return clembench's scores; no drawing is compared for an aborted episode."""
        if self.is_aborted:
            names = [*super()._walk_scores(), "graph_similarity"]
            return dict.fromkeys(names, math.nan)
        return super().episode_scores()


class SpecificRoom(TextMapWorld):
    """One episode of textmapworld_specificroom: stop in the room that was named."""

    spec = SPECIFICROOM_SPEC

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self._goal: str = instance.data["Specific_Room"]
        if self._goal.lower() not in map(str.lower, self._house):
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

    def _walk_scores(self) -> dict[str, float]:
        """Return the scores of the walk, and textmapworld's main score."""
        loops = rules.separate_loops(self._path)
        changed = {"loops": loops, "old_benchscore": self._walk_score()}
        return super()._walk_scores() | changed
