"""Whether a word meant for a register (a file number, a reason, what is held) names somebody."""

from sekisho.engine.scanning.recogniser import Grade, Words
from sekisho.engine.scanning.recognisers import RECOGNISERS
from sekisho.engine.scanning.text import scan
from sekisho.engine.scanning.weighing import FORM_AND_NEAR


def people_in(said: str) -> tuple[Words, ...]:
    """Labels of what the product's recognisers take for a person's data, in one order.

    An authority's name may look like an address (兵庫県警察 …), so addresses alone are not told.
    """
    of_people = tuple(one for one in RECOGNISERS if one.grade > Grade.NOT_PERSONAL and one.type != "address")
    found = {one.label for one in scan(said, recognisers=of_people, threshold=FORM_AND_NEAR)}
    return tuple(sorted(found, key=lambda label: label.en))
