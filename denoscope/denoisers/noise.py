"""Random numbers: every sample owns its generator."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor


def sample_seed(run_seed: int, sample: int) -> int:
    """Seed of a sample's generator, decided by the run's seed and the sample's number alone.

    The CPU generator uses 32 bits of its seed, so random 32-bit seeds would collide within 50,000 samples about one
    time in four. Counting up from a hashed start gives every sample of a run a seed of its own.
    """
    start = int(np.random.SeedSequence(run_seed).generate_state(1)[0])
    return (start + sample) % 2**32


class SampleNoise:
    """Draws for a whole batch, each row from its sample's own CPU generator.

    A sample's noise therefore depends neither on its batch nor on its shard nor on the device.
    """

    def __init__(self, seeds: Sequence[int], device: torch.device, dtype: torch.dtype = torch.float32) -> None:
        self._generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        self._device, self._dtype = device, dtype

    @property
    def generators(self) -> list[torch.Generator]:
        """Each sample's generator, for libraries that draw themselves."""
        return self._generators

    def normal(self, *shape: int) -> Tensor:
        """Standard normal values ``[batch, *shape]``."""
        rows = [torch.randn(shape, generator=generator) for generator in self._generators]
        return torch.stack(rows).to(self._device, self._dtype)

    def uniform(self, *shape: int) -> Tensor:
        """Uniform values in [0, 1), ``[batch, *shape]``, drawn in the type asked for."""
        rows = [torch.rand(shape, generator=generator, dtype=self._dtype) for generator in self._generators]
        return torch.stack(rows).to(self._device)

    def uniform_rows(self, counts: Sequence[int], width: int) -> Tensor:
        """Uniform values ``[sum of counts, width]``: ``counts[i]`` rows from the generator of sample ``i``."""
        pairs = zip(self._generators, counts, strict=True)
        rows = [torch.rand((count, width), generator=generator, dtype=self._dtype) for generator, count in pairs]
        return torch.cat(rows).to(self._device)
