"""Courses, modules, lessons, enrolment and progress."""
