"""Clembench's instances as ours: its prompts and parameters become part of the data.

A clembench instance is an experiment's parameters plus its own fields. A game of ours
reads both from `Instance.data`, and falls back to its own prompts where there are none.

    instances(Path("checkout"), "taboo", "v1.6")
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from games.contract import Instance
from games.errors import InstanceError

_OUR_NAMES = {
    "taboo": {
        "describer_initial_prompt": "describer_prompt",
        "guesser_initial_prompt": "guesser_prompt",
    },
    "guesswhat": {
        "guesser_initial_prompt": "guesser_prompt",
        "answerer_initial_prompt": "answerer_prompt",
    },
    "codenames": {"opponent difficulty": "opponent_difficulty"},
}
"""Of parameters that a game of ours calls otherwise."""
_FOLDERS = {
    "textmapworld": "textmapworld/textmapworld_main",
    "textmapworld_graphreasoning": "textmapworld/textmapworld_graphreasoning",
    "textmapworld_specificroom": "textmapworld/textmapworld_specificroom",
    "wordle_withclue": "wordle",
    "wordle_withcritic": "wordle",
}
"""Of games whose folder in a checkout is not called like the game."""
_STEMS = {
    "wordle_withclue": "instances_withclue",
    "wordle_withcritic": "instances_withcritic",
}
"""Of games whose files are not called `instances`."""
_THEIR_GAMES = {"air_balloon_survival": "hot_air_balloon"}
"""Of games whose results are not called like the game."""
_WORDLES = {"wordle", "wordle_withclue", "wordle_withcritic"}
_PROBE = "ME: {} $question$ Answer this question with yes or no and then stop."
_PROBE_AGAIN = (
    "Please answer this question carefully.",
    "Please follow my instructions.",
    "Please be specific now.",
    "Please think about it carefully.",
)
"""What privateshared puts around a question, and before it when it asks again."""
_NEWEST = "v2.0"
"""The version of files without a version in their name; new games have no others."""
_NEW = "v3"
"""Where the games that v3 added may lie, if not beside the others."""


def their_name(game: str) -> str:
    """Return what clembench calls a game of ours in its results."""
    return _THEIR_GAMES.get(game, game)


def our_name(game: str) -> str:
    """Return what we call a game of clembench's results."""
    return {theirs: ours for ours, theirs in _THEIR_GAMES.items()}.get(game, game)


def data_of(
    game: str, experiment: dict[str, Any], instance: dict[str, Any]
) -> dict[str, Any]:
    """Return an instance's data from clembench's experiment and game instance."""
    if game in _WORDLES:
        return _wordle(experiment) | instance
    if game == "referencegame":
        return experiment | _referencegame(instance)
    if game == "imagegame":
        return experiment | _imagegame(instance)
    if game == "privateshared":
        forms = [_PROBE.format(again) for again in ("", *_PROBE_AGAIN)]
        return {"probe_forms": forms} | experiment | instance
    names = _OUR_NAMES.get(game, {})
    params = {names.get(key, key): value for key, value in experiment.items()}
    return params | instance


def _referencegame(instance: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an instance; before v1.6, without its prompts.

    They ask for another format than today's rules; the game's own are used instead.
    """
    label = instance["target_grid_name"]
    if not isinstance(label, str):
        return instance
    kept = {k: v for k, v in instance.items() if not k.endswith("_prompt_header")}
    number = ("first", "second", "third").index(label) + 1
    return kept | {"target_grid_name": [label, str(number)]}


def _imagegame(instance: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an instance; before v1.6, without its prompts.

    They ask for "Instruction:" where today's rules have "Command:".
    """
    texts = "player_1_prompt_header", "player_2_prompt_header", "player_1_question"
    is_early = "player_1_response_pattern" not in instance
    return {k: v for k, v in instance.items() if not (is_early and k in texts)}


def _wordle(experiment: dict[str, Any]) -> dict[str, Any]:
    """Return the texts and words of one of the wordles, put together.

    Before v1.6 prompts were of another form: the game's own are used instead.
    """
    if "english_words" in experiment:
        return {"allowed_words": " ".join(experiment["english_words"])}
    texts = experiment["lang_keywords"]
    errors = texts["error_prompt_text"]
    end = texts["explanation_lang"], texts["explanataion_details_lang"]
    begin = f"{errors['INVALID_FORMAT']}\n{' '.join(end)}\n"
    agreement = f"{texts['agreement_lang']} {texts['agreement_word_lang']}"
    return {
        "guesser_prompt": experiment["guesser_prompt"],
        "critic_prompt": experiment["guesser_critic_prompt"],
        "guess_reminder": f"{begin}{texts['guess_lang']} {texts['guess_word_lang']}",
        "agreement_reminder": f"{begin}{agreement}",
        "unknown_word": f"{errors['NOT_VALID_WORD_FOR_GAME']} {errors['RETRY']}",
        "allowed_words": " ".join(texts["official_words_list"]),
    }


def path_of(checkout: Path, game: str, version: str) -> Path:
    """Return a game's instances file of a version, e.g. "v1.6".

    Raises:
        InstanceError: there is no such file, or no such checkout.
    """
    if not checkout.is_dir():
        raise InstanceError(
            f"there is no folder {checkout}: clone clembench to there, or name the "
            "folder of a clone in instances.clembench.checkout"
        )
    place = f"{_FOLDERS.get(game, game)}/in"
    names = list(_names(_STEMS.get(game, "instances"), version))
    for folder in (checkout / place, checkout / _NEW / place):
        for name in names:
            if (folder / name).exists():
                return folder / name
    raise InstanceError(
        f"there is no {checkout / place / names[0]}: name a folder that holds "
        f"clembench's games, and versions in which it has {game}"
    )


def _names(stem: str, version: str) -> Iterator[str]:
    """Yield what a file of a version may be called."""
    yield f"{stem}_{version}.json"
    yield f"{stem}_{version}_en.json"
    if version == _NEWEST:
        yield f"{stem}.json"


def instances(checkout: Path, game: str, version: str) -> list[Instance]:
    """Read a game's instances of one version.

    Raises:
        InstanceError: there is no such file, or it is not in clembench's layout.
    """
    path = path_of(checkout, game, version)
    try:
        experiments = json.loads(path.read_text(encoding="utf-8"))["experiments"]
        return [
            _instance(game, f"{version}-{number:04d}", experiment, one)
            for experiment in _with_texts(path.parents[1], game, experiments)
            for number, one in enumerate(experiment["game_instances"])
        ]
    except OSError as error:
        raise InstanceError(
            f"{path} is without its texts ({error}): take a whole checkout of clembench"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise InstanceError(
            f"{path} is not laid out as clembench's instances are ({error!r}): "
            "take another file"
        ) from error


def _with_texts(
    folder: Path, game: str, experiments: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Yield experiments; privateshared's with the texts that lie beside instances."""
    for experiment in experiments:
        if game != "privateshared":
            yield experiment
            continue
        texts = folder / "resources" / "texts" / experiment["name"]
        names = {"requests": "requests", "probes": "probing_questions"}
        yield experiment | {
            "texts": {
                kind: json.loads((texts / f"{name}.json").read_text(encoding="utf-8"))
                for kind, name in names.items()
            }
        }


def _instance(
    game: str, name: str, experiment: dict[str, Any], instance: dict[str, Any]
) -> Instance:
    params = {key: experiment[key] for key in experiment if key != "game_instances"}
    data, variant = data_of(game, params, instance), experiment["name"]
    # their own ids repeat in early versions
    return Instance(game, variant, f"{variant}-{name}", data)
