import Core

/// A tenant's `session` may only make shorter and fewer what the operator's file allows.
struct TenantSessionChecks {
    let reader: ConfigurationReader

    /// Reports what says more than `login.session`, and an idle limit that would never be met.
    func judge(_ tenants: [TenantFile], against operators: SessionLimitEntry) {
        // What was refused itself has its default here, and proves nothing.
        guard !reader.hasFault(below: "login") else { return }
        for session in tenants.compactMap(\.session) {
            judge(session.idle, against: operators.idle, key: "idle")
            judge(session.absolute, against: operators.absolute, key: "absolute")
            judge(session.remember, against: operators.remember, key: "remember")
            judgeLimit(session.perUserLimit, against: operators.perUserLimit)
            if let idle = session.idle, let absolute = session.absolute, idle.value > absolute.value {
                reader.report(
                    idle,
                    "\(QuantityText.duration(idle.value)) is longer than absolute "
                        + "(\(QuantityText.duration(absolute.value)), \(absolute.position))",
                    allowed: "allowed: at most absolute", remedy: "shorten idle, or raise absolute")
            }
        }
    }

    private func judge(_ own: Located<Milliseconds>?, against operators: Located<Milliseconds>, key: String) {
        guard let own, own.value > operators.value else { return }
        let most = QuantityText.duration(operators.value)
        reader.report(
            own,
            "\(QuantityText.duration(own.value)) is longer than login.session.\(key) (\(most), \(operators.position))",
            allowed: "allowed: at most \(most); a tenant's file may only shorten it",
            remedy: "shorten it, or raise login.session.\(key)")
    }

    private func judgeLimit(_ own: Located<Int>?, against operators: Located<Int>) {
        guard let own, operators.value > 0, own.value == 0 || own.value > operators.value else { return }
        reader.report(
            own,
            "\(own.value) is more than login.session.per_user_limit (\(operators.value), \(operators.position))",
            allowed: "allowed: 1 to \(operators.value); a tenant's file may only lower it",
            remedy: "lower it, or raise login.session.per_user_limit")
    }
}
