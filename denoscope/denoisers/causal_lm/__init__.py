"""Autoregressive language models of transformers, as GPT-2, beside the diffusion ones."""
