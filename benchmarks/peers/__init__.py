"""Recording words' attention: denoscope against attention-map-diffusers and DAAM."""
