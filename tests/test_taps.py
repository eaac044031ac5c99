"""The taps: exact, and without a trace in the model."""

import itertools

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from denoscope.layers import MissingRecordError, UnknownLayerError
from denoscope.networks.dhariwal import EDMPrecond
from denoscope.networks.dhariwal_plan import DhariwalConfig
from denoscope.taps import ActivationTap, AttentionTap, Columns, attention_map, kernels

TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-5, torch.float16: 2e-3, torch.bfloat16: 2e-3}


class Attend(nn.Module):
    """A module that does nothing but one attention call."""

    def __init__(self, **options):
        super().__init__()
        self.options = options

    def forward(self, q, k, v):
        return F.scaled_dot_product_attention(q, k, v, **self.options)


def explicit(q, k, *, attn_mask=None, is_causal=False, scale=None, enable_gqa=False):
    """The softmax matrix in float32, by its definition."""
    if enable_gqa:
        k = k.repeat_interleave(q.shape[1] // k.shape[1], dim=1)
    scores = q.float() @ k.float().transpose(-1, -2) * (q.shape[-1] ** -0.5 if scale is None else scale)
    if is_causal:
        scores = scores.masked_fill(~torch.ones(scores.shape[-2:], dtype=torch.bool).tril(), -torch.inf)
    if attn_mask is not None:
        allowed = attn_mask.dtype == torch.bool
        scores = scores.masked_fill(~attn_mask, -torch.inf) if allowed else scores + attn_mask.float()
    return scores.softmax(-1).nan_to_num(0.0)


def inputs(dtype, size=64, kv_heads=4, queries=48, keys=40):
    generator = torch.Generator().manual_seed(0)

    def draw(*shape):
        return torch.randn(shape, generator=generator).to(dtype)

    return draw(2, 4, queries, size), draw(2, kv_heads, keys, size), draw(2, kv_heads, keys, size)


CASES = {
    "plain": {},
    "scale": {"scale": 0.3},
    "causal": {"is_causal": True},
    "bool mask": {"attn_mask": torch.rand(2, 1, 48, 40, generator=torch.Generator().manual_seed(1)) > 0.4},
    "float mask": {"attn_mask": torch.randn(48, 40, generator=torch.Generator().manual_seed(2))},
    "empty rows": {"attn_mask": torch.arange(48)[:, None] > torch.arange(40) + 3},
    "grouped heads": {"enable_gqa": True},
}


@pytest.mark.parametrize("chunked", [False, True], ids=["fused", "chunked"])
@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@pytest.mark.parametrize("size", [64, 33, 7])
@pytest.mark.parametrize("case", CASES)
def test_maps_equal_the_explicit_softmax(monkeypatch, case, size, dtype, chunked):
    options = dict(CASES[case])
    if "attn_mask" in options and options["attn_mask"].dtype != torch.bool:
        options["attn_mask"] = options["attn_mask"].to(dtype)
    q, k, v = inputs(dtype, size, kv_heads=2 if "enable_gqa" in options else 4)
    if chunked:
        monkeypatch.setattr("denoscope.taps.attention.attend", lambda call: (call.plain(), None))
        monkeypatch.setattr(attention_map, "CHUNK_VALUES", 2 * 4 * 40 * 5)  # five queries at a time
    model = Attend(**options)
    truth = explicit(q, k, **options)
    plain = model(q, k, v)
    for keys, heads, queries in itertools.product((None, (3, 0, 17)), ("each", "mean"), ("each", "mean")):
        holder = nn.ModuleDict({"attention": model})
        with AttentionTap(
            holder, layers="attention", keys=keys, heads=heads, queries=queries, dtype=torch.float32
        ) as tap:
            output = model(q, k, v)
        (found,) = tap.take()["attention"]
        wanted = truth if keys is None else truth[..., list(keys)]
        wanted = wanted.mean(1, keepdim=True) if heads == "mean" else wanted
        wanted = wanted.mean(-2, keepdim=True) if queries == "mean" else wanted
        assert torch.equal(output, plain)
        assert (found.reshape(wanted.shape) - wanted).abs().max() <= TOLERANCE[dtype]


WORDS = [[{3}, {0, 17, 39}, set(range(1, 40))], [{5, 6}, set(), set(range(30))]]
"""Of two samples, three words each: a few columns, none, and most."""


def shares(p, words):
    """Attention of each word of each sample, ``[batch, …, words]``, by its definition."""
    return torch.stack(
        [torch.stack([row[..., sorted(word)].sum(-1) for word in own], -1) for row, own in zip(p, words, strict=True)]
    )


@pytest.mark.parametrize("chunked", [False, True], ids=["fused", "chunked"])
@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@pytest.mark.parametrize("case", set(CASES) - {"empty rows"})
def test_words_of_each_sample(monkeypatch, case, dtype, chunked):
    options = dict(CASES[case])
    if "attn_mask" in options and options["attn_mask"].dtype != torch.bool:
        options["attn_mask"] = options["attn_mask"].to(dtype)
    q, k, v = inputs(dtype, kv_heads=2 if "enable_gqa" in options else 4)
    if chunked:
        monkeypatch.setattr("denoscope.taps.attention.attend", lambda call: (call.plain(), None))
        monkeypatch.setattr(attention_map, "CHUNK_VALUES", 2 * 4 * 40 * 5)
    model = nn.ModuleDict({"attention": Attend(**options)})
    truth = explicit(q, k, **options)
    columns = Columns.of(WORDS, 40)
    assert columns.index.shape == (2, 12), "most columns are what the others leave"
    for heads, queries in itertools.product(("each", "mean"), ("each", "mean")):
        with AttentionTap(model, layers="*", keys=columns, heads=heads, queries=queries, dtype=torch.float32) as tap:
            model["attention"](q, k, v)
        wanted = truth.mean(1) if heads == "mean" else truth
        wanted = shares(wanted.mean(-2) if queries == "mean" else wanted, WORDS)
        (found,) = tap.take()["attention"]
        assert found.shape == wanted.shape
        assert (found - wanted).abs().max() <= 20 * TOLERANCE[dtype]


def test_words_of_samples_whose_heads_lie_side_by_side():
    q, k, v = (torch.randn(2, length, 8, 24).transpose(1, 2) for length in (50, 13, 13))
    words = [[{1, 4}, {2}], [{12}, {0, 5}]]
    columns = Columns.of(words, 13)
    assert attention_map._few(kernels.Attention(q, k, v), columns.index.shape[1])
    model = nn.ModuleDict({"attention": Attend()})
    with AttentionTap(model, layers="*", keys=columns, heads="each", queries="each", dtype=torch.float32) as tap:
        model["attention"](q, k, v)
    assert (tap.take()["attention"][0] - shares(explicit(q, k), words)).abs().max() <= 1e-5


def test_columns_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="key position 40 is out of range: this attention has 40 keys"):
        Columns.of([[{40}]], 40)
    model = nn.ModuleDict({"attention": Attend()})
    with AttentionTap(model, keys=Columns.of(WORDS[:1], 40)), pytest.raises(ValueError, match="columns of 1 samples"):
        model["attention"](*inputs(torch.float32))


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("columns", [(5,), (5, 6), (1, 9, 4, 4)])
@pytest.mark.parametrize("heads", ["each", "mean"])
@pytest.mark.parametrize("queries", ["each", "mean"])
def test_a_few_columns_of_heads_that_lie_side_by_side(batch, columns, heads, queries):
    """The layout of real networks, where one product reads the queries of all heads."""
    q, k, v = (torch.randn(batch, length, 8, 24).transpose(1, 2) for length in (50, 13, 13))
    model = nn.ModuleDict({"attention": Attend()})
    assert attention_map._few(kernels.Attention(q, k, v), len(columns))
    with AttentionTap(model, layers="*", keys=columns, heads=heads, queries=queries, dtype=torch.float32) as tap:
        model["attention"](q, k, v)
    (found,) = tap.take()["attention"]
    wanted = explicit(q, k)[..., list(columns)]
    wanted = wanted.mean(1) if heads == "mean" else wanted
    wanted = wanted.mean(-2) if queries == "mean" else wanted
    assert found.shape == wanted.shape
    assert (found - wanted).abs().max() <= 1e-5


