"""What was run: the facts of a run in words and tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from denoscope.maps.files import read_map
from denoscope.run import Run


def overview(run: Run, layers: Sequence[str]) -> dict[str, Any]:
    """The facts of a run and of the maps of its ``layers`` for the page's overview."""
    info = run.info
    settings, shards, checkpoint = info["settings"], info["shards"], info["checkpoint"]
    seconds = sum(shard["seconds"] for shard in shards)
    made = sum(shard["samples_made_now"] for shard in shards)
    source = checkpoint["source"]
    return {
        "name": info["run"],
        "facts": [
            ("Samples", f"{info['samples']:,} in {len(shards)} shards"),
            ("Steps", f"{len(run.times)} states, {info['time_symbol']} from {run.times[0]:g} to {run.times[-1]:g}"),
            *info["facts"].items(),
            ("Run seed", f"{settings['seed']} (each sample's own seed is in samples.parquet)"),
            (
                "Sampling",
                f"{seconds:.0f} s, {made / seconds:.2f} samples/s on {shards[0]['device']}" if made else "resumed",
            ),
            ("Peak memory", _memory(shards)),
            ("Recording", recording(info["verified"])),
        ],
        "checkpoint": [
            ("Name", source["name"]),
            ("Source", f"{source['source']} {_listed(source, 'source', 'name', 'licence')}"),
            ("Licence", checkpoint["licence"]),
            *_weights(checkpoint["files"]),
        ],
        "layers": [(name, "×".join(map(str, shape))) for name, shape in info["layers"].items()],
        "attention": list(run.attention_layers),
        "maps": [map_row(run.folder / "maps" / layer, layer) for layer in layers],
        "versions": sorted(shards[0]["versions"].items()),
        "shards": [
            (
                shard["folder"].rpartition("/")[2],
                shard["samples"],
                f"{shard['seconds']:.1f}",
                f"{shard['samples_per_second'] or 0:.2f}",
                f"{shard['peak_host_bytes'] / 1e6:.0f}",
            )
            for shard in shards
        ],
    }


def _weights(files: dict[str, Any]) -> list[tuple[str, str]]:
    """Name, size and hash of every file with weights."""
    weights = [(name, entry) for name, entry in files.items() if name.endswith(".safetensors")]
    return [
        row
        for name, entry in weights
        for row in (("File", f"{name}, {entry['bytes'] / 1e6:.2f} MB"), ("SHA-256", entry["sha256"]))
    ]


def recording(proofs: Sequence[dict[str, Any]]) -> str:
    """What is known of recording's effect on the samples."""
    if not proofs:
        return "not compared with sampling without it (record.verify)"
    compared = f"{sum(proof['samples'] for proof in proofs):,} samples made again without it: "
    if wrong := [min(proof["differ"]) for proof in proofs if proof["differ"]]:
        return f"{compared}{len(wrong)} of {len(proofs)} shards DIFFER, from step {min(wrong)} on"
    return f"{compared}bit-identical at all {proofs[0]['steps']} steps"


def _listed(settings: dict[str, Any], *but: str) -> str:
    return ", ".join(f"{key} {value}" for key, value in settings.items() if value is not None and key not in but)


def _memory(shards: list[dict[str, Any]]) -> str:
    host = max(shard["peak_host_bytes"] for shard in shards) / 1e6
    device = max(shard["peak_device_bytes"] for shard in shards) / 1e6
    return f"{host:.0f} MB" + (f", {device:.0f} MB on the device" if device else "")


def map_row(folder: Path, layer: str) -> tuple[str, str, str, str, str]:
    """How far the maps of a layer can be believed, and how they were made."""
    _, about = read_map(folder)
    trust, kept = about["trustworthiness"], about["preservation"]
    return (
        layer,
        f"{min(trust):.3f} to {max(trust):.3f}",
        f"{100 * min(kept):.0f} to {100 * max(kept):.0f} %",
        about["searched"],
        about["engine"],
    )
