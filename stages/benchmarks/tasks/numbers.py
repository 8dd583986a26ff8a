"""Numbers: small sums, and sequences that go on; the wrong answers lie close by."""

from datasets import Dataset

from stages.benchmarks.items import draw_evenly, make_choice, make_rng, wrap_items

Pool = list[tuple[str, int]]
"""Beginnings and the number that completes each."""


def list_sums() -> Pool:
    """List all sums of two small or of two large digits.

    The warm-up adds a small one to a larger number, and would teach the answers.
    """
    small, large = range(1, 6), range(6, 10)
    return [
        (f"{a} + {b} =", a + b)
        for digits in (small, large)
        for a in digits
        for b in digits
    ]


def list_sequences(step: int) -> Pool:
    """List sequences of four numbers that rise, or fall, by `step`."""
    starts = [n for n in range(1, 60) if n + 4 * step > 0]
    return [
        (", ".join(str(n + step * i) for i in range(4)) + ",", n + step * 4)
        for n in starts
    ]


def make_dataset(*, items: int, seed: int, **_: object) -> dict[str, Dataset]:
    """Make the task's items, as lm-eval takes them."""
    rng = make_rng("numbers", seed)
    pools = [
        list_sums(),
        list_sequences(1),
        list_sequences(2),
        list_sequences(5),
        list_sequences(-1),
    ]
    made = []
    for i, (text, right) in enumerate(draw_evenly("numbers", pools, items, rng)):
        close = [n for n in range(right - 3, right + 4) if n > 0 and n != right]
        wrong = [str(n) for n in rng.sample(close, 3)]
        made.append(make_choice(text, str(right), wrong, i))
    return wrap_items(made)
