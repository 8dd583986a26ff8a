"""Clembench's scores of the wordles besides the main one, by their names."""

import math

from games.wordle.rules import GREEN, RED, YELLOW, mark_letters

_CLOSENESS = {GREEN: 5, YELLOW: 3, RED: 0}
_STRATEGY = {GREEN: 20, YELLOW: 10, RED: -20}
_SOLVED_AT_ONCE = 100


def score_guesses(
    guesses: list[str], target: str, is_solved: bool
) -> dict[str, dict[str, float]]:
    """Score each guess by its number, from 1; if there is none, NaN by 0."""
    if not guesses:
        return {"0": _name_scores(math.nan, math.nan)}
    marks = [mark_letters(guess, target) for guess in guesses]
    first = _SOLVED_AT_ONCE if is_solved and len(guesses) == 1 else 0
    strategies = [first, *map(_score_strategy, guesses, marks, guesses[1:])]
    return {
        str(number): _name_scores(sum(_CLOSENESS[mark] for mark in marked), strategy)
        for number, (marked, strategy) in enumerate(
            zip(marks, strategies, strict=True), start=1
        )
    }


def _name_scores(closeness: float, strategy: float) -> dict[str, float]:
    return {"Closeness Score": closeness, "Strategy Score": strategy}


def _score_strategy(before: str, marked: tuple[str, ...], guess: str) -> int:
    """Score how well a guess keeps what the guess before was told of its letters."""
    told = set(zip(before, marked, strict=True))
    return sum(_STRATEGY[colour] for letter, colour in told if letter in guess)


def count_requests(requests: int, violated: int) -> dict[str, float]:
    """Count how many replies there were, and how many could be read."""
    parsed = requests - violated
    return {
        "Request Count": requests,
        "Parsed Request Count": parsed,
        "Violated Request Count": violated,
        "Request Success Ratio": parsed / requests if requests else math.nan,
    }


def count_repetitions(guesses: list[str]) -> int:
    """Count how many guesses had been made before."""
    return len(guesses) - len(set(guesses))


def score_opinions(rounds: list[tuple[str, str, str]]) -> dict[str, float]:
    """Score how often a proposal stood after the critic's yes, and after its no.

    `rounds` holds (proposal, opinion, guess); without a single one all is NaN.
    """
    ratios = {}
    for name, opinion in (("Agreement", "yes"), ("Disagreement", "no")):
        kept = [before == after for before, said, after in rounds if said == opinion]
        share = round(sum(kept) / len(kept), 2) if kept else 0.0
        other = round(1 - sum(kept) / len(kept), 2) if kept else 0.0
        ratios[f"Repetition-Guesser-On-Critic-{name}"] = share if rounds else math.nan
        ratios[f"Non-Repetition-Guesser-On-Critic-{name}"] = (
            other if rounds else math.nan
        )
    return ratios
