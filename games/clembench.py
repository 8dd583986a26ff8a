"""Clembench's instances as ours: its prompts and parameters become part of the data.

A clembench instance is an experiment's parameters plus its own fields. A game of ours
reads both from `Instance.data`, and falls back to its own prompts where there are none.

    instances(Path("checkout"), "taboo", "instances_v1.6.json")
"""

import json
from pathlib import Path
from typing import Any

from games.contract import Instance
from games.errors import InstanceError

_OUR_NAMES = {
    "taboo": {
        "describer_initial_prompt": "describer_prompt",
        "guesser_initial_prompt": "guesser_prompt",
    },
    "guesswhat": {
        "guesser_initial_prompt": "guesser_prompt",
        "answerer_initial_prompt": "answerer_prompt",
    },
}
"""Of parameters that a game of ours calls otherwise."""
_FOLDERS = {
    "textmapworld": "textmapworld/textmapworld_main",
    "textmapworld_graphreasoning": "textmapworld/textmapworld_graphreasoning",
    "textmapworld_specificroom": "textmapworld/textmapworld_specificroom",
    "wordle_withclue": "wordle",
    "wordle_withcritic": "wordle",
}
"""Of games whose folder in a checkout is not called like the game."""


def data_of(
    game: str, experiment: dict[str, Any], instance: dict[str, Any]
) -> dict[str, Any]:
    """Return an instance's data from clembench's experiment and game instance."""
    names = _OUR_NAMES.get(game, {})
    params = {names.get(key, key): value for key, value in experiment.items()}
    return params | instance


def instances(checkout: Path, game: str, file: str) -> list[Instance]:
    """Read one instances file of a game, e.g. "instances_v1.6.json".

    Raises:
        InstanceError: there is no such file, or it is not in clembench's layout.
    """
    path = checkout / _FOLDERS.get(game, game) / "in" / file
    try:
        experiments = json.loads(path.read_text(encoding="utf-8"))["experiments"]
        return [
            _instance(game, experiment, one)
            for experiment in experiments
            for one in experiment["game_instances"]
        ]
    except FileNotFoundError as error:
        raise InstanceError(
            f"there is no {path}: name a folder that holds clembench's games, and a "
            "file in the game's folder 'in'"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise InstanceError(
            f"{path} is not laid out as clembench's instances are ({error!r}): "
            "take another file"
        ) from error


def _instance(
    game: str, experiment: dict[str, Any], instance: dict[str, Any]
) -> Instance:
    params = {key: experiment[key] for key in experiment if key != "game_instances"}
    name = f"{experiment['name']}-{instance['game_id']:04d}"
    data = data_of(game, params, instance)
    return Instance(game, experiment["name"], name, data)
