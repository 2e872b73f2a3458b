"""What is wrong with a policy as a policy, though the document can be read: one small function per finding."""

from sekisho.engine.policy.lint.rules import RULES, lint

__all__ = ["RULES", "lint"]
