"""Files as other tools write them: the report accounts for every question, and the rest still comes."""

import base64
import re
from collections import Counter

from assessments.items.exchange.outcomes import Outcome
from assessments.items.exchange.reading import read_file
from assessments.items.registry import ITEM_TYPES, item_type
from tests.assessments.items_more.media_bytes import png
from tests.assessments.items_more.test_exchange import bank, content_of

PIXEL = base64.b64encode(png(1, 1)).decode()


def moodle_question(kind: str, name: str, text: str, rest: str = "", *, feedback: str = "Ghi nhớ.") -> str:
    return f"""
<!-- question: 4711  -->
  <question type="{kind}">
    <name><text>{name}</text></name>
    <questiontext format="html"><text><![CDATA[{text}]]></text></questiontext>
    <generalfeedback format="html"><text><![CDATA[<p dir="ltr">{feedback}</p>]]></text></generalfeedback>
    <defaultgrade>1.0000000</defaultgrade><penalty>0.3333333</penalty><hidden>0</hidden><idnumber></idnumber>
    {rest}
    <tags><tag><text>ai</text></tag></tags>
  </question>"""


def answer(fraction: str, text: str, why: str = "", more: str = "") -> str:
    return (
        f'<answer fraction="{fraction}" format="html"><text><![CDATA[<p>{text}</p>]]></text>{more}'
        f'<feedback format="html"><text><![CDATA[{why}]]></text></feedback></answer>'
    )


CATEGORY = """
<question type="category"><category><text>$course$/top/Kỹ năng số/An toàn</text></category>
<info format="moodle_auto_format"><text></text></info><idnumber></idnumber></question>"""
PICTURE = f'<file name="so-do.png" path="/" encoding="base64">{PIXEL}</file>'
EMBEDDED = (
    "<p>Thủ đô của Việt Nam là {1:MULTICHOICE:=Hà Nội#Đúng~%0%Huế#Sai~Đà Nẵng}; năm dương lịch có "
    "{2:SHORTANSWER:%100%12~%100%mười hai~%50%hơn mười} tháng; dấu \\} viết là {:SAC:=ngoặc\\}}.</p>"
)
MOODLE = "".join(
    [
        '<?xml version="1.0" encoding="UTF-8"?>\n<quiz>',
        CATEGORY,
        moodle_question(
            "multichoice",
            "Mật khẩu",
            "<p>Cách nào <b>an toàn</b>&nbsp;nhất?</p>",
            "<single>true</single><shuffleanswers>true</shuffleanswers><answernumbering>abc</answernumbering>"
            + answer("100", "Dùng trình quản lý mật khẩu", "Đúng")
            + answer("0", "Viết ra giấy &amp; dán màn hình", "Sai")
            + answer("-33.33333", "Dùng chung một mật khẩu", "Sai")
            + "<hint format='html'><text>Nghĩ kỹ</text></hint>",
        ),
        moodle_question(
            "multichoice",
            "Chọn hai",
            f'<p>Nhìn sơ đồ <img src="@@PLUGINFILE@@/so-do.png" alt=""></p>]]></text>{PICTURE}<text><![CDATA[',
            "<single>false</single>"
            + "".join(
                answer(share, word, "vì") for share, word in zip(("50", "50", "-50", "-50"), "abcd", strict=True)
            ),
        ),
        moodle_question(
            "multichoice",
            "Trọng số lệch",
            "Chọn",
            "".join(answer(share, word, "vì") for share, word in zip(("70", "30", "0", "0"), "abcd", strict=True)),
        ),
        moodle_question("truefalse", "Đúng sai", "AI luôn đúng.", answer("0", "true") + answer("100", "false")),
        moodle_question(
            "shortanswer", "Ngắn", "Thuật ngữ?", "<usecase>0</usecase>" + answer("100", "ảo giác") + answer("50", "bịa")
        ),
        moodle_question("shortanswer", "Đại diện", "Thuật ngữ?", answer("100", "ảo*")),
        moodle_question(
            "numerical",
            "Đơn vị",
            "Bao nhiêu mét?",
            answer("100", "1.5", "", "<tolerance>0.05</tolerance>")
            + "<units><unit><multiplier>1</multiplier><unit_name>m</unit_name></unit>"
            + "<unit><multiplier>100</multiplier><unit_name>cm</unit_name></unit></units>",
        ),
        moodle_question("numerical", "Sao", "Bao nhiêu?", answer("100", "*", "", "<tolerance>0</tolerance>")),
        moodle_question(
            "matching",
            "Ghép",
            "Ghép đúng",
            "".join(
                f'<subquestion format="html"><text><![CDATA[<p>{left}</p>]]></text>'
                f"<answer><text>{right}</text></answer></subquestion>"
                for left, right in (("Word", "văn bản"), ("Excel", "bảng tính"), ("", "cơ sở dữ liệu"))
            ),
        ),
        moodle_question("essay", "Viết", "Viết đề xuất.", "<responseformat>editor</responseformat>"),
        moodle_question("cloze", "Điền", EMBEDDED),
        moodle_question("multianswer", "Số", "Có {1:NUMERICAL:=5:0.1#ok} phòng."),
        moodle_question("multianswer", "Hở", "Có {1:MC:=5~6 phòng."),
        moodle_question(
            "gapselect",
            "Chọn từ",
            "<p>[[2]] gửi [[1]], rồi [[4]].</p>",
            "".join(
                f"<selectoption><text>{word}</text><group>{group}</group></selectoption>"
                for word, group in (("thư", "1"), ("Lan", "2"), ("Minh", "2"), ("ký", "3"), ("in", "3"), ("báo", "1"))
            ),
        ),
        moodle_question("ddwtos", "Kéo từ", "Không có ô.", "<dragbox><text>a</text><group>1</group></dragbox>"),
        moodle_question(
            "ordering", "Thứ tự", "Xếp", "".join(answer(f"{n}", w) for n, w in enumerate(("một", "hai", "ba"), 1))
        ),
        moodle_question("description", "Mô tả", "Đọc đoạn sau."),
        moodle_question("calculated", "Tính", "{a} + {b}?", answer("100", "{a}+{b}")),
        moodle_question("ddimageortext", "Ảnh", "Kéo vào ảnh", PICTURE),
        moodle_question("random", "Ngẫu nhiên", ""),
        "\n</quiz>\n",
    ]
)


