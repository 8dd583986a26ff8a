"""Self-play with a partner behind an endpoint, which the suite itself serves."""

import random
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from games.code import hash_code
from games.contract import Instance, Player
from games.registry import GAMES
from games.session import Episode, Session
from pipeline.params.packages import list_versions
from pipeline.params.read import load_params
from pipeline.params.sections.players import Endpoint, Prices
from pipeline.params.sections.whole import Params
from stages.base.tiny import make_tiny_policy as build_tiny
from stages.common.episodes import read_episodes
from stages.common.files import SCRATCH, write_json
from stages.common.games import locate_code
from stages.common.instances import locate_instances, write_instances
from stages.common.packages import VERSIONS
from stages.common.policy import load_policy
from stages.engines.backend import Backend
from stages.engines.endpoint.backend import EndpointBackend
from stages.grpo.__main__ import seat_partners
from stages.grpo.rollout import Task
from stages.grpo.rollouts import Rollouts
from stages.playing.seats import EndpointSeat, ExpertSeat
from stages.playing.shards import Shards
from stages.playing.table import make_table, play
from stages.selfplay.collect import collect
from tests.stages.server import Body, serve

ROOT = Path(__file__).parents[2]
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
    model, tokenizer = build_tiny(hidden_size=32, layers=2)
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


def play_all(todo: Sequence[Instance], backend: Backend) -> list[Episode]:
    """Play all instances at once, the describer behind the backend."""
    tables, names = [], {LOCAL: "expert", REMOTE: "endpoint"}
    for number, instance in enumerate(todo):
        local = TABOO.expert(instance, LOCAL, 1.0, random.Random(number))
        seats = {LOCAL: ExpertSeat(local), REMOTE: EndpointSeat(backend)}
        tables.append(make_table(TABOO, instance, seats, names, sample=0, seed=number))
    assert len(list(play(tables, len(tables)))) == len(tables)
    return [table.session.episode() for table in tables]


@contextmanager
def connected(url: str, folder: Path) -> Iterator[EndpointBackend]:
    """Yield a backend for what is served here."""
    backend = EndpointBackend("here", settings(url), folder)
    yield backend
    backend.close()


def test_a_served_expert_wins(tmp_path: Path) -> None:
    """Behind an endpoint a scripted describer is as good as at the table."""
    todo = instances(6)
    with serve(experts(todo)) as served, connected(served.url, tmp_path) as backend:
        episodes = play_all(todo, backend)

    assert [e.outcome for e in episodes] == ["success"] * len(todo)
    said = sum(turn.role == REMOTE for e in episodes for turn in e.turns)
    assert said == len(served.bodies)
    assert backend.tokens.prompt > backend.tokens.sampled > 0


@pytest.mark.parametrize("who", ["model", "experts"])
def test_kept_answers_give_the_same_episodes(tmp_path: Path, who: str) -> None:
    """The second run finds no server, and plays the episodes of the first."""
    todo = instances(4)
    answer = tiny_model() if who == "model" else experts(todo)
    with serve(answer) as served, connected(served.url, tmp_path) as backend:
        episodes = play_all(todo, backend)
    with connected(served.url, tmp_path) as backend:
        again = play_all(todo, backend)

    assert list(map(repr, again)) == list(map(repr, episodes))


@pytest.fixture
def study(tiny_policy: Path, project: Path) -> Callable[..., Params]:
    """Return what describes a study whose partner is at an address."""
    write_json(VERSIONS, list_versions())
    write_json(locate_code("held_in"), hash_code(["taboo"]))
    write_instances(locate_instances("train"), instances(3))

    def describe(url: str, **changes: object) -> Params:
        yaml = YAML(typ="safe")
        params = yaml.load(ROOT / "params.yaml")
        params["games"] |= {"held_in": ["taboo"], "held_out": []}
        params["endpoints"] = {"here": settings(url).model_dump() | changes}
        player = {"kind": "endpoint", "endpoint": "here"}
        params["selfplay"]["players"]["teacher"] = player
        params["selfplay"]["learner"] = "base"
        pairing = {"players": ["teacher", "learner"], "samples": 2}
        params["selfplay"]["pairings"] = [pairing]
        params["grpo"]["common"]["partners"] = [player]
        params["grpo"]["common"]["roles"] = {"taboo": ["guesser"]}
        yaml.dump(params, project / "params.yaml")
        return load_params(project / "params.yaml")

    return describe


