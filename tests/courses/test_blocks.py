"""Block types: what they take, what they refuse, and what a learner gets to see."""

from pathlib import Path

import pytest

from courses.blocks import BLOCK_TYPES, UnknownBlockType, block_type, check, image, markdown, parse_block
from courses.reader import Reader


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    def static_file(name: str) -> Path | None:
        file = tmp_path / "static" / name
        return file if file.exists() else None

    return Reader(tmp_path, static_file)


def option(text: str, correct: bool = False) -> dict:
    raw = {"vi": text, "en": f"{text} (en)", "feedback": {"vi": f"về {text}", "en": f"about {text}"}}
    return {**raw, "correct": True} if correct else raw


def question(*options: dict) -> dict:
    return {"kind": "check", "stem": {"vi": "Hỏi?", "en": "Ask?"}, "options": list(options)}


def messages(reader: Reader) -> list[tuple[str, str, str]]:
    return [(problem.file, problem.path, problem.message) for problem in reader.problems]


def test_registry_modules_have_the_same_functions():
    names = {"REQUIRED", "OPTIONAL", "parse", "render", "identity"}
    assert {kind: names - set(dir(module)) for kind, module in BLOCK_TYPES.items()} == {
        "markdown": set(),
        "image": set(),
        "check": set(),
    }


def test_registry_unknown_kind_fails_loudly(reader):
    with pytest.raises(UnknownBlockType):
        block_type("video")
    parse_block({"kind": "video"}, "blocks[0]", reader)
    assert messages(reader) == [("course.yaml", "blocks[0]", "kind is 'video'; known: markdown, image, check")]


def test_markdown_html_is_shown_as_text_and_scripts_never_run():
    html = markdown.to_html('<script>alert(1)</script>\n\n[a](javascript:alert(1)) <b onclick="x()">b</b>')
    assert html == (
        "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"
        '<p>[a](javascript:alert(1)) &lt;b onclick="x()"&gt;b&lt;/b&gt;</p>\n'
    )


def test_markdown_list_keeps_its_start():
    assert markdown.to_html("3. ba\n4. bốn") == '<ol start="3">\n<li>ba</li>\n<li>bốn</li>\n</ol>\n'


def test_markdown_link_leaks_no_opener():
    assert markdown.to_html("[x](https://a.vn/)") == (
        '<p><a href="https://a.vn/" rel="noopener noreferrer">x</a></p>\n'
    )


def test_markdown_table_has_scopes_and_alignment_as_class():
    html = markdown.render({"vi": '|*a*|"b|\n|---|--:|\n|1|2|', "en": "x"}, "vi")["html"]
    assert html == (
        '<div class="table-scroll" role="group" tabindex="0" aria-label="Bảng: a, &quot;b"><table class="table">\n'
        '<thead>\n<tr>\n<th scope="col"><em>a</em></th>\n<th scope="col" class="number">"b</th>\n</tr>\n</thead>\n'
        '<tbody>\n<tr>\n<td>1</td>\n<td class="number">2</td>\n</tr>\n</tbody>\n</table></div>\n'
    )


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("## Hai\n\n### Ba\n\n## Hai", []),
        ("# Một", ["line 1: a heading of level 1 after level 1; headings run from ## to ####"]),
        ("## Hai\n\n#### Bốn", ["line 3: a heading of level 4 after level 2; headings run from ## to ####"]),
        (
            "![alt](a.png)",
            ["line 1: a picture needs an image block, with its alternative text in both languages"],
        ),
    ],
)
def test_markdown_faults(text, faults):
    assert markdown.faults(text) == faults


def test_markdown_reads_both_files_and_names_the_one_that_is_missing(reader, tmp_path):
    (tmp_path / "a.vi.md").write_text("## Chào\n", encoding="utf-8")
    kind, content = parse_block({"kind": "markdown", "vi": "a.vi.md", "en": "a.en.md"}, "b[0]", reader)
    assert (kind, content) == ("markdown", {"vi": "## Chào", "en": ""})
    assert messages(reader) == [("course.yaml", "b[0].en", "there is no file 'a.en.md'")]


