"""What denoscope costs, measured against the alternatives: ``python -m benchmarks``."""
