"""The sampling stage: runs a denoiser over a shard and records it."""
