"""params.yaml is refused with one sentence that names the key and the way out."""

from copy import deepcopy
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from games.errors import ParamsError
from pipeline.params.read import load_params
from tests.recipe import choose_variants

ROOT = Path(__file__).parents[2]


def write(folder: Path, changes: dict[str, object]) -> Path:
    """Write params.yaml with some dotted keys changed; `...` takes a key out."""
    yaml = YAML(typ="safe")
    params = yaml.load(ROOT / "params.yaml")
    choose_variants(params)
    for key, value in changes.items():
        *sections, last = key.split(".")
        section = params
        for name in sections:
            section = section[name]
        if value is ...:
            del section[last]
        else:
            section[last] = deepcopy(value)
    path = folder / "params.yaml"
    yaml.dump(params, path)
    return path


def test_the_committed_file_can_be_run() -> None:
    """params.yaml itself passes, and every variant has its settings."""
    params = load_params(ROOT / "params.yaml")
    for stage in (params.sft, params.dpo, params.grpo):
        for variant in stage.variants:
            assert stage.variant(variant).adapter == stage.common.adapter


ENDPOINT = {
    "teacher": {
        "url": "http://localhost:8000/v1",
        "model": "a-model",
        "key": "TEACHER_API_KEY",
        "concurrency": 8,
        "timeout": 60,
        "retries": 5,
        "temperature": 1.0,
        "max_spend": None,
        "prices": {"prompt": 0, "sampled": 0},
    }
}
EXPERT = {"kind": "expert", "skill": 0.9}
POLICY = {"kind": "policy"}
REMOTE = {"kind": "endpoint", "endpoint": "teacher"}


def test_an_endpoint_may_be_a_player_and_a_partner(tmp_path: Path) -> None:
    """An endpoint that is described can be named by both."""
    changes = {
        "endpoints": ENDPOINT,
        "selfplay.players.teacher": REMOTE,
        "grpo.common.partners": [REMOTE],
    }
    params = load_params(write(tmp_path, changes))
    assert params.endpoints["teacher"].model == "a-model"
    assert params.selfplay.players["teacher"] == params.grpo.common.partners[0]


@pytest.mark.parametrize("player", [EXPERT, POLICY, REMOTE], ids=lambda p: p["kind"])
def test_players_and_the_partner_are_described_alike(
    player: dict[str, object], tmp_path: Path
) -> None:
    """A player of each kind has its own keys, and is no other kind's."""
    changes = {
        "endpoints": ENDPOINT,
        "selfplay.players.other": player,
        "grpo.common.partners": [player],
    }
    params = load_params(write(tmp_path, changes))
    other = params.selfplay.players["other"]
    assert type(other) is type(params.grpo.common.partners[0])
    assert other.model_dump() == params.grpo.common.partners[0].model_dump() == player


def test_a_policy_is_named_where_it_plays(tmp_path: Path) -> None:
    """GRPO's partner may be any policy that is made, but not one made from it."""
    named = {
        "grpo.common.partners": [POLICY],
        "grpo.common.partner_policy": "warmup/formats",
    }
    params = load_params(write(tmp_path, named))
    assert params.grpo.common.partner_policy == "warmup/formats"
    experts = {
        "selfplay.pairings": [{"players": ["skilled", "clumsy"], "samples": 1}],
        "selfplay.learner": "base",
    }
    assert load_params(write(tmp_path, experts)).selfplay.learner == "base"


SECRETS = [
    ("key", "sk-not-to-be-shown"),
    ("key", "deadbeef00"),
    ("url", "https://user:not-to-be-shown@host/v1"),
    ("url", "https://host/v1?key=not-to-be-shown"),
]


@pytest.mark.parametrize(("field", "secret"), SECRETS)
def test_a_secret_in_the_file_is_refused_and_not_repeated(
    field: str, secret: str, tmp_path: Path
) -> None:
    """A key belongs into the environment; whoever writes it down is told so."""
    changes = {"endpoints": ENDPOINT, f"endpoints.teacher.{field}": secret}
    with pytest.raises(ParamsError, match=f"endpoints.teacher.{field}: must") as caught:
        load_params(write(tmp_path, changes))
    assert secret not in str(caught.value)
    assert "not-to-be-shown" not in str(caught.value)


