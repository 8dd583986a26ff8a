"""Puts the page together: one file that needs no network, and asks for none."""

import json
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
import vl_convert
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from stages.report.evidence import Evidence
from stages.report.results import Result
from stages.report.web.charts import Figure, draw_figures
from stages.report.web.dialogues import gather_episodes, pack

HERE = Path(__file__).parent


def build_page(
    summary: str,
    details: str,
    results: Sequence[Result],
    evidence: Evidence,
    curves: str,
) -> str:
    """Build the page.

    Args:
        summary: verdicts and scores, as Markdown.
        details: all other tables, as Markdown.
        results: the rows of the tables.
        evidence: what was measured.
        curves: all learning curves, as CSV.
    """
    table = pd.read_csv(StringIO(curves))
    episodes = list(gather_episodes(evidence))
    packed, num = pack(episodes)
    figures = draw_figures(results, evidence, table, episodes)
    return render_page(summary, details, figures, packed, num, len(episodes))


def render_page(
    summary: str,
    details: str,
    figures: Sequence[Figure],
    packed: str,
    num: int,
    of: int,
) -> str:
    """Render the page from its parts; all text from outside is escaped.

    Args:
        summary: Markdown.
        details: Markdown.
        figures: in their order.
        packed: the episodes, as `pack` packs them.
        num: how many these are.
        of: how many were played.
    """
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("page.html").render(
        summary=render_markdown(summary),
        details=render_markdown(details),
        figures=figures,
        specs=dump_script({one.name: one.spec for one in figures}),
        packed=packed,
        num=num,
        of=of,
        style=_read("page.css"),
        script=_read("page.js"),
        # the figures are drawn by Vega-Embed, which Altair's own converter carries
        vega=Markup(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")),
    )


def render_markdown(text: str) -> Markup:
    """Render Markdown with tables; HTML in it is shown as the text that it is."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    html = markdown.render(text)
    return Markup(html.replace("<table>", '<div class="wide"><table>')).replace(
        Markup("</table>"), Markup("</table></div>")
    )


def dump_script(value: Any) -> Markup:
    """Write JSON that stands in a script, whatever texts it holds."""
    return Markup(json.dumps(value, separators=(",", ":")).replace("<", "\\u003c"))


def _read(name: str) -> Markup:
    return Markup((HERE / name).read_text())
