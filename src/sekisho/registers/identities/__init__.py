"""Who is who, over time: person × line × interval, names, salts, pseudonym keys, suppressions, tombstones."""
