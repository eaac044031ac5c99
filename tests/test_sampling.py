"""The sampling stage: what decides a sample, and what survives a killed job."""

import dataclasses
import json
import logging
import shutil

import numpy as np
import pytest
from fakes import STEPS, FakeDenoiser, order

from denoscope.checkpoints.manifest import write_manifest
from denoscope.denoisers.protocol import Unrecorded
from denoscope.report.page.overview import recording
from denoscope.sampling import shard as sampling
from denoscope.trace.merge import merge
from denoscope.trace.partial import Partial
from denoscope.trace.reader import Trace
from denoscope.trace.schema import TraceError


def make(monkeypatch, folder, asked, denoiser=None, key="k", weights="a"):
    denoiser = denoiser or FakeDenoiser()
    monkeypatch.setattr(sampling, "loader", lambda family: lambda *args: denoiser)
    write_manifest(folder / "weights", {"source": "fake"}, "CC0", {"w": {"sha256": weights, "bytes": 1}})
    (folder / "weights" / "w").write_text("w")
    sampling.make_shard(asked, {"key": key}, folder / "weights", folder / f"{asked.first:06d}")
    return denoiser


def partial_batches(folder):
    return sorted(folder.glob("000000.partial/*/batch-*"))


def everything(trace):
    """All arrays of a trace, and its tables."""
    return {name: trace.tensor(name)[:] for name in trace.tensors}, trace.samples, trace.steps


def assert_same(a, b):
    for name, array in a[0].items():
        np.testing.assert_array_equal(array, b[0][name], err_msg=name)
    for ours, theirs in zip(a[1:], b[1:], strict=True):
        assert ours.equals(theirs)


def test_a_shard_holds_every_step_of_every_sample(monkeypatch, tmp_path):
    make(monkeypatch, tmp_path, order(branches=("conditional", "unconditional")))
    trace = Trace([tmp_path / "000000"])
    assert trace.times == [3.0, 2.0, 1.0, 0.0]
    assert trace.tensor("states").shape == (STEPS + 1, 10, 4)
    assert trace.tensor("previews/x0").shape == (STEPS, 10, 2, 2, 1)
    assert trace.tensor("activations/1").shape == trace.tensor("activations/1@unconditional").shape == (STEPS, 10, 4)
    assert trace.layers == ("1",)
    assert trace.samples["label"].tolist() == [0, 1, 2, 0, 1, 2, 0, 1, 2, 0]
    rows = trace.steps
    assert len(rows) == 10 * (2 * STEPS + 1)
    one = rows[rows["sample"] == 3]
    assert one["forward_id"].tolist()[:-1] == [0, 1, 2, 3, 4, 5]
    assert one["branch"].tolist()[:-1] == ["conditional", "unconditional"] * STEPS
    assert one["forward_id"].isna().tolist() == [False] * 6 + [True]
    assert one["size"].notna().tolist() == [True, False, True, False, True, False, False]
    assert not one["cached"].any()


def test_throughput_is_reported(monkeypatch, tmp_path):
    make(monkeypatch, tmp_path, order())
    found = json.loads((tmp_path / "000000" / "throughput.json").read_text())
    assert found["samples"] == found["samples_made_now"] == 10
    assert found["samples_per_second"] > 0
    assert found["peak_host_bytes"] > 1e6
    assert "torch" in found["versions"]


def test_a_sample_depends_on_neither_shard_nor_padding(monkeypatch, tmp_path):
    make(monkeypatch, tmp_path / "a", order(size=10, batch=4))
    make(monkeypatch, tmp_path / "b", order(size=6, batch=4))
    make(monkeypatch, tmp_path / "b", order(first=6, size=4, batch=4))
    whole, parts = Trace([tmp_path / "a" / "000000"]), Trace([tmp_path / "b" / name for name in ("000000", "000006")])
    assert_same(everything(whole), everything(parts))


