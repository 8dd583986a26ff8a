"""One request to an OpenAI-compatible server: an answer, or what came instead of it.

The key goes into one header, and is blotted out of everything that comes back.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import httpx2
from pydantic import BaseModel, Field, ValidationError

from pipeline.params.sections.players import Endpoint
from stages.engines.endpoint.answers import Answer
from stages.engines.endpoint.keys import redact
from stages.engines.endpoint.pace import Pace, read_wait

_CONNECT = 10.0
_MOST_BYTES = 4_000_000
_MOST_TOKENS = 10**9
"""Of one reply and its chat: a count beyond it would spend all money at once."""
_LONGEST_WAIT = 600.0
_MOST_READ = 4000
_EXCERPT = 160
_FOR_NOW = {408, 409, 425, 429}
_CONTEXT = ("context_length_exceeded", "exceed_context_size", "maximum context length")
_UNSENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
)
_REMEDIES = {
    401: "check the key that {key} holds",
    403: "check what the key that {key} holds may do",
    404: "check endpoints.{name}.url and .model in params.yaml",
    429: "wait, or lower endpoints.{name}.concurrency in params.yaml",
}


@dataclass(eq=False)
class Failure(Exception):
    """What came instead of an answer."""

    came: str
    """In the words of a person, as what the endpoint did."""
    remedy: str
    """What the person can do, with {name} and {key} of the endpoint to be filled in."""
    transient: bool = False
    """Whether asking again may help."""
    billed: bool = False
    """Whether an answer may have been made, and will have to be paid for."""


class _Said(BaseModel):
    content: str | None


class _Choice(BaseModel):
    message: _Said


_Tokens = Annotated[int, Field(ge=0, le=_MOST_TOKENS)] | None


class _Cached(BaseModel):
    cached_tokens: _Tokens = None


class _Usage(BaseModel):
    prompt_tokens: _Tokens = None
    completion_tokens: _Tokens = None
    prompt_tokens_details: _Cached | None = None


class _Completion(BaseModel):
    choices: Annotated[list[_Choice], Field(min_length=1)]
    usage: _Usage | None = None


class Wire:
    """Sends requests to one endpoint; for many threads."""

    def __init__(
        self,
        endpoint: Endpoint,
        key: str | None,
        pace: Pace,
        clock: Callable[[], float],
    ) -> None:
        self._key, self._pace, self._clock = key, pace, clock
        self._timeout = endpoint.timeout
        self._url = f"{endpoint.url.rstrip('/')}/chat/completions"
        headers = {"Content-Type": "application/json"}
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        self._client = httpx2.Client(
            headers=headers,
            timeout=httpx2.Timeout(
                self._timeout, connect=min(self._timeout, _CONNECT), pool=None
            ),
            limits=httpx2.Limits(max_connections=endpoint.concurrency),
        )

    def ask(self, body: bytes) -> Answer:
        """Send a request once.

        Raises:
            Failure: anything but an answer came.
        """
        try:
            status, text = self._post(body)
        except httpx2.TimeoutException as error:
            raise self._explain_silence(billed=not isinstance(error, _UNSENT)) from None
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise Failure(
                f"could not be talked to ({_excerpt(str(error), self._key)})",
                "check that it runs, and endpoints.{name}.url in params.yaml",
                transient=True,
                billed=not isinstance(error, _UNSENT),
            ) from None
        return read_answer(status, text, self._key)

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def _post(self, body: bytes) -> tuple[int, str]:
        """Send a request and read (status, text), within the endpoint's timeout."""
        end, received = self._clock() + self._timeout, b""
        with self._client.stream("POST", self._url, content=body) as response:
            wait = read_wait(response.status_code, response.headers)
            self._pace.heed(min(wait, _LONGEST_WAIT))
            for chunk in response.iter_bytes():
                received += chunk
                if self._clock() > end:
                    raise self._explain_silence(billed=True)
                if len(received) > _MOST_BYTES:
                    break
        if wait > _LONGEST_WAIT:
            raise Failure(
                f"asks for no request within {wait / 60:.0f} minutes", "wait so long"
            )
        return response.status_code, received.decode(errors="replace")

    def _explain_silence(self, *, billed: bool) -> Failure:
        return Failure(
            f"did not answer within {self._timeout:g} s",
            "raise endpoints.{name}.timeout in params.yaml, or wait",
            transient=True,
            billed=billed,
        )


def read_answer(status: int, text: str, key: str | None) -> Answer:
    """Read a response of the chat completions API.

    A request that is too long for the model gets an empty reply, which its game judges
    like any other.

    Raises:
        Failure: it is an error, or none that can be understood.
    """
    if status != httpx2.codes.OK:
        if status in (400, 413) and any(words in text for words in _CONTEXT):
            return Answer(text="", prompt=0, cached=0, sampled=0)
        raise _explain_refusal(status, text, key)
    try:
        completion = _Completion.model_validate_json(text, strict=True)
    except ValidationError:
        raise Failure(
            f"sent what is no chat completion ({_excerpt(text, key)})",
            "check that endpoints.{name}.url in params.yaml is the base of an "
            "OpenAI-compatible API (most end in /v1)",
            transient=True,
            billed=True,
        ) from None
    usage = completion.usage or _Usage()
    details = usage.prompt_tokens_details or _Cached()
    return Answer(
        text=redact(completion.choices[0].message.content or "", key),
        prompt=usage.prompt_tokens or 0,
        cached=details.cached_tokens or 0,
        sampled=usage.completion_tokens or 0,
    )


def _explain_refusal(status: int, text: str, key: str | None) -> Failure:
    """Word a status other than 200 as a failure."""
    no_money = "insufficient_quota" in text
    remedy = "check endpoints.{name} in params.yaml"
    if no_money:
        remedy = "top up the account"
    elif status >= 500:
        remedy = "wait"
    return Failure(
        f"answered with HTTP {status} ({_excerpt(text, key)})",
        remedy if no_money else _REMEDIES.get(status, remedy),
        transient=not no_money and (status in _FOR_NOW or status >= 500),
    )


def _excerpt(text: str, key: str | None) -> str:
    """Take the beginning of what a server said, in one line and without the key."""
    try:
        text = json.loads(text)["error"]["message"] or text
    except (ValueError, LookupError, TypeError, RecursionError):
        if text.lstrip()[:1] == "<":
            text = "a web page: " + re.sub(r"<[^>]*>", " ", text)
    words = " ".join(str(text)[:_MOST_READ].split())
    words = redact("".join(c for c in words if c.isprintable()), key)
    return f"{words[:_EXCERPT]}..." if len(words) > _EXCERPT else words or "empty"
