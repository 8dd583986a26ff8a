"""The referee of air_balloon_survival: messages to and fro until one side agrees."""

from games.air_balloon_survival.events import BadStatement, BrokenRule, NoSuchThing
from games.air_balloon_survival.instance import (
    EMPTY_LIMIT,
    ONE,
    OWN_TEXTS,
    PATIENCE,
    TWO,
    VALUES,
    check,
    find_complaint,
    write_prompt,
)
from games.air_balloon_survival.rules import (
    EQUAL,
    Items,
    Objection,
    Statement,
    add_up,
    average_harmonically,
    name_flaw,
    read_reply,
)
from games.contract import GameMaster, GameSpec, Instance
from games.events import Accepted, Outcome, Verdict

MAX_MESSAGES = 24
"""Well-formed messages, of both players together."""
SPEC = GameSpec(
    name="air_balloon_survival",
    version=2,
    roles=(ONE, TWO),
    max_turns=MAX_MESSAGES + 2 * PATIENCE,
    variants=(
        "negotiation_easy",
        "negotiation_hard",
        "reasoning_off_easy",
        "reasoning_off_hard",
        "complexity_easy",
        "complexity_hard",
    ),
    max_reply_tokens=512,
    fields={
        "negotiation_mode": str,
        "strategic_reasoning": bool,
        "item_weights": dict,
        **dict.fromkeys(VALUES.values(), dict),
        "max_weight": int,
        "max_u1": (int, float),
        "max_u2": (int, float),
        "max_harmonic": (int, float),
    },
    options={
        "patience": int,
        "empty_turn_limit": int,
        "require_argument": bool,
        **dict.fromkeys((*OWN_TEXTS, *Objection), str),
    },
    rules=("v3",),
)


class AirBalloonSurvival(GameMaster):
    """One episode of air_balloon_survival."""

    spec = SPEC

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        check(instance)
        data = instance.data
        self._patience: int = data.get("patience", PATIENCE)
        self._empty_limit: int = data.get("empty_turn_limit", EMPTY_LIMIT)
        self._active: dict[str, list[Items]] = {role: [] for role in SPEC.roles}
        """Each role's proposals that may be agreed to."""
        self._violations = dict.fromkeys(SPEC.roles, 0)
        self._messages = 0
        self._empty = 0
        """Messages without a proposal since the last proposal."""
        self._has_spoken: dict[str, bool] = dict.fromkeys(SPEC.roles, False)
        self._news = ""
        """What `role` is told: the other's words, or what was wrong with its own."""
        self.deal: Items | None = None
        """What both have agreed on."""

    @property
    def _other(self) -> str:
        return TWO if self.role == ONE else ONE

    def observe(self) -> str:
        """Tell the other's statement or a complaint, after the prompt at first."""
        if self._has_spoken[self.mover]:
            return self._news
        first = write_prompt(self.instance, self.mover)
        return f"{first}\n\n{self._news}" if self._news else first

    def step(self, reply: str) -> None:
        """Take a statement, or ask for another one."""
        self._has_spoken[self.mover] = True
        statement = read_reply(reply, self.instance.data["strategic_reasoning"])
        if isinstance(statement, Objection):
            self._object(reply, statement)
        elif objection := self._find_objection(statement):
            self._object(reply, objection)
        else:
            self._accept(statement)

    def _find_objection(self, statement: Statement) -> Objection | None:
        """Find which rule a well-formed statement breaks."""
        items = self.instance.data["item_weights"].keys()
        if any(not proposal <= items for proposal in statement.proposals):
            return Objection.UNKNOWN_ITEM
        active = list(self._active[self._other])
        for refusal in statement.refusals:
            if refusal not in active:
                return Objection.NOT_TO_REFUSE
            active.remove(refusal)
        if len(statement.agreements) > 1:
            return Objection.TWO_AGREEMENTS
        if any(agreed not in active for agreed in statement.agreements):
            return Objection.NOT_TO_AGREE
        return None

    def _object(self, reply: str, objection: Objection) -> None:
        """Ask the same player again, as long as there is patience with it."""
        self.emit(self._judge(reply, objection))
        self._violations[self.mover] += 1
        if self._violations[self.mover] <= self._patience:
            self._news = find_complaint(self.instance, objection)
        elif objection.is_format:
            self.abort()
        else:
            self.end(Outcome.LOSE, "rule broken")

    def _judge(self, reply: str, objection: Objection) -> Verdict:
        """Sort an objection into the kinds of verdicts."""
        if objection.is_format:
            return BadStatement(name_flaw(reply, objection), self.mover, objection)
        is_rule = objection is Objection.TWO_AGREEMENTS
        return (BrokenRule if is_rule else NoSuchThing)(self.mover, objection)

    def _accept(self, statement: Statement) -> None:
        """Keep what is said, and end the episode or pass the turn."""
        self.emit(Accepted())
        self._messages += 1
        self._empty = 0 if statement.proposals else self._empty + 1
        for refusal in statement.refusals:
            self._active[self._other].remove(refusal)
        self._active[self.mover] += statement.proposals
        if self._empty > self._empty_limit:
            self.end(Outcome.LOSE, "no proposals")
        elif statement.agreements:
            self.deal = statement.agreements[0]
            is_light = self._is_light(self.deal)
            self.end(Outcome.SUCCESS, "deal" if is_light else "deal too heavy")
        elif self._messages >= MAX_MESSAGES:
            self.end(Outcome.LOSE, "turn limit")
        else:
            self.round += self.role == TWO
            self.role, self._news = self._other, statement.shown

    def _is_light(self, deal: Items) -> bool:
        """Whether a deal is within the limit."""
        data = self.instance.data
        return add_up(deal, data["item_weights"]) <= data["max_weight"]

    def measure(self, role: str) -> float:
        """Measure what a role gets by the deal, of the best that it could get alone."""
        assert self.deal is not None, "there is no deal to measure"
        most = self.instance.data["max_u1" if role == ONE else "max_u2"]
        gets = add_up(self.deal, self.instance.data[VALUES[role]])
        return 100 * gets / most if self._is_light(self.deal) else 0.0

    @property
    def main_score(self) -> float:
        """The harmonic mean of what both get, of the best there is; NaN if aborted."""
        if self.deal is None:
            return self.score_or_nan(0)
        if self.instance.data["negotiation_mode"] == EQUAL:
            return min(100.0, self.measure(ONE))
        mean = average_harmonically(self.measure(ONE), self.measure(TWO))
        return min(100.0, 100 * mean / self.instance.data["max_harmonic"])
