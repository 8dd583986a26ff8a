"""Seeded instances of guesswhat: eight words of a few categories of the lexicon.

Level 1 has one word of each of 4 x 2 sub-categories, level 2 two words of each of
2 x 2, level 3 two words of each of four sub-categories of one category: the higher
the level, the closer the words. `Abs_` variants take abstract words.
"""

import random
from collections import defaultdict
from dataclasses import replace
from typing import Any

from games.contract import Instance
from games.kit.dealing import spread_evenly
from games.kit.lexicon import read_lexicon
from games.kit.splits import sample, split_of

LEVELS = {"Level_1": (4, 2, 1), "Level_2": (2, 2, 2), "Level_3": (1, 4, 2)}
"""Categories, sub-categories of each, words of each of these."""
Tree = dict[str, dict[str, list[str]]]
"""Category -> sub-category -> words."""


def generate(
    variant: str, split: str, num: int, rng: random.Random
) -> list[dict[str, Any]]:
    """Return the data of `num` instances with different target words.

    Raises:
        InstanceError: the lexicon has fewer words of this variant and split.
    """
    tree = make_tree(variant)
    targets = [
        (category, sub, word)
        for category, subs in tree.items()
        for sub, words in subs.items()
        for word in words
        if split_of(word) == split
    ]
    what = f"words of guesswhat {variant}"
    shape = LEVELS[variant.removeprefix("Abs_")]
    return [
        {
            "target_word": target[2],
            "candidate_list": _draw_candidates(tree, target, shape, rng),
        }
        for target in sample(targets, num, rng, what=what, split=split)
    ]


def name_answer(instance: Instance) -> str:
    """Name the place of the target in the list of candidates, from 1."""
    data = instance.data
    return str(data["candidate_list"].index(data["target_word"]) + 1)


def balance(instances: list[Instance], rng: random.Random) -> list[Instance]:
    """Move the targets so that each place of the list holds as many as any other."""
    most = max((len(one.data["candidate_list"]) for one in instances), default=1)
    places = spread_evenly([str(n) for n in range(most)], len(instances), rng)
    return [
        replace(one, data=one.data | {"candidate_list": _move(one, int(place))})
        for one, place in zip(instances, places, strict=True)
    ]


def _move(instance: Instance, place: int) -> list[str]:
    target = instance.data["target_word"]
    words = [word for word in instance.data["candidate_list"] if word != target]
    return [*words[:place], target, *words[place:]]


def make_tree(variant: str) -> Tree:
    """Sort the words that a variant can use: categories too small for it left out."""
    _, num_subs, num_words = LEVELS[variant.removeprefix("Abs_")]
    tree: Tree = defaultdict(lambda: defaultdict(list))
    for word, entry in read_lexicon().items():
        if entry.abstract == variant.startswith("Abs_"):
            category, sub = entry.path
            tree[category][sub].append(word)
    large = {
        category: {sub: words for sub, words in subs.items() if len(words) >= num_words}
        for category, subs in tree.items()
    }
    return {category: subs for category, subs in large.items() if len(subs) >= num_subs}


def _draw_candidates(
    tree: Tree,
    target: tuple[str, str, str],
    shape: tuple[int, int, int],
    rng: random.Random,
) -> list[str]:
    """Put the target among seven other words, shuffled."""
    num_categories, num_subs, num_words = shape
    words = []
    for category in _pick(list(tree), target[0], num_categories, rng):
        for sub in _pick(list(tree[category]), target[1], num_subs, rng):
            words += _pick(tree[category][sub], target[2], num_words, rng)
    rng.shuffle(words)
    return words


def _pick(items: list[str], wanted: str, num: int, rng: random.Random) -> list[str]:
    """Return `num` different items, `wanted` first if it is one of them."""
    first = [wanted] if wanted in items else []
    others = [item for item in items if item != wanted]
    return first + rng.sample(others, num - len(first))