def read(shards: Shards) -> list[Episode]:
    """Return the episodes of some shards."""
    joined = Path("data/selfplay/episodes.parquet")
    shards.join(joined)
    return read_episodes(joined)


def said(episodes: Sequence[Episode]) -> list[list[tuple[str, list[int]]]]:
    """Return the replies of each episode, in words and in ids."""
    return [[(t.reply, t.token_ids) for t in e.turns] for e in episodes]


def test_selfplay_with_a_partner_behind_an_endpoint(
    study: Callable[..., Params],
) -> None:
    """With all shards lost, a rerun asks nothing and plays the same episodes.

    Log-probabilities may differ in the last digit from the live run, where replies came
    in another order into the learner's batches; between reruns nothing differs.
    """
    with serve(experts(instances(3))) as served:
        params = study(served.url)
        shards = collect(params)
    asked, episodes, cost = len(served.bodies), read(shards), shards.cost
    reruns = []
    for _ in range(2):
        shutil.rmtree(SCRATCH / "selfplay")
        shards = collect(params)
        again, same = read(shards), shards.cost
        reruns.append(list(map(repr, again)))

    assert reruns[0] == reruns[1]
    assert said(again) == said(episodes)
    assert len(served.bodies) == asked > 0
    assert same.prompt_tokens == cost.prompt_tokens
    for turn in (turn for episode in episodes for turn in episode.turns):
        assert bool(turn.token_ids) == (turn.role == LOCAL)
    assert episodes[0].players == {REMOTE: "teacher", LOCAL: "learner"}


@pytest.mark.parametrize(("num_broken", "ended_by"), [(3, None), (10**6, REMOTE)])
def test_what_the_partner_broke_is_played_again(
    study: Callable[..., Params], num_broken: int, ended_by: str | None
) -> None:
    """Another draw takes its place; after a few the last one stays, and says who."""
    helpful, asked = experts(instances(3)), count()

    def answer(body: Body) -> str:
        return "no clue" if next(asked) < num_broken else helpful(body)

    with serve(answer) as served:
        episodes = read(collect(study(served.url)))

    whole = [episode for episode in episodes if episode.branch < 0]
    assert len(whole) == len({(e.instance_id, e.sample) for e in whole}) == 6
    broken = {e.ended_by for e in whole if e.outcome == "aborted"} - {LOCAL}
    assert broken == ({ended_by} if ended_by else set())


def test_another_model_behind_the_endpoint_is_another_study(
    study: Callable[..., Params],
) -> None:
    """Shards of one model's episodes are not taken for another's."""
    with serve(experts(instances(3))) as served:
        collect(study(served.url))
        asked = len(served.bodies)
        collect(study(served.url))
        assert len(served.bodies) == asked
        collect(study(served.url, model="x"))

    assert len(served.bodies) > asked


def test_grpo_with_a_partner_behind_an_endpoint(
    study: Callable[..., Params], tiny_policy: Path
) -> None:
    """The learner's rollouts have the partner's words between their own ids."""
    with serve(experts(instances(3))) as served:
        params = study(served.url)
        partner = seat_partners(params, params.grpo.common, "base", "base")
        policy = load_policy(tiny_policy, params.compute)
        tasks = [Task(instance, LOCAL) for instance in instances(2)]
        settings = params.grpo.common
        rollouts = Rollouts(tasks, policy.chat, settings, partner, seed=0)
        played = rollouts.play(tasks, policy.model, step=0)

    for rollout in played:
        turns = rollout.table.session.turns
        assert {turn.role for turn in turns} == {LOCAL, REMOTE}
        assert set(rollout.table.streams) == {LOCAL}
    assert len(served.bodies) > 0
