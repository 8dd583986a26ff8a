"""Results of what params.yaml no longer names go, all others stay."""

from pathlib import Path

from pipeline.leftovers import remove_leftovers
from pipeline.params.read import load_params

ROOT = Path(__file__).parents[2]


def test_results_of_other_policies_go(tmp_path: Path) -> None:
    """Scores stay for `policies`, curves for everything that is trained."""
    params = load_params(ROOT / "params.yaml")
    params = params.model_copy(update={"policies": ["base"]})
    kept = ["play/self/base/scores.json", "benchmarks/base/scores.json"]
    kept += ["curves/warmup/formats.csv", "curves/sft/sft/0.csv"]
    gone = ["play/self/sft/sft/0/scores.json", "play/base/scores.json"]
    gone += ["play/other/base/scores.json", "benchmarks/sft/sft/0/scores.json"]
    gone += ["curves/warmup/forms.csv", "curves/sft/sft/9.csv"]
    for name in kept + gone:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    remove_leftovers(params, tmp_path)
    left = [p.relative_to(tmp_path) for p in tmp_path.rglob("*") if p.is_file()]
    assert {path.as_posix() for path in left} == set(kept)


def test_the_folder_of_curves_is_always_there(tmp_path: Path) -> None:
    """DVC could not record the report of a study that trains nothing otherwise."""
    remove_leftovers(load_params(ROOT / "params.yaml"), tmp_path)
    assert (tmp_path / "curves").is_dir()
