"""The files that each job reads, one method an input."""

from __future__ import annotations

from pathlib import Path

from denoscope.checkpoints.bundled import weights_name
from denoscope.checkpoints.local import local_files
from denoscope.settings.checkpoint import LocalCheckpoint, TrainedCheckpoint
from denoscope.trace.schema import SAMPLES, STEPS, TENSORS
from denoscope.workflow.cfg import Wildcards
from denoscope.workflow.jobs import Jobs

TOKEN_MAP = ("map.parquet", "neighbors.safetensors", "features.safetensors")

FIGURE_KINDS = ("pdf", "svg", "png")


class Inputs:
    """Input functions of the rules.

    Args:
        jobs: what the configuration asks for.
    """

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs

    def checkpoint(self, wildcards: Wildcards) -> list[str]:
        """What a checkpoint is made from: a trained model's weights, or the local files themselves."""
        match self._jobs.checkpoint(wildcards.checkpoint):
            case TrainedCheckpoint(name=name):
                return [f"results/training/{name}/{weights_name(name)}"]
            case LocalCheckpoint(path=path):
                # Not the folder, whose time stays when a file in it is overwritten; Snakemake tells of a missing path.
                return [str(file) for file in local_files(Path(path))]
            case _:
                return []

    def manifest(self, wildcards: Wildcards) -> str:
        """The manifest of a run's checkpoint."""
        return f"results/checkpoints/{self._jobs.runs[wildcards.run].model.checkpoint.name}/manifest.json"

    def manifests(self, wildcards: Wildcards) -> list[str]:
        """The manifests of everything that a run's model is loaded from, its weights first."""
        found = self._jobs.runs[wildcards.run].model.checkpoints()
        return [f"results/checkpoints/{checkpoint.name}/manifest.json" for checkpoint in found]

    def tokenizer(self, wildcards: Wildcards) -> list[str]:
        """The manifest beside the tokenizer of a run of texts."""
        return self.manifests(wildcards)[-1:] if self._jobs.runs[wildcards.run].kind == "text" else []

    def tensors(self, wildcards: Wildcards) -> list[str]:
        """Tensors of all shards."""
        return self._of_shards(wildcards.run, TENSORS)

    def samples(self, wildcards: Wildcards) -> list[str]:
        """Sample tables of all shards."""
        return self._of_shards(wildcards.run, SAMPLES)

    def steps(self, wildcards: Wildcards) -> list[str]:
        """Step tables of all shards."""
        return self._of_shards(wildcards.run, STEPS)

    def throughputs(self, wildcards: Wildcards) -> list[str]:
        """Throughput of all shards."""
        return self._of_shards(wildcards.run, "throughput.json")

    def fitted_tensors(self, wildcards: Wildcards) -> list[str]:
        """Tensors of the shards that maps are fitted on."""
        return self._of_shards(wildcards.run, TENSORS, range(self._jobs.fitted(wildcards.run)))

    def token_tensors(self, wildcards: Wildcards) -> list[str]:
        """Tensors of the shards whose single tokens are mapped."""
        maps = self._jobs.runs[wildcards.run].maps
        assert maps
        assert maps.tokens
        return self._of_shards(wildcards.run, TENSORS, range(maps.tokens.samples))

    def grid_tensors(self, wildcards: Wildcards) -> list[str]:
        """Tensors of the shards that hold the grid's samples."""
        return self._of_shards(wildcards.run, TENSORS, self._grid(wildcards.run))

    def grid_samples(self, wildcards: Wildcards) -> list[str]:
        """Sample tables of the shards that hold the grid's samples."""
        return self._of_shards(wildcards.run, SAMPLES, self._grid(wildcards.run))

    def maps(self, wildcards: Wildcards) -> list[str]:
        """Maps of all mapped layers, with the samples placed on them."""
        return self._maps(wildcards.run)

    def neighbors(self, wildcards: Wildcards) -> list[str]:
        """Neighbours of all mapped layers' samples, with those of the samples placed on their maps."""
        return self._neighbors(wildcards.run)

    def layer_map(self, wildcards: Wildcards) -> list[str]:
        """A layer's map and neighbours, with those of the samples placed on it."""
        placed = ["placed.parquet", "placed_neighbors.safetensors"] if self._jobs.placed(wildcards.run) else []
        names = ["map.parquet", "neighbors.safetensors", *placed]
        return [f"results/{wildcards.run}/maps/{wildcards.layer}/{name}" for name in names]

    def atlases(self, wildcards: Wildcards) -> list[str]:
        """Maps for other tools, of all mapped layers of every run."""
        return [f"results/{run}/atlas/{layer}.parquet" for run in self._jobs.runs for layer in self._jobs.mapped(run)]

    def compared_texts(self, wildcards: Wildcards) -> list[str]:
        """What was judged of the runs of texts that are compared."""
        return [f"results/{run}/texts.parquet" for run in self._jobs.compared_texts()]

    def published(self, wildcards: Wildcards) -> list[str]:
        """What says of every run where it was published, if anything is."""
        runs = self._jobs.runs if self._jobs.config.publish.anywhere else ()
        return [f"results/{run}/published.json" for run in runs]

    def catalogues(self, wildcards: Wildcards) -> list[str]:
        """A run's animations: the catalogues, and the grid of pictures."""
        run = wildcards.run
        text = self._jobs.runs[run].kind == "text"
        grid = [] if text else [f"results/{run}/media/grid.gif", f"results/{run}/media/grid.mp4"]
        shards = self._jobs.shards(run, self._jobs.animated(run))
        return [*(f"results/{run}/media/{shard}.json" for shard in shards), *grid]

    def report(self, wildcards: Wildcards) -> list[str]:
        """Everything that the page shows, of every run."""
        compared = [f"results/figures/texts.{kind}" for kind in FIGURE_KINDS] if self._jobs.compared_texts() else []
        return [*(path for run in self._jobs.runs for path in self._of_run(run)), *compared]

    def _of_run(self, run: str) -> list[str]:
        root = f"results/{run}"
        mapped = self._jobs.mapped(run)
        text = self._jobs.runs[run].kind == "text"
        figures = [
            *(["texts"] if text else ["samples", "steps"]),
            *(["maps", "quality", "similarity"] if mapped else []),
            *(["attention"] if self._jobs.runs[run].measured else []),
        ]
        animated = self._jobs.shards(run, self._jobs.animated(run))
        return [
            f"{root}/run.json",
            f"{root}/samples.parquet",
            f"{root}/steps.parquet",
            *self._of_shards(run, TENSORS),
            *self._maps(run),
            *self._neighbors(run),
            *(f"{root}/maps/{layer}/features.safetensors" for layer in mapped),
            *(f"{root}/token_maps/{layer}/{name}" for layer in self._jobs.token_mapped(run) for name in TOKEN_MAP),
            *(f"{root}/maps/{layer}/grid/{name}.parquet" for layer in mapped for name in self._jobs.settings(run)),
            *([f"{root}/truth.parquet"] if self._jobs.runs[run].measured else []),
            *([f"{root}/quality.parquet", f"{root}/similarity.parquet"] if mapped else []),
            *(f"{root}/figures/{name}.{kind}" for name in figures for kind in FIGURE_KINDS),
            *(f"{root}/media/{shard}.json" for shard in animated),
            *(f"{root}/attention/{shard}.json" for shard in (animated if self._jobs.filmed(run) else ())),
            *([f"{root}/texts.parquet"] if text else [f"{root}/media/grid.gif", f"{root}/media/grid.mp4"]),
        ]

    def _maps(self, run: str) -> list[str]:
        names = ["map.parquet", *(["placed.parquet"] if self._jobs.placed(run) else [])]
        return [f"results/{run}/maps/{layer}/{name}" for layer in self._jobs.mapped(run) for name in names]

    def _neighbors(self, run: str) -> list[str]:
        names = ["neighbors", *(["placed_neighbors"] if self._jobs.placed(run) else [])]
        return [f"results/{run}/maps/{layer}/{name}.safetensors" for layer in self._jobs.mapped(run) for name in names]

    def _of_shards(self, run: str, file: str, samples: range | list[int] | None = None) -> list[str]:
        return [f"results/{run}/trace/{shard}/{file}" for shard in self._jobs.shards(run, samples)]

    def _grid(self, run: str) -> list[int]:
        return [sample for row in self._jobs.grid(run).values() for sample in row]
