"""One rollout: an episode, whose it is, and which of its replies are trained on."""

from dataclasses import dataclass

from games.contract import Instance, Kind
from stages.playing.redraw import is_broken_by_partner
from stages.playing.side import Stream
from stages.playing.table import Table


@dataclass(frozen=True)
class Task:
    """What one group of rollouts plays: an instance, and the learner's role in it."""

    instance: Instance
    role: str

    @property
    def name(self) -> str:
        """The name under which TRL's dataset knows the task."""
        return f"{self.instance.game}/{self.instance.instance_id}/{self.role}"


@dataclass
class Rollout:
    """An episode of the learner, and which of its replies are trained on."""

    table: Table
    task: Task
    only: int | None = None
    """Index of the only turn that is trained on; None: all of the learner's."""

    @property
    def role(self) -> str:
        """The role of the learner."""
        return self.task.role

    @property
    def is_partners_fault(self) -> bool:
        """Whether the episode says nothing about the learner."""
        return is_broken_by_partner(self.table, [self.role]) or not any(
            turn.role == self.role and turn.kind != Kind.GIVEN
            for turn in self.table.session.turns
        )

    def find_span(self, stream: Stream) -> tuple[int, int]:
        """Find from where to where the learner's stream is trained on."""
        if self.only is None:
            return stream.prompt_length, len(stream.ids)
        before = self.table.session.turns[: self.only]
        said = [t for t in before if t.role == self.role and t.kind == Kind.SAID]
        start = stream.starts[len(said)]
        reply = self.table.session.turns[self.only]
        return start, start + len(reply.token_ids)
