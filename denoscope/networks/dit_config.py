"""What describes a text-diffusion transformer. No torch: the workflow reads this to plan its jobs."""

from __future__ import annotations

from pydantic import Field, PositiveInt, model_validator

from denoscope.settings.base import Settings

FREQUENCIES = 256
"""Channels of the sinusoidal time embedding."""


class ImportanceConfig(Settings):
    """ATAT's importance estimator: a small transformer encoder over the tokens."""

    hidden_dim: PositiveInt = Field(256, description="channels")
    num_layers: PositiveInt = Field(2, description="encoder layers")
    heads: PositiveInt = Field(4, description="attention heads of a layer")

    def parameters(self, vocab_size: int, max_seq_length: int) -> int:
        """Number of the estimator's parameters."""
        dim, half = self.hidden_dim, self.hidden_dim // 2
        time = 2 * dim + dim * dim + dim
        layer = 12 * dim * dim + 13 * dim  # attention and a feed-forward four times as wide, with two norms
        head = 2 * dim + dim * half + half + half + 1
        return (vocab_size + max_seq_length) * dim + time + self.num_layers * layer + head


class DiTConfig(Settings):
    """MDLM's diffusion transformer; the names are those of the published ``config.json``."""

    hidden_dim: PositiveInt = Field(768, description="channels")
    cond_dim: PositiveInt = Field(128, description="channels of the time embedding")
    n_blocks: PositiveInt = Field(12, description="transformer blocks")
    n_heads: PositiveInt = Field(12, description="attention heads of a block")
    dropout: float = Field(0.1, ge=0, lt=1, description="dropout while training")
    model_length: PositiveInt = Field(1024, description="tokens of a sequence")
    vocab_size: PositiveInt = Field(50258, description="tokens, the mask among them")
    time_conditioning: bool = Field(False, description="whether the network is told the time; published models are not")
    importance: ImportanceConfig | None = Field(None, description="ATAT's importance estimator; null has none")

    @model_validator(mode="after")
    def _supported(self) -> DiTConfig:
        if self.time_conditioning:
            raise ValueError(
                "time_conditioning is true: the published models ignore the time, and so does this network; such a "
                "checkpoint would be run wrongly"
            )
        if self.hidden_dim % (2 * self.n_heads):
            raise ValueError(f"hidden_dim {self.hidden_dim} must be a multiple of 2 × n_heads ({2 * self.n_heads})")
        return self

    def layers(self) -> dict[str, tuple[int, ...]]:
        """The blocks, with positions and channels of their output."""
        return {f"backbone.blocks.{i}": (self.model_length, self.hidden_dim) for i in range(self.n_blocks)}

    def parameters(self) -> int:
        """Number of the network's parameters, those of the importance estimator among them."""
        dim, cond = self.hidden_dim, self.cond_dim
        time = FREQUENCIES * cond + cond + cond * cond + cond
        attention, mlp = 4 * dim * dim, 8 * dim * dim + 5 * dim
        block = 2 * dim + attention + mlp + 6 * dim * (cond + 1)
        head = dim + self.vocab_size * (dim + 1) + 2 * dim * (cond + 1)
        own = self.vocab_size * dim + time + self.n_blocks * block + head
        return own + (self.importance.parameters(self.vocab_size, self.model_length) if self.importance else 0)