def test_the_fused_path_is_used_where_it_can_be():
    q, k, v = inputs(torch.float32)
    output, lse = kernels.attend(kernels.Attention(q, k, v))
    assert lse is not None
    assert torch.equal(output, F.scaled_dot_product_attention(q, k, v))
    assert (lse - (q @ k.transpose(-1, -2) / 8).logsumexp(-1)).abs().max() < 1e-5
    # Values of another size than the keys have no fused kernel on a processor: the map is computed in chunks.
    assert kernels.attend(kernels.Attention(q, k, v[..., :16]))[1] is None


@pytest.fixture(scope="module")
def unet():
    torch.manual_seed(0)
    config = DhariwalConfig(img_resolution=16, img_channels=1, label_dim=10, model_channels=32, channel_mult=(1, 2, 2),
                            num_blocks=1, attn_resolutions=(8, 4))  # fmt: skip
    return EDMPrecond(config).eval()


def run(model):
    x = torch.randn(3, 1, 16, 16, generator=torch.Generator().manual_seed(3))
    with torch.inference_mode():
        return model(x, torch.tensor(2.0), torch.eye(10)[:3])


def fingerprint(model):
    """Everything that hooks could leave on a model."""
    return [
        (name, len(m._forward_hooks), len(m._forward_pre_hooks), m.__dict__.get("forward"))
        for name, m in model.named_modules()
    ]


