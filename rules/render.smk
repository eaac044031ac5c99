"""Animations and paper figures.

REQUIRED: the run's shards, and for the figures of maps what the maps stage wrote.
OUTPUT: results/{run}/media/, results/{run}/figures/ and, of several runs of texts, results/figures/.
"""


rule render_shard:
    """Animate samples of a shard; the catalogue lists the files in the folder of the same name."""
    input:
        tensors="results/{run}/trace/{shard}/tensors.safetensors",
        samples="results/{run}/trace/{shard}/samples.parquet",
        tokenizer=inputs.tokenizer,
    output:
        catalogue="results/{run}/media/{shard}.json",
    log:
        "results/logs/render_shard/{run}/{shard}.log",
    benchmark:
        "results/benchmarks/render_shard/{run}/{shard}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        cfg=cfg.render_shard,
    script:
        "../scripts/render_shard.py"


rule render_grid:
    """Animate a grid of samples, a row per class."""
    input:
        tensors=inputs.grid_tensors,
        samples=inputs.grid_samples,
    output:
        gif=report(
            "results/{run}/media/grid.gif",
            caption="captions/grid.rst",
            category="Animations",
            labels={"figure": "{run}: a grid of samples"},
        ),
        mp4="results/{run}/media/grid.mp4",
    log:
        "results/logs/render_grid/{run}.log",
    benchmark:
        "results/benchmarks/render_grid/{run}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        cfg=cfg.render_grid,
    script:
        "../scripts/render_grid.py"


rule draw_samples:
    """Figures of samples: a grid of results, and one sample of each class at every noise level."""
    input:
        tensors=inputs.grid_tensors,
        samples=inputs.grid_samples,
    output:
        multiext("results/{run}/figures/samples", ".pdf", ".svg"),
        multiext("results/{run}/figures/steps", ".pdf", ".svg"),
        samples=report(
            "results/{run}/figures/samples.png",
            caption="captions/samples.rst",
            category="Figures",
            labels={"figure": "{run}: samples"},
        ),
        steps=report(
            "results/{run}/figures/steps.png",
            caption="captions/steps.rst",
            category="Figures",
            labels={"figure": "{run}: steps"},
        ),
    log:
        "results/logs/draw_samples/{run}.log",
    benchmark:
        "results/benchmarks/draw_samples/{run}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        cfg=cfg.draw_samples,
    script:
        "../scripts/draw_samples.py"


rule draw_texts:
    """Figure of a run of texts: masks, uncertainty, and what each layer knows, step by step."""
    input:
        texts="results/{run}/texts.parquet",
    output:
        multiext("results/{run}/figures/texts", ".pdf", ".svg"),
        texts=report(
            "results/{run}/figures/texts.png",
            caption="captions/texts.rst",
            category="Figures",
            labels={"figure": "{run}: texts"},
        ),
    log:
        "results/logs/draw_texts/{run}.log",
    benchmark:
        "results/benchmarks/draw_texts/{run}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        cfg=cfg.draw_texts,
    script:
        "../scripts/draw_texts.py"


rule compare_texts:
    """Figure that holds all runs of texts against each other."""
    input:
        texts=inputs.compared_texts,
    output:
        multiext("results/figures/texts", ".pdf", ".svg"),
        texts=report(
            "results/figures/texts.png",
            caption="captions/compared.rst",
            category="Figures",
            labels={"figure": "all runs: texts"},
        ),
    log:
        "results/logs/compare_texts.log",
    benchmark:
        "results/benchmarks/compare_texts.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        cfg=cfg.compare_texts,
    script:
        "../scripts/compare_texts.py"


rule draw_maps:
    """Figures of the maps, of how good they are, and of the similarity of layers and steps."""
    input:
        maps=inputs.maps,
        samples="results/{run}/samples.parquet",
        run="results/{run}/run.json",
        quality="results/{run}/quality.parquet",
        similarity="results/{run}/similarity.parquet",
    output:
        multiext("results/{run}/figures/maps", ".pdf", ".svg"),
        multiext("results/{run}/figures/quality", ".pdf", ".svg"),
        multiext("results/{run}/figures/similarity", ".pdf", ".svg"),
        maps=report(
            "results/{run}/figures/maps.png",
            caption="captions/maps.rst",
            category="Figures",
            labels={"figure": "{run}: maps"},
        ),
        quality=report(
            "results/{run}/figures/quality.png",
            caption="captions/quality.rst",
            category="Figures",
            labels={"figure": "{run}: quality of the maps"},
        ),
        similarity=report(
            "results/{run}/figures/similarity.png",
            caption="captions/similarity.rst",
            category="Figures",
            labels={"figure": "{run}: similarity"},
        ),
    log:
        "results/logs/draw_maps/{run}.log",
    benchmark:
        "results/benchmarks/draw_maps/{run}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        cfg=cfg.draw_maps,
    script:
        "../scripts/draw_maps.py"
