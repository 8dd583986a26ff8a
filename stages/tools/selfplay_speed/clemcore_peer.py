"""Relay played by clemcore on its transformers backend: `PYTHON clemcore_peer.py FILE`.

Run by the package with an interpreter that has clemcore; imports nothing of this
project. Reads the workload as JSON, and prints tokens, seconds and episodes as JSON: by
the batchwise runner, and by the sequential one for the first few instances.
"""

import json
import sys
import time
from contextlib import redirect_stdout
from typing import Any

import torch
from clemcore.backends import ModelSpec
from clemcore.backends.huggingface_local_api import HuggingfaceLocal
from clemcore.clemgame import (
    DialogueGameMaster,
    GameBenchmark,
    GameBenchmarkCallbackList,
    GameInstances,
    GameSpec,
    Player,
)
from clemcore.clemgame.runners import batchwise, sequential

TURNS = 4


class RelayPlayer(Player):
    """A player that is a model."""

    def _custom_response(self, context: dict) -> str:
        raise NotImplementedError


class Relay(DialogueGameMaster):
    """Each reply is passed on to the other player; the fourth one ends the game."""

    def _on_setup(self, **instance: Any) -> None:
        self.prompts, self.said = instance["prompts"], 0
        self.both = [RelayPlayer(model) for model in self.player_models]
        for player in self.both:
            self.add_player(player)
        self.set_context_for(self.both[0], self.prompts[0])

    def _parse_response(self, player: Player, response: str) -> str:
        return response

    def _advance_game(self, player: Player, response: str) -> None:
        self.said += 1
        if self.said == TURNS:
            self.state.succeed()
        prompt = [self.prompts[1]] if self.said == 1 else []
        other = self.both[self.said % 2]
        self.set_context_for(other, "\n\n".join([*prompt, response or "-"]))


class RelayBenchmark(GameBenchmark):
    """Makes the referees."""

    def create_game_master(self, experiment: dict, player_models: list) -> Relay:
        """Make the referee of one episode."""
        return Relay(self.game_spec, experiment, player_models)


def make_instances(prompts: list[list[str]]) -> GameInstances:
    """Wrap prompts, a pair for each instance, as clemcore's instances."""
    rows = [{"game_id": n, "prompts": both} for n, both in enumerate(prompts)]
    wrapped = [
        {"game_name": "relay", "experiment": {"name": "relay"}, "game_instance": row}
        for row in rows
    ]
    return GameInstances("relay", wrapped)


def main() -> None:
    """Play, count what was sampled, and print it."""
    with open(sys.argv[1], encoding="utf-8") as file:
        work = json.load(file)
    torch.manual_seed(0)
    spec = ModelSpec(
        model_name="policy",
        huggingface_id=work["folder"],
        model_config={"premade_chat_template": True, "padding_side": "left"}
        | {"eos_to_cull": work["end_text"]},
    )
    with redirect_stdout(sys.stderr):
        model = HuggingfaceLocal().get_model_for(spec)
        model.set_gen_args(temperature=1.0, max_tokens=work["max_reply_tokens"])
        counts, generate = {"tokens": 0}, model.model.generate

        def generate_and_count(prompts: torch.Tensor, **kwargs: object) -> torch.Tensor:
            """Count all ids up to the end of each reply, the end included."""
            output = generate(prompts, **kwargs)
            ids = output if torch.is_tensor(output) else output.sequences
            for row in ids[:, prompts.shape[1] :].tolist():
                end = work["end_of_turn"]
                counts["tokens"] += row.index(end) + 1 if end in row else len(row)
            return output

        model.model.generate = generate_and_count
        game = RelayBenchmark(GameSpec(game_name="relay", game_path=".", players=2))
        results = {}
        for name, num in (("batch", len(work["prompts"])), ("single", work["single"])):
            rows, counts["tokens"] = make_instances(work["prompts"][:num]), 0
            callbacks, start = GameBenchmarkCallbackList(), time.perf_counter()
            if name == "batch":
                size = work["batch_size"]
                batchwise.run(game, rows, [model], callbacks=callbacks, batch_size=size)
            else:
                sequential.run(game, rows, [model], callbacks=callbacks)
            seconds = time.perf_counter() - start
            results[name] = {"tokens": counts["tokens"], "seconds": seconds}
    print(json.dumps(results))


if __name__ == "__main__":
    main()
