"""What is played and how it is counted, the same for all that are compared."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from games.contract import Game, Instance
from stages.common.chat import ChatTemplate
from stages.engines.backend import Backend
from stages.playing.seats import PolicySeat
from stages.playing.table import Table, make_table, play
from stages.tools.selfplay_speed.relay import GAME, ROLES, SPEC, make_relay_instances

FILE = Path("docs/selfplay-speed.json")
"""Where figures are kept, by dtype."""


@dataclass(frozen=True)
class Workload:
    """Instances of relay, and a policy that plays both roles at temperature 1."""

    folder: str
    dtype: str
    end_of_turn: int
    end_text: str
    batch_size: int
    """Episodes in flight; there are as many in all."""
    single: int
    """Episodes that are played one at a time."""
    max_reply_tokens: int = SPEC.max_reply_tokens

    @property
    def instances(self) -> list[Instance]:
        """One for each episode."""
        return make_relay_instances(self.batch_size)

    def write(self, path: Path) -> None:
        """Write it as JSON with all prompts, for who knows nothing of this project."""
        prompts = [one.data["prompts"] for one in self.instances]
        path.write_text(json.dumps(asdict(self) | {"prompts": prompts}))


@dataclass(frozen=True)
class Speed:
    """What was sampled in what time."""

    tokens: int
    seconds: float

    @property
    def rate(self) -> float:
        """Sampled tokens a second of wall time."""
        return self.tokens / self.seconds


def play_relay(
    backend: Backend,
    chat: ChatTemplate,
    instances: Sequence[Instance],
    batch_size: int,
    game: Game = GAME,
) -> tuple[Speed, list[Table]]:
    """Play each instance once; return how fast that was, and the finished tables."""
    seat = PolicySeat(backend, chat)
    seats, names = dict.fromkeys(ROLES, seat), dict.fromkeys(ROLES, "policy")
    before, start = backend.tokens.sampled, time.perf_counter()
    tables = [
        make_table(game, instance, seats, names, sample=0, seed=seed)
        for seed, instance in enumerate(instances)
    ]
    for _ in play(tables, batch_size):
        pass
    seconds = time.perf_counter() - start
    return Speed(backend.tokens.sampled - before, seconds), tables
