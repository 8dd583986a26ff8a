"""Every evaluated episode, packed for the page: texts once, then gzip."""

import gzip
import json
import math
from base64 import b64encode
from collections.abc import Iterator, Sequence
from typing import Any

from games.session import Episode
from pipeline.params.sections.play import SELF_PLAY
from stages.common.episodes import read_episodes
from stages.common.files import DATA
from stages.report.evidence import YARDSTICKS, Evidence

LARGEST = 3_000_000
"""Characters that the packed episodes may take in the page."""
LONGEST = 20_000
"""Characters of one text that are shown."""

Named = tuple[str, str, Episode]
"""(policy or yardstick, lineup, episode)."""


def gather_episodes(evidence: Evidence) -> Iterator[Named]:
    """Yield what policies played in each lineup, then what yardsticks played alone."""
    for lineup in evidence.params.play.variants:
        for policy_id in evidence.policies:
            path = DATA / "play" / lineup / policy_id / "episodes.parquet"
            for episode in read_episodes(path):
                yield policy_id, lineup, episode
    for episode in read_episodes(YARDSTICKS):
        names = {*episode.players.values()}
        if len(names) == 1:
            yield names.pop(), SELF_PLAY, episode


class _Index:
    """Numbers texts in the order in which they are met."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    def __call__(self, text: str) -> int:
        return self._places.setdefault(text, len(self._places))

    def list_all(self) -> list[str]:
        return list(self._places)


def pack(episodes: Sequence[Named], most: int = LARGEST) -> tuple[str, int]:
    """Pack episodes as base64 of gzip of JSON; return it, and how many are in it.

    If all of them take more than `most` characters, instances are left out, every
    second one first, so that policies can still be compared on those that are there.
    """
    step = 1
    while True:
        kept = _take_every(episodes, step)
        text = json.dumps(_describe(kept), ensure_ascii=False, separators=(",", ":"))
        packed = b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()
        if len(packed) <= most or len(kept) <= 1:
            return packed, len(kept)
        step *= 2


def _take_every(episodes: Sequence[Named], step: int) -> list[Named]:
    """Take the episodes of every so-many-th instance of each game."""
    seen: dict[str, _Index] = {}
    return [
        one
        for one in episodes
        if seen.setdefault(one[2].game, _Index())(one[2].instance_id) % step == 0
    ]


def _describe(episodes: Sequence[Named]) -> dict[str, Any]:
    """Describe episodes by numbers of names and texts."""
    names, texts = _Index(), _Index()
    rows = [
        [
            names(who),
            names(lineup),
            names(one.game),
            names(one.variant),
            one.instance_id,
            one.sample,
            names(one.outcome),
            names(one.reason),
            names(one.ended_by),
            None if math.isnan(one.main_score) else round(one.main_score, 2),
            {role: names(name) for role, name in one.players.items()},
            [
                [
                    names(turn.role),
                    names(str(turn.kind)),
                    texts(_cut(turn.context)),
                    texts(_cut(turn.reply)),
                ]
                for turn in one.turns
            ],
        ]
        for who, lineup, one in episodes
    ]
    return {"names": names.list_all(), "texts": texts.list_all(), "episodes": rows}


def _cut(text: str) -> str:
    """Cut what is too long to be read, and replace what no file can hold."""
    text = text.encode("utf-8", "replace").decode()
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST]}\n[{len(text) - LONGEST:,} more characters]"
