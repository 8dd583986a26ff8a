"""What the whole study shares: where policies run, and which games are played."""

from typing import Annotated, Literal

from pydantic import Field

from pipeline.params.schema import Count, Names, Section


class Compute(Section):
    """Where and how precisely policies run."""

    device: Literal["cpu", "cuda"]
    dtype: Literal["float32", "bfloat16", "float16"]
    """Of playing: sampling and scoring."""
    train_dtype: Literal["float32", "bfloat16"]
    """Of a training's products; what is trained is kept in float32."""
    quantize: Literal["nf4"] | None
    """How weights that are not trained are kept; null: as they are."""
    threads: Count
    jobs_per_gpu: Count
    """That share one GPU at once; each sees no other GPU."""
    engine: Literal["transformers", "vllm"]


class Games(Section):
    """The games that are trained on, and those that are not."""

    held_in: Annotated[Names, Field(min_length=1)]
    held_out: Names
    max_reply_tokens: Count | None
    """Most tokens of a reply; null: what a game's longest well-formed reply needs."""

    def of(self, part: str) -> list[str]:
        """List the games of a part, "held_in" or "held_out"."""
        return {"held_in": self.held_in, "held_out": self.held_out}[part]