@pytest.mark.parametrize("reduce", ["mean", "flatten"])
def test_a_layer_is_recorded_before_a_later_one_works_in_place(reduce):
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU(inplace=True))
    x = torch.randn(3, 4)
    with torch.no_grad(), ActivationTap(model, layers="0", reduce=reduce, dtype=torch.float32) as tap:
        model(x)
        assert torch.equal(tap.take()["0"][0], F.linear(x, model[0].weight, model[0].bias))


def test_output_is_bit_identical_with_all_taps(unet):
    before, plain = fingerprint(unet), run(unet)
    with AttentionTap(unet) as attention, ActivationTap(unet, layers="*") as activations:
        tapped = run(unet)
    assert torch.equal(plain, tapped)
    assert len(attention.take()) == 7
    assert len(activations.take()) > 100
    assert fingerprint(unet) == before
    assert torch.equal(run(unet), plain)


def test_attention_belongs_to_the_module_that_calls_it(unet):
    with AttentionTap(unet, layers="*", heads="each") as tap:
        run(unet)
    found = {name: records[0].shape for name, records in tap.take().items()}
    expected = {f"model.{side}": (3, 1, n, n) for side, n in [("enc.8x8_block0", 64), ("enc.4x4_block0", 16),
                ("dec.4x4_in0", 16), ("dec.4x4_block0", 16), ("dec.4x4_block1", 16), ("dec.8x8_block0", 64),
                ("dec.8x8_block1", 64)]}  # fmt: skip
    assert found == expected


def test_taps_of_layers_beside_each_other_record_both(unet):
    with AttentionTap(unet, layers="*enc*_block0") as one, AttentionTap(unet, layers="*dec*_block1", keys=[1]) as two:
        run(unet)
    assert set(one.take()) == {"model.enc.8x8_block0", "model.enc.4x4_block0"}
    assert set(two.take()) == {"model.dec.4x4_block1", "model.dec.8x8_block1"}


@pytest.mark.parametrize(("outer", "inner"), [("*", "*8x8_block0"), ("*8x8_block0", "*"), ("*", "*")])
def test_taps_of_layers_within_each_other_are_refused(unet, outer, inner):
    plain, before = run(unet), fingerprint(unet)
    refused = pytest.raises(RuntimeError, match="inside a layer of another AttentionTap")
    with AttentionTap(unet, layers=outer), AttentionTap(unet, layers=inner), refused:
        run(unet)
    assert fingerprint(unet) == before
    with AttentionTap(unet) as again:
        assert torch.equal(run(unet), plain)
    assert len(again.take()) == 7


def test_attention_outside_the_layers_is_left_alone(monkeypatch, unet):
    asked = []
    monkeypatch.setattr(kernels.Attention, "bind", lambda *args, **options: asked.append(args))
    with AttentionTap(unet):
        Attend()(*inputs(torch.float32))
    assert not asked


def test_each_forward_adds_a_record(unet):
    with ActivationTap(unet, layers="model.enc.8x8_block0") as tap:
        run(unet)
        run(unet)
    assert [record.shape for record in tap.take()["model.enc.8x8_block0"]] == [(3, 64), (3, 64)]


