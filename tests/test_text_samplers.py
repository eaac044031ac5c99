"""Samplers of text: what each promises, by statistics and by golden numbers."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import settings as fast
from hypothesis import strategies as st
from pydantic import ValidationError
from texts import LENGTH, SAMPLERS, SIZE, batch, denoiser, run, tokenizer

from denoscope.denoisers.noise import SampleNoise
from denoscope.denoisers.text.draw import choose, probabilities
from denoscope.denoisers.text.plans import plan
from denoscope.denoisers.text.records import entropy_of, likeliest
from denoscope.denoisers.text.schedules import masked_shares, mdlm_times, state_times
from denoscope.denoisers.text.settings import SAMPLER, Choice, RemaskCount
from denoscope.denoisers.text.transitions import Canvas, ancestral, remask_bernoulli, remask_count, smallest
from denoscope.text.tokenizer import TokenizerError

MASK = 4
ALL = [("mdlm", name) for name in SAMPLERS if name != "uncertainty"] + [
    ("atat", "uncertainty"),
    ("masked_lm", "remask-bernoulli"),
    ("masked_lm", "ddpm_cache"),
]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    torch.set_num_threads(1)
    return tmp_path_factory.mktemp("models")


def even(batch_size=1, length=LENGTH):
    """Predictions that give every token but the special ones the same probability."""
    logits = torch.zeros(batch_size, length, SIZE)
    logits[..., : MASK + 1] = -torch.inf
    return logits.log_softmax(dim=-1)


def canvas(tokens, seeds=None, dtype=torch.float64):
    seeds = range(len(tokens)) if seeds is None else seeds
    return Canvas(tokens, tokens == MASK, MASK, SampleNoise(list(seeds), torch.device("cpu"), dtype))


# ---- golden numbers


def test_times_and_chances_of_mdlm():
    assert mdlm_times(4) == pytest.approx([1, 0.7500025, 0.500005, 0.2500075, 1e-5], rel=1e-12)
    stay = [s / t for t, s in pairwise(mdlm_times(4))]
    assert stay == pytest.approx([0.7500025, 0.6666711, 0.5000100, 3.99988e-5], rel=2e-6)


def test_shares_of_the_schedules():
    assert masked_shares(RemaskCount(name="remask-count")) == pytest.approx([1 - i / 10 for i in range(11)])
    cosine = masked_shares(RemaskCount(name="remask-count", schedule="cosine", steps=4))
    assert cosine == pytest.approx(
        [1, 1 - math.sin(math.pi / 8), 1 - math.sin(math.pi / 4), 1 - math.sin(3 * math.pi / 8), 0]
    )
    exponential = masked_shares(RemaskCount(name="remask-count", schedule="exponential", steps=2))
    assert exponential == pytest.approx([1, math.exp(-1.5), 0])


def test_counts_of_remask_count():
    settings = RemaskCount(name="remask-count")
    tokens = torch.full((3, 64), MASK)
    tokens[:, :5] = 50
    start = canvas(tokens)
    counts = []
    for share in masked_shares(settings)[1:]:
        after = remask_count(start, even(3, 64), share, settings)
        counts.append((after == MASK).sum(dim=1).tolist())
        assert (after[:, :5] == 50).all()
        start = Canvas(after, start.free, MASK, start.noise)
    assert counts == [[int(59 * (9 - i) / 10)] * 3 for i in range(9)] + [[0] * 3]


# ---- statistics


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_masks_stay_with_the_chance_s_over_t(dtype):
    tokens = torch.full((8, 4000), MASK)
    log_p = torch.full((1, 1, 8), math.log(1 / 3))
    log_p[..., : MASK + 1] = -torch.inf
    after = ancestral(canvas(tokens, dtype=dtype), log_p.expand(8, 4000, 8), 0.8, 0.3)
    stayed = float((after == MASK).float().mean())
    assert stayed == pytest.approx(0.3 / 0.8, abs=4 * math.sqrt(0.25 / after.numel()))
    shares = torch.bincount(after[after != MASK], minlength=8)[5:].float()
    assert (shares / shares.sum()).tolist() == pytest.approx([1 / 3] * 3, abs=0.02)


def test_remask_bernoulli_masks_with_its_share_and_changes_what_was_revealed():
    tokens = torch.full((4, 2000), 50)
    tokens[:, 100:] = MASK
    start = canvas(tokens)
    settings = SAMPLER.validate_python({"name": "remask-bernoulli", "choice": {}})
    after = remask_bernoulli(start, even(4, 2000), 0.4, settings)
    assert (after[:, :100] == 50).all(), "the prompt is never free"
    assert float((after[:, 100:] == MASK).float().mean()) == pytest.approx(0.4, abs=0.03)
    revealed = Canvas(after, start.free, MASK, start.noise)
    again = remask_bernoulli(revealed, even(4, 2000), 0.4, settings)
    both = (after != MASK) & (again != MASK) & start.free
    assert float((after[both] != again[both]).float().mean()) > 0.9


@pytest.mark.parametrize("temperature", [1e-39, 1e-3, 1e30])
def test_no_temperature_gives_weight_to_what_has_no_probability(temperature):
    log_p = torch.tensor([[math.log(0.7), math.log(0.3), -torch.inf]])
    found = probabilities(log_p, Choice(temperature=temperature))
    assert found.sum() == pytest.approx(1)
    assert found[0, 0] >= found[0, 1]
    assert found[0, 2] == 0


def test_a_broken_network_writes_nothing():
    with pytest.raises(ValueError, match="not finite"):
        probabilities(torch.full((1, 3), torch.nan), Choice())
    with pytest.raises(ValidationError, match="finite"):
        Choice(temperature=math.inf)


@pytest.mark.parametrize("vocabulary", [3, 300, 64 * 40, 64 * 40 + 21])
def test_entropy_and_the_likeliest_tokens(vocabulary):
    logits = torch.randn(3, 70, vocabulary, generator=torch.Generator().manual_seed(vocabulary))
    logits[..., 1] = -torch.inf
    log_p = logits.log_softmax(dim=-1)
    assert torch.allclose(entropy_of(log_p), torch.special.entr(log_p.exp()).sum(dim=-1), atol=1e-5)
    values, ids = likeliest(log_p, 2)
    expected = log_p.topk(2, dim=-1)
    assert torch.equal(values, expected.values)
    assert torch.equal(ids, expected.indices)


def test_draws_follow_the_probabilities():
    p = torch.tensor([0.0, 0.5, 0.3, 0.2])
    where = torch.ones(1, 20_000, dtype=torch.bool)
    token, found = choose(
        p.log().expand(1, 20_000, 4), where, Choice(), SampleNoise([1], torch.device("cpu"), torch.float64)
    )
    shares = torch.bincount(token, minlength=4) / len(token)
    assert shares.tolist() == pytest.approx(p.tolist(), abs=0.015)
    assert torch.allclose(found.float(), p[token])


# ---- choices


@given(st.lists(st.floats(-8, 8), min_size=2, max_size=30), st.integers(1, 30), st.floats(0.05, 1), st.floats(0.2, 3))
@fast(max_examples=60, deadline=None)
def test_filters_keep_the_likeliest_and_at_least_one(logits, k, p, temperature):
    log_p = torch.tensor(logits, dtype=torch.float64).log_softmax(-1)
    plain = probabilities(log_p, Choice(temperature=temperature))
    cut = probabilities(log_p, Choice(temperature=temperature, top_k=k, top_p=p))
    assert float(cut.sum()) == pytest.approx(1)
    kept = cut > 0
    assert kept.any()
    assert plain[kept].min() >= plain[~kept].max() - 1e-12 if (~kept).any() else True
    nucleus = probabilities(log_p, Choice(temperature=temperature, top_p=p)) > 0
    assert float(plain[nucleus].sum()) >= p - 1e-9, "the token that crosses top_p is kept"
    smaller = float(plain[nucleus].sum() - plain[nucleus].min())
    assert smaller < p + 1e-9, "and none beyond it"


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12), st.integers(0, 12))
def test_smallest_takes_exactly_as_many_as_asked(values, count):
    found = smallest(torch.tensor([values], dtype=torch.float32), torch.tensor([count]))[0]
    assert int(found.sum()) == min(count, len(values))
    if 0 < count < len(values):
        assert max(np.array(values)[found]) <= min(np.array(values)[~found])


# ---- every sampler with a network


@pytest.mark.parametrize(("model", "sampler"), ALL)
def test_a_text_keeps_its_prompt_and_ends_without_masks(root, model, sampler):
    made = denoiser(root, model, sampler)
    prompts = ["The function returns", "If"]
    steps, recorder = run(made, batch(*prompts))
    states = torch.stack([step.state for step in steps])
    assert [step.index for step in steps] == list(range(len(steps)))
    assert [step.time for step in steps] == state_times(made.sampler)
    assert len(plan(made.sampler)) == len(steps) - 1 == len(state_times(made.sampler)) - 1
    for row, prompt in enumerate(prompts):
        ids = tokenizer().encode(prompt)
        assert (states[:, row, : len(ids)] == torch.tensor(ids)).all()
        assert (states[0, row, len(ids) :] == MASK).all(), "the first state is all masks behind the prompt"
    written = states[-1]
    assert not torch.isin(written, torch.tensor(tokenizer().special)).any(), "no mask and no special token is written"
    assert steps[-1].scalars["masked"].tolist() == [0, 0]
    texts = [row["text"] for row in made.outcome(steps[-1])]
    assert all(text.startswith(prompt) for text, prompt in zip(texts, prompts, strict=True))
    assert recorder.steps == sorted(set(recorder.steps))


@pytest.mark.parametrize(("model", "sampler"), ALL)
def test_a_sample_does_not_depend_on_its_batch(root, model, sampler):
    made = denoiser(root, model, sampler)
    together, _ = run(made, batch("The", "If", "", first=3))
    (alone, _), (other, _) = (run(made, [batch("The", "If", "", first=3)[i]] * 3) for i in (1, 2))
    assert torch.equal(together[-1].state[1], alone[-1].state[0])
    assert torch.equal(together[-1].state[2], other[-1].state[0])
    assert not torch.equal(together[-1].state[2], together[-1].state[1])


@pytest.mark.parametrize("sampler", ["ddpm", "ddpm_cache", "analytic", "confidence-parallel", "uncertainty"])
def test_what_is_revealed_stays(root, sampler):
    steps, _ = run(denoiser(root, "atat", sampler), batch("", "The"))
    for before, after in pairwise(step.state for step in steps):
        revealed = before != MASK
        assert (after[revealed] == before[revealed]).all()


def test_a_cached_step_reuses_the_evaluation_and_changes_nothing(root, monkeypatch):
    made = denoiser(root, "mdlm", "ddpm_cache", steps=60)
    cached, recorder = run(made, batch("The", "If"))
    made.caches = False
    plain, all_of_them = run(made, batch("The", "If"))
    assert len(all_of_them.steps) == 61
    assert len(recorder.steps) < 45
    for one, other in zip(cached, plain, strict=True):
        assert torch.equal(one.state, other.state)
        for name, value in other.records.items():
            assert torch.equal(one.records[name], value), name
    for step, (before, after) in enumerate(pairwise(step.state for step in cached[:-1]), start=1):
        assert cached[step].cached.tolist() == (before == after).all(dim=1).tolist()


def test_ddpm_evaluates_at_every_step(root):
    made = denoiser(root, "mdlm", "ddpm", steps=40)
    steps, recorder = run(made, batch(""))
    assert recorder.steps == list(range(41))
    assert all(step.cached is None for step in steps)


def test_confidence_reveals_all_that_is_sure_and_at_least_one(root):
    eager, _ = run(denoiser(root, "mdlm", "confidence-parallel", threshold=1e-9), batch(""))
    assert int((eager[1].state == MASK).sum()) == 0
    shy, _ = run(denoiser(root, "mdlm", "confidence-parallel", threshold=1.0, steps=LENGTH), batch(""))
    assert [int((step.state == MASK).sum()) for step in shy] == list(range(LENGTH, -1, -1))


def test_uncertainty_reveals_the_most_uncertain_first(root):
    made = denoiser(root, "atat", "uncertainty", steps=LENGTH)
    steps, _ = run(made, batch(""))
    for before, after in pairwise(steps):
        masked = before.state[0] == MASK
        importance = before.records["text/importance"][0].float() ** (1 / (before.time + 0.1))
        score = before.records["text/entropy"][0].float() * importance
        changed = (before.state[0] != after.state[0]).nonzero()[:, 0].tolist()
        assert len(changed) == 1
        assert float(score[changed[0]]) >= float(score[masked].max()) - 0.02  # stored in half precision


def test_gaps_are_filled_and_what_is_around_them_kept(root):
    made = denoiser(root, "mdlm", "ddpm")
    steps, _ = run(made, batch("The [MASK*3] returns[MASK]"))
    the, returns = tokenizer().encode("The "), tokenizer().encode(" returns")
    first, last = steps[0].state[0].tolist(), steps[-1].state[0].tolist()
    known = [*the, *[MASK] * 3, *returns, MASK]
    assert first == known + [MASK] * (LENGTH - len(known))
    assert last[: len(the)] == the
    assert last[len(the) + 3 : len(known) - 1] == returns


def test_semi_autoregressive_windows_follow_each_other(root):
    made = denoiser(root, "mdlm", "ddpm", length=LENGTH + 16, stride=8, steps=4)
    steps, _ = run(made, batch("The"))
    assert len(steps) == 3 * 5 + 1
    after_first = steps[5].state[0]
    assert (after_first[:LENGTH] != MASK).all()
    assert (after_first[LENGTH:] == MASK).all()
    assert torch.equal(steps[-1].state[0, :LENGTH], after_first[:LENGTH]), "what a window wrote is a prefix of the next"
    assert (steps[-1].state != MASK).all()
    assert (steps[6].records["text/entropy"][0, :8] == -1).all(), "the network did not look there"
    assert (steps[6].records["text/top_ids"][0, :8] == -1).all()
    entropy = steps[0].records["text/entropy"][0].float()
    predicted = entropy[(steps[0].state[0] == MASK) & (entropy >= 0)]
    torch.testing.assert_close(steps[0].scalars["entropy"][0], predicted.mean())


def test_an_autoregressive_model_predicts_no_further_than_the_next_token(root):
    made = denoiser(root, "causal_lm", "left-to-right", new_tokens=6, lens=["transformer.h.1"])
    steps, _ = run(made, batch("The function"))
    length = len(tokenizer().encode("The function"))
    for step in steps[:-1]:
        entropy, read = step.records["text/entropy"][0], step.records["lens/transformer.h.1"][0]
        assert (entropy[: length + step.index + 1] >= 0).all()
        assert (entropy[length + step.index + 1 :] == -1).all()
        assert (read[length + step.index + 1 :] == -1).all()
        torch.testing.assert_close(step.scalars["entropy"][0], entropy[length + step.index].float())


def test_without_noise_removal_the_last_time_is_near_zero(root):
    made = denoiser(root, "mdlm", "ddpm", noise_removal=False, steps=8)
    steps, _ = run(made, batch(""))
    assert len(steps) == 9
    assert (steps[-1].state == MASK).float().mean() < 0.2


def test_the_lens_of_the_last_layer_reads_the_prediction(root):
    for name, sampler, last in (
        ("mdlm", "ddpm", "backbone.blocks.1"),
        ("masked_lm", "remask-count", "roberta.encoder.layer.1"),
        ("causal_lm", "left-to-right", "transformer.h.1"),
    ):
        more = {"new_tokens": 4} if name == "causal_lm" else {}
        steps, _ = run(denoiser(root, name, sampler, lens=(last,), **more), batch("The"))
        for step in steps[:-1]:
            assert torch.equal(step.records[f"lens/{last}"], step.records["text/top_ids"][..., 0]), name


def test_autoregression_writes_a_token_a_step(root):
    made = denoiser(root, "causal_lm", "left-to-right", new_tokens=10)
    steps, recorder = run(made, batch("The function", ""))
    lengths = [len(tokenizer().encode("The function")), 0]
    for number, step in enumerate(steps):
        written = (step.state != -1).sum(dim=1).tolist()
        assert written == [length + number for length in lengths]
    assert recorder.steps == list(range(10))
    alone, _ = run(made, [batch("The function", "")[1]] * 2)
    assert torch.equal(alone[-1].state[0], steps[-1].state[1])


def test_a_full_text_is_left_as_it_is(root):
    made = denoiser(root, "causal_lm", "left-to-right", new_tokens=LENGTH - 1)
    steps, _ = run(made, batch("The function returns a list"))
    full = next(i for i, step in enumerate(steps) if (step.state != -1).all())
    assert full < len(steps) - 1
    assert torch.equal(steps[full].state, steps[-1].state)


def test_a_prompt_without_room_is_an_error(root):
    with pytest.raises(TokenizerError, match="leaves no room in 20: shorten it"):
        run(denoiser(root, "mdlm", "ddpm"), batch("The function returns a list of names. " * 5))


def test_float32_draws_are_those_that_were_published(root):
    """The published formula by hand, from the sample's own numbers."""
    log_p = torch.randn(1, 3, 9).log_softmax(-1)
    log_p[..., MASK] = -torch.inf
    tokens = torch.tensor([[MASK, 6, MASK]])
    found = ancestral(canvas(tokens, [7], torch.float32), log_p, 0.9, 0.5)
    q = log_p[0, [0, 2]].exp() * (0.9 - 0.5)
    q[:, MASK] = 0.5
    u = torch.rand(2, 9, generator=torch.Generator().manual_seed(7))
    expected = (q / (1e-10 - (u + 1e-10).log())).argmax(-1)
    assert found[0, [0, 2]].tolist() == expected.tolist()
    assert int(found[0, 1]) == 6
