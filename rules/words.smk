"""Attention of words: films, and scores where what pictures show can be measured.

REQUIRED: the trace of a run that records the attention of words.
OUTPUT: results/{run}/attention/{shard}.json and the films that it lists (`render.attention`); with `truth`:
results/{run}/truth.parquet, attention.parquet and figures/attention.{pdf,svg,png}.
"""


rule render_attention:
    """Films of the words' attention in a shard's samples, as soon as the shard is done."""
    input:
        tensors="results/{run}/trace/{shard}/tensors.safetensors",
        samples="results/{run}/trace/{shard}/samples.parquet",
    output:
        catalogue="results/{run}/attention/{shard}.json",
    log:
        "results/logs/render_attention/{run}/{shard}.log",
    benchmark:
        "results/benchmarks/render_attention/{run}/{shard}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        cfg=cfg.render_attention,
    script:
        "../scripts/render_attention.py"


rule score_attention:
    """What every picture or film shows, and how well each layer, step and rule finds the objects that words name."""
    input:
        tensors=inputs.tensors,
        run="results/{run}/run.json",
    output:
        truth="results/{run}/truth.parquet",
        attention="results/{run}/attention.parquet",
    log:
        "results/logs/score_attention/{run}.log",
    benchmark:
        "results/benchmarks/score_attention/{run}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        cfg=cfg.score_attention,
    script:
        "../scripts/score_attention.py"


rule draw_attention:
    """Figure of scored attention."""
    input:
        attention="results/{run}/attention.parquet",
    output:
        multiext("results/{run}/figures/attention", ".pdf", ".svg"),
        attention=report(
            "results/{run}/figures/attention.png",
            caption="captions/attention.rst",
            category="Figures",
            labels={"figure": "{run}: attention"},
        ),
    log:
        "results/logs/draw_attention/{run}.log",
    benchmark:
        "results/benchmarks/draw_attention/{run}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        cfg=cfg.draw_attention,
    script:
        "../scripts/draw_attention.py"
