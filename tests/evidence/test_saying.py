"""A sentence of a proof is said once and read in two languages."""

from sekisho.engine.policy.model import Text
from sekisho.evidence.saying import english_of, said, together


def test_a_sentence_is_its_japanese_and_knows_its_english() -> None:
    sentence = said("請求 {n:,}件、期限を過ぎたもの {late:,}件", n=12_345, late=1)
    assert sentence == "請求 12,345件、期限を過ぎたもの 1件"
    assert sentence.en == "12,345 requests, 1 past the deadline"


def test_values_speak_the_language_of_their_sentence() -> None:
    parts = [said("{whose}の{part}", whose=Text("音声通話", "voice"), part=said("ページ")), "X-1"]
    sentence = said("{what}が公表されていません", what=parts)
    assert sentence == "音声通話のページ、X-1が公表されていません"
    assert sentence.en == "Not published: page of “voice”, X-1"


def test_what_nobody_translated_has_no_english() -> None:
    assert said("だれも訳していない文").en == ""
    assert english_of("ふつうの文字列") == ""
    assert together(said("許可"), said("だれも訳していない文")).en == ""
    assert together(said("許可"), said("判断")) == "許可。判断"
