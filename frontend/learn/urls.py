"""Addresses of the learner's journey."""

from django.urls import include, path
from django.urls.resolvers import URLPattern

from frontend.learn import (
    appeals,
    assessments,
    certificates,
    courses,
    home,
    lessons,
    media,
    paper,
    player,
    results,
    room,
    simulations,
    uploads,
)

learn_patterns: list[URLPattern] = [
    path("courses/", courses.catalogue, name="catalogue"),
    path("courses/<slug:code>/", courses.course, name="course"),
    path("courses/<slug:code>/<slug:lesson_code>/", lessons.lesson, name="lesson"),
    path("courses/<slug:code>/<slug:lesson_code>/place/", lessons.keep_place, name="keep-place"),
    path("courses/<slug:code>/<slug:lesson_code>/complete/", lessons.complete, name="complete"),
    path("courses/<slug:code>/<slug:lesson_code>/check/<int:block_pk>/", lessons.answer, name="answer"),
    path("assessments/<slug:code>/", assessments.assessment, name="assessment"),
    path("attempts/<uuid:attempt_id>/", player.attempt, name="attempt"),
    path("attempts/<uuid:attempt_id>/answer/", player.respond, name="respond"),
    path("attempts/<uuid:attempt_id>/page/", paper.save, name="save-page"),
    path("attempts/<uuid:attempt_id>/check/", paper.check, name="check"),
    path("attempts/<uuid:attempt_id>/pulse/", room.pulse, name="pulse"),
    path("attempts/<uuid:attempt_id>/section/", player.begin_section, name="begin-section"),
    path("attempts/<uuid:attempt_id>/feedback/<int:position>/", player.feedback, name="feedback"),
    path("attempts/<uuid:attempt_id>/submit/", player.submit, name="submit"),
    path("attempts/<uuid:attempt_id>/simulation/", simulations.simulation, name="simulation"),
    path("attempts/<uuid:attempt_id>/simulation/act/", simulations.take_action, name="act"),
    path("attempts/<uuid:attempt_id>/result/", results.result, name="result"),
    path("attempts/<uuid:attempt_id>/appeal/", appeals.appeal, name="appeal"),
    path("uploads/<uuid:upload_id>/", uploads.upload, name="upload"),
    path("pictures/<path:path>", media.picture, name="picture"),
    path("recordings/<path:path>", media.recording, name="recording"),
]

urlpatterns = [
    path("", home.home, name="home"),
    path("certificates/", certificates.check_number, name="certificate-check"),
    path("certificates/<str:number>/", certificates.show_certificate, name="certificate"),
    path("learn/", include((learn_patterns, "learn"))),
]