BROKEN = [
    ({"sede": 1}, "unknown key 'sede': did you mean 'seed'?"),
    ({"grpo.common.bta": 1}, "grpo.common: unknown key 'bta': did you mean 'beta'?"),
    ({"compute.threads": ...}, "compute.threads: is missing"),
    ({"compute.threads": "2"}, "compute.threads: must be a valid integer, not '2'"),
    ({"compute.threads": 1.5}, "compute.threads: must be a valid integer, not 1.5"),
    ({"compute.threads": True}, "compute.threads: must be a valid integer, not True"),
    ({"compute.threads": 0}, "compute.threads: must be greater than or equal to 1"),
    ({"compute.device": "gpu"}, "compute.device: must be 'cpu' or 'cuda', not 'gpu'"),
    ({"compute": 3}, "compute: must be a section with keys, not 3"),
    ({"sft": None}, "sft: must be a section with keys, not None"),
    ({"grpo.common.beta": "high"}, "grpo.common.beta: must be a valid number"),
    ({"grpo.common.beta": -0.1}, "grpo.common.beta: must be greater than or equal"),
    ({"grpo.common.beta": float("nan")}, "grpo.common.beta: must be a finite number"),
    ({"sft.common.learning_rate": 0.0}, "sft.common.learning_rate: must be greater"),
    ({"warmup.adapter.rank": -1}, "warmup.adapter.rank: must be greater"),
    ({"warmup.adapter": {"rank": 1}}, "warmup.adapter.enabled: is missing"),
    ({"warmup.variants": "formats"}, "warmup.variants: must be a valid list"),
    ({"seeds": []}, "seeds: must"),
    ({"seeds": [0, 0]}, "seeds: names '0' twice"),
    ({"policies": ["base", "base"]}, "policies: names 'base' twice"),
    ({"sft.variants": ["a b"]}, "sft.variants.0: 'a b' cannot be part of the name"),
    ({"sft.variants": ["lr1.5"]}, "sft.variants.0: 'lr1.5' cannot be part of the name"),
    ({"policies": ["sft/lr1.5/0"]}, "policies.0: 'lr1.5' cannot be part of the name"),
    ({"policies": ["sft//0"]}, "policies.0: '' cannot be part of the name"),
    ({"base.source": "hub"}, "base: source 'hub' needs hub.id and hub.revision"),
    ({"base.source": "folder"}, "base: source 'folder' needs folder.path"),
    ({"base.wheel.sha256": "12"}, "base.wheel.sha256: must match pattern"),
    ({"selfplay.players.skilled.skill": 2}, "selfplay.players.skilled.skill: must be"),
    ({"selfplay.players.skilled.skill": None}, "players.skilled.skill: must be"),
    ({"selfplay.players.skilled.skill": ...}, "players.skilled.skill: is missing, and"),
    ({"selfplay.players.skilled.kind": ...}, "players.skilled: needs a kind"),
    ({"selfplay.players.skilled": 3}, "players.skilled: must be a section with keys"),
    (
        {"selfplay.players.skilled.kind": "exprt"},
        "selfplay.players.skilled: unknown kind 'exprt': did you mean 'expert'?",
    ),
    (
        {"selfplay.players.skilled.kind": None},
        "unknown kind 'None': choose from expert, policy, endpoint",
    ),
    (
        {"selfplay.players.skilled.skil": 1},
        "selfplay.players.skilled: unknown key 'skil': did you mean 'skill'?",
    ),
    (
        {"selfplay.players.learner.endpoint": None},
        "selfplay.players.learner: unknown key 'endpoint': choose from kind",
    ),
    (
        {"selfplay.players.learner": {"kind": "endpoint"}},
        "selfplay.players.learner.endpoint: is missing",
    ),
    (
        {
            "endpoints": ENDPOINT,
            "grpo.common.partners": [REMOTE | {"endpoint": "teach"}],
        },
        "partners.0.endpoint: unknown endpoint 'teach': did you mean 'teacher'?",
    ),
    (
        {"selfplay.players.idle": REMOTE},
        "selfplay.players.idle.endpoint: unknown endpoint 'teacher': there is none",
    ),
    (
        {"grpo.common.partners": [REMOTE | {"skill": 1}]},
        "grpo.common.partners.0: unknown key 'skill': choose from kind, endpoint",
    ),
    (
        {"grpo.common.partners": [REMOTE | {"endpoint": "a b"}]},
        "partners.0.endpoint: 'a b' cannot be part",
    ),
    (
        {"grpo.common.partners": [POLICY | {"policy": "base"}]},
        "partners.0: unknown key 'policy'",
    ),
    (
        {"grpo.common.partners": [EXPERT | {"kind": "endpoint"}]},
        "partners.0: unknown key 'skill'",
    ),
    (
        {"grpo.common.partner_policy": "warmup/formats"},
        "partner_policy: 'warmup/formats' does not play, for no partner is of",
    ),
    (
        {"selfplay.pairings": [{"players": ["skilled", "clumsy"], "samples": 1}]},
        "selfplay.learner: 'warmup/formats' does not play, for no player of a pairing",
    ),
    (
        {"grpo.common.partners": [POLICY], "grpo.common.partner_policy": "grpo/grpo/0"},
        "'grpo/grpo/0' would be made from itself",
    ),
    (
        {"endpoints": ENDPOINT, "endpoints.teacher.url": "localhost:8000"},
        "endpoints.teacher.url: must be an address such as http://localhost",
    ),
    ({"endpoints": ENDPOINT, "endpoints.teacher.prices.prompt": -1}, "must be greater"),
    ({"endpoints": ENDPOINT, "endpoints.teacher.max_spend": 1.0}, "needs prices"),
    ({"endpoints": ENDPOINT, "endpoints.teacher.concurrency": 0}, "must be greater"),
    ({"endpoints": ENDPOINT, "endpoints.teacher.timeout": 0}, "must be greater"),
    (
        {"endpoints": {"a/b": ENDPOINT["teacher"]}},
        "endpoints.a/b: 'a/b' cannot be",
    ),
    ({"benchmarks.tasks": "ours"}, "benchmarks.tasks: must be 'own'"),
    ({"benchmarks.tasks": []}, "benchmarks.tasks: must"),
    ({"games.held_in": ["tabu"]}, "unknown game 'tabu': did you mean 'taboo'?"),
    ({"games.held_in": ["taboo", "taboo"]}, "games.held_in: names 'taboo' twice"),
    ({"games.held_out": ["guesswhat"] * 2}, "games.held_out: names 'guesswhat' twice"),
    ({"games.held_out": ["taboo"]}, "'taboo' is both held in and held out"),
    ({"sft.common.games": ["guesswhat"]}, "unknown held-in game 'guesswhat'"),
    ({"policies": ["sft/sft/1"]}, "policies: unknown policy 'sft/sft/1': did you mean"),
    ({"sft.common.start": "warmup/format"}, "did you mean 'warmup/formats'?"),
    ({"dpo.common.start": "sft/sft/9"}, "dpo.common.start: unknown policy 'sft/sft/9'"),
    ({"grpo.overrides.grpo": {"start": "bass"}}, "grpo.overrides.grpo.start: unknown"),
    (
        {"dpo.common.start": "dpo/dpo-turn"},
        "'dpo/dpo-turn/0' would be made from itself",
    ),
    ({"policies": ["stf/*"]}, "policies: unknown policy 'stf/*'"),
    ({"policies": ["sft/**/ 0"]}, "policies.0: ' 0' cannot be part of the name"),
    ({"grpo.common.reward": "scor"}, "grpo.common.reward: unknown reward 'scor': did"),
    (
        {"grpo.overrides.grpo": {"level": "turn", "partners": []}},
        "grpo.overrides.grpo.level: turn needs partners",
    ),
    ({"play.overrides.self": {"samples": 2}}, "play.overrides.self.samples: 2 greedy"),
    ({"play.variants": ["sampled"]}, "play.variants: must name 'self'"),
    ({"play.overrides.beside.partner": POLICY}, "kind"),
    ({"warmup.variants": []}, "unknown policy 'warmup/formats'"),
    ({"selfplay.learner": "sft/sft/0"}, "'sft/sft/0' would be made from itself"),
    (
        {"grpo.common.partners": [POLICY], "grpo.common.partner_policy": "none"},
        "grpo.common.partner_policy: unknown policy 'none'",
    ),
    ({"selfplay.players": {}}, "unknown player 'skilled': there is none"),
    ({"selfplay.pairings": [{"players": ["skilled"], "samples": 1}]}, "needs a player"),
    ({"sft.variants": ["sft", "new"]}, "'new' has no entry, add `new: {}`"),
    ({"sft.overrides.sft.epoch": 2}, "sft.overrides.sft: unknown key 'epoch'"),
    ({"dpo.overrides.dpo-turn.beta": "x"}, "dpo.overrides.dpo-turn.beta: must be"),
    ({"dpo.overrides.dpo-turn": {"adapter": {"rank": 0}}}, "adapter.rank: must be"),
    ({"grpo.overrides.grpo": 3}, "grpo.overrides.grpo: must be a section with keys"),
    ({"grpo.common.roles": {}}, "grpo.common.roles: must have at least 1 item"),
    ({"grpo.overrides.grpo": {"roles": {}}}, "grpo.overrides.grpo.roles: must have"),
    ({"grpo.common.roles": {"taboo": ["guesser"] * 2}}, "names 'guesser' twice"),
    ({"grpo.common.roles": {"tabu": ["guesser"]}}, "unknown held-in game 'tabu'"),
    ({"grpo.common.roles": {"taboo": ["guess"]}}, "did you mean 'guesser'?"),
]