def test_taps_are_removed_after_an_exception(unet):
    before = fingerprint(unet)

    class Stop(Exception):
        pass

    def stop(*_):
        raise Stop

    handle = unet.model.dec["4x4_in0"].register_forward_hook(stop)
    with pytest.raises(Stop), AttentionTap(unet) as attention, ActivationTap(unet):
        run(unet)
    handle.remove()
    assert fingerprint(unet) == before
    plain = run(unet)
    with AttentionTap(unet, layers="*8x8*") as again:
        assert torch.equal(run(unet), plain)
    assert set(again.take()) == {"model.enc.8x8_block0", "model.dec.8x8_block0", "model.dec.8x8_block1"}
    assert attention is not again


@pytest.mark.parametrize(
    ("reduce", "expected"),
    [
        ("mean", lambda o: o.mean((2, 3))),
        ("pool", lambda o: F.adaptive_avg_pool2d(o, 4)),
        ("flatten", lambda o: o.flatten(1)),
    ],
)
def test_reductions(unet, reduce, expected):
    outputs = {}
    handle = unet.model.dec["8x8_block1"].register_forward_hook(lambda m, i, o: outputs.update(o=o))
    with ActivationTap(unet, layers="*dec.8x8_block1", reduce=reduce, dtype=torch.float32) as tap:
        run(unet)
    handle.remove()
    (found,) = tap.take()["model.dec.8x8_block1"]
    torch.testing.assert_close(found, expected(outputs["o"]))


def test_tokens_are_reduced_over_positions():
    layer = nn.Identity()
    x = torch.randn(2, 40, 6)
    for reduce, shape in {"mean": (2, 6), "pool": (2, 16, 6), "flatten": (2, 240)}.items():
        with ActivationTap(nn.ModuleDict({"a": layer}), layers="a", reduce=reduce, dtype=torch.float32) as tap:
            layer(x)
        (found,) = tap.take()["a"]
        assert found.shape == shape
        if reduce == "mean":
            torch.testing.assert_close(found, x.mean(1))


def test_unknown_layers_are_refused_with_similar_names(unet):
    with pytest.raises(
        UnknownLayerError, match=r"'model.enc.8x8_blok0' matches no layer; similar names: model.enc.8x8_block0"
    ):
        ActivationTap(unet, layers="model.enc.8x8_blok0")


def test_recording_less_than_asked_is_an_error(unet):
    with AttentionTap(unet, layers=["*enc.8x8_block0", "*enc.16x16_block0"]) as tap:
        run(unet)
    with pytest.raises(MissingRecordError, match=r"nothing was recorded for \*enc.16x16_block0"):
        tap.take()
    with pytest.raises(MissingRecordError, match="nothing"):
        ActivationTap(unet, layers="*").take()


def test_a_key_that_is_not_there_is_refused(unet):
    with (
        pytest.raises(ValueError, match="key position 64 is out of range: this attention has 64 keys"),
        AttentionTap(unet, layers="*8x8_block0", keys=[64]),
    ):
        run(unet)


def test_attention_is_recorded_under_gradients_too():
    q, k, v = (x.requires_grad_() for x in inputs(torch.float32))
    model = nn.ModuleDict({"a": Attend()})
    with AttentionTap(model, layers="a", dtype=torch.float32) as tap:
        model["a"](q, k, v).sum().backward()
    (found,) = tap.take()["a"]
    assert not found.requires_grad
    assert (found - explicit(q, k).mean(1)).abs().max() < 1e-5
    assert q.grad is not None


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device: the kernels there are not checked here")
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32], ids=str)
@pytest.mark.parametrize("case", CASES)
def test_maps_on_cuda(case, dtype):
    options = {key: value.cuda() if isinstance(value, torch.Tensor) else value for key, value in CASES[case].items()}
    if "attn_mask" in options and options["attn_mask"].dtype != torch.bool:
        options["attn_mask"] = options["attn_mask"].to(dtype)
    q, k, v = (x.cuda() for x in inputs(dtype, kv_heads=2 if "enable_gqa" in options else 4))
    model = Attend(**options)
    with AttentionTap(nn.ModuleDict({"a": model}), layers="a", dtype=torch.float32) as tap:
        output = model(q, k, v)
    assert torch.equal(output, model(q, k, v))
    cpu = {key: value.cpu() if isinstance(value, torch.Tensor) else value for key, value in options.items()}
    (found,) = tap.take()["a"]
    assert (found.cpu() - explicit(q.cpu(), k.cpu(), **cpu).mean(1)).abs().max() < TOLERANCE[dtype]
