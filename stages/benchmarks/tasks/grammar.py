"""Grammar: the right one of two forms, in five phenomena.

Items come as twins: of two forms each is right once, so that a preference for one form
gains nothing and chance is exactly one half.
"""

from datasets import Dataset

from stages.benchmarks.items import draw_evenly, make_choice, make_rng, wrap_items


def _read_pairs(text: str) -> list[tuple[str, str]]:
    """Read "first-second" pairs."""
    halves = [pair.split("-") for pair in text.split()]
    return [(first, second) for first, second in halves]


NOUNS = _read_pairs("""
key-keys letter-letters lamp-lamps picture-pictures bottle-bottles chair-chairs
book-books plate-plates window-windows painting-paintings basket-baskets
""")
PLACES = ("table", "door", "kitchen", "garden", "wall", "church")
BUYERS = ("Anna bought", "My brother sold", "The teacher liked", "We found")
COUPLES = _read_pairs("""
girl-boy queen-king mother-father woman-man sister-brother princess-prince
""")
DEEDS = ("hurt", "blamed", "taught", "introduced")
VERBS = _read_pairs("""
ate-eaten wrote-written broke-broken took-taken gave-given stole-stolen chose-chosen
spoke-spoken
""")
PEOPLE = ("child", "doctor", "farmer", "student")
THINGS = ("box", "door", "bag", "book")

Twin = tuple[tuple[str, str], tuple[str, str]]
"""(text, right form) twice; the right form of the one is the wrong of the other."""


def list_twins() -> list[list[Twin]]:
    """List all twins of each phenomenon."""
    agreement = [
        ((f"The {one} near the {place}", "is"), (f"The {many} near the {place}", "are"))
        for one, many in NOUNS
        for place in PLACES
    ]
    determiner = [
        ((f"{buyer} this", one), (f"{buyer} these", many))
        for one, many in NOUNS
        for buyer in BUYERS
    ]
    anaphor = [
        ((f"The {woman} {deed}", "herself"), (f"The {man} {deed}", "himself"))
        for woman, man in COUPLES
        for deed in DEEDS
    ]
    participle = [
        ((f"Yesterday the {who}", past), (f"Since then the {who} has", participle))
        for past, participle in VERBS
        for who in PEOPLE
    ]
    pronoun = [
        (
            (f"The {woman} opened the {thing} and", "she"),
            (f"The {man} opened the {thing} and", "he"),
        )
        for woman, man in COUPLES
        for thing in THINGS
    ]
    return [agreement, determiner, anaphor, participle, pronoun]


def make_dataset(*, items: int, seed: int, **_: object) -> dict[str, Dataset]:
    """Make the task's items, as lm-eval takes them."""
    rng = make_rng("grammar", seed)
    made = []
    for i, twin in enumerate(
        draw_evenly("grammar", list_twins(), (items + 1) // 2, rng)
    ):
        forms = [form for _, form in twin]
        for side, (text, right) in enumerate(twin):
            made.append(make_choice(text, right, [forms[1 - side]], i + side))
    return wrap_items(made[:items])
