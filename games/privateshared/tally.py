"""What is counted in an episode of privateshared, and clembench's scores of it.

Counts are by probing round, 0 to the number of slots. Everything else is by place:
after an answer in the wrong form there is no probing, and what follows moves up.
"""

import math
from dataclasses import dataclass, field
from typing import Any

Probe = dict[str, Any]
"""One question to the player: target, question, gt; once asked answer, value, tries."""
INVALID_VALUE = 2
"""The value of a probe that was never answered in the right form."""


@dataclass
class Tally:
    """Requests, probes and filled slots so far."""

    slots: int
    """How many there are."""
    parsed: list[int] = field(init=False)
    """Replies to probes in the right form and answers in the right form."""
    violated: list[int] = field(init=False)
    """All other replies."""
    asked: list[int] = field(init=False)
    """Requests as clembench counts them: without answers in the wrong form."""
    probes: list[list[Probe]] = field(default_factory=list)
    filled: list[bool] = field(default_factory=list)
    """Of each answer in the right form, whether it had the slot's value."""
    played: int = 0
    """Probing rounds that were completed."""

    def __post_init__(self) -> None:
        rounds = self.slots + 1
        self.parsed, self.violated, self.asked = ([0] * rounds for _ in range(3))

    def count_probe(self, number: int, is_valid: bool) -> None:
        """Count one try of a probe in a probing round."""
        self.asked[number] += 1
        (self.parsed if is_valid else self.violated)[number] += 1

    def count_answer(self, number: int, is_filled: bool | None) -> None:
        """Count an answer; None for one in the wrong form."""
        if is_filled is None:
            self.violated[number] += 1
            return
        self.asked[number] += 1
        self.parsed[number] += 1
        self.filled.append(is_filled)

    @property
    def slot_accuracy(self) -> float:
        """Filled slots among the answers in the right form; NaN without any."""
        return sum(self.filled) / len(self.filled) if self.filled else math.nan

    def pairs(self) -> list[tuple[int, int]]:
        """Return truth and reply of every probe of the completed rounds."""
        return [
            pair for probes in self.probes[: self.played] for pair in _pairs(probes)
        ]

    def is_perfect(self) -> bool:
        """Whether every slot was filled and every probe answered correctly."""
        return self.slot_accuracy == 1 and accuracy(self.pairs()) == 1

    def main_score(self) -> float:
        """Return 100 times the harmonic mean of slot accuracy and truncated kappa."""
        slots, agreement = self.slot_accuracy, truncated(kappa(self.pairs()))
        if slots + agreement == 0:
            return 0.0
        return 100 * 2 * slots * agreement / (slots + agreement)

    def episode_scores(self, is_aborted: bool) -> dict[str, float]:
        """Return the scores of the episode; if it was aborted, only counts."""
        pairs, middle = self.pairs(), (self.slots + 1) // 2 - 1
        reached = self.probes[middle : middle + 1] if middle < self.played else [[]]
        scores = {
            "Middle-Accuracy": accuracy(_pairs(reached[0])),
            "Accuracy": accuracy(pairs),
            "Kappa": kappa(pairs),
            "Truncated Kappa": truncated(kappa(pairs)),
            "Slot-Filling-Accuracy": self.slot_accuracy,
        }
        asked, parsed = sum(self.asked), sum(self.parsed)
        return (dict.fromkeys(scores, math.nan) if is_aborted else scores) | {
            "Request Count": asked,
            "Parsed Request Count": parsed,
            "Violated Request Count": sum(self.violated),
            "Request Success Ratio": parsed / asked,
        }

    def turn_scores(self) -> dict[str, dict[str, float]]:
        """Return the scores of the completed probing rounds."""
        found = {}
        for number, probes in enumerate(self.probes[: self.played]):
            found[str(number)] = {
                "Request Count": self.asked[number],
                "Parsed Request Count": self.parsed[number],
                "Violated Request Count": self.violated[number],
                "Accuracy": accuracy(_pairs(probes)),
            }
            if number:
                found[str(number)]["Slot Filled?"] = int(self.filled[number - 1])
        return found


def _pairs(probes: list[Probe]) -> list[tuple[int, int]]:
    return [(probe["gt"], probe["value"]) for probe in probes]


def accuracy(pairs: list[tuple[int, int]]) -> float:
    """Return how many pairs are equal, of 1; NaN of none."""
    return sum(a == b for a, b in pairs) / len(pairs) if pairs else math.nan


def kappa(pairs: list[tuple[int, int]]) -> float:
    """Return Cohen's kappa of pairs of 0 and 1; NaN where both sides are one value."""
    yes, said_yes = sum(gold for gold, _ in pairs), sum(said for _, said in pairs)
    by_chance = yes * (len(pairs) - said_yes) + said_yes * (len(pairs) - yes)
    differing = sum(gold != said for gold, said in pairs)
    return 1 - differing * len(pairs) / by_chance if by_chance else math.nan


def truncated(agreement: float) -> float:
    """Return a kappa of at least 0, and 0 for NaN."""
    return agreement if agreement > 0 else 0.0
