"""Clembench's result folders as episodes, of whichever layout.

Outcome and main score are those of scores.json, which clembench's scorer wrote; where
there is none, our rules judge what was said. Why an episode ended is not recorded by
clembench: if our rules agree on how it ended, it is their reason.
"""

import hashlib
import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from games.bridge import Record
from games.clembench.instances import get_our_name
from games.clembench.layouts import (
    EXPERIMENT,
    INSTANCE,
    INTERACTIONS,
    NOT_PARAMETERS,
    SCORES,
    STUDY,
)
from games.clembench.odd import refuse_odd
from games.clembench.recordings import list_instances
from games.clembench.rescore import change_rules, has_same_end, rescore
from games.contract import Instance, Kind, Outcome
from games.errors import ArtifactError, StudyError
from games.registry import GAMES
from games.session import Episode, Turn

_KINDS = {"forget": Kind.ASIDE, "pseudo": Kind.GIVEN}
_LAID_OUT = {"meta", "player_models", "players", "turns", STUDY}
"""Keys of interactions.json that are the same for every game."""
_OPEN = ""
"""The outcome of an episode that clembench did not score."""


class Verdict(StrEnum):
    """What our rules make of an episode."""

    AGREES = "judged the same"
    DIFFERS = "judged otherwise"
    UNDECIDED = "not decided by what was said"
    UNSCORED = "not scored by clembench"


