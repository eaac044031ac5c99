"""Files moved into place, progress, device locks, logs."""

import json
import multiprocessing
import os
import subprocess
import sys
import time

import pytest
import torch
from click.testing import CliRunner

from denoscope.cli import main
from denoscope.runtime import devices
from denoscope.runtime.files import replacing, replacing_folder
from denoscope.runtime.locks import try_lock
from denoscope.runtime.progress import Heartbeat, heartbeats
from denoscope.runtime.watch import clock, progress_lines


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    path = tmp_path / "a" / "x.txt"
    with replacing(path) as temporary:
        temporary.write_text("one")
        assert not path.exists()
    assert path.read_text() == "one"
    with pytest.raises(RuntimeError), replacing(path) as temporary:
        temporary.write_text("two")
        raise RuntimeError
    assert path.read_text() == "one"
    assert [found.name for found in path.parent.iterdir()] == ["x.txt"]


def test_a_folder_is_replaced_as_a_whole(tmp_path):
    folder = tmp_path / "f"
    with replacing_folder(folder) as temporary:
        (temporary / "old").touch()
    with pytest.raises(RuntimeError), replacing_folder(folder) as temporary:
        raise RuntimeError
    assert (folder / "old").exists()
    with replacing_folder(folder) as temporary:
        (temporary / "new").touch()
    assert [path.name for path in folder.iterdir()] == ["new"]
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


def test_what_a_killed_job_left_long_ago_is_removed(tmp_path):
    old, young = tmp_path / ".x.txt.0a.tmp", tmp_path / ".x.txt.0b.tmp"
    old.touch()
    young.touch()
    os.utime(old, (0, 0))
    with replacing(tmp_path / "x.txt") as temporary:
        temporary.touch()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".x.txt.0b.tmp", "x.txt"]


def test_a_lock_does_not_follow_links(tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "l.lock").symlink_to(victim)
    with pytest.raises(OSError, match="symbolic link"):
        try_lock(tmp_path / "l.lock")
    assert victim.read_text() == "precious"


def test_a_lock_folder_that_others_can_write_to_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    (tmp_path / f"denoscope-{os.getuid()}").mkdir()
    (tmp_path / f"denoscope-{os.getuid()}").chmod(0o777)
    with pytest.raises(PermissionError, match="only you can write to"), devices.locked_slot(["gpu-a"]):
        pass


def test_heartbeat_tells_rate_and_time_left(tmp_path):
    folder = tmp_path / "digits" / "trace" / "000000.partial"
    with Heartbeat(folder, "digits 000000", 100) as progress:
        progress.advance(40, fresh=False)
        time.sleep(0.6)
        progress.advance(10)
        (beat,) = heartbeats(tmp_path)
        assert (beat["done"], beat["total"]) == (50, 100)
        assert 10 / beat["rate"] == pytest.approx(0.6, abs=0.4)
        assert beat["eta_s"] == pytest.approx(50 / beat["rate"])
        shown = CliRunner().invoke(main, ["watch", str(tmp_path), "--once"])
        assert "digits 000000" in shown.output
        assert "50/100 samples" in shown.output
        assert "left" in shown.output
    assert heartbeats(tmp_path) == []
    assert "no job is running" in CliRunner().invoke(main, ["watch", str(tmp_path), "--once"]).output


def test_a_silent_job_is_told_from_a_running_one(tmp_path):
    folder = tmp_path / "training" / "m.partial"
    folder.mkdir(parents=True)
    beat = {"job": "train m", "done": 5, "total": 10, "unit": "step", "rate": 0.5, "eta_s": 10.0, "updated": 1000.0,
            "host": "node7", "pid": 42}  # fmt: skip
    (folder / "progress.json").write_text(json.dumps(beat))
    assert "silent for 5:00 (node7, process 42)" in progress_lines(tmp_path, now=1300.0, width=200)[0]
    assert "silent" not in progress_lines(tmp_path, now=1010.0, width=200)[0]
    assert len(progress_lines(tmp_path, now=1300.0, width=40)[0]) == 40


def test_clock():
    assert [clock(s) for s in (5, 65, 3599, 3660)] == ["0:05", "1:05", "59:59", "1 h 01 min"]


def hold(folder, seconds, queue):
    with devices.locked_slot(["gpu-a", "gpu-b"], folder) as index:
        queue.put((index, time.monotonic()))
        time.sleep(seconds)
        queue.put((index, time.monotonic()))


def test_each_job_locks_a_device_of_its_own_and_waits_when_all_are_taken(tmp_path, monkeypatch):
    monkeypatch.setattr(devices, "POLL_S", 0.05)
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    jobs = [context.Process(target=hold, args=(tmp_path, 0.6, queue)) for _ in range(3)]
    for job in jobs:
        job.start()
    events = sorted((queue.get(timeout=20) for _ in range(6)), key=lambda event: event[1])
    for job in jobs:
        job.join()
    # Two hold different devices at once; the third starts only when one of them ends, on that one's device.
    assert {index for index, _ in events[:2]} == {0, 1}
    held: dict[int, int] = {}
    for index, _ in events:
        held[index] = held.get(index, 0) + 1
    assert sorted(held.values()) == [2, 4]


def test_a_killed_job_frees_its_device(tmp_path):
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    job = context.Process(target=hold, args=(tmp_path, 60, queue))
    job.start()
    index, _ = queue.get(timeout=20)
    job.kill()
    job.join()
    with devices.locked_slot(["gpu-a", "gpu-b"], tmp_path) as again:
        assert again == index == 0


def test_several_devices_are_shared_out(monkeypatch, tmp_path):
    """With two imagined devices, two jobs in one process get one each."""
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "set_device", lambda device: None)
    monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", lambda device: None)
    monkeypatch.setattr(devices, "_identity", lambda index: f"uuid-{index}")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with devices.a_device() as first, devices.a_device() as second:
        assert {first, second} == {torch.device("cuda", 0), torch.device("cuda", 1)}


def test_without_accelerators_the_processor_is_used(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    with devices.a_device() as device:
        assert device == torch.device("cpu")


def test_a_log_holds_everything_from_the_first_line(tmp_path):
    code = (
        "import sys, os, logging\nfrom denoscope.runtime.job import job\n"
        "with job(sys.argv[1], 1):\n    print('printed')\n    os.system('echo from a child')\n"
        "    logging.getLogger('denoscope.x').info('logged')\n    raise ValueError('why it failed')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "l" / "job.log")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    text = (tmp_path / "l" / "job.log").read_text()
    for expected in ("printed", "from a child", "INFO logged", "ValueError: why it failed"):
        assert expected in text
    assert done.stdout == ""
