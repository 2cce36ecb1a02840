"""The simulator: many phones, one real registry, and everything that can go wrong between them, from one seed."""
