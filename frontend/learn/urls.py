from django.urls import include, path
from django.urls.resolvers import URLPattern
from django.views.generic import TemplateView

learn_patterns: list[URLPattern] = [path("courses/", TemplateView.as_view(template_name="base.html"), name="catalogue")]

urlpatterns = [
    path("", TemplateView.as_view(template_name="base.html"), name="home"),
    path("learn/", include((learn_patterns, "learn"))),
]
