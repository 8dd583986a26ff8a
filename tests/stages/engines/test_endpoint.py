"""An endpoint: whatever comes back, nothing is lost, paid twice or told."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from games.errors import ArtifactError, EndpointError, ParamsError
from pipeline.params.sections.players import Endpoint, Prices
from stages.engines.backend import Reply, Request
from stages.engines.endpoint.backend import EndpointBackend
from stages.engines.endpoint.keys import redact
from stages.engines.endpoint.pace import choose_pause, read_wait
from tests.stages.server import CUT, DROP, HANG, Response, Served, completion, serve

ROOT = Path(__file__).parents[3]
KEY = "sk-test-0123456789abcdef"
FREE = Prices(prompt=0.0, sampled=0.0)
DEAR = Prices(prompt=1000.0, sampled=1000.0)
"""A thousandth for a token."""


OPEN: list[EndpointBackend] = []


class Clock:
    """Time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.now, self.waits = 0.0, []

    def __call__(self) -> float:
        """Return the time."""
        return self.now

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.waits.append(seconds)
        self.now += seconds


def settings(served: Served | str, **changes: object) -> Endpoint:
    """Return the settings of an endpoint, plain where not told."""
    usual = {
        "url": served if isinstance(served, str) else served.url,
        "model": "a-model",
        "key": "TEACHER_API_KEY",
        "concurrency": 1,
        "timeout": 30.0,
        "retries": 3,
        "temperature": 1.0,
        "max_spend": None,
        "prices": FREE,
    }
    return Endpoint(**(usual | changes))


