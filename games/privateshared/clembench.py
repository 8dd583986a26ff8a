"""privateshared in clembench's words, and what a recording shows of its instance."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from games.bridge import Bridge, Data, Record, Wording
from games.events import Ended, Event
from games.privateshared.events import Answer, Anticipated, Aside, BadAside, Probed
from games.privateshared.master import BAD_PROBING, PrivateShared
from games.privateshared.rules import ANSWER, INVALID, TRIES, YES, read_tagged
from games.privateshared.scores import Tally
from games.privateshared.sent import find_texts
from games.privateshared.wording import list_forms

_PROBE = "ME: {} $question$ Answer this question with yes or no and then stop."
_AGAIN = (
    "",
    "Please answer this question carefully.",
    "Please follow my instructions.",
    "Please be specific now.",
    "Please think about it carefully.",
)
"""What stands before a question, for each time that it is asked."""
_FILES = {"requests": "requests", "probes": "probing_questions"}


def word(master: PrivateShared, event: Event) -> Iterator[Wording]:
    """Tell what each aside says, how probes and answers did, and the end."""
    match event:
        case Aside(said):
            yield "parse", said
        case BadAside():
            yield "parse", INVALID
        case Probed():
            yield from _judge_probe(event)
        case Answer(is_filled):
            yield "metadata", f"Slot filled: {is_filled}"
        case Anticipated(slot, before, now):
            change = f"ground truth turn updated from {before} to {now}."
            yield "metadata", f"Value for {slot.upper()} anticipated; {change}"
        case Ended(_, reason):
            if reason == BAD_PROBING:
                yield "invalid format", "Abort: invalid format in probing."
            yield "end", "Game finished."


def _judge_probe(event: Probed) -> Iterator[Wording]:
    """Tell whether a probe was answered in the right form, and correctly."""
    how = f"valid after {event.tries} tries"
    if event.said == INVALID:
        how = "invalid after max attempts"
    yield "metadata", f"Answer for {event.probe.slot.upper()} {how}."
    is_right = event.said != INVALID and (event.said == YES) == event.probe.is_known
    yield "check", f"Answer is {'' if is_right else 'in'}correct."


def make_tally(master: PrivateShared) -> Tally:
    """Count what happened in an episode."""
    form = list_forms(master.instance)[0].replace("  ", " ")
    found = Tally(len(master.instance.data["slots"]), form)
    found.count(event for _, event in master.events)
    return found


def score_episode(master: PrivateShared) -> dict[str, float]:
    """Score accuracies and kappas, and count requests."""
    return make_tally(master).score_episode(master.is_aborted)


def score_turns(master: PrivateShared) -> dict[str, dict[str, float]]:
    """Score each completed probing round."""
    return make_tally(master).score_turns()


def list_keys(master: PrivateShared) -> dict[str, Any]:
    """List what clembench's scorer reads; it calls only bad probing aborted."""
    counted = make_tally(master)
    order = master.instance.data["request_order"]
    realised = {slot: place for place, slot in enumerate(order)}
    realised |= {one.slot: one.now for one in master.list_events(Anticipated)}
    return {
        "probes": counted.probes,
        "realised_slots": realised,
        "Request Count": counted.asked,
        "Parsed Request Count": counted.parsed,
        "Violated Request Count": counted.violated,
        "Filled Slots": counted.filled,
        "Aborted": master.is_aborted and master.reason == BAD_PROBING,
        "Played Probe Rounds": len(counted.completed),
    }


def merge(experiment: Data, instance: Data) -> Data:
    """Add what surrounds a question, which clembench's instances do not say."""
    forms = [_PROBE.format(again) for again in _AGAIN]
    return {"probe_forms": forms} | experiment | instance


def add_files(folder: Path, experiment: Data) -> Data:
    """Add the texts that lie beside the instances, which only number them."""
    texts = folder / "resources" / "texts" / experiment["name"]
    return experiment | {
        "texts": {
            kind: json.loads((texts / f"{name}.json").read_text(encoding="utf-8"))
            for kind, name in _FILES.items()
        }
    }


def suppose(record: Record, data: Data, records: Sequence[Record]) -> list[Data]:
    """Add the texts from where they were sent."""
    logged = (record.get("extra_keys") or {}).get("probes", [])
    return [data | {"texts": find_texts(data, record["responses"], logged)}]


def restore(record: Record) -> list[Data]:
    """Put asides among the turns, which clemcore 3.7.2 keeps as `probes` alone.

    Of a question that was asked again only the last answer is recorded: those before,
    which were in a wrong form, come back as empty replies.
    """
    said = record["responses"]
    probes = (record.get("extra_keys") or {}).get("probes", [])
    if any(one["label"] == "forget" for one in said):
        return list(said)
    found, rounds = [], iter(probes)
    for one in said:
        found.append(one)
        if one["player"] != "Player 1":
            continue
        if one["label"] == "pseudo" or read_tagged(one["text"], ANSWER) is not None:
            for probe in next(rounds, []):
                found += _list_asides(probe, one["round"])
    return found


def _list_asides(probe: Data, number: int) -> Iterator[Data]:
    """Yield each time that a probe was put, with what is known of the reply."""
    if "answer" not in probe:  # an earlier one of its round broke the episode off
        return
    question = probe["question"].removeprefix("ME: ")
    tries = min(probe["tries"], TRIES)
    for again in range(tries):
        text = probe["answer"] if again == tries - 1 else ""
        context = f"ME: {_AGAIN[again]} {question}"
        yield {
            "player": "Player 1",
            "round": number,
            "label": "forget",
            "context": context,
            "text": text,
        }


BRIDGE = Bridge(
    word=word,
    score_episode=score_episode,
    score_turns=score_turns,
    list_keys=list_keys,
    merge=merge,
    add_files=add_files,
    suppose=suppose,
    restore=restore,
)
