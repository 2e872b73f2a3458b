"""One shape for every error an API answers with: problem details (RFC 9457) with our code and remedy."""

from django.http import JsonResponse

from sekisho.engine.errors import SekishoError


class ProblemResponse(JsonResponse):
    """`application/problem+json`: what is wrong, its stable code, and what can be done about it."""

    def __init__(self, *, status: int, code: str, title: str, remedy: str = "", **more: object) -> None:
        body = {"type": f"urn:sekisho:{code}", "status": status, "code": code, "title": title, "remedy": remedy}
        super().__init__(body | more, status=status, content_type="application/problem+json")
        self["Cache-Control"] = "no-store"


def problem_of(error: SekishoError, *, status: int = 422, language: str = "ja") -> ProblemResponse:
    """A coded error as a problem."""
    return ProblemResponse(status=status, code=error.code, title=error.message(language), remedy=error.remedy(language))
