"""Facts about air_balloon_survival's instances, best deals and scripted players."""

import random
import re
from itertools import combinations

import pytest

from games.air_balloon_survival import GAME
from games.air_balloon_survival.generator import KINDS, find_optima
from games.air_balloon_survival.rules import (
    Objection,
    Tag,
    find_sets,
    read_reply,
    render_set,
)
from games.air_balloon_survival.search import (
    choose_best,
    find_best_harmonic,
    find_best_total,
)
from games.contract import Instance
from games.kit.splits import SPLITS, split_of
from games.session import expert_pair, play_episode
from tests.games.oracle import original

OPTIMA = "max_u1", "max_u2", "max_harmonic"


def test_benchmark_shows_its_own_prompts() -> None:
    """All 36 load; both players see clembench's prompts, the second with a message."""
    loaded = original("air_balloon_survival")
    assert len(loaded) == 36
    for instance in loaded:
        master = GAME.master(instance)
        assert master.observe() == instance.data["player1_initial_prompt"]
        reply = instance.data["mock_response_p1"]
        master.step(reply)
        shown = reply.removeprefix("STRATEGIC REASONING: {'blablabla'}\n")
        prompt = instance.data["player2_initial_prompt"]
        assert master.observe() == f"{prompt}\n\n{shown}"
        master.step("AGREE")
        kind = "no_sr_prompt", "no_argument_prompt"
        objection = kind[not instance.data["strategic_reasoning"]]
        assert master.observe() == instance.data[objection]
        master.step(instance.data["mock_response_p2"])
        assert (master.outcome, master.reason) == ("success", "deal")


SCRAPS = [
    *("STRATEGIC REASONING: {", "ARGUMENT: {", "PROPOSAL: {", "AGREE:\n{", "REFUSE:{"),
    *("'A'", "{", "}", "}", "} ", "\n", "text", "PROPOSAL: {'A'}", "ARGUMENT: {'x'}"),
]


def test_form_is_judged_as_by_clembenchs_patterns() -> None:
    """Random scraps are well-formed to us if they are to the instances' patterns."""
    data, rng = original("air_balloon_survival")[0].data, random.Random(1)
    tags = "agree", "refusal", "proposal", "strategic_reasoning", "argument"
    patterns = [re.compile(data[f"{name}_tag"], re.DOTALL) for name in tags]
    seen = set()
    for _ in range(20_000):
        reply = "".join(rng.choices(SCRAPS, k=rng.randint(1, 9))).strip()
        if rng.random() < 0.8:
            reply = f"STRATEGIC REASONING: {{'y'}} ARGUMENT: {{{reply}".strip()
        left = reply
        for pattern in patterns:
            left = pattern.sub("", left)
        expected = (
            (not patterns[3].match(reply) and Objection.NO_REASONING)
            or (not patterns[4].search(reply) and Objection.NO_ARGUMENT)
            or (left.strip() != "" and Objection.UNTAGGED)
        )
        found = read_reply(reply, reasoning=True)
        early = found in (
            Objection.NO_REASONING,
            Objection.NO_ARGUMENT,
            Objection.UNTAGGED,
        )
        assert (found if early else False) == expected, reply
        seen.add(expected)
    assert len(seen) == 4


def test_benchmark_optima_are_ours() -> None:
    """Our search finds the best deals that clembench's files name."""
    for instance in original("air_balloon_survival"):
        given = {name: instance.data[name] for name in OPTIMA}
        assert find_optima(instance.data) == pytest.approx(given), instance.instance_id


def test_experts_play_the_benchmark() -> None:
    """Skilled players agree in clembench's prompts, on deals near the best."""
    episodes = [
        play_episode(GAME, instance, expert_pair(GAME, instance, 1.0, 0))
        for instance in original("air_balloon_survival")
    ]
    assert {(e.outcome, e.reason) for e in episodes} == {("success", "deal")}
    assert min(episode.main_score for episode in episodes) > 85


