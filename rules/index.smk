"""The run as one data set.

REQUIRED: all shards of the run.
OUTPUT: results/{run}/samples.parquet, steps.parquet, run.json.
"""


rule index_run:
    """Join the shards' tables and describe the run."""
    input:
        samples=inputs.samples,
        steps=inputs.steps,
        tensors=inputs.tensors,
        throughput=inputs.throughputs,
        manifest=inputs.manifest,
        tokenizer=inputs.tokenizer,
    output:
        samples="results/{run}/samples.parquet",
        steps="results/{run}/steps.parquet",
        run="results/{run}/run.json",
    log:
        "results/logs/index_run/{run}.log",
    benchmark:
        "results/benchmarks/index_run/{run}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        cfg=cfg.index_run,
    script:
        "../scripts/index_run.py"


rule judge_texts:
    """How masks and uncertainty fall in a run of texts, and which layer knows the final token when."""
    input:
        tensors=inputs.tensors,
        steps=inputs.steps,
        samples=inputs.samples,
    output:
        texts="results/{run}/texts.parquet",
    log:
        "results/logs/judge_texts/{run}.log",
    benchmark:
        "results/benchmarks/judge_texts/{run}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        cfg=cfg.judge_texts,
    script:
        "../scripts/judge_texts.py"
