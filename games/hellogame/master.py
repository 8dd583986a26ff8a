"""The referee of hellogame: one greeting, judged."""

from games.contract import GameMaster, GameSpec
from games.events import Accepted, Malformed, Outcome
from games.hellogame.rules import GREET, is_complete
from games.kit.flaws import find_flaw
from games.kit.prompts import read_prompt

GREETER = "greeter"

SPEC = GameSpec(
    name="hellogame",
    version=1,
    roles=(GREETER,),
    max_turns=1,
    variants=("greet_en",),
    max_reply_tokens=32,
    fields={"target_name": str},
    options={"prompt": str},
)


class HelloGame(GameMaster):
    """One episode of hellogame."""

    spec = SPEC

    def observe(self) -> str:
        """Show the prompt: the instance's own, or else ours with the name."""
        data = self.instance.data
        own = read_prompt("hellogame", "greeter.txt")
        return data.get("prompt") or own.replace("$NAME$", data["target_name"])

    def step(self, reply: str) -> None:
        """Judge the greeting: whatever it is, it ends the episode."""
        if flaw := find_flaw(reply, GREET):
            self.emit(Malformed(flaw))
            self.abort()
            return
        self.emit(Accepted())
        if is_complete(reply, self.instance.data["target_name"]):
            self.end(Outcome.SUCCESS, "greeted")
        else:
            self.end(Outcome.LOSE, "something missing")

    @property
    def main_score(self) -> float:
        """100 for a complete greeting, else 0; NaN when aborted."""
        return self.score_or_nan(100 * (self.outcome is Outcome.SUCCESS))
