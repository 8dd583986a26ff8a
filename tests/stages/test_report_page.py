"""The page of the report: every dialogue in it, hostile ones too, and no network."""

import gzip
import json
import math
import shutil
from base64 import b64decode
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from games.session import Episode, Turn
from stages.report.rows import ResultRow
from stages.report.web import dialogues
from stages.report.web.build import dump_script, render_markdown, render_page
from stages.report.web.charts import CURVES, draw_curves, draw_ends
from stages.report.web.dialogues import Named, pack

HOSTILE = (
    "<script>window.hacked = 1</script>",
    "</script><img src=x onerror='window.hacked = 1'>",
    "turned \u202e round",
    "red \x1b[31m and \x00 nothing",
    "&lt;b&gt; \u2028 \U0001f600",
    "x" * 1_000_000,
)
INSTANCES = [f"high_en-{place:04d}" for place in range(len(HOSTILE))]


def make(who: str, place: int, replies: list[str], outcome: str = "lose") -> Named:
    """Make an episode in which a policy fills both roles."""
    turns = [
        Turn(role, f"say something about {place}", reply)
        for role, reply in zip(("describer", "guesser") * 2, replies, strict=False)
    ]
    episode = Episode(
        game="taboo",
        variant="high_en",
        instance_id=INSTANCES[place],
        players={"describer": who, "guesser": who},
        sample=0,
        seed=1,
        outcome=outcome,
        reason="format",
        ended_by="describer",
        main_score=math.nan if outcome == "aborted" else 0.0,
        turns=turns,
    )
    return who, "self", episode


EPISODES = [
    *(make("base", place, ["hello", text]) for place, text in enumerate(HOSTILE)),
    *(
        make("sft/sft/0", place, ["hello", "GUESS: dog"], "aborted")
        for place in range(len(HOSTILE))
    ),
]


def unpack(packed: str) -> dict[str, Any]:
    """Undo what the page has to undo."""
    return json.loads(gzip.decompress(b64decode(packed)))


def test_all_that_was_said_is_in_it() -> None:
    """Names, texts and scores come back as they were; what is too long says so."""
    packed, num = pack(EPISODES)
    data = unpack(packed)
    names, texts = data["names"], data["texts"]

    assert num == len(EPISODES) == len(data["episodes"])
    first, last = data["episodes"][0], data["episodes"][-1]
    assert [names[n] for n in first[:4]] == ["base", "self", "taboo", "high_en"]
    assert first[4:6] == [INSTANCES[0], 0]
    assert (first[9], last[9]) == (0.0, None)
    assert [texts[turn[3]] for turn in first[11]] == ["hello", HOSTILE[0]]
    (cut,) = (text for text in texts if text.startswith("xxx"))
    assert cut.endswith("x\n[980,000 more characters]")


def test_equal_episodes_are_equal_bytes() -> None:
    """No time of day is in it."""
    assert pack(EPISODES) == pack(EPISODES)


def test_what_is_too_much_is_left_out_by_instances() -> None:
    """Policies can still be compared on those that stay."""
    packed, num = pack(EPISODES, most=len(pack(EPISODES)[0]) - 1)
    kept = {(row[0], row[4]) for row in unpack(packed)["episodes"]}

    assert num == len(EPISODES) // 2
    assert {place for _, place in kept} == set(INSTANCES[::2])
    assert len(kept) == num


def test_a_lone_surrogate_is_no_traceback() -> None:
    """A model may say half a character."""
    packed, _ = pack([make("base", 0, ["half \ud83d"])])
    assert "half ?" in unpack(packed)["texts"]


def test_html_in_tables_and_scripts_is_text() -> None:
    """A reply stands in the table of constant answers, a policy's name in figures."""
    html = render_markdown("| a |\n|---|\n| `<script>x</script>` <img src=x> |\n")
    assert "<script" not in html
    assert "<img" not in html
    assert "</script" not in dump_script({"a": "</script>"})
    assert json.loads(dump_script({"a": "</script>"})) == {"a": "</script>"}


def test_curves_are_drawn_as_they_were_logged() -> None:
    """Every step of every policy, and no gap is filled."""
    figure = draw_curves(make_curves())
    assert figure is not None
    (points,) = figure.spec["datasets"].values()
    rewards = [p for p in points if p["facet"] == CURVES["reward"]]
    assert [(p["policy"], p["y"]) for p in rewards] == [("grpo/a/0", 0.5)]
    assert draw_curves(pd.DataFrame({"policy": [], "step": []})) is None


def test_ends_are_counted_in_self_play() -> None:
    """By policy over its seeds, game and reason."""
    row = ResultRow("sft/sft", ("sft/sft/0", "sft/sft/1"), ("base", "base"))
    beside = ("sft/sft/1", "beside", EPISODES[0][2])
    figure = draw_ends([row], [*EPISODES, make("sft/sft/1", 0, ["a"]), beside])
    assert figure is not None
    (points,) = figure.spec["datasets"].values()
    ends = {(one["what"], one["facet"], one["end"]): one["num"] for one in points}
    assert ends == {
        ("sft/sft", "taboo", "aborted: format"): len(HOSTILE),
        ("sft/sft", "taboo", "lose: format"): 1,
    }


