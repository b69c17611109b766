"""Addresses of the measurement pages, included among the trainers'."""

from django.urls import path

from frontend.author.measurement import assessments, calibrations, health, hub, panels, regrades, rules, studies

measurement_patterns = [
    path("", hub.show_measurement, name="measurement"),
    path("calibrations/", calibrations.show_calibrations, name="calibrations"),
    path("calibrations/<int:pk>/", calibrations.show_calibration, name="calibration"),
    path("calibrations/<int:pk>/publish/", calibrations.publish, name="calibration-publish"),
    path("calibrations/<int:pk>/discard/", calibrations.discard, name="calibration-discard"),
    path("calibrations/<int:pk>/continue/", calibrations.wake, name="calibration-continue"),
    path("health/", health.show_bank_health, name="health"),
    path("health/measure/", health.measure, name="health-measure"),
    path("health/<str:code>/", health.show_item_health, name="item-health"),
    path("health/<str:code>/rules/", rules.edit_item_rules, name="item-rules"),
    path("health/<str:code>/void/", regrades.void_item, name="item-void"),
    path("health/<str:code>/key/", regrades.correct_key, name="item-key"),
    path("regrades/<int:pk>/", regrades.show_regrade, name="regrade"),
    path("regrades/<int:pk>/publish/", regrades.publish, name="regrade-publish"),
    path("standards/", panels.show_standards, name="standards"),
    path("standards/new/", panels.convene, name="panel-new"),
    path("standards/<int:pk>/", panels.show_panel, name="panel"),
    path("standards/<int:pk>/template.csv", panels.send_template, name="panel-template"),
    path("standards/<int:pk>/round/", panels.enter, name="panel-round"),
    path("standards/<int:pk>/publish/", panels.publish, name="panel-publish"),
    path("standards/<int:pk>/close/", panels.close, name="panel-close"),
    path("assessments/<slug:code>/", assessments.show_quality, name="assessment-quality"),
    path("assessments/<slug:code>/rules/", rules.edit_assessment_rules, name="assessment-rules"),
    path("assessments/<slug:code>/try/", assessments.try_out, name="study-start"),
    path("trials/<int:pk>/", studies.show_study, name="study"),
    path("trials/<int:pk>/continue/", studies.wake, name="study-continue"),
]
