"""The report as Markdown: one row a policy, changes, games, tasks, the paper."""

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from pipeline.params.sections.play import SELF_PLAY
from pipeline.params.sections.whole import Params
from stages.report.cells import render_table
from stages.report.claims import Verdict, render_verdicts
from stages.report.constancy import render_constants
from stages.report.evidence import Evidence
from stages.report.needed import write_needed
from stages.report.results import Result
from stages.report.seats import render_seats
from stages.report.tables import (
    render_differences,
    render_forms,
    render_games,
    render_scores,
    render_task_changes,
    render_tasks,
)

PAPER = Path(__file__).with_name("paper.yaml")
ONE_SEED = (
    "There is one training seed: the intervals do not include how much a policy would "
    "vary if it were trained again. "
)
VERDICTS = (
    "Each policy is compared with the one that its training started from; all changes "
    "of this table are one family (Holm). Supported: every change that is claimed is "
    "there; not supported: one is the other way round, or its interval leaves out "
    "{least:g} points; undecided: neither. Above chance: on a scale on which the best "
    "blind player of each game has 0 and the expert 100; a policy that learned nothing "
    "but a format is at 0."
)
LABELS = (
    'A label is "higher" or "lower" where the whole table would claim a change that is '
    "not there in at most {alpha:g} % of studies (Holm, over all labels of the table); "
    '"not distinguishable" is no finding of equality: a difference of the size that is '
    "named would have been seen four times in five. The label of games is that of the "
    "product form, which is a plain mean."
)


def render_summary(
    results: list[Result], verdicts: list[Verdict], evidence: Evidence
) -> str:
    """Render what comes first: the verdicts, and the scores of each policy."""
    paper = YAML(typ="safe").load(PAPER)
    parts = [
        "**Verdicts**, by intervals of this run:",
        render_verdicts(verdicts, paper),
        VERDICTS.format(least=evidence.params.report.difference),
        "**Scores**",
        render_scores(results, evidence),
        write_caption(evidence.params),
    ]
    return "\n\n".join(parts) + "\n"


def render_details(results: list[Result], evidence: Evidence) -> str:
    """Render all other tables, with what explains them."""
    rows = [result.row for result in results]
    trained = [result for result in results if not result.row.is_yardstick]
    alpha = 100 * (1 - evidence.params.report.confidence)
    parts = [
        "**Constant answers**: one reply far more often than the expert gives any:",
        render_constants(rows, evidence),
        "**Differences**, paired over the same instances and items:",
        render_differences(trained),
        LABELS.format(alpha=alpha),
        write_needed(trained, evidence),
        "**Both forms of clemscore**: standard (mean % played x mean quality, a game "
        "never played dropping out of the quality) and product (mean of % played x "
        "quality, such a game counting 0):",
        render_forms(results),
        "**Games**, % played / quality / above chance:",
        render_games(rows, evidence),
        *render_seats(rows, trained, evidence),
        "**Benchmarks**, accuracy in %:",
        render_tasks(results, evidence),
        "**Changes in each benchmark**, by the exact test of McNemar on the same items "
        "where there is one seed; labels as above, for this table by itself:",
        render_task_changes(trained, evidence),
        *render_paper(YAML(typ="safe").load(PAPER)),
    ]
    return "\n\n".join(parts) + "\n"


def write_caption(params: Params) -> str:
    """Say how the numbers were measured."""
    suites = f"unseen instances of {', '.join(params.games.held_in)}"
    if params.games.held_out:
        suites += f"; unseen games: {', '.join(params.games.held_out)}"
    report, play = params.report, params.play.variant(SELF_PLAY)
    most = min(params.instances.test, play.instances or params.instances.test)
    decoding = "greedy" if play.temperature == 0 else f"temperature {play.temperature}"
    seeds = "" if len(params.seeds) > 1 else ONE_SEED
    floats: str = params.compute.dtype
    if params.compute.quantize:
        floats += f" over {params.compute.quantize} weights"
    own = [name.partition("_")[0] == "own" for name in params.benchmarks.names]
    tasks = "of our own" if all(own) else "of lm-eval"
    tasks = "of our own and of lm-eval" if any(own) and not all(own) else tasks
    return (
        f"Preset {params.preset}: {suites}"
        f"; up to {most} test instances a game; every policy fills all roles itself. "
        f"All rows: {floats}, {decoding} decoding; benchmark tasks "
        f"{tasks}. In brackets: {100 * report.confidence:g} % intervals over instances "
        "(items) within each game (task), and over training seeds where a row pools "
        f"several; docs/coverage.json says how often they hold the truth. {seeds}Where "
        "no episode was played, quality is undefined (\N{EN DASH}) and clemscore is "
        "given as 0. Blind players give well-formed replies and know nothing: always "
        "the first possible one, any, or the one most frequent in training; the expert "
        "is scripted."
    )


def render_paper(paper: dict[str, Any]) -> list[str]:
    """Render the paper's numbers, each with its source, clearly apart from ours."""
    columns = ("held_in", "held_in_delta", "held_out", "held_out_delta")
    header = ["trained games", "change", "unseen games", "change"]
    lines = [
        [row["policy"], *(_write_source(row[column], column) for column in columns)]
        for row in paper["rows"]
    ]
    sources = "; ".join(f"[{tag}] {text}" for tag, text in paper["sources"].items())
    notes = f"{sources}. (a) {paper['missing']}."
    return [f"**{paper['caption']}**", render_table(["policy", *header], lines), notes]


def _write_source(value: list[Any] | None, column: str) -> str:
    """Write a number with its tag; [] does not apply, None could not be obtained."""
    if value is None:
        return "(a)"
    if not value:
        return ""
    sign = "+" if column.endswith("delta") else ""
    return f"{value[0]:{sign}.2f} [{value[1]}]"