@dataclass
class Results:
    """What a folder of results holds."""

    episodes: list[Episode] = field(default_factory=list)
    instances: dict[tuple[str, str], Instance] = field(default_factory=dict)
    """What they were played on, by game and instance id."""
    unknown: Counter[str] = field(default_factory=Counter)
    """How many episodes were left out, by game: it is none of ours."""
    undecided: list[Path] = field(default_factory=list)
    """Transcripts that clembench did not score, and that our rules cannot."""
    broken: list[str] = field(default_factory=list)
    """What is wrong with each episode that could not be read."""
    verdicts: dict[str, Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    """By game, what our rules make of the episodes: see `Verdict`."""
    doubts: list[str] = field(default_factory=list)
    """Each episode that they judge otherwise, or not at all."""


def read_results(folder: Path) -> Results:
    """Read every episode below a folder, in order of their paths.

    One that cannot be read is named in `Results.broken`, and stops no other.

    Raises:
        ArtifactError: there is none, or none that can be read.
    """
    found, repeated = Results(), Counter[tuple[str, ...]]()
    paths = sorted(folder.rglob(INTERACTIONS), key=_split_numbers)
    if not paths:
        raise ArtifactError(
            f"{folder} holds no {INTERACTIONS}: name a folder of clembench's results"
        )
    for path in paths:
        try:
            _add(found, path, repeated)
        except ArtifactError as error:
            found.broken.append(str(error))
    known = {path.parent for path in paths}
    found.broken += [
        f"{path.with_name(INTERACTIONS)} is missing beside {INSTANCE}: its episode was "
        "not played to its end, or not copied"
        for path in sorted(folder.rglob(INSTANCE))
        if path.parent not in known
    ]
    if len(found.broken) >= len(paths):
        raise ArtifactError(found.broken[0])
    return found


def _add(found: Results, path: Path, repeated: Counter[tuple[str, ...]]) -> None:
    """Add an episode, or count why it is left out."""
    record = _read_record(path)
    if record["game"] not in GAMES:
        found.unknown[record["game"]] += 1
        return
    instance, episode, verdict = _read_episode(path, record)
    if episode is None:
        found.undecided.append(path)
        return
    found.verdicts[episode.game][verdict] += 1
    if verdict in (Verdict.DIFFERS, Verdict.UNDECIDED):
        found.doubts.append(f"{path.parent}: {verdict} by our rules")
    key = (*episode.players.values(), episode.game, episode.instance_id)
    if STUDY not in record:
        episode.sample = repeated[key]
        repeated[key] += 1
    found.episodes.append(episode)
    found.instances[episode.game, episode.instance_id] = instance


def _split_numbers(path: Path) -> list[tuple[str, int]]:
    """Split a path so that episode_2 is sorted before episode_10."""
    parts = re.findall(r"(\D*)(\d*)", str(path))
    return [(text, int(number or 0)) for text, number in parts]


def _read_record(path: Path) -> Record:
    """Read one episode's files in the form of a recording.

    Raises:
        ArtifactError: a file is missing, damaged or of another form.
    """
    raw = _read_json(path)
    try:
        meta, turns = raw["meta"], raw["turns"]
        scores = path.with_name(SCORES)
        record = {
            "id": str(meta["game_id"]),
            "game": get_our_name(str(meta["game_name"])),
            "experiment": str(meta["experiment_name"]),
            "version": str(meta.get("clem_version", "")),
            "models": {name: one["model_name"] for name, one in raw["players"].items()},
            "responses": list(_list_responses(turns)),
            "gm_events": [_list_noticed(events) for events in turns],
            "extra_keys": {key: raw[key] for key in raw if key not in _LAID_OUT},
            "scores": _read_json(scores)["episode scores"] if scores.exists() else None,
        } | ({STUDY: raw[STUDY]} if STUDY in raw else {})
        if record["game"] in GAMES:
            record["responses"] = GAMES[record["game"]].bridge.restore(record)
    except (
        *(LookupError, TypeError, ValueError),
        *(AttributeError, OverflowError),
    ) as error:
        raise _refuse(path, error) from error
    if record["game"] not in GAMES:
        return record
    params = _read_json(path.parent.with_name(EXPERIMENT))
    try:
        kept = {
            key: value for key, value in params.items() if key not in NOT_PARAMETERS
        }
    except AttributeError as error:
        raise _refuse(path.parent.with_name(EXPERIMENT), error) from error
    return record | {
        "instance": _read_json(path.with_name(INSTANCE)),
        "experiment_params": kept,
    }


def _list_responses(rounds: list[list[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    """Yield each reply of a player, with all that it was told since its last one."""
    told: dict[str, list[str]] = defaultdict(list)
    for number, events in enumerate(rounds):
        for event in events:
            action, sender, receiver = event["action"], event["from"], event["to"]
            if sender == "GM" != receiver:
                told[receiver].append(action["content"])
            elif receiver == "GM" != sender:
                yield {
                    "player": sender,
                    "round": number,
                    "label": action.get("label", "response"),
                    "context": "\n\n".join(told.pop(sender, [])),
                    "text": action["content"],
                }


def _list_noticed(events: list[dict[str, Any]]) -> list[list[Any]]:
    """List a round's events from GM to GM."""
    return [
        ["GM", "GM", event["action"]["type"], event["action"]["content"]]
        for event in events
        if event["from"] == event["to"] == "GM"
    ]


def _read_episode(
    path: Path, record: Record
) -> tuple[Instance, Episode | None, Verdict]:
    """Read an episode and its instance; None for an episode that nothing decides."""
    try:
        said = _make_episode(record)
        possible = [
            change_rules(instance, rules)
            for rules in _list_rules(record)
            for instance in _suppose_instances(record)
        ]
        judged = [rescore(said, instance) for instance in possible]
    except (
        *(LookupError, TypeError, ValueError),
        *(AttributeError, OverflowError),
    ) as error:
        raise _refuse(path, error) from error
    except StudyError as error:
        raise ArtifactError(f"{path.with_name(INSTANCE)}: {error}") from error
    agreed = [has_same_end(said, one) for one in judged]
    best = agreed.index(True) if True in agreed else 0
    instance, ours = possible[best], judged[best]
    said.instance_id = instance.instance_id
    if said.outcome == _OPEN:
        own = ours and replace(ours, instance_id=said.instance_id)
        return instance, own, Verdict.UNSCORED
    if not said.reason and ours and agreed[best]:
        said.reason = ours.reason
    said.reason = said.reason or "as clembench says"
    if ours is None:
        return instance, said, Verdict.UNDECIDED
    return instance, said, Verdict.AGREES if agreed[best] else Verdict.DIFFERS


def _list_rules(record: Record) -> list[str | None]:
    """List the rules that an episode may have been played by, the likeliest first.

    None stands for those that its instance names, as ours do.
    """
    if STUDY in record:
        return [None]
    has_new = bool(re.match(r"3\.([5-9]|\d\d)|[4-9]", record["version"]))
    known = GAMES[record["game"]].spec.rules
    return list(sorted(known, reverse=has_new))


def _suppose_instances(record: Record) -> list[Instance]:
    """List the instances that an episode may have been played on."""
    if study := record.get(STUDY):
        data = {name: record["instance"][name] for name in study["fields"]}
        name, variant = study["instance_id"], record["experiment"]
        return [Instance(record["game"], variant, name, data)]
    roles = len(GAMES[record["game"]].spec.roles)
    for response in record["responses"]:
        response["kind"] = _tell_kind(response, roles)
    return [
        replace(one, instance_id=_name_instance(one))
        for one in list_instances([record])[0]
    ]


def _tell_kind(response: dict[str, Any], roles: int) -> str:
    if response["label"] == "pseudo":
        return "pseudo"
    return "model" if _find_place(response["player"]) < roles else "programmatic"


def _name_instance(instance: Instance) -> str:
    """Name an instance as it is named in every run, and as no other is."""
    text = json.dumps(instance.data, sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return f"{instance.variant}-{instance.instance_id}-{digest}"


def _make_episode(record: Record) -> Episode:
    """Make an episode of what was said and how it ended, as far as clembench tells."""
    roles = GAMES[record["game"]].spec.roles
    turns = [
        Turn(
            roles[_find_place(one["player"])],
            one["context"],
            one["text"],
            kind=_KINDS.get(one["label"], Kind.SAID),
        )
        for one in record["responses"]
        if _find_place(one["player"]) < len(roles)
    ]
    models = record["models"]
    players = {role: models[f"Player {n}"] for n, role in enumerate(roles, 1)}
    said = [turn.role for turn in turns if turn.kind != Kind.GIVEN]
    if not said:
        raise ValueError("nobody says anything")
    outcome, score = _read_end(record["scores"])
    episode = Episode(
        game=record["game"],
        variant=record["experiment"],
        instance_id="",
        players=players,
        sample=0,
        seed=0,
        outcome=outcome,
        reason="",
        ended_by=said[-1],
        main_score=score,
        turns=turns,
    )
    own = record.get(STUDY, {}).items()
    episode = replace(
        episode, **{name: value for name, value in own if name != "fields"}
    )
    refuse_odd(episode)
    return episode


def _read_end(scores: dict[str, Any] | None) -> tuple[str, float]:
    """Read outcome and main score as clembench scored them."""
    if scores is None:
        return _OPEN, math.nan
    flags = ["Aborted"] if scores["Aborted"] else ["Aborted", "Success"]
    if any(scores[flag] not in (0, 1) for flag in flags):
        raise ValueError("a flag of an outcome is not 0 or 1")
    if scores["Aborted"]:
        return str(Outcome.ABORTED), math.nan
    won = Outcome.SUCCESS if scores["Success"] else Outcome.LOSE
    return str(won), float(scores["Main Score"])


def _find_place(player: str) -> int:
    """Find the index of "Player 1" among the roles."""
    return int(player.removeprefix("Player ")) - 1


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        json.dumps(value, ensure_ascii=False).encode()  # no halves of characters
    except FileNotFoundError as error:
        raise ArtifactError(
            f"{path} is missing: clembench writes it beside a transcript, copy it too"
        ) from error
    except (ValueError, OSError, RecursionError) as error:
        raise ArtifactError(f"{path} is not valid JSON: mend or remove it") from error
    if not isinstance(value, dict):
        raise _refuse(path, TypeError("it is no JSON object"))
    return value


def _refuse(path: Path, error: Exception) -> ArtifactError:
    return ArtifactError(
        f"{path} is not laid out as clembench's results are ({error!r}): mend it, or "
        "remove its folder"
    )
