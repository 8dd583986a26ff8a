"""What clembench's parser says of a text that is not words: where it failed, and why.

It is lark's sentence. Which terminals were awaited follows from the grammar, which is
regular: a terminal is awaited where what was read matches one of its patterns.
"""

import re

from games.adventuregame.domain import ADJECTIVES
from games.adventuregame.grammar import DONE, MOST_WORDS, PREPOSITIONS, VERBS

_SHOWN = 40
"""So many characters are shown on either side."""
_READ = re.compile(r"(?:[a-z]++[ \t\f\r\n]*+)*+")
_SPACES = re.compile(r"[ \t\f\r\n]+")


def complain(text: str) -> str:
    """Say in lark's words why a command in small letters cannot be read."""
    read = _READ.match(text)
    assert read is not None, "the pattern matches nothing, too"
    place = read.end()
    awaited = "".join(f"\t* {name}\n" for name in list_awaited(text[:place]))
    if place == len(text):
        return f"Unexpected end-of-input. Expected one of: \n{awaited}"
    line = text.count("\n", 0, place) + 1
    column = place - text.rfind("\n", 0, place)
    before = text[max(place - _SHOWN, 0) : place].rpartition("\n")[2]
    after = text[place : place + _SHOWN].partition("\n")[0]
    return (
        f"No terminal matches '{text[place]}' in the current parser context, at line "
        f"{line} col {column}\n\n{before}{after}\n{' ' * len(before.expandtabs())}^\n"
        f"Expected one of: \n{awaited}"
    )


def list_awaited(read: str) -> list[str]:
    """List the terminals that may follow what was read, in alphabetical order."""
    words = _SPACES.sub(" ", read)
    if not words:
        return sorted([*map(str.upper, VERBS), "WORD"])
    awaited = {"WORD", "WS"}
    if len(words.split()) <= MOST_WORDS:
        awaited |= {name for name, been in _BEFORE.items() if been.fullmatch(words)}
    return sorted(awaited)


def _make_patterns() -> dict[str, re.Pattern[str]]:
    """Make, for each terminal, the pattern of what can stand before it."""
    start = {action: f"(?:{'|'.join(verbs)}) " for action, verbs in VERBS.items()}
    prep, det = f"(?:(?:{PREPOSITIONS}) )", "(?:(?:the|a|an) )?"
    lead = f"{det}(?:(?:{'|'.join(ADJECTIVES)}) )*"
    thing = f"{lead}[a-z]+(?: [a-z]+)?"
    taken = f"{start['take']}{prep}*{thing}(?: {prep}{thing})*"
    put, gone = f"{start['put']}{thing} ?(?:back )*", f"{start['go']}(?:back )*"
    things = [text for action, text in start.items() if action not in ("go", DONE)]
    things += [f"{start['take']}{prep}+", f"{taken} {prep}"]
    things += [f"{put}{prep}*", f"{gone}(?:to )*"]
    before = {
        "PREP": [f"{start['take']}{prep}*", f"{taken} ?", f"{put}{prep}*"],
        "BACK": [put, gone],
        "TO": [f"{gone}(?:to )*"],
        "DET": things,
        "ADJ": [f"(?:{'|'.join(things)}){lead}"],
    }
    return {name: re.compile("|".join(texts)) for name, texts in before.items()}


_BEFORE = _make_patterns()
"""Terminals -> what can stand before them."""
