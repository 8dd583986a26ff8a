"""The backend of any OpenAI-compatible endpoint: teachers, or a server of one's own.

Every answer is kept in scratch/endpoints/NAME.jsonl under the hash of its request
(url, model, messages, temperature, most tokens, seed), so that a rerun asks only what
was never answered. Of equal requests only one is ever sent.

Determinism: live, replies come in the order in which they happen to arrive, so that a
local learner's batches differ, and with them the last digits of its log-probabilities.
Once all answers are kept they come in the order of the requests: every rerun plays the
same episodes, to the byte, and the live run's replies and ids.

The key is read from the environment. What limits, failures and money mean is in
`stages.engines.endpoint.pace`, `.wire` and `.answers`.
"""

import atexit
import hashlib
import json
import os
import queue
import threading
import time
from collections.abc import Callable, Hashable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_when_event_set,
)

from games.errors import EndpointError, StudyError
from pipeline.params.sections.players import Endpoint
from stages.common.files import SCRATCH
from stages.engines.backend import Reply, Request, TokenCounts
from stages.engines.endpoint.answers import Answer, Answers
from stages.engines.endpoint.keys import read_key
from stages.engines.endpoint.pace import Pace, Wait, choose_pause
from stages.engines.endpoint.wire import Failure, Wire

FOLDER = SCRATCH / "endpoints"
_MILLION = 1e6
_SEEDS = 2**31  # servers differ in how large a seed may be


