"""Pure values in, values out: policy, law, gate, erasure planning, hash tree. No Django, network, files, clock or randomness."""
