"""Whether the Hugging Face hub has what is needed from it, and lets us have it.

Nothing is downloaded. What lies in a cache is not asked for.
"""

import os
from collections.abc import Callable
from pathlib import Path

from huggingface_hub import HfApi, constants, try_to_load_from_cache
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    RepositoryNotFoundError,
)

from games.errors import ParamsError

_SECONDS = 10.0
"""For the hub to answer."""
_LOCAL = {"arrow", "csv", "json", "parquet", "text"}
"""What `datasets` reads from files of one's own."""


def confirm_model(name: str, revision: str | None) -> None:
    """Make sure that a model can be had.

    Raises:
        ParamsError: it cannot, in one sentence.
    """
    what = f"base.hub: {name} at revision {revision}"
    _confirm(
        what,
        "base.hub, or set base.source to folder or wheel",
        lambda: isinstance(
            try_to_load_from_cache(name, "config.json", revision=revision), str
        ),
        lambda: HfApi().model_info(name, revision=revision, timeout=_SECONDS),
    )


def confirm_dataset(name: str) -> None:
    """Make sure that the data of a benchmark can be had.

    Raises:
        ParamsError: they cannot, in one sentence.
    """
    if name in _LOCAL or Path(name).exists():
        return
    _confirm(
        f"benchmarks.tasks: the data set {name}",
        "benchmarks.tasks",
        lambda: _is_cached(name),
        lambda: HfApi().dataset_info(name, timeout=_SECONDS),
    )


def _is_cached(dataset: str) -> bool:
    """Tell whether a data set was loaded before."""
    made = Path(os.environ.get("HF_DATASETS_CACHE", f"{constants.HF_HOME}/datasets"))
    fetched = Path(constants.HF_HUB_CACHE) / f"datasets--{dataset.replace('/', '--')}"
    wanted = dataset.replace("/", "___").lower()
    known = {path.name.lower() for path in made.iterdir()} if made.is_dir() else set()
    return fetched.exists() or wanted in known


def _confirm(
    what: str, remedy: str, is_cached: Callable[[], bool], ask: Callable[[], object]
) -> None:
    """Look into the cache, and else ask the hub."""
    try:
        if is_cached():
            return
        if constants.HF_HUB_OFFLINE:
            raise ParamsError(
                f"{what} is in no cache, and HF_HUB_OFFLINE is set: unset it, or "
                f"change {remedy}"
            )
        ask()
    except ParamsError:
        raise
    except GatedRepoError:
        raise ParamsError(
            f"{what} is gated: accept its terms on its page and log in by "
            "`hf auth login`"
        ) from None
    except RepositoryNotFoundError:
        raise ParamsError(
            f"{what} is not on the hub, or private: log in by `hf auth login`, or "
            f"mend {remedy}"
        ) from None
    except HfHubHTTPError as error:
        raise ParamsError(
            f"{what} cannot be had (the hub answers with HTTP "
            f"{error.response.status_code}): wait, or mend {remedy}"
        ) from None
    except ValueError as error:
        raise ParamsError(f"{what} is no name ({error}): mend {remedy}") from None
    except Exception as error:  # whatever a network can do
        raise ParamsError(
            f"{what}: the hub does not answer ({type(error).__name__}): connect to the "
            f"network, or change {remedy}"
        ) from None
