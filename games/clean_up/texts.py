"""What players of clean_up are told: the instance's own texts, or else ours."""

import functools
import json
from string import Template
from typing import Any

from games.clean_up.rules import Board
from games.contract import Instance
from games.errors import InstanceError
from games.kit.prompts import read_prompt

P1, P2 = "player_1", "player_2"
_PROMPTS = {
    P1: ("p1_initial_prompt", "p1_start"),
    P2: ("p2_initial_prompt", "p2_start"),
}
SECTIONS = ("intermittent_prompts", "parse_errors", "move_messages")
TEXTS = (
    *("p1_initial_prompt", "p2_initial_prompt"),
    *("terminate_question", "terminate_answer"),
)


class Texts:
    """The texts of one instance.

    Raises:
        InstanceError: a text is missing in one of its sections, or is none.
    """

    def __init__(self, instance: Instance) -> None:
        for section in SECTIONS:
            own = instance.data.get(section) or _read_own()[section]
            for name in _read_own()[section]:
                if not isinstance(own.get(name), str):
                    raise InstanceError(
                        f"clean_up instance {instance.instance_id}: '{section}' has no "
                        f"text '{name}', mend the file"
                    )
        self._data = instance.data
        self._limits = {
            name: str(instance.data[name]) for name in ("max_penalties", "max_rounds")
        }

    def get(self, section: str, name: str, **values: object) -> str:
        """Return a text of a section, filled in."""
        texts = self._data.get(section) or _read_own()[section]
        return self._fill(texts[name], values)

    def get_word(self, name: str) -> str:
        """Get the question or the answer that end an episode."""
        return self._data.get(name) or _read_own()[name]

    def write_first(self, role: str, board: Board, start_message: str = "") -> str:
        """Write what a role is told at first."""
        field, start = _PROMPTS[role]
        prompt = (
            self._data.get(field)
            or f"{read_prompt('clean_up', 'rules.txt')}\n{_read_own()[start]}"
        )
        objects = ", ".join(board.objects)
        values = {"objects": objects, "grid": board, "start_message": start_message}
        return self._fill(prompt, values)

    def get_lead(self) -> str:
        """Get what stands before a message in a context that passes it on."""
        section = "intermittent_prompts"
        texts = self._data.get(section) or _read_own()[section]
        return texts["new_turn"].partition("$turn_message")[0]

    def _fill(self, text: str, values: dict[str, Any]) -> str:
        return Template(text).safe_substitute(self._limits | values)


@functools.cache
def _read_own() -> dict[str, Any]:
    return json.loads(read_prompt("clean_up", "texts.json"))
