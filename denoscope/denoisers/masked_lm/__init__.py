"""Masked language models of transformers, as RoBERTa, used as text diffusion."""
