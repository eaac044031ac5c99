"""Checkpoints.

REQUIRED: what `model.checkpoint` of a run names: a hub repository, a URL, a local path, or a model of models/.
OUTPUT: results/checkpoints/{checkpoint}/manifest.json beside the files that it lists.
"""


rule fetch_checkpoint:
    """Fetch a checkpoint, verify it, and turn pickles into safetensors."""
    input:
        inputs.checkpoint,
    output:
        manifest="results/checkpoints/{checkpoint}/manifest.json",
    log:
        "results/logs/fetch_checkpoint/{checkpoint}.log",
    benchmark:
        "results/benchmarks/fetch_checkpoint/{checkpoint}.tsv"
    # Compute nodes may have no network.
    localrule: True
    conda:
        "../envs/models.yaml"
    resources:
        mem_mb=4000,
        runtime=120,
    params:
        cfg=cfg.fetch_checkpoint,
    script:
        "../scripts/fetch_checkpoint.py"
