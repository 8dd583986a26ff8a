"""dvc.yaml in the words of Snakemake's rules, without a run of either."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.graph import Graph
from tests.pipeline.study import Study, make_study

SFT = {"variant": "sft", "seed": "0"}
PLAY = {"lineup": "self"}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A study that nobody has run, of two seeds and without GRPO."""
    folder = tmp_path_factory.mktemp("words") / "study"
    values = {"grpo__variants": [], "policies": ["base", "sft/sft/1"]}
    values["play__variants"] = ["self"]
    return make_study(folder, seeds=[0, 1], **values)


@pytest.fixture
def graph(study: Study, monkeypatch: pytest.MonkeyPatch) -> Iterator[Graph]:
    """Its graph, with flags that can be seen, and nothing out of date."""
    monkeypatch.chdir(study.folder)
    return Graph("ancient {}".format, "folder {}".format, status=False)


def test_outputs_match_the_matrix_alone(graph: Graph) -> None:
    """Wildcards have the values of the matrix; a policy is a folder, the rest files."""
    assert graph.outs("sft") == [
        "folder data/sft/{variant,sft}/{seed,0|1}",
        "data/costs/sft/{variant,sft}/{seed,0|1}.json",
        "data/curves/sft/{variant,sft}/{seed,0|1}.csv",
    ]
    assert graph.outs("instances") == [
        "data/instances/{key,train|validation|test|held_out}.parquet"
    ]
    assert "{variant,(?!)}" in graph.outs("grpo")[0], "no variant, no match"


def test_inputs_are_those_of_dvc(graph: Graph) -> None:
    """Up to date, they are ancient; what DVC reads keys of is among them."""
    inputs = graph.deps("sft")(SFT)
    assert all(one.startswith("ancient ") for one in inputs)
    assert "ancient data/demonstrations/rows.parquet" in inputs
    assert "ancient data/packages/versions.json" in inputs
    assert "ancient stages/sft" in inputs


def test_a_folder_of_outputs_stands_for_them(graph: Graph) -> None:
    """The report reads what each policy played and each training's curve."""
    inputs = graph.deps("report")({})
    for policy in ("base", "sft/sft/1"):
        assert f"ancient data/play/self/{policy}/scores.json" in inputs
        assert f"ancient data/benchmarks/{policy}/scores.json" in inputs
    assert "ancient data/curves/sft/sft/1.csv" in inputs
    assert "ancient data/play" not in inputs


def test_a_stage_that_dvc_calls_changed_runs(study: Study, graph: Graph) -> None:
    """It has an input newer than everything; what follows has none of them ancient."""
    graph = Graph("ancient {}".format, str, status=True)
    inputs = graph.deps("base")({})
    assert ".snakemake/stale/base" in inputs
    assert Path(".snakemake/stale/base").exists()
    assert not any(one.startswith("ancient") for one in inputs)


def test_what_follows_a_changed_stage_runs_too(graph: Graph) -> None:
    """Not what stands above it or beside it."""
    graph._changed = {"sft@sft-1": ["edited"]}
    ran = {}
    for rule, wildcards in [
        ("sft", SFT | {"seed": "1"}),
        ("sft", SFT),
        ("play", PLAY | {"policy": "sft/sft/1"}),
        ("play", PLAY | {"policy": "base"}),
        ("report", {}),
        ("demonstrations", {}),
    ]:
        inputs = graph.deps(rule)(wildcards)
        name = rule, *wildcards.values()
        ran[name] = not all(one.startswith("ancient") for one in inputs)

    assert [name for name, runs in ran.items() if runs] == [
        ("sft", "sft", "1"),
        ("play", "self", "sft/sft/1"),
        ("report",),
    ]


def test_parameters_and_command_are_of_the_stage(graph: Graph) -> None:
    """Only what it reads, by the value; and it is run by its name in DVC."""
    params = graph.params("sft")(SFT)
    assert params["sft.common"]["start"] == "warmup/formats"
    assert "sft.overrides.sft" in params
    assert not any(key.startswith("dpo") for key in params)
    run = "-m pipeline.run_stage 'sft@{wildcards.variant}-{wildcards.seed}' > {log}"
    assert run in graph.run("sft")


def test_a_rule_that_is_missing_is_refused(graph: Graph) -> None:
    """Rules and stages are the same, beside `all`."""
    rules = [SimpleNamespace(name=name) for name in ("all", *graph._rules)]
    graph.check(rules)
    with pytest.raises(ValueError, match=r"differ in \['play'\]"):
        graph.check([rule for rule in rules if rule.name != "play"])


def test_results_are_what_no_stage_reads(graph: Graph) -> None:
    """The report, costs and metrics; no policy of which something is made."""
    results = graph.results()
    assert {"data/report/table.md", "data/costs/selfplay.json"} <= set(results)
    assert not {"data/sft/sft/1", "data/instances/train.parquet"} & set(results)
