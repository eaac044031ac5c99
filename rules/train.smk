"""Training of the small models: single networks, and whole pipelines of diffusers.

REQUIRED: models/{model}/config.json and recipe.yaml.
OUTPUT: results/training/{model}/: weights, scores and card, ready to be a folder of models/.
"""


rule train_model:
    """Train a model from its recipe and judge it."""
    output:
        weights="results/training/{model}/model.safetensors",
        scores="results/training/{model}/scores.json",
        card="results/training/{model}/README.md",
        losses="results/training/{model}/loss.png",
    log:
        "results/logs/train_model/{model}.log",
    benchmark:
        "results/benchmarks/train_model/{model}.tsv"
    wildcard_constraints:
        model=rf"(?!(?:{pipelines})/)[A-Za-z0-9][A-Za-z0-9._-]*",
    conda:
        "../envs/models.yaml"
    threads: 2
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        cfg=cfg.train_model,
    script:
        "../scripts/train_model.py"


rule train_pipeline:
    """Train a model that is a whole pipeline, as the others are, on one core."""
    output:
        pipeline=directory("results/training/{model}/pipeline"),
        scores="results/training/{model}/scores.json",
        card="results/training/{model}/README.md",
        losses="results/training/{model}/loss.png",
    log:
        "results/logs/train_pipeline/{model}.log",
    benchmark:
        "results/benchmarks/train_pipeline/{model}.tsv"
    wildcard_constraints:
        model=pipelines,
    conda:
        "../envs/models.yaml"
    # Two trainings side by side are done in two thirds of the time that they take one after the other on two cores.
    threads: 1
    resources:
        mem_mb=4000,
        runtime=240,
    params:
        cfg=cfg.train_model,
    script:
        "../scripts/train_model.py"
