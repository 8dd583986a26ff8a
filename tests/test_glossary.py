"""The glossary names what is in the code, in the code's own words."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = ("games", "pipeline", "stages")


def read_terms() -> list[str]:
    """Read the glossary's terms; "learner, partner" is two of them."""
    lines = (ROOT / "docs" / "glossary.md").read_text().splitlines()
    rows = [line.split("|")[1].strip() for line in lines if line.startswith("| ")]
    return [term for row in rows if row != "term" for term in row.split(", ")]


def test_every_term_is_used_in_the_code() -> None:
    """A term stands in some module or params.yaml, with blanks, hyphens or `_`."""
    paths = [path for top in SOURCES for path in (ROOT / top).rglob("*.py")]
    texts = [path.read_text() for path in paths] + [(ROOT / "params.yaml").read_text()]
    text = " ".join(" ".join(texts).split()).lower()
    absent = [
        term
        for term in read_terms()
        if not re.search(
            r"(?<![a-z])"
            + re.sub(r"[ -]", "[ _-]?", term.lower().removesuffix(" game")),
            text,
        )
    ]
    assert absent == []


def test_no_term_stands_twice() -> None:
    """One word, one thing: a term has one line."""
    terms = read_terms()
    assert len(terms) > 60
    assert sorted(set(terms)) == sorted(terms)
