"""Who is who: categories, departments, the calendar and the office profile."""
