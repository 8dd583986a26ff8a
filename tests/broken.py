"""Documents with a few things wrong: what people and other programs write into them."""

import copy
from collections.abc import Iterator
from datetime import date
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

Place = tuple[str | int, ...]
"""The keys that lead to a value."""

JSON_ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 7, 2**31, 10**30, 0.5, -0.0, 1e308),
    *(float("nan"), float("inf"), -float("inf")),
    *("", " ", "no", "1e-5", "0", "a b", "x" * 3000, "a\nb", "\x00", "\ud800"),
    *("\u202e\u05d0", "é\u0301", "\U0001f9d1\u200d\U0001f680", "../..", "${seed}"),
    *([], {}, [None], [[]], [1, 1], ["x"], {"a": 1}, {"": None}, [[[[[[]]]]]]),
)
"""Values that stand where they should not."""
YAML_ODD = (*JSON_ODD, date(2024, 1, 1), b"x", {1: 2}, {None: 1}, {(1, 2): 3})
"""YAML has more of them."""

modest = settings(
    max_examples=150,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
"""Enough to reach each kind of value by each kind of change, and always the same."""


def list_places(value: Any, above: Place = ()) -> Iterator[Place]:
    """Yield where every value of a document stands, but for the whole of it."""
    inside: Any = ()
    if isinstance(value, dict):
        inside = value.items()
    elif isinstance(value, list):
        inside = enumerate(value)
    for key, inner in inside:
        yield (*above, key)
        yield from list_places(inner, (*above, key))


@st.composite
def break_document(
    draw: st.DrawFn, document: Any, odd: tuple[Any, ...] = JSON_ODD
) -> Any:
    """Draw a copy of a document in which one to three things are changed.

    A value is dropped, replaced, repeated or wrapped, or a key is renamed or added.
    """
    document = copy.deepcopy(document)
    for _ in range(draw(st.sampled_from((1, 1, 1, 2, 3)))):
        places = list(list_places(document))
        if not places:
            break
        *above, last = draw(st.sampled_from(places))
        parent = document
        for key in above:
            parent = parent[key]
        value = draw(st.sampled_from(odd) | st.text(max_size=4) | st.integers())
        what = draw(st.sampled_from("drrrrrwnac"))
        _change(what, parent, last, copy.deepcopy(value))
    return document


def _change(what: str, parent: Any, key: Any, value: Any) -> None:
    """Change one entry of a mapping or a list."""
    if what == "d":
        del parent[key]
    elif what == "r":
        parent[key] = value
    elif what == "w":
        parent[key] = [parent[key]]
    elif isinstance(parent, list):
        parent.append(parent[key] if what == "c" else value)
    elif what == "n":
        parent[f"{key}_"] = parent.pop(key)
    elif isinstance(value, str | int | None):
        parent[value] = parent[key]


def is_one_sentence(text: str) -> bool:
    """Tell whether a message is one line that a terminal can show, and not long."""
    return text.isprintable() and 10 < len(text) < 800
