"""Where a lake at a Spark cluster stands: the server's own url, and our two words in it."""

from urllib.parse import urlsplit

PORT = 15002  # Spark Connect's own
OURS = ("lake", "format")


def parts_of(url: str) -> tuple[str, str, str]:
    """The server's url without our words, the lake's folder (empty where none is told), its format."""
    place, _, told = url.partition("/;")
    words = dict(one.partition("=")[::2] for one in told.split(";") if one)
    theirs = ";".join(f"{name}={value}" for name, value in words.items() if name not in OURS)
    return f"{place}/;{theirs}" if theirs else place, words.get("lake", ""), words.get("format", "delta")


def address_of(url: str) -> tuple[str, int]:
    """The server's host and port."""
    place = urlsplit(url)
    return place.hostname or "", place.port or PORT
