"""How fast policies play: `python -m stages.tools.selfplay_speed [--json]`.

All ratios are of one run on one machine, one thread a process, one after another: our
engine, the same model without it, and peers where `make peers` has installed them, each
with an interpreter of its own, as each pins its own transformers.

Every engine plays relay, a four-turn game of two roles with the first prompts of taboo,
guesswhat and referencegame (`relay.py`), with the base policy in both roles. A step of
GRPO is taken in float32 only, as the study trains.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from pipeline.params.read import load_params
from stages.common.cli import run
from stages.common.files import write_json
from stages.common.policy import load_policy, locate_policy, save_policy
from stages.tools.selfplay_speed import here
from stages.tools.selfplay_speed.limit import measure_limit
from stages.tools.selfplay_speed.workload import FILE, Speed, Workload

_HERE = Path(__file__).absolute().parent
_PEERS = {
    "clemcore": (Path(".venv-clemcore/bin/python"), [str(_HERE / "clemcore_peer.py")]),
    "vllm": (
        Path(".venv-vllm/bin/python"),
        ["-m", "stages.tools.selfplay_speed.vllm_peer"],
    ),
}
_THREADS = {
    "OMP_NUM_THREADS": "1",
    "VLLM_CPU_OMP_THREADS_BIND": "0",
    "VLLM_LOGGING_LEVEL": "ERROR",
    "HF_HUB_OFFLINE": "1",
    "PYTHONPATH": str(Path.cwd()),
}


def run_peer(name: str, workload: Path) -> dict[str, Any] | None:
    """Let a peer play the workload; None where it is not installed, or fails."""
    python, arguments = _PEERS[name]
    if not python.exists():
        return None
    done = subprocess.run(
        [str(python.absolute()), *arguments, str(workload)],
        env=os.environ | _THREADS,
        cwd=workload.parent,  # where clemcore writes its log
        capture_output=True,
        text=True,
    )
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["it was stopped"])[-1]
        print(f"error: {name} was not measured: {why}", file=sys.stderr)
        return None
    return json.loads(done.stdout.strip().splitlines()[-1])


def time_grpo_step() -> dict[str, Any] | None:
    """Time a step of GRPO by a command: `stages.tools.grpo_speed` wants free memory.

    None if it failed: what else is measured is kept.
    """
    command = [sys.executable, "-m", "stages.tools.grpo_speed", "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        print("error: the step of GRPO was not measured", file=sys.stderr)
        return None
    return json.loads(done.stdout.strip().splitlines()[-1])


def measure(dtype: str, batch_size: int, single: int) -> dict[str, Any]:
    """Measure everything; peers that are absent or fail are None."""
    # first, while this process holds no memory
    step = time_grpo_step() if dtype == "float32" else None
    here_too = {"device": "cpu", "threads": 1}
    compute = load_params().compute.model_copy(update=here_too)
    policy = load_policy(locate_policy("base"), compute, dtype=dtype)
    end = policy.chat.end_of_turn
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "policy"
        save_policy(policy.model, policy.tokenizer, folder)
        text = policy.chat.end_text
        workload = Workload(str(folder), dtype, end, text, batch_size, single)
        workload.write(Path(temporary) / "workload.json")
        speed, tables = here.play_ours(policy, workload)
        singly = here.play_singly(policy, tables[:single])
        bare = here.decode_bare(policy, tables)
        peers = {
            name: run_peer(name, Path(temporary) / "workload.json") for name in _PEERS
        }
    return {
        "machine": {"cpu": _name_cpu(), "torch": torch.__version__, "threads": 1},
        "dtype": dtype,
        "batch_size": batch_size,
        "ours": _round_speed(speed),
        "one_at_a_time": _round_speed(singly),
        "bare_decoding": _round_speed(bare),
        "clemcore": peers["clemcore"]
        and _round_speed(Speed(**peers["clemcore"]["batch"])),
        "clemcore_single": peers["clemcore"]
        and _round_speed(Speed(**peers["clemcore"]["single"])),
        "vllm": peers["vllm"] and _round_speed(Speed(**peers["vllm"])),
        "scheduler_share": round(here.measure_scheduler(policy), 4),
        "finished_episodes_mb": round(here.measure_memory(policy, tables), 1),
        "grpo_step": step,
        "limit": asdict(measure_limit(policy, batch_size)),
    }


def _round_speed(speed: Speed) -> dict[str, float]:
    return {
        "tokens": speed.tokens,
        "seconds": round(speed.seconds, 2),
        "tokens_per_second": round(speed.rate, 1),
    }


def _name_cpu() -> str:
    """Name the processor, and what it has for bfloat16."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":")[1].strip() for line in lines if "model name" in line]
    flags = next((line.split() for line in lines if line.startswith("flags")), [])
    found = [flag for flag in ("avx2", "avx512_bf16", "amx_bf16") if flag in flags]
    return " ".join([names[0] if names else "unknown", *found])


def list_lines(measured: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """List (what, measured, ratio, aim) of what is printed."""
    rate = measured["ours"]["tokens_per_second"]
    lines = [("our engine", f"{rate:.0f} tokens/s", "", "")]
    for name, what, aim in (
        ("clemcore", "clemcore 3.7.2, batch runner", "5"),
        ("one_at_a_time", "one episode at a time, generate", "15"),
        ("clemcore_single", "clemcore 3.7.2, sequential runner", ""),
        ("vllm", "vllm, prefix cache", "0.8"),
        ("bare_decoding", "bare decoding of the model", "0.7"),
    ):
        if measured[name] is None:
            lines.append((what, "not measured", "", aim))
            continue
        other = measured[name]["tokens_per_second"]
        lines.append((what, f"{other:.0f} tokens/s", f"{rate / other:.2f}", aim))
    if step := measured["grpo_step"]:
        ratio = f"{step['trl_seconds'] / step['our_seconds']:.2f}"
        seconds = f"{step['trl_seconds']:.0f} s"
        lines.append(("GRPO step of TRL's own", seconds, ratio, "2"))
    share = f"{100 * measured['scheduler_share']:.2f} %"
    memory = f"{measured['finished_episodes_mb']} MB"
    return [
        *lines,
        ("scheduler, of wall time", share, "", "under 2 %"),
        ("1,000 finished episodes", memory, "", "under 50 MB"),
    ]


def show(lines: Sequence[tuple[str, str, str, str]]) -> None:
    """Print the table."""
    print(f"{'':<36}{'measured':>16}{'ours is x':>12}{'aim':>14}")
    for what, value, ratio, aim in lines:
        print(f"{what:<36}{value:>16}{ratio:>12}{aim:>14}")


def main() -> None:
    """Measure, keep, and print a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON, no table")
    parser.add_argument("--dtype", default=load_params().compute.dtype)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--single", type=int, default=3)
    arguments = parser.parse_args()
    measured = measure(arguments.dtype, arguments.batch_size, arguments.single)
    kept = json.loads(FILE.read_text()) if FILE.exists() else {}
    write_json(FILE, kept | {measured["dtype"]: measured})
    if arguments.json:
        print(json.dumps(measured, indent=2))
    else:
        show(list_lines(measured))


if __name__ == "__main__":
    run(main)
