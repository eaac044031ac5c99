"""Trains text models: diffusion by variable masking, ATAT's adaptive masking, and an autoregressive twin."""
