"""Rules and limits of other tools' files: what they mean here, what is said where it cannot be kept, and what stops."""

import tracemalloc

import pytest

from assessments.items.exchange.gift import write_gift
from assessments.items.exchange.outcomes import ExchangeError, Outcome
from assessments.items.exchange.qti_package import read_package
from assessments.items.exchange.qti_read import _Item
from assessments.items.exchange.reading import read_file
from assessments.items.registry import item_type
from tests.assessments.items_more.test_exchange import archive
from tests.effort import little_effort

ITEM = (
    '<assessmentItem identifier="x" title="t"><itemBody><p>q</p><{0} responseIdentifier="R"/></itemBody>'
    "</assessmentItem>"
)


def notes(outcome: Outcome) -> list[str]:
    return [note.reason for note in outcome.notes]


def one(text: str) -> Outcome:
    """The only question of a file."""
    (outcome,) = read_file(text.encode()).outcomes
    return outcome


# --- hostile files ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", sorted({each.strip("_") for each in (*dir(_Item), "cloze", "stem", "words", "")}))
def test_interaction_named_after_anything_of_the_reader_is_refused_or_read(name):
    outcome = one(ITEM.format(f"{name}Interaction"))
    assert isinstance(outcome, Outcome)
    known = name in ("choice", "hottext", "order", "match", "gapmatch", "textentry", "extendedtext")
    assert known or notes(outcome) == ["no_such_type"]


def test_item_that_cannot_be_read_does_not_take_the_others_along(monkeypatch):
    def fail(_item, _interaction):
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(_Item, "_order", fail)
    good, bad = ITEM.format("extendedTextInteraction").encode(), ITEM.format("orderInteraction").encode()
    outcomes = read_package(archive(**{"a.xml": bad, "b.xml": good}))
    assert [each.status for each in outcomes] == ["refused", "approximated"]
    assert notes(outcomes[0]) == ["not_readable"]


def many(text: str, count: int) -> str:
    return "".join(text.format(number) for number in range(count))


def item(body: str, declared: str = "", processing: str = "") -> str:
    return f'<assessmentItem identifier="a">{declared}<itemBody>{body}</itemBody>{processing}</assessmentItem>'


VALUES = many("<value>c{0}</value>", 45_000)
ENTRIES = many('<mapEntry mapKey="c{0}" mappedValue="1"/>', 45_000)
OPTIONS = many('<simpleChoice identifier="c{0}">w{0}</simpleChoice>', 45_000)
TEXTS = many('<gapText identifier="g{0}">w{0}</gapText>', 100_000) + many('<gap identifier="G{0}"/>', 20)
WORDS = many("<selectoption><text>w{0}</text></selectoption>", 45_000)
PLACES = many("[[{0}]] ", 21).removeprefix("[[0]] ")
FILLED = many('<textEntryInteraction responseIdentifier="X{0}"/>', 20)
CONDITION = '<responseCondition><responseIf><match><variable identifier="Y"/></match></responseIf></responseCondition>'
LONG = {
    "questions": "<quiz>" + '<question type="essay"/>' * 140_000 + "</quiz>",
    "gift": "a{T}\n\n" * 400_000,
    "aiken": "a\nA. x\nB. y\nANSWER: A\n" * 100_000,
    "options": item(
        f'<choiceInteraction responseIdentifier="R">{OPTIONS}</choiceInteraction>',
        f'<responseDeclaration identifier="R"><correctResponse>{VALUES}</correctResponse><mapping>{ENTRIES}</mapping>'
        "</responseDeclaration>",
    ),
    "declarations": item(FILLED, many('<responseDeclaration identifier="R{0}"/>', 100_000)),
    "conditions": item(FILLED, "", f"<responseProcessing>{CONDITION * 30_000}</responseProcessing>"),
    "texts": item(f'<gapMatchInteraction responseIdentifier="R">{TEXTS}</gapMatchInteraction>'),
    "words": '<quiz><question type="gapselect"><questiontext><text>'
    f"{PLACES}</text></questiontext>{WORDS}</question></quiz>",
}


