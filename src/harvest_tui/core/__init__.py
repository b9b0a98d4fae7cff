"""The rules: pure functions on frozen values. No clock, file, network, screen or log."""
