"""Both drivers agree on what is to do, whatever happened to the files.

The real dvc.yaml, params.yaml, Snakefile and pipeline/ run here with stand-in stages
(stub/stage.py). "Quiet" means that `dvc status` is clean and `snakemake -n` idle.
"""

import os
import subprocess
import time
from collections import Counter
from pathlib import Path

import psutil
import pytest
from dvc.dependency import param
from dvc.repo import Repo
from ruamel.yaml import YAML

from pipeline.graph import Graph, is_file
from tests.pipeline.study import Study, make_study

GRPO = "grpo/grpo/0"
AFTER_GRPO = Counter(grpo=1, play=1, benchmarks=1, report=1)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A small study that Snakemake has run with two jobs at once, and committed."""
    folder = tmp_path_factory.mktemp("made") / "study"
    values = {
        "dpo__variants": ["dpo-turn"],
        "policies": [GRPO],
        "play__variants": ["self"],
    }
    study = make_study(folder, **values)
    every = study.dvc_status()
    assert sum(study.snakemake_jobs().values()) == len(every) == 20
    assert sum(study.executed("snakemake", "-c2").values()) == len(every)
    study.commit("run")
    return study


@pytest.fixture
def study(made: Study, tmp_path: Path) -> Study:
    """A copy of it to do something to."""
    return made.copy(tmp_path / "study")


def test_two_jobs_at_once_lose_nothing(study: Study) -> None:
    """After `snakemake -c2` everything is recorded: `dvc repro` has nothing to do."""
    lock = YAML(typ="safe").load(study.folder / "dvc.lock")
    assert len(lock["stages"]) == 20
    assert study.is_quiet()
    assert not study.executed("dvc", "repro")
    logs = [log.read_text() for log in (study.folder / "logs").rglob("*.log")]
    assert logs and "dvc push" not in "".join(logs)  # there is nowhere to push to


def test_what_this_machine_lacks_is_said_once_and_nothing_is_lost(
    study: Study,
) -> None:
    """Without vLLM no job starts, and what older jobs made stays where it is."""
    study.set(compute__engine="vllm")
    printed = study.run("snakemake", fails=True)
    assert printed.count("compute.engine: vllm is not installed") == 1
    assert (study.folder / "data/selfplay/episodes.parquet").exists()
    assert not study.executed("snakemake", "-n")


def test_a_graph_parses_parameters_once(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many stages read params.yaml and the versions of packages."""
    monkeypatch.chdir(study.folder)
    parsed: Counter[str] = Counter()
    load_path = param.load_path

    def count(path: str, fs: object) -> object:
        parsed[Path(path).name] += 1
        return load_path(path, fs)

    monkeypatch.setattr(param, "load_path", count)
    Graph(str, str, status=True)
    assert parsed == Counter({"params.yaml": 1, "versions.json": 1})


def test_a_job_writes_the_lines_of_its_own_stage(study: Study) -> None:
    """The rest of dvc.lock stays as it is, even where DVC would write it otherwise."""
    lock = study.folder / "dvc.lock"
    odd = lock.read_text().replace(
        "cmd: python -m stages.base", "cmd:   python -m stages.base"
    )
    lock.write_text(odd)
    study.set(selfplay__temperature=0.9)
    assert study.executed("snakemake", "data/selfplay/episodes.parquet") == {
        "selfplay": 1
    }
    before, after = odd.splitlines(), lock.read_text().splitlines()
    assert "    cmd:   python -m stages.base" in after
    assert 0 < len(set(after) - set(before)) < 10


def test_an_edited_parameter_reruns_what_reads_it(study: Study) -> None:
    """A GRPO parameter touches GRPO and what follows, and either driver redoes it."""
    study.set(grpo__common__beta=0.1)
    assert study.dvc_status() == {"grpo@grpo-0"}
    assert study.snakemake_jobs() == AFTER_GRPO
    assert study.executed("snakemake") == AFTER_GRPO
    assert study.is_quiet()
    study.set(benchmarks__items=5)
    assert study.snakemake_jobs() == Counter(benchmarks=1, report=1)
    assert study.executed("dvc", "repro") == Counter(benchmarks=1, report=1)
    assert study.is_quiet()