def test_best_deals_are_found() -> None:
    """The knapsack and the search over both players equal a trial of every set."""
    rng = random.Random(7)
    for _ in range(40):
        weights, mine, yours = ([rng.randint(0, 9) for _ in range(6)] for _ in "abc")
        mine[0] = yours[0] = weights[0] = 1
        limit = rng.randint(1, 30)
        sets = [
            chosen
            for size in range(7)
            for chosen in combinations(range(6), size)
            if sum(weights[n] for n in chosen) <= limit
        ]
        worth = [[sum(values[n] for n in s) for s in sets] for values in (mine, yours)]
        assert find_best_total(weights, mine, limit) == max(worth[0])
        shares = [[100 * w / max(column) for w in column] for column in worth]
        both = [
            2 * a * b / (a + b) if a + b else 0 for a, b in zip(*shares, strict=True)
        ]
        found = find_best_harmonic(weights, mine, yours, limit)
        assert found == pytest.approx(max(both))
        best = choose_best(tuple(weights), tuple(mine), limit)
        assert sum(weights[number] for number in best) <= limit


@pytest.mark.parametrize("variant", GAME.spec.variants)
def test_instances_are_of_their_kind(variant: str) -> None:
    """Number of items, values by mode, half the weight, splits that share nothing."""
    kind = KINDS[variant]
    for split in SPLITS:
        for data in GAME.generate(variant, split, 5, random.Random(3)):
            weights, first, second = (
                list(data[name].values())
                for name in (
                    "item_weights",
                    "player1_preferences",
                    "player2_preferences",
                )
            )
            assert len(weights) == kind.num_items
            assert data["max_weight"] == sum(weights) // 2
            assert (first == second) == (kind.mode == "equal")
            if kind.mode == "inverse":
                order = sorted(zip(first, second, strict=True))
                assert [s for _, s in order] == sorted(first, reverse=True)
            if kind.values_go_with_weights:
                assert {f - w for f, w in zip(first, weights, strict=True)} == {100}
            target = GAME.target(Instance("x", variant, "x", data))
            assert split_of(target) == split


def test_generator_is_deterministic() -> None:
    """The same seed gives the same instances."""
    one, two = (
        GAME.generate("negotiation_hard", "train", 5, random.Random(5)) for _ in "ab"
    )
    assert one == two


@pytest.mark.parametrize(
    ("skill", "least", "most"), [(1, 1, 1), (0.5, 0.5, 1), (0, 0, 0.05)]
)
def test_experts_win_by_skill(skill: float, least: float, most: float) -> None:
    """A pair of experts agrees at skill 1, within the limit, and never at skill 0."""
    episodes = [
        play_episode(GAME, i, expert_pair(GAME, i, skill, seed))
        for variant in GAME.spec.variants
        for seed, data in enumerate(GAME.generate(variant, "test", 6, random.Random(1)))
        for i in [Instance("air_balloon_survival", variant, f"{variant}-{seed}", data)]
    ]
    assert "deal too heavy" not in {episode.reason for episode in episodes}
    assert least <= sum(e.reason == "deal" for e in episodes) / len(episodes) <= most
    if skill == 1:
        assert sum(e.main_score for e in episodes) / len(episodes) > 95


def test_experts_refuse_and_never_tell_their_values() -> None:
    """What the other sees holds no number; poor proposals are refused."""
    shown, refused = [], 0
    for seed, data in enumerate(
        GAME.generate("negotiation_hard", "test", 6, random.Random(2))
    ):
        instance = Instance("x", "negotiation_hard", str(seed), data)
        for turn in play_episode(
            GAME, instance, expert_pair(GAME, instance, 1.0, seed)
        ).turns:
            message = read_reply(turn.reply, reasoning=True)
            shown.append(message.shown)
            refused += len(message.refusals)
    values = {f" {n}" for n in range(1, 1000)}
    assert not any(value + " " in text for text in shown for value in values)
    assert refused > 0


@pytest.mark.parametrize("skill", [0.0, 1.0])
@pytest.mark.parametrize(
    "said", ["", "\x00", "PROPOSAL: {" * 9, "PROPOSAL: {'Z'} REFUSE: {[]}", "{" * 9999]
)
def test_experts_answer_anything(said: str, skill: float) -> None:
    """A scripted player replies in form to any text."""
    (data,) = GAME.generate("negotiation_hard", "test", 1, random.Random(2))
    instance = Instance("x", "negotiation_hard", "x", data)
    player = GAME.expert(instance, "player_2", skill, random.Random(0))
    message = read_reply(player([{"role": "user", "content": said}]), reasoning=True)
    assert message.shown


def test_sets_are_written_as_they_are_read() -> None:
    """Reading a set that was rendered gives the set."""
    text = f"AGREE: {render_set(['A01', 'B02'])}"
    assert find_sets(Tag.AGREE, text) == (frozenset({"A01", "B02"}),)
