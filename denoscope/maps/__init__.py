"""Maps of recorded activations: features, neighbours, projection, clusters, similarity. No torch here."""
