"""The referee of hellogame: one greeting, judged."""

import functools
from pathlib import Path

from games.contract import GameMaster, GameSpec, Outcome
from games.hellogame.rules import is_complete, is_greeting

GREETER = "greeter"

SPEC = GameSpec(
    name="hellogame",
    version=1,
    roles=(GREETER,),
    max_turns=1,
    variants=("greet_en",),
    max_reply_tokens=32,
    fields={"target_name": str},
)


class HelloGame(GameMaster):
    """One episode of hellogame."""

    spec = SPEC

    def observe(self) -> str:
        """Return the prompt: the instance's own, or else ours with the name."""
        data = self.instance.data
        return data.get("prompt") or _prompt().replace("$NAME$", data["target_name"])

    def step(self, reply: str) -> None:
        """Judge the greeting: whatever it is, it ends the episode."""
        if not is_greeting(reply):
            self.note("invalid format", "abort game")
            self.abort()
        elif is_complete(reply, self.instance.data["target_name"]):
            self.note("correct greeting", "end game")
            self.end(Outcome.SUCCESS, "greeted")
        else:
            self.note("incomplete greeting", "end game")
            self.end(Outcome.LOSE, "something missing")

    @property
    def main_score(self) -> float:
        """100 for a complete greeting, else 0; NaN when aborted."""
        return self.score_or_nan(100 * (self.outcome is Outcome.SUCCESS))


@functools.cache
def _prompt() -> str:
    """Return our own prompt."""
    path = Path(__file__).with_name("prompts") / "greeter.txt"
    return path.read_text(encoding="utf-8").removesuffix("\n")
