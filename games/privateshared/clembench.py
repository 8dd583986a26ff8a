"""privateshared in clembench's words, and what a recording shows of its instance."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from games.bridge import Data, Record
from games.contract import LEGACY
from games.privateshared.sent import find_texts

_PROBE = "ME: {} $question$ Answer this question with yes or no and then stop."
_AGAIN = (
    "",
    "Please answer this question carefully.",
    "Please follow my instructions.",
    "Please be specific now.",
    "Please think about it carefully.",
)
"""What stands before a question, for each time that it is asked."""
_FILES = {"requests": "requests", "probes": "probing_questions"}


def merge(experiment: Data, instance: Data) -> Data:
    """Add what surrounds a question, which clembench's instances do not say."""
    forms = [_PROBE.format(again) for again in _AGAIN]
    return {"probe_forms": forms} | experiment | instance


def add_files(folder: Path, experiment: Data) -> Data:
    """Add the texts that lie beside the instances, which only number them."""
    texts = folder / "resources" / "texts" / experiment["name"]
    return experiment | {
        "texts": {
            kind: json.loads((texts / f"{name}.json").read_text(encoding="utf-8"))
            for kind, name in _FILES.items()
        }
    }


def suppose(record: Record, data: Data, records: Sequence[Record]) -> list[Data]:
    """Add the texts from where they were sent."""
    logged = (record.get("extra_keys") or {}).get("probes", [])
    return [data | {"texts": find_texts(data, record["responses"], logged)}]


BRIDGE = replace(LEGACY, merge=merge, add_files=add_files, suppose=suppose)
