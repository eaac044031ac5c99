"""Model families. Each is one package here: ``run.py`` holds its settings (no torch), ``denoiser.py`` the model."""
