"""Training of the small models.

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
