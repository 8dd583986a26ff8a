"""The tables of the report, each one function: scores, changes, games, tasks."""

from collections.abc import Sequence
from math import nan
from statistics import fmean

from stages.common.files import DATA, read_json
from stages.report.cells import render_table, write_cell, write_change, write_number
from stages.report.chance import measure_above_chance
from stages.report.constancy import find_constants, name_games
from stages.report.estimates import estimate_rate
from stages.report.evidence import Evidence, average_defined
from stages.report.measures import average
from stages.report.results import Result
from stages.report.rows import ResultRow

HELD = {"held_in": "unseen instances", "held_out": "unseen games"}
MAIN = ("clemscore", "played", "quality")
FORMS = {"clemscore": "standard", "product": "product"}


def render_scores(results: Sequence[Result], evidence: Evidence) -> str:
    """Render the scores of each policy."""
    header = ["policy", "how"]
    for name in HELD.values():
        header += [f"{name}: clemscore", "% played", "quality", "above chance"]
    lines = []
    for result in results:
        line = [f"`{result.row.name}`", _write_how(result, evidence)]
        for suite in HELD:
            scores, skill = result.scores[suite], result.skill.get(suite)
            line += [write_cell(scores.get(m)) for m in MAIN]
            line.append(write_change(skill, labelled=False))
        line.append(write_cell(result.scores["benchmarks"].get("accuracy")))
        lines.append(line)
    return render_table([*header, "benchmarks %"], lines)


def _write_how(result: Result, evidence: Evidence) -> str:
    """Say how a policy was made, and where it answers constantly."""
    if result.row.is_yardstick:
        return result.row.how
    games = name_games(find_constants(result.row.policies, evidence))
    return f"{result.row.how}; constant in {games}" if games else result.row.how


def render_differences(results: Sequence[Result]) -> str:
    """Render a row for each policy and each policy that it is compared with."""
    header = ["policy", "minus"]
    for name in HELD.values():
        header += [f"{name}: clemscore", "product form"]
    lines = []
    for result in results:
        for reference, by_suite in result.changes.items():
            cells = [f"`{result.row.name}`", f"`{reference}`"]
            for suite in HELD:
                measures = by_suite[suite]
                cells.append(write_change(measures.get("clemscore"), labelled=False))
                cells.append(write_change(measures.get("product")))
            cells.append(write_change(by_suite["benchmarks"].get("accuracy")))
            lines.append(cells)
    return render_table([*header, "benchmarks %"], lines)


def render_forms(results: Sequence[Result]) -> str:
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


def render_games(rows: Sequence[ResultRow], evidence: Evidence) -> str:
    """Render % played, quality and skill above chance of each game, over seeds."""
    games = [game for suite in HELD for game in evidence.list_games(suite)]
    lines = []
    for row in rows:
        cells = []
        for game in games:
            scores = [evidence.score(policy, [game]) for policy in row.policies]
            played = fmean(score.played for score in scores)
            quality = average_defined([score.quality for score in scores])
            measured = measure_above_chance(row.policies, [game], evidence)
            above = 100 * float(measured.points.mean()) if measured else nan
            numbers = (played, quality, above)
            cells.append(" / ".join(map(write_number, numbers)))
        lines.append([f"`{row.name}`", *cells])
    return render_table(["policy", *games], lines)


def render_tasks(results: Sequence[Result], evidence: Evidence) -> str:
    """Render the accuracy of each benchmark, over seeds, and of a guess."""
    tasks = evidence.list_tasks()
    scores = DATA / "benchmarks" / evidence.policies[0] / "scores.json"
    known = read_json(scores)["benchmarks"]
    chance = ["chance", *(write_number(100 * known[task]["chance"]) for task in tasks)]
    lines = [
        [
            f"`{result.row.name}`",
            *(_write_accuracy(result.row.policies, task, evidence) for task in tasks),
        ]
        for result in results
        if result.scores["benchmarks"]
    ]
    return render_table(["policy", *tasks], [chance, *lines])


def _write_accuracy(policies: Sequence[str], task: str, evidence: Evidence) -> str:
    items = evidence.stack_items(policies, task)
    confidence = evidence.params.report.confidence
    measured = average([items])
    return write_cell(estimate_rate(measured, float(items.mean()), confidence))


def render_task_changes(results: Sequence[Result], evidence: Evidence) -> str:
    """Render how each policy changed in each benchmark."""
    tasks = evidence.list_tasks()
    lines = [
        [
            f"`{result.row.name}`",
            f"`{reference}`",
            *(write_change(changes[task]) for task in tasks),
        ]
        for result in results
        for reference, changes in result.tasks.items()
    ]
    return render_table(["policy", "minus", *tasks], lines)
