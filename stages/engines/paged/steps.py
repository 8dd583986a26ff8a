"""What goes through the model: parts of prompts, and steps of decoding.

A step of decoding reads and writes tensors that stay where they are: which seat each
row has, its last id and its position, the points it draws at. So a step is captured
once as a CUDA graph for each of a few numbers of rows, and replayed; several steps
follow one another without the host, as each takes its ids from the one before. A row
that has ended goes on drawing into the void until the host looks.

Prompts only fill pages: their last id is the first that a row decodes from.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from peft import PeftModel
from torch import Tensor
from transformers import PreTrainedModel

from stages.engines.local.adapters import using
from stages.engines.local.drawing import draw_next
from stages.engines.paged.attention import Memory, Paged, attending_to_pages
from stages.engines.paged.drawn import Drawn
from stages.engines.paged.fused import FusedLayers
from stages.engines.paged.kernels.language import require_triton
from stages.engines.paged.pages import PAGE, TRASH
from stages.engines.paged.tiles import Part, Tiles, cut, lay_out
from stages.engines.shape import count_queries, moves_positions, read_context

AT_ONCE = 8
"""Steps between two looks of the host."""
_PROMPT_IDS = 8192
"""Most ids of prompts that go through the model at once."""
_TILE_ROWS = 64
"""Ids x heads of a tile of a prompt."""
_ROWS = (1, 4, 16, 32, 64, 96, 128, 192, 256, 384, 512)
"""Numbers of rows for which steps are captured; fewer are filled up."""
MOST_ROWS = _ROWS[-1]


@dataclass(frozen=True)
class Rows:
    """What decodes, a row each: (R,)."""

    seats: np.ndarray
    last: np.ndarray
    """The id that was drawn last, or the prompt's last."""
    positions: np.ndarray
    """Of that id."""
    left: np.ndarray
    """How many ids may be drawn at most."""
    points: np.ndarray
    """In 0..1, for the next steps: (steps, R)."""


