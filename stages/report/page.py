"""The report as Markdown: one row a policy, differences, games, tasks, the paper."""

import math
from collections.abc import Iterable
from pathlib import Path
from statistics import fmean
from typing import Any

from ruamel.yaml import YAML

from pipeline.params.sections.play import SELF_PLAY
from pipeline.params.sections.whole import Params
from stages.common.files import DATA, read_json
from stages.report.evidence import Evidence, average_defined
from stages.report.results import Estimate, Result
from stages.report.rows import ResultRow

PAPER = Path(__file__).with_name("paper.yaml")
HELD = {"held_in": "unseen instances", "held_out": "unseen games"}
ONE_SEED = (
    "There is one training seed: the intervals do not include how much a policy would "
    "vary if it were trained again. "
)
UNDEFINED = "–"  # noqa: RUF001


def render(results: list[Result], evidence: Evidence) -> str:
    """Render all tables, with what explains them."""
    rows = [result.row for result in results]
    parts = [
        render_scores(results),
        write_caption(evidence.params),
        "**Differences**, paired over the same instances and items:",
        render_differences(results),
        'An interval that includes zero is labelled "noise".',
        "**Both forms of clemscore**: standard (mean % played x mean quality, a game "
        "never played dropping out of the quality) and product (mean of % played x "
        "quality, such a game counting 0):",
        render_forms(results),
        "**Games**, % played / quality:",
        render_games(rows, evidence),
        "**Benchmarks**, accuracy in %:",
        render_tasks(rows, evidence),
        *render_paper(YAML(typ="safe").load(PAPER)),
    ]
    return "\n\n".join(parts) + "\n"


def render_scores(results: list[Result]) -> str:
    """Render the scores of each policy."""
    header = ["policy", "how"]
    for name in HELD.values():
        header += [f"{name}: clemscore", "% played", "quality"]
    lines = [
        [
            f"`{result.row.name}`",
            result.row.how,
            *(
                write_cell(result.scores[suite].get(measure))
                for suite in HELD
                for measure in ("clemscore", "played", "quality")
            ),
            write_cell(result.scores["benchmarks"]["accuracy"], percent=True),
        ]
        for result in results
    ]
    return render_table([*header, "benchmarks %"], lines)


def write_caption(params: Params) -> str:
    """Say how the numbers were measured."""
    suites = f"unseen instances of {', '.join(params.games.held_in)}"
    if params.games.held_out:
        suites += f"; unseen games: {', '.join(params.games.held_out)}"
    report, play = params.report, params.play.variant(SELF_PLAY)
    most = min(params.instances.test, play.instances or params.instances.test)
    decoding = "greedy" if play.temperature == 0 else f"temperature {play.temperature}"
    seeds = "" if len(params.seeds) > 1 else ONE_SEED
    own = [name.partition("_")[0] == "own" for name in params.benchmarks.names]
    tasks = "of our own" if all(own) else "of lm-eval"
    tasks = "of our own and of lm-eval" if any(own) and not all(own) else tasks
    return (
        f"Preset {params.preset}: {suites}"
        f"; up to {most} test instances a game; every policy fills all roles itself. "
        f"All rows: {params.compute.dtype}, {decoding} decoding; benchmark tasks "
        f"{tasks}. In brackets: {100 * report.confidence:g} % percentile intervals of "
        f"{report.bootstrap} bootstrap resamples of instances (items) within each game "
        f"(task), and of training seeds where a row pools several. {seeds}Where no "
        f"episode was played, quality is undefined ({UNDEFINED}) and clemscore is "
        "given as 0."
    )


def render_differences(results: list[Result]) -> str:
    """Render a row for each policy and each policy that it is compared with."""
    header = ["policy", "minus"]
    for name in HELD.values():
        header += [f"{name}: clemscore", "product form"]
    lines = [
        [
            f"`{result.row.name}`",
            f"`{reference}`",
            *(
                write_difference(deltas[suite].get(measure))
                for suite in HELD
                for measure in ("clemscore", "product")
            ),
            write_difference(deltas["benchmarks"]["accuracy"], percent=True),
        ]
        for result in results
        for reference, deltas in result.deltas.items()
    ]
    return render_table([*header, "benchmarks %"], lines)


def render_forms(results: list[Result]) -> str:
    """Render the standard and the product form side by side."""
    header = [f"{name}: {form}" for name in HELD.values() for form in FORMS.values()]
    lines = [
        [
            f"`{result.row.name}`",
            *(
                write_cell(result.scores[suite].get(form))
                for suite in HELD
                for form in FORMS
            ),
        ]
        for result in results
    ]
    return render_table(["policy", *header], lines)


FORMS = {"clemscore": "standard", "product": "product"}


def render_games(rows: list[ResultRow], evidence: Evidence) -> str:
    """Render % played and quality of each game, averaged over seeds."""
    games = [game for suite in HELD for game in evidence.list_games(suite)]
    lines = []
    for row in rows:
        cells = []
        for game in games:
            scores = [evidence.score(policy, [game]) for policy in row.policies]
            played = fmean(score.played for score in scores)
            quality = average_defined([score.quality for score in scores])
            cells.append(f"{write_number(played)} / {write_number(quality)}")
        lines.append([f"`{row.name}`", *cells])
    return render_table(["policy", *games], lines)


def render_tasks(rows: list[ResultRow], evidence: Evidence) -> str:
    """Render the accuracy of each benchmark, averaged over seeds, and of a guess."""
    first = rows[0].policies[0]
    known = read_json(DATA / "benchmarks" / first / "scores.json")["benchmarks"]
    tasks = list(evidence.items[first])
    chance = ["chance", *(write_number(100 * known[task]["chance"]) for task in tasks)]
    lines = [
        [
            f"`{row.name}`",
            *(
                write_number(
                    100 * fmean(evidence.items[p][task].mean() for p in row.policies)
                )
                for task in tasks
            ),
        ]
        for row in rows
    ]
    return render_table(["policy", *tasks], [chance, *lines])


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


def write_cell(estimate: Estimate | None, *, percent: bool = False) -> str:
    """Write a number with its interval."""
    if estimate is None or math.isnan(estimate.point):
        return UNDEFINED
    scale = 100 if percent else 1
    point, low, high = (
        write_number(scale * n) for n in (estimate.point, estimate.low, estimate.high)
    )
    return f"{point} [{low}, {high}]"


def write_difference(estimate: Estimate | None, *, percent: bool = False) -> str:
    """Write a difference with its interval, and whether it is noise."""
    if estimate is None:
        return UNDEFINED
    scale = 100 if percent else 1
    point, low, high = (
        f"{scale * n:+.1f}" for n in (estimate.point, estimate.low, estimate.high)
    )
    return f"{point} [{low}, {high}]" + (" noise" if estimate.is_noise else "")


def write_number(value: float) -> str:
    """Write a number with one decimal, or the sign for undefined."""
    return UNDEFINED if math.isnan(value) else f"{value:.1f}"


def render_table(header: list[str], lines: Iterable[list[str]]) -> str:
    """Render a Markdown table: the first column left, all others right aligned."""
    rule = [":--", *["--:"] * (len(header) - 1)]
    return "\n".join(f"| {' | '.join(line)} |" for line in [header, rule, *lines])
