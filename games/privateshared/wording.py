"""What the player of privateshared is told: an instance's own words, or else ours.

An instance names its requests and probes by their numbers in its `texts`, as clembench
does, whose texts lie in files beside its instances.
"""

from games.contract import Instance
from games.errors import InstanceError
from games.kit.prompts import read_prompt
from games.privateshared.rules import TRIES

MOST_SLOTS = 15


def write_prompt(instance: Instance) -> str:
    """Write what the player is told before the game."""
    data = instance.data
    if "initial_prompt" in data:
        return data["initial_prompt"]
    text = read_prompt("privateshared", "initial_prompt.txt")
    text = text.replace("$situation$", data["situation"])
    slots = "\n".join(f"{slot.upper()}: {is_}" for slot, is_ in data["slots"].items())
    return text.replace("$tag$", data["tag"]).replace("$slots$", slots)


def write_request(instance: Instance, slot: str) -> str:
    """Write the request for a slot."""
    data = instance.data
    text = data["texts"]["requests"][slot][data["requests"][slot]]
    return f"{data['tag']}: {text}"


def find_probe(instance: Instance, number: int, slot: str) -> str:
    """Find the question about a slot in a probing round."""
    data = instance.data
    return data["texts"]["probes"][slot][data["probes"][str(number)][slot]]


def list_forms(instance: Instance) -> list[str]:
    """List the texts that surround a question, one for each of its tries."""
    names = ["probe.txt"] + ["probe_again.txt"] * (TRIES - 1)
    own = [read_prompt("privateshared", name) for name in names]
    return instance.data.get("probe_forms") or own


def check(instance: Instance) -> None:
    """See that an instance can be played to its end.

    Raises:
        InstanceError: it has too many slots or none, or lacks a request, probe or text.
    """
    if complaint := _find_fault(instance):
        raise InstanceError(
            f"privateshared instance {instance.instance_id}: {complaint}: "
            "regenerate the instances or mend the file"
        )


def _find_fault(instance: Instance) -> str:
    """Find what is wrong with an instance; nothing if it is well."""
    data = instance.data
    num = len(data["slots"])
    if not 1 <= num <= MOST_SLOTS:
        return f"it has {num} slots, not 1 to {MOST_SLOTS}"
    order = data["request_order"]
    if not all(isinstance(slot, str) for slot in order) or sorted(order) != sorted(
        data["slots"]
    ):
        return "'request_order' does not name every slot once"
    if not {"initial_prompt", "situation"} & data.keys():
        return "it has neither 'initial_prompt' nor 'situation'"
    if len(list_forms(instance)) != TRIES:
        return f"'probe_forms' must be {TRIES}"
    texts = [data.get("situation", ""), *list_forms(instance)]
    if not all(isinstance(text, str) for text in [*texts, *data["slots"].values()]):
        return "its situation, its slots' values and its 'probe_forms' must be texts"
    try:
        for slot in data["slots"]:
            write_request(instance, slot)
        for number in range(num + 1):
            if not data["probes"][str(number)]:
                return f"probing round {number} asks nothing"
            for slot in data["probes"][str(number)]:
                if not isinstance(find_probe(instance, number, slot), str):
                    return f"the probe of '{slot}' in round {number} is no text"
    except (KeyError, IndexError, TypeError) as error:
        return f"a request, a probe or its text is missing ({error!r})"
    return ""
