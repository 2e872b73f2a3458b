"""How far a stop of use reaches: every purpose, one purpose, one class under one purpose, or one class under every purpose.

Source: APPI art. 35 (to the extent needed).
"""

EVERYTHING = "*"


def stop_scope(purpose: str, data_class: str = "") -> str:
    """The scope of a stop of use: of a purpose (`*`: every one), or of one class under it."""
    return f"{purpose}/{data_class}" if data_class else purpose


def stop_scopes(purpose: str, data_class: str) -> tuple[str, ...]:
    """The scopes by which one class is stopped under one purpose, besides `*`."""
    return (stop_scope(purpose), stop_scope(purpose, data_class), stop_scope(EVERYTHING, data_class))


def parts_of(scope: str) -> tuple[str, str]:
    """Purpose and class of a scope; no class where it is of a whole purpose."""
    purpose, _, data_class = scope.partition("/")
    return purpose, data_class
