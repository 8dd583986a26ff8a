# How the stages run: one rule a stage.  dvc.yaml says what each of them reads, runs and
# writes, and DVC, by content, which are out of date; here is what DVC has no word for:
# threads, memory, GPUs, logs, timings.  A job is `dvc repro --single-item STAGE`, so that
# `snakemake` and `dvc repro` leave the same dvc.lock.
#
#   snakemake                              the whole study, two jobs at a time
#   snakemake -c8 data/sft/sft/0           one policy, eight cores
#   snakemake --workflow-profile slurm     on a cluster
import sys

sys.path.insert(0, workflow.basedir)

from games.errors import StudyError
from pipeline.busy import list_locks, refuse_busy
from pipeline.conflicts import refuse_conflicts
from pipeline.graph import Graph
from pipeline.params.machine import check_machine
from pipeline.params.plan import write_plan
from pipeline.params.read import load_params

try:
    refuse_conflicts()
    params = load_params()
    list_locks()
except StudyError as error:
    raise WorkflowError(str(error)) from None

compute = params.compute
if workflow.is_main_process:
    write_plan(params)
graph = Graph(ancient, directory, status=workflow.is_main_process)
gpu = int(compute.device == "cuda")


rule all:
    default_target: True
    input:
        graph.results(),


rule packages:
    """Write down which versions of the packages that decide numbers are installed."""
    input:
        graph.deps("packages"),
    output:
        *graph.outs("packages"),
    log:
        "logs/packages.log",
    benchmark:
        "timings/packages.tsv"
    resources:
        mem_mb=200,
    params:
        graph.params("packages"),
    shell:
        graph.run("packages")


rule base:
    """Pin the base policy: weights, tokenizer and chat template."""
    input:
        graph.deps("base"),
    output:
        *graph.outs("base"),
    log:
        "logs/base.log",
    benchmark:
        "timings/base.tsv"
    resources:
        mem_mb=3000,
    params:
        graph.params("base"),
    shell:
        graph.run("base")


rule games:
    """Check the games of the study against their contract, and name their code."""
    input:
        graph.deps("games"),
    output:
        *graph.outs("games"),
    log:
        "logs/games/{part}.log",
    benchmark:
        "timings/games/{part}.tsv"
    resources:
        mem_mb=500,
    params:
        graph.params("games"),
    shell:
        graph.run("games")


rule instances:
    """Generate the instances of one split."""
    input:
        graph.deps("instances"),
    output:
        *graph.outs("instances"),
    log:
        "logs/instances/{key}.log",
    benchmark:
        "timings/instances/{key}.tsv"
    resources:
        mem_mb=1000,
    params:
        graph.params("instances"),
    shell:
        graph.run("instances")


rule leakage:
    """Refuse splits that share instances, before anything is learned from them."""
    input:
        graph.deps("leakage"),
    output:
        *graph.outs("leakage"),
    log:
        "logs/leakage.log",
    benchmark:
        "timings/leakage.tsv"
    priority: 100
    resources:
        mem_mb=1000,
    params:
        graph.params("leakage"),
    shell:
        graph.run("leakage")


rule warmup:
    """Teach the base policy the formats by small instruction tasks."""
    input:
        graph.deps("warmup"),
    output:
        *graph.outs("warmup"),
    log:
        "logs/warmup/{variant}.log",
    benchmark:
        "timings/warmup/{variant}.tsv"
    priority: 10
    threads: compute.threads
    resources:
        mem_mb=6000,
        gpu=gpu,
    params:
        graph.params("warmup"),
    shell:
        graph.run("warmup")


rule selfplay:
    """Play the training instances with experts and the learner."""
    input:
        graph.deps("selfplay"),
    output:
        *graph.outs("selfplay"),
    log:
        "logs/selfplay.log",
    benchmark:
        "timings/selfplay.tsv"
    priority: 10
    threads: compute.threads
    resources:
        mem_mb=4000,
        gpu=gpu,
    params:
        graph.params("selfplay"),
    shell:
        graph.run("selfplay")


rule demonstrations:
    """Turn won episodes into chat rows, one a role."""
    input:
        graph.deps("demonstrations"),
    output:
        *graph.outs("demonstrations"),
    log:
        "logs/demonstrations.log",
    benchmark:
        "timings/demonstrations.tsv"
    priority: 10
    resources:
        mem_mb=1000,
    params:
        graph.params("demonstrations"),
    shell:
        graph.run("demonstrations")


