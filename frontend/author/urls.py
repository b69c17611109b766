"""Addresses of the trainers' journey, and of the framework that everyone with a role may read."""

from django.urls import include, path, register_converter
from django.urls.converters import StringConverter

from frontend.author import (
    courses,
    editing,
    exchange,
    explanation,
    exporting,
    framework,
    home,
    items,
    marking,
    marking_appeals,
    preview,
    reviewing,
    simulations,
    tagging,
)
from frontend.author.assessing.urls import assessing_patterns
from frontend.author.measurement.urls import measurement_patterns


class CodeConverter(StringConverter):
    """A code of an item, a simulation or a competency, such as 6.3-01 or one_stop_reply."""

    regex = r"[\w.-]+"


register_converter(CodeConverter, "code")

app_name = "author"
urlpatterns = [
    path("", home.show_home, name="home"),
    path("items/", items.show_items, name="items"),
    path("items/new/", editing.new_item, name="item-new"),
    path("gallery/", preview.show_gallery, name="gallery"),
    path("gallery/<slug:kind>/", preview.try_kind, name="gallery-kind"),
    path("items/import/", exchange.bring_questions, name="item-import"),
    path("items/import/<uuid:key>/", exchange.check_questions, name="item-import-check"),
    path("items/import/template/", exchange.question_template, name="item-template"),
    path("items/export/", exporting.export_questions, name="item-export"),
    path("items/tag/", tagging.tag, name="item-tag"),
    path("items/<code:code>/", items.show_item, name="item"),
    path("items/<code:code>/review/", reviewing.ask_review, name="item-review"),
    path("items/<code:code>/return/", reviewing.return_draft, name="item-return"),
    path("items/<code:code>/comment/", reviewing.comment, name="item-comment"),
    path("items/<code:code>/compare/", reviewing.compare, name="item-compare"),
    path("items/<code:code>/edit/", editing.edit_item, name="item-edit"),
    path("items/<code:code>/preview/", preview.preview_item, name="item-preview"),
    path("items/<code:code>/publish/", editing.publish_item, name="item-publish"),
    path("items/<code:code>/discard/", editing.discard_item, name="item-discard"),
    path("items/<code:code>/retire/", editing.retire_item, name="item-retire"),
    path("simulations/<code:code>/", simulations.show_simulation, name="simulation"),
    path("simulations/<code:code>/play/", simulations.play_simulation, name="simulation-play"),
    path("courses/<slug:code>/", courses.show_course, name="course"),
    path("courses/<slug:code>/effect/edit/", courses.edit_effort, name="course-effort"),
    path("courses/<slug:code>/<slug:lesson_code>/", courses.show_lesson, name="lesson"),
    path("courses/<slug:code>/<slug:lesson_code>/blocks/<int:block_id>/", courses.edit_block, name="block-edit"),
    path("assessments/", include(assessing_patterns)),
    path("measurement/", include(measurement_patterns)),
    path("sittings/", include(explanation.sitting_patterns)),
    path("marking/", marking.show_marking, name="marking"),
    path("marking/answers/<int:seat_id>/", marking.mark_answer, name="marking-answer"),
    path("marking/files/<int:task_id>/<int:number>/", marking.answer_file, name="marking-file"),
    path("marking/appeals/<int:appeal_id>/", marking_appeals.show_appeal, name="marking-appeal"),
    path("marking/<slug:code>/", marking.show_assessment_marking, name="marking-assessment"),
    path("marking/<slug:code>/next/", marking.take_next, name="marking-next"),
    path("framework/", framework.show_framework, name="framework"),
    path("framework/positions/", framework.show_positions, name="positions"),
    path("framework/<code:code>/", framework.show_competency, name="competency"),
]