def backend(
    served: Served | str, folder: Path, clock: Clock | None = None, **changes: object
) -> EndpointBackend:
    """Return a backend that never really waits."""
    clock = clock or Clock()
    OPEN.append(
        EndpointBackend(
            "teacher",
            settings(served, **changes),
            folder,
            environ={"TEACHER_API_KEY": KEY},
            clock=clock,
            wait=clock.wait,
        )
    )
    return OPEN[-1]


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Leave no thread and no connection behind."""
    yield
    while OPEN:
        OPEN.pop().close()


def request(text: str, seed: int = 0) -> Request:
    """Return a request of one message, whose session is its text and seed."""
    chat = [{"role": "user", "content": text}]
    return Request((text, seed), [], seed, 10, chat)


def ask(endpoint: EndpointBackend, *requests: Request) -> list[str]:
    """Return the replies to some requests, in their order."""
    for one in requests:
        endpoint.submit(one)
    found: dict[object, Reply] = {}
    while len(found) < len(requests):
        found |= dict(endpoint.collect())
    assert endpoint.collect() == []
    return [found[one.session].text for one in requests]


def refused(endpoint: EndpointBackend, *requests: Request) -> str:
    """Return the sentence that some requests end in."""
    with pytest.raises(EndpointError) as caught:
        ask(endpoint, *(requests or [request("hello")]))
    return str(caught.value)


def shout(body: dict) -> str:
    """Reply in capitals."""
    return body["messages"][-1]["content"].upper()


# --- what is asked ------------------------------------------------------------------
def test_the_chat_is_asked_as_it_stands(tmp_path: Path) -> None:
    """Model, chat, temperature, most tokens, seed arrive, and the key as a header."""
    with serve(shout) as served:
        endpoint = backend(served, tmp_path)
        assert ask(endpoint, request("hi there", 2**62 + 5)) == ["HI THERE"]

    assert served.bodies == [
        {
            "model": "a-model",
            "messages": [{"role": "user", "content": "hi there"}],
            "temperature": 1.0,
            "max_tokens": 10,
            "seed": 5,
        }
    ]
    assert served.keys == [f"Bearer {KEY}"]
    assert (endpoint.tokens.prompt, endpoint.tokens.sampled) == (2, 2)


def test_no_key_is_sent_where_none_is_named(tmp_path: Path) -> None:
    """A local server needs none."""
    with serve(shout) as served:
        assert ask(backend(served, tmp_path, key=None), request("hi")) == ["HI"]

    assert served.keys == [None]


def test_no_more_requests_at_once_than_allowed(tmp_path: Path) -> None:
    """Three at once: a fourth waits, and three do run."""
    together = threading.Barrier(3, timeout=10)

    def answer(body: dict) -> str:
        together.wait()
        return shout(body)

    with serve(answer) as served:
        many = [request(f"word {n}") for n in range(12)]
        replies = ask(backend(served, tmp_path, concurrency=3), *many)

    assert replies == [f"WORD {n}" for n in range(12)]
    assert served.most_busy == 3


def test_replies_come_as_they_finish(tmp_path: Path) -> None:
    """A quick reply does not wait for a slow one, whichever was asked first."""
    quick_is_in = threading.Event()

    def answer(body: dict) -> str:
        if body["messages"][0]["content"] == "slow":
            assert quick_is_in.wait(10)
        return shout(body)

    with serve(answer) as served:
        endpoint = backend(served, tmp_path, concurrency=2)
        endpoint.submit(request("slow"))
        endpoint.submit(request("quick"))
        first = endpoint.collect()
        quick_is_in.set()
        second = endpoint.collect()

    assert [session for session, _ in first + second] == [("quick", 0), ("slow", 0)]
    assert not endpoint.ready


# --- what is kept -------------------------------------------------------------------
def test_a_rerun_asks_nothing_again(tmp_path: Path) -> None:
    """Same requests, same replies and token counts, no server and no key needed."""
    many = [request(f"word {n}", seed) for n in range(3) for seed in range(2)]
    counter = iter(range(100))
    with serve(lambda body: f"reply {next(counter)}") as served:
        first = backend(served, tmp_path, concurrency=4)
        replies = ask(first, *many)
    again = EndpointBackend("teacher", settings(served), tmp_path, environ={})

    assert len(set(replies)) == len(many)
    assert ask(again, *many) == replies
    assert len(served.bodies) == len(many)
    for count in ("prompt", "cached", "sampled"):
        assert getattr(again.tokens, count) == getattr(first.tokens, count)


def test_equal_requests_are_one_request(tmp_path: Path) -> None:
    """Two sessions that ask the same get the same, for the price of one."""
    one = request("hi")
    other = Request("other", [], one.seed, one.max_new_tokens, one.messages)
    counter = iter(range(100))
    with serve(lambda body: f"reply {next(counter)}") as served:
        assert ask(backend(served, tmp_path), one, other) == ["reply 0"] * 2

    assert len(served.bodies) == 1


def test_only_what_changes_replies_is_asked_anew(tmp_path: Path) -> None:
    """Speed and money are no part of a request; model, temperature and seed are."""
    with serve(shout) as served:
        ask(backend(served, tmp_path), request("hi"))
        same = {"concurrency": 2, "timeout": 9.0, "retries": 0, "prices": DEAR}
        ask(backend(served, tmp_path, **same, max_spend=0.0), request("hi"))
        assert len(served.bodies) == 1
        ask(backend(served, tmp_path, model="other"), request("hi"))
        ask(backend(served, tmp_path, temperature=0.5), request("hi"))
        ask(backend(served, tmp_path), request("hi", 1))
        assert len(served.bodies) == 4


@pytest.mark.parametrize("kept", [1, 30, -1])
def test_a_torn_last_line_is_passed_over(tmp_path: Path, kept: int) -> None:
    """What stands before it counts, what is written after it too."""
    path = tmp_path / "teacher.jsonl"
    with serve(shout) as served:
        ask(backend(served, tmp_path), request("one"))
        whole = path.read_bytes()
        ask(backend(served, tmp_path), request("two"))
        path.write_bytes(whole + path.read_bytes()[len(whole) :][:kept])
        ask(backend(served, tmp_path), request("one"), request("two"))
        ask(backend(served, tmp_path), request("one"), request("two"))

    asked = [body["messages"][0]["content"] for body in served.bodies]
    assert asked == ["one", "two", "two"]


PLAYER = """
import sys
from pathlib import Path
from tests.stages.engines.test_endpoint import backend, request
from stages.common.cli import run

