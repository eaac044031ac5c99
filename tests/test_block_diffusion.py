"""Block-diffusion language models: LLaDA2 and DiffusionGemma, tiny, by the pipelines of diffusers."""

import copy
import json
import shutil
import threading
from contextlib import nullcontext
from types import MappingProxyType, SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from torch.nn import functional as F

from denoscope.checkpoints.errors import CheckpointError
from denoscope.checkpoints.manifest import file_entry, write_manifest
from denoscope.config import ConfigError, load_config
from denoscope.denoisers.block_diffusion_lm.denoiser import load
from denoscope.denoisers.block_diffusion_lm.turns import in_turns
from denoscope.denoisers.protocol import Sample
from denoscope.networks.block_lm import load_block_lm
from denoscope.sampling.order import ShardOrder
from denoscope.sampling.shard import make_shard
from denoscope.text.changes import Change, token_changes
from denoscope.text.tokenizer import TokenizerError
from denoscope.trace.reader import Trace

torch.set_num_threads(1)

VOCABULARY, MASK, END = 96, 3, 4
LLADA2 = {
    "model_type": "llada2_moe",
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "max_position_embeddings": 64,
    "rms_norm_eps": 1e-6,
    "rope_theta": 600000,
    "partial_rotary_factor": 0.5,
    "moe_intermediate_size": 16,
    "num_experts": 8,
    "num_shared_experts": 1,
    "num_experts_per_tok": 3,
    "n_group": 4,
    "topk_group": 2,
    "routed_scaling_factor": 2.5,
    "first_k_dense_replace": 1,
    "score_function": "sigmoid",
    "pad_token_id": 0,
}
GEMMA = {
    "model_type": "diffusion_gemma",
    "canvas_length": 8,
    "text_config": {
        "vocab_size": VOCABULARY,
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 8,
        "global_head_dim": 8,
        "max_position_embeddings": 64,
        "sliding_window": 6,
        "layer_types": ["sliding_attention", "full_attention"],
        "num_experts": 4,
        "top_k_experts": 2,
        "moe_intermediate_size": 16,
        "pad_token_id": 0,
        "eos_token_id": [END, 5],
        "bos_token_id": 2,
    },
    "vision_config": {
        "model_type": "gemma4_vision",
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
        "head_dim": 8,
        "position_embedding_size": 16,
    },
}
NETWORKS = {"llada2": LLADA2, "gemma": GEMMA}
SAMPLERS = {
    "llada2": {"name": "block-refinement", "block": 8, "steps": 4, "post_steps": 3, "temperature": 1.0},
    "gemma": {"name": "canvas-refinement", "canvases": 2, "steps": 5, "temperature": 1.0},
}
PROMPTS = ["w20 w21 w22", "w30", "w40 w41 w42 w43 w44"]


def tokenizer():
    words = ["<pad>", "<unk>", "<bos>", "<|mask|>", "<|endoftext|>", *(f"w{i}" for i in range(5, VOCABULARY))]
    found = Tokenizer(WordLevel({word: index for index, word in enumerate(words)}, unk_token="<unk>"))
    found.pre_tokenizer = Whitespace()
    found.add_special_tokens(words[:5])
    return found


def llada2_tensors(c=LLADA2, seed=0):
    """Random weights by the names of the published repositories."""
    random = torch.Generator().manual_seed(seed)

    def draw(*shape):
        return torch.randn(shape, generator=random) * shape[-1] ** -0.5 * 1.5

    hidden, size = c["hidden_size"], c["head_dim"]
    heads, groups = c["num_attention_heads"], c["num_key_value_heads"]

    def mlp(name, inner):
        return {
            f"{name}.gate_proj.weight": draw(inner, hidden),
            f"{name}.up_proj.weight": draw(inner, hidden),
            f"{name}.down_proj.weight": draw(hidden, inner),
        }

    found = {
        "model.word_embeddings.weight": draw(c["vocab_size"], hidden) * 4,
        "model.norm.weight": 1 + draw(hidden) / 4,
        "lm_head.weight": draw(c["vocab_size"], hidden) * 2,
    }
    for index in range(c["num_hidden_layers"]):
        layer = f"model.layers.{index}"
        found |= {
            f"{layer}.input_layernorm.weight": 1 + draw(hidden) / 4,
            f"{layer}.post_attention_layernorm.weight": 1 + draw(hidden) / 4,
            f"{layer}.attention.query_key_value.weight": draw((heads + 2 * groups) * size, hidden),
            f"{layer}.attention.query_layernorm.weight": 1 + draw(size) / 4,
            f"{layer}.attention.key_layernorm.weight": 1 + draw(size) / 4,
            f"{layer}.attention.dense.weight": draw(hidden, heads * size),
        }
        if index < c["first_k_dense_replace"]:
            found |= mlp(f"{layer}.mlp", c["intermediate_size"])
            continue
        found |= {
            f"{layer}.mlp.gate.weight": draw(c["num_experts"], hidden),
            f"{layer}.mlp.gate.expert_bias": draw(c["num_experts"]) / 4,
        }
        found |= mlp(f"{layer}.mlp.shared_experts", c["moe_intermediate_size"] * c["num_shared_experts"])
        for expert in range(c["num_experts"]):
            found |= mlp(f"{layer}.mlp.experts.{expert}", c["moe_intermediate_size"])
    return found


