"""Contractors that hold data of ours: what they hold, orders to erase it, receipts, and who is late."""
