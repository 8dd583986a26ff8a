"""The rules of guesswhat as small functions: what may be asked, answered, guessed.

They follow clembench's to the letter. Its pattern against direct guesses ("is it
'lion'?") can never match, for it holds a control character; so there is none here.
"""

import re
from enum import StrEnum

from games.events import Flaw
from games.kit.flaws import find_flaw
from games.kit.text import simplify

QUESTION, ANSWER, GUESS = "QUESTION:", "ANSWER:", "GUESS:"
ANSWERS = {f"{ANSWER} {text}" for text in ("yes", "Yes", "Yes.", "no", "No", "No.")}

_ABOUT_SPELLING = tuple(
    re.compile(pattern)
    for pattern in (
        r"does the target word (start with the letter|contain the letter)",
        r"does the target word have the letter\s*[a-z]",
        r"is the (first|second|third|fourth|fifth) letter of the target word [a-z]",
        r"does the target word (have|contain) (more|less|exactly) \d+ letter",
        r"does the target word (have|contain) (more than|less than|exactly) "
        r"(one|two|three|four|five|six|seven|eight|nine|ten|\d+) syllable",
    )
)
_WORD_CLASSES = (
    "noun verb adjective adverb pronoun preposition conjunction interjection"
)
_ABOUT_WORD_CLASS = re.compile(
    rf"is the target word an?\s+({_WORD_CLASSES.replace(' ', '|')})\s*\?"
)


class Mistake(StrEnum):
    """What is wrong with a reply of the guesser, or of the answerer."""

    TAG = "the wrong tag or none"
    QUESTIONS = "several questions"
    AFTER_QUESTION = "text after the question mark"
    WORDS = "a guess of several words"
    ANSWER = "an answer that is not yes or no"
    SPELLING = "a question about letters or length"
    WORD_CLASS = "a question about the part of speech"

    @property
    def is_forbidden(self) -> bool:
        """Whether the form is right, and only what is asked is not allowed."""
        return self in (Mistake.SPELLING, Mistake.WORD_CLASS)


def name_flaw(reply: str, mistake: Mistake) -> Flaw:
    """Name the flaw in the form of a reply with a mistake."""
    if mistake is Mistake.TAG:
        return find_flaw(reply, QUESTION, [ANSWER]) or Flaw.NO_TAG
    if mistake is Mistake.ANSWER:
        return find_flaw(reply, ANSWER, [QUESTION, GUESS]) or Flaw.UNREADABLE
    return Flaw.EXTRA_TEXT


def find_mistake(reply: str) -> Mistake | None:
    """Find why a reply is not one question about the meaning of the word."""
    if not reply.startswith(QUESTION):
        return Mistake.TAG
    if reply.count(QUESTION) > 1:
        return Mistake.QUESTIONS
    text = read_question(reply).lower()
    if text.partition("?")[2]:
        return Mistake.AFTER_QUESTION
    if any(pattern.search(text) for pattern in _ABOUT_SPELLING):
        return Mistake.SPELLING
    return Mistake.WORD_CLASS if _ABOUT_WORD_CLASS.match(text) else None


def read_question(reply: str) -> str:
    """Read the text of a question."""
    return reply.replace(QUESTION, "").strip()


def is_answer(reply: str) -> bool:
    """Whether a reply is yes or no in one of the six accepted spellings."""
    return reply in ANSWERS


def read_guess(reply: str) -> str | None:
    """Read the guessed word, lower-cased without punctuation; None if several."""
    text = simplify(reply.removeprefix(GUESS).strip())
    return None if len(text.split(maxsplit=1)) > 1 else text
