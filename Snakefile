"""denoscope: opens diffusion models and shows what they do while they denoise.

snakemake --cores 4                                          the demo of config/config.yaml
snakemake --cores 4 --configfile config/dmd2-imagenet64.yaml published models
"""

from pathlib import Path

from snakemake.utils import min_version

min_version("9.19")

# Another --configfile replaces the demo instead of being merged into it.
if not config:

    configfile: str(Path(str(workflow.current_basedir)) / "config/config.yaml")


include: "rules/common.smk"
include: "rules/checkpoint.smk"
include: "rules/train.smk"
include: "rules/sample.smk"
include: "rules/index.smk"
include: "rules/maps.smk"
include: "rules/words.smk"
include: "rules/export.smk"
include: "rules/render.smk"
include: "rules/report.smk"
include: "rules/publish.smk"


rule all:
    """Everything of every run, and the report."""
    default_target: True
    input:
        "results/report.html",
        inputs.atlases,
        inputs.published,
    localrule: True
