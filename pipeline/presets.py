"""Write a preset into params.yaml: only the values change, every comment stays.

How to run: `python -m pipeline.presets smoke|laptop|gpu|paper`; after a change of the
defaults in params.yaml, `python -m pipeline.presets --save laptop` takes it over.

`laptop` is the committed default; the others hold their differences to it, so that any
preset can follow any other. A value's text in the preset file takes the place of its
text in params.yaml. Keys that no preset names keep what you have set them to.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copymode
from tempfile import TemporaryDirectory

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node

from games.errors import ParamsError
from pipeline.params.files import FILE, read_text, read_yaml
from pipeline.params.plan import write_plan
from pipeline.params.read import load_params
from pipeline.params.schema import say_unknown

FOLDER = Path(__file__).parent / "presets"
PRESETS = ("smoke", "laptop", "gpu", "paper")

Keys = tuple[str, ...]
WHOLE: tuple[Keys, ...] = (
    ("grpo", "common", "roles"),
    ("grpo", "common", "partners"),
    ("grpo", "overrides"),
)
"""Mappings whose keys are not always the same, such as games: replaced as one value."""


def find_values(text: str) -> dict[Keys, tuple[int, int]]:
    """Find where in a YAML text the value of each key starts and ends."""
    places: dict[Keys, tuple[int, int]] = {}
    for keys, node in _list_leaves(YAML().compose(text), ()):
        place = node.start_mark.index, _find_end(text, node)
        if place in places.values():
            raise ParamsError(
                f"{'.'.join(keys)}: stands there by an anchor (& and *), of which a "
                "preset cannot change one use alone: write the value out"
            )
        places[keys] = place
    return places


def _list_leaves(node: Node, keys: Keys) -> Iterator[tuple[Keys, Node]]:
    """Yield every value that is not itself a mapping with keys."""
    if isinstance(node, MappingNode) and node.value and keys not in WHOLE:
        for key, value in node.value:
            yield from _list_leaves(value, (*keys, key.value))
    else:
        yield keys, node


def _find_end(text: str, node: Node) -> int:
    """Find where a value ends: a block list without what stands below it."""
    lines = text[node.start_mark.index : node.end_mark.index].splitlines(keepends=True)
    while lines and not lines[-1].partition("#")[0].strip():
        lines.pop()
    return node.start_mark.index + len("".join(lines).rstrip())


def apply_preset(text: str, preset: str) -> str:
    """Put a preset's values into a parameter file's text in place of its own."""
    places, news = find_values(text), find_values(preset)
    for keys in news:
        if keys not in places:
            raise ParamsError(
                say_unknown("key", ".".join(keys), (".".join(k) for k in places))
            )
    return _copy_values(preset, news, text, places)


def _copy_values(
    source: str,
    news: dict[Keys, tuple[int, int]],
    text: str,
    places: dict[Keys, tuple[int, int]],
) -> str:
    """Copy into a text, from another one, the values of keys that both have."""
    both = news.keys() & places.keys()
    for keys in sorted(both, key=lambda keys: places[keys], reverse=True):
        (start, end), (new_start, new_end) = places[keys], news[keys]
        text = text[:start] + source[new_start:new_end] + text[end:]
    return text


def write_preset(name: str, path: Path = FILE) -> None:
    """Write a preset into a parameter file, and check that it can be run.

    Raises:
        ParamsError: there is no such preset, or the file cannot be read, or it could
            not be run with these values; then it stays as it is.

    """
    if name not in PRESETS:
        raise ParamsError(say_unknown("preset", name, PRESETS))
    if not isinstance(read_yaml(path), dict):
        raise ParamsError(
            f"{path.name} holds no keys: restore it by `git checkout {path.name}`"
        )
    text = read_text(path)
    for layer in dict.fromkeys(("laptop", name)):
        text = apply_preset(text, (FOLDER / f"{layer}.yaml").read_text())
    # beside the file, to be renamed; of the same name, which a refusal would tell
    with TemporaryDirectory(prefix=".preset-", dir=path.parent) as folder:
        new = Path(folder) / path.name
        new.write_text(text)
        load_params(new)
        copymode(path, new)
        new.replace(path)


def save_preset(name: str, path: Path = FILE) -> None:
    """Take over the values that a parameter file now has for a preset's keys."""
    load_params(path)
    preset, text = FOLDER / f"{name}.yaml", read_text(path)
    old = preset.read_text()
    preset.write_text(_copy_values(text, find_values(text), old, find_values(old)))


if __name__ == "__main__":
    try:
        if sys.argv[1:] == ["--save", "laptop"]:
            save_preset("laptop")
        else:
            write_preset(" ".join(sys.argv[1:]))
            write_plan(load_params())
    except ParamsError as error:
        sys.exit(f"error: {error}")
