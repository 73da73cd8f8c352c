/// What becomes of a request.
public enum Decision: ~Copyable, Sendable {
    /// It may be forwarded, as the permit says.
    case forward(Permit)
    /// Gatehouse answers it.
    case portal(PortalCall)
    /// Gatehouse tells a browser whether another origin's script may call.
    case preflight(Preflight)
    /// It is refused.
    case refuse(Refusal)
    /// The session of this key is not known here: load it, put it into the table or note that it is missing,
    /// and decide anew.
    case load(SessionKey)
}
