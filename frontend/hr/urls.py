"""Addresses of HR's journey."""

from django.urls import path

from frontend.hr.comparison import comparison_patterns
from frontend.hr.elsewhere import elsewhere_patterns
from frontend.hr.exports import export_patterns
from frontend.hr.home import home
from frontend.hr.imports import import_patterns
from frontend.hr.narrowed import narrowed
from frontend.hr.overrides import override_patterns
from frontend.hr.people import people
from frontend.hr.plans import plan_patterns
from frontend.hr.postings import posting_patterns
from frontend.hr.profiles import profile_patterns
from frontend.hr.publishers import publisher_patterns
from frontend.hr.publishing import publishing_patterns
from frontend.hr.reform_file import reform_file_patterns
from frontend.hr.reorganisations import reorganisation_patterns
from frontend.hr.saved_views import saved_view_patterns
from frontend.hr.serving import serving
from frontend.hr.systems import system_patterns
from frontend.hr.units import export, unit

app_name = "hr"
urlpatterns = [
    path("", home, name="home"),
    path("units/<str:code>/", unit, name="unit"),
    path("units/<str:code>/people/", people, name="people"),
    path("units/<str:code>/people/gap/", narrowed, name="people-gap"),
    path("units/<str:code>/serving/", serving, name="serving"),
    path("units/<str:code>/gap.xlsx", export, name="export"),
    path("units/<str:code>/gap.csv", export, name="export-csv"),
    path("units/<str:code>/gap.pdf", export, name="export-pdf"),
    *elsewhere_patterns,
    *export_patterns,
    *import_patterns,
    *override_patterns,
    *plan_patterns,
    *posting_patterns,
    *reform_file_patterns,
    *profile_patterns,
    *reorganisation_patterns,
    *comparison_patterns,
    *saved_view_patterns,
    *system_patterns,
    *publishing_patterns,
    *publisher_patterns,
]
