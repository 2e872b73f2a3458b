"""RFC 6962 hash tree, proofs, and signed checkpoints."""
