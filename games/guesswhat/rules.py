"""The rules of guesswhat as small functions: what may be asked, answered, guessed.

They follow clembench's to the letter. Its pattern against direct guesses ("is it
'lion'?") can never match, for it holds a control character; so there is none here.
"""

import re
import string

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
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


def is_allowed_question(reply: str) -> bool:
    """Whether a reply is one question, and about the meaning of the word."""
    if not reply.startswith(QUESTION) or reply.count(QUESTION) > 1:
        return False
    text = question_of(reply).lower()
    if text.partition("?")[2]:
        return False
    about_spelling = any(pattern.search(text) for pattern in _ABOUT_SPELLING)
    return not (about_spelling or _ABOUT_WORD_CLASS.match(text))


def question_of(reply: str) -> str:
    """Return the text of a question."""
    return reply.replace(QUESTION, "").strip()


def is_answer(reply: str) -> bool:
    """Whether a reply is yes or no in one of the six accepted spellings."""
    return reply in ANSWERS


def guess_of(reply: str) -> str | None:
    """Return the guessed word, lower-cased without punctuation; None if several."""
    text = reply.replace(GUESS, "").strip().lower().translate(_NO_PUNCTUATION)
    return None if len(text.split()) > 1 else text
