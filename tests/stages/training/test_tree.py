"""Rows that begin alike, laid out as one: nothing is lost, nothing sees too much."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from stages.training.attention import block_mask
from stages.training.tree import Tree, grow

ROWS = st.lists(st.lists(st.integers(0, 2), max_size=12), min_size=1, max_size=6)


def seen_by_blocks(tree: Tree, window: int | None) -> torch.Tensor:
    """Return which places see which, as attention node by node has it: (T, T)."""
    seen = torch.zeros(len(tree.ids), len(tree.ids), dtype=torch.bool)
    for node in tree.nodes:
        spans = [range(one.start, one.end) for one in (*node.above, node)]
        keys = torch.tensor([place for span in spans for place in span])
        mask = tree.mask(node, window, torch.zeros(())) == 0
        for number, place in enumerate(range(node.start, node.end)):
            seen[place, keys[mask[number]]] = True
    return seen


@given(ROWS, st.integers(1, 5))
def test_every_row_is_whole_and_in_order(rows: list[list[int]], least: int) -> None:
    """A row's places hold its ids, each at its position in the row."""
    tree = grow(rows, least)

    for row, places in zip(rows, tree.rows, strict=True):
        assert [tree.ids[place] for place in places] == row
        assert [tree.positions[place] for place in places] == list(range(len(row)))


@given(ROWS, st.integers(1, 5), st.sampled_from([None, 1, 3]))
def test_an_id_sees_what_is_before_it_in_its_row(
    rows: list[list[int]], least: int, window: int | None
) -> None:
    """That and itself, up to the window, and nothing else: in blocks as by ends."""
    tree = grow(rows, least)
    expected = torch.zeros(len(tree.ids), len(tree.ids), dtype=torch.bool)
    for places in tree.rows:
        for number, place in enumerate(places):
            first = 0 if window is None else max(0, number - window + 1)
            expected[place, places[first : number + 1]] = True

    assert torch.equal(seen_by_blocks(tree, window), expected)
    if tree.ids:
        mask = block_mask(tree, window, torch.device("cpu"))
        one, other = torch.meshgrid(*[torch.arange(len(tree.ids))] * 2, indexing="ij")
        assert torch.equal(mask.mask_mod(0, 0, one, other), expected)


@pytest.mark.parametrize(("least", "size"), [(1, 10), (2, 11), (4, 13), (6, 17)])
def test_only_long_starts_are_shared(least: int, size: int) -> None:
    """What is shorter than `least` is laid out once a row."""
    rows = [[1, 1, 1, 1, 1], [1, 1, 1, 2, 2], [1, 1, 1, 2, 3, 3, 3]]

    assert len(grow(rows, least).ids) == size


def test_equal_rows_and_starts_of_others_cost_nothing() -> None:
    """A row that another one begins with, or equals, adds no id."""
    tree = grow([[1, 2, 3, 4, 5], [1, 2, 3, 4, 5], [1, 2, 3, 4], []])

    assert tree.ids == [1, 2, 3, 4, 5]
