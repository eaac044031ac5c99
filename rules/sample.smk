"""Sampling.

REQUIRED: results/checkpoints/{checkpoint}/manifest.json of the run's model.
OUTPUT: results/{run}/trace/{shard}/: the shard's trace and its throughput.
"""


rule sample_shard:
    """Denoise one shard and record every step of it."""
    input:
        manifests=inputs.manifests,
    output:
        samples="results/{run}/trace/{shard}/samples.parquet",
        steps="results/{run}/trace/{shard}/steps.parquet",
        tensors="results/{run}/trace/{shard}/tensors.safetensors",
        throughput="results/{run}/trace/{shard}/throughput.json",
    log:
        "results/logs/sample_shard/{run}/{shard}.log",
    benchmark:
        "results/benchmarks/sample_shard/{run}/{shard}.tsv"
    conda:
        "../envs/models.yaml"
    threads: 8
    resources:
        gpu=1,
        mem_mb=8000,
        runtime=240,
    params:
        cfg=cfg.sample_shard,
    script:
        "../scripts/sample_shard.py"
