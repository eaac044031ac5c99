"""Texts that a sampler writes step by step: what changed, what each token looks like. no torch."""
