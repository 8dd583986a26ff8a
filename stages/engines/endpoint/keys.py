"""An endpoint's key: from the environment into one header, and nowhere else."""

import re
from collections.abc import Mapping
from itertools import groupby

from games.errors import ParamsError

_SECRET = 8
"""Shorter keys are words that a local server wants to hear, and keep no secret."""


def read_key(variable: str | None, environ: Mapping[str, str]) -> str | None:
    """Read the key that an environment variable holds; None if none is to be sent.

    Raises:
        ParamsError: it holds none, or none that fits into a header.
    """
    if variable is None:
        return None
    key = environ.get(variable, "").strip()
    if not key:
        raise ParamsError(
            f"the environment variable {variable} holds no key: set it by "
            f"`export {variable}=...` and run again, or name another in params.yaml"
        )
    if not re.fullmatch(r"[!-~]+", key):
        raise ParamsError(
            f"what the environment variable {variable} holds is no key (it has spaces "
            "or unusual characters): set it anew and run again"
        )
    return key


def redact(text: str, key: str | None) -> str:
    """Blot out every part of the key that is long enough to mean something."""
    if key is None or len(key) < _SECRET:
        return text
    parts = {key[i : i + _SECRET] for i in range(len(key) - _SECRET + 1)}
    secret = [False] * len(text)
    for i in range(len(text) - _SECRET + 1):
        if text[i : i + _SECRET] in parts:
            secret[i : i + _SECRET] = [True] * _SECRET
    runs = groupby(zip(text, secret, strict=True), key=lambda pair: pair[1])
    return "".join(
        "[key]" if is_secret else "".join(c for c, _ in run) for is_secret, run in runs
    )
