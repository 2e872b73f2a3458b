"""Names that conditions may use, with their types. Apart from the loader, so that deciding loads no YAML."""

from collections.abc import Mapping

from sekisho.engine.policy.expression_tree import Kind
from sekisho.engine.policy.model import Policy
from sekisho.engine.policy.words import words


def expression_names(policy: Policy) -> Mapping[str, Kind]:
    """Every name a condition may use, with its type: fields of classes, attributes declared, and those of the vocabulary.

    An instant (`…_at`) has no place in conditions, which know days only.
    """
    fields = {
        f"{held.id}.{field.id}": Kind(field.type)
        for held in policy.classes.values()
        for field in held.fields.values()
        if not field.id.endswith("_at")
    }
    declared = {name: Kind(attribute.type) for name, attribute in policy.attributes.items()}
    return fields | declared | {name: Kind(word.type) for name, word in words()["attributes"].items()}
