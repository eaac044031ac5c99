"""WAN: a transformer that turns noise into films as a prompt says."""
