"""Words of a prompt as columns of an attention map. No torch."""
