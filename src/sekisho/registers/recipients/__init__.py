"""Those to whom data may go: third parties, joint users, contractors, with their contracts."""
