"""What plays the clients: wrk for requests and bodies, plain connections for handshakes and idle memory."""