@pytest.mark.parametrize("name", LONG)
def test_file_of_far_too_much_is_refused_soon_and_in_bounded_memory(name):
    data = LONG[name].encode()
    with little_effort():
        reason = refusal(data)
    assert reason == ("too_many_questions" if name in ("questions", "gift", "aiken") else "too_many_parts")


def test_words_offered_in_every_gap_do_not_fill_the_memory():
    data = LONG["texts"].encode()
    tracemalloc.start()
    try:
        refusal(data)
        assert tracemalloc.get_traced_memory()[1] < 150 * 2**20
    finally:
        tracemalloc.stop()


def refusal(data: bytes) -> str:
    """Why a file, or the only question of it, is refused."""
    try:
        (outcome,) = read_file(data).outcomes
    except ExchangeError as error:
        return error.reason
    return notes(outcome)[0]


def test_question_with_as_many_parts_as_is_usual_is_not_refused_for_them():
    options = many('<simpleChoice identifier="c{0}">w{0}</simpleChoice>', 8)
    declared = (
        '<responseDeclaration identifier="R"><correctResponse><value>c1</value></correctResponse></responseDeclaration>'
    )
    outcome = one(item(f'<p>q</p><choiceInteraction responseIdentifier="R">{options}</choiceInteraction>', declared))
    assert outcome.kind == "single_choice"


# --- words ------------------------------------------------------------------------------------------------------------
def test_html_of_gift_comes_as_people_read_it():
    outcome = one(
        "::q::[html]<p>Th&agrave;nh ph&ocirc; n&agrave;o l&agrave; th&#7911; &#273;&ocirc;?</p><p>C&acirc;u 2</p> "
        "{=[html]<p>H&agrave; N&#7897;i</p>#<p>\u0110&uacute;ng</p> ~Hu&#7871; ~A<br>B ~C &#61; D}"
    )
    assert outcome.content is not None
    assert outcome.content["stem"]["vi"] == "Thành phô nào là thủ đô?\nCâu 2"
    assert [each["vi"] for each in outcome.content["options"]] == ["Hà Nội", "Huế", "A\nB", "C = D"]
    short = one("::q::[html]<p>Th&ocirc;?</p> {=H&agrave; N&#7897;i}")
    assert short.content is not None
    assert short.content["accepted"]["vi"] == ["Hà Nội"]


@pytest.mark.parametrize(
    "text",
    [
        "Is 3 < 5 and 7 > 2? {T}",
        "<quiz><question type='essay'><questiontext format='html'><text>Is 3 &lt; 5 and 7 &gt; 2?</text></questiontext>"
        "</question></quiz>",
        "[plain]Is 3 < 5 and 7 > 2? {T}",
    ],
)
def test_comparison_is_no_markup(text):
    outcome = one(text)
    assert outcome.content is not None
    assert outcome.content["stem"]["vi"] == "Is 3 < 5 and 7 > 2?"
    assert "markup_dropped" not in notes(outcome)


def test_plain_text_of_moodle_keeps_what_looks_like_markup():
    outcome = one(
        "<quiz><question type='essay'><questiontext format='plain_text'><text>Gửi &lt;HỌ TÊN&gt; &amp;amp; x</text>"
        "</questiontext></question></quiz>"
    )
    assert outcome.content is not None
    assert outcome.content["stem"]["vi"] == "Gửi <HỌ TÊN> &amp; x"


@pytest.mark.parametrize("text", ["Viết thư cho <HỌ TÊN>", "AT&T; &lt; là <", "&#60; a*b", "dòng 1\n\ndòng 2"])
def test_what_looks_like_markup_comes_back_from_gift(text):
    module = item_type("short_text")
    content = module.parse_content(module.SAMPLE).to_dict()
    content |= {"stem": {"vi": text, "en": text}, "accepted": {"vi": [text.replace("\n", " ")], "en": ["x"]}}
    outcome = one(write_gift([("q", content)], "vi")[0])
    assert outcome.content is not None
    assert outcome.content["stem"]["vi"] == text
    assert outcome.content["accepted"]["vi"] == [" ".join(text.split("\n"))]


