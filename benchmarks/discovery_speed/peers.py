"""Run by the peers' own interpreter: times Presidio's pattern recognisers and GiNZA, tells figures and spans as JSON.

Reads from standard input {"texts": [...], "sentences": [...], "rounds": n}; knows nothing of Sekisho.
"""

import importlib.metadata
import json
import statistics
import sys
import time


def main() -> None:
    """Both peers, each on what it is for."""
    asked = json.load(sys.stdin)
    told = {"versions": {}, "presidio": {}, "ginza": {}}
    told["presidio"] = presidio(asked["texts"], asked["rounds"])
    told["ginza"] = ginza(asked["sentences"])
    for name in ("presidio-analyzer", "spacy", "ginza", "ja-ginza", "regex"):
        told["versions"][name] = importlib.metadata.version(name)
    told["versions"]["python"] = sys.version.split()[0]
    json.dump(told, sys.stdout)


def presidio(texts: dict[str, list[str]], rounds: int) -> dict[str, object]:
    """Its predefined pattern recognisers for English: it has none for Japanese."""
    from presidio_analyzer import PatternRecognizer, RecognizerRegistry

    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    recognisers = [one for one in registry.recognizers if isinstance(one, PatternRecognizer)]
    seconds = {}
    for name, many in texts.items():
        took = []
        for _ in range(rounds):
            began = time.process_time()
            for text in many:
                for one in recognisers:
                    one.analyze(text, one.supported_entities, None)
            took.append(time.process_time() - began)
        seconds[name] = statistics.median(took)
    return {"recognisers": len(recognisers), "seconds": seconds}


def ginza(sentences: list[str]) -> dict[str, object]:
    """Its pipeline as it comes; a name is what it calls Person."""
    import spacy

    pipeline = spacy.load("ja_ginza")
    pipeline("山田太郎")
    began = time.process_time()
    spans = [
        [(one.start_char, one.end_char) for one in pipeline(sentence).ents if one.label_ == "Person"]
        for sentence in sentences
    ]
    return {"seconds": time.process_time() - began, "spans": spans}


if __name__ == "__main__":
    main()
