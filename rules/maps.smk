"""Maps of activations.

REQUIRED: the shards that hold the samples to map.
OUTPUT: results/{run}/maps/{layer}/, results/{run}/token_maps/{layer}/, results/{run}/quality.parquet and results/{run}/similarity.parquet.
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


rule embed_tokens:
    """The same of the single tokens of a run's first texts."""
    input:
        tensors=inputs.token_tensors,
    output:
        map="results/{run}/token_maps/{layer}/map.parquet",
        neighbors="results/{run}/token_maps/{layer}/neighbors.safetensors",
        features="results/{run}/token_maps/{layer}/features.safetensors",
    log:
        "results/logs/embed_tokens/{run}/{layer}.log",
    benchmark:
        "results/benchmarks/embed_tokens/{run}/{layer}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=8000,
        runtime=120,
    params:
        cfg=cfg.embed_tokens,
    script:
        "../scripts/embed_tokens.py"


rule project_layer:
    """The same layer laid out with another setting of UMAP."""
    input:
        tensors=inputs.fitted_tensors,
        map="results/{run}/maps/{layer}/map.parquet",
        features="results/{run}/maps/{layer}/features.safetensors",
    output:
        points="results/{run}/maps/{layer}/grid/{setting}.parquet",
    log:
        "results/logs/project_layer/{run}/{layer}/{setting}.log",
    benchmark:
        "results/benchmarks/project_layer/{run}/{layer}/{setting}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=8000,
        runtime=60,
    params:
        cfg=cfg.project_layer,
    script:
        "../scripts/project_layer.py"


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


rule judge_maps:
    """How good the maps of all layers are at every step."""
    input:
        maps=inputs.maps,
        neighbors=inputs.neighbors,
        samples="results/{run}/samples.parquet",
    output:
        quality="results/{run}/quality.parquet",
    log:
        "results/logs/judge_maps/{run}.log",
    benchmark:
        "results/benchmarks/judge_maps/{run}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        cfg=cfg.judge_maps,
    script:
        "../scripts/judge_maps.py"


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
