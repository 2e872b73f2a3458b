"""A stand-alone page of the published text: semantic HTML or Markdown, nothing to load, no inline style."""

from collections.abc import Iterator
from html import escape

from sekisho.engine.law.pack import Law
from sekisho.engine.policy.model import Policy
from sekisho.engine.policy.phrases import Speech
from sekisho.engine.policy.render import RenderedClause, Section, render


def html(policy: Policy, law: Law, language: str = "ja") -> str:
    """The page as HTML; every clause has its id as anchor."""
    title = escape(Speech(policy=policy, law=law, language=language).text(policy.title))
    return "\n".join(
        (
            "<!doctype html>",
            f'<html lang="{language}">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title>",
            "</head>",
            "<body>",
            "<main>",
            f"<h1>{title} <small>Ver. {escape(policy.version)}</small></h1>",
            *(line for section in render(policy, law, language) for line in _section(section)),
            "</main>",
            f"<footer><p>{escape(policy.era)} <code>{policy.sha256}</code></p></footer>",
            "</body>",
            "</html>",
            "",
        )
    )


def markdown(policy: Policy, law: Law, language: str = "ja") -> str:
    """The page as Markdown; every clause has its id as anchor."""
    speech = Speech(policy=policy, law=law, language=language)
    lines = [f"# {speech.text(policy.title)} Ver. {policy.version}", ""]
    for section in render(policy, law, language):
        lines += [f"## {section.heading}", ""]
        for clause in section.clauses:
            lines += [f'<a id="{clause.id}"></a>**{clause.id}** {clause.sentence}', ""]
            lines += [f"- {detail}" for detail in clause.details]
            lines += [""] if clause.details else []
            lines += [f"> {clause.plain}", ""] if clause.plain else []
    return "\n".join(lines)


def _section(section: Section) -> Iterator[str]:
    yield f'<section aria-labelledby="{section.id}">'
    yield f'<h2 id="{section.id}">{escape(section.heading)}</h2>'
    for clause in section.clauses:
        yield from _clause(clause)
    yield "</section>"


def _clause(clause: RenderedClause) -> Iterator[str]:
    yield f'<article id="{clause.id}">'
    yield f"<p><b>{clause.id}</b> {escape(clause.sentence)}</p>"
    if clause.details:
        yield "<ul>"
        yield from (f"<li>{escape(detail)}</li>" for detail in clause.details)
        yield "</ul>"
    if clause.plain:
        yield f"<aside><p>{escape(clause.plain)}</p></aside>"
    yield "</article>"