def gemma_folder(folder):
    from transformers import DiffusionGemmaConfig, DiffusionGemmaForBlockDiffusion

    described = {key: value for key, value in GEMMA.items() if key != "model_type"}
    torch.manual_seed(0)
    model = DiffusionGemmaForBlockDiffusion(DiffusionGemmaConfig(**copy.deepcopy(described)))
    for parameter in model.parameters():
        if parameter.dim() > 1:
            torch.nn.init.normal_(parameter, std=parameter.shape[-1] ** -0.5)
    model.save_pretrained(folder)


def described(folder):
    """Write the manifest of a folder as it is."""
    files = {path.name: file_entry(path) for path in folder.glob("*") if path.name != "manifest.json"}
    write_manifest(folder, {"source": "local"}, "CC0", files)
    return folder


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    """Checkpoints of both models, as they would be fetched."""
    root = tmp_path_factory.mktemp("checkpoints")
    for name in NETWORKS:
        (root / name).mkdir()
        tokenizer().save(str(root / name / "tokenizer.json"))
    save_file(llada2_tensors(), root / "llada2" / "model.safetensors")
    (root / "llada2" / "config.json").write_text(json.dumps(LLADA2))
    gemma_folder(root / "gemma")
    return {name: described(root / name) for name in NETWORKS}


def configured(kind, sampler=MappingProxyType({}), network=MappingProxyType({}), **others):
    """A run as the configuration would describe it."""
    run = {
        "model": {
            "family": "block_diffusion_lm",
            "checkpoint": {"source": "local", "name": kind, "path": "/nowhere"},
            "network": NETWORKS[kind] | network,
        },
        "sampler": sampler if "name" in sampler else SAMPLERS[kind] | sampler,
        "length": 24,
        "chat": False,
        "prompts": PROMPTS,
        "samples": {"count": 3},
        "render": {"samples": 1},
        "alternatives": {"top": 3},
    } | others
    return load_config({"runs": {"r": run}}).runs["r"]


def loaded(folders, kind, **changes):
    run = configured(kind, **changes)
    return run, load(run.family_settings(), folders[kind], torch.device("cpu"), torch.float32)


class Notes:
    """A recorder that counts."""

    def __init__(self):
        self.steps = []

    def forward(self, step, branch, time):
        assert branch == "conditional"
        self.steps.append(step)
        return nullcontext()


def samples(run, *seeds):
    return [Sample(index, seed, run.request(index)) for index, seed in enumerate(seeds)]


def written(denoiser, batch, recorder=None):
    with torch.inference_mode():
        return list(denoiser.sample(batch, recorder or Notes()))


def tokens(steps, row=0):
    """All states of a sample: ``[steps, length]``."""
    return np.stack([step.state[row].numpy() for step in steps])


def changes(steps, mask_id, row=0):
    found = tokens(steps, row)
    return token_changes(found, mask_id, found[0] != mask_id)


def pipelines():
    return [thread for thread in threading.enumerate() if thread.name == "pipeline"]


