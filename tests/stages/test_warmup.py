"""The mini-tasks: right, short, varied, and nothing of what is tested."""

import random
import re
from pathlib import Path

import pytest

from games.kit.grids import find_filled, parse_grid
from games.kit.splits import split_of
from stages.warmup import __main__ as main_module
from stages.warmup.tasks import THINGS, fill, make_mini_tasks
from stages.warmup.templates import TEMPLATES, Template
from tests.stages.small import run_stage, set_params, write_inputs

BY_NAME = {template.name: template for template in TEMPLATES}


def filled_many(name: str, num: int = 40) -> list[tuple[str, str]]:
    """Return (prompt, reply) of many mini-tasks of one template."""
    rng = random.Random(0)
    chats = [fill(BY_NAME[name], rng) for _ in range(num)]
    return [(user["content"], reply["content"]) for user, reply in chats]


def test_tasks_are_seeded() -> None:
    """The same seed gives the same tasks, another one others; each template counts."""
    assert make_mini_tasks(3, 1) == make_mini_tasks(3, 1)
    assert make_mini_tasks(3, 1) != make_mini_tasks(3, 2)
    assert len(make_mini_tasks(3, 1)) == 3 * len(TEMPLATES)
    assert len(BY_NAME) == len(TEMPLATES)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_tasks_are_short_and_varied(template: Template) -> None:
    """Prompts stay within 40 words and marks, no slot stays open, 8 differ of 40."""
    tasks = filled_many(template.name)
    for prompt, reply in tasks:
        assert len(re.findall(r"\w+|[^\w\s]", prompt)) <= 40
        assert not re.search(r"[{}]", prompt + reply)
    assert len(set(tasks)) >= 8


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_a_named_tag_is_obeyed(template: Template) -> None:
    """Whoever names a tag in the prompt gets a reply that starts with it."""
    for prompt, reply in filled_many(template.name):
        tags = re.findall(r"\b([A-Za-z]+):", reply)
        assert reply.startswith(f"{tags[0]}:") if tags else parse_grid(reply)
        assert all(f"{tag}:" in prompt for tag in tags)


def test_no_format_of_the_held_out_game() -> None:
    """No mini-task asks or answers questions the way guesswhat does."""
    for user, reply in make_mini_tasks(40, 0):
        assert not re.search(r"QUESTION:|ANSWER:", user["content"] + reply["content"])
        assert not re.search(r"\b(yes|no)\b", reply["content"].lower())


def test_no_word_of_test_instances_is_named() -> None:
    """Every word that is described or guessed belongs to the training split."""
    assert len(THINGS) >= 15
    assert {split_of(word) for word, _, _ in THINGS} == {"train"}
    for name in ("guess", "guess-short", "kind"):
        known = {word: kind for word, kind, _ in THINGS}
        for _, reply in filled_many(name):
            word = reply.removeprefix("GUESS: ").removeprefix("Kind: ")
            assert word in known or word in known.values()


def test_a_clue_never_says_its_word() -> None:
    """A clue holds no form of the word that it describes."""
    for word, kind, hint in THINGS:
        said = re.findall(r"\w+", f"{kind} {hint}")
        assert not any(one.startswith(word[:5]) for one in said)


def test_grids_are_drawn_as_asked() -> None:
    """The filled cells are those of the row, column or cell that the prompt names."""
    ordinals = ["first", "second", "third", "fourth", "fifth"]
    for prompt, reply in filled_many("grid-row"):
        row = next(i for i, word in enumerate(ordinals) if f"the {word} row" in prompt)
        assert find_filled(parse_grid(reply)) == {(row, column) for column in range(5)}
    for prompt, reply in filled_many("grid-column"):
        column = next(i for i, word in enumerate(ordinals) if f" {word} col" in prompt)
        assert find_filled(parse_grid(reply)) == {(row, column) for row in range(5)}
    for prompt, reply in filled_many("grid-cell"):
        row, column = map(int, re.search(r"row (\d), column (\d)", prompt).groups())
        assert find_filled(parse_grid(reply)) == {(row - 1, column - 1)}


def test_the_chosen_place_holds_the_word_of_that_kind() -> None:
    """Exactly the place that is answered holds a thing of the kind asked for."""
    kinds = {word: kind for word, kind, _ in THINGS}
    for prompt, reply in filled_many("answer-choice"):
        shown = re.findall(r"(?:First|Second|Third): (\w+)", prompt)
        kind = re.search(r"Which is an? (\w+)\?", prompt).group(1)
        place = ["first", "second", "third"].index(reply.removeprefix("Answer: "))
        assert [kinds[word] == kind for word in shown] == [i == place for i in range(3)]


def test_sums_and_comparisons_are_right() -> None:
    """TOTAL is the sum and LARGER the larger of the two numbers."""
    for name, best in (("total", sum), ("larger", max)):
        for prompt, reply in filled_many(name):
            numbers = list(map(int, re.findall(r"\d+", prompt)))
            assert int(reply.split()[-1]) == best(numbers)


def test_the_stage_teaches_as_its_section_says(
    tiny_policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From its start, with the study's seed, so many tasks of each template."""
    write_inputs()
    given: list[tuple] = []
    monkeypatch.setattr(main_module, "train", lambda *args: given.append(args))
    params = set_params(seed=3, warmup__tasks_per_template=2)

    run_stage("warmup", "--variant", "formats")

    ((run, tasks),) = given
    assert tasks == make_mini_tasks(2, 3)
    assert (run.policy, run.start, run.seed) == ("warmup/formats", "base", 3)
    assert run.settings == params.warmup
