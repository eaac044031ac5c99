"""Pictures and animations of recorded steps. No torch and no matplotlib here: frames are numpy arrays."""
