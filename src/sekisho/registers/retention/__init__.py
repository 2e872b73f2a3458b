"""Periods, holds, due items, erasure plans, their steps, and certificates."""
