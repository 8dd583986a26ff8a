"""Whatever a server answers is a reply, or a failure that one line tells."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.engines.endpoint.pace import read_wait
from stages.engines.endpoint.wire import Failure, read_answer
from tests.broken import break_document, modest

KEY = "sk-not-to-be-shown-0123"
COMPLETION = {
    "id": "x",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "hello"}}],
    "usage": {
        "prompt_tokens": 3,
        "completion_tokens": 2,
        "prompt_tokens_details": {"cached_tokens": 1},
    },
}
STATUSES = st.sampled_from((200, 200, 200, 204, 400, 401, 404, 413, 429, 500, 503, 999))
PIECES = (
    *('{"error":', '{"message":', '"choices":[', "null", "{", "}", "[", "]", "data: "),
    *("<html><p>", "\x00", "\x1b[31m", "context_length_exceeded", "9" * 5000),
    *("[" * 20_000, "\ufffd\ufffd", "\u202e", KEY, "x" * 3000),
)


def read(status: int, text: str) -> None:
    """Read an answer: a text that can be kept, or one printable line without key."""
    try:
        answer = read_answer(status, text, KEY)
    except Failure as failure:
        assert failure.came.isprintable() and len(failure.came) < 400
        assert KEY not in failure.came
    else:
        assert KEY not in answer.text
        answer.text.encode()
        assert 0 <= answer.prompt <= 10**9
        assert answer.model_dump_json()


@settings(modest, max_examples=200)
@given(body=break_document(COMPLETION), status=STATUSES)
def test_a_completion_that_is_none_is_told(body: Any, status: int) -> None:
    """Wrong types, no choices, odd counts and halves of characters end in a line."""
    read(status, json.dumps(body))


@settings(modest, max_examples=200)
@given(
    pieces=st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=6),
    status=STATUSES,
)
def test_what_is_no_json_is_told(pieces: list[str], status: int) -> None:
    """A web page, a stream, deep brackets and an empty body end in a line."""
    read(status, "".join(pieces))


def test_missing_counts_and_no_text_are_a_reply() -> None:
    """A server need not count tokens; a model may say nothing."""
    silent = {"choices": [{"message": {"content": None}}]}
    answer = read_answer(200, json.dumps(silent), KEY)
    assert (answer.text, answer.prompt, answer.sampled) == ("", 0, 0)
    with pytest.raises(Failure, match="no chat completion"):
        read_answer(200, json.dumps({"choices": []}), KEY)


@settings(modest, max_examples=100)
@given(
    headers=st.dictionaries(
        st.sampled_from(
            (
                *("retry-after", "retry-after-ms", "date"),
                *("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
            )
        ),
        st.sampled_from(
            (
                *(
                    "0",
                    "-1",
                    "1.5",
                    "9" * 400,
                    "nan",
                    "inf",
                    "",
                    "6m0s",
                    "1e9",
                    "\u0663",
                ),
                *("Fri, 99 Nov 99999 00:00:00 GMT", "Fri, 27 Nov 2026 10:00:00", "x"),
            )
        )
        | st.text(max_size=5),
    ),
    status=STATUSES,
)
def test_any_header_is_a_wait(headers: dict[str, str], status: int) -> None:
    """Limits that make no sense hold nobody up."""
    assert read_wait(status, headers) >= 0
