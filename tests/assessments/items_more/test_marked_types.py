"""Essay, file upload and prompt: a person marks them by a rubric."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.items import essay, file_upload, prompt
from assessments.items.personal_data import PATTERNS, find_personal_data
from assessments.items.registry import MARKED_TYPES
from assessments.items.rubric import MarksError
from tests.assessments.items.content import text
from tests.assessments.items_more.refusals import problems_of, refusal_of
from tests.assessments.items_more.test_assigning_types import changed
from tests.assessments.items_more.twins import RUBRIC, frame

ESSAY = frame("essay", words={"least": 2, "most": 5}, rubric=RUBRIC, example=text("example"))
UPLOAD = frame("file_upload", files={"most": 2, "types": ["pdf", "xlsx"], "megabytes": 1}, rubric=RUBRIC)
MENTION = {**text("says the tone"), "phrases": {"vi": ["văn phong", "giọng hòa nhã"], "en": ["tone"]}}
NAME = {**text("does not name her"), "phrases": {"vi": ["Lê Thị Mai"], "en": ["Ms Mai"]}}
PROMPT = frame(
    "prompt",
    constraints={
        "characters": {"least": 10, "most": 200},
        "include": [MENTION],
        "exclude": [NAME],
        "personal_data": ["phone", "citizen_id"],
    },
    rubric=RUBRIC,
    example={"vi": "Soạn thư với văn phong lịch sự.", "en": "Draft a letter in a polite tone."},
)


@pytest.mark.parametrize("kind", sorted(MARKED_TYPES))
def test_marked_types_give_no_score_before_marks(kind):
    module = MARKED_TYPES[kind]
    content = module.parse_content(module.SAMPLE)
    value = module.parse_response(content, module.key(content))
    assert module.score(content, value) is None
    best = {each["id"]: len(each["levels"]) - 1 for each in module.marking_view(content, "vi", value)["rubric"]}
    assert module.score_marks(content, value, module.parse_marks(content, best)) == module.maximum(content)


@pytest.mark.parametrize(("points", "score"), [((0, 0), 0), ((1, 0), 1), ((2, 1), 3), ((2, 2), 4)])
def test_points_of_all_criteria_make_the_score(points, score):
    content = essay.parse_content(ESSAY)
    marks = dict(zip((each.option.id for each in content.rubric.criteria), points, strict=True))
    assert essay.maximum(content) == 4
    assert essay.score_marks(content, "a", essay.parse_marks(content, marks)) == score


@pytest.mark.parametrize(
    ("marks", "field", "reason"),
    [
        (None, "marks", "not_a_mapping"),
        ({}, "marks.0", "missing"),
        ({"0": 1}, "marks.1", "missing"),
        ({"0": 3, "1": 0}, "marks.0", "not_in_range"),
        ({"0": -1, "1": 0}, "marks.0", "not_in_range"),
        ({"0": True, "1": 0}, "marks.0", "not_in_range"),
        ({"0": 1.0, "1": 0}, "marks.0", "not_in_range"),
        ({"0": 1, "1": 0, "2": 0}, "marks", "unknown_criterion"),
    ],
)
def test_marks_name_what_is_wrong(marks, field, reason):
    content = essay.parse_content(ESSAY)
    ids = {str(place): each.option.id for place, each in enumerate(content.rubric.criteria)}
    raw = marks and {ids.get(key, key): value for key, value in marks.items()}
    with pytest.raises(MarksError) as caught:
        essay.parse_marks(content, raw if marks else marks)
    assert (caught.value.field, caught.value.reason) == (field[:6] + ids.get(field[6:], field[6:]), reason)


def test_person_sees_the_names_of_the_criteria_and_no_level():
    view = essay.player_view(essay.parse_content(ESSAY), "vi", 1)
    assert [set(criterion) for criterion in view["criteria"]] == [{"id", "text"}] * 2
    assert [criterion["text"] for criterion in view["criteria"]] == ["criterion 0 (vi)", "criterion 1 (vi)"]


@pytest.mark.parametrize("written", ["một", "một hai ba bốn năm sáu bảy"])
def test_text_of_another_length_is_taken_and_the_marker_told(written):
    content = essay.parse_content(ESSAY)
    value = essay.parse_response(content, {"text": written})
    assert value == written
    assert essay.marking_view(content, "vi", value)["words"] == {"least": 2, "most": 5, "given": len(written.split())}


def test_essay_beyond_the_bound_is_refused():
    assert refusal_of(essay.parse_content(ESSAY), {"text": "a" * 20_001}) == ("text", "too_long")


@pytest.mark.parametrize(
    ("path", "value", "problems"),
    [
        (["rubric"], [], [("rubric", "wrong_number")]),
        (["rubric", 0, "levels"], RUBRIC[0]["levels"][:1], [("rubric[0].levels", "wrong_number")]),
        (["rubric", 1, "vi"], "criterion 0 (vi)", [("rubric[1].vi", "repeated")]),
        (["rubric", 0, "levels", 1, "en"], "level 0.0 (en)", [("rubric[0].levels[1].en", "repeated")]),
        (["rubric", 0, "levels", 1, "anchor"], {"vi": "a"}, [("rubric[0].levels[1].anchor.en", "empty")]),
        (["words", "least"], 6, [("words", "least_above_most")]),
        (["words", "most"], 9999, [("words.most", "not_in_range")]),
        (["example", "en"], "", [("example.en", "empty")]),
    ],
)
def test_essay_names_problems(path, value, problems):
    assert problems_of(changed(ESSAY, path, value), "essay") == problems


FILE = {"id": "abcd-1234", "name": "Bảng tính.xlsx", "size": 1000, "sha256": "0" * 64}


def test_files_are_read():
    content = file_upload.parse_content(UPLOAD)
    value = file_upload.parse_response(content, {"files": [FILE, FILE | {"id": "abcd-5678", "name": "a.PDF"}]})
    assert [file.to_dict() for file in value] == [FILE, FILE | {"id": "abcd-5678", "name": "a.PDF"}]


@pytest.mark.parametrize(
    ("files", "refusal"),
    [
        ("x", ("files", "not_a_list")),
        ([], ("files", "nothing_chosen")),
        ([FILE] * 3, ("files", "too_many")),
        ([FILE, FILE], ("files", "repeated")),
        ([{}], ("id", "missing")),
        ([FILE | {"id": "../etc"}], ("files.id", "bad_id")),
        ([FILE | {"name": "../a.pdf"}], ("files.name", "bad_name")),
        ([FILE | {"name": "a\\b.pdf"}], ("files.name", "bad_name")),
        ([FILE | {"name": ".pdf"}], ("files.name", "bad_name")),
        ([FILE | {"name": "a\n.pdf"}], ("files.name", "bad_name")),
        ([FILE | {"name": "a.pdf.exe"}], ("files.name", "type_not_taken")),
        ([FILE | {"name": "a\0.pdf"}], ("files.name", "control_character")),
        ([FILE | {"name": "a" * 150 + ".pdf"}], ("files.name", "too_long")),
        ([FILE | {"size": 1024 * 1024 + 1}], ("files.size", "not_in_range")),
        ([FILE | {"size": 0}], ("files.size", "not_in_range")),
        ([FILE | {"size": True}], ("files.size", "not_in_range")),
        ([FILE | {"sha256": "F" * 64}], ("files.sha256", "bad_digest")),
    ],
)
def test_files_name_what_is_wrong(files, refusal):
    assert refusal_of(file_upload.parse_content(UPLOAD), {"files": files}) == refusal


@pytest.mark.parametrize(
    ("path", "value", "problems"),
    [
        (["files", "types"], ["exe"], [("files.types[0]", "not_one_of")]),
        (["files", "types"], ["pdf", "pdf"], [("files.types[1]", "repeated")]),
        (["files", "types"], [], [("files.types", "wrong_number")]),
        (["files", "most"], 6, [("files.most", "not_in_range")]),
        (["files", "megabytes"], 51, [("files.megabytes", "not_in_range")]),
    ],
)
def test_file_upload_names_problems(path, value, problems):
    assert problems_of(changed(UPLOAD, path, value), "file_upload") == problems


@pytest.mark.parametrize(
    ("written", "failed"),
    [
        ("Hãy dùng văn phong lịch sự.", []),
        ("Viết với giọng hoà nhã nhé.", []),
        ("Write it in a formal TONE!", []),
        ("Viết một lá thư xin lỗi.", ["include"]),
        ("Use a stone for it, please.", ["include"]),
        ("Tone", ["length"]),
        ("tone " * 60, ["length"]),
        ("Văn phong lịch sự, gửi bà Lê Thị Mai.", ["exclude"]),
        ("Văn phong lịch sự, gửi bà LÊ THỊ-MAI", ["exclude"]),
        ("Polite tone, call 0903.123.456", ["phone"]),
        ("Polite tone, 079 185 001 234", ["citizen_id"]),
        ("079185001234", ["include", "citizen_id"]),
    ],
)
def test_prompt_is_checked(written, failed):
    found = prompt.checks(prompt.parse_content(PROMPT), written)
    assert [check.name for check in found] == ["length", "include", "exclude", "phone", "citizen_id"]
    assert [check.name for check in found if not check.passed] == failed


@pytest.mark.parametrize(
    ("written", "score"),
    [("Văn phong lịch sự.", 4), ("Một lá thư lịch sự.", 3), ("Thư.", 2), ("Văn phong lịch sự, 0903123456", 0)],
)
def test_checks_add_points_and_personal_data_takes_all(written, score):
    content = prompt.parse_content(PROMPT)
    marks = {each.option.id: 2 for each in content.rubric.criteria}
    assert content.points == 6
    assert prompt.score_marks(content, written, marks) == score


@pytest.mark.parametrize(
    ("path", "value", "problems"),
    [
        (["example", "vi"], "Soạn một lá thư.", [("example.vi", "fails_a_check")]),
        (["example", "en"], "Polite tone, call 0903123456.", [("example.en", "fails_a_check")]),
        (["constraints", "personal_data"], ["shoe_size"], [("constraints.personal_data[0]", "not_one_of")]),
        (["constraints", "characters", "least"], 300, [("constraints.characters", "least_above_most")]),
        (["constraints", "include", 0, "phrases", "vi"], ["!"], [("constraints.include[0].phrases.vi[0]", "empty")]),
        (
            ["constraints", "include", 0, "phrases"],
            {"vi": ["a"]},
            [("constraints.include[0].phrases.en", "not_a_list")],
        ),
    ],
)
def test_prompt_names_problems(path, value, problems):
    assert problems_of(changed(PROMPT, path, value), "prompt") == problems


def test_review_of_no_answer_shows_the_rubric_and_no_checks():
    content = prompt.parse_content(PROMPT)
    review = prompt.review_view(content, "vi", None)
    assert (review["given"], review["checks"], len(review["rubric"])) == (None, [], 2)
    assert len(prompt.review_view(content, "vi", "Văn phong lịch sự.")["checks"]) == 5


@pytest.mark.parametrize(
    ("written", "kinds"),
    [
        ("079185001234", ["citizen_id"]),
        ("căn cước 079 185 001 234.", ["citizen_id"]),
        ("０７９１８５００１２３４", ["citizen_id"]),
        ("0903123456", ["phone"]),
        ("+84 903 123 456", ["phone"]),
        ("84903123456", ["phone"]),
        ("(0903) 123 456", ["phone"]),
        ("0903  123  456", ["phone"]),
        ("0903\u2013123\u2013456", ["phone"]),
        ("0903\u2212123\u2212456", ["phone"]),
        ("0903\u200b123456", ["phone"]),
        ("0903/123/456", ["phone"]),
        ("0903_123_456", ["phone"]),
        ("(+84) 903.123.456", ["phone"]),
        ("+84 (0) 903 123 456", ["phone"]),
        ("+84-903.123.456", ["phone"]),
        ("0084 903 123 456", ["phone"]),
        ("84.903.123.456", ["phone"]),
        ("024 3825 1234", ["phone"]),
        ("(028) 3822-1234", ["phone"]),
        ("+84 24 3825 1234", ["phone"]),
        ("0236 3822 123", ["phone"]),
        ("1. 0903 123 456", ["phone"]),
        ("079\u2013185\u2013001\u2013234", ["citizen_id"]),
        ("079.185.001.234", ["citizen_id"]),
        ("079 185.001.234", ["citizen_id"]),
        ("sinh 05/03/1985 079185001234", ["citizen_id"]),
        ("nam.01.01.1990@example.vn", ["email"]),
        ("mai.le@example.vn", ["email"]),
        ("DN 4 79 1234567890", ["health_insurance"]),
        ("B1234567", ["passport"]),
        ("9704 1234 5678 9012", ["bank_card"]),
        ("51F-123.45", ["licence_plate"]),
        ("29A 12345", ["licence_plate"]),
        ("Nghị định 30/2020/NĐ-CP ngày 05/3/2020", []),
        ("480 bản × 2.500 đồng = 1.200.000 đồng", []),
        ("Công văn số 1234/UBND-VP", []),
        ("Hotline 1900 6868", []),
        ("0791850012345678", ["bank_card"]),
        ("@ở phường", []),
        ("84.500.000.000 đồng", []),
        ("84 500 000 000 đ", []),
        ("1.125.000 2.250.000 3.375.000 4.500.000", []),
        ("05/03/2020 12 giờ", []),
        ("05/03/2020 - 05/04/2020", []),
        ("03/2024\u201304/2024", []),
        ("2016\u20132020 2021\u20132025", []),
        ("Nghị định 123/2024/NĐ-CP 45/2023/NĐ-CP", []),
    ],
)
def test_personal_data_is_recognised_by_its_form(written, kinds):
    assert find_personal_data(written, tuple(PATTERNS)) == kinds


GROUPS = {
    "phone": ((4, 3, 3), (3, 3, 4), (4, 2, 2, 2)),
    "citizen_id": ((3, 3, 3, 3), (4, 4, 4)),
    "bank_card": ((4, 4, 4, 4),),
}
BEGINNINGS = {
    "phone": ["03", "05", "07", "08", "09"],
    "citizen_id": ["079", "001", "048"],
    "bank_card": ["9704", "4", "5"],
}


@given(st.data(), st.sampled_from(sorted(GROUPS)))
def test_separators_never_hide_a_number(data, kind):
    groups = data.draw(st.sampled_from(GROUPS[kind]))
    digits = data.draw(st.sampled_from(BEGINNINGS[kind]))
    digits += data.draw(st.text("0123456789", min_size=sum(groups) - len(digits), max_size=sum(groups) - len(digits)))
    separator = data.draw(
        st.sampled_from(["", " ", "  ", ".", "-", " - ", "/", "_", "\u2013", "\u2014", "\u00a0", "\u2009"])
    )
    ends = [sum(groups[: place + 1]) for place in range(len(groups))]
    parts = [digits[end - size : end] for size, end in zip(groups, ends, strict=True)]
    before = data.draw(st.sampled_from(["", "số ", "(", "2. ", "\n", "05/03/1985 "]))
    after = data.draw(st.sampled_from(["", ".", ")", ", ngày 05/03/2024", " đã gọi", "\n"]))
    assert kind in find_personal_data(before + separator.join(parts) + after, (kind,))


_DAY = st.dates(date(1950, 1, 1), date(2049, 12, 31))
_ORDINARY = st.one_of(
    st.tuples(_DAY, st.sampled_from(["%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y-%m-%d", "%m/%Y", "%Y"])).map(
        lambda each: each[0].strftime(each[1])
    ),
    _DAY.map(lambda day: f"{day.day}/{day.month}/{day.year}"),
    st.integers(1000, 83_999_999_999).map(lambda sum_: f"{sum_:,}".replace(",", ".")),
    st.integers(1000, 10**14).map(lambda sum_: f"{sum_:,} đồng".replace(",", ".")),
    st.tuples(st.integers(1, 9999), st.integers(1990, 2030), st.sampled_from(["NĐ-CP", "TT-BNV", "QĐ-UBND"])).map(
        lambda each: "/".join(map(str, each))
    ),
)


@given(st.lists(_ORDINARY, min_size=1, max_size=5), st.sampled_from([", ", "; ", "\n", " và ", " đến ", " ngày "]))
def test_dates_sums_and_numbers_of_documents_are_nobodys(numbers, between):
    assert find_personal_data(between.join(numbers), ("citizen_id", "phone", "bank_card")) == []


@given(
    _DAY, _DAY, st.sampled_from([" - ", "-", "\u2013", " \u2013 ", " "]), st.sampled_from(["%d/%m/%Y", "%m/%Y", "%Y"])
)
def test_span_of_time_is_nobodys(first, last, between, form):
    text = first.strftime(form) + between + last.strftime(form)
    assert find_personal_data(text, ("citizen_id", "phone", "bank_card")) == []
