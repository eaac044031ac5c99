"""Architectures that no library ships, with the tensor names of the published checkpoints."""
