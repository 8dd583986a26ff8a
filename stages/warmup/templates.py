"""The mini-tasks as data: what is asked, what is right, and the words that fill them.

A name in braces is a slot; `tasks.draw_slots` says what each can be.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Template:
    """One kind of mini-task."""

    name: str
    prompt: str
    reply: str


_FORM = "Reply only in this form:\n"
_LINE = "Reply only with a line like\n"
_GRID = "Carry out a command on an empty 5 by 5 grid; reply only with the grid. "
_EMPTY = "▢ is an empty cell.\n\n"
_CHOICE = "Reply only with Answer: first, Answer: second or Answer: third."

TEMPLATES = (
    # formats of the training games
    Template(
        "clue",
        f"Describe the word '{{word}}'. {_FORM}CLUE: <description>",
        "CLUE: {clue}",
    ),
    Template(
        "clue-secret",
        "Secret word: {word}\nGive a clue, but never say it. Start with CLUE:",
        "CLUE: {clue}",
    ),
    Template(
        "guess",
        f"Find the word. {_FORM}GUESS: <word>\n\nCLUE: {{clue}}",
        "GUESS: {word}",
    ),
    Template(
        "guess-short",
        "What is {clue}? Start with GUESS: and say one word.",
        "GUESS: {word}",
    ),
    Template(
        "command-row",
        f"Have the {{ordinal}} row filled with {{letter}}. {_LINE}Command: Put an X in "
        "all cells of the first row",
        "Command: Put {a_letter} in all cells of the {ordinal} row",
    ),
    Template(
        "command-column",
        "Start with Command: and tell someone to fill the {ordinal} column with "
        "{letter}.",
        "Command: Put {a_letter} in all cells of the {ordinal} column",
    ),
    Template(
        "command-cell",
        "Start with Command: and have {letter} put in row {row}, column {column}.",
        "Command: Put {a_letter} in row {row}, column {column}",
    ),
    Template(
        "command-done",
        "{finished} Say so, and nothing else: Command: DONE",
        "Command: DONE",
    ),
    Template(
        "grid-row",
        f"{_GRID}{_EMPTY}Command: Put {{a_letter}} in all cells of the {{ordinal}} row",
        "{grid_row}",
    ),
    Template(
        "grid-column",
        f"{_GRID}{_EMPTY}Command: Put {{a_letter}} in all cells of the "
        "{ordinal} column",
        "{grid_column}",
    ),
    Template(
        "grid-cell",
        f"{_GRID}{_EMPTY}Command: Put {{a_letter}} in row {{row}}, column {{column}}",
        "{grid_cell}",
    ),
    Template(
        "grid-two",
        f"{_GRID}{_EMPTY}Command: Put {{a_letter}} in the {{ordinal}} and {{other}} "
        "row",
        "{grid_two}",
    ),
    Template(
        "expression-row",
        f"A grid has {{letter}} in its {{ordinal}} row. {_LINE}Expression: the grid "
        "with row 2 filled",
        "Expression: the grid with row {row} filled",
    ),
    Template(
        "expression-column",
        "A grid is full of {letter}, only its {ordinal} column is empty. Start with "
        "Expression: and describe it.",
        "Expression: the grid with column {row} empty",
    ),
    Template(
        "answer",
        f"Only the {{place}} grid shows {{a_letter}}. {_CHOICE}",
        "Answer: {place}",
    ),
    Template(
        "answer-choice",
        f"First: {{first}}\nSecond: {{second}}\nThird: {{third}}\nWhich is {{a_kind}}? "
        f"{_CHOICE}",
        "Answer: {place}",
    ),
    # any other tag, so that what is learned is to obey the one that is named
    Template(
        "colour",
        f"What colour is {{object}}? {_FORM}COLOR: <colour>",
        "COLOR: {colour}",
    ),
    Template(
        "total", f"Add {{row}} and {{number}}. {_FORM}TOTAL: <number>", "TOTAL: {total}"
    ),
    Template(
        "name", f"{{name}} lives in {{city}}. {_FORM}NAME: <name>", "NAME: {name}"
    ),
    Template("city", "{name} lives in {city}. Where? Start with CITY:", "CITY: {city}"),
    Template(
        "next-day",
        "{name} leaves the day after {day}. When? Begin your reply with DAY:",
        "DAY: {next_day}",
    ),
    Template(
        "opposite",
        f"What is the opposite of {{quality}}? {_FORM}OPPOSITE: <word>",
        "OPPOSITE: {contrary}",
    ),
    Template(
        "kind", f"What kind of thing is {{a_word}}? {_FORM}Kind: <kind>", "Kind: {kind}"
    ),
    Template(
        "larger",
        f"Which is larger, {{number}} or {{row}}? {_FORM}LARGER: <number>",
        "LARGER: {larger}",
    ),
    Template("tag", f"The word is {{word}}. {_FORM}{{tag}}: <word>", "{tag}: {word}"),
    Template(
        "two-tags",
        "{name} lives in {city}. Reply in two lines, {tag}: <name> and Town: <city>",
        "{tag}: {name}\nTown: {city}",
    ),
)

TAGS = (
    "NOTE", "REPLY", "RESULT", "TOPIC", "WORD", "ITEM", "HINT", "MOVE", "STATUS",
    "PLAN", "Label", "Title", "Choice", "Output", "Summary", "Subject", "Entry", "Pick",
)  # fmt: skip

THINGS = (
    ("dog", "animal", "that barks and lives with people"),
    ("cat", "animal", "that purrs and hunts mice"),
    ("horse", "animal", "that people ride"),
    ("cow", "animal", "that gives milk"),
    ("bee", "animal", "that makes honey"),
    ("lion", "animal", "with a mane that roars"),
    ("rabbit", "animal", "with long ears that hops"),
    ("frog", "animal", "that croaks and jumps near a pond"),
    ("snake", "animal", "without legs that hisses"),
    ("elephant", "animal", "with a trunk and big ears"),
    ("apple", "fruit", "that is round and red or green"),
    ("banana", "fruit", "that is long and yellow"),
    ("lemon", "fruit", "that is sour and yellow"),
    ("cherry", "fruit", "that is small, red and has a stone"),
    ("grape", "fruit", "that wine is made from"),
    ("peach", "fruit", "with a soft, hairy skin"),
    ("hammer", "tool", "that drives nails"),
    ("saw", "tool", "that cuts wood"),
    ("broom", "tool", "that sweeps the floor"),
    ("shovel", "tool", "that digs holes"),
    ("ladder", "tool", "with steps that one climbs"),
    ("knife", "tool", "with a blade that cuts bread"),
    ("car", "vehicle", "with four wheels and an engine"),
    ("bicycle", "vehicle", "with two wheels and pedals"),
    ("train", "vehicle", "that runs on rails"),
    ("boat", "vehicle", "that floats on a river"),
    ("truck", "vehicle", "that carries heavy loads"),
    ("plane", "vehicle", "with wings that flies"),
    ("hat", "garment", "that is worn on the head"),
    ("sock", "garment", "that is worn inside a shoe"),
    ("glove", "garment", "that keeps a hand warm"),
    ("coat", "garment", "for cold days"),
    ("scarf", "garment", "that is worn around the neck"),
    ("guitar", "instrument", "with six strings"),
    ("drum", "instrument", "that is beaten with sticks"),
    ("flute", "instrument", "that one blows into"),
    ("violin", "instrument", "that is played with a bow"),
    ("piano", "instrument", "with black and white keys"),
)
"""(word, kind, what tells it from others of its kind)."""

OBJECTS = (
    ("snow", "white"), ("grass", "green"), ("the sky", "blue"), ("blood", "red"),
    ("coal", "black"), ("an orange", "orange"), ("the sun", "yellow"), ("mud", "brown"),
    ("milk", "white"), ("a leaf", "green"), ("a tomato", "red"), ("the sea", "blue"),
)  # fmt: skip

OPPOSITES = (
    ("hot", "cold"), ("big", "small"), ("fast", "slow"), ("old", "new"), ("up", "down"),
    ("wet", "dry"), ("full", "empty"), ("light", "dark"), ("hard", "soft"),
    ("rich", "poor"), ("high", "low"), ("open", "closed"),
)  # fmt: skip

NAMES = (
    "Anna",
    "Ben",
    "Clara",
    "David",
    "Emma",
    "Felix",
    "Grace",
    "Hugo",
    "Ida",
    "Jack",
)
CITIES = (
    "Paris",
    "Rome",
    "Berlin",
    "Madrid",
    "Oslo",
    "Cairo",
    "Lima",
    "Tokyo",
    "Delhi",
)
DAYS = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip
ORDINALS = ("first", "second", "third", "fourth", "fifth")
FINISHED = (
    "All letters are drawn.", "The grid is complete.", "Nothing is left to draw.",
    "Your drawing is finished.", "You have named every letter.", "No letter is left.",
    "The last cell is filled.", "Every row is done.", "There is no further command.",
    "The picture is ready.", "Your partner has drawn it all.", "That was the last row.",
)  # fmt: skip
