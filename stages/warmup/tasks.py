"""Fills the templates: seeded, and only with words that training may use."""

import random
from collections.abc import Callable

from games.contract import Message
from games.kit.grids import BLANK, CELLS, SIZE, paint, render_grid
from games.kit.splits import split_of
from stages.common.seeds import derive_seed
from stages.warmup import templates as words
from stages.warmup.templates import TEMPLATES, Template

THINGS = tuple(thing for thing in words.THINGS if split_of(thing[0]) == "train")
"""Without the words that a validation or test instance could ask for."""


def make_mini_tasks(per_template: int, seed: int) -> list[list[Message]]:
    """Make dialogues of two messages, so many of each template, shuffled."""
    tasks = []
    for template in TEMPLATES:
        rng = random.Random(derive_seed(seed, "warmup", template.name))
        tasks += [fill(template, rng) for _ in range(per_template)]
    random.Random(derive_seed(seed, "warmup")).shuffle(tasks)
    return tasks


def fill(template: Template, rng: random.Random) -> list[Message]:
    """Fill a template: an instruction and its right reply."""
    values = draw_slots(rng)
    return [
        {"role": "user", "content": template.prompt.format_map(values)},
        {"role": "assistant", "content": template.reply.format_map(values)},
    ]


def draw_slots(rng: random.Random) -> dict[str, object]:
    """Draw a value for every slot, so that those that belong together agree."""
    day = rng.randrange(len(words.DAYS))
    return {
        **_draw_thing(rng),
        **_draw_grids(rng),
        **dict(zip(("object", "colour"), rng.choice(words.OBJECTS), strict=True)),
        **dict(zip(("quality", "contrary"), _draw_opposites(rng), strict=True)),
        "tag": rng.choice(words.TAGS),
        "name": rng.choice(words.NAMES),
        "city": rng.choice(words.CITIES),
        "day": words.DAYS[day],
        "next_day": words.DAYS[(day + 1) % len(words.DAYS)],
        "finished": rng.choice(words.FINISHED),
    }


def _draw_thing(rng: random.Random) -> dict[str, str]:
    """Draw a thing, and hide it among two things of other kinds."""
    word, kind, hint = rng.choice(THINGS)
    others = rng.sample([t[0] for t in THINGS if t[1] != kind], 2)
    place = rng.randrange(3)
    shown = [*others[:place], word, *others[place:]]
    return {
        "word": word,
        "a_word": _add_article(word),
        "kind": kind,
        "a_kind": _add_article(kind),
        "clue": f"{_add_article(kind)} {hint}",
        "place": words.ORDINALS[place],
        **dict(zip(("first", "second", "third"), shown, strict=True)),
    }


def _draw_grids(rng: random.Random) -> dict[str, object]:
    """Draw a letter, rows and columns, and the grids that go with them."""
    row, other = rng.sample(range(SIZE), 2)
    column, letter = rng.randrange(SIZE), rng.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    number = rng.randint(6, 40)
    return {
        "letter": letter,
        "a_letter": f"{'an' if letter in 'AEFHILMNORSX' else 'a'} {letter}",
        "row": row + 1,
        "column": column + 1,
        "ordinal": words.ORDINALS[row],
        "other": words.ORDINALS[other],
        "number": number,
        "total": number + row + 1,
        "larger": number,
        "grid_row": _render_cells(letter, lambda r, c: r == row),
        "grid_column": _render_cells(letter, lambda r, c: c == row),
        "grid_cell": _render_cells(letter, lambda r, c: (r, c) == (row, column)),
        "grid_two": _render_cells(letter, lambda r, c: r in (row, other)),
    }


def _render_cells(letter: str, has: Callable[[int, int], bool]) -> str:
    """Write a grid as text, with `letter` in the cells (row, column) that have it."""
    cells = frozenset(cell for cell in CELLS if has(*cell))
    return render_grid(paint(BLANK, cells, letter))


def _draw_opposites(rng: random.Random) -> tuple[str, str]:
    pair = rng.choice(words.OPPOSITES)
    return pair if rng.random() < 0.5 else pair[::-1]


def _add_article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
