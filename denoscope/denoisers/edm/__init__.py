"""EDM-preconditioned pixel UNets: ImageNet-64 (EDM, DMD2) and the bundled digits."""
