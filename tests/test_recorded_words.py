"""Attention of words: recorded while sampling, read from the trace, held against the network's own softmax."""

import json
from dataclasses import replace

import av
import numpy as np
import pytest
import torch
from diffusers.models.attention_processor import AttnProcessor
from test_captioned import small

from denoscope.attention.reader import AttentionReader
from denoscope.attention.render import render_attention
from denoscope.checkpoints.manifest import file_entry, write_manifest
from denoscope.config import ConfigError
from denoscope.config.model import load_config
from denoscope.denoisers.stable_diffusion.denoiser import load
from denoscope.layers import MissingRecordError
from denoscope.runtime.files import read_json
from denoscope.sampling.order import ShardOrder
from denoscope.sampling.recorder import TapRecorder
from denoscope.sampling.shard import make_shard
from denoscope.sampling.words import WordRecorder, pooled, sample_words
from denoscope.scenes.scene import all_captions
from denoscope.settings.record import Record
from denoscope.settings.render import AttentionRender
from denoscope.trace.reader import Trace
from denoscope.trace.words import WordMaps
from denoscope.training.captioned.pipeline import new_pipeline
from denoscope.words.errors import WordError
from denoscope.workflow.jobs import Jobs

PROMPTS = ["a (red) circle", "a (blue) (square) (left of) a blue triangle"]
STEPS = 3


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    torch.manual_seed(0)
    torch.set_num_threads(1)
    network = json.loads(small()[0])["network"]
    pipeline = new_pipeline(network, [str(caption) for caption in all_captions()])
    target = tmp_path_factory.mktemp("sd") / "checkpoint"
    pipeline.save_pretrained(target)
    (target / "config.json").write_text(small()[0])
    write_manifest(target, {"source": "test"}, "CC0", {})
    return target


def order(checkpoint, attention, prompts=PROMPTS, **record):
    """A shard with a sample a prompt, as the workflow orders it."""
    asked = {"layers": ["*attn2"], "words": "marked", **attention}
    config = {
        "model": {
            "family": "stable_diffusion",
            "checkpoint": {"source": "local", "name": "tiny", "path": str(checkpoint)},
        },
        "sampler": {"name": "ddim", "steps": STEPS, "guidance": 2.0},
        "prompts": prompts,
        "samples": {"count": len(prompts), "shard": len(prompts), "batch": 2},
        "record": {"attention": asked, **record},
    }
    jobs = Jobs(load_config({"runs": {"scenes": config}}))
    run = jobs.runs["scenes"]
    return ShardOrder(
        run="scenes",
        family="stable_diffusion",
        settings=run.family_settings(),
        seed=0,
        dtype="float32",
        first=0,
        requests=[run.request(sample) for sample in range(len(prompts))],
        batch=2,
        steps=run.forward_steps(),
        record=run.record,
        layers=[],
        attention_layers=jobs.attended("scenes"),
        columns=jobs.columns("scenes"),
        grids=jobs.grids("scenes"),
    )


def shard(tmp_path, checkpoint, asked):
    make_shard(asked, {"test": 1}, checkpoint, tmp_path / "000000", threads=1)
    return Trace([tmp_path / "000000"])


def softmax(checkpoint, asked, layer, branch="conditional"):
    """What diffusers' own arithmetic of attention gives, every step: ``[step, batch, heads, queries, keys]``."""
    denoiser = load(asked.settings, checkpoint, torch.device("cpu"), torch.float32)
    module = dict(denoiser.network.named_modules())[layer]
    found = []

    class Recorder:
        def forward(self, step, branch, time):
            self.branch = branch
            return torch.inference_mode()

    recorder = Recorder()

    def hook(attention, args, kwargs):
        if recorder.branch == branch:
            query = attention.to_q(args[0])
            key = attention.to_k(kwargs["encoder_hidden_states"])
            split = (module.head_to_batch_dim(part) for part in (query, key))
            scores = attention.get_attention_scores(*split)
            found.append(scores.unflatten(0, (-1, module.heads)))

    module.register_forward_pre_hook(hook, with_kwargs=True)
    with torch.inference_mode():
        list(denoiser.sample(asked.samples, recorder))
    return torch.stack(found).numpy()


