"""The HTTP service: classifying, jobs, feedback, and what operators need (extra ``service``)."""