# --- what is right ----------------------------------------------------------------------------------------------------
def test_wildcards_of_gift_are_refused():
    assert notes(one("Hiện tượng gì? {=hallucinat*}")) == ["wildcards"]


def multichoice(single: str, *shares: str) -> Outcome:
    options = "".join(
        f"<answer fraction='{share}'><text>o{place}</text></answer>" for place, share in enumerate(shares)
    )
    return one(
        "<quiz><question type='multichoice'><questiontext><text>Q?</text></questiontext>"
        f"<single>{single}</single>{options}</question></quiz>"
    )


def right_options(outcome: Outcome) -> list[str]:
    assert outcome.content is not None
    return [each["vi"] for each in outcome.content["options"] if each["correct"]]


def test_question_of_one_answer_never_asks_for_two():
    assert notes(multichoice("true", "100", "100", "-50")) == ["several_whole"]
    half = multichoice("true", "50", "80", "0")
    assert (half.kind, right_options(half)) == ("single_choice", ["o1"])
    assert "weights" in notes(half)
    assert multichoice("false", "50", "50", "-50").kind == "multiple_choice"
    assert notes(one("Q? {=a =b ~c}")) == ["several_whole"]
    assert right_options(one("Q? {=a ~%50%b ~c}")) == ["a"]
    assert right_options(one("Q? {~%50%a ~%50%b ~%-100%c}")) == ["a", "b"]


def test_number_with_shares_is_the_one_that_gives_all():
    outcome = one("Năm nào? {#=%50%1822:5 =1822:0}")
    assert outcome.content is not None
    assert outcome.content["tolerance"] == {"absolute": "0"}
    assert "weights" in notes(outcome)


ENTRY = '<mapEntry mapKey="{}" mappedValue="{}"/>'
PAIRS = (
    '<matchInteraction responseIdentifier="R"><prompt>P</prompt><simpleMatchSet>'
    '<simpleAssociableChoice identifier="a">Một</simpleAssociableChoice>'
    '<simpleAssociableChoice identifier="b">Hai</simpleAssociableChoice></simpleMatchSet><simpleMatchSet>'
    '<simpleAssociableChoice identifier="x">One</simpleAssociableChoice>'
    '<simpleAssociableChoice identifier="y">Two</simpleAssociableChoice></simpleMatchSet></matchInteraction>'
)
INLINE = (
    '<p>A <inlineChoiceInteraction responseIdentifier="R"><inlineChoice identifier="a">Một</inlineChoice>'
    '<inlineChoice identifier="b">Hai</inlineChoice></inlineChoiceInteraction></p>'
)
ENTERED = '<p>A <textEntryInteraction responseIdentifier="R"/> B.</p>'
ROWS = "<p>Q</p><table><tr><td>1</td><td>2</td></tr></table><extendedTextInteraction responseIdentifier='R'/>"
WHOLE = '<responseProcessing template="http://www.imsglobal.org/question/qti_v2p1/rptemplates/match_correct"/>'


def declared(*entries: str, correct: str = "", base: str = "identifier") -> str:
    right = f"<correctResponse>{correct}</correctResponse>" if correct else ""
    return (
        f'<responseDeclaration identifier="R" baseType="{base}">{right}<mapping>{"".join(entries)}</mapping>'
        "</responseDeclaration>"
    )


def test_mapping_alone_is_a_key_of_pairs_and_gaps():
    pairs = one(item(PAIRS, declared(ENTRY.format("a x", 1), ENTRY.format("b y", 2))))
    assert pairs.content is not None
    assert [each["match"]["vi"] for each in pairs.content["pairs"]] == ["One", "Two"]
    assert "weights" in notes(pairs)
    gap = one(item(INLINE, declared(ENTRY.format("a", 0.5), ENTRY.format("b", 1))))
    assert gap.content is not None
    assert [each["correct"] for each in gap.content["gaps"]["gap1"]["options"]] == [False, True]


