"""Processing in the Data Privacy Vocabulary: only terms it has, JSON-LD and Turtle saying the same, nothing left out.

No RDF library is among the dependencies: the Turtle is read here by a parser of its own, the JSON-LD by expansion.
"""

import json
import re
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from sekisho.engine.policy.load import load as load_policy
from sekisho.engine.policy.model import Policy
from sekisho.entrypoints.cli.datamap import command
from sekisho.registers.datamap import rules

ROOT = Path(__file__).resolve().parents[3]
TERMS = dict(
    line.split()
    for line in (ROOT / "tests/fixtures/dpv-2.3-terms.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
)
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
TOKEN = re.compile(
    r'<(?P<iri>[^<>"{}|^`\\\s]*)>|(?P<text>"(?:[^"\\\n\r]|\\[tbnrf"\\]|\\u[0-9A-Fa-f]{4})*")'
    r"(?:@(?P<language>[a-z]+)|\^\^(?P<type>[a-z]+:\w+))?|(?P<name>[a-z]+:[\w-]+)|(?P<sign>[;,.]|a\b)|(?P<space>\s+)"
)
Triple = tuple[str, str, tuple[str, str, str]]


def exported(folder: Path, syntax: str) -> str:
    answer = CliRunner().invoke(command, ["export", "--to", "dpv", "--syntax", syntax, "--folder", str(folder)])
    assert answer.exit_code == 0, answer.output
    return answer.stdout


@pytest.fixture(params=["arlink", "carrier"])
def folder(request: pytest.FixtureRequest) -> Path:
    return ROOT / "policies" / str(request.param)


@pytest.fixture
def policy(folder: Path) -> Policy:
    return load_policy({path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.yaml")})


def of_json(text: str) -> set[Triple]:
    document = json.loads(text)
    prefixes = document["@context"]

    def whole(name: str) -> str:
        prefix, _, rest = name.partition(":")
        return prefixes[prefix] + rest if prefix in prefixes else name

    found: set[Triple] = set()
    for node in document["@graph"]:
        found |= {(node["@id"], RDF_TYPE, (whole(one), "", "")) for one in node["@type"]}
        for name, values in node.items():
            for value in () if name.startswith("@") else values:
                if "@id" in value:
                    found.add((node["@id"], whole(name), (whole(value["@id"]), "", "")))
                else:
                    kind = whole(value["@type"]) if "@type" in value else "text"
                    found.add((node["@id"], whole(name), (value["@value"], value.get("@language", ""), kind)))
    return found


def of_turtle(text: str) -> set[Triple]:
    prefixes = dict(re.findall(r"^@prefix ([a-z]+): <([^>]*)> \.$", text, re.MULTILINE))
    body = re.sub(r"^@prefix .*$", "", text, flags=re.MULTILINE)
    found: set[Triple] = set()
    at, subject, verb = 0, "", ""
    while at < len(body):
        token = TOKEN.match(body, at)
        assert token, f"no Turtle at {body[at : at + 40]!r}"
        at = token.end()
        group = token.groupdict()
        if group["space"] is not None:
            continue
        if group["sign"] in {".", ";", ","}:
            subject = subject if group["sign"] != "." else ""
            verb = verb if group["sign"] == "," else ""
            continue
        if group["sign"] == "a":
            term = (RDF_TYPE, "", "")
        elif group["text"] is not None:
            prefix, _, rest = (group["type"] or ":text").partition(":")
            term = (json.loads(group["text"]), group["language"] or "", prefixes.get(prefix, "") + rest)
        elif group["iri"] is not None:
            term = (group["iri"], "", "")
        else:
            prefix, _, rest = group["name"].partition(":")
            term = (prefixes[prefix] + rest, "", "")
        if not subject:
            subject = term[0]
        elif not verb:
            verb = term[0]
        else:
            found.add((subject, verb, term))
    return found


def test_both_syntaxes_say_the_same_and_only_terms_that_exist(folder: Path) -> None:
    as_json, as_turtle = exported(folder, "jsonld"), exported(folder, "turtle")
    triples = of_json(as_json)
    assert triples == of_turtle(as_turtle)
    kinds = {"https://w3id.org/dpv#": "dpv", "https://w3id.org/dpv/pd#": "pd"}
    for _, verb, (term, _, kind) in triples:
        for whole, prefix in kinds.items():
            if verb.startswith(whole):
                assert TERMS.get(f"{prefix}:{verb.removeprefix(whole)}") == "property", verb
            if not kind and term.startswith(whole):
                assert TERMS.get(f"{prefix}:{term.removeprefix(whole)}") == "class", term
    named = {subject for subject, _, _ in triples}
    ours = {term for _, _, (term, _, kind) in triples if not kind and term.startswith("urn:sekisho:")}
    assert ours <= named


def test_every_purpose_class_recipient_period_and_way_out_is_there(folder: Path, policy: Policy) -> None:
    triples = of_json(exported(folder, "jsonld"))
    about: dict[str, dict[str, set[str]]] = {}
    for subject, verb, (term, _, _) in triples:
        about.setdefault(subject.split(":", 3)[3], {}).setdefault(
            verb.rsplit("#", 1)[-1].rsplit("/", 1)[-1], set()
        ).add(term)
    assert {f"purpose:{one}" for one in policy.purposes} <= about.keys()
    assert {f"data:{one.id}.{field}" for one in policy.classes.values() for field in one.fields} <= about.keys()
    assert {f"recipient:{one}" for one in policy.recipients} <= about.keys()
    for one in policy.ways_out.values():
        said = about[f"way_out:{one.id}"]
        assert {term.rsplit(":", 1)[1] for term in said["hasRecipient"]} == set(one.to)
        assert {term.rsplit(":", 1)[1] for term in said["hasPersonalData"]} == set(one.items)
        assert said["source"] == {one.clause}
    for at, rule in enumerate(policy.retention):
        assert about[f"retention:{at + 1}"]["hasDuration"] == {rule.keep}
    secret = about["data:traffic.caller"]["type"]
    assert "https://w3id.org/dpv#SensitivePersonalData" in secret


def test_every_use_of_calls_stands_where_calls_are_kept(folder: Path, policy: Policy) -> None:
    triples = of_json(exported(folder, "jsonld"))
    uses = [at for at, use in enumerate(policy.uses) if use.items[0].startswith("traffic") and "customer" in use.of]
    assert uses
    for at in uses:
        stored = {
            term.split(":", 3)[3]
            for subject, verb, (term, _, _) in triples
            if subject.endswith(f":use:{at + 1}") and verb.endswith("hasStorageCondition")
        }
        assert "system:cdr" in stored
        assert any(one.startswith("retention:") for one in stored)


def test_the_terms_our_table_names_are_in_the_vocabulary() -> None:
    text = (ROOT / "src/sekisho/registers/datamap/rules/vocabularies.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)["dpv"]
    named = {term for key in ("items", "natures", "ways_out", "subjects") for term in table[key].values()}
    assert {TERMS.get(term) for term in named} == {"class"}
    assert rules.context()["dpv"] == "https://w3id.org/dpv#"
