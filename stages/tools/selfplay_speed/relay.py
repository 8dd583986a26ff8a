"""A four-turn game of two roles, with the prompts of real games.

Each role sees what it would see first in the real game, and then whatever the other one
said; any reply is passed on. So an episode has four turns whatever a model says, and
all engines that are compared play the same.
"""

import random
from dataclasses import replace
from typing import NoReturn

from games.checks.conformance import make_instances
from games.contract import Game, GameMaster, GameSpec, Instance, Outcome
from games.registry import GAMES
from games.session import Session, expert_pair

ROLES = ("first", "second")
TURNS = 4
PROMPTS_OF = ("taboo", "guesswhat", "referencegame")

SPEC = GameSpec(
    name="relay",
    version=1,
    roles=ROLES,
    max_turns=TURNS,
    variants=PROMPTS_OF,
    max_reply_tokens=GAMES["taboo"].spec.max_reply_tokens,
    fields={"prompts": list},
)


class Relay(GameMaster):
    """One episode: four replies, each passed on to the other role."""

    spec = SPEC

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self._said: list[str] = []

    def observe(self) -> str:
        """Show the role's prompt before its first reply, and what was said last."""
        prompts = self.instance.data["prompts"]
        turn = len(self._said)
        return "\n\n".join(prompts[turn : turn + 1] + self._said[-1:])

    def step(self, reply: str) -> None:
        """Pass any reply on; the fourth one ends the episode."""
        self._said.append(reply)
        self.role = ROLES[len(self._said) % 2]
        if len(self._said) == TURNS:
            self.end(Outcome.SUCCESS, "passed on")

    @property
    def main_score(self) -> float:
        """100: nothing can be lost."""
        return self.score_or_nan(100)


def _refuse(*_: object) -> NoReturn:
    raise NotImplementedError("relay has no generator and no expert")


GAME = Game(SPEC, Relay, _refuse, _refuse, lambda one: one.instance_id, blind=_refuse)


def shorten(max_reply_tokens: int) -> Game:
    """Make the game with replies of at most so many ids."""
    return replace(GAME, spec=replace(SPEC, max_reply_tokens=max_reply_tokens))


def make_relay_instances(num: int, seed: int = 0) -> list[Instance]:
    """Make so many instances; the games whose prompts they have take turns."""
    pools = [make_instances(GAMES[name], "train", seed) for name in PROMPTS_OF]
    rng = random.Random(seed)
    prompts = [_collect_prompts(rng.choice(pools[n % len(pools)])) for n in range(num)]
    return [
        Instance("relay", PROMPTS_OF[n % len(pools)], f"{n:04}", {"prompts": both})
        for n, both in enumerate(prompts)
    ]


def _collect_prompts(instance: Instance) -> list[str]:
    """Collect what the two roles of a real game see first, played by experts."""
    game = GAMES[instance.game]
    session = Session(game, instance, dict.fromkeys(game.spec.roles, "expert"))
    players, prompts = expert_pair(game, instance, 1.0, 0), []
    for _ in ROLES:
        messages, role = session.messages(), session.role
        assert role is not None, "no game ends before both roles have replied"
        prompts.append(messages[-1]["content"])
        session.reply(players[role](messages))
    return prompts
