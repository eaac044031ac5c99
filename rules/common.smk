"""The plan that all rules ask, and what wildcards may be. No torch, no pandas: every job reads this."""

import re
from pathlib import Path

from snakemake.exceptions import WorkflowError

from denoscope.checkpoints.bundled import pipeline_models
from denoscope.config import ConfigError, load_config
from denoscope.workflow.cfg import Cfg
from denoscope.workflow.inputs import Inputs
from denoscope.workflow.jobs import Jobs
from denoscope.workflow.library import share_library

root = Path(str(workflow.current_basedir)).parent
share_library()

try:
    jobs = Jobs(load_config(config, map(Path, workflow.configfiles)))
except ConfigError as error:
    raise WorkflowError(str(error)) from None

inputs = Inputs(jobs)
cfg = Cfg(jobs, root / "scripts")
# Of no model at all, a pattern that nothing matches.
pipelines = "|".join(map(re.escape, pipeline_models())) or "(?!)"


wildcard_constraints:
    run=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    checkpoint=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    model=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    shard=r"\d+",
    layer=r"[^/]+",
    setting=r"n\d+-d[0-9.e-]+",
