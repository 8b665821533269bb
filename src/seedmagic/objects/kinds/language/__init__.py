"""What Python itself makes where code defines or raises: functions and exceptions."""
