"""Which episodes are compared, and where they part."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from games.contract import Outcome
from games.errors import StudyError
from games.session import Episode
from pipeline.params.sections.preferences import Preferences
from stages.common.dialogues import (
    Utterance,
    draw_balanced,
    list_roles,
    list_texts,
    take_perspective,
)
from stages.common.seeds import derive_seed

LEVELS = ("dialogue", "turn")
Pair = dict[str, Any]


@dataclass(frozen=True)
class Course:
    """How one episode went for one role."""

    chat: list[Utterance]
    outcome: str


@dataclass
class Match:
    """The courses of one role on one instance."""

    game: str
    variant: str
    instance_id: str
    role: str
    won: list[Course]
    failed: list[Course]


def prefer(
    episodes: Sequence[Episode], games: Sequence[str], settings: Preferences, seed: int
) -> list[Pair]:
    """Choose the pairs of `games`, of both levels, within the caps, shuffled.

    Raises:
        StudyError: no two episodes make a pair.
    """
    pairs: list[Pair] = []
    for game in games:
        played = [episode for episode in episodes if episode.game == game]
        matches = match_courses(played, with_aborted=settings.with_aborted)
        for level in LEVELS:
            rng = random.Random(derive_seed(seed, "preferences", game, level))
            found = list_candidates(
                matches, level, settings.negatives_per_positive, rng
            )
            pairs += _apply_caps(found, level, settings, rng)
    if not pairs:
        raise StudyError(
            f"no won and failed episodes of {', '.join(games)} share an instance and "
            "a role: raise the samples of selfplay.pairings, or pair players of other "
            "skills"
        )
    random.Random(derive_seed(seed, "preferences")).shuffle(pairs)
    return pairs


def match_courses(episodes: Sequence[Episode], *, with_aborted: bool) -> list[Match]:
    """Gather won and failed courses by instance and role; equal chats count once."""
    matches: dict[tuple[str, ...], Match] = {}
    seen = set()
    for episode in episodes:
        for role in list_roles(episode):
            if not _is_evidence(episode, role, with_aborted):
                continue
            key = (episode.game, episode.variant, episode.instance_id, role)
            match = matches.setdefault(key, Match(*key, won=[], failed=[]))
            course = Course(take_perspective(episode, role), episode.outcome)
            if (key, course.outcome, list_texts(course.chat)) in seen:
                continue
            seen.add((key, course.outcome, list_texts(course.chat)))
            is_won = course.outcome == Outcome.SUCCESS
            (match.won if is_won else match.failed).append(course)
    return [matches[key] for key in sorted(matches)]


def list_candidates(
    matches: Sequence[Match], level: str, negatives: int, rng: random.Random
) -> list[Pair]:
    """List all distinct pairs of a level, each positive with so many negatives.

    At turn level the bound holds for each reply of the positive at which others part.
    """
    pairs: dict[tuple[object, ...], Pair] = {}
    for match in matches:
        for won in match.won:
            rivals: dict[int, list[Pair]] = defaultdict(list)
            for failed in match.failed:
                pair = _compare(match, won, failed, level)
                if pair is not None:
                    rivals[pair["branch_turn"] if level == "turn" else 0].append(pair)
            for branch in sorted(rivals):
                rng.shuffle(rivals[branch])
                for pair in rivals[branch][:negatives]:
                    pairs.setdefault(_identify(pair), pair)
    return list(pairs.values())


def find_branch(won: list[Utterance], failed: list[Utterance]) -> int | None:
    """Find the index of the first reply that differs after an equal history.

    None if what the role saw differs first, or one chat is the start of the other.
    """
    for index, (good, bad) in enumerate(zip(won, failed, strict=False)):
        if good["content"] != bad["content"]:
            return index if good["role"] == "assistant" else None
    return None


def measure(pairs: Sequence[Pair], games: Sequence[str]) -> dict[str, Any]:
    """Count the pairs of each game at each level, for metrics.json."""
    return {
        game: _measure_game([p for p in pairs if p["game"] == game]) for game in games
    }


def _measure_game(pairs: Sequence[Pair]) -> dict[str, Any]:
    turn = [pair for pair in pairs if pair["level"] == "turn"]
    first = [pair for pair in turn if pair["branch_turn"] == 0]
    aborted = [p for p in pairs if p["rejected_outcome"] == Outcome.ABORTED]
    return {
        "dialogue": len(pairs) - len(turn),
        "turn": len(turn),
        "first_turn_share": len(first) / len(turn) if turn else None,
        "aborted_share": len(aborted) / len(pairs) if pairs else None,
    }


def _is_evidence(episode: Episode, role: str, with_aborted: bool) -> bool:
    """Tell whether the outcome says something about this role's replies."""
    if episode.outcome != Outcome.ABORTED:
        return True
    return with_aborted and episode.ended_by == role


def _compare(match: Match, won: Course, failed: Course, level: str) -> Pair | None:
    """Make a pair of two courses; None if they make none at this level."""
    branch: int | None
    end: int | None
    if level == "turn":
        start = find_branch(won.chat, failed.chat)
        if start is None:
            return None
        branch, end = start // 2, start + 1
    else:
        branch, start, end = _find_first_difference(won.chat, failed.chat), 1, None
        if list_texts(won.chat[:1]) != list_texts(failed.chat[:1]) or branch is None:
            return None
    return {
        "level": level,
        "game": match.game,
        "variant": match.variant,
        "instance_id": match.instance_id,
        "role": match.role,
        "branch_turn": branch,
        "prompt": won.chat[:start],
        "chosen": won.chat[start:end],
        "rejected": failed.chat[start:end],
        "chosen_outcome": won.outcome,
        "rejected_outcome": failed.outcome,
    }


def _find_first_difference(won: list[Utterance], failed: list[Utterance]) -> int | None:
    """Find the first reply that differs or is missing; None if all agree."""
    good, bad = list_texts(won[1::2]), list_texts(failed[1::2])
    if good == bad:
        return None
    shared = min(len(good), len(bad))
    return next((i for i in range(shared) if good[i] != bad[i]), shared)


def _apply_caps(
    pairs: list[Pair], level: str, settings: Preferences, rng: random.Random
) -> list[Pair]:
    """Apply the caps of one game and level, balanced over its strata."""
    if level == "turn":
        first = [pair for pair in pairs if pair["branch_turn"] == 0]
        later = [pair for pair in pairs if pair["branch_turn"] > 0]
        pairs = later + draw_balanced(
            first, _name_stratum, settings.max_first_turn_pairs, rng
        )
    return draw_balanced(pairs, _name_stratum, settings.max_pairs, rng)


def _name_stratum(pair: Pair) -> tuple[str, str, int]:
    branch = pair["branch_turn"] if pair["level"] == "turn" else 0
    return pair["variant"], pair["role"], branch


def _identify(pair: Pair) -> tuple[object, ...]:
    return (
        list_texts(pair["prompt"]),
        list_texts(pair["chosen"]),
        list_texts(pair["rejected"]),
    )
