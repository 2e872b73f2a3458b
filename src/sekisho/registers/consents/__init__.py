"""Append-only consents and objections, with the notice shown and the channel; an epoch for every change."""
