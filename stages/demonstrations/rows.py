"""Which won episodes become demonstrations, and in which order."""

import random
from collections import Counter
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from games.contract import Kind, Outcome
from games.errors import StudyError
from games.session import Episode
from pipeline.params.sections.demonstrations import Demonstrations
from stages.common.dialogues import (
    Example,
    Utterance,
    draw_balanced,
    list_asides,
    list_roles,
    list_texts,
    take_perspective,
)
from stages.common.seeds import derive_seed


def demonstrate(
    episodes: Sequence[Episode],
    games: Sequence[str],
    settings: Demonstrations,
    seed: int,
) -> list[Example]:
    """Choose the demonstrations of `games`, at most `max_per_game` of each, shuffled.

    Raises:
        StudyError: not one episode of these games can be used.
    """
    rows: list[Example] = []
    for game in games:
        rng = random.Random(derive_seed(seed, "demonstrations", game))
        candidates = list_won_chats(
            [episode for episode in episodes if episode.game == game],
            learner_turns_only=settings.learner_turns_only,
        )
        rows += draw_balanced(candidates, _name_stratum, settings.max_per_game, rng)
    if not rows:
        raise StudyError(
            f"no won episode of {', '.join(games)} can be learned from: give "
            "selfplay.pairings a more skilled player or more samples, or set "
            "demonstrations.learner_turns_only to false"
        )
    rows.sort(key=lambda row: (row["game"], row["instance_id"], row["role"], repr(row)))
    random.Random(derive_seed(seed, "demonstrations")).shuffle(rows)
    return rows


def list_won_chats(
    episodes: Sequence[Episode], *, learner_turns_only: bool
) -> list[Example]:
    """List the chats of each role of each won episode; equal chats count once.

    That is what a role saw and said, and a chat for each of its asides.
    """
    rows: dict[tuple[object, ...], Example] = {}
    for episode in episodes:
        if episode.outcome != Outcome.SUCCESS:
            continue
        for role in list_roles(episode):
            if learner_turns_only and not _is_played_by_policy(episode, role):
                continue
            chats = [(Kind.SAID, take_perspective(episode, role))]
            chats += [(Kind.ASIDE, chat) for chat in list_asides(episode, role)]
            for kind, chat in chats:
                key = (episode.variant, episode.instance_id, role, list_texts(chat))
                rows.setdefault(key, _make_example(episode, role, kind, chat))
    return list(rows.values())


def measure(
    episodes: Sequence[Episode], rows: Sequence[Example], games: Sequence[str]
) -> dict[str, Any]:
    """Count what was kept of each game, for metrics.json."""
    return {game: _measure_game(game, episodes, rows) for game in games}


def _measure_game(
    game: str, episodes: Sequence[Episode], rows: Sequence[Example]
) -> dict[str, Any]:
    played = [episode for episode in episodes if episode.game == game]
    kept = [row for row in rows if row["game"] == game]
    won = [episode.outcome == Outcome.SUCCESS for episode in played]
    return {
        "episodes": len(played),
        "won": fmean(won) if won else None,
        "rows": len(kept),
        "roles": dict(Counter(row["role"] for row in kept)),
        "mean_turns": fmean(row["num_turns"] for row in kept) if kept else None,
    }


def _make_example(
    episode: Episode, role: str, kind: Kind, messages: list[Utterance]
) -> Example:
    return {
        "game": episode.game,
        "variant": episode.variant,
        "instance_id": episode.instance_id,
        "role": role,
        "kind": kind,
        "player": episode.players[role],
        "num_turns": len(messages) // 2,
        "messages": messages,
    }


def _name_stratum(row: Example) -> tuple[str, str, str]:
    # an episode may have many asides: they must not crowd out the chats themselves
    return row["variant"], row["role"], row["kind"]


def _is_played_by_policy(episode: Episode, role: str) -> bool:
    # only a policy's replies come with the ids that were sampled
    return any(turn.token_ids for turn in episode.turns if turn.role == role)