def test_states_are_the_samples_own_noise(monkeypatch, tmp_path):
    make(monkeypatch, tmp_path, order(dtype="float32"))
    trace = Trace([tmp_path / "000000"])
    import torch

    for sample, seed in zip(trace.samples["sample"], trace.samples["seed"], strict=True):
        first = torch.randn(4, generator=torch.Generator().manual_seed(seed)).numpy()
        np.testing.assert_array_equal(trace.tensor("states")[0, sample], first)


def test_a_stopped_shard_goes_on_where_it_was(monkeypatch, tmp_path):
    make(monkeypatch, tmp_path / "whole", order())
    with pytest.raises(KeyboardInterrupt):
        make(monkeypatch, tmp_path / "cut", order(), FakeDenoiser(fail_at=9))
    assert not (tmp_path / "cut" / "000000").exists()
    again = make(monkeypatch, tmp_path / "cut", order())
    assert again.batches == [4]  # two of three batches were done
    assert_same(everything(Trace([tmp_path / "whole" / "000000"])), everything(Trace([tmp_path / "cut" / "000000"])))
    for name in ("samples.parquet", "steps.parquet", "tensors.safetensors"):
        assert (tmp_path / "whole/000000" / name).read_bytes() == (tmp_path / "cut/000000" / name).read_bytes()
    assert not (tmp_path / "cut" / "000000.partial").exists()


class PreparingDenoiser(FakeDenoiser):
    """Says what it was asked to prepare, and how many batches it had made by then."""

    def __init__(self, **asked):
        super().__init__(**asked)
        self.prepared = []

    def prepare(self, samples):
        self.prepared.append(([sample.id for sample in samples], len(self.batches)))


def test_what_is_missing_is_prepared_once_before_the_first_batch(monkeypatch, tmp_path):
    cut, rest = PreparingDenoiser(fail_at=9), PreparingDenoiser()
    with pytest.raises(KeyboardInterrupt):
        make(monkeypatch, tmp_path, order(), cut)
    make(monkeypatch, tmp_path, order(), rest)
    assert cut.prepared == [(list(range(10)), 0)]
    assert rest.prepared == [([8, 9], 0)]


