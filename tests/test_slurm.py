"""The SLURM profile on a real slurmctld and slurmd."""

import copy
import re
import subprocess
import sys

import minislurm
import pytest

import workflow
from denoscope.trace.reader import Trace

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def slurm():
    if lacking := minislurm.missing():
        pytest.skip(f"no {', '.join(lacking)}: apt-get install slurmctld slurmd munge slurm-client")
    with minislurm.MiniSlurm() as cluster:
        yield cluster


def test_shards_are_sampled_on_a_cluster(slurm, tmp_path, tiny_config):
    folder = workflow.clone(tmp_path / "clone")
    config = copy.deepcopy(tiny_config)
    config["runs"]["digits"]["maps"] = None
    workflow.write_config(folder, config)
    targets = [f"results/digits/trace/{shard}/tensors.safetensors" for shard in ("000000", "000020")]
    environment = {**workflow.environment(), **slurm.env()}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-m", "snakemake", "--workflow-profile", "profiles/slurm", "--configfile", "mini.yaml"]
    # The profile as it ships, but asking sooner how the jobs fare.
    sooner = ["--slurm-init-seconds-before-status-checks", "2", "--latency-wait", "10"]
    done = subprocess.run(
        [*command, *sooner, "--jobs", "4", *targets],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-5000:]
    trace = Trace([(folder / target).parent for target in targets])
    assert len(trace.samples) == 40
    jobs = slurm.run("scontrol", "--oneliner", "show", "job").splitlines()
    sampled = [job for job in jobs if "sample_shard" in job]
    assert len(sampled) == 2
    for job in sampled:
        assert {"JobState=COMPLETED", "MinMemoryNode=8000M", "CPUs/Task=8"} <= set(job.split())
        assert re.search(r" TresPerJob=gres[:/]gpu:1 ", job)
    assert not any("fetch_checkpoint" in job for job in jobs)  # downloads stay where the network is
