"""The wordles in clembench's words."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from games.bridge import Bridge, Data, Wording
from games.events import Ended, Event, Malformed, Outcome, Verdict
from games.wordle.events import BadReply, Guess, Opinion, Proposal, UnknownWord
from games.wordle.master import Wordle, WordleWithCritic
from games.wordle.rules import LENGTH, FormFault
from games.wordle.scores import (
    count_repetitions,
    count_requests,
    score_guesses,
    score_opinions,
)

COMPLAINTS = {
    FormFault.START: "The response should start with the 'explanation:' keyword.",
    FormFault.LINES: (
        "The response should contain only the '{tag}' and 'explanation:' keywords and "
        "associated information."
    ),
    FormFault.ONCE: "The response should contain the '{tag}' keyword exactly once.",
    FormFault.LETTERS: (
        "The guess should be a single word and should only contain letters."
    ),
    FormFault.LENGTH: f"The length of the guessed word is not {LENGTH}.",
    FormFault.OPINION: "The agreement should be yes or no.",
}
"""What is said of a fault; of one that no recording shows, in our words."""
UNKNOWN = "The guessed word is not a valid word for this game."
RESULTS = {
    Outcome.SUCCESS: ("correct guess", "game_result = WIN"),
    Outcome.LOSE: ("max rounds played", "game_result = LOSS"),
    Outcome.ABORTED: ("invalid format", "game_result = ABORT"),
}


def word(master: Wordle, event: Event) -> Iterator[Wording]:
    """Say what came of a guess that counts, what was wrong, how the game ended."""
    match event:
        case Guess(number, guess, _, marks):
            attempt = f"guess = {guess}\nguess_feedback = {marks}"
            told = f"attempts = {number}\n{_repeat_facts(master)}\n{attempt}"
            yield "metadata", told
        case BadReply(fault=fault, tag=tag):
            yield "metadata", f"Error: {COMPLAINTS[fault].format(tag=tag)}"
        case UnknownWord():
            yield "metadata", f"Error: {UNKNOWN}"
        case Ended(outcome):
            yield RESULTS[outcome]


def _repeat_facts(master: Wordle) -> str:
    """Tell the fields of the instance, as clembench's referee keeps doing."""
    data = master.instance.data
    return "\n".join(f"{name} = {data[name]}" for name in master.spec.fields)


def score_episode(master: Wordle) -> dict[str, float]:
    """Count requests, one a reply, and repeated guesses."""
    repeated = count_repetitions(_list_guesses(master))
    return _count_requests(master) | {
        "Guess Repetitions": master.score_or_nan(repeated)
    }


def score_turns(master: Wordle) -> dict[str, dict[str, float]]:
    """Score how close each guess was, and how well it used the feedback."""
    is_solved = master.outcome is Outcome.SUCCESS
    target = master.instance.data["target_word"]
    return score_guesses(_list_guesses(master), target, is_solved)


def list_keys(master: Wordle) -> dict[str, Any]:
    """List the outcome, the request counts, and all guesses with feedback."""
    counts, guesses = _count_requests(master), master.list_events(Guess)
    del counts["Request Success Ratio"]
    return {
        "Aborted": int(master.outcome is Outcome.ABORTED),
        "Lose": int(master.outcome is Outcome.LOSE),
        "Success": int(master.outcome is Outcome.SUCCESS),
        **counts,
        "Guesser Guesses": [guess.word for guess in guesses],
        "Guesser Feedbacks": [guess.marks for guess in guesses],
        "Guesser Explanations": [guess.explanation for guess in guesses],
    }


def score_criticised_episode(master: WordleWithCritic) -> dict[str, float]:
    """Score besides how the guesser took the critic's opinions."""
    opinions = [opinion.agreement for opinion in master.list_events(Opinion)]
    guesses = _list_guesses(master)
    rounds = list(zip(_list_proposals(master), opinions, guesses, strict=False))
    return score_episode(master) | score_opinions(rounds)


def score_criticised_turns(master: WordleWithCritic) -> dict[str, dict[str, float]]:
    """Tell besides in which rounds the guesser changed its mind."""
    scores = score_turns(master)
    pairs = zip(_list_proposals(master), _list_guesses(master), strict=False)
    for number, (before, after) in enumerate(pairs, start=1):
        scores[str(number)]["Change-Of-Opinion"] = int(before != after)
    return scores


def list_criticised_keys(master: WordleWithCritic) -> dict[str, Any]:
    """List besides all proposals and opinions."""
    return list_keys(master) | {
        "Guesser Guesses": _list_proposals(master),
        "Guesser Guesses Committed": _list_guesses(master),
        "Critic Judgements": [one.agreement for one in master.list_events(Opinion)],
    }


def _list_guesses(master: Wordle) -> list[str]:
    return [guess.word for guess in master.list_events(Guess)]


def _list_proposals(master: WordleWithCritic) -> list[str]:
    return [proposal.word for proposal in master.list_events(Proposal)]


def _count_requests(master: Wordle) -> dict[str, float]:
    """Count replies; an unknown word can be read, even the one that aborts."""
    replies, violated = master.list_events(Verdict), master.list_events(Malformed)
    return count_requests(len(replies), len(violated))


def merge(experiment: Data, instance: Data) -> Data:
    """Put the texts and words of one of the wordles together.

    Before v1.6 prompts were of another form: the game's own are used instead.
    """
    if "english_words" in experiment:
        return {"allowed_words": " ".join(experiment["english_words"])} | instance
    texts = experiment["lang_keywords"]
    errors = texts["error_prompt_text"]
    end = texts["explanation_lang"], texts["explanataion_details_lang"]
    begin = f"{errors['INVALID_FORMAT']}\n{' '.join(end)}\n"
    agreement = f"{texts['agreement_lang']} {texts['agreement_word_lang']}"
    return {
        "guesser_prompt": experiment["guesser_prompt"],
        "critic_prompt": experiment["guesser_critic_prompt"],
        "guess_reminder": f"{begin}{texts['guess_lang']} {texts['guess_word_lang']}",
        "agreement_reminder": f"{begin}{agreement}",
        "unknown_word": f"{errors['NOT_VALID_WORD_FOR_GAME']} {errors['RETRY']}",
        "allowed_words": " ".join(texts["official_words_list"]),
    } | instance


BRIDGE = Bridge(
    word=word,
    score_episode=score_episode,
    score_turns=score_turns,
    list_keys=list_keys,
    merge=merge,
)
WITH_CLUE = replace(BRIDGE, folder="wordle", stem="instances_withclue")
WITH_CRITIC = Bridge(
    word=word,
    score_episode=score_criticised_episode,
    score_turns=score_criticised_turns,
    list_keys=list_criticised_keys,
    merge=merge,
    folder="wordle",
    stem="instances_withcritic",
)
