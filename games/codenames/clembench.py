"""codenames in clembench's words."""

from collections.abc import Iterable, Iterator
from typing import Any

from games.bridge import Bridge, Data, Wording, rename
from games.codenames.board import ASSASSIN, KINDS, OPPONENT, TEAM, Board
from games.codenames.complaints import GUESSED, TARGETED, complain
from games.codenames.events import (
    BadReply,
    BrokenRule,
    Clue,
    Guesses,
    NotOnBoard,
    OpponentRevealed,
    RoundBegun,
)
from games.codenames.faults import CountedTargets
from games.codenames.master import (
    ASSASSIN_MET,
    CLUEGIVER,
    GUESSER,
    OPPONENT_WON,
    TEAM_WON,
    Codenames,
)
from games.codenames.recorded import suppose
from games.codenames.rules import space_commas
from games.codenames.scores import (
    UNSET_FLAGS,
    VARIABLES,
    Round,
    count_engaged_flags,
    count_requests,
    score_board,
    score_means,
    score_pace,
)
from games.contract import Outcome
from games.events import Ended, Event, Verdict

Faulty = BadReply | BrokenRule | NotOnBoard
_ENDS = {
    TEAM_WON: "team has won",
    OPPONENT_WON: "opponent has won",
    ASSASSIN_MET: "opponent has won through assassin",
}


def word(master: Codenames, event: Event) -> Iterator[Wording]:
    """Tell the board, the words of a clue or of guesses, a fault, and who won."""
    match event:
        case RoundBegun():
            yield "board status", describe_board(master.board, event)
        case Clue(said):
            yield "clue", said.clue
            yield "targets", list(said.words)
            yield from _name_words(master, "word targeted", said.words)
        case Guesses(said):
            yield "guesses", list(said.words)
            yield from _name_revealed(master, event)
        case OpponentRevealed(revealed):
            yield from _name_words(master, "opponent revealed", [revealed])
        case BadReply() | BrokenRule() | NotOnBoard():
            yield "validation error", describe_fault(event)
        case Ended(reason=reason) if reason in _ENDS:
            yield "game end", _ENDS[reason]
            if isinstance(master.events[-2][1], Guesses):
                yield "game end", _ENDS[reason]  # clembench notes this end twice


def describe_board(board: Board, state: Board | RoundBegun) -> dict[str, Any]:
    """Tell which words of a board are hidden, and which were revealed by whom."""
    hidden = {*state.hidden}
    return {
        "hidden": {
            kind: [word for word in board.assignments[kind] if word in hidden]
            for kind in KINDS
        },
        "revealed": {
            TEAM: {kind: board.pick_kind(kind, state.revealed) for kind in KINDS},
            OPPONENT: {kind: board.pick_kind(kind, state.lost) for kind in KINDS},
        },
    }


def describe_fault(event: Faulty) -> dict[str, Any]:
    """Tell who broke which rule, and with what words."""
    said = event.said
    naming = TARGETED if event.role == CLUEGIVER else GUESSED
    assert said.fault is not None, "what is at fault has a fault"
    complaint = complain(said.fault, naming)
    return {
        "player": _blame(event),
        "type": complaint.kind,
        "utterance": space_commas(said.text),
        "message": complaint.message,
        **complaint.details,
    }


def _blame(event: Faulty) -> str:
    """Name who is said to be at fault: the guesser for a number behind the clue."""
    is_counted = isinstance(event.said.fault, CountedTargets)
    return (GUESSER if is_counted else event.role).capitalize()


def _name_revealed(master: Codenames, guesses: Guesses) -> Iterator[Wording]:
    """Name the words that guesses revealed, and the one that ended the turn."""
    for revealed in guesses.revealed:
        yield from _name_words(master, "team revealed", [revealed])
        if revealed in guesses.targets:
            yield from _name_words(master, "target revealed", [revealed])
        if master.board.kind[revealed] != TEAM:
            yield "turn end after", revealed


