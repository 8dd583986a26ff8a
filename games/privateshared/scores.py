"""What clembench counts in an episode of privateshared, and its scores of that.

Counts are by probing round, 0 to the number of slots. Everything else is by place:
after an answer in the wrong form there is no probing, and what follows moves up.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from games.events import Accepted, Event
from games.privateshared.events import (
    Answer,
    Aside,
    BadAnswer,
    BadAside,
    Probe,
    Probed,
    ProbingBegun,
)
from games.privateshared.rules import (
    INVALID,
    NO,
    YES,
    compute_accuracy,
    compute_kappa,
    truncate,
)

INVALID_VALUE = 2
"""The value of a probe that was never answered in the right form."""
_VALUES = {YES: 1, NO: 0, INVALID: INVALID_VALUE}


@dataclass
class Tally:
    """Requests, probes and filled slots of an episode."""

    slots: int
    """How many there are."""
    form: str
    """What surrounds a question."""
    parsed: list[int] = field(init=False)
    """Replies to probes in the right form and answers in the right form."""
    violated: list[int] = field(init=False)
    """All other replies."""
    asked: list[int] = field(init=False)
    """Requests as clembench counts them: without answers in the wrong form."""
    probes: list[list[dict[str, Any]]] = field(default_factory=list)
    """Of each probing: target, question, gt; once asked answer, value, tries."""
    filled: list[bool] = field(default_factory=list)
    """Of each answer in the right form, whether it had the slot's value."""

    def __post_init__(self) -> None:
        rounds = self.slots + 1
        self.parsed, self.violated, self.asked = ([0] * rounds for _ in range(3))

    def count(self, events: Iterable[Event]) -> None:
        """Count the events of an episode."""
        number = 0
        for event in events:
            number += isinstance(event, Answer | BadAnswer)
            match event:
                case ProbingBegun(probes):
                    self.probes.append([self._log(probe) for probe in probes])
                case Probed():
                    self._log_answer(event)
                case BadAnswer():
                    self.violated[number] += 1
                case Aside() | BadAside() | Answer():
                    is_valid = isinstance(event, Accepted)
                    self.asked[number] += 1
                    (self.parsed if is_valid else self.violated)[number] += 1
            if isinstance(event, Answer):
                self.filled.append(event.is_filled)

    def _log(self, probe: Probe) -> dict[str, Any]:
        return {
            "target": probe.slot.upper(),
            "question": self.form.replace("$question$", probe.text),
            "gt": int(probe.is_known),
        }

    def _log_answer(self, event: Probed) -> None:
        (logged,) = (
            one for one in self.probes[-1] if one["target"] == event.probe.slot.upper()
        )
        logged |= {
            "answer": event.reply,
            "value": _VALUES[event.said],
            # clembench counts one try more where all have failed
            "tries": event.tries + (event.said == INVALID),
        }

    @property
    def completed(self) -> list[list[dict[str, Any]]]:
        """The probings whose every probe was answered in the right form."""
        return [
            probes
            for probes in self.probes
            if probes[-1].get("value", INVALID_VALUE) != INVALID_VALUE
        ]

    def score_episode(self, is_aborted: bool) -> dict[str, float]:
        """Score the episode; if it was aborted, only count."""
        completed, middle = self.completed, (self.slots + 1) // 2 - 1
        reached = completed[middle : middle + 1] or [[]]
        pairs = [pair for probes in completed for pair in _pair(probes)]
        found = sum(self.filled) / len(self.filled) if self.filled else math.nan
        scores = {
            "Middle-Accuracy": compute_accuracy(_pair(reached[0])),
            "Accuracy": compute_accuracy(pairs),
            "Kappa": compute_kappa(pairs),
            "Truncated Kappa": truncate(compute_kappa(pairs)),
            "Slot-Filling-Accuracy": found,
        }
        asked, parsed = sum(self.asked), sum(self.parsed)
        return (dict.fromkeys(scores, math.nan) if is_aborted else scores) | {
            "Request Count": asked,
            "Parsed Request Count": parsed,
            "Violated Request Count": sum(self.violated),
            "Request Success Ratio": parsed / asked,
        }

    def score_turns(self) -> dict[str, dict[str, float]]:
        """Score the completed probings."""
        found = {}
        for number, probes in enumerate(self.completed):
            found[str(number)] = {
                "Request Count": self.asked[number],
                "Parsed Request Count": self.parsed[number],
                "Violated Request Count": self.violated[number],
                "Accuracy": compute_accuracy(_pair(probes)),
            }
            if number:
                found[str(number)]["Slot Filled?"] = int(self.filled[number - 1])
        return found


def _pair(probes: list[dict[str, Any]]) -> list[tuple[int, int]]:
    """Pair truth and reply of each probe."""
    return [(probe["gt"], probe["value"]) for probe in probes]
