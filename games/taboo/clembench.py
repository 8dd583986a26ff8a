"""taboo in clembench's words."""

from collections.abc import Iterator

from games.bridge import Bridge, Wording, rename
from games.events import Accepted, Ended, Event, Illegal, Malformed, Outcome
from games.kit.requests import count_requests, score_rounds
from games.taboo.events import Clue, ForbiddenWord, Guess, LastRound
from games.taboo.master import Taboo


def word(master: Taboo, event: Event) -> Iterator[Wording]:
    """Say whether a reply was well-formed, then what it was."""
    if isinstance(event, Accepted | Illegal):
        yield "valid response", "continue"
    match event:
        case Malformed():
            yield "invalid format", "abort game"
        case Clue(said):
            yield "valid clue", said
        case ForbiddenWord():
            yield "invalid clue", complain(event)
        case Guess(said):
            yield "valid guess", said
        case LastRound(rounds):
            yield "max rounds reached", str(rounds)
        case Ended(Outcome.SUCCESS):
            yield "correct guess", "end game"


def complain(event: ForbiddenWord) -> str:
    """Say which forbidden word a clue says."""
    said, forbidden, stem = event.clash
    whose = "Target" if event.is_target else "Related"
    return (
        f"{whose} word '{forbidden}' (stem={stem}) is similar to clue word '{said}' "
        f"(stem={stem})"
    )


def score_episode(master: Taboo) -> dict[str, float]:
    """Count requests; repetitions are 0, for clembench's scorer never sees one."""
    # it looks for notes that its referee does not make
    repetitions = {"Repetition-Describer": 0, "Repetition-Guesser": 0}
    return count_requests(master) | repetitions


BRIDGE = Bridge(
    word=word,
    score_episode=score_episode,
    score_turns=score_rounds,
    merge=rename(
        {
            "describer_initial_prompt": "describer_prompt",
            "guesser_initial_prompt": "guesser_prompt",
        }
    ),
)
