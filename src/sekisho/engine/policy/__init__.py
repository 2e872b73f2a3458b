"""The policy language: load, validate, render, diff."""
