"""A private SLURM cluster on this machine: no systemd, no root, loopback only, about a second to start.

Needs Debian's slurmctld, slurmd, munge and slurm-client. Everything it writes lies in one folder, and every process it
starts is stopped.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from pathlib import Path

PLACES = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
TOOLS = ("munged", "munge", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "sinfo", "scancel", "scontrol")

CONF = """\
ClusterName={name}
{bind}
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={d}/run/munge.socket
StateSaveLocation={d}/state
SlurmdSpoolDir={d}/spool/%n
SlurmctldPidFile={d}/run/slurmctld.pid
SlurmdPidFile={d}/run/slurmd.%n.pid
SlurmctldLogFile={d}/log/slurmctld.log
SlurmdLogFile={d}/log/slurmd.%n.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
JobAcctGatherType=jobacct_gather/linux
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0,bf_interval=1
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=2
MinJobAge=3600
GresTypes=gpu
NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={node_port} CPUs=16 RealMemory=32000 Gres=gpu:tiny:2
PartitionName=main Nodes=ALL Default=YES MaxTime=600 DefaultTime=10
"""


def tool(name: str) -> str:
    """Path of a SLURM program."""
    return shutil.which(name, path=PLACES) or name


def missing() -> list[str]:
    """Programs that are not installed."""
    return [name for name in TOOLS if shutil.which(name, path=PLACES) is None]


class MiniSlurm:
    """One node that claims sixteen cores and two GPUs, which are two character devices."""

    def __init__(self) -> None:
        self.name = "mini" + uuid.uuid4().hex[:8]
        self.folder = Path(tempfile.mkdtemp(prefix="slurm-"))  # short: a socket's path ends at 108 characters
        self._started: list[subprocess.Popen[bytes]] = []
        for part in ("etc", "run", "log", "state", "bin", "spool/n1"):
            (self.folder / part).mkdir(parents=True)
        for part in ("", "etc", "run"):
            (self.folder / part).chmod(0o755)  # munged wants the folders of its socket open to search
        self._configure()

    def _configure(self) -> None:
        port, node_port = _free_ports(2)
        user, host = pwd.getpwuid(os.getuid()).pw_name, socket.gethostname().split(".")[0]
        text = CONF.format(
            name=self.name, bind=_bind(), host=host, port=port, node_port=node_port, user=user, d=self.folder
        )
        self.conf = self.folder / "etc" / "slurm.conf"
        self.conf.write_text(text)
        devices = "".join(f"NodeName=n1 Name=gpu Type=tiny File=/dev/{name}\n" for name in ("null", "zero"))
        (self.folder / "etc" / "gres.conf").write_text(devices)
        version = subprocess.run([tool("slurmd"), "-V"], text=True, capture_output=True, check=True).stdout
        if (
            int(re.search(r"(\d+)\.", version)[1]) >= 23
        ):  # these ask for cgroups unless told not to; 22 rejects the word
            (self.folder / "etc" / "cgroup.conf").write_text("CgroupPlugin=disabled\n")
        key = self.folder / "etc" / "munge.key"
        key.touch(mode=0o600)
        key.write_bytes(os.urandom(128))
        # The job step of the plugin drops SLURM_CONF before it calls srun: put it back.
        srun = self.folder / "bin" / "srun"
        srun.write_text(f'#!/bin/sh\nSLURM_CONF={self.conf} exec {tool("srun")} "$@"\n')
        srun.chmod(0o755)

    def env(self) -> dict[str, str]:
        """The environment in which SLURM's commands reach this cluster."""
        plain = {key: value for key, value in os.environ.items() if not key.startswith(("SLURM_", "SBATCH_"))}
        return {**plain, "SLURM_CONF": str(self.conf), "PATH": f"{self.folder}/bin{os.pathsep}{PLACES}"}

    def run(self, *command: str) -> str:
        """Output of one of SLURM's commands."""
        done = subprocess.run(
            [tool(command[0]), *command[1:]], env=self.env(), text=True, capture_output=True, check=False
        )
        return done.stdout

    def __enter__(self) -> MiniSlurm:
        d = self.folder
        try:
            self._start("munged", "-F", f"--key-file={d}/etc/munge.key", f"--socket={d}/run/munge.socket",
                        f"--pid-file={d}/run/munged.pid", f"--log-file={d}/log/munged.log",
                        f"--seed-file={d}/state/munged.seed")  # fmt: skip
            self._wait((d / "run" / "munge.socket").exists, "munged")
            self._start("slurmctld", "-D", "-i")
            self._start("slurmd", "-D", "-N", "n1")
            self._wait(
                lambda: self.run("sinfo", "-h", "-N", "-t", "idle", "-o", "%N").split() == ["n1"], "an idle node"
            )
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        for process in reversed(self._started):
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)
            process.kill()
            process.wait()
        self._sweep()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self, *command: str) -> None:
        with (self.folder / "log" / f"{command[0]}.out").open("ab") as log:
            started = subprocess.Popen([tool(command[0]), *command[1:]], env=self.env(), stdin=subprocess.DEVNULL,
                                       stdout=log, stderr=log, start_new_session=True)  # fmt: skip
        self._started.append(started)

    def _wait(self, ready: object, what: str) -> None:
        deadline = time.monotonic() + 30
        while not ready():  # type: ignore[operator]
            if time.monotonic() > deadline or any(process.poll() is not None for process in self._started):
                logs = "\n".join(path.read_text()[-1500:] for path in sorted((self.folder / "log").iterdir()))
                raise RuntimeError(f"no {what}\n{logs}")
            time.sleep(0.05)

    def _sweep(self) -> None:
        """Kill what jobs left: every task carries this cluster's name."""
        mark = f"SLURM_CLUSTER_NAME={self.name}".encode()
        for process in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if process.name.isdigit() and mark in (process / "environ").read_bytes().split(b"\0"):
                    os.kill(int(process.name), 9)


def _bind() -> str:
    """Listen on loopback only, where the host's name is a loopback name."""
    with contextlib.suppress(OSError):
        if socket.gethostbyname(socket.gethostname()).startswith("127."):
            return "CommunicationParameters=NoInAddrAny,NoCtldInAddrAny"
    return "# the host's name is no loopback name: the daemons listen on every address, guarded by munge"


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()
