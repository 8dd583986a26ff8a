"""Recorded clembench episodes, and the instances that they were played on.

What a recording's experiment does not say is taken from the recordings themselves:
codenames' prompts from the first context of each kind, its opponent's moves from what
it revealed; privateshared's texts from where they were sent. What depended on the
original's hash seed is left open: which of its floors adventuregame means by "the
floor", and in which order it lists things.
"""

import functools
import gzip
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from games.clembench.instances import data_of
from games.contract import Instance
from games.errors import ArtifactError
from games.privateshared.sent import sent_texts

_KINDS = ("team", "opponent", "innocent", "assassin")

Record = dict[str, Any]
"""One recorded episode, with its experiment's "experiment_params"."""


def read(path: Path) -> list[Record]:
    """Return recorded episodes, each with its experiment's parameters.

    Raises:
        ArtifactError: the file or the parameters beside it are missing or damaged.
    """
    try:
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8") as lines:
            records = [json.loads(line) for line in lines if line.strip()]
        for record in records:
            params = _experiments(path.parent / "experiments", record["game"])
            record["experiment_params"] = params[record["experiment_hash"]]
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(
            f"{path} cannot be replayed ({error!r}): it takes one recorded episode a "
            "line, and its experiments in experiments/ beside it"
        ) from error
    return records


@functools.cache
def _experiments(folder: Path, game: str) -> dict[str, Record]:
    """Return the parameters of a game's experiments, word lists filled in."""
    lists = folder / "wordlists.json"
    words = json.loads(lists.read_text()) if lists.exists() else {}

    def fill(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: fill(inner) for key, inner in value.items()}
        name = str(value).removeprefix("@wordlist:")
        return words[name] if name != value and isinstance(value, str) else value

    return fill(json.loads((folder / f"{game}.json").read_text(encoding="utf-8")))


def instances_of(records: Sequence[Record]) -> list[list[Instance]]:
    """Return for each of a file's recordings what it may have been played on.

    That is one instance, but where the original's own choice was not recorded.
    """
    codenames = [record for record in records if record["game"] == "codenames"]
    prompts = _codenames_prompts(codenames)
    return [_possible(record, _instance(record, prompts)) for record in records]


def seen(game: str, told: Any) -> Any:
    """Return what of a text or value has to be equal: it, or its words in any order."""
    if game != "adventuregame":
        return told
    text = told if isinstance(told, str) else json.dumps(told)
    return sorted(re.findall(r"\w+|[^\w\s]", text))


def _possible(record: Record, instance: Instance) -> list[Instance]:
    """Return the instance and, if a floor is spoken of, one for each floor."""
    said = any("floor" in response["text"] for response in record["responses"])
    if record["game"] != "adventuregame" or not said:
        return [instance]
    facts = instance.data["initial_state"]
    floors = [fact for fact in facts if fact.startswith("type(") and "floor" in fact]
    meant = [f"floor({fact[5:].partition(',')[0]})" for fact in floors]
    return [instance] + [
        replace(instance, data=instance.data | {"initial_state": [*facts, fact]})
        for fact in meant
    ]


def _instance(record: Record, prompts: dict[str, str]) -> Instance:
    game = record["game"]
    data = data_of(game, record["experiment_params"], record["instance"])
    if game == "codenames":
        revealed = [reveal["word"] for reveal in record["opponent_reveals"]]
        data |= prompts | {"opponent_reveals": revealed}
    if game == "privateshared":
        logged = (record.get("extra_keys") or {}).get("probes", [])
        data["texts"] = sent_texts(data, record["responses"], logged)
    return Instance(game, record["experiment"], record["id"], data)


def _codenames_prompts(records: Sequence[Record]) -> dict[str, str]:
    """Return the recorded prompts with the first such episode's values taken out."""
    found: dict[str, str] = {}
    for record in records:
        for response in record["responses"]:
            role = {"Player 1": "cluegiver", "Player 2": "guesser"}[response["player"]]
            later = response["round"] > 0
            name = f"{role}{'_next' if later else ''}_prompt"
            if name not in found:
                text = response["context"]
                # what was revealed stands before a later prompt
                text = text.partition("\n")[2] if later else text
                found[name] = _emptied(text, role)
    return found


def _emptied(text: str, role: str) -> str:
    """Return a recorded prompt of codenames with its values taken out."""
    if role == "guesser":
        head, _, _ = text.rpartition("\n")
        head = re.sub(r"up to \d+ words", "up to $number$ words", head)
        return re.sub(r"the word '[^']*'", "the word '$clue$'", head) + "\n$board$"
    rows = text.split("\n")
    for row, kind in zip(range(-4, 0), _KINDS, strict=True):
        rows[row] = re.sub(r" are: .*\.$", f" are: ${kind}$.", rows[row])
    return "\n".join(rows)