def make_curves() -> pd.DataFrame:
    """Make the curves of two trainings of a step each."""
    rows = [("sft/sft/0", 1, 0.25, None), ("grpo/a/0", 1, 0.125, 0.5)]
    return pd.DataFrame(rows, columns=["policy", "step", "loss", "reward"])


# --- in a browser -----------------------------------------------------------------
CHROMIUM = shutil.which("chromium")
in_a_browser = pytest.mark.skipif(
    CHROMIUM is None or find_spec("playwright") is None,
    reason="there is no chromium: `apt install chromium`",
)


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a page with a figure, a table and all episodes."""
    figure = draw_curves(make_curves())
    assert figure is not None
    packed, num = pack(EPISODES)
    wide = "| policy |" + " number |" * 30
    table = f"{wide}\n|{'---|' * 31}\n{wide.replace('number', '100.0 [98.1, 100.0]')}\n"
    html = render_page(table, "details", [figure], packed, num, len(EPISODES))
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(html)
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Start Debian's Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"]
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Any, page_file: Path) -> Iterator[Any]:
    """Open the page from disk; it may complain of nothing, and ask for nothing."""
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page_file.as_uri())
    page.wait_for_function("document.querySelector('#list tbody tr')")
    yield page
    assert said == []
    own = (page_file.as_uri(), "data:")
    assert [url for url in asked if not url.startswith(own)] == []
    assert page.evaluate("window.hacked") is None
    page.close()


def show(page: Any, place: int, who: str = "base") -> Any:
    """Open an episode; return what is shown of it."""
    page.select_option("[name=who]", who)
    page.click(f"#list tbody tr:has-text('{INSTANCES[place]}')")
    return page.locator("#episode")


@in_a_browser
def test_filters_leave_what_fits(page: Any) -> None:
    """By policy, by outcome, and by a text that somebody said."""
    rows = page.locator("#list tbody tr")
    assert rows.count() == len(EPISODES)
    page.select_option("[name=who]", "sft/sft/0")
    assert page.inner_text("#count") == "6 episodes"
    page.select_option("[name=who]", "")
    page.select_option("[name=outcome]", "aborted")
    assert rows.count() == 6
    page.select_option("[name=outcome]", "")
    page.fill("[name=text]", "TURNED")
    assert rows.count() == 1


@in_a_browser
@pytest.mark.parametrize("place", range(len(HOSTILE)))
def test_a_hostile_text_is_shown_as_text(page: Any, place: int) -> None:
    """Nothing of it runs or is fetched, and nothing that is not seen stays unseen."""
    shown = show(page, place)
    said = shown.locator(".said").nth(1).inner_text()
    visible = HOSTILE[place][:200]
    for letter in "\u202e\x1b\x00\u2028":
        visible = visible.replace(letter, f"U+{ord(letter):04X}")
    assert said.startswith(visible)
    assert shown.locator("script, img").count() == 0


@in_a_browser
def test_two_policies_side_by_side(page: Any) -> None:
    """The first reply in which they part is marked, on both sides."""
    shown = show(page, 0)
    page.select_option("#other", "sft/sft/0")
    assert shown.locator(".side").count() == 2
    marked = shown.locator(".turn.parts")
    assert [text.split(".")[0] for text in marked.all_inner_texts()] == ["2", "2"]
    assert "GUESS: dog" in marked.nth(1).inner_text()


@in_a_browser
def test_an_episode_has_an_address(page: Any, page_file: Path) -> None:
    """Who opens it sees the same episode, beside the same other one."""
    show(page, 2)
    page.select_option("#other", "sft/sft/0")
    address = page.evaluate("location.href")
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector("#episode .side")
    assert INSTANCES[2] in page.inner_text("#episode h3")
    assert page.locator("#episode .side").count() == 2


@in_a_browser
def test_keys_are_enough(page: Any) -> None:
    """Down, open, close: focus comes back to the row."""
    page.focus("#list tbody tr button")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert INSTANCES[1] in page.inner_text("#episode h3")
    page.keyboard.press("Escape")
    assert page.locator("#episode").is_hidden()
    assert page.evaluate("document.activeElement.textContent") == INSTANCES[1]


@in_a_browser
def test_light_and_dark(page: Any) -> None:
    """The button changes the page, and figures with it."""
    figure = page.locator(".chart svg")
    figure.first.scroll_into_view_if_needed()
    figure.first.wait_for()
    back = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(back)
    page.click("#theme")
    assert page.evaluate(back) != before
    page.wait_for_function("document.querySelector('.chart').dataset.drawn === 'dark'")
    figure.first.wait_for()


@in_a_browser
def test_a_phone_scrolls_one_way(page: Any) -> None:
    """Wide tables and figures scroll by themselves, the page does not."""
    page.set_viewport_size({"width": 360, "height": 740})
    show(page, 5)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_page_is_small_enough() -> None:
    """What the page itself takes leaves room for the episodes below five megabytes."""
    rest = len(render_page("", "", [], "", 0, 0).encode())
    assert rest + dialogues.LARGEST < 5_000_000
