"""What the Snakefile asks: which jobs there are and what decides each one's bytes. Starts in a fraction of a second."""