def account(outcomes: tuple[Outcome, ...]) -> dict[str, tuple[str, str]]:
    """By label: what becomes of it, and its kind or the first reason."""
    return {each.label: (each.status, each.kind or each.notes[0].reason) for each in outcomes}


def reasons(outcome: Outcome) -> list[str]:
    return [note.reason for note in outcome.notes]


def test_every_question_of_a_moodle_export_is_taken_approximated_or_refused_with_a_reason():
    found = read_file(MOODLE.encode())
    written = len(re.findall(r'<question type="(?!category)', MOODLE))
    statuses = Counter(each.status for each in found.outcomes)
    assert (found.format, written, statuses.total()) == ("moodle_xml", 20, 20)
    assert dict(statuses) == {"comes": 6, "approximated": 6, "refused": 8}
    assert account(found.outcomes) == {
        "Mật khẩu": ("comes", "single_choice"),
        "Chọn hai": ("approximated", "multiple_choice"),
        "Trọng số lệch": ("approximated", "multiple_choice"),
        "Đúng sai": ("comes", "true_false_reason"),
        "Ngắn": ("approximated", "short_text"),
        "Đại diện": ("refused", "wildcards"),
        "Đơn vị": ("approximated", "numeric"),
        "Sao": ("refused", "does_not_fit"),
        "Ghép": ("comes", "matching"),
        "Viết": ("approximated", "essay"),
        "Điền": ("approximated", "cloze"),
        "Số": ("comes", "cloze"),
        "Hở": ("refused", "unclosed_braces"),
        "Chọn từ": ("comes", "cloze"),
        "Kéo từ": ("refused", "no_right_answer"),
        "Thứ tự": ("comes", "ordering"),
        "Mô tả": ("refused", "no_such_type"),
        "Tính": ("refused", "no_such_type"),
        "Ảnh": ("refused", "no_such_type"),
        "Ngẫu nhiên": ("refused", "no_such_type"),
    }


