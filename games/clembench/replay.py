"""Replay recorded episodes through our rules, and see that both agree.

    python -m games.clembench.replay FILE...

takes recordings of clembench episodes (.jsonl or .jsonl.gz, one episode a line, with
the experiments' parameters in experiments/<game>.json beside them), prints a line a
game, the first disagreements and what of the recorded the game does not compute, and
exits 1 if anything disagrees. docs/recording/taboo.jsonl is such a file. Notes are what
the referee noticed, in each round, and keys what clembench's scorers read beside the
turns.
"""

import argparse
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from games.bridge import Bridge, Record
from games.clembench.recordings import FLAGS, list_instances, read
from games.contract import GameMaster, Instance
from games.errors import StudyError
from games.registry import GAMES
from games.session import Session

CHECKS = ("outcome", "main score", "contexts", "episode scores")
MORE_CHECKS = ("turn scores", "notes", "keys")
"""Of what a game need not have: then all of its episodes lack it."""
_OUTCOME_SCORES = {"Main Score", "Success", "Lose", "Aborted"}
_SHOWN = 5

Named = dict[tuple[str, ...], Any]
"""Values by where they stand and what they are: ("0", "Accuracy") in round 0."""


@dataclass
class Agreement:
    """What our rules make of one recorded episode."""

    record: str
    wrong: dict[str, str] = field(default_factory=dict)
    """What differs first, by the check that it fails."""
    not_computed: set[str] = field(default_factory=set)
    """Recorded scores and keys that our game does not have."""
    compared: set[str] = field(default_factory=set)
    """Which of MORE_CHECKS were made, as both sides have something to compare."""
    lacking: set[str] = field(default_factory=set)
    """Which of MORE_CHECKS could not be made, as our side alone has nothing."""

    def expect(self, check: str, ours: object, theirs: object) -> None:
        """Note a difference, unless there is none or one was noted before."""
        if not _is_same(ours, theirs):
            self.wrong.setdefault(check, f"ours {ours!r}, recorded {theirs!r}")

    def expect_each(self, check: str, ours: Named, theirs: Named) -> None:
        """Compare what both compute; name what is recorded and we do not compute.

        A name is computed if we have it in any round.
        """
        if not ours:
            self.lacking |= {check} if theirs else set()
            return
        self.compared.add(check)
        computed, known = ({key[-1] for key in side} for side in (ours, theirs))
        self.not_computed |= known - computed - _OUTCOME_SCORES
        shared = computed & known if theirs else computed
        keys = [key for key in ours.keys() | theirs.keys() if key[-1] in shared]
        for key in sorted(keys, key=lambda key: [part.zfill(4) for part in key]):
            pair = ours.get(key, "nothing"), theirs.get(key, "nothing")
            self.expect(check, (*key, pair[0]), (*key, pair[1]))


def replay(record: Record, instance: Instance) -> Agreement:
    """Feed a recording's replies to our game master, and compare."""
    game, bridge = GAMES[record["game"]], GAMES[record["game"]].bridge
    session = Session(game, instance, {role: "recorded" for role in game.spec.roles})
    found = Agreement(record["id"])
    for response in record["responses"]:
        if response["kind"] != "model":
            continue
        role = game.spec.roles[int(response["player"].removeprefix("Player ")) - 1]
        found.expect("outcome", f"{session.role} moves", f"{role} moves")
        if session.role != role:
            return found
        told = session.messages()[-1]["content"]
        if bridge.loosen(told) != bridge.loosen(response["context"]):
            found.expect("contexts", told, response["context"])
        session.reply(response["text"])
    if session.role is not None:
        found.expect("outcome", f"{session.role} moves", "the end")
        return found
    master = session.master
    if record["outcome"] is not None:  # clembench's scorer did not fail
        (flag,) = (flag for flag in FLAGS if record["outcome"][flag])
        found.expect("outcome", str(master.outcome), flag)
    found.expect("main score", master.main_score, record["main_score"])
    recorded, ours = record["episode_scores"] or {}, bridge.score_episode(master)
    found.not_computed = recorded.keys() - ours.keys() - _OUTCOME_SCORES
    for name in recorded.keys() & ours.keys():
        found.expect("episode scores", (name, ours[name]), (name, recorded[name]))
    _compare_more(found, record, bridge, master)
    return found


