"""Films and figures of where words are seen: maps of attention, alone or over pictures. Pure drawing."""
