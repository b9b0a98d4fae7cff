"""An exchange on loopback that speaks the real wire formats. Demo, tests, benchmarks and screenshots use it."""
