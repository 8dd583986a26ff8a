"""Values as a sentence can hold them: on one line, printable, and not too long."""

import reprlib

_MOST = 100
_DIGITS = 40


class _Brief(reprlib.Repr):
    """Python's own way to write a value, of which only the beginning counts."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 3
        self.maxstring = self.maxother = _MOST
        self.maxlist = self.maxdict = self.maxtuple = self.maxset = 6

    def repr_int(self, x: int, level: int) -> str:
        """Write a number; Python itself refuses to write one of too many digits."""
        return "a very large number" if abs(x) > 10**_DIGITS else repr(x)


def show(value: object) -> str:
    """Write a value as Python does, but never more of it than fits into a line.

    It may be nested endlessly, and a text may hold what cannot be printed.
    """
    return _cut(_Brief().repr(value))


def shorten(text: str) -> str:
    """Put a text on one line, and cut what is too much of it."""
    return _cut(" ".join("".join(c if c.isprintable() else " " for c in text).split()))


def _cut(text: str) -> str:
    return text if len(text) <= 2 * _MOST else f"{text[: 2 * _MOST]}..."
