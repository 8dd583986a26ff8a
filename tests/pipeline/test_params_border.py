"""Whatever stands in params.yaml is taken as it is meant, or refused in a sentence."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games.errors import ParamsError
from pipeline.params.files import read_yaml
from pipeline.params.read import load_params, make_params
from tests.broken import YAML_ODD, break_document, is_one_sentence, modest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "params.yaml").read_text()
PARAMS = read_yaml(ROOT / "params.yaml")
FILE = Path("params.yaml")


def settle(value: Any) -> Any:
    """Take away what is only another way to write the same."""
    if isinstance(value, dict):
        return {key: settle(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [settle(inner) for inner in value]
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return value


@settings(modest, max_examples=400)
@given(break_document(PARAMS, YAML_ODD))
def test_values_mean_what_they_say_or_are_refused(raw: Any) -> None:
    """No wrong type, range, duplicate or odd text becomes another value, or a crash."""
    try:
        params = make_params(raw, FILE)
    except ParamsError as error:
        assert is_one_sentence(str(error)), str(error)
    else:
        assert settle(params.model_dump()) == settle(raw)


PIECES = (
    *(
        "seed",
        "seeds",
        "preset",
        "a",
        "<<",
        "?",
        "-",
        "&x",
        "*x",
        "*y",
        "!!int",
        "!!set",
    ),
    *(
        "!!bool",
        "!!timestamp",
        "!!binary",
        "!!float",
        "!!omap",
        "!foo",
        "!!null",
        "%YAML",
    ),
    *(": ", ":", ", ", "[", "]", "{", "}", '"', "'", "|", ">", "#", "---", "...", "\t"),
    *(
        "no",
        "off",
        "~",
        "0o17",
        "017",
        "0x1f",
        "1:30",
        ".inf",
        ".nan",
        "1e999",
        "2024-13-45",
    ),
    *(
        "2024-01-01",
        "9" * 4400,
        "1_0",
        "\\ud800",
        "\x00",
        "\x07",
        "\ufeff",
        "\u2028",
        "é",
    ),
    *("\n", "\n", "\n  ", "\r\n", "\r", " ", "<<<<<<< HEAD\n", "=======\n", "[" * 20),
)


@settings(modest, max_examples=300)
@given(pieces=st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=12))
def test_any_text_is_read_or_refused(pieces: list[str], tmp_path: Path) -> None:
    """Tags, anchors, dates, documents, tabs and brackets end in one sentence."""
    path = tmp_path / "params.yaml"
    path.write_bytes("".join(pieces).encode("utf-8", "surrogatepass"))
    with pytest.raises(ParamsError) as caught:  # a few lines are no whole study
        load_params(path)
    assert is_one_sentence(str(caught.value)), str(caught.value)


def write(folder: Path, text: str) -> Path:
    """Write a parameter file, byte for byte."""
    path = folder / "params.yaml"
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + TEXT,
        TEXT.replace("\n", "\r\n"),
        f"%YAML 1.2\n---\n{TEXT}...\n",
        TEXT.replace("seed: 7331", "seed: 7_331"),
        TEXT.replace("rank: 32, alpha: 64", "<<: {rank: 32, alpha: 64}", 1),
    ],
    ids=["mark", "line ends", "document", "digits", "merge key"],
)
def test_another_way_to_write_a_file_means_the_same(text: str, tmp_path: Path) -> None:
    """A byte order mark, Windows' ends of lines and merge keys change nothing."""
    assert text != TEXT
    assert load_params(write(tmp_path, text)) == make_params(PARAMS, FILE)


LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{new}: &{new} [*{old}, *{old}, *{old}, *{old}, *{old}, *{old}, *{old}]\n"
    for old, new in zip("abcdefghijk", "bcdefghijkl", strict=True)
)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (f"<<<<<<< HEAD\n{TEXT}=======\n>>>>>>> main\n", "a merge conflict in line 1"),
        (TEXT.replace("seeds: [0, 1, 2]", "seeds: &x [*x]"), "seeds.0: must be"),
        (TEXT.replace("preset: laptop", "preset: lap\x07top"), "'\\x07' in line 5 is"),
        (f"{LAUGHS}seeds: *l\n", "unknown key 'a'"),
        ("[" * 900 + "]" * 900, "nested too deeply"),
        ("x" * 20_000_001, "more than 20 MB"),
        (TEXT + "---\nseed: 1\n", "another document"),
    ],
    ids=["conflict", "itself", "bell", "laughs", "brackets", "huge", "documents"],
)
def test_a_file_that_nobody_means_is_refused_at_once(
    text: str, sentence: str, tmp_path: Path
) -> None:
    """A merge that was not finished, and what explodes when it is read, are named."""
    with pytest.raises(ParamsError, match=r"params\.yaml") as caught:
        load_params(write(tmp_path, text))
    assert sentence in str(caught.value)
    assert is_one_sentence(str(caught.value))


def test_another_encoding_is_named(tmp_path: Path) -> None:
    """A file that Windows saved as UTF-16 is not read as something else."""
    path = tmp_path / "params.yaml"
    path.write_bytes(TEXT.encode("utf-16"))
    with pytest.raises(ParamsError, match="is not UTF-8"):
        load_params(path)


SLIPS = [
    ({"leakage": {"may_overlap": ["tabu"]}}, "may_overlap: unknown game 'tabu': did"),
    ({"seed": 2**32}, "seed: must be less than 4294967296"),
    ({"preset": "x" * 101}, "preset: is too long for the name of a folder"),
]


@pytest.mark.parametrize(("changes", "sentence"), SLIPS, ids=str)
def test_a_slip_is_named(changes: dict[str, Any], sentence: str) -> None:
    """Values of the right type that no study can mean are refused too."""
    with pytest.raises(ParamsError) as caught:
        make_params(PARAMS | changes, FILE)
    assert sentence in str(caught.value)