def _name_words(
    master: Codenames, kind: str, words: Iterable[str]
) -> Iterator[Wording]:
    for one in words:
        yield kind, {"word": one, "assignment": master.board.kind[one]}


def list_rounds(master: Codenames) -> list[Round]:
    """List what counts of each round."""
    kinds, rounds = master.board.kind, []
    for _, event in master.events:
        match event:
            case RoundBegun(hidden):
                rounds.append(Round(sum(kinds[word] == TEAM for word in hidden)))
            case Clue(said):
                rounds[-1].targets = said.words
                rounds[-1].target_kinds = tuple(kinds[word] for word in said.words)
            case Guesses(said, _, revealed):
                rounds[-1].guesses, rounds[-1].revealed = said.words, revealed
                rounds[-1].revealed_kinds = tuple(kinds[word] for word in revealed)
            case BadReply() | BrokenRule() | NotOnBoard():
                rounds[-1].faulty = _blame(event)
    return rounds


def score_episode(master: Codenames) -> dict[str, Any]:
    """Score all but the outcome and its flags."""
    variant, rounds = master.instance.variant, list_rounds(master)
    return {
        "experiment variable": VARIABLES.get(variant.partition("_")[0], ""),
        "experiment name": variant,
        "Cluegiver strip words": _count_stripped(master, CLUEGIVER),
        "Guesser strip words": _count_stripped(master, GUESSER),
        **score_means(rounds),
        **score_board(master.board),
        **score_pace(rounds, _count_turns(master)),
        **_count_requests(master),
    }


def score_turns(master: Codenames) -> dict[str, dict[str, Any]]:
    """Score each round; some of the scores are counts by kind of word."""
    rounds = list_rounds(master)
    return {str(number): one.score_turn() for number, one in enumerate(rounds)}


def list_keys(master: Codenames) -> dict[str, Any]:
    """List how the board ended, the request counts and the flags."""
    counts, board = _count_requests(master), master.board
    del counts["Request Success Ratio"]
    return {
        "board end status": describe_board(board, board),
        "Number of turns": _count_turns(master),
        "Aborted": master.is_aborted,
        "Lose": master.outcome is Outcome.LOSE,
        "Game ended through assassin": board.rate_revealed(ASSASSIN) > 0,
        **counts,
        "Cluegiver engaged flags": count_engaged_flags(
            _count_stripped(master, CLUEGIVER)
        ),
        "Guesser engaged flags": count_engaged_flags(_count_stripped(master, GUESSER)),
    }


def _count_turns(master: Codenames) -> int:
    # a turn counts once it is over, and the one that is on
    return len(master.list_events(RoundBegun)) + (master.ended_by == GUESSER)


def _count_requests(master: Codenames) -> dict[str, float]:
    return count_requests(len(master.list_events(Verdict)), int(master.is_aborted))


def _count_stripped(master: Codenames, role: str) -> int:
    """Count the words of a role that held a character which is stripped."""
    total = 0
    for verdict in master.list_events(Verdict):
        match verdict:
            case Clue(said):
                total += said.stripped * (role == CLUEGIVER)
            case Guesses(said):
                total += said.stripped * (role == GUESSER)
            case BadReply() | BrokenRule() | NotOnBoard():
                total += verdict.said.stripped * (role == verdict.role)
    return total


def list_parameters(variant: str, data: Data) -> Data:
    """Name what is varied, and the flags, none of which is set in our instances."""
    kind = variant.partition("_")[0]
    return {
        "variable": VARIABLES.get(kind, kind),
        "flags": dict.fromkeys(UNSET_FLAGS, False),
        "assignments": {side: len(data["assignments"][side]) for side in KINDS},
    }


BRIDGE = Bridge(
    list_parameters=list_parameters,
    word=word,
    score_episode=score_episode,
    score_turns=score_turns,
    list_keys=list_keys,
    merge=rename({"opponent difficulty": "opponent_difficulty"}),
    suppose=suppose,
)
