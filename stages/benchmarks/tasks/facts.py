"""Facts: everyday knowledge; the wrong answers are right ones of the same relation."""

from datasets import Dataset

from stages.benchmarks.items import draw_evenly, make_choice, make_rng, wrap_items


def _read_pairs(text: str) -> dict[str, str]:
    return dict(pair.split("-") for pair in text.split())


_MONTHS = """
January February March April May June July August September October November December
"""
MONTHS = _MONTHS.split()
CAPITALS = _read_pairs("""
England-London Russia-Moscow Greece-Athens Austria-Vienna Portugal-Lisbon
China-Beijing Cuba-Havana Ireland-Dublin Poland-Warsaw Kenya-Nairobi Hungary-Budapest
Sweden-Stockholm Finland-Helsinki Iran-Tehran Iraq-Baghdad Turkey-Ankara Canada-Ottawa
Belgium-Brussels Denmark-Copenhagen Thailand-Bangkok Scotland-Edinburgh Syria-Damascus
""")
YOUNG = _read_pairs("""
sheep-lamb duck-duckling bear-cub goat-kid hen-chick kangaroo-joey pig-piglet deer-fawn
goose-gosling eagle-eaglet butterfly-caterpillar swan-cygnet whale-calf seal-pup
donkey-foal fly-maggot spider-spiderling
""")
OPPOSITES = _read_pairs("""
happy-sad day-night true-false left-right loud-quiet early-late love-hate war-peace
strong-weak buy-sell north-south thick-thin clean-dirty win-lose push-pull alive-dead
wide-narrow begin-end cheap-expensive remember-forget
""")
RELATIONS = {
    "The capital of {} is": CAPITALS,
    "The month after {} is": dict(zip(MONTHS, MONTHS[1:] + MONTHS[:1], strict=True)),
    "A young {} is called a": YOUNG,
    "The opposite of {} is": OPPOSITES,
}


def make_dataset(*, items: int, seed: int, **_: object) -> dict[str, Dataset]:
    """Make the task's items, as lm-eval takes them."""
    rng = make_rng("facts", seed)
    pools = [[(text, x) for x in known] for text, known in RELATIONS.items()]
    # the months are few: as many as there are of them, the others fill up
    months = min(len(MONTHS), items // len(pools))
    others = draw_evenly("facts", [*pools[:1], *pools[2:]], items - months, rng)
    made = []
    for i, (text, x) in enumerate(rng.sample(pools[1], months) + others):
        right = RELATIONS[text][x]
        wrong = [y for y in RELATIONS[text].values() if y not in (right, x)]
        made.append(make_choice(text.format(x), right, rng.sample(wrong, 3), i))
    return wrap_items(made)