@pytest.mark.parametrize(("changes", "sentence"), BROKEN, ids=lambda value: str(value))
def test_one_sentence_says_what_is_wrong(
    changes: dict[str, object], sentence: str, tmp_path: Path
) -> None:
    """What cannot be run is refused in one line that names the file and the key."""
    with pytest.raises(ParamsError) as caught:
        load_params(write(tmp_path, changes))
    message = str(caught.value)
    assert message.startswith("params.yaml: ")
    assert sentence in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("seed: [1\nseeds: 2\n", "is not valid YAML"),
        ("seed: 1\nseed: 2\n", "is not valid YAML"),
        ("", "must be a section with keys, not None"),
        ("- 1\n", "must be a section with keys, not [1]"),
    ],
)
def test_a_file_that_is_no_mapping_is_refused(
    text: str, sentence: str, tmp_path: Path
) -> None:
    """Broken YAML, and YAML that holds no keys, end in one line too."""
    path = tmp_path / "params.yaml"
    path.write_text(text)
    with pytest.raises(ParamsError, match="params") as caught:
        load_params(path)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_says_where_to_run_from(tmp_path: Path) -> None:
    """Running elsewhere than in the root is a sentence, not a traceback."""
    with pytest.raises(ParamsError, match="run from the root of the project"):
        load_params(tmp_path / "params.yaml")


