"""HTTP/2 as raw frames: what is sent exactly as a test says, and what comes back read strictly (RFC 9113, RFC 7541)."""
