"""A small study to run the stages of: two games, one held out, a tiny policy."""

import importlib
import sys
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from games.code import hash_code
from games.registry import GAMES
from pipeline.params.packages import list_versions
from pipeline.params.plan import FILE as PLAN
from pipeline.params.plan import write_plan
from pipeline.params.read import load_params
from pipeline.params.sections.whole import Params
from stages.common.files import write_json
from stages.common.games import locate_code
from stages.common.instances import (
    SPLITS,
    locate_instances,
    read_instances,
    write_instances,
)
from stages.common.packages import VERSIONS
from stages.instances.sources import generate
from tests.recipe import choose_variants

ROOT = Path(__file__).parents[2]
PLAYED = {"held_in": ["taboo", "referencegame"], "held_out": ["guesswhat"]}
USUAL = {
    "games": PLAYED,
    "policies": ["base"],
    "selfplay.learner": "base",
    "sft.common.start": "base",
    "dpo.common.start": "base",
    "grpo.common.start": "base",
    "grpo.common.roles": {"taboo": ["guesser"]},
}
NUM = 3
"""Instances of each game and split."""


def set_params(**changes: object) -> Params:
    """Write params.yaml here with some keys changed; a double underscore is a dot."""
    yaml = YAML(typ="safe")
    params = yaml.load(ROOT / "params.yaml")
    choose_variants(params)
    dotted = {key.replace("__", "."): value for key, value in changes.items()}
    for key, value in (USUAL | dotted).items():
        *sections, last = key.split(".")
        section = params
        for name in sections:
            section = section[name]
        section[last] = deepcopy(value)
    params["games"].setdefault("max_reply_tokens", None)
    yaml.dump(params, Path("params.yaml"))
    PLAN.parent.mkdir(exist_ok=True)
    made = load_params()
    write_plan(made)
    return made


def write_inputs() -> None:
    """Write the instances of every split, and what the code and the packages are."""
    write_json(VERSIONS, list_versions())
    for part, games in PLAYED.items():
        for bridges in (False, True):
            code = hash_code(games, bridges=bridges)
            write_json(locate_code(part, bridges=bridges), code)
    for split in SPLITS:
        part = "held_out" if split == "held_out" else "held_in"
        known = "test" if split == "held_out" else split
        made = [generate(GAMES[name], known, NUM, 1) for name in PLAYED[part]]
        write_instances(locate_instances(split), [one for own in made for one in own])


def run_stage(name: str, *options: str) -> None:
    """Run a stage's `main`, as `python -m stages.NAME OPTIONS` does."""
    main = importlib.import_module(f"stages.{name}.__main__").main
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [name, *options])
        main()


def list_ids(path: Path, games: Sequence[str]) -> list[tuple[str, str]]:
    """List (game, instance) of a file of instances."""
    return [(one.game, one.instance_id) for one in read_instances(path, games=games)]
