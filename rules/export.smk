"""Maps for other tools.

REQUIRED: the run's tables and shards, and the layer's map.
OUTPUT: results/{run}/atlas/{layer}.parquet.
"""


rule export_atlas:
    """A layer's map with neighbours and pictures as one table."""
    input:
        map=inputs.layer_map,
        run="results/{run}/run.json",
        samples="results/{run}/samples.parquet",
        tensors=inputs.tensors,
    output:
        table="results/{run}/atlas/{layer}.parquet",
    log:
        "results/logs/export_atlas/{run}/{layer}.log",
    benchmark:
        "results/benchmarks/export_atlas/{run}/{layer}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        cfg=cfg.export_atlas,
    script:
        "../scripts/export_atlas.py"
