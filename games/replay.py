"""Replay recorded episodes through our rules, and see that both agree.

    python -m games.replay FILE...

takes recordings of clembench episodes (.jsonl or .jsonl.gz, one episode a line, with
the experiments' parameters in experiments/<game>.json beside them), prints a line a
game, the first disagreements and which recorded scores the game does not compute, and
exits 1 if anything disagrees.
"""

import argparse
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from games.contract import Instance
from games.errors import StudyError
from games.recorded import Record, instances_of, read, seen
from games.registry import GAMES
from games.session import Session

CHECKS = ("outcome", "main score", "contexts", "episode scores")
FLAGS = ("success", "lose", "aborted")
_OUTCOME_SCORES = {"Main Score", "Success", "Lose", "Aborted"}
_SHOWN = 5


@dataclass
class Agreement:
    """What our rules make of one recorded episode."""

    record: str
    wrong: dict[str, str] = field(default_factory=dict)
    """What differs first, by the check that it fails."""
    not_computed: set[str] = field(default_factory=set)
    """Recorded episode scores that our game does not have."""

    def expect(self, check: str, ours: object, theirs: object) -> None:
        """Note a difference, unless there is none or one was noted before."""
        if not _same(ours, theirs):
            self.wrong.setdefault(check, f"ours {ours!r}, recorded {theirs!r}")


def replay(record: Record, instance: Instance) -> Agreement:
    """Feed a recording's replies to our game master, and compare."""
    game = GAMES[record["game"]]
    session = Session(game, instance, {role: "recorded" for role in game.spec.roles})
    found = Agreement(record["id"])
    for response in record["responses"]:
        if response["kind"] != "model":
            continue
        role = game.spec.roles[int(response["player"].removeprefix("Player ")) - 1]
        found.expect("outcome", f"{session.role} moves", f"{role} moves")
        if session.role != role:
            return found
        ours = session.messages()[-1]["content"]
        if seen(instance.game, ours) != seen(instance.game, response["context"]):
            found.expect("contexts", ours, response["context"])
        session.reply(response["text"])
    if session.role is not None:
        found.expect("outcome", f"{session.role} moves", "the end")
        return found
    master = session.master
    (flag,) = (flag for flag in FLAGS if record["outcome"][flag])
    found.expect("outcome", str(master.outcome), flag)
    found.expect("main score", master.main_score, record["main_score"])
    recorded, ours = record["episode_scores"] or {}, master.episode_scores()
    found.not_computed = recorded.keys() - ours.keys() - _OUTCOME_SCORES
    for name in recorded.keys() & ours.keys():
        found.expect("episode scores", (name, ours[name]), (name, recorded[name]))
    return found


def _best(tried: Iterable[Agreement]) -> Agreement:
    """Return the first that agrees on everything, or else the first of all."""
    first = None
    for one in tried:
        if not one.wrong:
            return one
        first = first or one
    return first


def _same(ours: object, theirs: object) -> bool:
    """Compare; a recorded null is NaN, numbers are equal to nine digits."""
    if isinstance(ours, tuple):
        return all(map(_same, ours, theirs))
    if not isinstance(ours, int | float):
        return ours == theirs
    if theirs is None:
        return math.isnan(ours)
    return math.isclose(ours, theirs, abs_tol=1e-9)


def report(found: dict[str, list[Agreement]]) -> Iterator[str]:
    """Yield a line a game, and its first disagreements."""
    for game, episodes in sorted(found.items()):
        wrong = Counter(check for one in episodes for check in one.wrong)
        right = {check: len(episodes) - wrong[check] for check in CHECKS}
        counts = ", ".join(f"{check} {number}" for check, number in right.items())
        yield f"{game}: {len(episodes)} episodes; agreed on {counts}"
        disagreements = [
            f"  {one.record}: {check}: {what}"
            for one in episodes
            for check, what in one.wrong.items()
        ]
        yield from disagreements[:_SHOWN]
        if names := sorted(set().union(*(one.not_computed for one in episodes))):
            yield f"  not computed here: {', '.join(names)}"


def unplayed(unknown: Counter[str]) -> Iterator[str]:
    """Yield a line for each game that is recorded, but not one of ours."""
    for game, number in sorted(unknown.items()):
        yield f"{game}: {number} episodes; not replayed, there is no such game here"


def _is_ours(record: Record, unknown: Counter[str]) -> bool:
    """Tell whether a recording's game is ours; count it if not."""
    if record["game"] not in GAMES:
        unknown[record["game"]] += 1
    return record["game"] in GAMES


def main(arguments: Sequence[str] | None = None) -> int:
    """Replay every file; return 1 if there is any disagreement."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    found: dict[str, list[Agreement]] = defaultdict(list)
    unknown: Counter[str] = Counter()
    try:
        for path in parser.parse_args(arguments).files:
            records = [one for one in read(path) if _is_ours(one, unknown)]
            for record, possible in zip(records, instances_of(records), strict=True):
                tried = (replay(record, instance) for instance in possible)
                found[record["game"]].append(_best(tried))
    except StudyError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print("\n".join([*report(found), *unplayed(unknown)]))
    wrong = any(one.wrong for episodes in found.values() for one in episodes)
    return int(wrong or bool(unknown))


if __name__ == "__main__":
    sys.exit(main())