def main():
    endpoint = backend(sys.argv[1], Path(sys.argv[2]), concurrency=2)
    for number in range(8):
        endpoint.submit(request(f"word {number}"))
    while endpoint.collect():
        pass

run(main)
"""


def test_a_killed_run_has_lost_at_most_what_was_in_flight(tmp_path: Path) -> None:
    """After kill -9 nothing that was kept is asked again, and the replies are equal."""
    path, killed = tmp_path / "teacher.jsonl", threading.Event()

    def answer(body: dict) -> str:
        if len(served.bodies) >= 6:
            killed.wait(60)
        return shout(body)

    with serve(answer) as served:
        command = [sys.executable, "-c", PLAYER, served.url, str(tmp_path)]
        process = subprocess.Popen(command, cwd=ROOT)
        while not path.exists() or path.read_text().count('"text"') < 4:
            assert process.poll() is None
            killed.wait(0.02)
        process.kill()
        process.wait()
        killed.set()
        kept = path.read_text().count('"text"')
        asked = len(served.bodies)
        many = [request(f"word {number}") for number in range(8)]
        replies = ask(backend(served, tmp_path), *many)

    assert replies == [f"WORD {number}" for number in range(8)]
    assert len(served.bodies) - asked == 8 - kept <= 4


def test_a_stage_ends_with_one_sentence_and_an_exit_code(tmp_path: Path) -> None:
    """No trace, no key, and no request after the one that was refused."""
    with serve(shout, *[Response(401, f"who is {KEY}?")] * 8) as served:
        command = [sys.executable, "-c", PLAYER, served.url, str(tmp_path)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 1
    assert done.stderr == (
        "error: endpoint teacher (127.0.0.1) answered with HTTP 401 (who is [key]?): "
        "check the key that TEACHER_API_KEY holds, and run again; what it has answered "
        "is kept\n"
    )
    assert len(served.bodies) < 8


# --- what goes wrong ----------------------------------------------------------------
WRONG_SCHEMA = '{"result": "hello"}'
NO_CHOICES = '{"choices": []}'
PAGE = "<!doctype html><html><title>Welcome to the proxy</title></html>"
LONE_SURROGATE = '{"choices": [{"message": {"content": "\\ud800"}}]}'
TRANSIENT = {
    "drop": DROP,
    "cut": CUT,
    "429": Response(429, '{"error": {"message": "slow down"}}'),
    "500": Response(500, "oops"),
    "503": Response(503, PAGE),
    "408": Response(408),
    "garbage": Response(200, "{'choices'"),
    "empty": Response(200, ""),
    "wrong schema": Response(200, WRONG_SCHEMA),
    "no choices": Response(200, NO_CHOICES),
    "page": Response(200, PAGE),
    "no text": Response(200, LONE_SURROGATE),
    "error in 200": Response(200, '{"error": {"message": "overloaded"}}'),
}
CLEAR = {
    "drop": "could not be talked to",
    "cut": "could not be talked to",
    "429": "answered with HTTP 429 (slow down): wait, or lower",
    "500": "answered with HTTP 500 (oops): wait, and run again",
    "503": "answered with HTTP 503 (a web page: Welcome to the proxy): wait",
    "408": "answered with HTTP 408 (empty)",
    "garbage": "sent what is no chat completion ({'choices')",
    "empty": "sent what is no chat completion (empty)",
    "page": "no chat completion (a web page: Welcome to the proxy): check that",
    "error in 200": "sent what is no chat completion (overloaded)",
}


@pytest.mark.parametrize("fault", TRANSIENT)
def test_what_may_pass_is_tried_again(fault: str, tmp_path: Path) -> None:
    """Two faults and a reply are a reply, after waits that grow."""
    clock = Clock()
    with serve(shout, *[TRANSIENT[fault]] * 2) as served:
        assert ask(backend(served, tmp_path, clock), request("hi")) == ["HI"]

    assert len(served.bodies) == 3
    first, second = clock.waits
    assert 0.5 <= first <= 1.0 <= second <= 2.0


@pytest.mark.parametrize("fault", TRANSIENT)
def test_what_does_not_pass_is_one_sentence(fault: str, tmp_path: Path) -> None:
    """It names the endpoint, its host, what came and what to do; replies are kept."""
    with serve(shout, *[TRANSIENT[fault]] * 4) as served:
        sentence = refused(backend(served, tmp_path), request("hi"))
        assert len(served.bodies) == 4
        assert ask(backend(served, tmp_path), request("hi")) == ["HI"]

    assert sentence.startswith("endpoint teacher (127.0.0.1) ")
    assert sentence.endswith("and run again; what it has answered is kept")
    assert CLEAR.get(fault, "sent what is no chat completion") in sentence
    assert "\n" not in sentence


PERMANENT = {
    "400": (Response(400, '{"error": {"message": "bad value"}}'), "(bad value): check"),
    "401": (Response(401, "no"), "check the key that TEACHER_API_KEY holds"),
    "404": (Response(404, PAGE), "check endpoints.teacher.url and .model"),
    "302": (Response(302, "", {"Location": "http://127.0.0.1:1/"}), "HTTP 302"),
    "quota": (
        Response(429, '{"error": {"message": "x", "code": "insufficient_quota"}}'),
        "top up the account",
    ),
    "long wait": (
        Response(429, "", {"Retry-After": "7200"}),
        "asks for no request within 120 minutes",
    ),
}


@pytest.mark.parametrize("fault", PERMANENT)
def test_what_cannot_pass_is_not_tried_again(fault: str, tmp_path: Path) -> None:
    """A wrong key, address or request stays wrong."""
    response, expected = PERMANENT[fault]
    with serve(shout, response) as served:
        assert expected in refused(backend(served, tmp_path))

    assert len(served.bodies) == 1


def test_a_server_that_hangs_is_given_up(tmp_path: Path) -> None:
    """Silence ends at the timeout, is tried again, and then is a sentence."""
    with serve(shout, HANG) as served:
        patient = backend(served, tmp_path, timeout=0.1)
        assert ask(patient, request("hi")) == ["HI"]
        served.script += [HANG, HANG]
        sentence = refused(backend(served, tmp_path, timeout=0.1, retries=1))

    assert "did not answer within 0.1 s: raise endpoints.teacher.timeout" in sentence


def test_a_server_that_dribbles_is_given_up(tmp_path: Path) -> None:
    """The timeout is of the whole reply, not of each byte."""
    clock = Clock()

    def answer(body: dict) -> str:
        clock.now += 31.0
        return shout(body)

    with serve(answer) as served:
        assert "within 30 s" in refused(backend(served, tmp_path, clock))


def test_no_server_is_a_sentence(tmp_path: Path) -> None:
    """A port where nobody listens is named as such."""
    with serve(shout) as served:
        pass
    sentence = refused(backend(served, tmp_path))

    assert "check that it runs, and endpoints.teacher.url" in sentence


def test_a_reply_without_words_is_an_empty_reply(tmp_path: Path) -> None:
    """Its game judges it; so it does a chat too long for the model."""
    silent = '{"choices": [{"message": {"content": null}}], "usage": null}'
    long = '{"error": {"message": "m", "code": "context_length_exceeded"}}'
    with serve(shout, Response(200, silent), Response(400, long)) as served:
        replies = ask(backend(served, tmp_path), request("one"), request("two"))

    assert replies == ["", ""]


def test_a_failure_loses_nothing(tmp_path: Path) -> None:
    """What was in flight when another request failed is answered and kept."""
    failed = threading.Event()

    def answer(body: dict) -> str:
        assert failed.wait(10)
        return shout(body)

    with serve(answer) as served:
        endpoint = backend(served, tmp_path, concurrency=2)
        endpoint.submit(request("slow"))
        while not served.bodies:
            pass
        served.script.append(Response(400, "no"))
        endpoint.submit(request("bad"))
        for number in range(5):
            endpoint.submit(request(f"never asked {number}"))
        while not endpoint.ready:
            pass
        threading.Timer(0.01, failed.set).start()
        with pytest.raises(EndpointError):
            endpoint.collect()
        with pytest.raises(EndpointError):
            endpoint.collect()
        asked = len(served.bodies)
        assert ask(backend(served, tmp_path), request("slow")) == ["SLOW"]

    assert len(served.bodies) == asked <= 3


def test_a_file_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    """A path that is blocked by a file is named."""
    (tmp_path / "blocked").touch()
    with pytest.raises(ArtifactError, match="cannot be read or written"):
        backend("http://127.0.0.1:1/v1", tmp_path / "blocked")


# --- limits of the endpoint ---------------------------------------------------------
def test_retry_after_is_obeyed(tmp_path: Path) -> None:
    """The next request waits as long as the server says, not only as long as usual."""
    clock = Clock()
    with serve(shout, Response(429, "", {"Retry-After": "42"})) as served:
        assert ask(backend(served, tmp_path, clock), request("hi")) == ["HI"]

    assert sum(clock.waits) == pytest.approx(42, abs=0.1)


def test_a_spent_allowance_is_waited_for(tmp_path: Path) -> None:
    """Where nothing remains, the next request waits before it is refused."""
    clock = Clock()
    headers = {"x-ratelimit-remaining-requests": "0"}
    headers["x-ratelimit-reset-requests"] = "1m0.5s"
    text = completion("HI", {"messages": []})
    with serve(shout, Response(200, text, headers)) as served:
        endpoint = backend(served, tmp_path, clock)
        assert ask(endpoint, request("hi"), request("you")) == ["HI", "YOU"]

    assert clock.waits == [pytest.approx(60.5)]


DATE = "Wed, 21 Oct 2015 07:28:00 GMT"


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {"retry-after": "2.5"}, 2.5),
        (503, {"retry-after": "3"}, 3.0),
        (200, {"retry-after": "3"}, 0.0),
        (429, {"retry-after-ms": "250"}, 0.25),
        (429, {"retry-after": DATE, "date": DATE.replace("28:00", "27:50")}, 10.0),
        (429, {"retry-after": DATE, "date": DATE.replace("28:00", "29:00")}, 0.0),
        (429, {"retry-after": DATE}, 0.0),
        (429, {"retry-after": "soon"}, 0.0),
        (429, {"x-ratelimit-reset-tokens": "6m0s"}, 360.0),
        (429, {"x-ratelimit-reset-requests": "120ms"}, 0.12),
        (429, {"x-ratelimit-reset-requests": "soon"}, 0.0),
        (200, {"x-ratelimit-reset-requests": "6m0s"}, 0.0),
        (
            200,
            {"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "1.5"},
            1.5,
        ),
        (500, {}, 0.0),
    ],
)
def test_headers_say_how_long_to_wait(
    status: int, headers: dict[str, str], seconds: float
) -> None:
    """All forms in use are read, and what cannot be read asks for nothing."""
    assert read_wait(status, headers) == pytest.approx(seconds)


def test_waits_grow_and_differ() -> None:
    """Each wait is up to twice the last, up to a minute, another for each request."""
    for attempt, longest in enumerate([1, 2, 4, 8, 16, 32, 60, 60], 1):
        waits = {choose_pause(f"key {n}", attempt) for n in range(20)}
        assert len(waits) == 20
        assert all(longest / 2 <= wait <= longest for wait in waits)
    assert choose_pause("key", 3) == choose_pause("key", 3)


# --- money --------------------------------------------------------------------------
def test_the_limit_of_money_is_never_passed(tmp_path: Path) -> None:
    """It stops before the request that could pass it, and says what is spent."""
    long = " ".join("word" for _ in range(10))
    many = [request(f"{n} {long}") for n in range(100)]
    with serve(lambda body: long) as served:
        limit = {"prices": DEAR, "max_spend": 1.0, "concurrency": 4}
        sentence = refused(backend(served, tmp_path, **limit), *many)
        asked = len(served.bodies)
        again = refused(backend(served, tmp_path, **limit), *many)
        assert len(served.bodies) == asked
        more = limit | {"max_spend": 1.5}
        refused(backend(served, tmp_path, **more), *many)
        assert asked < len(served.bodies)

    # 11 words and 10 of the reply, a thousandth each
    assert 0.5 < 0.021 * asked <= 1.0
    assert 0.021 * len(served.bodies) <= 1.5
    assert f"{0.021 * asked:.6f} of endpoints.teacher.max_spend 1 are spent" in again
    assert "raise it in params.yaml, and run again" in sentence


@pytest.mark.parametrize(
    ("fault", "attempts"),
    [(DROP, 1), (Response(200, "{"), 1), (Response(500, ""), 0), (HANG, 1)],
)
def test_what_may_have_been_billed_is_counted(
    fault: Response | str, attempts: int, tmp_path: Path
) -> None:
    """A lost reply counts with the most it can cost; a refusal with nothing."""
    with serve(shout, fault) as served:
        changes = {"prices": DEAR, "retries": 0, "timeout": 0.2}
        refused(backend(served, tmp_path, **changes), request("hi"))
        body = json.dumps(served.bodies[0])
        found = backend(served, tmp_path, **changes)._answers.spent

    assert found == pytest.approx(attempts * (len(body) + 10) / 1000)


def test_replies_that_are_not_counted_cost_the_most(tmp_path: Path) -> None:
    """A server that says nothing of tokens is taken to have used all of them."""
    with serve(shout, usage=False) as served:
        endpoint = backend(served, tmp_path, prices=DEAR)
        ask(endpoint, request("hi"))

    most = (len(json.dumps(served.bodies[0])) + 10) / 1000
    assert endpoint._answers.spent == pytest.approx(most)


def test_two_runs_at_once_share_the_limit(tmp_path: Path) -> None:
    """Each sees what the other has spent and was answered."""
    with serve(shout) as served:
        one = backend(served, tmp_path, prices=DEAR)
        other = backend(served, tmp_path, prices=DEAR)
        ask(one, request("hi"))
        ask(other, request("you"))
        spent = other._answers.spent
        assert spent == pytest.approx(0.004)
        assert ask(one, request("me"), request("you")) == ["ME", "YOU"]


# --- the key ------------------------------------------------------------------------
@pytest.mark.parametrize(
    "echo",
    [
        KEY,
        f'{{"error": {{"message": "Incorrect API key provided: {KEY}."}}}}',
        f"<p>{KEY}</p>",
        KEY[:15],
        KEY[3:] + "\u200b",
        KEY[:6] + "\u200b" + KEY[6:],
    ],
)
def test_the_key_is_never_told(
    echo: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Not in a sentence, a log or a file, even if the server says it."""
    caplog.set_level(0)
    reply = completion(f"you are {KEY}, I know", {"messages": []})
    with serve(shout, Response(400, echo), Response(200, reply)) as served:
        sentence = refused(backend(served, tmp_path))
        replies = ask(backend(served, tmp_path), request("hi"))
        served.script += [Response(200, echo)] * 4
        sentence += refused(backend(served, tmp_path), request("you"))

    assert replies == ["you are [key], I know"]
    told = sentence + caplog.text + (tmp_path / "teacher.jsonl").read_text()
    assert "[key]" in sentence
    assert not any(KEY[i : i + 8] in told for i in range(len(KEY) - 7))


def test_a_local_servers_word_is_no_secret() -> None:
    """What is too short to be a key stays readable."""
    assert redact("this is EMPTY", "EMPTY") == "this is EMPTY"
    assert redact("no key", None) == "no key"


@pytest.mark.parametrize(
    ("value", "expected"),
    [("", "holds no key"), ("two words", "is no key"), ("caf\u00e9", "is no key")],
)
def test_a_missing_key_is_named_before_anything_is_asked(
    value: str, expected: str, tmp_path: Path
) -> None:
    """The variable is named, and what it holds is not."""
    endpoint = EndpointBackend(
        "teacher",
        settings("http://127.0.0.1:1/v1"),
        tmp_path,
        environ={"TEACHER_API_KEY": value},
    )
    with pytest.raises(ParamsError, match=expected) as caught:
        endpoint.submit(request("hi"))
    assert "TEACHER_API_KEY" in str(caught.value)
    assert not value or value not in str(caught.value)
