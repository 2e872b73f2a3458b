"""What discovery found in the carrier's systems, held against the data map, and what people said to it."""
