"""The report: paper figures and one page that opens without a network. Nothing imports this package."""