def reference_logits(t, ids, block, c=LLADA2):
    """What LLaDA2 computes, written out: ``ids [length]`` → logits ``[length, vocabulary]``."""

    def norm(x, weight):
        return weight * x * torch.rsqrt(x.square().mean(-1, keepdim=True) + c["rms_norm_eps"])

    def mlp(x, name):
        gate, up, down = (t[f"{name}.{part}_proj.weight"] for part in ("gate", "up", "down"))
        return (F.silu(x @ gate.T) * (x @ up.T)) @ down.T

    def turned(x):
        size = int(c["head_dim"] * c["partial_rotary_factor"])
        speeds = c["rope_theta"] ** (-torch.arange(0, size, 2) / size)
        angles = (torch.arange(len(ids))[:, None] * speeds).repeat(1, 2)[:, None]
        turn, rest = x[..., :size], x[..., size:]
        quarter = torch.cat([-turn[..., size // 2 :], turn[..., : size // 2]], -1)
        return torch.cat([turn * angles.cos() + quarter * angles.sin(), rest], -1)

    def attention(x, name):
        heads, groups, size = c["num_attention_heads"], c["num_key_value_heads"], c["head_dim"]
        qkv = (x @ t[f"{name}.query_key_value.weight"].T).view(len(ids), -1, size)
        q, k, v = qkv.split([heads, groups, groups], dim=1)
        q, k = (turned(norm(y, t[f"{name}.{part}_layernorm.weight"])) for y, part in ((q, "query"), (k, "key")))
        k, v = (y.repeat_interleave(heads // groups, 1) for y in (k, v))
        number = torch.arange(len(ids)) // block
        scores = torch.einsum("qhs,khs->hqk", q, k) / size**0.5
        p = scores.masked_fill(number[:, None] < number, -torch.inf).softmax(-1)
        return torch.einsum("hqk,khs->qhs", p, v).flatten(1) @ t[f"{name}.dense.weight"].T

    def experts(x, name):
        scores = (x @ t[f"{name}.gate.weight"].T).sigmoid()
        biased = scores + t[f"{name}.gate.expert_bias"]
        grouped = biased.view(len(x), c["n_group"], -1)
        best = grouped.topk(2, -1).values.sum(-1).topk(c["topk_group"], -1).indices
        allowed = torch.full_like(grouped, -torch.inf).scatter(1, best[..., None].expand(-1, -1, grouped.shape[-1]), 0)
        chosen = (grouped + allowed).flatten(1).topk(c["num_experts_per_tok"], -1).indices
        weights = scores.gather(1, chosen)
        weights = weights / weights.sum(-1, keepdim=True) * c["routed_scaling_factor"]
        every = torch.stack([mlp(x, f"{name}.experts.{index}") for index in range(c["num_experts"])], 1)
        picked = every[torch.arange(len(x))[:, None], chosen]
        return (picked * weights[..., None]).sum(1) + mlp(x, f"{name}.shared_experts")

    x = t["model.word_embeddings.weight"][ids]
    for index in range(c["num_hidden_layers"]):
        layer = f"model.layers.{index}"
        x = x + attention(norm(x, t[f"{layer}.input_layernorm.weight"]), f"{layer}.attention")
        inner = norm(x, t[f"{layer}.post_attention_layernorm.weight"])
        x = x + (mlp if index < c["first_k_dense_replace"] else experts)(inner, f"{layer}.mlp")
    return norm(x, t["model.norm.weight"]) @ t["lm_head.weight"].T


class Reference(torch.nn.Module):
    """LLaDA2 as its pipeline would have it."""

    device = torch.device("cpu")

    def __init__(self, block):
        super().__init__()
        self.tensors, self.block = llada2_tensors(), block

    def forward(self, ids, attention_mask, position_ids):
        logits = reference_logits(self.tensors, ids[0], self.block)
        logits[:, MASK] = -torch.inf
        return SimpleNamespace(logits=logits[None])


def plain_llada2(run, sample):
    """What the pipeline writes without denoscope."""
    from diffusers import BlockRefinementScheduler, LLaDA2Pipeline

    said, ids = run.sampler, tokenizer().encode(sample.request["prompt"]).ids
    pipeline = LLaDA2Pipeline(Reference(said.block), BlockRefinementScheduler())
    pipeline.set_progress_bar_config(disable=True)
    found = pipeline(
        input_ids=torch.tensor([ids]),
        gen_length=run.total - len(ids),
        block_length=said.block,
        num_inference_steps=said.steps,
        temperature=said.temperature,
        top_k=said.top_k,
        top_p=said.top_p,
        threshold=said.threshold,
        editing_threshold=said.editing,
        max_post_steps=said.post_steps,
        eos_early_stop=said.stop_at_end,
        eos_token_id=END,
        mask_token_id=MASK,
        generator=torch.Generator().manual_seed(sample.seed),
        output_type="seq",
    )
    return ids + found.sequences[0].tolist()


def plain_gemma(run, sample, network):
    from diffusers import BlockRefinementScheduler, DiffusionGemmaPipeline, EntropyBoundScheduler

    said, ids = run.sampler, tokenizer().encode(sample.request["prompt"]).ids
    if said.name == "entropy-bound":
        scheduler = EntropyBoundScheduler(entropy_bound=said.bound, t_max=said.t_max, t_min=said.t_min)
    else:
        scheduler = BlockRefinementScheduler(threshold=said.threshold, editing_threshold=said.editing)
    processor = SimpleNamespace(apply_chat_template=lambda *args, **kwargs: {"input_ids": torch.tensor([ids])})
    processor.__module__ = "tests"
    pipeline = DiffusionGemmaPipeline(network, scheduler, processor)
    pipeline.set_progress_bar_config(disable=True)
    found = pipeline(
        prompt="x",
        gen_length=said.canvases * 8,
        num_inference_steps=said.steps,
        temperature=getattr(said, "temperature", 0.0),
        eos_early_stop=said.stop_at_end,
        eos_token_id=END,
        stability_threshold=said.stability,
        confidence_threshold=said.confidence,
        generator=torch.Generator().manual_seed(sample.seed),
        output_type="seq",
    )
    return ids + found.sequences[0].tolist()


REFINEMENTS = [
    {"stop_at_end": False},
    {"editing": None, "threshold": 2.0, "stop_at_end": False},
    {"editing": 0.05, "post_steps": 2, "threshold": 0.3},
    {"temperature": 0.0, "block": 4},
    {"top_k": 5, "top_p": 0.9, "steps": 1},
    {"steps": 30, "editing": None, "threshold": 0.1},
]
CANVASES = [
    {"stop_at_end": False},
    {"editing": 0.02, "threshold": 0.05, "confidence": None},
    {"temperature": 0.0, "confidence": 5.0, "stop_at_end": False},
    {"confidence": 9.0, "stability": 2, "canvases": 1},
]
BOUNDS = [
    {"name": "entropy-bound", "canvases": 2, "steps": 6, "bound": 12.0, "stop_at_end": False},
    {"name": "entropy-bound", "canvases": 1, "steps": 6, "bound": 4.0, "confidence": 3.9, "t_max": 0.9, "t_min": 0.1},
]


@pytest.mark.parametrize("sampler", REFINEMENTS, ids=str)
def test_llada2_writes_what_its_pipeline_writes(folders, sampler):
    """The network against an implementation of its own, in one batch, one padded evaluation at a time."""
    run, denoiser = loaded(folders, "llada2", sampler=sampler)
    batch = samples(run, 11, 12, 13)
    steps = written(denoiser, batch)
    assert len(steps) == run.forward_steps() + 1
    for row, sample in enumerate(batch):
        assert steps[-1].state[row].tolist() == plain_llada2(run, sample)


@pytest.mark.parametrize("sampler", [*CANVASES, *BOUNDS], ids=str)
def test_gemma_writes_what_its_pipeline_writes(folders, sampler):
    run, denoiser = loaded(folders, "gemma", sampler=sampler)
    batch = samples(run, 21, 22, 23)
    steps = written(denoiser, batch)
    assert len(steps) == run.forward_steps() + 1
    for row, sample in enumerate(batch):
        found = steps[-1].state[row].tolist()
        padding = 24 - 8 * run.sampler.canvases - len(tokenizer().encode(sample.request["prompt"]).ids)
        plain = plain_gemma(run, sample, denoiser.network)
        assert found[:padding] == [0] * padding
        assert found[padding:] == plain + [-1] * (24 - padding - len(plain))


@pytest.mark.parametrize("kind", NETWORKS)
def test_states_go_from_masks_to_text_and_keep_the_prompt(folders, kind):
    run, denoiser = loaded(folders, kind, sampler={"stop_at_end": False})
    steps = written(denoiser, samples(run, 1, 2, 3))
    mask_id = denoiser.describes["mask_id"]
    for row, prompt in enumerate(PROMPTS):
        found, ids = tokens(steps, row), tokenizer().encode(prompt).ids
        given = found[0] != mask_id
        assert found[0][given].tolist()[-len(ids) :] == ids
        assert (found[:, given] == found[0][given]).all()
        assert not given.all()
        assert (found[-1] != mask_id).all()
        assert denoiser.outcome(steps[-1])[row]["text"].startswith(prompt)
    assert [step.time for step in steps] == pytest.approx(np.linspace(1, 0, len(steps)))
    shares = torch.stack([step.scalars["masked"] for step in steps])
    assert (shares[0] == 1).all()
    assert (shares[-1] == 0).all()


def test_edited_tokens_are_seen_as_changed(folders):
    run, denoiser = loaded(folders, "llada2", sampler={"editing": 0.05})
    steps = written(denoiser, samples(run, 1, 2, 3))
    assert (changes(steps, MASK) == Change.CHANGED).any()
    run, denoiser = loaded(folders, "llada2", sampler={"editing": None})
    steps = written(denoiser, samples(run, 1, 2, 3))
    found = changes(steps, MASK)
    assert not np.isin(found, (Change.CHANGED, Change.REMASKED)).any()
    assert (found == Change.REVEALED).any(axis=0).sum() == (found[0] == Change.MASKED).sum()


def test_tokens_that_are_noise_again_are_seen_as_masked(folders):
    run, denoiser = loaded(folders, "gemma", sampler=BOUNDS[0])
    steps = written(denoiser, samples(run, 1, 2, 3))
    found = changes(steps, -1)
    assert (found == Change.REMASKED).any()
    assert (found == Change.REVEALED).any()


def test_states_of_a_canvas_hold_what_the_pipeline_keeps(folders, monkeypatch):
    """Every token of a state is the one that the network is given."""
    run, denoiser = loaded(folders, "gemma")
    given, plain = [], denoiser.network.forward

    def forward(**inputs):
        given.append(inputs["decoder_input_ids"].clone())
        return plain(**inputs)

    monkeypatch.setattr(denoiser.network, "forward", forward)
    steps = written(denoiser, samples(run, 1, 2, 3))
    assert len(given) == len(steps) - 1
    for step, canvas in zip(steps, given, strict=False):
        start = 8 + 8 * (step.index // 5)
        here = step.state[:, start : start + 8]
        assert ((here == canvas) | (here == -1)).all()
        assert (here == -1).all() == (step.index % 5 == 0)


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_sample_does_not_depend_on_its_batch(folders, kind):
    run, denoiser = loaded(folders, kind, sampler={"stop_at_end": False})
    batch = samples(run, 1, 2, 3)
    together = written(denoiser, batch)
    for row, sample in enumerate(batch):
        alone = written(denoiser, [sample])
        np.testing.assert_array_equal(tokens(alone), tokens(together, row))
        for one, all_ in zip(alone, together, strict=True):
            for name in one.records if not (one.cached is None or one.cached.any()) else ():
                torch.testing.assert_close(one.records[name][0], all_.records[name][row], atol=2e-3, rtol=2e-3)


@pytest.mark.parametrize("kind", NETWORKS)
def test_probabilities_are_recorded_where_the_pipeline_looks(folders, kind):
    run, denoiser = loaded(folders, kind)
    steps = written(denoiser, samples(run, 1, 2, 3))
    for step in steps[:-1]:
        entropy, ids, probs = (step.records[f"text/{name}"] for name in ("entropy", "top_ids", "top_probs"))
        assert entropy.shape == (3, 24)
        assert ids.shape == probs.shape == (3, 24, 3)
        looked = probs[..., 0] > 0
        assert (looked.sum(dim=1) == 8).all()
        assert (entropy[~looked] == ids[~looked][:, 0]).all()
        assert (ids[~looked] == -1).all()
        assert (probs.float().sum(-1) <= 1.01).all()
    assert steps[-1].records == {}
    if kind == "llada2":
        logits = reference_logits(llada2_tensors(), steps[0].state[0].clone(), 8)[:8]
        logits[:, MASK] = -torch.inf
        np.testing.assert_array_equal(steps[0].records["text/top_ids"][0, :8], logits.topk(3).indices)
        entropy = torch.special.entr(logits.softmax(-1)).sum(-1)
        torch.testing.assert_close(steps[0].records["text/entropy"][0, :8].float(), entropy, atol=1e-2, rtol=1e-2)


@pytest.mark.parametrize("kind", NETWORKS)
def test_the_lens_reads_every_layer(folders, kind):
    run, denoiser = loaded(folders, kind, alternatives={"top": 1, "lens": True})
    step = written(denoiser, samples(run, 1, 2, 3))[0]
    layers = list(run.model.layers())
    assert {name for name in step.records if name.startswith("lens/")} == {f"lens/{layer}" for layer in layers}
    looked = step.records["text/top_probs"][..., 0] > 0
    last, best = step.records[f"lens/{layers[-1]}"], step.records["text/top_ids"][..., 0]
    assert torch.equal(last[looked], best[looked])
    assert not torch.equal(step.records[f"lens/{layers[0]}"], last)


def test_what_is_done_early_is_cached_and_stays(folders):
    run, denoiser = loaded(folders, "llada2", sampler={"threshold": 0.1, "editing": None})
    notes = Notes()
    steps = written(denoiser, samples(run, 1, 2, 3), notes)
    cached = torch.stack([step.cached for step in steps[:-1]])
    assert not cached[0].any()
    assert cached[-1].all()
    assert (cached[1:] >= cached[:-1]).all()
    assert notes.steps == [index for index, row in enumerate(cached) if not row.all()]
    for row in range(3):
        first = cached[:, row].nonzero()[0, 0]
        assert (tokens(steps, row)[first:] == tokens(steps, row)[-1]).all()


def test_a_text_may_stop_at_its_end(folders):
    run, denoiser = loaded(folders, "llada2", network={"eos_token_id": 65})
    steps = written(denoiser, samples(run, *range(30, 33)))
    stopped = [row for row in range(3) if (steps[-1].state[row] == MASK).any()]
    assert stopped
    for row in stopped:
        last = steps[-1].state[row].tolist()
        assert 65 in last[: last.index(MASK) + 8]


def shard(run, folders, kind, folder, batch=3):
    order = ShardOrder(
        run="r",
        family="block_diffusion_lm",
        settings=run.family_settings(),
        seed=run.seed,
        dtype="float32",
        first=0,
        requests=[run.request(index) for index in range(3)],
        batch=batch,
        steps=run.forward_steps(),
        record=run.record,
        layers=list(run.model.layers()),
        attention_layers=list(run.model.attention_layers()),
    )
    make_shard(order, {"key": 1}, folders[kind], folder / "000000", threads=1)
    return Trace([folder / "000000"])


RECORD = {"layers": ["*"], "attention": {"layers": ["*"], "queries": "each"}, "dtype": "float32"}


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_shard_records_layers_and_attention_of_every_step(folders, tmp_path, kind):
    run = configured(kind, record=RECORD)
    trace = shard(run, folders, kind, tmp_path)
    steps = run.forward_steps()
    assert trace.tensor("states").shape == (steps + 1, 3, 24)
    queries = {"llada2": 24, "gemma": 8}[kind]
    for layer in run.model.layers():
        assert trace.tensor(f"activations/{layer}").shape == (steps, 3, 32)
        assert np.ptp(trace.tensor(f"activations/{layer}")[0], axis=0).min() > 0  # each sample has its own
        attention = trace.tensor(f"attention/{layer}.self_attn")[:]
        keys = 24 if kind == "llada2" or layer.endswith("1") else 5 + 8
        assert attention.shape == (steps, 3, queries, keys)
        np.testing.assert_allclose(attention.sum(-1), 1, atol=1e-4)
        if kind == "llada2":
            number = np.arange(24) // 8
            assert (attention[..., number[:, None] < number] == 0).all()
    if kind == "gemma":  # the second prompt is one token, and the keys before it are padding
        full = trace.tensor("attention/model.decoder.layers.1.self_attn")[:]
        assert (full[:5, 1, :, :15] == 0).all()
        assert (full[:5, 1, :, 15:] > 0).all()
        assert (full[5:, 1, :, 7:] > 0).all()
    rows = trace.steps[trace.steps["sample"] == 0]
    assert rows["forward_id"].notna().sum() == steps
    assert trace.samples["text"].str.startswith("w").all()


@pytest.mark.parametrize("kind", NETWORKS)
def test_the_same_seed_gives_the_same_bytes(folders, tmp_path, kind):
    run = configured(kind, record=RECORD)
    for name in "ab":
        shard(run, folders, kind, tmp_path / name)
    for name in ("samples.parquet", "steps.parquet", "tensors.safetensors"):
        assert (tmp_path / "a/000000" / name).read_bytes() == (tmp_path / "b/000000" / name).read_bytes()


def test_a_lack_of_memory_leaves_no_pipeline_behind(folders, tmp_path, monkeypatch):
    from denoscope.denoisers.block_diffusion_lm.masked_blocks import MaskedBlocks

    run, plain = configured("llada2"), MaskedBlocks.evaluate
    asked = []

    def evaluate(self, questions):
        asked.append(len(questions))
        if len(questions) > 2 and len(asked) > 3:
            raise torch.OutOfMemoryError("no room")
        return plain(self, questions)

    monkeypatch.setattr(MaskedBlocks, "evaluate", evaluate)
    trace = shard(run, folders, "llada2", tmp_path)
    assert set(trace.samples["batch_size"]) == {2}
    assert not pipelines()


def test_errors_of_network_and_pipeline_end_all_pipelines(folders, monkeypatch):
    run, denoiser = loaded(folders, "llada2")
    long = Sample(3, 4, {"prompt": "w20 " * 24})
    with pytest.raises(TokenizerError, match="has 24 tokens and leaves no room in 24"):
        written(denoiser, [*samples(run, 1, 2), long])
    assert not pipelines()
    with pytest.raises(TokenizerError, match="a mask"):
        written(denoiser, [Sample(3, 4, {"prompt": "w20 <|mask|>"})])
    monkeypatch.setattr(denoiser.network, "forward", None)
    monkeypatch.setattr(denoiser.network.model, "forward", lambda **inputs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        written(denoiser, samples(run, 1, 2, 3))
    assert not pipelines()


def test_a_consumer_may_stop_early(folders):
    run, denoiser = loaded(folders, "gemma")
    with torch.inference_mode():
        steps = denoiser.sample(samples(run, 1, 2, 3), Notes())
        next(steps)
        next(steps)
        assert len(pipelines()) == 3
        steps.close()
    assert not pipelines()


def test_more_evaluations_than_planned_are_an_error(folders):
    run, denoiser = loaded(folders, "llada2")
    denoiser.steps = 3
    with pytest.raises(RuntimeError, match="more than the 3 evaluations"):
        written(denoiser, samples(run, 1, 2, 3))
    assert not pipelines()


def test_a_call_is_asked_in_turns():
    log = []

    def call(ask):
        log.append(threading.current_thread().name)
        return [ask(1), ask(2)]

    turns = in_turns(call)
    assert not log
    assert next(turns) == 1
    assert turns.send("a") == 2
    with pytest.raises(StopIteration) as end:
        turns.send("b")
    assert end.value.value == ["a", "b"]
    assert log == ["pipeline"]
    assert not pipelines()


def test_a_call_that_swallows_errors_is_still_abandoned():
    def call(ask):
        for _ in range(3):
            try:
                ask(0)
            except Exception:
                ask(1)
            finally:
                ask(2)

    turns = in_turns(call)
    next(turns)
    turns.close()
    assert not pipelines()


def test_errors_of_a_call_are_raised_where_it_is_resumed():
    def call(ask):
        ask(0)
        raise KeyError("lost")

    turns = in_turns(call)
    next(turns)
    with pytest.raises(KeyError, match="lost"):
        turns.send(None)
    assert not pipelines()


def copied(folders, kind, tmp_path):
    return shutil.copytree(folders[kind], tmp_path / kind)


def test_weights_may_lie_in_several_files(folders, tmp_path):
    folder = copied(folders, "llada2", tmp_path)
    tensors = sorted(load_file(folder / "model.safetensors").items())
    (folder / "model.safetensors").unlink()
    for index in range(2):
        save_file(dict(tensors[index::2]), folder / f"model-0000{index + 1}-of-00002.safetensors")
    run, whole = loaded(folders, "llada2")
    parts = load(run.family_settings(), described(folder), torch.device("cpu"), torch.float32)
    for name, tensor in whole.network.state_dict().items():
        assert torch.equal(parts.network.state_dict()[name], tensor), name


@pytest.mark.parametrize("kind", NETWORKS)
@pytest.mark.parametrize("damage", ["lacks", "has more than the network:", "has other shapes:"])
def test_weights_that_do_not_fit_are_refused(folders, tmp_path, kind, damage):
    folder = copied(folders, kind, tmp_path)
    tensors = load_file(folder / "model.safetensors")
    name = {
        "llada2": "model.layers.1.input_layernorm.weight",
        "gemma": "model.decoder.self_conditioning.pre_norm.weight",
    }
    if damage == "lacks":
        del tensors[name[kind]]
    elif damage == "has other shapes:":
        tensors[name[kind]] = torch.ones(5)
    else:
        tensors["model.other"] = torch.ones(5)
    save_file(tensors, folder / "model.safetensors")
    with pytest.raises(CheckpointError, match=f"{kind} {damage} .*does model.network describe"):
        load_block_lm(NETWORKS[kind], folder, torch.device("cpu"), torch.float32)


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_local_checkpoint_brings_its_configuration(folders, kind):
    checkpoint = {"source": "local", "name": kind, "path": str(folders[kind])}
    run = configured(kind, model={"family": "block_diffusion_lm", "checkpoint": checkpoint})
    found = load(run.family_settings(), folders[kind], torch.device("cpu"), torch.float32)
    plain_run, plain = loaded(folders, kind)
    assert run.model.layers() == plain_run.model.layers()
    batch = samples(run, 1, 2)
    np.testing.assert_array_equal(tokens(written(found, batch)), tokens(written(plain, batch)))


def test_a_folder_without_weights_is_refused(tmp_path):
    with pytest.raises(CheckpointError, match="holds no safetensors"):
        load_block_lm(LLADA2, tmp_path, torch.device("cpu"), torch.float32)


def test_the_routers_bias_keeps_its_type(folders):
    network = load_block_lm(LLADA2, folders["llada2"], torch.device("cpu"), torch.bfloat16)
    kept = {name for name, tensor in network.state_dict().items() if tensor.dtype == torch.float32}
    assert kept == {f"model.layers.{index}.mlp.gate.e_score_correction_bias" for index in (1, 2)}


def test_prompts_are_chat_messages_where_the_model_has_a_template(folders, tmp_path):
    folder = copied(folders, "llada2", tmp_path)
    settings = configured("llada2", chat=True).family_settings()
    with pytest.raises(TokenizerError, match="has no chat template.*chat: false"):
        load(settings, described(folder), torch.device("cpu"), torch.float32)
    template = "<bos> {{ messages[0]['content'] }} {% if add_generation_prompt %}w90{% endif %}"
    said = {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<bos>", "chat_template": template}
    (folder / "tokenizer_config.json").write_text(json.dumps(said))
    denoiser = load(settings, described(folder), torch.device("cpu"), torch.float32)
    steps = written(denoiser, [Sample(0, 1, {"prompt": "w20 w21"})])
    assert steps[0].state[0].tolist() == [2, 20, 21, 90] + [MASK] * 20


def test_a_model_without_mask_or_end_is_refused(folders, tmp_path):
    folder = copied(folders, "llada2", tmp_path)
    words = {word: number for word, number in tokenizer().get_vocab().items() if "|" not in word}
    Tokenizer(WordLevel(words, unk_token="<unk>")).save(str(folder / "tokenizer.json"))
    described(folder)
    for sampler, network, message in (
        ({}, {}, "eos_token_id"),
        ({"stop_at_end": False}, {}, "mask_token_id"),
    ):
        settings = configured("llada2", sampler=sampler, network=network).family_settings()
        with pytest.raises(TokenizerError, match=message):
            load(settings, folder, torch.device("cpu"), torch.float32)
    told = configured("llada2", network={"eos_token_id": END, "mask_token_id": MASK}).family_settings()
    assert load(told, folder, torch.device("cpu"), torch.float32).describes["mask_id"] == MASK


@pytest.mark.parametrize("kind", NETWORKS)
def test_planning_knows_the_networks_layers(folders, kind):
    run, denoiser = loaded(folders, kind)
    modules = dict(denoiser.network.named_modules())
    for layer, (_, channels) in run.model.layers().items():
        assert layer in modules
        assert channels == 32
    assert set(run.model.attention_layers()) <= modules.keys()
    assert len(run.model.layers()) == len(run.model.attention_layers()) == {"llada2": 3, "gemma": 2}[kind]
    assert run.model.window == 64
    assert set(run.facts()) == {"Sampler", "Network", "Text"}


WRONG = [
    ("llada2", {"sampler": {"name": "entropy-bound"}}, "does not sample llada2_moe: choose block-refinement"),
    ("gemma", {"sampler": {"name": "block-refinement"}}, "does not sample diffusion_gemma: choose canvas-refinement"),
    ("llada2", {"length": 20}, "20 tokens are no whole blocks of 8: choose a multiple"),
    ("llada2", {"length": 72}, "the network sees 64 tokens at once"),
    ("gemma", {"length": 16}, "2 canvases of the model have 16 tokens.*at least 17"),
    ("gemma", {"prompts": [""]}, "reads a prompt before it writes"),
    ("llada2", {"prompts": ["w20 [MASK*3]"]}, "has a gap"),
    ("llada2", {"sampler": {"editing": 0.0}}, "editing"),
    ("llada2", {"sampler": {"threshold": -1.0}}, "threshold"),
    ("gemma", {"sampler": {"stability": 0}}, "stability"),
    ("llada2", {"network": {"model_type": "llada"}}, "types that can be run: diffusion_gemma, llada2_moe"),
]


@pytest.mark.parametrize(("kind", "changes", "message"), WRONG, ids=[message for _, _, message in WRONG])
def test_wrong_settings_are_explained(kind, changes, message):
    with pytest.raises(ConfigError, match=f"(?s){message}"):
        configured(kind, **changes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"score_function": "softmax"}, "score_function is 'softmax': only 'sigmoid'"),
        ({"rope_scaling": {"type": "yarn"}}, "rope_scaling"),
        ({"n_group": None}, "lacks n_group"),
    ],
)
def test_other_architectures_are_refused(folders, monkeypatch, change, message):
    network = {key: value for key, value in (LLADA2 | change).items() if value is not None}
    monkeypatch.setitem(NETWORKS, "llada2", network)
    with pytest.raises(ConfigError, match=f"model.network: .*{message}"):
        configured("llada2")
    with pytest.raises(ValueError, match=message):
        load_block_lm(network, folders["llada2"], torch.device("cpu"), torch.float32)
