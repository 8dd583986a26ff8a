"""What a game tells of itself in clembench's words: the `Bridge` in its `clembench.py`.

Nobody needs it to play. `games/clembench` uses it to write results, to read instances
and to compare recorded episodes.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from games.events import Event

Wording = tuple[str, Any]
"""Clembench's type of what was noticed, e.g. "valid clue", and a JSON-able content."""

Data = dict[str, Any]
"""A clembench experiment's parameters, its instance's fields, or an instance's data."""

Record = dict[str, Any]
"""One recorded episode, with its experiment's "experiment_params"."""


@dataclass(frozen=True, slots=True)
class Note:
    """What was noticed, as an event from GM to GM in clembench's transcripts."""

    round: int
    kind: str
    content: Any


class _Noticing(Protocol):
    """A game master, as far as its notes need it."""

    events: list[tuple[int, Event]]


Master = TypeVar("Master", bound=_Noticing)


def say_nothing(master: object, event: Event) -> Iterable[Wording]:
    """Have no words for any event."""
    return ()


def have_none(master: object) -> dict[str, Any]:
    """Have no scores or keys."""
    return {}


def merge_fields(experiment: Data, instance: Data) -> Data:
    """Put a clembench instance's fields over its experiment's parameters."""
    return experiment | instance


def rename(names: dict[str, str]) -> Callable[[Data, Data], Data]:
    """Merge as `merge_fields` does, but give parameters other names before."""

    def merge_renamed(experiment: Data, instance: Data) -> Data:
        renamed = {names.get(key, key): value for key, value in experiment.items()}
        return renamed | instance

    return merge_renamed


def add_nothing(folder: Path, experiment: Data) -> Data:
    """Leave an experiment as it is."""
    return experiment


def suppose_data(record: Record, data: Data, records: Sequence[Record]) -> list[Data]:
    """Take the data as recorded for the only ones there can be."""
    return [data]


def keep(told: Any) -> Any:
    """Compare what was told to the letter."""
    return told


def need_nothing(variant: str, data: Data) -> Data:
    """Name no parameter: clembench's scorer reads nothing that the data lacks."""
    return {}


def restore_nothing(record: Record) -> list[dict[str, Any]]:
    """Take what a transcript's turns hold for all that was said."""
    return list(record["responses"])


@dataclass(frozen=True, kw_only=True)
class Bridge(Generic[Master]):
    """All that clembench's files ask of a game, with what most games need by default.

    The functions read a master's events and public properties, and change nothing.
    """

    word: Callable[[Master, Event], Iterable[Wording]] = say_nothing
    """What clembench notes where this event is: nothing, one thing or several."""
    score_episode: Callable[[Master], dict[str, Any]] = have_none
    """Scores besides the main one, by clembench's names; NaN where undefined."""
    score_turns: Callable[[Master], dict[str, dict[str, Any]]] = have_none
    """Scores of each round, by clembench's key of the round and its names."""
    list_keys: Callable[[Master], dict[str, Any]] = have_none
    """What clembench's scorer reads beside the turns of a transcript."""
    list_parameters: Callable[[str, Data], Data] = need_nothing
    """(variant, instance's data) -> what clembench's scorer reads of an experiment or
    an instance, where our own instances do not say it."""

    their_name: str = ""
    """What clembench's results call the game, if not by its name."""
    folder: str = ""
    """The game's folder in a checkout of clembench, if not called like the game."""
    stem: str = "instances"
    """How the names of its files of instances begin."""
    merge: Callable[[Data, Data], Data] = merge_fields
    """(experiment's parameters, instance's fields) -> our instance's data."""
    add_files: Callable[[Path, Data], Data] = add_nothing
    """(game's folder, experiment) -> the experiment with what lies in other files."""

    suppose: Callable[[Record, Data, Sequence[Record]], list[Data]] = suppose_data
    """(recording, its instance's data, recordings beside it) -> each data that it may
    have been played on: several where the original's own choice was not recorded."""
    restore: Callable[[Record], list[dict[str, Any]]] = restore_nothing
    """All that was said in a recording: where clembench keeps replies elsewhere than
    among the turns, they are put in their places."""
    loosen: Callable[[Any], Any] = keep
    """What of a recorded text or content has to be equal to ours."""

    def take_notes(self, master: Master, since: int = 0) -> list[Note]:
        """Word a master's events, from the one of that number on."""
        return [
            Note(number, kind, content)
            for number, event in master.events[since:]
            for kind, content in self.word(master, event)
        ]


NO_BRIDGE: Bridge[Any] = Bridge()
"""Of a game that clembench does not have, or that need not tell it anything."""
