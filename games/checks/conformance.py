"""What every game must satisfy, as one function; and the golden playthroughs.

    python -m games.checks.conformance         # check all games
    python -m games.checks.conformance --write-playthroughs

The second writes tests/games/playthroughs anew.

`check_game` asserts of a game, ours or yours, registered or not, that

- its generator depends on its seed alone and no target is in two splits;
- where there are few answers, each is right equally often in every split;
- episodes of its experts keep to the declared roles and turns, end with a score in
  0..100 (NaN if and only if aborted) and depend on their seed alone;
- skilled experts win, unskilled ones do not;
- no reply of its blind players is malformed, by themselves or beside experts;
- a deep copy of an episode in progress goes on independently of it;
- any reply at all, at any turn, leads to a defined outcome;
- the referee gives one verdict a reply and notices the end last, and what it has
  noticed is worded the same whenever it is asked;
- an episode is the same after its export to clembench's files and back;
- no role is told by its first message what the game declares secret from it;
- an instance that lacks a field is refused in a sentence.
"""

import json
import math
import re
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from itertools import product
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from games.checks.hostile import list_hostile
from games.checks.transcript import render_transcript
from games.clembench.layouts import Layout
from games.clembench.read import read_results
from games.clembench.write import write_results
from games.contract import Game, Instance, Kind, Outcome
from games.errors import InstanceError
from games.events import Ended, Malformed, Verdict
from games.kit.blind import BlindKind, make_blind
from games.kit.dealing import deal
from games.kit.splits import SPLITS
from games.registry import GAMES
from games.session import Episode, Session, Turn, expert_pair, play_episode

PLAYTHROUGHS = Path("tests/games/playthroughs")
_NUM = 4
"""Instances of each variant and split."""
_FEW, _MANY = 12, 24
"""Instances of a split that are looked at for balance."""
_WINS_OF_SKILLED, _WINS_OF_UNSKILLED = 0.8, 0.5


def check_game(game: Game, *, seed: int = 0) -> None:
    """Assert everything that the module's docstring lists, with a message each."""
    instances = check_generator(game, seed)
    check_balance(game, seed)
    for instance in instances:
        check_fields(game, instance)
    check_skill(game, instances, seed)
    for instance in make_instances(game, "test", seed)[::_NUM]:
        check_blind(game, instance, seed)
        check_seeding(game, instance, seed)
        check_forks(game, instance, seed)
        check_hostile_replies(game, instance, seed)
        check_transcripts(game, instance, seed)


def make_instances(game: Game, split: str, seed: int) -> list[Instance]:
    """Make a few instances of every variant of one split."""
    return [
        Instance(game.spec.name, variant, f"{variant}-{split}-{number}", data)
        for variant in game.spec.variants
        for number, data in enumerate(
            game.generate(variant, split, _NUM, Random(f"{seed}/{variant}/{split}"))
        )
    ]


def check_generator(game: Game, seed: int) -> list[Instance]:
    """Assert seeded instances with targets of their own; return them."""
    found: list[Instance] = []
    owners: dict[str, str] = {}
    for split in SPLITS:
        instances = make_instances(game, split, seed)
        name = f"{game.spec.name} {split}"
        assert len(instances) == _NUM * len(game.spec.variants), f"{name}: too few"
        assert instances == make_instances(game, split, seed), f"{name}: not seeded"
        for instance in instances:
            where = f"{game.spec.name} {instance.instance_id}"
            data = json.loads(json.dumps(instance.data))
            assert data == instance.data, f"{where}: changed by writing it as JSON"
            owner = owners.setdefault(game.target(instance), split)
            assert owner == split, f"{where}: its target is in {owner} as well"
        for variant in game.spec.variants:
            targets = [game.target(i) for i in instances if i.variant == variant]
            assert len(set(targets)) == _NUM, f"{name} {variant}: a target twice"
        found += instances
    return found


def check_balance(game: Game, seed: int) -> None:
    """Assert that whoever always gives the same answer is not right more often."""
    if not game.answer(make_instances(game, "train", seed)[0]):
        return
    for split, num in product(SPLITS, (_FEW, _MANY)):
        dealt = deal(game, split, num, lambda name: Random(f"{seed}/{name}"))
        counts = Counter(map(game.answer, dealt)).values()
        uneven = max(counts) - min(counts)
        where = f"{game.spec.name} {split}: of {num} answers"
        assert len(dealt) == num, f"{where} there are {len(dealt)}"
        assert uneven <= 1, f"{where} some are right {uneven} times more often"