def test_markdown_file_outside_the_course_is_refused(reader, tmp_path):
    (tmp_path.parent / "secret.md").write_text("x")
    parse_block({"kind": "markdown", "vi": "../secret.md", "en": "../secret.md"}, "b[0]", reader)
    assert messages(reader) == [
        ("course.yaml", "b[0].vi", "'../secret.md' lies outside the course's directory"),
        ("course.yaml", "b[0].en", "'../secret.md' lies outside the course's directory"),
    ]


def test_image_knows_its_size_and_needs_an_alternative_in_both_languages(reader, tmp_path):
    (tmp_path / "static").mkdir()
    (tmp_path / "static/a.svg").write_text('<svg xmlns="x" viewBox="0 0 640 250"></svg>')
    raw = {"kind": "image", "src": "a.svg", "alt": {"vi": "Sơ đồ"}}
    _kind, content = parse_block(raw, "b[0]", reader)
    assert content == {
        "src": "a.svg",
        "alt": {"vi": "Sơ đồ", "en": ""},
        "caption": None,
        "width": 640,
        "height": 250,
    }
    assert messages(reader) == [("course.yaml", "b[0].alt", "'en' is missing")]
    assert image.render(content, "vi") == {
        "src": "a.svg",
        "alt": "Sơ đồ",
        "caption": None,
        "width": 640,
        "height": 250,
    }


def test_image_must_be_a_static_picture(reader):
    alt = {"vi": "a", "en": "a"}
    parse_block({"kind": "image", "src": "none.svg", "alt": alt}, "b[0]", reader)
    parse_block({"kind": "image", "src": "https://a.vn/x.html", "alt": alt}, "b[1]", reader)
    assert messages(reader) == [
        ("course.yaml", "b[0].src", "there is no static file 'none.svg'"),
        ("course.yaml", "b[1].src", "'https://a.vn/x.html' is no picture; known types: .svg, .png, .jpg, .jpeg, .webp"),
    ]


def test_check_view_does_not_tell_what_is_right(reader):
    _kind, content = parse_block(question(option("một"), option("hai", correct=True)), "b[0]", reader)
    one, two = (each["id"] for each in content["options"])
    assert reader.problems == []
    assert check.render(content, "vi") == {
        "stem": "Hỏi?",
        "options": [{"id": one, "text": "một"}, {"id": two, "text": "hai"}],
    }
    assert [check.judge(content, each) for each in (one, two)] == [False, True]
    assert check.feedback(content, two, "en") == "about hai"
    with pytest.raises(check.UnknownOption):
        check.judge(content, "x")


def test_check_option_ids_depend_on_wording_alone(reader):
    options = [option("một"), option("hai", correct=True)]
    _kind, content = parse_block(question(*options), "b[0]", reader)
    _kind, turned = parse_block(question(*options[::-1]), "b[0]", reader)
    assert [each["id"] for each in turned["options"]] == [each["id"] for each in content["options"]][::-1]
    assert check.identity(turned) == check.identity(content)
    _kind, reworded = parse_block(question(option("một."), options[1]), "b[0]", reader)
    assert reworded["options"][1]["id"] == content["options"][1]["id"]
    assert check.identity(reworded) != check.identity(content)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ([option("một"), option("hai")], "exactly one option must be correct"),
        ([option("một", True), option("hai", True)], "exactly one option must be correct"),
        ([option("một", True)], "at least 2 needed, found 1"),
        ([option("một", True), option("một")], "two options say the same"),
    ],
)
def test_check_refuses_a_question_that_cannot_teach(reader, options, problem):
    parse_block(question(*options), "b[0]", reader)
    assert messages(reader) == [("course.yaml", "b[0].options", problem)]