def test_what_is_approximated_says_how():
    by_label = {each.label: each for each in read_file(MOODLE.encode()).outcomes}
    assert [(label, reasons(by_label[label])) for label in ("Chọn hai", "Trọng số lệch", "Ngắn", "Đơn vị", "Điền")] == [
        ("Chọn hai", ["alternative_to_write"]),
        ("Trọng số lệch", ["weights"]),
        ("Ngắn", ["weights"]),
        ("Đơn vị", ["units_dropped"]),
        ("Điền", ["weights"]),
    ]


def test_markup_entities_and_embedded_answers_come_as_people_read_them():
    by_label = {each.label: each for each in read_file(MOODLE.encode()).outcomes}
    first = content_of(by_label["Mật khẩu"])
    assert (first["stem"]["vi"], first["rationale"]["vi"]) == ("Cách nào an toàn nhất?", "Ghi nhớ.")
    assert first["options"][1]["vi"] == "Viết ra giấy & dán màn hình"
    filled = item_type("cloze").parse_content(content_of(by_label["Điền"]))
    assert filled.text.vi == (
        "Thủ đô của Việt Nam là [[gap1]]; năm dương lịch có [[gap2]] tháng; dấu \\} viết là [[gap3]]."
    )
    assert [gap.right("vi") for gap in filled.gaps.values()] == [["Hà Nội"], ["12", "mười hai"], ["ngoặc}"]]
    chosen = item_type("cloze").parse_content(content_of(by_label["Chọn từ"]))
    assert chosen.text.vi == "[[gap1]] gửi [[gap2]], rồi [[gap3]]."
    assert [gap.right("vi") for gap in chosen.gaps.values()] == [["Lan"], ["thư"], ["ký"]]
    assert [len(gap.options) for gap in chosen.gaps.values()] == [2, 2, 2]


GIFT = """// exported from another tool
// question: 12  name: Thư rác
$CATEGORY: $course$/top/Mặc định

// [id:7f3a] [tag:email]
::Thư rác::[html]<p>Bạn nhận thư lạ. Việc <em>đầu tiên</em> là gì?</p>{
	~Mở tệp đính kèm#Tệp có thể chứa mã độc
	=Báo cho bộ phận CNTT#Đúng
	~Chuyển tiếp cho mọi người#Lan rộng thêm
	####Thư lạ thì báo, không mở.
}

::Ký tự:: Công thức nào đúng\\: a \\= b \\{c\\} \\~ d \\# e? {=x\\=1 ~x\\~2 ~x\\#3}

::Phần trăm::Chọn các dữ liệu cá nhân. {~%50%Số căn cước ~%50%Địa chỉ nhà ~%-50%Tên tỉnh ~%-50%Giờ làm việc}

::Phần ba::[markdown]Chọn. {~%33.33333%a ~%33.33333%b ~%33.33333%c ~%-100%d}

::Khoảng::Năm ban hành? {#2018..2020}

::Sai số::Số trang? {#=120:5#gần đúng =%50%120:20#hơi xa}

::Không phải số::Số? {#một trăm}

::Đúng sai::AI luôn đúng. {FALSE#Sai rồi#Đúng}

::Ngắn::Thủ đô? {=%100%Hà Nội#tốt =%50%Ha Noi =Hanoi}

::Thiếu từ::Thủ đô là {=Hà Nội ~Huế ~Vinh} từ năm 1010.

::Ghép::Ghép. {
=Word -> văn bản
=Excel -> bảng tính
= -> trình chiếu
}

::Viết::Viết một đoạn. {}

::Hở::Quên đóng ngoặc {=a ~b ~c

::Có dòng trống::Chọn {
=một

~hai

~ba
}

Chỉ là mô tả, không hỏi gì.
"""


