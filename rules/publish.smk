"""Dashboards of others: TensorBoard, Weights & Biases.

REQUIRED: a finished run and its animations.
OUTPUT: results/{run}/published.json: what went where.
"""


rule publish_run:
    """Log a run's animations, scalars and texts where the configuration says."""
    input:
        run="results/{run}/run.json",
        samples="results/{run}/samples.parquet",
        steps="results/{run}/steps.parquet",
        media=inputs.catalogues,
    output:
        published="results/{run}/published.json",
    log:
        "results/logs/publish_run/{run}.log",
    benchmark:
        "results/benchmarks/publish_run/{run}.tsv"
    conda:
        "../envs/publish.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        cfg=cfg.publish_run,
    script:
        "../scripts/publish_run.py"
