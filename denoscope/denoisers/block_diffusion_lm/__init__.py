"""Block-diffusion language models, as LLaDA2 and DiffusionGemma, sampled by the pipelines of diffusers."""
