"""Sum up all policies: tables with intervals, and metrics to compare runs by.

Run `python -m stages.report`.  Writes table.md, report.html, details.json, rows.csv,
curves.csv and metrics.json, a few of all numbers, into data/report, and the tables into
README.md if report.readme is set.

Departs from the paper, which gives one number a policy: every score carries an
interval, every difference is paired over the same instances and labelled with all
others in mind, clemscore comes in two forms, and the paper's own numbers keep the tags
of their sources.
"""

import csv
from pathlib import Path

from pipeline.params.read import load_params
from stages.common.cli import run
from stages.common.files import DATA, make_whole_file, write_json
from stages.report.claims import judge_claims, nest_verdicts
from stages.report.curves import write_curves
from stages.report.evidence import Evidence
from stages.report.page import render_details, render_summary
from stages.report.readme import replace_block
from stages.report.results import Result, estimate_rows, nest_points, nest_results
from stages.report.rows import list_rows, list_yardsticks
from stages.report.seats import nest_seats
from stages.report.tables import HELD
from stages.report.web.build import build_page

FOLDER = DATA / "report"
README = Path("README.md")


def main() -> None:
    """Read all evidence, then write every artifact of the report."""
    params = load_params()
    evidence = Evidence(params)
    rows = list_yardsticks(evidence.yardsticks)
    rows += list_rows(params, evidence.policies)
    results = estimate_rows(rows, evidence)
    verdicts = judge_claims(results, evidence)
    summary = render_summary(results, verdicts, evidence)
    details = render_details(results, evidence)
    table = f"{summary}\n{details}"
    with make_whole_file(FOLDER / "table.md") as temporary:
        temporary.write_text(table)
    more = {"verdicts": nest_verdicts(verdicts), "seats": nest_seats(rows, evidence)}
    write_json(FOLDER / "details.json", nest_results(results) | more)
    write_json(FOLDER / "metrics.json", nest_points(results))
    write_scores(FOLDER / "rows.csv", results)
    write_curves(FOLDER / "curves.csv")
    curves = (FOLDER / "curves.csv").read_text()
    page = build_page(summary, details, results, evidence, curves)
    with make_whole_file(FOLDER / "report.html") as temporary:
        temporary.write_text(page)
    if params.report.readme:
        replace_block(README, table)
    print(f"report: {len(results)} rows in {FOLDER / 'report.html'}")


def write_scores(path: Path, results: list[Result]) -> None:
    """Write clemscore with its interval, one line a row and suite, for `dvc plots`."""
    with make_whole_file(path) as temporary, temporary.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["policy", "suite", "clemscore", "low", "high"])
        for result in results:
            for suite in HELD:
                if score := result.scores[suite].get("clemscore"):
                    shown = score.scale(100, 2)
                    numbers = (shown.point, shown.low, shown.high)
                    writer.writerow([result.row.name, suite, *numbers])


if __name__ == "__main__":
    run(main)
