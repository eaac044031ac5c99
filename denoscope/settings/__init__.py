"""What each stage may be told: one pydantic model per section of the configuration, one file per stage."""
