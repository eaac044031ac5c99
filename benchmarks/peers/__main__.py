"""``python -m benchmarks.peers``: this table alone."""

from benchmarks.peers.table import main

main()
