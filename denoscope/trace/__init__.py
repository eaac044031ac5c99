"""The trace: everything that was recorded of a shard, in three files. No torch here."""