@pytest.mark.parametrize("written", ["1e-5", "1.0e-5", "0.00001", '"1e-5"'])
def test_a_number_is_a_number_however_it_is_written(
    written: str, tmp_path: Path
) -> None:
    """`dvc exp run -S sft.common.learning_rate=1e-5` and an editor mean the same."""
    text = (ROOT / "params.yaml").read_text()
    line = f"    learning_rate: {written}\n"
    changed = text.replace("    learning_rate: 1.0e-3\n", line, 1)
    assert changed != text
    (tmp_path / "params.yaml").write_text(changed)
    settings = load_params(tmp_path / "params.yaml").sft.variant("sft")
    assert settings.learning_rate == 1e-5


def test_a_whole_number_is_fine_where_a_real_one_is_meant(tmp_path: Path) -> None:
    """`temperature: 1` is 1.0."""
    params = load_params(write(tmp_path, {"selfplay.temperature": 1}))
    assert params.selfplay.temperature == 1.0


def test_a_variant_changes_what_its_overrides_name_and_nothing_else(
    tmp_path: Path,
) -> None:
    """Sections are merged key by key, mappings of free keys replaced as a whole."""
    overrides = {"steps": 3, "adapter": {"rank": 2}, "roles": {"taboo": ["guesser"]}}
    path = write(tmp_path, {"grpo.overrides.grpo": overrides})
    grpo = load_params(path).grpo
    settings = grpo.variant("grpo")
    assert settings.steps == 3
    assert settings.adapter.rank == 2
    assert settings.adapter.alpha == grpo.common.adapter.alpha
    assert settings.roles == {"taboo": ["guesser"]}
    assert settings.beta == grpo.common.beta


def test_stages_can_be_left_out(tmp_path: Path) -> None:
    """Empty `variants` need neither a start nor an override."""
    changes = {
        "warmup.variants": [],
        "dpo.variants": [],
        "dpo.common.start": "sft/none/0",
        "sft.common.start": "base",
        "selfplay.learner": "base",
        "grpo.common.start": "sft/sft",
        "policies": ["base", "grpo/grpo/0"],
    }
    assert load_params(write(tmp_path, changes)).dpo.variants == []
