"""Clembench's instances as ours: its prompts and parameters become part of the data.

A clembench instance is an experiment's parameters plus its own fields. A game of ours
reads both from `Instance.data`, and falls back to its own prompts where there are none.

    read_instances(Path("checkout"), "taboo", "v1.6")
"""

import json
from collections.abc import Iterator
from pathlib import Path

from games.bridge import Data
from games.contract import Instance
from games.errors import InstanceError
from games.registry import GAMES, get_game

_NEWEST = "v2.0"
"""The version of files without a version in their name; new games have no others."""
_NEW = "v3"
"""Where the games that v3 added may lie, if not beside the others."""


def get_their_name(game: str) -> str:
    """Look up what clembench calls a game of ours in its results."""
    return GAMES[game].bridge.their_name or game


def get_our_name(game: str) -> str:
    """Look up what we call a game of clembench's results; it may be none of ours."""
    return {get_their_name(ours): ours for ours in GAMES}.get(game, game)


def find_path(checkout: Path, game: str, version: str) -> Path:
    """Find a game's instances file of a version, e.g. "v1.6".

    Raises:
        InstanceError: there is no such file, or no such checkout.
    """
    if not checkout.is_dir():
        raise InstanceError(
            f"there is no folder {checkout}: clone clembench to there, or name the "
            "folder of a clone in instances.clembench.checkout"
        )
    bridge = get_game(game).bridge
    place = f"{bridge.folder or game}/in"
    names = list(_list_names(bridge.stem, version))
    for folder in (checkout / place, checkout / _NEW / place):
        for name in names:
            if (folder / name).exists():
                return folder / name
    raise InstanceError(
        f"there is no {checkout / place / names[0]}: name a folder that holds "
        f"clembench's games, and versions in which it has {game}"
    )


def _list_names(stem: str, version: str) -> Iterator[str]:
    """Yield what a file of a version may be called."""
    yield f"{stem}_{version}.json"
    yield f"{stem}_{version}_en.json"
    if version == _NEWEST:
        yield f"{stem}.json"


def read_instances(checkout: Path, game: str, version: str) -> list[Instance]:
    """Read a game's instances of one version.

    Raises:
        InstanceError: there is no such file, or it is not in clembench's layout, or
            holds nothing, or two experiments of one name.
    """
    path, bridge = find_path(checkout, game, version), get_game(game).bridge
    try:
        experiments = _read_experiments(path)
        found = [
            _make_instance(game, f"{version}-{number:04d}", whole, one)
            for experiment in experiments
            for whole in [bridge.add_files(path.parents[1], experiment)]
            for number, one in enumerate(whole["game_instances"])
        ]
    except OSError as error:
        raise InstanceError(
            f"{path} is without its texts ({error}): take a whole checkout of clembench"
        ) from error
    except (
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        RecursionError,
    ) as error:
        raise InstanceError(
            f"{path} is not laid out as clembench's instances are ({error!r}): "
            "take another file"
        ) from error
    if not found:
        raise InstanceError(f"{path} holds no instance: take another file")
    return found


def _read_experiments(path: Path) -> list[Data]:
    """Read a file's experiments, each with a name of its own.

    Raises:
        ValueError, LookupError, TypeError: they are laid out in another way.
    """
    read = json.loads(path.read_text(encoding="utf-8"))
    json.dumps(read, ensure_ascii=False).encode()  # no halves of characters
    names: set[str] = set()
    for one in read["experiments"]:
        name, instances = one["name"], one["game_instances"]
        if not isinstance(name, str) or not name.strip():
            raise TypeError("an experiment's name is no text")
        if name in names:
            raise ValueError(f"two experiments are called '{name}'")
        if not isinstance(instances, list) or not all(
            isinstance(instance, dict) for instance in instances
        ):
            raise TypeError(f"the instances of '{name}' are no list of objects")
        names.add(name)
    return read["experiments"]


def _make_instance(game: str, name: str, experiment: Data, instance: Data) -> Instance:
    params = {key: experiment[key] for key in experiment if key != "game_instances"}
    data, variant = get_game(game).bridge.merge(params, instance), experiment["name"]
    # their own ids repeat in early versions
    return Instance(game, variant, f"{variant}-{name}", data)