@pytest.mark.parametrize("heads", ["mean", "each"])
def test_maps_are_the_softmax_of_the_words_tokens(tmp_path, checkpoint, heads):
    asked = order(checkpoint, {"heads": heads})
    words = WordMaps(shard(tmp_path, checkpoint, asked))
    assert words.names(0) == ("red",)
    assert words.names(1) == ("blue", "square", "left of")
    assert words.steps == tuple(range(STEPS))
    for layer in (words.layers[0], words.layers[-1]):
        true = softmax(checkpoint, asked, layer)
        blue = true[:, 1, :, :, [2, 7]].sum(axis=-1) if true.ndim == 5 else None
        # Tokens: start, a, blue, square, left, of, a, blue, triangle, end.
        blue = true[:, 1][..., 2] + true[:, 1][..., 7]
        grid = words.grid(layer)
        for head in (None, 1) if heads == "each" else (None,):
            expected = blue.mean(axis=1) if head is None else blue[:, head]
            found = words.maps(1, "blue", layer, head=head)
            assert found.shape == (STEPS, *grid)
            assert np.allclose(found.reshape(STEPS, -1), expected, atol=2e-3)
        real = true[:, 1][..., 1:9].sum(axis=-1).mean(axis=1)
        renormalised = words.maps(1, "blue", layer, renormalised=True).reshape(STEPS, -1)
        assert np.allclose(renormalised, blue.mean(axis=1) / real, atol=5e-3)
        shares = words.shares(layer)
        assert np.allclose(shares.sum(axis=-1), 1, atol=5e-3)
        assert np.allclose(shares[:, 1, 0], real.mean(axis=1), atol=2e-3)


def test_means_are_those_of_the_layers_and_steps(tmp_path, checkpoint):
    words = WordMaps(shard(tmp_path, checkpoint, order(checkpoint, {})))
    wanted = words.grid()
    assert wanted == max(words.grid(layer) for layer in words.layers)
    maps = [torch.from_numpy(words.maps(1, "square", layer)) for layer in words.layers]
    resized = [torch.nn.functional.interpolate(m[:, None], wanted, mode="bilinear")[:, 0] for m in maps]
    assert np.allclose(words.maps(1, "square"), torch.stack(resized).mean(dim=0), atol=2e-3)
    assert np.allclose(words.total(1, "square"), words.maps(1, "square").mean(axis=0), atol=2e-3)


def test_means_alone_and_smaller_maps_cost_less(tmp_path, checkpoint):
    trace = shard(
        tmp_path,
        checkpoint,
        order(checkpoint, {"keep": ["mean"], "downsample": 2}, branches=["conditional", "unconditional"]),
    )
    words = WordMaps(trace)
    assert not words.layers
    whole = WordMaps(shard(tmp_path / "whole", checkpoint, order(checkpoint, {})))
    height, width = whole.grid()
    assert words.grid() == (height // 2, width // 2)
    full = whole.total(1, "left of").reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3))
    assert abs(words.total(1, "left of").mean() - full.mean()) < 1e-3
    assert not np.allclose(words.total(1, "blue"), words.total(1, "blue", branch="unconditional"), atol=1e-3)


