"""What becomes of questions of other tools, in the author's language."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.items.exchange.table_rows import KINDS
from assessments.items.problems import ContentProblem
from frontend.author.forms.problems import describe_problem
from frontend.learn.faults import FILE_REASONS

FORMAT_NAMES = {
    "xlsx": gettext_lazy("Excel workbook"),
    "csv": gettext_lazy("CSV table"),
    "qti_package": gettext_lazy("QTI package"),
    "qti_item": gettext_lazy("QTI item"),
    "moodle_xml": "Moodle XML",
    "gift": "GIFT",
    "aiken": "Aiken",
}
NOTES: dict[str, Promise] = {
    "too_large": gettext_lazy("The file is too large."),
    "not_text": gettext_lazy("The file is no text that can be read."),
    "not_xml": gettext_lazy("The file is no well-formed XML."),
    "forbidden_xml": gettext_lazy("The file has a document type or entities, which are not read."),
    "too_deep": gettext_lazy("The file has too many elements, or they lie too deep."),
    "not_a_zip": gettext_lazy("The file is no zip archive that can be read."),
    "zip_bomb": gettext_lazy("The archive would grow too large."),
    "path_traversal": gettext_lazy("The archive names a file outside itself."),
    "symlink": gettext_lazy("The archive holds a link."),
    "repeated_names": gettext_lazy("The archive holds two files of one name."),
    "encrypted": gettext_lazy("The archive is locked with a password."),
    "unknown_format": gettext_lazy("The file has none of the formats that are read."),
    "macros": gettext_lazy("The workbook holds macros. Save it as .xlsx, which has none."),
    "external_links": gettext_lazy("The workbook draws on other workbooks. Copy the values into the template."),
    "formulas": gettext_lazy("The workbook holds formulas. Copy the values into the template."),
    "not_utf8": gettext_lazy("The table is not in UTF-8. Save it as .xlsx or as CSV UTF-8"),
    "bad_header": gettext_lazy("The first row must name the columns as the template does"),
    "broken_table": gettext_lazy("The table cannot be read from this cell on"),
    "cell_empty": gettext_lazy("A cell is empty that is needed"),
    "no_such_row_kind": gettext_lazy("There is no such kind of question in the template"),
    "not_in_range": gettext_lazy("It is no whole number in the range"),
    "unknown_rule": gettext_lazy("The column “rule” says something that is not understood"),
    "levels_differ": gettext_lazy("There are not as many levels in both languages"),
    "lines_differ": gettext_lazy("There are not as many lines in both languages"),
    "wrong_count": gettext_lazy("The column “right” needs one entry for each gap of the Vietnamese text"),
    "no_sign": gettext_lazy("A line begins with + (must be in the prompt) or - (must not), in both languages"),
    "simplified": gettext_lazy("It is there without some of its rules, which GIFT cannot say."),
    "not_in_a_row": gettext_lazy("A row cannot hold all of it; a QTI 3 file can."),
    "picture_in_a_row": gettext_lazy("A picture with its places does not fit in a row; a QTI 3 file holds it."),
    "table_in_a_row": gettext_lazy("A table with its formulas does not fit in a row; a QTI 3 file holds it."),
    "unknown_competency": gettext_lazy("Its competency is not in the framework; the one you chose stands in"),
    "gone": gettext_lazy("The file was no longer there when its turn came. Please send it again."),
    "unforeseen": gettext_lazy("Something went wrong here, not in the file. Nothing was written; try once more."),
    "no_questions": gettext_lazy("There is no question in the file."),
    "too_many_questions": gettext_lazy("The file has more than 2000 questions. Split it."),
    "no_rationale": gettext_lazy("It came without an explanation: write the principle to remember."),
    "no_reasons": gettext_lazy("Options came without reasons: write why each is right or wrong."),
    "weights": gettext_lazy("Shares of the score were simplified."),
    "rubric_to_write": gettext_lazy("It came without a rubric: write what markers look at."),
    "shortened": gettext_lazy("Explanations that are too long were shortened."),
    "rounding_as_tolerance": gettext_lazy("A rule of rounding became a tolerance."),
    "tolerance_centred": gettext_lazy("It takes more on one side than on the other; the middle became the answer."),
    "bounds_included": gettext_lazy("The limits of what is right count as right here."),
    "case_simplified": gettext_lazy("Capitals matter for some of its answers only; here they do not matter."),
    "markup_dropped": gettext_lazy("Its markup was left out."),
    "pictures_dropped": gettext_lazy("Pictures within its options or its explanations were left out."),
    "media_left_out": gettext_lazy("Its pictures, audio and video are not in this file; a QTI 3 file has them."),
    "alternative_to_write": gettext_lazy(
        "A picture, audio or video came without words: write them before it is published."
    ),
    "medium_missing": gettext_lazy("A picture, audio or video is not in the file"),
    "medium_elsewhere": gettext_lazy("A picture, audio or video lies elsewhere on the web and was left out"),
    "medium_refused": gettext_lazy("A picture, audio or video was not taken"),
    "too_many_media": gettext_lazy("It shows more pictures, audio and video than a question here may have"),
    "unpaired_dropped": gettext_lazy("Entries that go with nothing were left out."),
    "units_dropped": gettext_lazy("Its units were left out."),
    "first_answer_alone": gettext_lazy("Of several answers the first was taken."),
    "hottext_as_choice": gettext_lazy("Pieces of text to mark became options."),
    "own_processing": gettext_lazy("It has rules of scoring of its own, of which only the right response was read."),
    "does_not_fit": gettext_lazy("It does not fit the type of question"),
    "repeated_options": gettext_lazy("Two of its options say the same."),
    "repeated_letters": gettext_lazy("Two of its options have the same letter."),
    "no_right_answer": gettext_lazy("It says of no answer that it is right."),
    "no_answers": gettext_lazy("It has no answers."),
    "several_answers": gettext_lazy("It has answers twice. Set questions apart by an empty line."),
    "unclosed_braces": gettext_lazy("A brace is not closed."),
    "not_a_number": gettext_lazy("Its answer is no number."),
    "wildcards": gettext_lazy("Its answers have wildcards."),
    "no_such_type": gettext_lazy("There is no such type of question on the other side"),
    "no_interaction": gettext_lazy("It has nothing to answer."),
    "too_many_answers": gettext_lazy("It has more answers than a question here may have."),
    "too_many_parts": gettext_lazy("It has more parts than a question here may have."),
    "not_readable": gettext_lazy("Something went wrong when it was read. The other questions were read."),
    "several_whole": gettext_lazy("Several of its options are each right alone, which a question here cannot say."),
    "too_many_gaps": gettext_lazy("It has more gaps than a question here may have."),
    "several_interactions": gettext_lazy("It asks several things at once."),
}


def describe_note(reason: str, detail: str) -> str:
    """Return a reason in words, with what it speaks of."""
    said = str(NOTES.get(reason) or _("It cannot be read (%(reason)s).") % {"reason": reason})
    if reason == "medium_refused":
        name, _sign, why = detail.rpartition(": ")
        detail = f"{name}: {FILE_REASONS[why]}" if why in FILE_REASONS else detail
    if reason == "does_not_fit":
        detail = _problem_words(detail)
    return f"{said} ({detail})" if detail else said


def _problem_words(detail: str) -> str:
    """What is wrong and where, from `path: reason value` as the readers write it."""
    path, _sign, rest = detail.partition(" ")
    reason, _sign, value = rest.partition(" ")
    path = path.removesuffix(":")
    return f"{path}: {describe_problem(ContentProblem(path, reason, value))}"


def template_guide() -> list[tuple[str, str]]:
    """Return what each column of the template means, one line a column or group of columns."""
    return [
        ("kind", _("The kind of question: %(kinds)s.") % {"kinds": ", ".join(KINDS)}),
        ("competency, level, seconds", _("May stay empty: then what you choose when you bring the file counts.")),
        ("stem_vi, stem_en", _("What is asked. Where English is empty, the Vietnamese stands for both for now.")),
        ("rationale_vi, rationale_en", _("The principle to remember, shown after the answer.")),
        (
            "right",
            _(
                "Choice: the numbers of the right options, such as 2 or 1; 3. True or false: true or false, and the "
                "number of the reason where there are reasons, such as true; 2. Number: the number, with a decimal "
                "point. Cards: the number of the category of each card, such as 1; 2; 2. Text with gaps: of each gap "
                "the number of its right option, or text, or number. Pieces of a text: piece=problem, such as "
                "2=hallucination; 4=personal_data."
            ),
        ),
        (
            "rule",
            _(
                "Multiple choice: all_or_nothing or plus_minus. Number: tolerance=5 or tolerance=5%, whole=true. Short "
                "answer and gaps to write in: case=any; diacritics=exact; edits=0. Essay: words=100-300. Prompt: "
                "characters=50-1500; personal_data=phone, email. File: types=pdf, docx; most=1; megabytes=5. Pieces "
                "of a text: offered=hallucination, personal_data. Cards: names=public, internal (may stay empty)."
            ),
        ),
        (
            "option_1_vi … option_16_en",
            _(
                "Options; steps in the right order; left sides of pairs; cards; accepted answers; units; criteria of a "
                "rubric; of each gap its options or accepted answers, set apart by |."
            ),
        ),
        (
            "note_1_vi … note_16_en",
            _(
                "Why the option, the card or the piece is right or wrong; the right side of the pair; an answer that "
                "is near but wrong; how many of the first unit; the tolerance of a gap; the levels of the criterion "
                "from the lowest, set apart by |, each with an answer at this level after » if you like."
            ),
        ),
        (
            "text_vi, text_en",
            _(
                "A text with gaps, marked [[a]], [[b]]; the pieces of a text to check, one a line; categories of "
                "cards, one a line; what a prompt must hold, one a line: + what: word | word, or - what: word."
            ),
        ),
        ("example_vi, example_en", _("A good answer of an essay or a prompt.")),
        ("–", _("Pictures with places and tables to fill do not fit in a row: write them in their form.")),
    ]