def test_batches_of_another_configuration_are_discarded(monkeypatch, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        make(monkeypatch, tmp_path, order(), FakeDenoiser(fail_at=9), key="old")
    assert len(partial_batches(tmp_path)) == 2
    assert make(monkeypatch, tmp_path, order(), key="new").batches == [4, 4, 4]


def test_batches_of_other_weights_are_discarded(monkeypatch, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        make(monkeypatch, tmp_path, order(), FakeDenoiser(fail_at=9), weights="a")
    assert make(monkeypatch, tmp_path, order(), weights="b").batches == [4, 4, 4]


def test_batches_of_another_key_cannot_be_adopted(tmp_path):
    """Even where they cannot be deleted: their folder bears another name."""
    with Partial(tmp_path / "p", {"seed": 1}).batch([0, 1]) as writer:
        writer.notes.update(batch_size=2)
    assert Partial(tmp_path / "p", {"seed": 1}).covered() == {0, 1}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("denoscope.trace.partial.shutil.rmtree", lambda *args, **kwargs: None)
        assert Partial(tmp_path / "p", {"seed": 2}).covered() == set()


@pytest.mark.parametrize("damage", ["no step", "short step", "empty list", "no list"])
def test_a_damaged_batch_is_made_again(monkeypatch, tmp_path, caplog, damage):
    make(monkeypatch, tmp_path / "whole", order())
    with pytest.raises(KeyboardInterrupt):
        make(monkeypatch, tmp_path / "cut", order(), FakeDenoiser(fail_at=9))
    first = partial_batches(tmp_path / "cut")[0]
    if damage == "no step":
        (first / "step-000001.safetensors").unlink()
    elif damage == "short step":
        (first / "step-000001.safetensors").write_bytes(b"")
    elif damage == "empty list":
        (first / "batch.json").write_text("")
    else:
        (first / "batch.json").unlink()
    with caplog.at_level(logging.WARNING):
        assert make(monkeypatch, tmp_path / "cut", order()).batches == [4, 4]
    assert "is damaged" in caplog.text
    assert_same(everything(Trace([tmp_path / "whole" / "000000"])), everything(Trace([tmp_path / "cut" / "000000"])))


def test_a_gap_is_filled_with_its_own_samples(monkeypatch, tmp_path):
    """After a lack of memory batches are small; one that is lost is replaced without shifting the rows behind it."""
    make(monkeypatch, tmp_path / "whole", order(batch=2))
    with pytest.raises(KeyboardInterrupt):
        make(monkeypatch, tmp_path / "cut", order(), FakeDenoiser(limit=2, fail_at=9))
    lost = partial_batches(tmp_path / "cut")[1]
    assert lost.name == "batch-000000002"
    shutil.rmtree(lost)
    assert make(monkeypatch, tmp_path / "cut", order()).batches == [2, 2]  # goes on with the smaller batch
    assert_same(everything(Trace([tmp_path / "whole" / "000000"])), everything(Trace([tmp_path / "cut" / "000000"])))


def test_batches_that_are_not_the_shard_are_refused(monkeypatch, tmp_path):
    partial = Partial(tmp_path / "p", 1)
    for samples in ([0, 1], [4, 5]):
        with partial.batch(samples) as writer:
            writer.notes.update(batch_size=2, times=[1.0], forwards=[], outcome=[{}, {}])
            writer.write(0, {"states": np.zeros((2, 3), np.float16)})
    with pytest.raises(TraceError, match=r"hold samples \[0, 1, 4, 5\]"):
        merge(partial.batches(), [{"sample": i} for i in range(4)], tmp_path / "s", {})


def test_two_jobs_do_not_make_one_shard(monkeypatch, tmp_path):
    from denoscope.runtime.locks import LockedError, exclusive

    with (
        exclusive(tmp_path / "000000.partial" / "lock", "shard"),
        pytest.raises(LockedError, match=r"shard fake 000000 is being made by process \d+ on "),
    ):
        make(monkeypatch, tmp_path, order())
    make(monkeypatch, tmp_path, order())


def test_memory_runs_out_only_once(monkeypatch, tmp_path):
    denoiser = make(monkeypatch, tmp_path, order(size=10, batch=8), FakeDenoiser(limit=2))
    assert denoiser.batches == [8, 4, 2, 2, 2, 2, 2]


def test_only_the_chosen_layers_are_recorded(monkeypatch, tmp_path):
    """The order names layers; a name that is also a glob's match of inner modules records itself alone."""
    asked = order(layers=("0",))
    make(monkeypatch, tmp_path, dataclasses.replace(asked, record=asked.record.model_copy(update={"layers": ("*",)})))
    assert [name for name in Trace([tmp_path / "000000"]).tensors if name.startswith("activations")] == [
        "activations/0"
    ]


def test_out_of_memory_halves_the_batch_and_says_so(monkeypatch, tmp_path, caplog):
    make(monkeypatch, tmp_path / "a", order(size=10, batch=2))
    with caplog.at_level(logging.WARNING):
        denoiser = make(monkeypatch, tmp_path / "b", order(size=10, batch=8), FakeDenoiser(limit=2))
    assert "out of memory with 8 samples a batch" in caplog.text
    assert "going on with 4" in caplog.text
    assert max(size for size in denoiser.batches if size <= 2) == 2
    small, halved = (Trace([tmp_path / name / "000000"]) for name in "ab")
    assert set(halved.samples["batch_size"]) == {2}
    np.testing.assert_allclose(small.tensor("states")[:], halved.tensor("states")[:], atol=1e-3)
    np.testing.assert_array_equal(small.tensor("states")[0], halved.tensor("states")[0])


def test_a_batch_of_one_that_does_not_fit_is_an_error(monkeypatch, tmp_path):
    with pytest.raises(RuntimeError, match="no room for 1"):
        make(monkeypatch, tmp_path, order(batch=4), FakeDenoiser(limit=0.5))


def test_other_errors_are_not_taken_for_lack_of_memory(monkeypatch, tmp_path):
    denoiser = FakeDenoiser()
    denoiser.network[0] = __import__("torch").nn.Linear(3, 3)
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        make(monkeypatch, tmp_path, order(), denoiser)
    assert denoiser.batches == [4]


def test_values_beyond_the_stored_type_are_an_error(monkeypatch, tmp_path):
    class Huge(FakeDenoiser):
        def sample(self, batch, recorder):
            for step in super().sample(batch, recorder):
                yield step if step.index else type(step)(0, step.time, step.state * 1e6, step.x0)

    with pytest.raises(FloatingPointError, match=r"states at step 0 is not finite in rows \[.*\]"):
        make(monkeypatch, tmp_path, order(), Huge())
    make(monkeypatch, tmp_path, order(dtype="float32"), Huge())


def test_recording_is_proved_to_change_nothing(monkeypatch, tmp_path):
    made = make(monkeypatch, tmp_path, order(batch=4, verify=True))
    assert made.batches == [4, 4, 4, 4], "only the first batch is made twice"
    assert Trace([tmp_path / "000000"]).shards[0].info["verified"] == {"samples": 4, "steps": STEPS + 1, "differ": []}
    make(monkeypatch, tmp_path, order(first=20, size=2, verify=True))
    assert Trace([tmp_path / "000020"]).shards[0].info["verified"]["samples"] == 2, "padding is no sample"
    make(monkeypatch, tmp_path, order(first=30))
    assert "verified" not in Trace([tmp_path / "000030"]).shards[0].info


@pytest.mark.parametrize("part", ["state", "x0", "scalars"])
def test_a_change_by_recording_is_told(monkeypatch, tmp_path, caplog, part):
    class Disturbed(FakeDenoiser):
        def sample(self, batch, recorder):
            for step in super().sample(batch, recorder):
                if step.index == 2 and not isinstance(recorder, Unrecorded):
                    value = {"size": -step.scalars["size"]} if part == "scalars" else -getattr(step, part)
                    yield dataclasses.replace(step, **{part: value})
                else:
                    yield step

    make(monkeypatch, tmp_path, order(verify=True), Disturbed())
    assert Trace([tmp_path / "000000"]).shards[0].info["verified"]["differ"] == [2]
    assert "made again without recording, the samples differ from step 2 on" in caplog.text


def test_the_proof_survives_a_killed_job(monkeypatch, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        make(monkeypatch, tmp_path, order(verify=True), FakeDenoiser(fail_at=5))
    assert make(monkeypatch, tmp_path, order(verify=True)).batches == [4, 4]
    assert Trace([tmp_path / "000000"]).shards[0].info["verified"]["differ"] == []


@pytest.mark.parametrize(
    ("proofs", "told"),
    [
        ([], "not compared"),
        ([{"samples": 4, "steps": 9, "differ": []}] * 2, "8 samples made again without it: bit-identical at all 9"),
        (
            [{"samples": 4, "steps": 9, "differ": [3, 4]}, {"samples": 1, "steps": 9, "differ": []}],
            "1 of 2 shards DIFFER, from step 3 on",
        ),
    ],
)
def test_the_overview_says_what_recording_did(proofs, told):
    assert told in recording(proofs)


def test_only_chosen_steps_are_recorded(monkeypatch, tmp_path):
    make(monkeypatch, tmp_path, order(steps=(0, 2), states=False))
    trace = Trace([tmp_path / "000000"])
    assert trace.tensor("activations/1").steps == (0, 2)
    assert "states" not in trace.tensors
    assert trace.tensor("previews/state").steps == (0, 1, 2, 3)
