"""What describes a text-diffusion transformer. No torch: the workflow reads this to plan its jobs."""

from __future__ import annotations

from pydantic import Field, PositiveInt, model_validator

from denoscope.settings.base import Settings


class ImportanceConfig(Settings):
    """ATAT's importance estimator: a small transformer encoder over the tokens."""

    hidden_dim: PositiveInt = Field(256, description="channels")
    num_layers: PositiveInt = Field(2, description="encoder layers")
    heads: PositiveInt = Field(4, description="attention heads of a layer")


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