@pytest.mark.parametrize(
    ("file", "stages"),
    [
        ("stages/preferences/__main__.py", {"preferences"}),
        ("games/newgame/rules.py", {"games@held_in", "games@held_out"}),
        ("requirements.lock", {"packages"}),
    ],
)
def test_equal_outputs_stop_the_chain(
    study: Study, file: str, stages: set[str]
) -> None:
    """A comment in a stage's code reruns that stage and, its output equal, no other.

    But for the report, whose outs are git's: Snakemake deletes them before the job, and
    DVC has no copy to restore.
    """
    code = study.folder / file
    code.parent.mkdir(exist_ok=True)
    rerun = Counter(name.partition("@")[0] for name in stages)
    for driver in ("snakemake",), ("dvc", "repro"):
        with code.open("a") as lines:
            lines.write("# a comment\n")
        assert study.dvc_status() == stages
        assert study.executed(*driver) - Counter(report=1) == rerun
    assert study.is_quiet()


@pytest.mark.parametrize("file", ["games/newgame/rules.py", "requirements.lock"])
def test_what_is_foretold_schedules_nothing_else(study: Study, file: str) -> None:
    """Code and packages that the study does not use are looked at, and no more."""
    code = study.folder / file
    code.parent.mkdir(exist_ok=True)
    with code.open("a") as lines:
        lines.write("# a comment\n")
    assert set(study.snakemake_jobs()) < {"games", "packages"}


def test_an_edited_game_reruns_what_plays_it(study: Study) -> None:
    """The code of a held-out game decides its instances and the evaluation alone."""
    rules = study.folder / "games/guesswhat/rules.py"
    rules.write_text(rules.read_text() + "# a comment\n")
    jobs = study.snakemake_jobs()
    assert jobs == Counter(games=2, instances=1, yardsticks=1, play=1, report=1)
    assert study.executed("snakemake") == jobs
    assert study.is_quiet()


def test_other_words_for_clembench_replay_nothing(study: Study) -> None:
    """How a game reads clembench's files decides instances, and no episode."""
    bridge = study.folder / "games/taboo/clembench.py"
    bridge.write_text(bridge.read_text() + "# a comment\n")
    jobs = study.snakemake_jobs()
    assert set(jobs) >= {"games", "instances"}
    assert study.executed("snakemake") - Counter(report=1) == Counter(
        games=2, instances=3
    )
    assert study.is_quiet()


@pytest.mark.parametrize("package", ["trl", "nltk", "lm_eval"])
def test_another_package_reruns_what_computes_with_it(
    study: Study, package: str
) -> None:
    """A new TRL trains again, and leaves instances and self-play as they are."""
    about = study.folder / f"{package}-99.dist-info" / "METADATA"
    about.parent.mkdir()
    about.write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 99\n")
    lock = study.folder / "requirements.lock"
    lock.write_text(lock.read_text() + "\n")
    expected = {
        "trl": {"packages", "warmup", "sft", "dpo", "grpo"},
        "nltk": {"packages", "games", "instances", "leakage", "selfplay", "grpo"},
        "lm_eval": {"packages", "benchmarks", "report"},
    }[package]
    jobs = set(study.snakemake_jobs())
    assert expected <= jobs
    assert ("selfplay" in jobs) == (package in ("nltk", "trl"))  # it plays the warm-up
    assert ("instances" in jobs) == (package == "nltk")
    study.run("snakemake")
    assert study.is_quiet()


