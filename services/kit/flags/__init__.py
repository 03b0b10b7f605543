"""Feature flags as flagd defines them: compiled once, evaluated in microseconds, explained on request."""