def _compare_more(
    found: Agreement, record: Record, bridge: Bridge[GameMaster], master: GameMaster
) -> None:
    """Compare what a recording has beside outcome, contexts and episode scores."""
    if (recorded := record.get("turn_scores")) is not None:
        ours = _name_by_round(bridge.score_turns(master))
        found.expect_each("turn scores", ours, _name_by_round(recorded))
    if (recorded := record.get("gm_events")) is not None:
        ours = _name_notes(bridge, master)
        found.expect_each("notes", ours, _name_events(bridge, recorded))
    if (recorded := record.get("extra_keys")) is not None:
        keys = {k: v for k, v in bridge.list_keys(master).items() if k in recorded}
        ours, theirs = _name_keys(bridge, keys), _name_keys(bridge, recorded)
        found.expect_each("keys", ours, theirs)


def _name_keys(bridge: Bridge[GameMaster], keys: dict[str, Any]) -> Named:
    return {(name,): bridge.loosen(value) for name, value in keys.items()}


def _name_by_round(scores: dict[str, dict[str, Any]]) -> Named:
    return {(key, name): v for key, own in scores.items() for name, v in own.items()}


def _name_notes(bridge: Bridge[GameMaster], master: GameMaster) -> Named:
    """Name what the referee noticed by round and place in it."""
    found: Named = {}
    places: Counter[int] = Counter()
    for note in bridge.take_notes(master):
        key = str(note.round), str(places[note.round]), "notes"
        found[key] = note.kind, bridge.loosen(note.content)
        places[note.round] += 1
    return found


def _name_events(bridge: Bridge[GameMaster], recorded: list[list[Any]]) -> Named:
    """Name what clembench's referee noticed in the same way."""
    return {
        (str(number), str(place), "notes"): (kind, bridge.loosen(content))
        for number, events in enumerate(recorded)
        for place, (_, _, kind, content) in enumerate(events)
    }


def _choose_best(tried: Iterable[Agreement]) -> Agreement:
    """Choose the first that agrees on everything, or else the first of all."""
    first = None
    for one in tried:
        if not one.wrong:
            return one
        first = first or one
    assert first is not None, "a recording is played on one instance at least"
    return first


def _is_same(ours: object, theirs: object) -> bool:
    """Whether both are equal: numbers to nine digits; a recorded null is NaN."""
    if isinstance(ours, list | tuple) and isinstance(theirs, list | tuple):
        return len(ours) == len(theirs) and all(map(_is_same, ours, theirs))
    if isinstance(ours, dict) and isinstance(theirs, dict):
        named = {str(key): value for key, value in ours.items()}
        return named.keys() == theirs.keys() and all(
            _is_same(value, theirs[key]) for key, value in named.items()
        )
    if not isinstance(ours, int | float):
        return ours == theirs
    if theirs is None:
        return math.isnan(ours)
    if not isinstance(theirs, int | float):
        return False
    return math.isclose(ours, theirs, abs_tol=1e-9)


def settle(episodes: Sequence[Agreement]) -> set[str]:
    """Find those of MORE_CHECKS that a game has nothing for, and forget them.

    If it has something in one of its episodes, then its lack in another is wrong.
    """
    made = set().union(*(one.compared for one in episodes))
    lacking = set().union(*(one.lacking for one in episodes))
    for one in episodes:
        for check in one.lacking & made:
            one.expect(check, "nothing", "something")
    return lacking - made


def report(found: dict[str, list[Agreement]]) -> Iterator[str]:
    """Yield a line a game, and its first disagreements."""
    for game, episodes in sorted(found.items()):
        lacking = settle(episodes)
        checks = [one for one in (*CHECKS, *MORE_CHECKS) if one not in lacking]
        wrong = Counter(check for one in episodes for check in one.wrong)
        right = {check: len(episodes) - wrong[check] for check in checks}
        counts = ", ".join(f"{check} {number}" for check, number in right.items())
        yield f"{game}: {len(episodes)} episodes; agreed on {counts}"
        disagreements = [
            f"  {one.record}: {check}: {what}"
            for one in episodes
            for check, what in one.wrong.items()
        ]
        yield from disagreements[:_SHOWN]
        names = sorted(set().union(*(one.not_computed for one in episodes)))
        if absent := [*names, *(one for one in MORE_CHECKS if one in lacking)]:
            yield f"  not computed here: {', '.join(absent)}"


def report_unknown(unknown: Counter[str]) -> Iterator[str]:
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
            for record, possible in zip(records, list_instances(records), strict=True):
                tried = (replay(record, instance) for instance in possible)
                found[record["game"]].append(_choose_best(tried))
    except StudyError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print("\n".join([*report(found), *report_unknown(unknown)]))
    wrong = any(one.wrong for episodes in found.values() for one in episodes)
    return int(wrong or bool(unknown))


if __name__ == "__main__":
    sys.exit(main())