rule preferences:
    """Pair better with worse replies, by dialogue and by turn."""
    input:
        graph.deps("preferences"),
    output:
        *graph.outs("preferences"),
    log:
        "logs/preferences.log",
    benchmark:
        "timings/preferences.tsv"
    priority: 10
    resources:
        mem_mb=1000,
    params:
        graph.params("preferences"),
    shell:
        graph.run("preferences")


rule sft:
    """Imitate the demonstrations."""
    input:
        graph.deps("sft"),
    output:
        *graph.outs("sft"),
    log:
        "logs/sft/{variant}/{seed}.log",
    benchmark:
        "timings/sft/{variant}/{seed}.tsv"
    priority: 10
    threads: compute.threads
    resources:
        mem_mb=6000,
        gpu=gpu,
    params:
        graph.params("sft"),
    shell:
        graph.run("sft")


rule dpo:
    """Prefer the better replies of the pairs."""
    input:
        graph.deps("dpo"),
    output:
        *graph.outs("dpo"),
    log:
        "logs/dpo/{variant}/{seed}.log",
    benchmark:
        "timings/dpo/{variant}/{seed}.tsv"
    priority: 10
    threads: compute.threads
    resources:
        mem_mb=6000,
        gpu=gpu,
    params:
        graph.params("dpo"),
    shell:
        graph.run("dpo")


rule grpo:
    """Learn from the rewards of the policy's own episodes."""
    input:
        graph.deps("grpo"),
    output:
        *graph.outs("grpo"),
    log:
        "logs/grpo/{variant}/{seed}.log",
    benchmark:
        "timings/grpo/{variant}/{seed}.tsv"
    priority: 20
    threads: compute.threads
    resources:
        mem_mb=6000,
        gpu=gpu,
    params:
        graph.params("grpo"),
    shell:
        graph.run("grpo")


rule yardsticks:
    """Measure what knowing nothing earns, and what skill does."""
    input:
        graph.deps("yardsticks"),
    output:
        *graph.outs("yardsticks"),
    log:
        "logs/yardsticks.log",
    benchmark:
        "timings/yardsticks.tsv"
    resources:
        mem_mb=1000,
    params:
        graph.params("yardsticks"),
    shell:
        graph.run("yardsticks")


rule play:
    """Play unseen instances and unseen games, and score them."""
    input:
        graph.deps("play"),
    output:
        *graph.outs("play"),
    log:
        "logs/play/{lineup}/{policy}.log",
    benchmark:
        "timings/play/{lineup}/{policy}.tsv"
    threads: compute.threads
    resources:
        mem_mb=4000,
        gpu=gpu,
    params:
        graph.params("play"),
    shell:
        graph.run("play")


rule benchmarks:
    """Measure what else a policy can do."""
    input:
        graph.deps("benchmarks"),
    output:
        *graph.outs("benchmarks"),
    log:
        "logs/benchmarks/{policy}.log",
    benchmark:
        "timings/benchmarks/{policy}.tsv"
    threads: compute.threads
    resources:
        mem_mb=4000,
        gpu=gpu,
    params:
        graph.params("benchmarks"),
    shell:
        graph.run("benchmarks")


rule report:
    """Write the tables, plots and transcripts."""
    input:
        graph.deps("report"),
    output:
        *[
            report(out, caption="pipeline/captions/results.rst", category="Results")
            for out in graph.outs("report")
        ],
    log:
        "logs/report.log",
    benchmark:
        "timings/report.tsv"
    resources:
        mem_mb=1000,
    params:
        graph.params("report"),
    shell:
        graph.run("report")


graph.check(workflow.rules)


onstart:
    # once, for all jobs: before Snakemake removes an output
    try:
        if workflow.local_exec:
            refuse_busy()
        stages = {job.rule.name for job in workflow.dag.needrun_jobs()}
        check_machine(params, stages, elsewhere=not workflow.local_exec)
    except StudyError as error:
        raise WorkflowError(str(error)) from None


onsuccess:
    graph.remember_outputs()


onerror:
    graph.remember_outputs()
