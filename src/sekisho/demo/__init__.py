"""The invented carrier: its people, systems, planted defects, and the story."""