def test_evaluating_more_trains_nothing(study: Study) -> None:
    """More test instances or held-out games put no training out of date."""
    study.set(instances__test=30)
    more = Counter(instances=2, leakage=1, yardsticks=1, play=1, report=1)
    assert study.snakemake_jobs() == more
    assert study.executed("snakemake") == more
    study.set(games__held_out=["guesswhat", "codenames"])
    more = Counter(games=1, instances=1, yardsticks=1, play=1, report=1)
    assert study.snakemake_jobs() == more
    assert study.executed("dvc", "repro") == more
    assert study.is_quiet()


def test_speed_is_no_input(study: Study) -> None:
    """More threads, and code that only measures, put nothing out of date."""
    study.set(compute__threads=2)
    (study.folder / "stages/tools").mkdir()
    (study.folder / "stages/tools/timings.py").write_text("# another\n")
    assert study.is_quiet()


@pytest.mark.parametrize(
    ("file", "rules"),
    [
        ("pipeline/params/sections/study.py", None),
        ("pipeline/params/schema.py", None),
        ("pipeline/params/policies.py", {"report"}),
        ("pipeline/params/checks.py", set()),
        ("stages/training/recipe.py", {"warmup", "sft", "dpo", "grpo"}),
        ("stages/common/cli.py", set()),
    ],
)
def test_edited_code_reruns_what_imports_it(
    study: Study, file: str, rules: set[str] | None
) -> None:
    """The meaning of a parameter is code that every stage depends on."""
    code = study.folder / file
    code.write_text(code.read_text() + "# a comment\n")
    changed = {name.partition("@")[0] for name in study.dvc_status()}
    every = set(YAML(typ="safe").load(study.folder / "dvc.yaml")["stages"])
    assert changed == (every - {"packages"} if rules is None else rules)


def test_two_targets_at_once_need_no_earlier_run(study: Study) -> None:
    """Without .snakemake, Snakemake finds what it needs for several targets."""
    study.set(warmup__epochs=2, instances__train=99)
    study.run("rm", "-rf", ".snakemake")
    targets = "data/warmup/formats", "data/instances/train.parquet"
    assert study.executed("snakemake", "--", *targets) == Counter(warmup=1, instances=1)


@pytest.mark.parametrize("driver", [("snakemake", "-c2"), ("dvc", "repro")])
def test_leftovers_of_another_revision_make_nothing_stale(
    study: Study, driver: tuple[str, ...]
) -> None:
    """After `git checkout REV && dvc checkout` nothing of another row lies about."""
    study.set(
        sft__variants=["sft", "extra"],
        sft__overrides={"sft": {}, "extra": {}},
        policies=[GRPO, "sft/extra/0"],
    )
    study.run(*driver)
    assert study.is_quiet()
    study.commit("extra")
    study.run("git", "checkout", "-q", "HEAD~1")
    study.run("dvc", "checkout")
    left = [path for path in study.folder.glob("data/**/extra/*") if path.is_file()]
    assert not left
    assert study.is_quiet()


def test_going_back_in_git_reruns_nothing(study: Study) -> None:
    """An earlier revision comes from the cache, with or without `dvc checkout`."""
    study.set(grpo__common__beta=0.1)
    study.run("dvc", "repro")
    study.commit("beta")
    study.run("git", "checkout", "-q", "HEAD~1")
    study.run("dvc", "checkout")
    assert study.is_quiet()
    study.run("git", "checkout", "-q", "main")
    assert study.dvc_status()
    assert not study.executed("snakemake") - Counter(report=1)
    assert study.is_quiet()


def test_times_do_not_count(study: Study) -> None:
    """Touched files and a lost .snakemake mean nothing; changed contents do."""
    for path in study.folder.rglob("*"):
        if ".git" not in path.parts and path.is_file():
            path.touch()
    study.run("rm", "-rf", ".snakemake")
    assert study.is_quiet()
    code = study.folder / "stages/benchmarks/__main__.py"
    code.write_text(code.read_text() + "# a comment\n")
    os.utime(code, (1e9, 1e9))
    assert {name.split("@")[0] for name in study.dvc_status()} == {"benchmarks"}
    assert study.snakemake_jobs() == Counter(benchmarks=1, report=1)


