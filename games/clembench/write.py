"""Episodes as the files that clembench's scorer, evaluation and viewer read.

An episode is replayed by the referee of its instance, who notes again what was noticed
and in which round; a referee is deterministic, so that is what happened. There is no
requests.json: what clembench keeps there are calls of its own backends.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from games.clembench.instances import get_their_name
from games.clembench.layouts import (
    COMPLETED,
    EXPERIMENT,
    INSTANCE,
    INTERACTIONS,
    RUN,
    SCORES,
    STUDY,
    WRITTEN,
    Layout,
    Place,
    find_places,
)
from games.clembench.rescore import has_same_end
from games.contract import GameMaster, Instance, Kind, Outcome
from games.errors import ArtifactError
from games.registry import get_game
from games.session import Episode, Session, Turn

Logged = dict[str, Any]
TIME = "1970-01-01T00:00:00"
"""Of every event: what is made from the same episodes is the same to the byte."""
LABELS = {
    Kind.SAID: ("context", "response"),
    Kind.ASIDE: ("forget", "forget"),
    Kind.GIVEN: ("pseudo", "pseudo"),
}
"""Clembench's labels of a question and its reply."""


def write_results(
    folder: Path,
    episodes: Sequence[Episode],
    instances: Mapping[tuple[str, str], Instance],
    layout: Layout,
) -> None:
    """Write episodes below a folder, with what they were played on.

    Args:
        folder: where the runs' folders are made.
        episodes: each of which today's rules end as it ended.
        instances: by game and instance id.
        layout: of which version of clemcore.

    Raises:
        ArtifactError: today's rules end an episode otherwise.
    """
    for episode, place in zip(episodes, find_places(episodes, layout), strict=True):
        instance = instances[episode.game, episode.instance_id]
        one = _Written(episode, instance, place, layout)
        run = folder / place.run
        target = run / place.experiment / place.episode
        _write(target / INTERACTIONS, one.make_transcript())
        _write(target / INSTANCE, {"game_id": place.number} | one.data)
        _write(target / SCORES, one.make_scores())
        path = target.parent / EXPERIMENT
        _write(path, one.describe_experiment(path))
        if layout is Layout.V3:
            _write(target / COMPLETED, {"timestamp": TIME})
            _write(run / RUN, one.describe_run(run / RUN))


