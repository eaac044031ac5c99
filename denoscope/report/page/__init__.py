"""The report's page: its data, its template, and its script's modules under ``assets/``."""
