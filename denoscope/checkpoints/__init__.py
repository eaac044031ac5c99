"""Checkpoints: fetched, verified, turned into safetensors, and described by a manifest."""
