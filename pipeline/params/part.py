"""A stage's own part of params.yaml: it depends on no other stage's section."""

from collections.abc import Mapping
from pathlib import Path

from games.errors import ParamsError
from pipeline.params.complaints import Read, validate
from pipeline.params.files import FILE, read_yaml
from pipeline.params.show import show


def load_part(part: type[Read], path: Path = FILE) -> Read:
    """Read the keys that a part names, and leave the others alone.

    Whether all of the file can be run is checked before, by `stages.common.cli.run`.

    Raises:
        ParamsError: the file is missing, is not YAML, or lacks one of the keys.
    """
    raw = read_yaml(path)
    if not isinstance(raw, Mapping):
        raise ParamsError(f"{path.name}: must be a section with keys, not {show(raw)}")
    own = {key: raw[key] for key in part.model_fields if key in raw}
    return validate(part, own, path)
