"""The EDM family's samplers against their papers, on a denoiser whose answer is known."""

import numpy as np
import pytest
import torch

from denoscope.denoisers.edm.samplers import churn, karras_sigmas, run_sampler
from denoscope.denoisers.edm.settings import Euler, FewStep, Heun, Karras, OneStep
from denoscope.denoisers.noise import SampleNoise, sample_seed

SPREAD = 0.5


def ideal(x, sigma, step):
    """The ideal denoiser of data that are normal with standard deviation SPREAD."""
    return x * SPREAD**2 / (SPREAD**2 + sigma**2)


def sampled(settings, count=4096, denoise=ideal):
    generator = torch.Generator().manual_seed(0)
    return list(run_sampler(denoise, lambda: torch.randn(count, dtype=torch.float64, generator=generator), settings))


def test_karras_grid_golden_numbers():
    grid = karras_sigmas(Karras(steps=10))
    golden = [80, 42.4152, 21.1087, 9.7232, 4.0661, 1.5017, 0.4700, 0.1166, 0.0204, 0.002, 0]
    assert grid == pytest.approx(golden, abs=5e-5)
    assert grid[0] == pytest.approx(80, rel=1e-14)
    assert karras_sigmas(Karras(steps=1)) == [pytest.approx(80), 0.0]


def exact_ode(x, sigma):
    """Where the probability-flow ODE of this denoiser ends: the state scaled to the data's spread."""
    return x * SPREAD / (SPREAD**2 + sigma**2) ** 0.5


@pytest.mark.parametrize(
    ("settings", "error"), [(Heun(name="heun", steps=40), 1.5e-2), (Euler(name="euler", steps=400), 2e-2)]
)
def test_deterministic_samplers_follow_the_ode(settings, error):
    steps = sampled(settings)
    wanted = exact_ode(steps[0].state, steps[0].time)
    assert (steps[-1].state - wanted).abs().max() < error * wanted.abs().max()


def test_heun_is_second_order_and_euler_first():
    def error(kind, name, steps):
        found = sampled(kind(name=name, steps=steps, sigma_min=0.02), count=64)
        return float((found[-1].state - exact_ode(found[0].state, found[0].time)).abs().max())

    assert error(Heun, "heun", 32) / error(Heun, "heun", 64) > 3
    assert 1.6 < error(Euler, "euler", 64) / error(Euler, "euler", 128) < 3


def test_churn_keeps_the_distribution():
    steps = sampled(Heun(name="heun", steps=256, s_churn=40, s_min=0.05, s_max=50), count=20_000)
    assert float(steps[-1].state.std()) == pytest.approx(SPREAD, rel=0.02)
    assert not torch.equal(steps[-1].state, sampled(Heun(name="heun", steps=256), count=20_000)[-1].state)


def test_churn_factor():
    settings = Heun(name="heun", steps=256, s_churn=40, s_min=0.05, s_max=50)
    assert churn(settings, 1.0) == pytest.approx(40 / 256)
    assert churn(settings, 60.0) == churn(settings, 0.01) == 0
    assert churn(Heun(name="heun", steps=10, s_churn=80), 1.0) == pytest.approx(2**0.5 - 1)


def test_one_step_is_the_prediction_at_sigma():
    steps = sampled(OneStep(name="one-step", sigma=80))
    assert [step.time for step in steps] == [80, 0]
    assert float(steps[0].state.std()) == pytest.approx(80, rel=0.05)
    assert torch.equal(steps[1].state, ideal(steps[0].state, 80, 0))


def test_few_steps_renoise_with_fresh_noise():
    steps = sampled(FewStep(name="few-step", steps=4), count=40_000)
    for before, after in zip(steps[:-2], steps[1:-1], strict=True):
        added = (after.state - before.x0) / after.time
        assert float(added.std()) == pytest.approx(1, rel=0.02)
        assert abs(float((added * before.state).mean()) / before.time) < 0.02
    assert torch.equal(steps[-1].state, steps[-2].x0)


@pytest.mark.parametrize(
    ("settings", "evaluations"),
    [
        (Heun(name="heun", steps=18), 35),
        (Heun(name="heun", steps=256, s_churn=40), 511),
        (Euler(name="euler", steps=18), 18),
        (OneStep(name="one-step"), 1),
        (FewStep(name="few-step", steps=10), 10),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_number_of_evaluations_and_steps(settings, evaluations):
    seen = []

    def counting(x, sigma, step):
        seen.append(step)
        return ideal(x, sigma, step)

    steps = sampled(settings, count=2, denoise=counting)
    assert len(seen) == evaluations
    assert [step.index for step in steps] == list(range(len(steps)))
    assert max(seen) == len(steps) - 2
    assert steps[-1].time == 0
    assert steps[-1].x0 is None


def test_seeds_are_distinct_and_depend_on_run_and_sample_alone():
    seeds = [sample_seed(0, sample) for sample in range(50_000)]
    assert len(set(seeds)) == len(seeds)
    assert seeds[7] == sample_seed(0, 7) != sample_seed(1, 7)
    assert all(0 <= seed < 2**32 for seed in seeds)


def test_noise_of_a_sample_does_not_depend_on_its_batch():
    together = SampleNoise([1, 2, 3], torch.device("cpu"))
    alone = SampleNoise([2], torch.device("cpu"))
    for _ in range(3):
        assert torch.equal(together.normal(2, 4)[1], alone.normal(2, 4)[0])
    draws = SampleNoise(list(range(200)), torch.device("cpu")).normal(100).numpy()
    assert np.abs(np.corrcoef(draws) - np.eye(200)).max() < 0.5
    assert draws.std() == pytest.approx(1, rel=0.02)