def test_every_question_of_a_gift_file_of_others_is_accounted_for():
    found = read_file(GIFT.encode())
    assert (found.format, len(found.outcomes)) == ("gift", GIFT.count("\n::") + 1)
    assert account(found.outcomes) == {
        "Thư rác": ("approximated", "single_choice"),
        "Ký tự": ("approximated", "single_choice"),
        "Phần trăm": ("approximated", "multiple_choice"),
        "Phần ba": ("approximated", "multiple_choice"),
        "Khoảng": ("approximated", "numeric"),
        "Sai số": ("approximated", "numeric"),
        "Không phải số": ("refused", "not_a_number"),
        "Đúng sai": ("comes", "true_false_reason"),
        "Ngắn": ("approximated", "short_text"),
        "Thiếu từ": ("approximated", "single_choice"),
        "Ghép": ("approximated", "matching"),
        "Viết": ("approximated", "essay"),
        "Hở": ("refused", "unclosed_braces"),
        "Có dòng trống": ("approximated", "single_choice"),
        "Chỉ là mô tả, không hỏi gì.": ("refused", "no_answers"),
    }
    by_label = {each.label: each for each in found.outcomes}
    assert reasons(by_label["Thư rác"]) == ["markup_dropped"]
    assert content_of(by_label["Thư rác"])["rationale"]["vi"] == "Thư lạ thì báo, không mở."
    assert content_of(by_label["Ký tự"])["stem"]["vi"] == "Công thức nào đúng: a = b {c} ~ d # e?"
    assert [option["vi"] for option in content_of(by_label["Ký tự"])["options"]] == ["x=1", "x~2", "x#3"]
    assert [content_of(by_label[name])["tolerance"]["absolute"] for name in ("Khoảng", "Sai số")] == ["1", "5"]
    assert content_of(by_label["Ngắn"])["accepted"]["vi"] == ["Hà Nội", "Hanoi"]
    assert content_of(by_label["Thiếu từ"])["stem"]["vi"] == "Thủ đô là ____ từ năm 1010."


def test_round_trip_covers_every_type_there_is():
    assert sorted(item.content["kind"] for item in bank()) == sorted(ITEM_TYPES)
    assert len(ITEM_TYPES) == 15


def test_ordinary_questions_of_few_options_come():
    """Two options, three with two right, plain judgements: what most files of others are made of."""
    gift = read_file("Một? {=a ~b}\n\nHai? {~%50%a ~%50%b ~%-100%c}\n\nĐúng? {T#nhầm#phải}\n\nSai? {FALSE}\n".encode())
    assert [(each.kind, each.content is not None) for each in gift.outcomes] == [
        ("single_choice", True),
        ("multiple_choice", True),
        ("true_false_reason", True),
        ("true_false_reason", True),
    ]
    judged = [content_of(each) for each in gift.outcomes[2:]]
    assert [(each["answer"], each["rationale"]["vi"]) for each in judged] == [
        (True, "phải\nnhầm"),
        (False, "Chưa có giải thích."),
    ]
    aiken = read_file("Đúng hay sai?\nA. Đúng\nB. Sai\nANSWER: B\n".encode())
    assert [option["correct"] for option in content_of(aiken.outcomes[0])["options"]] == [False, True]
    moodle = read_file(f"<quiz>{moodle_question('truefalse', 'x', 'y', answer('100', 'maybe'))}</quiz>".encode())
    assert reasons(moodle.outcomes[0]) == ["no_right_answer"]


def test_explanation_that_is_too_long_is_shortened_and_says_so():
    (found,) = read_file(f"Một? {{=a#{'dài ' * 400} ~b#sai\n####{'x' * 1200}}}".encode()).outcomes
    assert (reasons(found), len(content_of(found)["rationale"]["vi"])) == (["shortened"], 1000)


def embedded(text: str) -> Outcome:
    return read_file(f"<quiz>{moodle_question('cloze', 'x', text)}</quiz>".encode()).outcomes[0]


def test_numbers_within_a_text_come_with_their_tolerance():
    found = embedded("Có {1:NUMERICAL:=23.8:0.1#ok~%50%24:2} mét và {:nm:=7} phòng.")
    assert content_of(found)["gaps"] == {
        "gap1": {"answer": "23.8", "tolerance": {"absolute": "0.1"}},
        "gap2": {"answer": "7", "tolerance": {"absolute": "0"}},
    }
    assert reasons(found) == ["weights"]
    assert reasons(embedded("Có {:NM:=1~=2} phòng.")) == ["first_answer_alone"]
    assert reasons(embedded("Có {:NM:=vài} phòng.")) == ["not_a_number"]


def test_whole_answer_beside_half_ones_is_a_single_choice():
    found = read_file(b"Hard? {~wrong ~%50%half =whole}").outcomes[0]
    assert [option["correct"] for option in content_of(found)["options"]] == [False, False, True]
    assert (found.kind, "weights" in reasons(found)) == ("single_choice", True)
