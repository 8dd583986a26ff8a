"""Kinds: which of four categories a thing belongs to."""

from datasets import Dataset

from stages.benchmarks.items import draw_evenly, make_choice, make_rng, wrap_items

KINDS = {
    "bird": "sparrow robin crow pigeon seagull woodpecker finch magpie",
    "fish": "trout salmon cod herring carp sardine haddock mackerel",
    "insect": "beetle mosquito grasshopper wasp dragonfly moth termite ladybug",
    "tree": "birch willow maple pine spruce poplar cedar sycamore",
    "flower": "rose tulip daisy lily daffodil orchid carnation sunflower",
    "vegetable": "carrot potato onion cabbage turnip cucumber radish leek",
    "metal": "copper iron zinc tin nickel aluminium titanium lead",
    "sport": "tennis hockey rugby cricket volleyball badminton handball golf",
    "dance": "waltz tango polka foxtrot rumba samba flamenco minuet",
    "fabric": "linen velvet denim satin flannel corduroy tweed muslin",
}
BARE = " ".join(KINDS[kind] for kind in ("metal", "sport", "fabric")).split()
"""Things that English names without an article."""


def begin_sentence(thing: str) -> str:
    """Write the beginning that the category completes."""
    article = "An" if thing[0] in "aeiou" else "A"
    start = thing.capitalize() if thing in BARE else f"{article} {thing}"
    return f"{start} is a kind of"


def make_dataset(*, items: int, seed: int, **_: object) -> dict[str, Dataset]:
    """Make the task's items, as lm-eval takes them."""
    rng = make_rng("kinds", seed)
    pools = [[(thing, kind) for thing in KINDS[kind].split()] for kind in KINDS]
    made = []
    for i, (thing, kind) in enumerate(draw_evenly("kinds", pools, items, rng)):
        others = [k for k in KINDS if thing not in KINDS[k].split()]
        made.append(make_choice(begin_sentence(thing), kind, rng.sample(others, 3), i))
    return wrap_items(made)
