"""guesswhat in clembench's words; of faults that no recording shows, in ours."""

from collections.abc import Iterator

from games.bridge import Bridge, Data, Wording, rename
from games.contract import Outcome
from games.events import Event
from games.guesswhat.events import BadReply, ForbiddenQuestion, Guess, LastRound
from games.guesswhat.master import MAX_ROUNDS, GuessWhat
from games.guesswhat.rules import Mistake
from games.kit.requests import count_requests, score_rounds

BAD_FORM, BAD_CONTENT = "invalid format", "invalid content"
COMPLAINTS = {
    Mistake.TAG: "Invalid format. The reply must begin with its tag.",
    Mistake.QUESTIONS: "Invalid format. Only one question can be asked at a time.",
    Mistake.AFTER_QUESTION: (
        "Invalid format. Question must stop after the question mark."
    ),
    Mistake.WORDS: "Invalid format. The guess must be a single word.",
    Mistake.ANSWER: "Invalid format. The answer must be yes or no.",
    Mistake.SPELLING: (
        "Invalid question. Asking about letters or length of the target word is not "
        "allowed."
    ),
    Mistake.WORD_CLASS: (
        "Invalid question. Asking about the part of speech (POS) of the target word "
        "is not allowed."
    ),
}


def word(master: GuessWhat, event: Event) -> Iterator[Wording]:
    """Say how the episode ended, and of a guess or a mistake what it was."""
    match event:
        case Guess(said, is_right):
            kind = "correct guess" if is_right else "incorrect guess"
            yield kind, said
            yield kind, "end game"
        case BadReply(mistake=mistake):
            yield BAD_FORM, COMPLAINTS[mistake]
            yield BAD_FORM, "abort game"
        case ForbiddenQuestion(mistake):
            yield BAD_CONTENT, COMPLAINTS[mistake]
            yield BAD_CONTENT, "abort game"
        case LastRound(rounds):
            yield "max turns reached", str(rounds)


def score_episode(master: GuessWhat) -> dict[str, float]:
    """Count requests, see who broke which rule, and how fast the word was found."""
    found = {BAD_FORM: BadReply, BAD_CONTENT: ForbiddenQuestion}
    faults = {
        f"{kind.capitalize()} {role} response": int(
            role == master.ended_by and bool(master.list_events(event))
        )
        for kind, event in found.items()
        for role in master.spec.roles
    }
    solved = master.outcome is Outcome.SUCCESS
    speed = {"Speed": master.main_score} if solved else {}
    return count_requests(master) | faults | speed


def list_parameters(variant: str, data: Data) -> Data:
    """Name the limit of rounds."""
    return {"max_turns": MAX_ROUNDS}


BRIDGE = Bridge(
    list_parameters=list_parameters,
    word=word,
    score_episode=score_episode,
    score_turns=score_rounds,
    merge=rename(
        {
            "guesser_initial_prompt": "guesser_prompt",
            "answerer_initial_prompt": "answerer_prompt",
        }
    ),
)
