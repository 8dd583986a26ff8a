"""The referee of privateshared: asks for slots, and aside what the asker knows by now.

The one who asks is the referee too; what it asks aside is not kept in the chat.
"""

from games.contract import GameMaster, GameSpec, Instance, Kind
from games.events import Outcome
from games.privateshared.events import (
    Answer,
    Anticipated,
    Aside,
    BadAnswer,
    BadAside,
    Probe,
    Probed,
    ProbingBegun,
)
from games.privateshared.rules import (
    ANSWER,
    ASIDE,
    INVALID,
    TRIES,
    YES,
    Pair,
    compute_accuracy,
    find_slots,
    name_flaw,
    read_aside,
    read_tagged,
    score,
)
from games.privateshared.wording import (
    MOST_SLOTS,
    check,
    find_probe,
    list_forms,
    write_prompt,
    write_request,
)

SPEC = GameSpec(
    name="privateshared",
    version=2,
    roles=("answerer",),
    max_turns=MOST_SLOTS + (MOST_SLOTS + 1) * MOST_SLOTS * TRIES,
    variants=(
        "travel-booking",
        "job-interview",
        "restaurant",
        "things-places",
        "letter-number",
    ),
    max_reply_tokens=48,
    fields={
        "tag": str,
        "slots": dict,
        "request_order": list,
        "requests": dict,
        "probes": dict,
        "texts": dict,
    },
    options={"initial_prompt": str, "situation": str, "probe_forms": list},
)
OPENING_REPLY = "Ok."
BAD_PROBING = "format"
"""Why an episode ended whose question was answered in the wrong form to the last."""


class PrivateShared(GameMaster):
    """One episode of privateshared."""

    spec = SPEC

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        check(instance)
        self._slots: dict[str, str] = instance.data["slots"]
        self._order: list[str] = instance.data["request_order"]
        self._forms = list_forms(instance)
        self._told = {slot: place for place, slot in enumerate(self._order)}
        """The request, from 0, by whose answer each slot is known."""
        self._request = 0
        """Which request was made last, from 1; probing round 0 is before the first."""
        self._filled: list[bool] = []
        """Of each answer in the right form, whether it had the slot's value."""
        self._pairs: list[Pair] = []
        """Truth and reply of every probe of the completed rounds."""
        self._begin_probing()

    @property
    def kind(self) -> Kind:
        """Probes are asides."""
        return Kind.ASIDE if self._is_probing else Kind.SAID

    def list_opening(self, role: str) -> list[tuple[str, str]]:
        """Put the prompt into the chat, as if agreed to."""
        return [(write_prompt(self.instance), OPENING_REPLY)]

    def observe(self) -> str:
        """Ask the probe or the request."""
        if not self._is_probing:
            return write_request(self.instance, self._order[self._request - 1])
        form, probe = self._forms[self._try - 1], self._probes[len(self._asked)]
        return form.replace("$question$", probe.text)

    def step(self, reply: str) -> None:
        """Judge a reply to a probe or to a request."""
        if self._is_probing:
            self._take_aside(reply)
        else:
            self._take_answer(reply)

    def _begin_probing(self) -> None:
        """Set the truth of every question of the round, which is then asked."""
        self._is_probing, self._try = True, 1
        self._asked: list[Pair] = []
        number = self._request
        self._probes = tuple(
            Probe(
                slot,
                find_probe(self.instance, number, slot),
                is_known=number > self._told[slot],
            )
            for slot in self.instance.data["probes"][str(number)]
        )
        self.emit(ProbingBegun(self._probes))

    def _take_aside(self, reply: str) -> None:
        """Ask again after a reply in the wrong form, up to TRIES times in all."""
        said = read_aside(reply)
        is_valid = said != INVALID
        self.emit(Aside(said) if is_valid else BadAside(name_flaw(reply, ASIDE)))
        if not is_valid and self._try < TRIES:
            self._try += 1
            return
        probe = self._probes[len(self._asked)]
        self.emit(Probed(probe, reply, said, self._try))
        if is_valid:
            self._asked.append((int(probe.is_known), int(said == YES)))
            self._go_on()
        else:
            self.end(Outcome.ABORTED, BAD_PROBING)

    def _go_on(self) -> None:
        self._try = 1
        if len(self._asked) == len(self._probes):
            self._pairs += self._asked
            self._go_on_asking()

    def _take_answer(self, reply: str) -> None:
        """Pass over an answer in the wrong form; else see what it gives away."""
        said = read_tagged(reply, ANSWER)
        if said is None:
            self.emit(BadAnswer(name_flaw(reply, ANSWER)))
            self._go_on_asking()
            return
        named = find_slots(said, self._slots)
        is_filled = self._order[self._request - 1] in named
        self._filled.append(is_filled)
        self.emit(Answer(is_filled))
        for slot in named:
            self._anticipate(slot)
        self._begin_probing()

    def _anticipate(self, slot: str) -> None:
        """From now on a slot is known, if it was to be asked for later."""
        now = self._request - 1
        if now < self._told[slot]:
            self.emit(Anticipated(slot, self._told[slot], now))
            self._told[slot] = now

    def _go_on_asking(self) -> None:
        """Ask for the next slot, or end the episode."""
        if self._request < len(self._order):
            self._request += 1
            self._is_probing = False
            self.round = self._request - 1
        elif not self._filled:
            self.end(Outcome.ABORTED, "no valid answer")
        elif all(self._filled) and compute_accuracy(self._pairs) == 1:
            self.end(Outcome.SUCCESS, "all correct")
        else:
            self.end(Outcome.LOSE, "mistakes")

    @property
    def main_score(self) -> float:
        """How well slots were filled and probes answered, up to 100; NaN if aborted."""
        return self.score_or_nan(score(self._filled, self._pairs))
