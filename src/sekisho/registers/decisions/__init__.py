"""The decision point: gathers facts, asks the gate, seals the answer before giving it. Source: DESIGN.md section 5."""