def check_fields(game: Game, instance: Instance) -> None:
    """Assert that an instance without a required field is refused."""
    for field in game.spec.fields:
        data = {key: value for key, value in instance.data.items() if key != field}
        broken = Instance(instance.game, instance.variant, instance.instance_id, data)
        try:
            game.master(broken)
        except InstanceError as error:
            assert field in str(error), f"the error does not name '{field}': {error}"
        else:
            raise AssertionError(
                f"{game.spec.name} accepts instances without '{field}'"
            )


def check_skill(game: Game, instances: list[Instance], seed: int) -> None:
    """Assert legal episodes at any skill, and that skill decides who wins."""
    for skill, low, high in (
        (1.0, _WINS_OF_SKILLED, 1),
        (0.5, 0, 1),
        (0.0, 0, _WINS_OF_UNSKILLED),
    ):
        wins = [
            check_episode(game, instance, skill, f"{seed}/{number}").outcome
            == Outcome.SUCCESS
            for number, instance in enumerate(instances)
        ]
        rate = sum(wins) / len(wins)
        assert low <= rate <= high, f"{game.spec.name}: skill {skill} wins {rate:.0%}"


def check_blind(game: Game, instance: Instance, seed: int) -> None:
    """Assert that who knows nothing but the forms never breaks one."""
    roles = game.spec.roles
    seats = [roles] if len(roles) == 1 else [roles, *((role,) for role in roles)]
    for kind, blind in product(BlindKind, seats):
        players = expert_pair(game, instance, 1.0, seed)
        for role in blind:
            rng = Random(f"{seed}/{role}")
            players[role] = make_blind(game, instance, role, kind, rng, {})
        session = Session(game, instance, dict.fromkeys(roles, "any"))
        where = f"{game.spec.name} {instance.instance_id}: {kind} blind {blind}"
        while session.role is not None:
            role = session.role
            before = len(session.master.list_events(Malformed))
            session.reply(players[role](session.messages()))
            broken = session.master.list_events(Malformed)[before:]
            reply = session.turns[-1].reply
            assert role not in blind or not broken, f"{where} is malformed: {reply!r}"
        check_end(game, session.episode(), where)


def check_episode(
    game: Game, instance: Instance, skill: float, seed: int | str
) -> Episode:
    """Assert a legal episode of experts that keeps the game's secrets; return it."""
    episode = _play_experts(game, instance, skill, seed)
    where = f"{game.spec.name} {instance.instance_id} at skill {skill}"
    check_end(game, episode, where)
    if skill == 1:
        assert episode.outcome != Outcome.ABORTED, (
            f"{where}: an expert broke the format"
        )
    first = {turn.role: turn.context for turn in reversed(episode.turns)}
    for role, context in first.items():
        for secret in game.secrets(instance, role):
            told = re.search(rf"(?<!\w){re.escape(secret)}(?!\w)", context)
            assert not told, f"{where}: the {role} is told the secret {secret!r}"
    return episode


def check_seeding(game: Game, instance: Instance, seed: int) -> None:
    """Assert that the same seed plays the same episode."""
    one, other = (_play_experts(game, instance, 0.5, seed) for _ in range(2))
    where = f"{game.spec.name} {instance.instance_id}: not decided by its seed"
    assert render_transcript(one) == render_transcript(other), where


def check_forks(game: Game, instance: Instance, seed: int) -> None:
    """Assert that copies made at every turn neither disturb nor are disturbed."""
    whole = _play_experts(game, instance, 1.0, seed)
    session = Session(game, instance, whole.players, seed=seed)
    copies = []
    turns, noted = list_replies(whole), []
    for turn in turns:
        copies.append(deepcopy(session))
        spoilt = deepcopy(session)
        spoilt.reply("\x00")
        where = f"{game.spec.name}: a copy disturbs its original"
        assert session.messages()[-1]["content"] == turn.context, where
        session.reply(turn.reply)
        noted.append(game.bridge.take_notes(session.master))
    where = f"{game.spec.name}: what was noticed is worded otherwise later"
    for notes in noted:
        assert notes == noted[-1][: len(notes)], where
    for start, copy in enumerate(copies):
        for turn in turns[start:]:
            copy.reply(turn.reply)
        where = f"{game.spec.name}: a copy made at turn {start} goes on differently"
        assert render_transcript(copy.episode()) == render_transcript(whole), where


