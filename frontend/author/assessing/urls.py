"""Addresses of the pages of an assessment, included among the trainers'."""

from django.urls import path

from frontend.author.assessing import conditions, live, pages, questions

assessing_patterns = [
    path("new/", pages.new_assessment, name="assessment-new"),
    path("<slug:code>/", questions.show_assessment, name="assessment"),
    path("<slug:code>/open/", pages.open_or_close, name="assessment-open"),
    path("<slug:code>/settings/", pages.edit_settings, name="assessment-settings"),
    path("<slug:code>/audience/", pages.edit_audience, name="assessment-audience"),
    path("<slug:code>/accommodations/", conditions.show_accommodations, name="assessment-accommodations"),
    path("<slug:code>/accommodations/<int:pk>/withdraw/", conditions.withdraw, name="accommodation-withdraw"),
    path("<slug:code>/supervision/", conditions.edit_invigilation, name="assessment-invigilation"),
    path("<slug:code>/live/", live.show_live, name="assessment-live"),
    path("<slug:code>/sections/new/", questions.new_section, name="section-new"),
    path("<slug:code>/sections/<int:pk>/", questions.edit_section, name="section"),
]
