public import Core

/// `login.session`: what a sign-in is worth.
public struct SessionSettings: Sendable, Hashable {
    /// `idle`: ends when so long nothing was asked.
    public var idle: Milliseconds
    /// `absolute`: ends then, whatever is asked.
    public var absolute: Milliseconds
    /// `per_user_limit`: sessions of one member at once, the oldest give way; 0 is no limit but the
    /// store's own of 1,000 (`SessionRepository.mostOfUser`).
    public var perUserLimit: Int
    /// `remember`: how long a member stays signed in who asks for it, used or not; 0 offers it to nobody.
    public var remember: Milliseconds
    /// `outage_grace`: how long sessions that are in memory go on while the store cannot be used.
    public var outageGrace: Milliseconds

    public init(
        idle: Milliseconds = .minutes(30), absolute: Milliseconds = .hours(12), perUserLimit: Int = 0,
        remember: Milliseconds = Milliseconds(0), outageGrace: Milliseconds = .minutes(15)
    ) {
        self.idle = idle
        self.absolute = absolute
        self.perUserLimit = perUserLimit
        self.remember = remember
        self.outageGrace = outageGrace
    }

    /// Whether members may ask to stay signed in.
    public var offersToRemember: Bool { remember.count > 0 }

    /// What a session is worth that began by asking to stay signed in, or not.  Where that is offered no more, every
    /// session is worth the same.
    public func limits(isRemembered: Bool) -> (idle: Milliseconds, absolute: Milliseconds) {
        guard isRemembered, offersToRemember else { return (min(idle, absolute), absolute) }
        let longest = max(remember, absolute)
        return (longest, longest)
    }

    /// These settings with what a tenant's own make shorter or fewer; nothing becomes longer or more.
    public func narrowed(by tenant: TenantSessionSettings?) -> SessionSettings {
        guard let tenant else { return self }
        var narrowed = self
        narrowed.absolute = min(absolute, tenant.absolute ?? absolute)
        narrowed.idle = min(idle, tenant.idle ?? idle, narrowed.absolute)
        narrowed.remember = min(remember, tenant.remember ?? remember)
        let limits = [perUserLimit, tenant.perUserLimit ?? 0].filter { $0 > 0 }
        narrowed.perUserLimit = limits.min() ?? 0
        return narrowed
    }
}

/// `session` in a tenant's file: what is shorter or fewer there than the operator's file allows.
public struct TenantSessionSettings: Sendable, Hashable {
    public var idle: Milliseconds?
    public var absolute: Milliseconds?
    public var perUserLimit: Int?
    public var remember: Milliseconds?

    public init(
        idle: Milliseconds? = nil, absolute: Milliseconds? = nil, perUserLimit: Int? = nil,
        remember: Milliseconds? = nil
    ) {
        self.idle = idle
        self.absolute = absolute
        self.perUserLimit = perUserLimit
        self.remember = remember
    }
}
