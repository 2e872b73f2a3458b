"""The letter that answers a complaint: what was found, in the desk's own words, and where else one may turn."""

from datetime import date, datetime

from sekisho.casework.subject_requests.queries.letter_page import Recipient, Writing, set_letter, told_day, words_of
from sekisho.connectors.signs import shown


def complaint_letter(
    ref: str, to: Recipient, *, received_on: date, answered: str, at: datetime, language: str = "ja"
) -> bytes:
    """The letter as PDF. `answered`: the words of the answer, a paragraph a line. Raises what typesetting raises."""
    own = words_of(language)["complaint"]
    told = [shown(line.strip()) for line in answered.splitlines() if line.strip()]
    named = {"reference": ref, "arrived": told_day(received_on, language)}
    named |= {f"told{number}": line for number, line in enumerate(told)}
    opening = [own["opening"], *(f"{{told{number}}}" for number in range(len(told)))]
    return set_letter(
        to, Writing(own={**own, "opening": opening}, named=named, complain="complain_again"), at=at, language=language
    )
