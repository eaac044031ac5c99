"""What surrounds a job: files moved into place, logs, progress, devices, provenance."""