def test_damaged_outputs_come_back_from_the_cache(study: Study) -> None:
    """A tampered model and deleted scores are noticed, and restored without a rerun."""
    (study.folder / "data" / GRPO / "model.safetensors").write_text("junk")
    (study.folder / "data/benchmarks" / GRPO / "scores.json").unlink()
    changed = {"grpo@grpo-0", f"benchmarks@{GRPO}"}
    assert changed <= study.dvc_status()
    assert study.snakemake_jobs()["grpo"] == 1
    assert not study.executed("snakemake") - Counter(report=1)
    assert study.is_quiet()


def test_a_clone_that_pulls_has_nothing_to_do(study: Study, tmp_path: Path) -> None:
    """A clone is quiet after `dvc pull`, and redoes what an edit touches."""
    study.run("dvc", "remote", "add", "-d", "there", str(tmp_path / "remote"))
    study.commit("remote")
    study.run("dvc", "push")
    study.run("git", "clone", "-q", ".", str(tmp_path / "clone"))
    clone = Study(tmp_path / "clone")
    clone.run("dvc", "pull")
    assert clone.is_quiet()
    clone.set(grpo__common__beta=0.1)
    assert clone.snakemake_jobs() == AFTER_GRPO


def test_stages_and_policies_can_be_left_out(study: Study, tmp_path: Path) -> None:
    """Empty matrices suit both drivers, and a policy that goes leaves no trace."""
    study.set(
        warmup__variants=[],
        dpo__variants=[],
        selfplay__learner="base",
        sft__common__start="base",
        grpo__variants=["grpo", "chained"],
        grpo__overrides={"grpo": {"start": "base"}, "chained": {"start": "sft/sft"}},
        policies=["grpo/ch*"],
    )
    jobs = study.snakemake_jobs()
    assert jobs == Counter(
        selfplay=1, demonstrations=1, preferences=1, sft=1, grpo=2
    ) + Counter(yardsticks=1, play=1, benchmarks=1, report=1)
    assert study.executed("snakemake") == jobs
    assert study.is_quiet()
    assert not (study.folder / "data/play/self" / GRPO / "scores.json").exists()


MADE = ("data/base", "data/warmup/", "data/sft/", "data/dpo/", "data/grpo/")
PARTNERS = [
    ({"kind": "expert", "skill": 0.5}, "base"),
    ({"kind": "endpoint", "endpoint": "teacher"}, "base"),
    ({"kind": "policy"}, "base"),
    ({"kind": "policy"}, "warmup/formats"),
    ({"kind": "policy"}, "sft/sft/0"),
]


def test_grpo_depends_on_a_policy_only_if_it_is_the_partner(study: Study) -> None:
    """DVC reads dvc.yaml for a partner of every kind.

    Where it is no policy, params.yaml names the base, which all is made from.
    """
    for partner, policy_id in PARTNERS:
        changes = {"partners": [partner], "partner_policy": policy_id}
        study.set(grpo__overrides__grpo=changes)
        with Repo(str(study.folder)) as repo:
            stages = {stage.name: stage for stage in repo.index.stages}
            deps = stages["grpo@grpo-0"].deps
            paths = {Path(d.fs_path).relative_to(study.folder).as_posix() for d in deps}
        policies = {path for path in paths if path.startswith(MADE)}
        assert policies == {"data/warmup/formats", f"data/{policy_id}"}


def test_a_partner_that_is_the_start_leaves_both_quiet(study: Study) -> None:
    """Its folder stands twice among the dependencies, which neither driver minds."""
    changes = {"partners": [{"kind": "policy"}], "partner_policy": "warmup/formats"}
    study.set(grpo__overrides__grpo=changes)
    assert study.dvc_status() == {"grpo@grpo-0", "report"}
    assert study.executed("snakemake") == AFTER_GRPO
    assert study.is_quiet()


