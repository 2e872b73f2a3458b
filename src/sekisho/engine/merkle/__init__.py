"""RFC 6962 hash tree, proofs, tlog-tiles layout, signed checkpoints, canonical JSON (RFC 8785), salted commitments."""
