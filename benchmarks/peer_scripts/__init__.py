"""What each peer is asked. These run in the peers' own Python, without bsna; data are in memory before the clock starts."""
