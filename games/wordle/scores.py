"""The scores of wordle and its variants, by their clembench names."""

import math

from games.wordle.rules import ROUNDS

_BY_ROUND = tuple(round(100 / number, 2) for number in range(1, ROUNDS + 1))
SCORES = {
    "wordle": (100.0, 100.0, 100.0, 50.0, 30.0, 20.0),
    "wordle_withclue": _BY_ROUND,
    "wordle_withcritic": _BY_ROUND,
}
"""The main score by the round in which the word was found."""


def request_counts(requests: int, violated: int) -> dict[str, float]:
    """Return how many replies there were, and how many could be read.

    An unknown word can be read, even the one that aborts.
    """
    parsed = requests - violated
    return {
        "Request Count": float(requests),
        "Parsed Request Count": float(parsed),
        "Violated Request Count": float(violated),
        "Request Success Ratio": parsed / requests if requests else math.nan,
    }


def repetitions(guesses: list[str]) -> int:
    """Return how many guesses had been made before."""
    return len(guesses) - len(set(guesses))


def opinion_ratios(rounds: list[tuple[str, str, str]]) -> dict[str, float]:
    """Return how often a proposal stood after the critic's yes, and after its no.

    `rounds` holds (proposal, opinion, guess); without a single one all is NaN.
    """
    ratios = {}
    for name, opinion in (("Agreement", "yes"), ("Disagreement", "no")):
        kept = [before == after for before, said, after in rounds if said == opinion]
        share = sum(kept) / len(kept) if kept else 0.0
        other = 1 - share if kept else 0.0
        ratios[f"Repetition-Guesser-On-Critic-{name}"] = share if rounds else math.nan
        ratios[f"Non-Repetition-Guesser-On-Critic-{name}"] = (
            other if rounds else math.nan
        )
    return ratios
