"""What players of clean_up are told: the instance's own texts, or else ours."""

import functools
import json
from pathlib import Path
from string import Template
from typing import Any

from games.clean_up.rules import Board
from games.contract import Instance

P1, P2 = "player_1", "player_2"
_PROMPTS = {
    P1: ("p1_initial_prompt", "p1_start"),
    P2: ("p2_initial_prompt", "p2_start"),
}


class Texts:
    """The texts of one instance."""

    def __init__(self, instance: Instance) -> None:
        self._data = instance.data
        self._limits = {
            name: str(instance.data[name]) for name in ("max_penalties", "max_rounds")
        }

    def get(self, section: str, name: str, **values: object) -> str:
        """Return a text of a section, filled in."""
        texts = self._data.get(section) or _own()[section]
        return self._filled(texts[name], values)

    def word(self, name: str) -> str:
        """Return the question or the answer that end an episode."""
        return self._data.get(name) or _own()[name]

    def first(self, role: str, board: Board, start_message: str = "") -> str:
        """Return what a role is told at first."""
        field, start = _PROMPTS[role]
        prompt = self._data.get(field) or f"{_own_rules()}{_own()[start]}"
        objects = ", ".join(board.objects)
        values = {"objects": objects, "grid": board, "start_message": start_message}
        return self._filled(prompt, values)

    def before_message(self) -> str:
        """Return what stands before a message in a context that passes it on."""
        texts = self._data.get("intermittent_prompts") or _own()["intermittent_prompts"]
        return texts["new_turn"].partition("$turn_message")[0]

    def _filled(self, text: str, values: dict[str, Any]) -> str:
        return Template(text).safe_substitute(self._limits | values)


@functools.cache
def _own() -> dict[str, Any]:
    path = Path(__file__).with_name("prompts") / "texts.json"
    return json.loads(path.read_text(encoding="utf-8"))


@functools.cache
def _own_rules() -> str:
    path = Path(__file__).with_name("prompts") / "rules.txt"
    return path.read_text(encoding="utf-8")
