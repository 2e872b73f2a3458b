"""The promise board: sentence of the policy, its control, its latest evidence."""