class Steps:
    """Runs a model on pages of memory."""

    def __init__(
        self,
        model: PreTrainedModel | PeftModel,
        adapter: str | None,
        ends: Collection[int],
        temperature: float,
        pages: int,
    ) -> None:
        """Make room for so many pages; all else is `PagedEngine`'s.

        Raises:
            ParamsError: the model is on a GPU, and Triton is not installed.
        """
        self._model, self._adapter = model, adapter
        self._temperature = temperature
        device, config = model.device, model.config
        self._on_gpu = device.type == "cuda"
        self._ends = torch.tensor(sorted(ends), dtype=torch.long, device=device)
        if self._on_gpu:
            require_triton()
        self._memory = Memory.allocate(config, pages + 1, model.dtype, device)
        width = -(-read_context(config) // PAGE)
        most = MOST_ROWS
        self._tables = torch.zeros(
            (most + 1, width), dtype=torch.int32, device=device
        )  # the last seat is nobody's
        self._rows = torch.zeros((4, most), dtype=torch.long, device=device)
        self._points = torch.zeros((AT_ONCE, most), dtype=torch.float64, device=device)
        self._said = torch.zeros((AT_ONCE, most), dtype=torch.long, device=device)
        self._logprobs = torch.zeros((AT_ONCE, most), device=device)
        self._number = torch.zeros(1, dtype=torch.long, device=device)
        self._each = torch.arange(most, device=device)
        self._ones = torch.ones_like(self._each)
        self._in_a_tile = max(1, _TILE_ROWS // count_queries(config))
        self._graphs: dict[int, torch.cuda.CUDAGraph] = {}
        self._lay_out_weights()
        self._captures = self._on_gpu and not moves_positions(config)

    def check_weights(self) -> None:
        """Begin anew if the weights are elsewhere now."""
        if _find_addresses(self._model) != self._weights:
            self._graphs.clear()
            self._lay_out_weights()

    def _lay_out_weights(self) -> None:
        """Find the layers that are fused, and remember where all weights are now."""
        self._fused = FusedLayers(self._model) if self._on_gpu else None
        self._weights = _find_addresses(self._model)

    # --- prompts ----------------------------------------------------------------
    def seat(self, seats: Sequence[int], pages: Sequence[Sequence[int]]) -> None:
        """Say which pages those who take a seat have."""
        most = max(map(len, pages))
        tables = np.full((len(pages), most), TRASH, dtype=np.int32)
        for table, own in zip(tables, pages, strict=True):
            table[: len(own)] = own
        where = self._send(np.array(seats))
        self._tables[where, :most] = self._send(tables)

    def prefill(self, parts: Sequence[Part]) -> None:
        """Fill pages with parts of prompts, in their order: one may use another's."""
        for some in cut(parts, _PROMPT_IDS):
            self._prefill(some)

    @torch.no_grad()
    def _prefill(self, parts: Sequence[Part]) -> None:
        row, tiles = lay_out(parts, self._in_a_tile)
        ids, positions, places = self._send(row)
        seats, starts, lengths = self._send(tiles)
        cut_so = Tiles(
            positions,
            places,
            self._tables,
            seats,
            starts,
            lengths,
            most=self._in_a_tile,
        )
        with self._ready():
            self._run(ids, cut_so, keep=1)

    # --- decoding ---------------------------------------------------------------
    def decode(self, rows: Rows) -> Drawn:
        """Take as many steps as there are points; return what will have been drawn."""
        num, steps = len(rows.seats), len(rows.points)
        size = next(size for size in _ROWS if size >= num)
        self._capture(size)
        state = np.zeros((4, size), dtype=np.int64)
        state[0] = MOST_ROWS  # nobody's seat
        state[:, :num] = rows.seats, rows.last, rows.positions, rows.left
        points = np.zeros((steps, size))
        points[:, :num] = rows.points
        self._rows[:, :size] = self._send(state)
        self._points[:steps, :size] = self._send(points)
        self._number.zero_()
        if self._captures:
            for _ in range(steps):
                self._graphs[size].replay()
        else:
            with self._ready():
                for _ in range(steps):
                    self._step(size)
        return Drawn(self._said[:steps, :num], self._logprobs[:steps, :num])

    def _capture(self, size: int) -> None:
        """Capture a step of so many rows, unless that is done."""
        if not self._captures or size in self._graphs:
            return
        self._rows.zero_()
        self._rows[0] = MOST_ROWS
        self._number.zero_()
        graph = torch.cuda.CUDAGraph()
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with self._ready():
            with torch.cuda.stream(stream):
                self._step(size)  # what is compiled or set up at first use
            torch.cuda.current_stream().wait_stream(stream)
            others = next(iter(self._graphs.values()), None)
            pool = None if others is None else others.pool()
            with torch.cuda.graph(graph, pool=pool):
                self._step(size)
        self._graphs[size] = graph

    @torch.no_grad()
    def _step(self, size: int) -> None:
        """Draw the next id of each row."""
        seats, last, positions, left = self._rows[:, :size]
        pages = self._tables[seats, positions // PAGE].long()
        going = (left > 0).long()  # others write into the trash, at 0
        places = (pages * PAGE + positions % PAGE) * going
        tiles = Tiles(
            positions,
            places,
            self._tables,
            seats,
            self._each[:size],
            self._ones[:size],
            most=1,
        )
        logits = self._run(last, tiles, keep=0)
        points = self._points.index_select(0, self._number)[0, :size]
        said, logprobs = draw_next(logits, points, self._temperature)
        self._said[:, :size].index_copy_(0, self._number, said[None])
        self._logprobs[:, :size].index_copy_(0, self._number, logprobs[None])
        self._number += 1
        last.copy_(said)
        has_ended = (said[:, None] == self._ends).any(-1)
        left.sub_(1).mul_(~has_ended).clamp_(min=0)
        positions.add_(left > 0)

    # --- the model --------------------------------------------------------------
    @contextmanager
    def _ready(self) -> Iterator[None]:
        """Let the model be as this engine computes it."""
        with using(self._model, self._adapter), attending_to_pages(self._model):
            if self._fused is None:
                yield
            else:
                with self._fused.used():
                    yield

    def _run(self, ids: Tensor, tiles: Tiles, *, keep: int) -> Tensor:
        """Compute the logits of the last ids, or of all: (keep or T, V), float32."""
        return (
            self._model(
                input_ids=ids[None],
                position_ids=tiles.positions[None],
                use_cache=False,
                logits_to_keep=keep,
                paged=Paged(self._memory, tiles, by_kernel=self._fused is not None),
            )
            .logits[0]
            .float()
        )

    def _send(self, values: np.ndarray) -> Tensor:
        """Send values to the model's device, without waiting for it."""
        here = torch.from_numpy(values)
        if self._on_gpu:
            return here.pin_memory().to(self._model.device, non_blocking=True)
        return here


def _find_addresses(model: torch.nn.Module) -> list[int]:
    return [weight.data_ptr() for weight in model.parameters()]
