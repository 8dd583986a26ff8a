"""How alike a drawn graph and the house are: clembench's graph similarity.

It falls with the graph edit distance: how many rooms and doors to add or remove until
the two have the same shape. Names and directions do not count. Finding the distance
takes a search over all ways to lay one graph on the other; it is exact unless the
search ends at `MOST_TRIES`, when the best way so far is taken.
"""

import math
from dataclasses import dataclass
from typing import Any

MOST_TRIES = 10_000
"""Pairs of rooms laid on each other; some 20 ms."""


@dataclass(frozen=True)
class Graph:
    """A graph without directions."""

    nodes: frozenset[str]
    edges: frozenset[frozenset[str]]
    """One or two nodes each."""


def read_graph(drawn: Any) -> Graph | None:
    """Read the graph that a reply draws, in small letters; None if it is none.

    Of what is listed as an edge the first two names count, as clembench reads it.
    """
    if not isinstance(drawn, dict) or not isinstance(drawn.get("nodes"), list):
        return None
    nodes, edges = drawn["nodes"], drawn.get("edges")
    if not isinstance(edges, dict) or not all(isinstance(n, str) for n in nodes):
        return None
    if not all(isinstance(listed, list | tuple) for listed in edges.values()):
        return None
    pairs = [pair for listed in edges.values() for pair in listed]
    if not all(_is_pair(pair) for pair in pairs):
        return None
    ends = [(one.lower(), other.lower()) for one, other, *_ in pairs]
    names = {node.lower() for node in nodes}.union(*ends)
    return Graph(frozenset(names), frozenset(map(frozenset, ends)))


def _is_pair(pair: Any) -> bool:
    """Whether something in a list of edges begins with two names."""
    return (
        isinstance(pair, list | tuple | str)
        and len(pair) >= 2
        and all(isinstance(end, str) for end in pair[:2])
    )


def compare(one: Graph, other: Graph) -> float:
    """Compare graphs: 100 if of the same shape, towards 0 the more they differ."""
    distance = count_edits(one, other)
    return 100 * (1 - (2 / (1 + math.exp(-distance / 2)) - 1))


def count_edits(one: Graph, other: Graph) -> int:
    """Count the nodes and edges to add or remove to get from one to the other.

    No node of the smaller graph need be removed: laying it on a spare one costs less.
    """
    small, large = sorted((one, other), key=lambda graph: len(graph.nodes))
    spare = len(large.nodes) - len(small.nodes)
    common = _Overlay(small, large).count_common_edges()
    return spare + len(small.edges) + len(large.edges) - 2 * common


class _Overlay:
    """The search for the way to lay a graph on another with most edges in common."""

    def __init__(self, small: Graph, large: Graph) -> None:
        self._order = _order_nodes(small)
        self._links, self._others = _index_links(small), _index_links(large)
        self._limit = min(len(small.edges), len(large.edges))
        place = {node: number for number, node in enumerate(self._order)}
        self._open = [0] * (len(self._order) + 1)
        """How many edges end at or behind each place in the order."""
        for edge in small.edges:
            for number in range(max(place[node] for node in edge) + 1):
                self._open[number] += 1
        self._tries = self._best = 0

    def count_common_edges(self) -> int:
        """Count the most edges that can be in common."""
        self._lay({}, set(), 0)
        return self._best

    def _lay(self, laid: dict[str, str], used: set[str], common: int) -> None:
        """Lay the next node on each node that is left, the most promising first."""
        self._best = max(self._best, common)
        if min(common + self._open[len(laid)], self._limit) <= self._best:
            return
        node = self._order[len(laid)]
        linked = {laid[n] for n in self._links[node] if n in laid}
        loop = node in self._links[node]
        choices = []
        for other in sorted(self._others.keys() - used):
            links = self._others[other]
            gain = len(linked & links) + (loop and other in links)
            unlike = abs(len(links) - len(self._links[node]))
            choices.append((-gain, unlike, other))
        self._tries += len(choices)
        for cost, _, other in sorted(choices):
            if self._tries < MOST_TRIES:
                self._lay(laid | {node: other}, used | {other}, common - cost)


def _index_links(graph: Graph) -> dict[str, set[str]]:
    """Map every node to its neighbours; to itself if an edge leads back to it."""
    links: dict[str, set[str]] = {node: set() for node in graph.nodes}
    for edge in graph.edges:
        first, last = min(edge), max(edge)
        links[first].add(last)
        links[last].add(first)
    return links


def _order_nodes(graph: Graph) -> list[str]:
    """Order the nodes so that each but the first has many neighbours before it."""
    links = _index_links(graph)
    order: list[str] = []
    while len(order) < len(links):
        order.append(
            max(
                sorted(links.keys() - set(order)),
                key=lambda node: (len(links[node] & set(order)), len(links[node])),
            )
        )
    return order
