"""The noun lemmatizer of codenames, held against NLTK's."""

import pytest

from games.codenames.build import FOLDER, read_lines
from games.codenames.lemma import find_lemma


@pytest.mark.parametrize(
    ("word", "noun"),
    [
        ("dogs", "dog"),
        ("churches", "church"),
        ("mice", "mouse"),
        ("firemen", "fireman"),
        ("men", "men"),
        ("bus", "bus"),
        ("xyzzys", "xyzzys"),
        ("running", "running"),
        ("", ""),
    ],
)
def test_lemma(word: str, noun: str) -> None:
    """The lemma is the shortest noun of WordNet that the word is a form of."""
    assert find_lemma(word) == noun


def test_lemmas_are_those_of_nltk() -> None:
    """NLTK's own code on WordNet's files gives every noun and plural the same lemma."""
    if not (FOLDER / "index.noun").exists():
        pytest.skip(f"no WordNet 3.0 in {FOLDER} (apt-get install wordnet-base)")
    from nltk.corpus.reader.wordnet import WordNetCorpusReader

    reader = WordNetCorpusReader.__new__(WordNetCorpusReader)
    known = [fields[0] for fields in read_lines("index.noun")]
    reader._lemma_pos_offset_map = {word: {"n": []} for word in known}
    listed = {form: words for form, *words in read_lines("noun.exc")}
    reader._exception_map = {"n": listed}
    known = [word for word in known if "_" not in word]
    forms = [form for word in known for form in (word, word + "s", word + "es")]
    forms += [w[:-1] + "ies" for w in known] + [w[:-2] + "men" for w in known]
    forms += [w.removesuffix("f") + "ves" for w in known] + [*listed]
    for form in forms:
        found = reader._morphy(form, "n")
        assert "_" in form or find_lemma(form) == min(found, key=len, default=form)
