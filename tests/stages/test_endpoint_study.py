"""Self-play with a partner behind an endpoint, which the suite itself serves."""

import random
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from games.contract import Instance, Player
from games.registry import GAMES
from games.session import Episode, Session
from pipeline.sections import Endpoint, Prices
from stages.base.tiny import tiny_policy
from stages.common.seeds import derive_seed
from stages.selfplay.backend import Backend, Request
from stages.selfplay.endpoint import EndpointBackend
from tests.stages.server import Body, serve

TABOO = GAMES["taboo"]
LOCAL, REMOTE = "guesser", "describer"


def settings(url: str) -> Endpoint:
    """Return an endpoint that costs nothing."""
    return Endpoint(
        url=url,
        model="served-here",
        key=None,
        concurrency=4,
        timeout=60.0,
        retries=1,
        temperature=0.0,
        max_spend=None,
        prices=Prices(prompt=0.0, sampled=0.0),
    )


def instances(num: int) -> list[Instance]:
    """Return some taboo instances."""
    data = TABOO.generate("high_en", "train", num, random.Random(0))
    return [Instance("taboo", "high_en", str(n), d) for n, d in enumerate(data)]


def tiny_model(most_tokens: int = 8) -> Callable[[Body], str]:
    """Return what a tiny untrained policy replies, greedily."""
    model, tokenizer = tiny_policy(hidden_size=32, layers=2)
    model.eval()
    lock = threading.Lock()

    def answer(body: Body) -> str:
        prompt = tokenizer.apply_chat_template(
            body["messages"],
            add_generation_prompt=True,
            return_tensors="pt",
            return_dict=True,
        )
        room = min(body["max_tokens"], most_tokens)
        with lock:
            ids = model.generate(
                input_ids=prompt["input_ids"],
                attention_mask=prompt["attention_mask"],
                max_new_tokens=room,
                do_sample=False,
            )[0]
        new = ids[prompt["input_ids"].shape[1] :]
        return tokenizer.decode(new, skip_special_tokens=True)

    return answer


def experts(todo: Sequence[Instance]) -> Callable[[Body], str]:
    """Return what scripted describers reply, told apart by their first prompt."""
    players: dict[str, Player] = {}
    for instance in todo:
        session = Session(TABOO, instance, {})
        rng = random.Random(instance.instance_id)
        prompt = session.messages()[0]["content"]
        players[prompt] = TABOO.expert(instance, REMOTE, 1.0, rng)
    return lambda body: players[body["messages"][0]["content"]](body["messages"])


def play(todo: Sequence[Instance], backend: Backend) -> list[Episode]:
    """Play all instances at once, the describer behind the backend."""
    tables, names = {}, {LOCAL: "expert", REMOTE: "endpoint"}
    for number, instance in enumerate(todo):
        session = Session(TABOO, instance, names, seed=derive_seed(1, number))
        local = TABOO.expert(instance, LOCAL, 1.0, random.Random(number))
        tables[number] = session, local
        _go_on(number, session, local, backend)
    while replies := backend.collect():
        for number, reply in replies:
            session, local = tables[number]
            session.reply(reply.text)
            _go_on(number, session, local, backend)
    return [session.episode() for session, _ in tables.values()]


def _go_on(number: int, session: Session, local: Player, backend: Backend) -> None:
    """Let the local player move, then ask for the endpoint's reply, if one is due."""
    if session.role == LOCAL:
        session.reply(local(session.messages()))
    if session.role is None:
        backend.forget(number)
        return
    seed = derive_seed(session.seed, REMOTE, len(session.turns))
    most = TABOO.spec.max_reply_tokens
    backend.submit(Request(number, [], seed, most, session.messages()))


def endpoint(url: str, folder: Path) -> EndpointBackend:
    """Return a backend for what is served here."""
    return EndpointBackend("here", settings(url), folder)


def test_a_served_expert_wins(tmp_path: Path) -> None:
    """Behind an endpoint a scripted describer is as good as at the table."""
    todo = instances(6)
    with serve(experts(todo)) as served:
        backend = endpoint(served.url, tmp_path)
        episodes = play(todo, backend)
        backend.close()

    assert [e.outcome for e in episodes] == ["success"] * len(todo)
    said = sum(turn.role == REMOTE for e in episodes for turn in e.turns)
    assert said == len(served.bodies)
    assert backend.tokens.prompt > backend.tokens.sampled > 0


@pytest.mark.parametrize("who", ["model", "experts"])
def test_kept_answers_give_the_same_episodes(tmp_path: Path, who: str) -> None:
    """The second run finds no server, and plays the episodes of the first."""
    todo = instances(4)
    with serve(tiny_model() if who == "model" else experts(todo)) as served:
        backend = endpoint(served.url, tmp_path)
        episodes = play(todo, backend)
        backend.close()

    again = play(todo, endpoint(served.url, tmp_path))
    assert list(map(repr, again)) == list(map(repr, episodes))
