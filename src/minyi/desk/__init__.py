"""The desk: web pages for clerks, on the application of the service."""
