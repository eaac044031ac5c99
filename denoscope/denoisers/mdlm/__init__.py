"""MDLM: masked diffusion with its own transformer, and ATAT, which adds importance."""