def test_an_experiment_leaves_both_quiet(study: Study) -> None:
    """`dvc exp run -S` reruns what it touches, and its number stays a number."""
    change = "grpo.common.learning_rate=1e-5"
    assert study.executed("dvc", "exp", "run", "-S", change) == AFTER_GRPO
    assert study.is_quiet()
    difference = study.run("dvc", "params", "diff", "--json")
    assert '"new": 1e-05' in difference
    assert "data/report/metrics.json" in study.run("dvc", "metrics", "diff")
    assert "table.md" not in study.run("dvc", "plots", "diff", "--json")


def wait_for(path: Path) -> None:
    """Wait until a stage has started."""
    deadline = time.monotonic() + 60
    while not path.exists() or not path.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def start(study: Study, *command: str) -> "subprocess.Popen[bytes]":
    """Start a driver whose selfplay stage waits for `wait-selfplay` to go away."""
    (study.folder / "wait-selfplay").touch()
    study.log.unlink(missing_ok=True)
    silent = subprocess.DEVNULL
    process = subprocess.Popen(
        command,
        cwd=study.folder,
        env=study.env(),
        stdout=silent,
        stderr=silent,
    )
    wait_for(study.log)
    return process


def test_an_edit_during_a_run_is_not_recorded_as_what_ran(study: Study) -> None:
    """dvc.lock keeps the parameters of the stage's start; the edit is still to do."""
    study.set(selfplay__temperature=0.9)
    process = start(study, "snakemake", "data/selfplay/episodes.parquet")
    study.set(selfplay__temperature=0.5)
    (study.folder / "wait-selfplay").unlink()
    assert process.wait() == 0
    lock = YAML(typ="safe").load(study.folder / "dvc.lock")
    recorded = lock["stages"]["selfplay"]["params"]["params.yaml"]["selfplay"]
    assert recorded["temperature"] == 0.9
    assert "selfplay" in study.dvc_status()


def test_a_killed_run_goes_on(study: Study) -> None:
    """After kill -9 of the whole tree, Snakemake goes on once it is unlocked."""
    target = "data/selfplay/episodes.parquet"
    study.set(selfplay__temperature=0.9)
    process = start(study, "snakemake", target)
    running = psutil.Process(process.pid)
    tree = [running, *running.children(recursive=True)]
    for one in tree:
        one.kill()
    process.wait()
    psutil.wait_procs(tree)
    (study.folder / "wait-selfplay").unlink()
    assert "selfplay" in study.dvc_status()
    study.run("snakemake", "--unlock")
    assert study.executed("snakemake", target) == Counter(selfplay=1)
    assert "selfplay" not in study.dvc_status()


def test_broken_parameters_stop_both_drivers_at_once(study: Study) -> None:
    """Both print the sentence that names the key, and Snakemake starts nothing."""
    sentence = "params.yaml: grpo.common: unknown key 'bta'"
    study.set(grpo__common__bta=0.1)
    study.log.unlink()
    assert sentence in study.run("snakemake", fails=True)
    assert not study.log.exists()
    assert sentence in study.run("dvc", "repro", fails=True)


def test_the_log_of_a_failed_job_is_shown(study: Study) -> None:
    """What a stage says before it fails reaches whoever runs Snakemake."""
    code = study.folder / "stages/report/__main__.py"
    code.write_text('raise SystemExit("error: the report is upset")\n')
    printed = study.run("snakemake", fails=True)
    assert "error: the report is upset" in printed
    assert "report" in study.dvc_status()


@pytest.mark.parametrize(
    ("out", "expected"),
    [
        ("data/sft/${item.variant}/${item.seed}", False),
        ("data/warmup/${item.variant}", False),
        ("data/curves/warmup/${item.variant}.csv", True),
        ("data/play/${item.lineup}/${item.policy}/scores.json", True),
    ],
)
def test_a_folder_is_told_by_what_is_no_wildcard(out: str, expected: bool) -> None:
    """The dot in the name of a variant makes its policy no file."""
    assert is_file(out) == expected
