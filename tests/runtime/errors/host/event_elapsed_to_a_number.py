"""Time is measured between two events."""

# class: LaunchError
# way out: pass the event that was recorded later


tw.Event().elapsed(3)  # error: elapsed() takes an Event, got int
