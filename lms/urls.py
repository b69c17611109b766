"""Every address of the site."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from frontend.account.language import switch_language
from frontend.account.urls import account_patterns
from lms import health
from organisation.scim.urls import scim_patterns

rest_patterns = [
    path("", include("organisation.rest.urls")),
    path("", include("competencies.rest.urls")),
    path("", include("assessments.rest.urls")),
    path("", include("reports.rest.urls")),
]

urlpatterns = [
    path("", include("frontend.learn.urls")),
    path("author/", include("frontend.author.urls")),
    path("hr/", include("frontend.hr.urls")),
    path("design/", include("frontend.design.urls")),
    path("account/", include(account_patterns)),
    path("language/", switch_language, name="set_language"),
    path("api/v1/", include(rest_patterns)),
    path("scim/v2/", include(scim_patterns)),
    path("api/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
]