class EndpointBackend:
    """Asks one endpoint for replies, many at a time.

    Args:
        name: under which params.yaml has the endpoint.
        endpoint: its settings; the key is read when the first request has to be sent.
        folder: where answers are kept.
        environ: where the key is.
        clock: seconds that only grow.
        wait: see `stages.engines.endpoint.pace.Wait`; None really waits.
    """

    def __init__(
        self,
        name: str,
        endpoint: Endpoint,
        folder: Path = FOLDER,
        *,
        environ: Mapping[str, str] = os.environ,
        clock: Callable[[], float] = time.monotonic,
        wait: Wait | None = None,
    ) -> None:
        self.tokens = TokenCounts()
        self._name, self._settings, self._environ = name, endpoint, environ
        self._clock, self._stop = clock, threading.Event()
        self._wait = wait or self._stop.wait
        self._pace = Pace(clock, self._wait)
        self._answers = Answers(folder / f"{name}.jsonl")
        self._sessions: dict[str, list[Hashable]] = {}  # by the key of what they ask
        self._todo: queue.SimpleQueue[tuple[str, bytes, float] | None]
        self._todo = queue.SimpleQueue()
        self._done: queue.SimpleQueue[tuple[str, Answer | Exception]]
        self._done = queue.SimpleQueue()
        self._error: Exception | None = None
        self._wire: Wire | None = None
        self._threads: list[threading.Thread] = []

    @property
    def ready(self) -> bool:
        """Whether a reply is there already."""
        return not self._done.empty()

    def submit(self, request: Request) -> None:
        """Take a request: it is looked up, or waits for one of `concurrency` threads.

        Raises:
            ParamsError: there is no key to send it with.
        """
        body = self._write_body(request)
        key = hashlib.sha256(f"{self._settings.url}\n".encode() + body).hexdigest()
        sessions = self._sessions.setdefault(key, [])
        sessions.append(request.session)
        if len(sessions) > 1:
            return
        if (answer := self._answers.find(key)) is not None:
            self._done.put((key, answer))
            return
        self._start()
        self._todo.put((key, body, self._bound_cost(body, request.max_new_tokens)))

    def collect(self) -> list[tuple[Hashable, Reply]]:
        """Wait for at least one reply; return (session, reply) of all that came.

        Raises:
            EndpointError: the endpoint cannot be used any more, or its limit of money
                is reached.
            ArtifactError: answers cannot be kept.
        """
        if self._error is not None:
            raise self._error
        if not self._sessions:
            return []
        start = self._clock()
        results = [self._done.get()]
        while not self._done.empty():
            results.append(self._done.get())
        self.tokens.seconds += self._clock() - start
        replies = []
        for key, result in results:
            if isinstance(result, Exception):
                self._error = result
                self.close()
                raise result
            for session in self._sessions.pop(key):
                replies.append((session, Reply([], [], result.text)))
                self.tokens.prompt += result.prompt
                self.tokens.cached += result.cached
                self.tokens.sampled += result.sampled
        return replies

    def forget(self, session: Hashable) -> None:
        """Do nothing: an endpoint is told the whole chat each time."""

    def reset(self) -> None:
        """Do nothing: nothing is kept of sessions, and answers are kept for good."""

    def close(self) -> None:
        """Send nothing more, and wait until what was sent is answered and kept."""
        self._stop.set()
        for _ in self._threads:
            self._todo.put(None)
        for thread in self._threads:
            thread.join()
        if self._wire is not None:
            self._wire.close()

    # --- requests ---------------------------------------------------------------
    def _write_body(self, request: Request) -> bytes:
        body = {
            "model": self._settings.model,
            "messages": list(request.messages),
            "temperature": self._settings.temperature,
            "max_tokens": request.max_new_tokens,
            "seed": request.seed % _SEEDS,
        }
        return json.dumps(body).encode()

    def _bound_cost(self, body: bytes, sampled: int) -> float:
        """Compute the most that a request can cost: no token is less than a byte."""
        prices = self._settings.prices
        return (len(body) * prices.prompt + sampled * prices.sampled) / _MILLION

    def _compute_cost(self, answer: Answer, most: float) -> float:
        """Compute what an answer has cost; the most, if its tokens were not counted."""
        prices = self._settings.prices
        if not (answer.prompt or answer.sampled):
            return most
        cost = answer.prompt * prices.prompt + answer.sampled * prices.sampled
        return cost / _MILLION

    # --- in threads -------------------------------------------------------------
    def _start(self) -> None:
        """Start the threads with the first request that none of the kept answers."""
        if self._wire is None:
            key = read_key(self._settings.key, self._environ)
            self._wire = Wire(self._settings, key, self._pace, self._clock)
            atexit.register(self.close)
            for _ in range(self._settings.concurrency):
                self._threads.append(threading.Thread(target=self._work, daemon=True))
                self._threads[-1].start()

    def _work(self) -> None:
        while (task := self._todo.get()) is not None and not self._stop.is_set():
            key, *_ = task
            try:
                self._done.put((key, self._ask(*task)))
            except Exception as error:
                self._done.put((key, error))

    def _ask(self, key: str, body: bytes, most: float) -> Answer:
        """Ask until there is an answer, or no hope."""

        def sleep(seconds: float) -> None:
            self._wait(seconds)

        def pause(state: RetryCallState) -> float:
            return choose_pause(key, state.attempt_number)

        retrying = Retrying(
            sleep=sleep,
            wait=pause,
            retry=retry_if_exception(lambda e: isinstance(e, Failure) and e.transient),
            stop=stop_after_attempt(self._settings.retries + 1)
            | stop_when_event_set(self._stop),
            reraise=True,
        )
        try:
            return retrying(self._ask_once, key, body, most)
        except Failure as failure:
            raise self._explain(failure) from None

    def _ask_once(self, key: str, body: bytes, most: float) -> Answer:
        assert self._wire is not None, "no thread starts before there is a wire"
        self._pace.pause()
        if self._stop.is_set():
            raise Failure("was not asked", "see why")
        if not self._answers.reserve(most, self._settings.max_spend):
            raise Failure(
                f"may cost {most:.6f} more for the next request, and "
                f"{self._answers.spent:.6f} of endpoints.{self._name}.max_spend "
                f"{self._settings.max_spend:g} are spent",
                "raise it in params.yaml",
            )
        try:
            answer = self._wire.ask(body)
        except Failure as failure:
            self._answers.settle(most, most if failure.billed else 0.0)
            raise
        return self._answers.keep(key, answer, most, self._compute_cost(answer, most))

    def _explain(self, failure: Failure) -> StudyError:
        """Say which endpoint did what, and what to do."""
        settings = self._settings
        remedy = failure.remedy.format(name=self._name, key=settings.key or "no key")
        host = urlsplit(settings.url).hostname
        return EndpointError(
            f"endpoint {self._name} ({host}) {failure.came}: {remedy}, "
            "and run again; what it has answered is kept"
        )
