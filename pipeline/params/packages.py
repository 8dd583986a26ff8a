"""The packages whose versions decide numbers, as they are installed.

The stage `packages` writes them down, and every stage depends on those that its code
imports. Packages that only draw, read options or talk to servers are not among them.
"""

from importlib import metadata

PACKAGES = (
    "accelerate",
    "bitsandbytes",
    "datasets",
    "gguf",
    "jinja2",
    "langdetect",
    "lm_eval",
    "nltk",
    "numpy",
    "pandas",
    "peft",
    "pyarrow",
    "safetensors",
    "scipy",
    "tokenizers",
    "torch",
    "transformers",
    "trl",
    "vllm",
)
NOT_INSTALLED = "none"


def list_versions() -> dict[str, str]:
    """Look up the installed version of each package; "none" where there is none.

    What follows a plus, as in "2.13.0+cpu", says for which device a package was built:
    that is `compute.device`, and left out.
    """
    return {name: _look_up_version(name) for name in PACKAGES}


def _look_up_version(name: str) -> str:
    try:
        return metadata.version(name).partition("+")[0]
    except metadata.PackageNotFoundError:
        return NOT_INSTALLED
