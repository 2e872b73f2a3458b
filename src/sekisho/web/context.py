"""What every page knows: the carrier's name."""

from django.http import HttpRequest


def carrier(request: HttpRequest) -> dict[str, object]:
    """Nothing yet beyond the request itself."""
    return {"today_path": request.path}
