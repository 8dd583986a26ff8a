"""Relay played by vLLM: `PYTHON -m stages.tools.selfplay_speed.vllm_peer FILE`.

Run by the package with an interpreter that has vllm. It is this project's scheduler
and its vLLM backend, prefix cache on; prints what was sampled in what time as JSON.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path

from stages.common.chat import ChatTemplate
from stages.common.loading import load_tokenizer
from stages.engines.vllm import VllmBackend
from stages.tools.selfplay_speed.workload import Workload, play_relay


def main() -> None:
    """Warm up, play, and print."""
    work = json.loads(Path(sys.argv[1]).read_text())
    work.pop("prompts")
    workload = Workload(**work)
    folder = workload.folder
    chat = ChatTemplate(load_tokenizer(folder))
    backend = VllmBackend(
        Path(folder),
        chat.ends,
        temperature=1.0,
        dtype=workload.dtype,
        device="cpu",
    )
    play_relay(backend, chat, workload.instances[:2], 2)
    backend.reset()
    speed, _ = play_relay(backend, chat, workload.instances, workload.batch_size)
    print(json.dumps(asdict(speed)))


if __name__ == "__main__":
    main()
