"""The referee of dond: messages to and fro until both have claimed their items."""

import math

from games.contract import GameMaster, GameSpec, Instance
from games.dond.events import Proposal, TooMuch
from games.dond.rules import (
    Counts,
    Items,
    add_points,
    find_bracketed,
    find_largest_gain,
    find_largest_sum,
    is_within,
    name_flaw,
    parse_proposal,
)
from games.errors import InstanceError
from games.events import Accepted, Flaw, Malformed, Outcome
from games.kit.limits import read_limit
from games.kit.prompts import read_prompt

A, B = "player_a", "player_b"
COOP, SEMI = "coop", "semi"
NO_PROPOSAL = "no proposal"
"""Why an episode ended in which somebody talked on instead of proposing."""
MAX_MESSAGES = 5
"""Messages of each player; then player A has to make a proposal."""
MOST_DIVISIONS = 100_000
"""Ways to divide the items: all of them are looked at to find the best one."""
SILENCE = "(no message)"
"""What the other role sees in place of an empty message."""
VALUES = {A: "player_a_values", B: "player_b_values"}
"""The field that holds each role's values."""
REQUESTS = {"proposal_early": "early", "proposal_timeout": "timeout"}
"""clembench's names of the texts that ask for a proposal, and our files'."""

SPEC = GameSpec(
    name="dond",
    version=2,
    roles=(A, B),
    max_turns=2 * (MAX_MESSAGES + 1),
    variants=("coop_en", "semi_en"),
    max_reply_tokens=128,
    fields={
        "mode": str,
        "item_types": list,
        "item_types_plural": list,
        "item_counts": list,
        **dict.fromkeys(VALUES.values(), list),
    },
    options=dict.fromkeys(("language", "initial_prompt", *REQUESTS), str)
    | {"max_turns": int},
    rules=("v3",),
)


class DealOrNoDeal(GameMaster):
    """One episode of dond."""

    spec = SPEC

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self._items = read_items(instance)
        self._values = instance.data[VALUES[A]], instance.data[VALUES[B]]
        self._max_messages = read_limit(instance, "max_turns", MAX_MESSAGES)
        self._proposals: dict[str, Counts] = {}
        self._greeted: set[str] = set()
        """The roles that have replied, and so have seen their prompt."""
        self._said = ""
        """What the role to move is told."""

    def observe(self) -> str:
        """Tell what was said to the role, after its prompt if that is still due."""
        if self.role in self._greeted:
            return self._said
        prompt = write_first_prompt(self.instance, self.mover)
        return f"{prompt}\n\n{self._said}" if self._said else prompt

    def step(self, reply: str) -> None:
        """Pass a message on, or keep a proposal secret."""
        text = find_bracketed(reply)
        if text is not None:
            self._take_proposal(text)
        elif self._proposals or self.round >= self._max_messages:
            self.emit(Malformed(Flaw.NO_TAG))
            self.abort(NO_PROPOSAL)
        else:
            self.emit(Accepted())
            self._pass_on(reply)

    def _take_proposal(self, text: str) -> None:
        """Keep a proposal; the second one ends the episode."""
        counts = parse_proposal(text, self._items)
        if counts is None:
            self.emit(Malformed(name_flaw(text)))
            self.abort()
        elif not is_within(counts, self._items.counts):
            self.emit(TooMuch(counts))
            self.abort("more than there is")
        else:
            self.emit(Proposal(counts))
            self._proposals[self.mover] = counts
            self._settle()

    def _settle(self) -> None:
        if len(self._proposals) < len(SPEC.roles):
            self._pass_turn(find_text(self.instance, "proposal_early"))
        elif is_within(self._proposals[A], self._items.subtract(self._proposals[B])):
            self.end(Outcome.SUCCESS, "deal")
        else:
            self.end(Outcome.LOSE, "conflict")

    def _pass_on(self, message: str) -> None:
        """Tell the other what was said, and player A when the talk is over."""
        message = message or SILENCE
        if self.role == B and self.round + 1 == self._max_messages:
            message += f"\n\n\n{find_text(self.instance, 'proposal_timeout')}"
        self._pass_turn(message)

    def _pass_turn(self, said: str) -> None:
        self._greeted.add(self.mover)
        self.round += self.role == B
        self.role = B if self.role == A else A
        self._said = said

    def find_proposal(self, role: str) -> list[int] | None:
        """Find how many of each item a role asked for; None before it did."""
        counts = self._proposals.get(role)
        return None if counts is None else list(counts)

    @property
    def largest_sum(self) -> int:
        """The most points that both can have together."""
        return find_largest_sum(self._items, self._values)

    @property
    def largest_share(self) -> int:
        """The most points that either can have."""
        return max(add_points(self._items.counts, values) for values in self._values)

    @property
    def share_of_points(self) -> float:
        """What both have got together, of the most there is: nothing without a deal."""
        if self.outcome is not Outcome.SUCCESS:
            return 0
        together = sum(
            add_points(self._proposals[role], values)
            for role, values in zip(SPEC.roles, self._values, strict=True)
        )
        return together / self.largest_sum

    @property
    def shortfall(self) -> float:
        """How far a deal is from one that cannot be bettered, 0 to 1."""
        if self.outcome is not Outcome.SUCCESS:
            return 1
        if self.instance.data["mode"] == COOP:
            return 1 - self.share_of_points
        shares = self._proposals[A], self._proposals[B]
        gain = find_largest_gain(self._items, self._values, shares)
        return gain / self.largest_share

    @property
    def main_score(self) -> float:
        """100 for a deal that cannot be bettered, 0 without a deal; NaN if aborted."""
        return self.score_or_nan(100 * (1 - self.shortfall))