@pytest.mark.parametrize(("side", "factor"), [(6, 2), (5, 2), (7, 3), (10, 4)])
def test_smaller_maps_lie_where_the_maps_did(side, factor):
    """A map that is linear in its place stays so, with the same middle: nothing moves towards an edge."""
    places = torch.arange(float(side)).repeat(side)[None, :, None]
    small = -(-side // factor)
    found = pooled(places, (side, side), factor).view(small, small)
    assert (found == found[0]).all()
    assert torch.allclose(found[0] + found[0].flip(0), torch.full((small,), side - 1.0))
    assert torch.allclose(pooled(places, (side, side), 1), places)


@pytest.mark.parametrize(("negative", "own"), [("a black square", slice(1, 4)), ("", slice(0, 0))])
def test_shares_of_the_unconditional_pass_are_those_of_the_negative_prompt(tmp_path, checkpoint, negative, own):
    asked = order(checkpoint, {}, branches=["conditional", "unconditional"])
    asked = replace(asked, settings={**asked.settings, "sampler": {**asked.settings["sampler"], "negative": negative}})
    words = WordMaps(shard(tmp_path, checkpoint, asked))
    layer = words.layers[0]
    true = softmax(checkpoint, asked, layer, "unconditional")[:, 1]
    expected = true[..., own].sum(axis=-1).mean(axis=1)
    shares = words.shares(layer, "unconditional")
    assert np.allclose(shares[:, 1, 0], expected.mean(axis=1), atol=2e-3)
    assert np.allclose(shares.sum(axis=-1), 1, atol=5e-3)
    assert not np.allclose(words.shares(layer)[:, 1, 0], shares[:, 1, 0], atol=2e-2)
    if negative:
        found = words.maps(1, "blue", layer, renormalised=True, branch="unconditional").reshape(STEPS, -1)
        assert np.allclose(found, (true[..., 2] + true[..., 7]).mean(axis=1) / expected, atol=2e-2)
    else:
        with pytest.raises(KeyError, match="the unconditional pass reads no text"):
            words.maps(1, "blue", layer, renormalised=True, branch="unconditional")
        with pytest.raises(KeyError, match="the unconditional pass reads no text"):
            words.total(1, "blue", renormalised=True, branch="unconditional")


def test_listed_targets(tmp_path, checkpoint):
    asked = order(checkpoint, {"words": ["a", {"index": 2}, {"group": "padding"}]})
    words = WordMaps(shard(tmp_path, checkpoint, asked))
    assert words.names(0) == ("a", "#2", "<padding>")
    layer = words.layers[0]
    assert np.allclose(words.maps(0, "<padding>", layer).mean(axis=(1, 2)), words.shares(layer)[:, 0, 2], atol=2e-3)


def test_what_a_prompt_lacks_stops_the_shard_before_sampling(tmp_path, checkpoint):
    with pytest.raises(ConfigError, match="'a red circle' has no word 'blue', which record.attention.words names"):
        order(checkpoint, {"words": ["blue"]})
    asked = replace(order(checkpoint, {}), record=Record(attention={"layers": ["*attn2"], "words": ["swan"]}))
    with pytest.raises(WordError, match=r"'swan' is no word of the prompt 'a red circle'; its tokens are 1 'a</w>'"):
        shard(tmp_path, checkpoint, asked)
    words = WordMaps(shard(tmp_path, checkpoint, order(checkpoint, {})))
    with pytest.raises(KeyError, match=r"sample 0 has no map of 'blue'; it has red"):
        words.maps(0, "blue")
    with pytest.raises(KeyError, match="the heads of .* were averaged"):
        words.maps(0, "red", words.layers[0], head=0)
    with pytest.raises(IndexError, match="there is no sample 2"):
        words.names(2)


def test_a_network_that_hides_its_attention_stops_before_the_first_step(checkpoint):
    """Even where the first recorded step is a late one."""
    asked = order(checkpoint, {}, steps=[2])
    denoiser = load(asked.settings, checkpoint, torch.device("cpu"), torch.float32)
    denoiser.network.set_attn_processor(AttnProcessor())  # multiplies by itself, without PyTorch's attention
    words = WordRecorder(sample_words(denoiser, asked.samples, "marked"), asked, torch.device("cpu"))
    steps = []
    with pytest.raises(MissingRecordError, match="nothing was recorded for .*attn2"), torch.inference_mode():
        steps.extend(denoiser.sample(asked.samples, TapRecorder(denoiser.network, asked, words=words)))
    assert not steps


def test_recorded_steps_are_those_asked_for_and_no_other(tmp_path, checkpoint):
    some = WordMaps(shard(tmp_path / "some", checkpoint, order(checkpoint, {}, steps=[1, 2])))
    whole = WordMaps(shard(tmp_path / "all", checkpoint, order(checkpoint, {})))
    assert some.steps == (1, 2)
    layer = some.layers[0]
    assert np.array_equal(some.maps(1, "blue", layer), whole.maps(1, "blue", layer)[1:])
    assert np.allclose(some.total(1, "blue"), whole.maps(1, "blue")[1:].mean(axis=0), atol=2e-3)


def test_shards_without_a_marked_word_are_joined_with_others(tmp_path, checkpoint):
    prompts = ["a (red) circle", "a blue square"]
    asked = order(checkpoint, {}, prompts)
    requests = asked.requests
    for first in (0, 1):
        one = replace(asked, first=first, requests=requests[first : first + 1], batch=1)
        make_shard(one, {"test": first}, checkpoint, tmp_path / f"{first:06d}", threads=1)
    trace = Trace([tmp_path / "000000", tmp_path / "000001"])
    assert [list(words) for words in trace.samples["words"]] == [["red"], []]
    assert WordMaps(trace).names(1) == ()


def test_recording_words_changes_no_bit(tmp_path, checkpoint):
    trace = shard(tmp_path, checkpoint, order(checkpoint, {}, verify=True))
    assert trace.shards[0].info["verified"] == {"samples": 2, "steps": STEPS + 1, "differ": []}
    assert list(trace.samples["words"].iloc[1]) == ["blue", "square", "left of"]
    assert list(trace.samples["tokens"].iloc[0])[1:4] == ["a</w>", "red</w>", "circle</w>"]
    assert list(trace.samples["prompt"]) == ["a red circle", "a blue square left of a blue triangle"]
    assert "marks" not in trace.samples


def configured(checkpoint, changes):
    """A configuration of scenes with ``changes`` by dotted key."""
    run = {
        "model": {
            "family": "stable_diffusion",
            "checkpoint": {"source": "local", "name": "tiny", "path": str(checkpoint)},
        },
        "sampler": {"name": "ddim", "steps": STEPS, "guidance": 2.0},
        "prompts": PROMPTS,
        "samples": {"count": 2},
        "record": {"attention": {"layers": ["*attn2"], "words": "marked"}},
    }
    for key, value in changes.items():
        *path, last = key.split(".")
        section = run
        for part in path:
            section = section.setdefault(part, {})
        section[last] = value
    return load_config({"runs": {"scenes": run}})


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"prompts": ["a red circle"]}, "no prompt marks a word: write parentheses around one, or list the words"),
        ({"prompts": ["a (red circle"]}, "a mark is not closed"),
        ({"prompts": []}, "there is no prompt"),
        ({"record.attention.words": ["blue"]}, "'a red circle' has no word 'blue', which record.attention.words names"),
        ({"record.attention.words": ["blue"]}, "; it has a, red, circle: name one of these, add it to the prompt"),
        ({"record.attention.layers": ["*attn1"]}, r"'\*attn1' matches no layer; similar names: .*attn2"),
        ({"record.attention.keys": [1]}, "words are kept instead of keys: remove one of them"),
        ({"record.attention.queries": "mean"}, "a word's map has a value for each query: remove queries"),
        ({"truth": "scenes", "prompts": ["a (red) swan"]}, "'a red swan' is no caption of scenes"),
        ({"truth": "scenes", "record.attention.keep": ["mean"]}, "scoring needs the attention of words"),
        ({"render.attention": {}, "record.attention": None}, "films of attention need the attention of words"),
        ({"render.attention": {}, "record.attention.keep": ["layers"]}, "keep leaves out: add mean"),
        ({"render.attention": {"layer": "x"}}, "'x' is not recorded; recorded are"),
        (
            {"render.attention": {"words": ["Red"]}},
            "'Red' is not recorded; recorded are red, blue, square, left of: choose",
        ),
        (
            {"render.attention": {"words": ["red"]}, "record.attention.words": ["a"]},
            "'red' is not recorded; recorded are a:",
        ),
        (
            {"render.attention": {"colormap": "hott"}},
            "colormap: colormap 'hott' is unknown to matplotlib; give for example hot",
        ),
        ({"record.branches": ["conditional", "unconditional"], "sampler.guidance": 1.0}, "no unconditional pass"),
    ],
)
def test_what_cannot_work_is_told_before_any_job(checkpoint, changes, complaint):
    with pytest.raises(ConfigError, match=complaint):
        configured(checkpoint, changes)


