"""Training of small text-to-image and text-to-video pipelines on generated scenes."""
