"""What a run will take, from shapes alone: evaluations, disk, memory. No torch."""