def test_a_marked_part_of_a_word_is_found_whatever_its_case(checkpoint):
    configured(checkpoint, {"prompts": ["a (red)dish circle"], "record.attention.words": ["RED"]})


def test_words_of_a_model_without_prompts_are_refused():
    run = {
        "model": {"family": "edm", "checkpoint": {"source": "bundled", "name": "digits-edm"}},
        "sampler": {"name": "heun", "steps": 2},
        "samples": {"count": 2},
        "record": {"attention": {"layers": ["*"], "words": ["a"]}},
    }
    with pytest.raises(ConfigError, match="no layer of this model attends to the tokens of a prompt: record keys"):
        load_config({"runs": {"digits": run}})


def test_films_of_a_shard_show_its_words(tmp_path, checkpoint):
    trace = shard(tmp_path, checkpoint, order(checkpoint, {}))
    reader = AttentionReader(trace, "t")
    catalogue = tmp_path / "attention" / "000000.json"
    catalogue.parent.mkdir()
    render_attention(reader, [0, 1], AttentionRender(words=("red", "square"), fps=5, interpolation_steps=1), catalogue)
    told = read_json(catalogue)["files"]
    assert [(entry["sample"], entry["word"], entry["file"]) for entry in told] == [
        (0, "red", "sample-000000-0.mp4"),
        (1, "square", "sample-000001-1.mp4"),
    ]
    for entry in told:
        path = catalogue.with_suffix("") / entry["file"]
        assert file_entry(path) == {"sha256": entry["sha256"], "bytes": entry["bytes"]}
    with av.open(str(catalogue.with_suffix("") / told[0]["file"])) as film:
        assert len(list(film.decode(video=0))) == 2 * STEPS - 1
