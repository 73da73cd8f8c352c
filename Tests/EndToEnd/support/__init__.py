"""What the end-to-end tests stand on: certificates, the gateway's process, raw clients, readers, verdicts."""
