"""What leaves the server, byte by byte: a village with a marked word in every field, synced as every role."""