def read_items(instance: Instance) -> Items:
    """Read what is to be divided.

    Raises:
        InstanceError: the instance's lists do not go together, or nobody can play it.
    """
    data = instance.data
    where = f"dond instance {instance.instance_id}"
    names = singular, plural = data["item_types"], data["item_types_plural"]
    numbers = [data[field] for field in ("item_counts", *VALUES.values())]
    if len({len(row) for row in (*names, *numbers)}) != 1 or not names[0]:
        raise InstanceError(f"{where}: its lists differ in length, mend the file")
    if not all(isinstance(name, str) for row in names for name in row):
        raise InstanceError(f"{where}: every item's name must be a text, mend the file")
    if any(len(set(row)) != len(row) for row in names):
        raise InstanceError(f"{where}: two items have the same name, mend the file")
    if not all(isinstance(n, int) and n >= 0 for row in numbers for n in row):
        raise InstanceError(
            f"{where}: counts and values must be whole numbers from 0, mend the file"
        )
    if not all(add_points(numbers[0], values) for values in numbers[1:]):
        raise InstanceError(f"{where}: nothing is of value to a player, mend the file")
    if math.prod(count + 1 for count in numbers[0]) > MOST_DIVISIONS:
        raise InstanceError(f"{where}: there are too many items to be divided")
    if data["mode"] not in (COOP, SEMI) or data.get("language", "en") != "en":
        raise InstanceError(f"{where}: only English '{COOP}' and '{SEMI}' are played")
    return Items(singular, plural, numbers[0])


def write_first_prompt(instance: Instance, role: str) -> str:
    """Write what a role is told at first: the instance's own prompt, or else ours."""
    data, items = instance.data, read_items(instance)
    own = read_prompt("dond", f"{data['mode']}.txt")
    prompt = data.get("initial_prompt") or own
    prompt = prompt.replace("$N$", str(read_limit(instance, "max_turns", MAX_MESSAGES)))
    prompt = prompt.replace("$ITEMS$", items.list_counts(items.counts))
    return prompt.replace("$VALUE_FUNCTION$", items.list_values(data[VALUES[role]]))


def find_text(instance: Instance, name: str) -> str:
    """Find the text that asks for a proposal: the instance's own, or else ours."""
    own = read_prompt("dond", f"{REQUESTS[name]}.txt")
    return instance.data.get(name) or own
