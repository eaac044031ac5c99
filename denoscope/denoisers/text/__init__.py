"""What all text families share: prompts, samplers, and what is recorded of tokens."""
