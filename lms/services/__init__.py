"""The embedded PostgreSQL and Valkey: started from their wheels, kept under `.thang/`, never needed in production."""

from lms.services.supervisor import ServiceStatus, start_services, status_of_services, stop_services

__all__ = ["ServiceStatus", "start_services", "status_of_services", "stop_services"]
