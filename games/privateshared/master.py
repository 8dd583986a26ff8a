"""The referee of privateshared: asks for slots, and aside what the asker knows by now.

The one who asks is the referee too; what it asks aside is not kept in the chat.
"""

from typing import Any

from games.contract import GameMaster, GameSpec, Instance, Kind, Outcome
from games.privateshared.rules import (
    ANSWER,
    INVALID,
    NO,
    TRIES,
    YES,
    read_aside,
    read_tagged,
    slots_in,
)
from games.privateshared.tally import INVALID_VALUE, Probe, Tally
from games.privateshared.wording import (
    MOST_SLOTS,
    check,
    initial_prompt,
    probe_forms,
    probe_text,
    request_text,
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
)
OPENING_REPLY = "Ok."
BAD_PROBING = "format"
"""Why an episode ended whose question was answered in the wrong form to the last."""
_VALUES = {YES: 1, NO: 0, INVALID: INVALID_VALUE}


class PrivateShared(GameMaster):
    """One episode of privateshared."""

    spec = SPEC

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        check(instance)
        self._slots: dict[str, str] = instance.data["slots"]
        self._order: list[str] = instance.data["request_order"]
        self._forms = probe_forms(instance)
        self._told = {slot: place for place, slot in enumerate(self._order)}
        """The request, from 0, by whose answer each slot is known."""
        self._request = 0
        """Which request was made last, from 1; probing round 0 is before the first."""
        self._tally = Tally(len(self._order))
        self._begin_probing()

    @property
    def kind(self) -> Kind:
        """Probes are asides."""
        return Kind.ASIDE if self._is_probing else Kind.SAID

    def opening(self, role: str) -> list[tuple[str, str]]:
        """Return the prompt, as if agreed to."""
        return [(initial_prompt(self.instance), OPENING_REPLY)]

    def observe(self) -> str:
        """Return the probe or the request."""
        if not self._is_probing:
            return request_text(self.instance, self._order[self._request - 1])
        form = self._forms[self._try - 1]
        return form.replace("$question$", self._questions[self._place])

    def step(self, reply: str) -> None:
        """Judge a reply to a probe or to a request."""
        if self._is_probing:
            self._take_aside(reply)
        else:
            self._take_answer(reply)

    def _begin_probing(self) -> None:
        """Note the truth of every question of the round, which is then asked."""
        self._is_probing, self._place, self._try = True, 0, 1
        slots = list(self.instance.data["probes"][str(self._request)])
        texts = [probe_text(self.instance, self._request, slot) for slot in slots]
        self._questions = texts
        form = self._forms[0].replace("  ", " ")
        probes = [
            {
                "target": slot.upper(),
                "question": form.replace("$question$", text),
                "gt": int(self._request > self._told[slot]),
            }
            for slot, text in zip(slots, texts, strict=True)
        ]
        self._tally.probes.append(probes)

    def _take_aside(self, reply: str) -> None:
        """Ask again after a reply in the wrong form, up to TRIES times in all."""
        said = read_aside(reply)
        is_valid = said != INVALID
        self._tally.count_probe(self._request, is_valid)
        self.note("parse", said)
        if not is_valid and self._try < TRIES:
            self._try += 1
            return
        # clembench counts one try more where all have failed
        tries = self._try + (not is_valid)
        probe = self._tally.probes[-1][self._place]
        probe |= {"answer": reply, "value": _VALUES[said], "tries": tries}
        self._note_probe(probe)
        if is_valid:
            self._next_probe()
        else:
            self.note("invalid format", "Abort: invalid format in probing.")
            self._finish(Outcome.ABORTED, BAD_PROBING)

    def _note_probe(self, probe: Probe) -> None:
        """Note whether a probe was answered in the right form, and correctly."""
        how = f"valid after {probe['tries']} tries"
        if probe["value"] == INVALID_VALUE:
            how = "invalid after max attempts"
        self.note("metadata", f"Answer for {probe['target']} {how}.")
        prefix = "" if probe["value"] == probe["gt"] else "in"
        self.note("check", f"Answer is {prefix}correct.")

    def _next_probe(self) -> None:
        self._place, self._try = self._place + 1, 1
        if self._place == len(self._questions):
            self._tally.played += 1
            self._next_request()

    def _take_answer(self, reply: str) -> None:
        """Pass over an answer in the wrong form; else see what it gives away."""
        said = read_tagged(reply, ANSWER)
        if said is None:
            self._tally.count_answer(self._request, None)
            self._next_request()
            return
        named = slots_in(said, self._slots)
        is_filled = self._order[self._request - 1] in named
        self._tally.count_answer(self._request, is_filled)
        self.note("metadata", f"Slot filled: {is_filled}")
        for slot in named:
            self._anticipate(slot)
        self._begin_probing()

    def _anticipate(self, slot: str) -> None:
        """From now on a slot is known, if it was to be asked for later."""
        now = self._request - 1
        if now < self._told[slot]:
            change = f"updated from {self._told[slot]} to {now}"
            text = f"Value for {slot.upper()} anticipated; ground truth turn {change}."
            self.note("metadata", text)
            self._told[slot] = now

    def _next_request(self) -> None:
        """Ask for the next slot, or end the episode."""
        if self._request < len(self._order):
            self._request += 1
            self._is_probing = False
            self.round = self._request - 1
        elif not self._tally.filled:
            self._finish(Outcome.ABORTED, "no valid answer")
        elif self._tally.is_perfect():
            self._finish(Outcome.SUCCESS, "all correct")
        else:
            self._finish(Outcome.LOSE, "mistakes")

    def _finish(self, outcome: Outcome, reason: str) -> None:
        self.note("end", "Game finished.")
        self.end(outcome, reason)

    @property
    def main_score(self) -> float:
        """Return clembench's Main Score; NaN when aborted."""
        return self.score_or_nan(self._tally.main_score())

    def episode_scores(self) -> dict[str, float]:
        """Return accuracies, kappas and request counts."""
        return self._tally.episode_scores(self.is_aborted)

    def turn_scores(self) -> dict[str, dict[str, float]]:
        """Return the scores of each completed probing round."""
        return self._tally.turn_scores()

    def transcript_keys(self) -> dict[str, Any]:
        """Return what clembench's scorer reads; it calls only bad probing aborted."""
        return {
            "probes": self._tally.probes,
            "realised_slots": self._told,
            "Request Count": self._tally.asked,
            "Parsed Request Count": self._tally.parsed,
            "Violated Request Count": self._tally.violated,
            "Filled Slots": self._tally.filled,
            "Aborted": self.is_aborted and self.reason == BAD_PROBING,
            "Played Probe Rounds": self._tally.played,
        }