def check_hostile_replies(game: Game, instance: Instance, seed: int) -> None:
    """Assert a defined outcome whatever is said at the first turns of every role."""
    turns = list_replies(_play_experts(game, instance, 1.0, seed))
    for position in range(min(len(turns), 2 * len(game.spec.roles))):
        for name, text in list_hostile(turns[position].reply):
            where = f"{game.spec.name} with {name} at turn {position}"
            session = Session(game, instance, dict.fromkeys(game.spec.roles, "any"))
            for reply in [*(turn.reply for turn in turns[:position]), text]:
                session.reply(reply)
            players = expert_pair(game, instance, 1.0, seed)
            while session.role is not None:
                session.reply(players[session.role](session.messages()))
                assert len(session.turns) <= game.spec.max_turns, f"{where}: no end"
            check_end(game, session.episode(), where)
            check_events(game, session, where)


def check_events(game: Game, session: Session, where: str) -> None:
    """Assert of a finished episode one verdict a reply, and an end."""
    master, replies = session.master, list_replies(session.episode())
    num = len(master.list_events(Verdict))
    assert num == len(replies), f"{where}: {num} verdicts on {len(replies)} replies"
    (end,) = master.list_events(Ended)
    assert master.events[-1][1] is end, f"{where}: something is noticed after the end"


def check_transcripts(game: Game, instance: Instance, seed: int) -> None:
    """Assert that episodes are read from clembench's files as they were written."""
    known = {(instance.game, instance.instance_id): instance}
    for skill, layout in product((1.0, 0.5), Layout):
        episode = _play_experts(game, instance, skill, seed)
        with _register(game), TemporaryDirectory() as folder:
            write_results(Path(folder), [episode], known, layout)
            found = read_results(Path(folder))
        where = f"{game.spec.name} {instance.instance_id}: changed by {layout}'s files"
        # a score that is NaN equals itself in words only
        assert repr(found.episodes) == repr([episode]), where
        assert found.instances == known, where


@contextmanager
def _register(game: Game) -> Iterator[None]:
    """Let a game that is not ours be looked up by its name for a moment."""
    before = GAMES.copy()
    GAMES[game.spec.name] = game
    try:
        yield
    finally:
        GAMES.clear()
        GAMES.update(before)


def check_end(game: Game, episode: Episode, where: str) -> None:
    """Assert that an episode ended as an episode must."""
    spec = game.spec
    assert episode.outcome in set(Outcome), f"{where}: outcome {episode.outcome!r}"
    assert episode.reason, f"{where}: no reason for the end"
    assert episode.ended_by == episode.turns[-1].role, f"{where}: ended by someone else"
    assert len(episode.turns) <= spec.max_turns, f"{where}: too many turns"
    roles = list(dict.fromkeys(turn.role for turn in episode.turns))
    assert roles == list(spec.roles[: len(roles)]), f"{where}: roles move as {roles}"
    is_nan = math.isnan(episode.main_score)
    aborted = episode.outcome == Outcome.ABORTED
    assert is_nan == aborted, f"{where}: {episode.outcome} with {episode.main_score}"
    assert is_nan or 0 <= episode.main_score <= 100, f"{where}: {episode.main_score}"


def list_replies(episode: Episode) -> list[Turn]:
    """List the turns that somebody played."""
    return [turn for turn in episode.turns if turn.kind != Kind.GIVEN]


def _play_experts(
    game: Game, instance: Instance, skill: float, seed: int | str
) -> Episode:
    return play_episode(game, instance, expert_pair(game, instance, skill, seed))


def render_playthrough(game: Game) -> str:
    """Render a game's golden transcripts: each variant, played well and half well."""
    episodes = [
        _play_experts(game, instance, skill, seed=0)
        for instance in make_instances(game, "train", seed=0)[::_NUM]
        for skill in (1.0, 0.5)
    ]
    return "\n".join(map(render_transcript, episodes))


def main() -> None:
    """Check all games, or write their playthroughs."""
    for name, game in GAMES.items():
        if "--write-playthroughs" in sys.argv[1:]:
            PLAYTHROUGHS.mkdir(parents=True, exist_ok=True)
            path = PLAYTHROUGHS / f"{name}.txt"
            path.write_text(render_playthrough(game), encoding="utf-8")
            print(f"wrote {path}")
        else:
            check_game(game)
            print(f"{name} conforms")


if __name__ == "__main__":
    main()
