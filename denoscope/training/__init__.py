"""Trains the small models that ship here, each reproducible from its recipe."""