class _Written:
    """One episode in clembench's words."""

    def __init__(
        self, episode: Episode, instance: Instance, place: Place, layout: Layout
    ) -> None:
        self.episode, self.instance = episode, instance
        self.place, self.layout = place, layout
        self.bridge = get_game(episode.game).bridge
        self.needed = self.bridge.list_parameters(episode.variant, instance.data)
        """What clembench's scorer reads of the experiment, beside the instance."""
        self.data = self.needed | instance.data
        """What clembench's files say of the instance, its experiment's included."""
        self.rounds, self.master = replay_episode(episode, instance)
        roles = self.master.spec.roles
        self.names = {role: f"Player {n}" for n, role in enumerate(roles, 1)}

    def describe(self) -> dict[str, Any]:
        """Describe the episode, for the transcript and for the scores."""
        models = self.episode.players
        players = {"GM": _describe_player("Game Master", "programmatic")}
        for role, name in self.names.items():
            players[name] = _describe_player(role, models[role])
        meta = {
            "game_name": get_their_name(self.episode.game),
            "experiment_name": self.episode.variant,
            "game_id": self.place.number,
            "results_folder": self.place.run,
            "clem_version": str(self.layout),
        }
        if self.layout is Layout.V3:
            meta |= {"round_count": len(self.rounds), "completed": True}
        return {"meta": meta, "player_models": self._list_models(), "players": players}

    def make_transcript(self) -> dict[str, Any]:
        """Make the transcript."""
        own = vars(self.episode).items()
        study = {name: value for name, value in own if name not in WRITTEN}
        study["fields"] = list(self.instance.data)
        turns = [
            [self._name_roles(event) for event in events] for events in self.rounds
        ]
        keys = self._count_requests() if self.layout is Layout.V3 else {}
        keys |= self.bridge.list_keys(self.master)
        return self.describe() | {"turns": turns, STUDY: study} | keys

    def make_scores(self) -> dict[str, Any]:
        """Make what clembench's scorer would write beside the transcript."""
        of_rounds = "turn scores" if self.layout is Layout.V2 else "round scores"
        of_episode = self.bridge.score_episode(self.master) | self._flag_outcome()
        of_episode["Main Score"] = self.master.main_score
        return self.describe() | {
            of_rounds: self.bridge.score_turns(self.master),
            "episode scores": of_episode,
        }

    def describe_experiment(self, path: Path) -> dict[str, Any]:
        """Describe what the episodes of a variant share, those of its file included."""
        own = self.master.spec.fields
        before = json.loads(path.read_text()) if path.exists() else self.data
        shared = {
            key: value
            for key, value in self.data.items()
            if key not in own and key in before and before[key] == value
        }
        return (
            shared
            | self.needed
            | {
                "name": self.episode.variant,
                "timestamp": TIME,
                "game_name": get_their_name(self.episode.game),
                "experiment_name": self.episode.variant,
                "player_models": self._list_models(),
            }
        )

    def describe_run(self, path: Path) -> dict[str, Any]:
        """Describe the run, this episode added to what its file says."""
        made = json.loads(path.read_text()) if path.exists() else {"games": {}}
        game = get_their_name(self.episode.game)
        before = made["games"].get(game, {"num_instances": 0})["num_instances"]
        games = made["games"] | {game: {"num_instances": before + 1}}
        return {
            "clem_version": str(self.layout),
            "created": TIME,
            "player_models": self._list_models(),
            "games": games,
        }

    def _list_models(self) -> dict[str, Any]:
        names = dict.fromkeys(self._list_players())
        specs: list[dict[str, Any]] = [{"model_name": name} for name in names]
        if self.layout is Layout.V3:
            specs = [{"model_spec": spec, "gen_args": {}} for spec in specs]
        return {str(number): spec for number, spec in enumerate(specs)}

    def _list_players(self) -> list[str]:
        return [self.episode.players[role] for role in self.names]

    def _name_roles(self, event: Logged) -> Logged:
        """Put clembench's players in place of the roles of an event."""
        names = self.names | {"GM": "GM"}
        return event | {"from": names[event["from"]], "to": names[event["to"]]}

    def _flag_outcome(self) -> dict[str, int]:
        outcomes = Outcome.ABORTED, Outcome.SUCCESS, Outcome.LOSE
        return {str(o).capitalize(): int(self.master.outcome is o) for o in outcomes}

    def _count_requests(self) -> dict[str, Any]:
        """Count what clemcore itself counts, by round: only an abort is violation."""
        replies = [
            [e for e in events if e["to"] == "GM" != e["from"]]
            for events in self.rounds
        ]
        asked = [len(events) for events in replies]
        violated = [0] * len(asked)
        violated[-1] = int(self.master.is_aborted)
        parsed = [a - v for a, v in zip(asked, violated, strict=True)]
        return self._flag_outcome() | {
            "Request Count": asked,
            "Violated Request Count": violated,
            "Parsed Request Count": parsed,
        }


def replay_episode(
    episode: Episode, instance: Instance
) -> tuple[list[list[Logged]], GameMaster]:
    """Return an episode's events by round, in order, and the referee at its end.

    Raises:
        ArtifactError: today's rules end it otherwise.
    """
    game = get_game(episode.game)
    session = Session(game, instance, episode.players)
    master, seen = session.master, 0
    rounds: list[list[Logged]] = [[]]

    def add(number: int, events: Sequence[Logged]) -> None:
        rounds.extend([] for _ in range(len(rounds), number + 1))
        rounds[number] += events

    def add_notes(seen: int) -> int:
        for note in game.bridge.take_notes(master, seen):
            event = _make_event(
                "GM", "GM", {"type": note.kind, "content": note.content}
            )
            add(note.round, [event])
        return len(master.events)

    seen = add_notes(0)
    for turn in episode.turns:
        add(master.round, _write_exchange(turn))
        if turn.kind != Kind.GIVEN:
            if master.role != turn.role:
                raise _refuse(episode)
            session.reply(turn.reply)
        seen = add_notes(seen)
    if session.role is not None or not has_same_end(episode, session.episode()):
        raise _refuse(episode)
    return rounds, master


def _refuse(episode: Episode) -> ArtifactError:
    return ArtifactError(
        f"{episode.game} {episode.instance_id}: today's rules do not end this episode "
        f"as it ended ({episode.outcome}): rescore it first, or play it again"
    )


def _write_exchange(turn: Turn) -> list[Logged]:
    asked, answered = LABELS[Kind(turn.kind)]
    question = {"type": "send message", "content": turn.context, "label": asked}
    reply = {"type": "get message", "content": turn.reply, "label": answered}
    return [_make_event("GM", turn.role, question), _make_event(turn.role, "GM", reply)]


def _make_event(sender: str, receiver: str, action: dict[str, Any]) -> Logged:
    return {"from": sender, "to": receiver, "timestamp": TIME, "action": action}


def _describe_player(role: str, model: str) -> dict[str, str]:
    return {"game_role": role, "model_name": model}


def _write(path: Path, value: dict[str, Any]) -> None:
    """Write JSON as clembench does: NaN stands bare."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")
