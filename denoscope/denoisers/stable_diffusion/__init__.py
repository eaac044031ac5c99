"""Stable Diffusion: latent diffusion with a UNet that reads a CLIP-encoded prompt."""
