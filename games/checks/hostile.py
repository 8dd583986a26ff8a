"""Replies that no player should give, and every referee must judge, soon."""

import re
from collections.abc import Iterator
from itertools import islice, product
from string import ascii_lowercase

HOSTILE = {
    "empty": "",
    "blank": " \t\n\n ",
    "control": "\x00\x07\x1b[31m\x1c\x85\u2028\ufeff",
    "brackets": "(" * 3000 + ")" * 3000 + "[" * 3000 + "{" * 3000,
    "right to left": "\u202e\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "surrogate": "\ud800\U0001f9d1\u200d\U0001f680",
    "number": "9" * 5000 + " \u0661\u00b2\u2460",
    "lines": "row 1\n" * 3000,
    "commas": "1, 2, and 3, " * 3000,
    "megabyte": "x" * 2**20,
    "megabyte of blanks": "x" + " " * 2**20 + "\n\nx",
    "megabyte of lines": "x" + "\n" * 2**20 + "x",
    "megabyte of words": "row column the first " * 2**16,
    "megabyte of other words": " ".join(
        map("".join, islice(product(ascii_lowercase, repeat=5), 2**20 // 6))
    ),
    "megabyte of another alphabet": "\u0130" * 2**19,
}


def list_hostile(said: str) -> Iterator[tuple[str, str]]:
    """Yield named replies: bare, behind what an expert says there, behind its tag."""
    tag = re.match(r"[^:\n]{0,30}:\s*", said)
    for name, text in HOSTILE.items():
        yield name, text
        yield f"{name} after the expert's words", said + text
        if tag:
            yield f"{name} after the expert's tag", tag[0] + text
