from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "assessments"

    def ready(self) -> None:
        from assessments.domain.estimation import estimate_person
        from competencies.api import register_estimator

        register_estimator(estimate_person)
