"""The report.

REQUIRED: everything that the other stages made of every run.
OUTPUT: results/report.html, one file that opens without a network.
"""


rule build_report:
    """Put every run into one page."""
    input:
        inputs.report,
    output:
        page=report(
            "results/report.html",
            caption="captions/report.rst",
            category="Interactive",
            labels={"figure": "denoscope report"},
        ),
    log:
        "results/logs/build_report.log",
    benchmark:
        "results/benchmarks/build_report.tsv"
    localrule: True
    conda:
        "../envs/analysis.yaml"
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        cfg=cfg.build_report,
    script:
        "../scripts/build_report.py"
