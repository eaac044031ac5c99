"""The settings that decide each job's bytes, one method a rule."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from denoscope.checkpoints.bundled import BUNDLED, TRAINED, model_folder
from denoscope.runtime.files import read_json
from denoscope.settings.checkpoint import BundledCheckpoint
from denoscope.settings.maps import CHOICE, Maps
from denoscope.settings.render import PictureRender
from denoscope.settings.run import Run
from denoscope.workflow.jobs import Jobs
from denoscope.workflow.sources import PACKAGE, source_hash


class Wildcards(Protocol):
    """The parts of a file's name that tell jobs of a rule apart; a rule has those that its files name."""

    run: str
    shard: str
    layer: str
    setting: str
    checkpoint: str
    model: str


class Cfg:
    """The ``cfg`` parameter of every rule: plain builtins, and nothing in it that only other jobs depend on.

    Args:
        jobs: what the configuration asks for.
        scripts: folder of the rules' scripts.
    """

    def __init__(self, jobs: Jobs, scripts: Path) -> None:
        self._jobs, self._runs, self._scripts = jobs, jobs.runs, scripts

    def fetch_checkpoint(self, wildcards: Wildcards) -> dict[str, Any]:
        """Where a checkpoint comes from."""
        found = self._jobs.checkpoint(wildcards.checkpoint)
        content = _bundled_content(found.name) if isinstance(found, BundledCheckpoint) else None
        return {**found.model_dump(mode="json"), "content": content, "sources": self._sources("fetch_checkpoint")}

    def train_model(self, wildcards: Wildcards) -> dict[str, Any]:
        """The recipe of a model."""
        folder = model_folder(wildcards.model, TRAINED)
        parts = {name: (folder / name).read_text(encoding="utf-8") for name in TRAINED}
        return {"model": wildcards.model, **parts, "sources": self._sources("train_model")}

    def sample_shard(self, wildcards: Wildcards) -> dict[str, Any]:
        """Everything that a shard's samples depend on, and nothing that depends on other shards."""
        run, first = self._runs[wildcards.run], int(wildcards.shard)
        size = min(run.samples.shard, run.samples.count - first)
        attended = self._jobs.attended(wildcards.run)
        return {
            "family": run.model.family,
            "settings": run.family_settings(),
            "seed": run.seed,
            "dtype": run.dtype,
            "first": first,
            "requests": [run.request(sample) for sample in range(first, first + size)],
            "batch": run.samples.batch,
            "steps": run.forward_steps(),
            "record": run.record.model_dump(mode="json"),
            "layers": self._jobs.recorded(wildcards.run),
            "attention_layers": attended,
            "columns": self._jobs.columns(wildcards.run),
            "grids": self._jobs.grids(wildcards.run),
            "token_layers": self._jobs.token_layers(wildcards.run),
            "sources": self._sources("sample_shard", _denoiser_source(run)),
        }

    def index_run(self, wildcards: Wildcards) -> dict[str, Any]:
        """What the run's document says."""
        run = self._runs[wildcards.run]
        return {
            "run": wildcards.run,
            "settings": run.model_dump(mode="json", exclude={"maps", "render"}),
            "layers": {layer: list(run.model.layers()[layer]) for layer in self._jobs.recorded(wildcards.run)},
            "kind": run.kind,
            "time_symbol": run.time_symbol,
            "facts": run.facts(),
            "sources": self._sources("index_run"),
        }

    def embed_layer(self, wildcards: Wildcards) -> dict[str, Any]:
        """How a layer is mapped."""
        maps = self._runs[wildcards.run].maps
        assert maps is not None
        return {**self._mapped(wildcards.run, maps), "sources": self._sources("embed_layer")}

    def embed_tokens(self, wildcards: Wildcards) -> dict[str, Any]:
        """How the single tokens of a layer are mapped."""
        maps = self._runs[wildcards.run].maps
        assert maps
        assert maps.tokens
        return {
            "maps": maps.of_tokens().model_dump(mode="json", exclude=CHOICE),
            "samples": maps.tokens.samples,
            "sources": self._sources("embed_tokens"),
        }

    def project_layer(self, wildcards: Wildcards) -> dict[str, Any]:
        """How a layer is laid out with another setting."""
        maps = self._jobs.settings(wildcards.run)[wildcards.setting]
        return {**self._mapped(wildcards.run, maps), "sources": self._sources("project_layer")}

    def place_samples(self, wildcards: Wildcards) -> dict[str, Any]:
        """How new samples are placed."""
        return {**self.embed_layer(wildcards), "sources": self._sources("place_samples")}

    def compare_layers(self, wildcards: Wildcards) -> dict[str, Any]:
        """Which layers and steps are compared."""
        maps = self._runs[wildcards.run].maps
        assert maps is not None
        steps = maps.model_dump(mode="json")["steps"]
        return {"layers": self._jobs.mapped(wildcards.run), "steps": steps, "sources": self._sources("compare_layers")}

    def judge_maps(self, wildcards: Wildcards) -> dict[str, Any]:
        """Which layers' maps are judged."""
        return {"layers": self._jobs.mapped(wildcards.run), "sources": self._sources("judge_maps")}

    def render_shard(self, wildcards: Wildcards) -> dict[str, Any]:
        """Which samples of a shard are animated, and how."""
        samples = self._animated_in(wildcards)
        return {**self._render(wildcards.run), "samples": samples, "sources": self._sources("render_shard")}

    def render_attention(self, wildcards: Wildcards) -> dict[str, Any]:
        """Which samples of a shard get films of their words' attention, and how."""
        render = self._runs[wildcards.run].render
        assert isinstance(render, PictureRender)
        assert render.attention
        return {
            "render": render.attention.model_dump(mode="json"),
            "samples": self._animated_in(wildcards),
            "symbol": self._runs[wildcards.run].time_symbol,
            "sources": self._sources("render_attention"),
        }

    def render_grid(self, wildcards: Wildcards) -> dict[str, Any]:
        """Which samples make up the grid, and how it is drawn."""
        return {
            **self._render(wildcards.run),
            "rows": self._jobs.grid(wildcards.run),
            "sources": self._sources("render_grid"),
        }

    def draw_samples(self, wildcards: Wildcards) -> dict[str, Any]:
        """What the figures of samples show."""
        return {
            "rows": self._jobs.grid(wildcards.run),
            "symbol": self._runs[wildcards.run].time_symbol,
            "sources": self._sources("draw_samples"),
        }

    def draw_texts(self, wildcards: Wildcards) -> dict[str, Any]:
        """What the figure of texts shows."""
        return {"symbol": self._runs[wildcards.run].time_symbol, "sources": self._sources("draw_texts")}

    def compare_texts(self, wildcards: Wildcards) -> dict[str, Any]:
        """Which runs are compared."""
        return {"runs": self._jobs.compared_texts(), "sources": self._sources("compare_texts")}

    def judge_texts(self, wildcards: Wildcards) -> dict[str, Any]:
        """Nothing but code decides how texts are judged."""
        return {"sources": self._sources("judge_texts")}

    def score_attention(self, wildcards: Wildcards) -> dict[str, Any]:
        """Nothing but code decides how attention is scored."""
        return {"sources": self._sources("score_attention")}

    def draw_attention(self, wildcards: Wildcards) -> dict[str, Any]:
        """Nothing but code decides how scored attention is drawn."""
        return {"sources": self._sources("draw_attention")}

    def draw_maps(self, wildcards: Wildcards) -> dict[str, Any]:
        """What the figures of maps show."""
        return {
            "layers": self._jobs.mapped(wildcards.run),
            "symbol": self._runs[wildcards.run].time_symbol,
            "sources": self._sources("draw_maps"),
        }

    def export_atlas(self, wildcards: Wildcards) -> dict[str, Any]:
        """Nothing but code decides how a map is exported."""
        return {"sources": self._sources("export_atlas")}

    def publish_run(self, wildcards: Wildcards) -> dict[str, Any]:
        """Where a run is published."""
        return {"publish": self._jobs.config.publish.model_dump(mode="json"), "sources": self._sources("publish_run")}

    def build_report(self, wildcards: Wildcards) -> dict[str, Any]:
        """What the page shows."""
        return {
            "config": self._jobs.config.model_dump(mode="json", exclude={"publish"}),
            "runs": {name: self._shown(name) for name in self._runs},
            "sources": self._sources("build_report"),
        }

    def _shown(self, run: str) -> dict[str, Any]:
        """What the page shows of a run; older layers, settings and animations may lie beside it."""
        return {
            "layers": self._jobs.mapped(run),
            "settings": list(self._jobs.settings(run)),
            "tokens": self._jobs.token_mapped(run),
            "compared": run in self._jobs.compared_texts(),
            "animated": self._jobs.shards(run, self._jobs.animated(run)),
        }

    def _animated_in(self, wildcards: Wildcards) -> list[int]:
        """The animated samples of a shard."""
        first, size = int(wildcards.shard), self._runs[wildcards.run].samples.shard
        return [sample for sample in self._jobs.animated(wildcards.run) if first <= sample < first + size]

    def _mapped(self, run: str, maps: Maps) -> dict[str, Any]:
        return {"maps": maps.model_dump(mode="json", exclude=CHOICE), "fit": self._jobs.fitted(run)}

    def _render(self, run: str) -> dict[str, Any]:
        settings = self._runs[run].render.model_dump(mode="json", exclude={"samples", "rows", "columns", "attention"})
        return {"kind": self._runs[run].kind, "render": settings, "symbol": self._runs[run].time_symbol}

    def _sources(self, rule: str, *others: Path) -> str:
        return source_hash(self._scripts / f"{rule}.py", *others)


def _denoiser_source(run: Run) -> Path:
    return PACKAGE / "denoisers" / run.model.family / "denoiser.py"


def _bundled_content(name: str) -> str:
    """The hash of a bundled model's weights, from its scores, so that a touched file is no changed file."""
    return str(read_json(model_folder(name, BUNDLED) / "scores.json")["weights"]["sha256"])
