"""The grammar of commands: verbs, prepositions, and nouns of one or two words.

Written by hand after clembench's, which an Earley parser reads. Where a command can be
read in several ways, prepositions, articles, "back" and "to" are what they look like
if they can be, and nouns are short; without a preposition, the first one is as long as
articles, adjectives and "back" behind it allow.
"""

import re
from dataclasses import dataclass

from games.adventuregame.domain import ADJECTIVES
from games.contract import V2

TAG = ">"
NEXT = "\nNext actions:"
DONE = "done"
VERBS = {
    "open": ("open",),
    "close": ("close",),
    "take": ("take", "grab", "pick", "get"),
    "put": ("put", "leave", "place", "drop"),
    "go": ("go", "enter", "return", "proceed", "move"),
    "examine": ("examine", "check", "inspect", "search"),
    DONE: (DONE, "quit", "finish"),
}
"""Actions -> the words for them."""
UNKNOWN, UNREADABLE = "unknown", "unreadable"

MOST_WORDS = 16
"""No command is longer; the longest that make sense have about ten words."""
PREPOSITIONS = "on|in|from|out of|out|into|up"
_ADJECTIVES = "|".join(ADJECTIVES)
_LEAD = rf"(?:(?:the|a|an) )?(?:(?:{_ADJECTIVES}) )*"
"""What may stand before a noun."""
_NO_NOUN = rf"the|a|an|back|{_ADJECTIVES}"
_PREP = rf"(?P<prep>{PREPOSITIONS})"
_WORD = "[a-z]+"
_STRICT_WORD = rf"(?!(?:{PREPOSITIONS}|the|a|an|back|to)\b){_WORD}"


@dataclass(frozen=True)
class Command:
    """A command taken apart."""

    action: str
    """One of `VERBS`, or `UNKNOWN`, or `UNREADABLE`."""
    first: str = ""
    """The first noun; the first word of an unknown command."""
    second: str = ""
    prep: str = ""
    """The preposition before the second noun."""


def _make_thing_pattern(name: str, noun: str) -> str:
    """Make the pattern of a noun and of what may stand before it."""
    return rf"{_LEAD}(?P<{name}>{noun})"


def _compile(action: str, tail: str) -> tuple[str, re.Pattern[str]]:
    return action, re.compile(rf"(?:{'|'.join(VERBS[action])}) {tail}")


def _make_patterns(word: str, most: int = 2) -> list[tuple[str, re.Pattern[str]]]:
    """Make the patterns of the actions, for a given form of a noun's words.

    Args:
        word: the pattern of a word of a noun.
        most: words that a noun has.
    """
    short = rf"{word}(?: {word}){{0,{most - 1}}}?"
    long = rf"(?!(?:{_ADJECTIVES})\b){word}(?: (?!(?:{_NO_NOUN})\b){word})?"
    first, second = (
        _make_thing_pattern("first", short),
        _make_thing_pattern("second", short),
    )
    tails = {
        "take": rf"(?:(?:{PREPOSITIONS}) )*{first}"
        rf"(?: {_PREP} {second}(?: (?:{PREPOSITIONS}) {_LEAD}{short})*)?",
        "put": rf"{first}(?: back)*(?: {_PREP})+ {second}",
        "go": rf"(?:back )*(?:to )*{first}",
        **dict.fromkeys(("open", "close", "examine"), first),
    }
    bare = rf"{_make_thing_pattern('first', long)}(?: back)* {second}"
    return [_compile(action, tail) for action, tail in [*tails.items(), ("put", bare)]]


# the last resort: an article can end a noun, as in "put plate a the side table"
_ANY_TWO = "(?: back)* ".join(
    (
        _make_thing_pattern("first", rf"{_WORD}(?: {_WORD})?"),
        _make_thing_pattern("second", rf"{_WORD}(?: {_WORD})??"),
    )
)
_READINGS = (
    *_make_patterns(_STRICT_WORD),
    *_make_patterns(_WORD),
    _compile("put", _ANY_TWO),
)
"""Patterns to be tried in this order."""
_LONG_STRICT_WORD = rf"{_STRICT_WORD}(?:'s)?"
_LONG_WORD = rf"{_WORD}(?:'s)?"
_LONG_READINGS = (
    *_READINGS,
    *_make_patterns(_LONG_STRICT_WORD, 4),
    *_make_patterns(_LONG_WORD, 4),
)
"""The same, with nouns of up to four words, as from v3 on."""
_LONG_WORDS = re.compile(
    r"[a-z]++(?:'s)?+(?:[ \t\f\r\n]++[a-z]++(?:'s)?+)*+[ \t\f\r\n]*+"
)
_WORDS = re.compile(r"[a-z]++(?:[ \t\f\r\n]++[a-z]++)*+[ \t\f\r\n]*+")


def parse_command(text: str, rules: str = V2) -> Command:
    """Read a command in small letters, by a version of clembench's rules."""
    has_long = rules != V2
    if not (_LONG_WORDS if has_long else _WORDS).fullmatch(text):
        return Command(UNREADABLE)
    words = text.split()
    if words[0] in VERBS[DONE] and len(words) == 1:
        return Command(DONE)
    if len(words) <= MOST_WORDS:
        for action, pattern in _LONG_READINGS if has_long else _READINGS:
            if match := pattern.fullmatch(" ".join(words)):
                return Command(action, **_find_groups(match))
    return Command(UNKNOWN, words[0])


def _find_groups(match: re.Match[str]) -> dict[str, str]:
    return {name: text for name, text in match.groupdict().items() if text}


def normalize(text: str) -> str:
    """Put a command into the form that is parsed: small letters, no full stop."""
    text = text.strip()
    return (
        text.removesuffix(text[-1]).lower() if text[-1:] in (".", "!") else text.lower()
    )


def find_command(reply: str) -> str:
    """Find what stands behind the tag in a reply's first line."""
    return reply.removeprefix(TAG).partition("\n")[0].strip()


def find_plan(reply: str) -> list[str] | None:
    """Find the commands that a reply plans, up to a second plan; None without any."""
    parts = reply.split(NEXT, 2)
    if len(parts) == 1:
        return None
    return [step.strip() for step in parts[1].split(",")]