def test_the_condition_that_gives_the_most_points_is_the_key():
    compared = (
        "<response{0}><match><variable identifier='R'/><baseValue baseType='identifier'>{1}</baseValue></match>"
        "<setOutcomeValue identifier='SCORE'><baseValue baseType='float'>{2}</baseValue></setOutcomeValue>"
        "</response{0}>"
    )
    said = "<responseDeclaration identifier='R' baseType='identifier'/>"
    for partial, whole in (("a", "b"), ("b", "a")):
        conditions = compared.format("If", partial, 0.5) + compared.format("ElseIf", whole, 1)
        ruled = f"<responseProcessing><responseCondition>{conditions}</responseCondition></responseProcessing>"
        gap = one(item(INLINE, said, ruled))
        assert gap.content is not None
        marked = [each["correct"] for each in gap.content["gaps"]["gap1"]["options"]]
        assert (marked, "weights" in notes(gap)) == ([whole == "a", whole == "b"], True)


@pytest.mark.parametrize(
    ("low", "high", "tolerance"),
    [("gte 4", "lte 6", ("5", "1")), ("gt 4.5", "lt 6", ("5.25", "0.75")), ("gte 5.5", "lte 6", ("5", "0"))],
)
def test_limits_of_a_number_are_its_tolerance(low, high, tolerance):
    """Limits that leave out the right number itself are not understood, and not guessed at."""
    compared = (
        "<{0}><variable identifier='R'/><baseValue baseType='float'>{1}</baseValue></{0}>".format(*each.split())
        for each in (low, high)
    )
    ruled = f"<responseProcessing><responseCondition><responseIf><and>{''.join(compared)}</and>"
    ruled += "</responseIf></responseCondition></responseProcessing>"
    number = one(item(ENTERED, declared(correct="<value>5</value>", base="float"), ruled))
    assert number.content is not None
    assert (number.content["answer"], number.content["tolerance"]["absolute"]) == tolerance
    assert "own_processing" in notes(number)


def test_what_is_scored_otherwise_here_is_said():
    right = "<value>a x</value><value>b y</value>"
    assert "parts_count" in notes(one(item(PAIRS, declared(correct=right), WHOLE)))
    number = declared(ENTRY.format("3.14", 1), ENTRY.format("3", 0.5), base="float")
    assert "weights" in notes(one(item(ENTERED, number)))
    moodle = (
        "<quiz><question type='cloze'><questiontext><text>A {{{}:SA:=x}} {{1:SA:=y}}</text></questiontext></question>"
        "</quiz>"
    )
    assert "weights" in notes(one(moodle.format(3)))
    assert "weights" not in notes(one(moodle.format(1)))


def test_place_of_an_entry_and_cells_stand_apart():
    entered = one(item(ENTERED, declared(correct="<value>x</value>", base="string")))
    assert entered.content is not None
    assert entered.content["stem"]["vi"] == "A ____ B."
    rows = one(item(ROWS))
    assert rows.content is not None
    assert rows.content["stem"]["vi"].splitlines() == ["Q", "1 2"]


def test_refusals_hold_no_words_of_a_parser():
    for data in (b"<quiz><question", b"PK\x03\x04 no zip"):
        with pytest.raises(ExchangeError) as caught:
            read_file(data)
        assert not any(char.isalpha() for char in caught.value.detail)


def test_gap_of_moodle_with_two_whole_answers_is_refused_and_half_credit_is_said():
    gaps = "<quiz><question type='cloze'><questiontext><text>A {{1:{}}}</text></questiontext></question></quiz>"
    two = one(gaps.format("MULTICHOICE:=Vientiane~=Viang Chan~Hue"))
    assert (two.content, notes(two)) == (None, ["several_whole"])
    assert one(gaps.format("SHORTANSWER:=Vientiane~=Viang Chan")).content is not None
    number = (
        "<quiz><question type='numerical'><questiontext><text>Q</text></questiontext>"
        "<answer fraction='100'><text>5</text><tolerance>0.1</tolerance></answer>"
        "<answer fraction='{}'><text>5</text><tolerance>1</tolerance></answer></question></quiz>"
    )
    assert "weights" in notes(one(number.format(50)))
    assert "weights" not in notes(one(number.format(0)))
