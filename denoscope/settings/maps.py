"""How recorded activations are projected, searched, clustered and compared."""

from __future__ import annotations

from itertools import product
from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from denoscope.settings.base import Settings, Steps

CHOICE = {"layers", "fit", "grid", "tokens"}
"""What decides which maps there are and on how many samples, and not how a map is made."""


class Grid(Settings):
    """Further settings of UMAP: every ``n_neighbors`` with every ``min_dist``."""

    n_neighbors: tuple[Annotated[int, Field(ge=2, le=200)], ...] = Field(
        min_length=1, description="UMAP's neighbourhood sizes"
    )
    min_dist: tuple[Annotated[float, Field(ge=0, le=1)], ...] = Field(
        min_length=1, description="UMAP's smallest distances between points"
    )


class TokenMaps(Settings):
    """Maps whose points are the single tokens of texts."""

    samples: PositiveInt = Field(32, description="texts whose tokens are mapped, the first ones")
    steps: Steps = Field("all", description="steps to map; their maps are aligned to each other")


class Maps(Settings):
    """Projection, neighbours, clusters and similarity."""

    layers: tuple[str, ...] = Field(("*",), min_length=1, description="globs over the recorded layers to map")
    steps: Steps = Field("all", description="steps to map; their maps are aligned to each other")
    fit: PositiveInt | None = Field(
        None, description="fit on the first so many samples and place the others on that map; null fits on all"
    )
    components: PositiveInt = Field(50, description="principal components kept of an activation")
    neighbors: int = Field(20, ge=1, le=200, description="nearest neighbours listed for each sample")
    search: Literal["auto", "exact", "hnsw"] = Field("auto", description="auto is exact up to 50,000 samples")
    metric: Literal["euclidean", "cosine"] = Field("euclidean", description="distance in activation space")
    n_neighbors: int = Field(15, ge=2, le=200, description="UMAP's neighbourhood size")
    min_dist: float = Field(0.1, ge=0, le=1, description="UMAP's smallest distance between points")
    epochs: PositiveInt = Field(200, description="UMAP's optimisation epochs")
    min_cluster_size: int = Field(10, ge=2, description="HDBSCAN's smallest cluster")
    seed: NonNegativeInt = Field(0, description="seed of the projection")
    grid: Grid | None = Field(None, description="further settings of UMAP to lay each map out with; null has none")
    tokens: TokenMaps | None = Field(
        None, description="maps of single tokens as well, of the layers of record.tokens; null has none"
    )

    @property
    def setting(self) -> str:
        """Name of UMAP's setting, such as ``n15-d0.1``."""
        return f"n{self.n_neighbors}-d{self.min_dist:g}"

    def of_tokens(self) -> Maps:
        """How maps of single tokens are made."""
        assert self.tokens is not None
        return self.model_copy(update={"steps": self.tokens.steps, "fit": None, "grid": None, "tokens": None})

    def others(self) -> dict[str, Maps]:
        """The settings of ``grid`` besides this one: by name, in order of their values, each without a grid."""
        pairs = product(sorted(self.grid.n_neighbors), sorted(self.grid.min_dist)) if self.grid else ()
        found = [self.model_copy(update={"n_neighbors": n, "min_dist": d, "grid": None}) for n, d in pairs]
        return {maps.setting: maps for maps in found if maps.setting != self.setting}
