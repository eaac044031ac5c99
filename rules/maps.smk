"""Maps of activations.

REQUIRED: the shards that hold the samples to map.
OUTPUT: results/{run}/maps/{layer}/ and results/{run}/similarity.parquet.
"""


rule embed_layer:
    """Features, neighbours, aligned maps and clusters of one layer at all its steps."""
    input:
        tensors=inputs.fitted_tensors,
    output:
        map="results/{run}/maps/{layer}/map.parquet",
        neighbors="results/{run}/maps/{layer}/neighbors.safetensors",
        features="results/{run}/maps/{layer}/features.safetensors",
    log:
        "results/logs/embed_layer/{run}/{layer}.log",
    benchmark:
        "results/benchmarks/embed_layer/{run}/{layer}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=8000,
        runtime=120,
    params:
        cfg=cfg.embed_layer,
    script:
        "../scripts/embed_layer.py"


rule place_samples:
    """Place samples on a map that was fitted without them."""
    input:
        tensors=inputs.tensors,
        map="results/{run}/maps/{layer}/map.parquet",
        neighbors="results/{run}/maps/{layer}/neighbors.safetensors",
        features="results/{run}/maps/{layer}/features.safetensors",
    output:
        placed="results/{run}/maps/{layer}/placed.parquet",
        neighbors="results/{run}/maps/{layer}/placed_neighbors.safetensors",
    log:
        "results/logs/place_samples/{run}/{layer}.log",
    benchmark:
        "results/benchmarks/place_samples/{run}/{layer}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        mem_mb=8000,
        runtime=60,
    params:
        cfg=cfg.place_samples,
    script:
        "../scripts/place_samples.py"


rule compare_layers:
    """Similarity (CKA) of every mapped layer at every mapped step with every other."""
    input:
        tensors=inputs.tensors,
    output:
        similarity="results/{run}/similarity.parquet",
    log:
        "results/logs/compare_layers/{run}.log",
    benchmark:
        "results/benchmarks/compare_layers/{run}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        mem_mb=8000,
        runtime=60,
    params:
        cfg=cfg.compare_layers,
    script:
        "../scripts/compare_layers.py"
