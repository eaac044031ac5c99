"""Publishes finished runs to the dashboards of others. No torch."""

from denoscope.publish.errors import PublishError
from denoscope.publish.run import publish_run

__all__ = ["PublishError", "publish_run"]
